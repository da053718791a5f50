"""Reads projects and samples as the API shows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from ..errors import Problem
from .tables import label, project, sample
from .values import iso

#: Pictures of a class that a project's card shows.
COVERS = 4

#: The order of samples: when they were made, and where that is equal, as they came.
SAMPLE_ORDER = (sample.c.created_at, sample.c.position)


def no_project(project_id: str) -> Problem:
    """Says that there is no such project."""
    return Problem("not-found", f"There is no project {project_id!r}.", received=project_id)


def no_sample(sample_id: str) -> Problem:
    """Says that there is no such sample."""
    return Problem("not-found", f"There is no sample {sample_id!r}.", received=sample_id)


def project_row(connection: Connection, project_id: str) -> Row:
    """Reads a project's row.

    Raises:
        Problem: it does not exist.
    """
    return _project_row(connection, project_id, select(project))


def locked_project_row(connection: Connection, project_id: str) -> Row:
    """Reads a project's row in a write transaction that then looks at what the project has.

    On PostgreSQL, where several write at the same time, the next such transaction waits for this
    one and sees what it has done. On SQLite all writing is one after another.

    Raises:
        Problem: it does not exist.
    """
    return _project_row(connection, project_id, select(project).with_for_update())


def _project_row(connection: Connection, project_id: str, query: Select) -> Row:
    row = connection.execute(query.where(project.c.id == project_id)).first()
    if row is None:
        raise no_project(project_id)
    return row


def class_rows(connection: Connection, project_id: str) -> Sequence[Row]:
    """Reads a project's classes in their order."""
    query = select(label).where(label.c.project_id == project_id).order_by(label.c.position)
    return connection.execute(query).all()


def projects_as_dicts(connection: Connection, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Turns rows of projects into what the API shows, classes, counts and covers included."""
    ids = [row.id for row in rows]
    if not ids:
        return []
    in_projects = sample.c.project_id.in_(ids)
    counts = {
        (row.project_id, row.class_id): row.n
        for row in connection.execute(
            select(sample.c.project_id, sample.c.class_id, func.count().label("n"))
            .where(in_projects)
            .group_by(sample.c.project_id, sample.c.class_id)
        )
    }
    ranked = (
        select(
            sample.c.project_id,
            sample.c.class_id,
            sample.c.id,
            func.row_number()
            .over(partition_by=(sample.c.project_id, sample.c.class_id), order_by=SAMPLE_ORDER)
            .label("rank"),
        )
        .where(in_projects, sample.c.sha256.is_not(None))
        .subquery()
    )
    covers: dict[tuple[str, str], list[str]] = {}
    for row in connection.execute(
        select(ranked).where(ranked.c.rank <= COVERS).order_by(ranked.c.rank)
    ):
        covers.setdefault((row.project_id, row.class_id), []).append(row.id)
    classes: dict[str, list[dict[str, Any]]] = {project_id: [] for project_id in ids}
    for row in connection.execute(
        select(label).where(label.c.project_id.in_(ids)).order_by(label.c.position)
    ):
        key = (row.project_id, row.id)
        classes[row.project_id].append(
            {
                "id": row.id,
                "label": row.label,
                "color": row.color,
                "count": counts.get(key, 0),
                "covers": covers.get(key, []),
            }
        )
    return [
        {
            "id": row.id,
            "name": row.name,
            "revision": row.revision,
            "created_at": iso(row.created_at),
            "changed_at": iso(row.changed_at),
            "backbone": row.backbone,
            "settings": row.settings,
            "classes": classes[row.id],
            "sample_count": sum(entry["count"] for entry in classes[row.id]),
        }
        for row in rows
    ]


#: A sample with its label, for `sample_as_dict`.
SAMPLES = select(sample, label.c.label).join(
    label, (label.c.project_id == sample.c.project_id) & (label.c.id == sample.c.class_id)
)


def sample_as_dict(row: Row) -> dict[str, Any]:
    """Turns a row of `SAMPLES` into what the API shows."""
    return {
        "id": row.id,
        "project_id": row.project_id,
        "class_id": row.class_id,
        "label": row.label,
        "created_at": iso(row.created_at),
        "burst": row.burst,
        "source": row.source,
        "sha256": row.sha256,
        "bytes": row.bytes,
        "contributor": row.contributor,
        "image": f"/api/v1/samples/{row.id}/image" if row.sha256 else None,
    }


def samples_by_id(connection: Connection, ids: Iterable[str]) -> dict[str, Row]:
    """Reads samples by their ids; those that do not exist are left out."""
    found: dict[str, Row] = {}
    for part in chunks(list(ids)):
        for row in connection.execute(SAMPLES.where(sample.c.id.in_(part))):
            found[row.id] = row
    return found


def chunks(items: list[Any], size: int = 500) -> Iterable[list[Any]]:
    """Splits a list, because databases limit the values in one statement."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def is_same(connection: Connection, row: Any, document: Mapping[str, Any]) -> bool:
    """Tells whether the project that is there is the one that is asked for."""
    there = class_rows(connection, row.id)
    wanted = list(document.get("classes", ()))
    return (
        row.name == document["name"]
        and row.backbone == document["backbone"]
        and len(there) == len(wanted)
        and all(
            a.label == b["label"] and b.get("id", a.id) == a.id
            for a, b in zip(there, wanted, strict=True)
        )
    )
