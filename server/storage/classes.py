"""The ordered list of a project's classes: completed, found by id or label, replaced."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from ..errors import Problem
from .reading import class_rows
from .tables import label, sample
from .values import COLORS, MAX_CLASSES, new_id


def complete(wanted: Iterable[Mapping[str, Any]], there: Sequence[Row]) -> list[dict[str, Any]]:
    """Gives ids and colours to classes that have none.

    Args:
        wanted: `{id?, label, color?}` each, in order.
        there: the rows of classes that exist; their colours are kept.

    Raises:
        Problem: two have the same label or the same id, or there are too many.
    """
    wanted = list(wanted)
    if len(wanted) > MAX_CLASSES:
        raise Problem(
            "too-large", f"There are {len(wanted):,} classes.", expected=f"at most {MAX_CLASSES:,}"
        )
    known = {row.id: row for row in there}
    by_label = {row.label: row for row in there}
    named = {entry["id"] for entry in wanted if entry.get("id")}
    result: list[dict[str, Any]] = []
    for position, entry in enumerate(wanted):
        row = known.get(entry.get("id", ""))
        if row is None and not entry.get("id"):
            # A label alone means the class of that label, unless the list names that one by its id.
            same = by_label.get(entry.get("label"))
            row = same if same is not None and same.id not in named else None
        color = entry.get("color") or (row.color if row else COLORS[position % len(COLORS)])
        identity = entry.get("id") or (row.id if row else new_id())
        text = entry.get("label") or (row.label if row else None)
        if text is None:
            raise Problem(
                "invalid",
                "A class that is not there yet has no label.",
                received=dict(entry),
                expected="a label for each new class",
            )
        result.append({"id": identity, "label": text, "color": color, "position": position})
    for key in ("label", "id"):
        seen: set[str] = set()
        for entry in result:
            if entry[key] in seen:
                raise Problem(
                    "invalid",
                    f"Two classes have the same {key}.",
                    received=entry[key],
                    expected=f"a {key} of its own for each class",
                )
            seen.add(entry[key])
    return result


def insert_new(
    connection: Connection, project_id: str, classes: Sequence[Mapping[str, Any]]
) -> None:
    """Inserts completed classes."""
    if classes:
        connection.execute(insert(label), [{"project_id": project_id, **c} for c in classes])


def replace(
    connection: Connection,
    project_id: str,
    wanted: Iterable[Mapping[str, Any]],
    expected: int | None,
) -> list[str]:
    """Makes the classes those of the list; returns the ids of classes that are left out.

    Raises:
        Problem: a class would be deleted and the request names no revision.
    """
    there = class_rows(connection, project_id)
    entries = complete(wanted, there)
    kept = {entry["id"] for entry in entries}
    lost = [row for row in there if row.id not in kept]
    if lost and expected is None:
        counts = dict(
            connection.execute(
                select(sample.c.class_id, func.count())
                .where(sample.c.project_id == project_id)
                .group_by(sample.c.class_id)
            ).all()
        )
        names = ", ".join(f"{row.label!r} ({counts.get(row.id, 0)} samples)" for row in lost)
        raise Problem(
            "condition-needed",
            f"The list leaves out {names}, which would be deleted.",
            expected="the header If-Match with the revision that the list was made from",
            hint="List every class to keep, or send If-Match to confirm.",
        )
    known = {row.id: row for row in there}
    # Labels are unique at every moment; names that change places wait under their ids.
    renamed = [e for e in entries if e["id"] in known and known[e["id"]].label != e["label"]]
    for key in [entry["id"] for entry in renamed] + [row.id for row in lost]:
        _update(connection, project_id, key, label=key)
    for entry in entries:
        if entry["id"] in known:
            values = {k: entry[k] for k in ("label", "color", "position")}
            _update(connection, project_id, entry["id"], **values)
    insert_new(connection, project_id, [e for e in entries if e["id"] not in known])
    return [row.id for row in lost]


def remove(connection: Connection, project_id: str, ids: Sequence[str]) -> None:
    """Deletes classes with their samples."""
    for class_id in ids:
        connection.execute(
            delete(label).where(label.c.project_id == project_id, label.c.id == class_id)
        )


def resolve(there: Sequence[Row], samples: Sequence[Any]) -> list[str]:
    """Finds the class of each sample by its `class_id`, else by its `label`.

    Raises:
        Problem: there is no such class; names those that there are.
    """
    ids = {row.id for row in there}
    by_label = {row.label: row.id for row in there}
    result = []
    for item in samples:
        found = item.class_id if item.class_id in ids else by_label.get(item.label or "")
        if found is None or (item.class_id is not None and item.class_id not in ids):
            raise Problem(
                "invalid",
                "The project has no such class.",
                received=item.class_id or item.label,
                expected=[row.id if item.class_id else row.label for row in there],
                hint="Add the class with PATCH on the project first.",
            )
        result.append(found)
    return result


def _update(connection: Connection, project_id: str, class_id: str, **values: Any) -> None:
    connection.execute(
        update(label)
        .where(label.c.project_id == project_id, label.c.id == class_id)
        .values(**values)
    )
