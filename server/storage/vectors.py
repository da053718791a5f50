"""Embeddings: cached by picture and backbone, or given with an example that has no picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import and_, delete, insert, literal, select

from .blobs import BlobStore
from .database import Database
from .reading import SAMPLE_ORDER, chunks, class_rows, project_row
from .tables import embedding, sample, sample_vector


@dataclass(frozen=True)
class Example:
    """A sample as the classifier needs it.

    Attributes:
        group: its burst, or itself where it has none.
        vector: float32 bytes of the backbone asked for, None where not computed.
        made_by: fingerprint of the backbone of an example without a picture, else None.
    """

    id: str
    class_id: str
    group: str
    burst: str | None
    source: str
    created_at: int
    sha256: str | None
    vector: bytes | None
    made_by: str | None
    contributor: str | None = None


@dataclass(frozen=True)
class TrainingSet:
    """A project and its examples in their order, at one revision.

    Attributes:
        classes: (id, label, colour) in their order.
    """

    name: str
    revision: int
    settings: dict
    backbone: str
    classes: list[tuple[str, str, str]]
    examples: list[Example]


class Vectors:
    """Reads and keeps embeddings.

    Args:
        database: where they are cached.
    """

    def __init__(self, database: Database):
        self.database = database

    def training_set(self, project_id: str, fingerprint: str) -> TrainingSet:
        """Reads a project's examples with what is cached for a backbone.

        Args:
            project_id: the project.
            fingerprint: the backbone's.

        Raises:
            Problem: there is no such project.
        """
        query = (
            select(
                sample.c.id,
                sample.c.class_id,
                sample.c.burst,
                sample.c.source,
                sample.c.created_at,
                sample.c.sha256,
                sample.c.contributor,
                embedding.c.vector,
                sample_vector.c.vector.label("own_vector"),
                sample_vector.c.fingerprint,
            )
            .outerjoin(
                embedding,
                and_(embedding.c.sha256 == sample.c.sha256, embedding.c.fingerprint == fingerprint),
            )
            .outerjoin(sample_vector, sample_vector.c.sample_id == sample.c.id)
            .where(sample.c.project_id == project_id)
            .order_by(*SAMPLE_ORDER)
        )
        with self.database.read() as connection:
            row = project_row(connection, project_id)
            classes = [(c.id, c.label, c.color) for c in class_rows(connection, project_id)]
            examples = [
                Example(
                    id=r.id,
                    class_id=r.class_id,
                    group=r.burst or r.id,
                    burst=r.burst,
                    source=r.source,
                    created_at=r.created_at,
                    sha256=r.sha256,
                    vector=r.own_vector if r.fingerprint == fingerprint else r.vector,
                    made_by=r.fingerprint,
                    contributor=r.contributor,
                )
                for r in connection.execute(query)
            ]
        return TrainingSet(row.name, row.revision, row.settings, row.backbone, classes, examples)

    def put(self, fingerprint: str, vectors: Mapping[str, bytes]) -> None:
        """Caches embeddings of pictures that a sample still has.

        Args:
            fingerprint: the backbone's.
            vectors: SHA-256 of the picture to float32 bytes.
        """
        with self.database.write() as connection:
            for part in chunks(sorted(vectors)):
                used = set(
                    connection.execute(
                        select(sample.c.sha256).where(sample.c.sha256.in_(part)).distinct()
                    ).scalars()
                )
                there = set(
                    connection.execute(
                        select(embedding.c.sha256).where(
                            embedding.c.sha256.in_(part), embedding.c.fingerprint == fingerprint
                        )
                    ).scalars()
                )
                rows = [
                    {"sha256": sha256, "fingerprint": fingerprint, "vector": vectors[sha256]}
                    for sha256 in part
                    if sha256 in used and sha256 not in there
                ]
                if rows:
                    connection.execute(insert(embedding), rows)

    def drop_orphans(self) -> None:
        """Deletes cached embeddings of pictures that no sample has."""
        still = select(literal(1)).where(sample.c.sha256 == embedding.c.sha256).exists()
        with self.database.write() as connection:
            connection.execute(delete(embedding).where(~still))


def orphaned_pictures(database: Database, blobs: BlobStore) -> list[str]:
    """Returns the hashes of stored pictures that no sample seems to use."""
    orphans = []
    for part in chunks(list(blobs.hashes())):
        with database.read() as connection:
            used = set(
                connection.execute(
                    select(sample.c.sha256).where(sample.c.sha256.in_(part))
                ).scalars()
            )
        orphans += [sha256 for sha256 in part if sha256 not in used]
    return orphans
