"""All changes of projects and samples, in one place.

Every change is one transaction that first raises the project's revision. That row's lock puts
changes of one project in an order, so that what is checked after it stays true until the commit.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from ..errors import Problem
from . import classes as class_lists
from .assets import hand_over
from .blobs import BlobStore
from .database import Database
from .reading import (
    SAMPLE_ORDER,
    SAMPLES,
    class_rows,
    is_same,
    no_project,
    no_sample,
    project_row,
    projects_as_dicts,
    sample_as_dict,
    samples_by_id,
)
from .samples import (
    NewSample,
    Stored,
    check_count,
    drop_embeddings,
    insert_samples,
    not_there,
    picture_hashes,
    with_free_ids,
)
from .tables import project, sample
from .values import DEFAULT_SETTINGS, merged_settings, new_id, now_ms

_log = logging.getLogger(__name__)


class Projects:
    """Reads and changes projects.

    Args:
        database: where rows are.
        blobs: where pictures are.
        max_samples: most samples of one project.
        changed: called after each committed change with the project's id and its revision, None
            after its deletion.
    """

    def __init__(
        self,
        database: Database,
        blobs: BlobStore,
        max_samples: int = 100_000,
        changed: Callable[[str, int | None], None] = lambda project_id, revision: None,
    ):
        self.database = database
        self.blobs = blobs
        self.max_samples = max_samples
        self.changed = changed

    # Reading

    def page(self, offset: int, limit: int) -> tuple[list[dict[str, Any]], int]:
        """Returns projects, the last changed first, and how many there are in all."""
        with self.database.read() as connection:
            total = connection.execute(select(func.count()).select_from(project)).scalar_one()
            rows = connection.execute(
                select(project)
                .order_by(project.c.changed_at.desc(), project.c.id)
                .offset(offset)
                .limit(limit)
            ).all()
            return projects_as_dicts(connection, rows), total

    def get(self, project_id: str) -> dict[str, Any]:
        """Returns a project.

        Raises:
            Problem: it does not exist.
        """
        with self.database.read() as connection:
            return projects_as_dicts(connection, [project_row(connection, project_id)])[0]

    def head(self, project_id: str) -> tuple[int, str]:
        """Returns a project's revision and the name of its backbone, which is quickly read.

        Raises:
            Problem: it does not exist.
        """
        with self.database.read() as connection:
            row = project_row(connection, project_id)
            return row.revision, row.backbone

    def samples(
        self, project_id: str, offset: int, limit: int, class_id: str | None = None
    ) -> tuple[list[dict[str, Any]], int, int]:
        """Returns samples in their order, how many there are in all, and the revision."""
        with self.database.read() as connection:
            revision = project_row(connection, project_id).revision
            condition = sample.c.project_id == project_id
            if class_id is not None:
                condition &= sample.c.class_id == class_id
            total = connection.execute(select(func.count()).where(condition)).scalar_one()
            rows = connection.execute(
                SAMPLES.where(condition).order_by(*SAMPLE_ORDER).offset(offset).limit(limit)
            )
            return [sample_as_dict(row) for row in rows], total, revision

    def sample(self, sample_id: str) -> dict[str, Any]:
        """Returns a sample.

        Raises:
            Problem: it does not exist.
        """
        with self.database.read() as connection:
            rows = samples_by_id(connection, [sample_id])
            if not rows:
                raise no_sample(sample_id)
            return sample_as_dict(rows[sample_id])

    def picture(self, sha256: str) -> bytes:
        """Returns a stored JPEG."""
        return self.blobs.read(sha256)

    # Changing

    def create(self, document: Mapping[str, Any]) -> tuple[dict[str, Any], bool]:
        """Makes a project.

        Args:
            document: `name`, `backbone`, `classes` (`[{id?, label, color?}]`), and where given
                `id` and `settings`.

        Returns:
            The project, and False if an equal one with that id was there already.

        Raises:
            Problem: another project has that id.
        """
        return self.create_with_samples(document, ())

    def create_with_samples(
        self, document: Mapping[str, Any], samples: Sequence[NewSample]
    ) -> tuple[dict[str, Any], bool]:
        """Makes a project together with its samples, or nothing at all; see `create`."""
        project_id = document.get("id") or new_id()
        wanted = class_lists.complete(document.get("classes", ()), ())
        settings = merged_settings(DEFAULT_SETTINGS, document.get("settings", {}))
        check_count(len(samples), self.max_samples)
        samples, stored = self._store(samples)
        now = now_ms()
        try:
            with self.database.write() as connection:
                there = connection.execute(select(project).where(project.c.id == project_id))
                row = there.first()
                if row is not None:
                    if not samples and is_same(connection, row, document):
                        return projects_as_dicts(connection, [row])[0], False
                    raise Problem(
                        "conflict",
                        f"There is another project with the id {project_id!r}.",
                        received=project_id,
                        hint="Leave the id out, or change that project with PATCH.",
                        revision=row.revision,
                    )
                connection.execute(
                    insert(project).values(
                        id=project_id,
                        name=document["name"],
                        revision=1,
                        created_at=now,
                        changed_at=now,
                        backbone=document["backbone"],
                        settings=settings,
                        next_position=0,
                    )
                )
                class_lists.insert_new(connection, project_id, wanted)
                samples = with_free_ids(connection, samples)
                insert_samples(connection, project_id, samples, stored, self.max_samples)
                row = project_row(connection, project_id)
                made = projects_as_dicts(connection, [row])[0]
        except BaseException:
            self._forget(picture.sha256 for picture in stored)
            raise
        self._keep(samples, stored)
        self.changed(project_id, made["revision"])
        return made, True

    def patch(
        self, project_id: str, patch: Mapping[str, Any], expected: int | None = None
    ) -> dict[str, Any]:
        """Changes a project's name, backbone, settings (merged) or list of classes.

        Args:
            project_id: the project.
            patch: `name`, `backbone`, `settings`, `classes`, each optional. `classes` is the whole
                list in its new order; a class that is left out is deleted with its samples.
            expected: the revision that the change is for; None takes whatever is there.

        Raises:
            Problem: no such project; another revision; classes would be lost without `expected`.
        """
        gone: list[str] = []
        with self.database.write() as connection:
            row = self._bump(connection, project_id, expected)
            values = {key: patch[key] for key in ("name", "backbone") if key in patch}
            if "settings" in patch:
                values["settings"] = merged_settings(row.settings, patch["settings"])
            if values:
                connection.execute(
                    update(project).where(project.c.id == project_id).values(**values)
                )
            if "classes" in patch:
                lost = class_lists.replace(connection, project_id, patch["classes"], expected)
                gone = (
                    picture_hashes(connection, sample.c.class_id.in_(lost), project_id)
                    if lost
                    else []
                )
                class_lists.remove(connection, project_id, lost)
                drop_embeddings(connection, gone)
            result = projects_as_dicts(connection, [project_row(connection, project_id)])[0]
        self._forget(gone)
        self.changed(project_id, result["revision"])
        return result

    def delete(self, project_id: str, expected: int | None = None) -> None:
        """Deletes a project with its samples, their pictures and embeddings.

        Files of its outputs stay where another project names them.
        """
        with self.database.write() as connection:
            self._bump(connection, project_id, expected)
            gone = picture_hashes(connection, True, project_id)
            hand_over(connection, project_id)
            connection.execute(delete(project).where(project.c.id == project_id))
            drop_embeddings(connection, gone)
        self._forget(gone)
        self.changed(project_id, None)

    def add_samples(
        self, project_id: str, samples: Sequence[NewSample], expected: int | None = None
    ) -> tuple[list[dict[str, Any]], int]:
        """Adds samples, all or none. One whose id is there already is answered with what is there.

        Returns:
            The samples in the order given, and the project's revision.

        Raises:
            Problem: no such project or class; another revision; an id belongs to something else;
                too many samples.
        """
        with self.database.read() as connection:  # refuse early, before anything is stored
            row = project_row(connection, project_id)
            class_lists.resolve(class_rows(connection, project_id), samples)
        samples, stored = self._store(samples)
        try:
            with self.database.write() as connection:
                # The same request sent twice at once must find what the other has added.
                lock = select(project.c.id).where(project.c.id == project_id).with_for_update()
                connection.execute(lock)
                new = not_there(connection, project_id, samples, stored)
                revision = row.revision
                ids = [item.id for item in samples]
                if new:
                    revision = self._bump(connection, project_id, expected).revision
                    made = insert_samples(
                        connection,
                        project_id,
                        [samples[i] for i in new],
                        [stored[i] for i in new],
                        self.max_samples,
                    )
                    for i, made_id in zip(new, made, strict=True):
                        ids[i] = made_id
                found = samples_by_id(connection, [i for i in ids if i])
                items = [sample_as_dict(found[i]) for i in ids if i]
                if not new:
                    revision = project_row(connection, project_id).revision
        except BaseException:
            self._forget(picture.sha256 for picture in stored)
            raise
        self._keep(samples, stored)
        if new:
            self.changed(project_id, revision)
        return items, revision

    def move_sample(
        self, sample_id: str, to: Mapping[str, str], expected: int | None = None
    ) -> tuple[dict[str, Any], int]:
        """Moves a sample to another class (`class_id` or `label`); returns it and the revision."""
        project_id = self.sample(sample_id)["project_id"]
        with self.database.write() as connection:
            revision = self._bump(connection, project_id, expected).revision
            wish = NewSample(None, to.get("class_id"), to.get("label"))
            (class_id,) = class_lists.resolve(class_rows(connection, project_id), [wish])
            changed = connection.execute(
                update(sample).where(sample.c.id == sample_id).values(class_id=class_id)
            )
            if changed.rowcount == 0:
                raise no_sample(sample_id)
            result = sample_as_dict(samples_by_id(connection, [sample_id])[sample_id])
        self.changed(project_id, revision)
        return result, revision

    def delete_sample(self, sample_id: str, expected: int | None = None) -> tuple[str, int]:
        """Deletes a sample; its picture and embeddings too if no other sample has the same."""
        project_id = self.sample(sample_id)["project_id"]
        with self.database.write() as connection:
            revision = self._bump(connection, project_id, expected).revision
            gone = picture_hashes(connection, sample.c.id == sample_id, project_id)
            removed = connection.execute(delete(sample).where(sample.c.id == sample_id))
            if removed.rowcount == 0:
                raise no_sample(sample_id)
            drop_embeddings(connection, gone)
        self._forget(gone)
        self.changed(project_id, revision)
        return project_id, revision

    # The steps that changes are made of

    def _bump(self, connection: Connection, project_id: str, expected: int | None):
        """Raises the revision if it is the expected one; returns the row."""
        condition = project.c.id == project_id
        if expected is not None:
            condition &= project.c.revision == expected
        changed = connection.execute(
            update(project)
            .where(condition)
            .values(revision=project.c.revision + 1, changed_at=now_ms())
        )
        row = connection.execute(select(project).where(project.c.id == project_id)).first()
        if row is None:
            raise no_project(project_id)
        if changed.rowcount == 0:
            raise Problem(
                "stale",
                f"The project is at revision {row.revision}, the change was for {expected}.",
                received=expected,
                expected=row.revision,
                hint="Read the project again, merge, and send the change for its revision.",
                revision=row.revision,
                headers={"ETag": f'"{row.revision}"'},
            )
        return row

    def _store(self, samples: Iterable[NewSample]) -> tuple[list[NewSample], list[Stored]]:
        """Puts pictures on the disk before any row names them; removes them again if one fails.

        Returns:
            The samples that were not left out, and their pictures.
        """
        kept: list[NewSample] = []
        sizes: list[int | None] = []

        def pictures() -> Iterator[bytes]:
            for item in samples:
                data = item.read()
                if data is None and item.picture is not None:
                    continue
                kept.append(item)
                sizes.append(None if data is None else len(data))
                if data is not None:
                    yield data

        hashes: list[str] = []
        try:
            self.blobs.put(pictures(), hashes)
        except BaseException:
            self._forget(hashes)
            raise
        order = iter(hashes)
        stored = [Stored(None, 0) if n is None else Stored(next(order), n) for n in sizes]
        return kept, stored

    def _keep(self, samples: Sequence[NewSample], stored: Sequence[Stored]) -> None:
        """Stores again what a deletion at the same moment took away; see `BlobStore.remove`."""
        for item, picture in zip(samples, stored, strict=True):
            if picture.sha256 is not None and not self.blobs.has(picture.sha256):
                data = item.read()
                if data is not None:
                    self.blobs.put([data])

    def _forget(self, hashes: Iterable[str | None]) -> None:
        """Removes pictures that no committed sample uses any more.

        What fails here is done by the sweep at the next start; the change itself is committed.
        """
        for sha256 in {value for value in hashes if value}:
            try:
                self.blobs.remove(sha256, self.used)
            except OSError:
                _log.exception("could not remove the picture %s", sha256)

    def used(self, sha256: str) -> bool:
        """Tells whether a committed sample has that picture."""
        with self.database.read() as connection:
            query = select(sample.c.id).where(sample.c.sha256 == sha256).limit(1)
            return connection.execute(query).first() is not None
