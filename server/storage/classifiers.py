"""Trained classifiers: rows with what lists show and the report, files in a store of their own."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from ..errors import Problem
from .blobs import BlobStore
from .database import Database
from .reading import chunks
from .tables import classifier, job
from .values import iso, new_id, now_ms


def no_classifier(classifier_id: str) -> Problem:
    """Says that there is no such classifier."""
    return Problem(
        "not-found", f"There is no classifier {classifier_id!r}.", received=classifier_id
    )


def summary(data: bytes) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Reads what a list shows out of a .classifier file, and its report.

    Raises:
        KeyError, ValueError, zipfile.BadZipFile: it is damaged.
    """
    with zipfile.ZipFile(BytesIO(data)) as archive:
        described = json.loads(archive.read("classifier.json"))
        names = archive.namelist()
        report = json.loads(archive.read("report.json")) if "report.json" in names else None
    members = ("name", "recipe", "classes", "backbone", "model", "temperature", "is_regression")
    shown = {member: described[member] for member in members}
    judged = (report or {}).get("test") or (report or {}).get("validation") or {}
    shown["accuracy"] = judged.get("accuracy")
    shown["interval"] = judged.get("interval") or judged.get("mean_absolute_error_interval")
    shown["seconds"] = ((report or {}).get("seconds") or {}).get("fit")
    return shown, report


class ClassifierStore:
    """Reads, keeps and deletes classifiers.

    Args:
        database: where rows are.
        blobs: where their files are; nothing else is in it.
    """

    def __init__(self, database: Database, blobs: BlobStore):
        self.database = database
        self.blobs = blobs

    def add(
        self,
        data: bytes,
        *,
        project_id: str | None,
        job_id: str | None,
        revision: int | None,
        id: str | None = None,
    ) -> dict[str, Any]:
        """Keeps a .classifier file; returns what the API shows of it.

        Args:
            data: the file.
            project_id: whose it is; None for nobody's.
            job_id: the job that made it.
            revision: of the project when it was trained.
            id: for a job that is done again: what was kept under it is replaced.

        Raises:
            OSError: the disk is full; nothing of it was kept.
            KeyError, ValueError, zipfile.BadZipFile: the file is damaged.
            sqlalchemy.exc.IntegrityError: the project has been deleted meanwhile.
        """
        shown, report = summary(data)
        identity = id or new_id()
        (sha256,) = self.blobs.put([data])
        try:
            with self.database.write() as connection:
                connection.execute(delete(classifier).where(classifier.c.id == identity))
                connection.execute(
                    insert(classifier).values(
                        id=identity,
                        project_id=project_id,
                        job_id=job_id,
                        created_at=now_ms(),
                        revision=revision,
                        sha256=sha256,
                        bytes=len(data),
                        document=shown,
                        report=report,
                    )
                )
        except BaseException:
            self.blobs.remove(sha256, self.used)
            raise
        if not self.blobs.has(sha256):  # a deletion of the same file at this moment; see BlobStore
            self.blobs.put([data])
        return self.get(identity)

    def get(self, classifier_id: str) -> dict[str, Any]:
        """Returns a classifier with its report.

        Raises:
            Problem: it does not exist.
        """
        with self.database.read() as connection:
            return _as_classifier(_row(connection, classifier_id), with_report=True)

    def page(
        self, offset: int, limit: int, project_id: str | None
    ) -> tuple[list[dict[str, Any]], int]:
        """Returns a project's classifiers without reports, the newest first, and how many."""
        condition = classifier.c.project_id == project_id
        with self.database.read() as connection:
            total = connection.execute(select(func.count()).where(condition)).scalar_one()
            columns = [c for c in classifier.columns if c.name != "report"]
            query = select(*columns).where(condition)
            query = query.order_by(classifier.c.created_at.desc(), classifier.c.id)
            rows = connection.execute(query.offset(offset).limit(limit))
            return [_as_classifier(row) for row in rows], total

    def head(self, classifier_id: str) -> tuple[str, str | None]:
        """Returns the SHA-256 of a classifier's file and its project, which is quickly read.

        Raises:
            Problem: it does not exist.
        """
        columns = (classifier.c.sha256, classifier.c.project_id)
        with self.database.read() as connection:
            query = select(*columns).where(classifier.c.id == classifier_id)
            row = connection.execute(query).first()
            if row is None:
                raise no_classifier(classifier_id)
            return row.sha256, row.project_id

    def file(self, classifier_id: str) -> Path:
        """Returns where a classifier's file is; raises like `head`."""
        return self.blobs.path(self.head(classifier_id)[0])

    def read(self, classifier_id: str) -> bytes:
        """Returns a classifier's file; raises like `head`."""
        return self.blobs.read(self.head(classifier_id)[0])

    def delete(self, classifier_id: str) -> None:
        """Deletes a classifier with its file.

        Raises:
            Problem: it does not exist.
        """
        sha256, _ = self.head(classifier_id)
        with self.database.write() as connection:
            # Some databases would ask for it; where the foreign key does it, nothing is left.
            connection.execute(
                update(job).where(job.c.classifier_id == classifier_id).values(classifier_id=None)
            )
            connection.execute(delete(classifier).where(classifier.c.id == classifier_id))
        self.blobs.remove(sha256, self.used)

    def used(self, sha256: str) -> bool:
        """Tells whether a committed classifier has that file."""
        with self.database.read() as connection:
            query = select(classifier.c.id).where(classifier.c.sha256 == sha256).limit(1)
            return connection.execute(query).first() is not None

    def orphans(self) -> list[str]:
        """Returns the hashes of files that no classifier seems to have."""
        left = []
        for part in chunks(list(self.blobs.hashes())):
            with self.database.read() as connection:
                query = select(classifier.c.sha256).where(classifier.c.sha256.in_(part))
                used = set(connection.execute(query).scalars())
            left += [sha256 for sha256 in part if sha256 not in used]
        return left

    def drop_orphans(self) -> None:
        """Removes the files of classifiers that went with their project."""
        for sha256 in self.orphans():
            self.blobs.remove(sha256, self.used)

    def ids(self) -> set[str]:
        """Returns the ids of all classifiers."""
        with self.database.read() as connection:
            return set(connection.execute(select(classifier.c.id)).scalars())


def _row(connection: Connection, classifier_id: str) -> Row:
    row = connection.execute(select(classifier).where(classifier.c.id == classifier_id)).first()
    if row is None:
        raise no_classifier(classifier_id)
    return row


def _as_classifier(row: Row, with_report: bool = False) -> dict[str, Any]:
    document: Mapping[str, Any] = row.document
    shown = {
        "id": row.id,
        "project_id": row.project_id,
        "job_id": row.job_id,
        "name": document["name"],
        "recipe": document["recipe"],
        "created_at": iso(row.created_at),
        "revision": row.revision,
        "bytes": row.bytes,
        **{k: v for k, v in document.items() if k not in ("name", "recipe")},
    }
    return shown | {"report": row.report} if with_report else shown
