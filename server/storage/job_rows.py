"""The rows of jobs: how they are written, shown and summed up, inside somebody's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from .tables import classifier, job, job_event
from .values import iso, new_id, now_ms

QUEUED, RUNNING, DONE, FAILED, CANCELLED = "queued", "running", "done", "failed", "cancelled"
#: States in which a job may still change.
OPEN = (QUEUED, RUNNING)
STATES = (QUEUED, RUNNING, DONE, FAILED, CANCELLED)

#: Newest events that a job keeps; older ones go, changes of its state excepted.
MOST_EVENTS = 2000
#: How many events over the limit are let grow before they are cut, which costs a statement.
_SLACK = 200

_SHOWN = (
    "id", "kind", "project_id", "parent_id", "recipe", "options", "format", "name", "state",
    "phase", "fraction", "seconds_left", "attempt", "created_at", "started_at", "ended_at",
    "problem", "classifier_id", "accuracy", "interval", "sequence",
)  # fmt: skip
_TIMES = ("created_at", "started_at", "ended_at")


def as_job(row: Row, children: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """Turns a row into what the API shows."""
    shown = {name: getattr(row, name) for name in _SHOWN}
    for name in _TIMES:
        shown[name] = None if shown[name] is None else iso(shown[name])
    return {**shown, "children": list(children)}


def as_event(row: Any) -> dict[str, Any]:
    """Turns a row of an event into what the API shows."""
    head = {"job_id": row.job_id, "sequence": row.sequence, "at": iso(row.at), "kind": row.kind}
    return {**head, **row.body}


def new_row(kind: str, **values: Any) -> dict[str, Any]:
    """Returns the columns of a job that is queued now."""
    row = dict.fromkeys(column.name for column in job.columns)
    return row | {
        "id": new_id(),
        "kind": kind,
        "options": {},
        "name": "",
        "state": QUEUED,
        "fraction": 0.0,
        "attempt": 0,
        "created_at": now_ms(),
        "sequence": 0,
        "is_cancelled": False,
        **values,
    }


def append(
    connection: Connection, job_id: str, events: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Numbers and writes events; inside a write transaction."""
    if not events:
        return []
    lock = select(job.c.sequence).where(job.c.id == job_id).with_for_update()
    last = connection.execute(lock).scalar_one()
    now = now_ms()
    rows = [
        {
            "job_id": job_id,
            "sequence": last + i,
            "at": now,
            "kind": event["kind"],
            "body": {name: value for name, value in event.items() if name != "kind"},
        }
        for i, event in enumerate(events, 1)
    ]
    connection.execute(insert(job_event), rows)
    newest = last + len(rows)
    connection.execute(update(job).where(job.c.id == job_id).values(sequence=newest))
    if newest // _SLACK != last // _SLACK and newest > MOST_EVENTS:
        connection.execute(
            delete(job_event).where(
                job_event.c.job_id == job_id,
                job_event.c.sequence <= newest - MOST_EVENTS,
                job_event.c.kind != "state",
            )
        )
    return [
        {"job_id": job_id, "sequence": row["sequence"], "at": iso(now), "kind": row["kind"]}
        | row["body"]
        for row in rows
    ]


def with_children(connection: Connection, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Turns rows into what the API shows, jobs of several with their children."""
    parents = [row.id for row in rows if row.kind == "all"]
    children: dict[str, list[dict[str, Any]]] = {}
    if parents:
        query = select(job).where(job.c.parent_id.in_(parents)).order_by(job.c.created_at, job.c.id)
        for child in connection.execute(query):
            children.setdefault(child.parent_id, []).append(as_job(child))
    return [as_job(row, children.get(row.id, ())) for row in rows]


def merits_of(connection: Connection, children: Sequence[Row]) -> dict[str, tuple[float, float]]:
    """Returns by the id of a child how good its classifier is on the validation pictures: accuracy
    and minus the log loss. Only what has been judged there is in it."""
    accuracy, loss = (
        classifier.c.report[("validation", name)].as_float() for name in ("accuracy", "log_loss")
    )
    query = select(classifier.c.id, accuracy, loss).where(
        classifier.c.id.in_([child.classifier_id for child in children if child.classifier_id])
    )
    found = {row[0]: row[1:] for row in connection.execute(query) if row[1] is not None}
    return {
        child.id: (found[child.classifier_id][0], -(found[child.classifier_id][1] or 0.0))
        for child in children
        if child.classifier_id in found
    }


def sum_up(
    row: Any, children: Sequence[Row], merits: Mapping[str, tuple[float, float]]
) -> tuple[str, dict[str, Any]]:
    """Says how a job of several ended.

    The validation pictures choose the best: had the test pictures chosen, what they say of it
    would not be honest. They do where a classifier was not judged on others.
    """
    done = [child for child in children if child.state == DONE]
    if done:
        judged = [child for child in done if child.accuracy is not None]
        if judged and all(child.id in merits for child in judged):
            best = max(judged, key=lambda child: merits[child.id])
        else:
            best = max(done, key=lambda child: -1.0 if child.accuracy is None else child.accuracy)
        values = {name: getattr(best, name) for name in ("classifier_id", "accuracy", "interval")}
        return (CANCELLED if row.is_cancelled else DONE), values
    if row.is_cancelled or any(child.state == CANCELLED for child in children):
        return CANCELLED, {}
    first = next((child.problem for child in children if child.problem), None)
    problem = {
        "title": "None of the recipes could be trained",
        "detail": first["detail"] if first else "All of them failed.",
        "hint": first["hint"] if first else "",
    }
    return FAILED, {"problem": problem}
