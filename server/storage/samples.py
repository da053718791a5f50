"""The steps that changes of samples are made of; each runs inside a write transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from ..errors import Problem
from . import classes as class_lists
from .reading import chunks, class_rows, project_row, samples_by_id
from .tables import embedding, project, sample, sample_vector
from .values import new_id, now_ms


@dataclass(frozen=True)
class NewSample:
    """A sample to be added: the picture to store, or a vector where there is no picture.

    Attributes:
        picture: the JPEG to store, or a function that returns it; where the function returns None,
            the sample is left out. None for an example that came as a vector.
        class_id: the class, or None where `label` names it.
        id: a UUID, made here where None.
        created_at: milliseconds since 1970, UTC; now where None.
        burst: samples recorded in one go share it.
        source: where it came from: camera, file, video, drawing, import or upload.
        contributor: who showed it, where that was not the project's own page.
        fingerprint, vector: the backbone and float32 bytes of an example without a picture.
    """

    picture: bytes | Callable[[], bytes | None] | None
    class_id: str | None = None
    label: str | None = None
    id: str | None = None
    created_at: int | None = None
    burst: str | None = None
    source: str = "upload"
    contributor: str | None = None
    fingerprint: str = ""
    vector: bytes | None = None

    def read(self) -> bytes | None:
        """Returns the JPEG to store."""
        return self.picture() if callable(self.picture) else self.picture


@dataclass(frozen=True)
class Stored:
    """A picture that is on the disk; of an example without one, None and 0."""

    sha256: str | None
    bytes: int


def insert_samples(
    connection: Connection,
    project_id: str,
    samples: Sequence[NewSample],
    stored: Sequence[Stored],
    most: int,
) -> list[str]:
    """Inserts samples whose pictures are stored; returns their ids.

    Args:
        connection: inside a write transaction that has raised the project's revision.
        project_id: the project.
        samples: what to insert.
        stored: their pictures.
        most: samples that a project may have.

    Raises:
        Problem: there is no such class, or there would be too many.
    """
    if not samples:
        return []
    class_ids = class_lists.resolve(class_rows(connection, project_id), samples)
    first = project_row(connection, project_id).next_position
    there = connection.execute(
        select(func.count()).where(sample.c.project_id == project_id)
    ).scalar_one()
    check_count(there + len(samples), most)
    now = now_ms()
    rows = [
        {
            "id": item.id or new_id(),
            "project_id": project_id,
            "class_id": class_id,
            "created_at": now if item.created_at is None else item.created_at,
            "position": first + i,
            "burst": item.burst,
            "source": item.source,
            "sha256": picture.sha256,
            "bytes": picture.bytes,
            "contributor": item.contributor,
        }
        for i, (item, class_id, picture) in enumerate(zip(samples, class_ids, stored, strict=True))
    ]
    connection.execute(insert(sample), rows)
    vectors = [
        {"sample_id": row["id"], "fingerprint": item.fingerprint, "vector": item.vector}
        for row, item in zip(rows, samples, strict=True)
        if item.vector is not None and item.picture is None
    ]
    if vectors:
        connection.execute(insert(sample_vector), vectors)
    connection.execute(
        update(project).where(project.c.id == project_id).values(next_position=first + len(rows))
    )
    return [row["id"] for row in rows]


def check_count(count: int, most: int) -> None:
    """Refuses more samples than a project may have."""
    if count > most:
        raise Problem(
            "too-large",
            f"The project would have {count:,} samples.",
            expected=f"at most {most:,}",
            hint="Delete some, or raise SHOWTELL_MAX_SAMPLES.",
        )


def with_free_ids(connection: Connection, samples: Sequence[NewSample]) -> list[NewSample]:
    """Lets samples whose id belongs to another sample get a new one."""
    taken = samples_by_id(connection, [item.id for item in samples if item.id])
    return [replace(item, id=None) if item.id in taken else item for item in samples]


def not_there(
    connection: Connection,
    project_id: str,
    samples: Sequence[NewSample],
    stored: Sequence[Stored],
) -> list[int]:
    """Returns the indices of samples whose id is not there yet.

    Raises:
        Problem: an id belongs to another sample, or comes twice.
    """
    there = samples_by_id(connection, [item.id for item in samples if item.id])
    new, seen = [], set()
    for i, item in enumerate(samples):
        row = there.get(item.id or "")
        if row is None:
            if item.id in seen:
                raise Problem(
                    "invalid", "Two samples have the same id.", received=item.id,
                    expected="a UUID of its own for each",
                )  # fmt: skip
            if item.id:
                seen.add(item.id)
            new.append(i)
        elif row.project_id != project_id or row.sha256 != stored[i].sha256:
            raise Problem(
                "conflict",
                f"There is another sample with the id {item.id!r}.",
                received=item.id,
                hint="Make a new UUID for each sample.",
            )
    return new


def picture_hashes(connection: Connection, condition: Any, project_id: str) -> list[str]:
    """Returns the hashes of the pictures of a project's samples, each once."""
    query = select(sample.c.sha256).where(
        condition, sample.c.project_id == project_id, sample.c.sha256.is_not(None)
    )
    return list(connection.execute(query.distinct()).scalars())


def drop_embeddings(connection: Connection, hashes: list[str]) -> None:
    """Deletes cached embeddings of pictures that no sample has any more."""
    still = select(sample.c.id).where(sample.c.sha256 == embedding.c.sha256).exists()
    for part in chunks(hashes):
        connection.execute(delete(embedding).where(embedding.c.sha256.in_(part), ~still))
