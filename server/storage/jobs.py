"""Jobs and what they have told, in rows. Only the serving process writes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, select, update

from ..errors import Problem
from .database import Database
from .job_rows import (
    CANCELLED,
    DONE,
    FAILED,
    OPEN,
    QUEUED,
    RUNNING,
    append,
    as_event,
    as_job,
    merits_of,
    new_row,
    sum_up,
    with_children,
)
from .tables import job, job_event
from .values import now_ms

#: Jobs of a project that have ended and are remembered, those without a project likewise.
MOST_JOBS = 200


def no_job(job_id: str) -> Problem:
    """Says that there is no such job."""
    return Problem(
        "not-found",
        f"There is no job {job_id!r}.",
        received=job_id,
        hint="It may have been forgotten: see docs/jobs.md.",
    )


class JobStore:
    """Reads and changes jobs.

    Args:
        database: where they are.
    """

    def __init__(self, database: Database):
        self.database = database

    # Reading

    def get(self, job_id: str) -> dict[str, Any]:
        """Returns a job with its children.

        Raises:
            Problem: it does not exist.
        """
        with self.database.read() as connection:
            return self._get(connection, job_id)

    def find(self, job_id: str) -> dict[str, Any] | None:
        """Returns a job, None where it does not exist."""
        try:
            return self.get(job_id)
        except Problem:
            return None

    def _get(self, connection: Connection, job_id: str) -> dict[str, Any]:
        row = connection.execute(select(job).where(job.c.id == job_id)).first()
        if row is None:
            raise no_job(job_id)
        return with_children(connection, [row])[0]

    def page(
        self,
        offset: int,
        limit: int,
        project_id: str | None = None,
        states: Sequence[str] = (),
        kind: str | None = None,
    ) -> tuple[list[dict[str, Any]], int]:
        """Returns jobs, the newest first, and how many there are; children are in their parents."""
        condition = job.c.parent_id.is_(None)
        if project_id is not None:
            condition &= job.c.project_id == project_id
        if states:
            condition &= job.c.state.in_(states)
        if kind is not None:
            condition &= job.c.kind == kind
        with self.database.read() as connection:
            total = connection.execute(select(func.count()).where(condition)).scalar_one()
            query = select(job).where(condition).order_by(job.c.created_at.desc(), job.c.id)
            rows = connection.execute(query.offset(offset).limit(limit)).all()
            return with_children(connection, rows), total

    def events(self, job_id: str, after: int, limit: int) -> tuple[list[dict[str, Any]], int]:
        """Returns what a job has told after an event, in order, and how much there is after it.

        Raises:
            Problem: there is no such job.
        """
        condition = and_(job_event.c.job_id == job_id, job_event.c.sequence > after)
        with self.database.read() as connection:
            if connection.execute(select(job.c.id).where(job.c.id == job_id)).first() is None:
                raise no_job(job_id)
            total = connection.execute(select(func.count()).where(condition)).scalar_one()
            query = select(job_event).where(condition).order_by(job_event.c.sequence).limit(limit)
            return [as_event(row) for row in connection.execute(query)], total

    def waiting(self) -> list[dict[str, Any]]:
        """Returns the queued jobs that something is to be done for, the oldest first."""
        query = select(job).where(job.c.state == QUEUED, job.c.kind != "all")
        with self.database.read() as connection:
            rows = connection.execute(query.order_by(job.c.created_at, job.c.id)).all()
            return [as_job(row) for row in rows]

    def cancelled(self, ids: Iterable[str]) -> set[str]:
        """Returns which of these open jobs are to end: cancelled by somebody, or deleted."""
        wanted = set(ids)
        if not wanted:
            return set()
        query = select(job.c.id).where(job.c.id.in_(wanted), ~job.c.is_cancelled)
        with self.database.read() as connection:
            return wanted - set(connection.execute(query).scalars())

    # Changing

    def create(self, kind: str, children: Sequence[Mapping[str, Any]] = (), **values: Any) -> str:
        """Queues a job, and its children with it; returns its id.

        Args:
            kind: "training", "all", "export" or "import".
            children: values of each child.
            values: id (made here if left out), project_id, recipe, options, format, name,
                classifier_id.
        """
        first = new_row(kind, **values)
        rows = [first]
        for i, child in enumerate(children, 1):
            # Each a moment later than the one before: that is their order.
            when = first["created_at"] + i
            rows.append(
                new_row("training", **{**child, "parent_id": first["id"], "created_at": when})
            )
        with self.database.write() as connection:
            connection.execute(insert(job), rows)
            for row in rows:
                append(connection, row["id"], [{"kind": "state", "state": QUEUED}])
        return first["id"]

    def create_once(self, kind: str, *, classifier_id: str, format: str, **values: Any) -> str:
        """Queues a job unless one for the same file is open; returns the id of either."""
        row = new_row(kind, classifier_id=classifier_id, format=format, **values)
        with self.database.write() as connection:
            query = select(job.c.id).where(
                job.c.kind == kind,
                job.c.classifier_id == classifier_id,
                job.c.format == format,
                job.c.state.in_(OPEN),
                ~job.c.is_cancelled,
            )
            there = connection.execute(query).scalar()
            if there is not None:
                return there
            connection.execute(insert(job), [row])
            append(connection, row["id"], [{"kind": "state", "state": QUEUED}])
        return row["id"]

    def claim(self, job_id: str) -> bool:
        """Takes a queued job to run it; False if somebody else has, or it has ended meanwhile."""
        with self.database.write() as connection:
            taken = connection.execute(
                update(job)
                .where(job.c.id == job_id, job.c.state == QUEUED, ~job.c.is_cancelled)
                .values(
                    state=RUNNING,
                    attempt=job.c.attempt + 1,
                    started_at=func.coalesce(job.c.started_at, now_ms()),
                    phase=None,
                    fraction=0.0,
                    seconds_left=None,
                )
            )
            if taken.rowcount == 0:
                return False
            append(connection, job_id, [{"kind": "state", "state": RUNNING}])
        return True

    def tell(
        self, job_id: str, events: Sequence[Mapping[str, Any]] = (), **values: Any
    ) -> tuple[dict[str, Any], list[dict[str, Any]]] | None:
        """Writes what a running job has told, and how far it is.

        Args:
            job_id: the job.
            events: each with its `kind`.
            values: phase, fraction, seconds_left, attempt.

        Returns:
            The job and the events with their numbers; None if it is not running any more.
        """
        with self.database.write() as connection:
            condition = and_(job.c.id == job_id, job.c.state.in_(OPEN))
            if connection.execute(select(job.c.id).where(condition)).first() is None:
                return None
            if values:
                connection.execute(update(job).where(job.c.id == job_id).values(**values))
            written = append(connection, job_id, events)
            return self._get(connection, job_id), written

    def conclude(
        self, job_id: str, state: str, **values: Any
    ) -> tuple[dict[str, Any], list[dict[str, Any]]] | None:
        """Ends a job that is open; see `tell`. None if it has ended, or does not exist any more.

        Args:
            job_id: the job.
            state: `DONE`, `FAILED` or `CANCELLED`.
            values: problem, classifier_id, accuracy, interval.
        """
        with self.database.write() as connection:
            return self._conclude(connection, job_id, state, values)

    def _conclude(
        self, connection: Connection, job_id: str, state: str, values: Mapping[str, Any]
    ) -> tuple[dict[str, Any], list[dict[str, Any]]] | None:
        ended = connection.execute(
            update(job)
            .where(job.c.id == job_id, job.c.state.in_(OPEN))
            .values(
                state=state,
                ended_at=now_ms(),
                seconds_left=None,
                **({"fraction": 1.0} if state == DONE else {}),
                **values,
            )
        )
        if ended.rowcount == 0:
            return None
        event: dict[str, Any] = {"kind": "state", "state": state}
        if values.get("problem"):
            event["text"] = values["problem"]["title"]
        written = append(connection, job_id, [event])
        return self._get(connection, job_id), written

    def cancel(self, job_id: str) -> list[str]:
        """Notes that a job and its children are to end; those that wait end at once.

        Returns:
            The ids of the jobs that have ended by this.

        Raises:
            Problem: there is no such job.
        """
        with self.database.write() as connection:
            if connection.execute(select(job.c.id).where(job.c.id == job_id)).first() is None:
                raise no_job(job_id)
            whole = (job.c.id == job_id) | (job.c.parent_id == job_id)
            connection.execute(
                update(job).where(whole, job.c.state.in_(OPEN)).values(is_cancelled=True)
            )
            query = select(job.c.id).where(whole, job.c.state == QUEUED, job.c.kind != "all")
            waiting = list(connection.execute(query).scalars())
            for each in waiting:
                self._conclude(connection, each, CANCELLED, {})
            return waiting

    def refresh_parent(
        self, parent_id: str
    ) -> tuple[dict[str, Any], list[dict[str, Any]], bool] | None:
        """Derives how far a job of several is from its children.

        It is done once all have ended and one is done, or cancelled where somebody has asked for
        that; it has the classifier of the child that did best on the validation pictures.

        Returns:
            The job, its new events and whether its state has changed; None if it has ended.
        """
        with self.database.write() as connection:
            row = connection.execute(
                select(job).where(job.c.id == parent_id, job.c.state.in_(OPEN))
            ).first()
            if row is None:
                return None
            children = connection.execute(select(job).where(job.c.parent_id == parent_id)).all()
            if all(child.state not in OPEN for child in children):
                state, values = sum_up(row, children, merits_of(connection, children))
                ended = self._conclude(connection, parent_id, state, values)
                assert ended is not None
                return (*ended, True)
            fraction = sum(1.0 if c.state not in OPEN else c.fraction for c in children)
            running = [c.seconds_left for c in children if c.state == RUNNING]
            is_known = None not in running and all(c.state != QUEUED for c in children)
            state = QUEUED if all(c.state == QUEUED for c in children) else RUNNING
            connection.execute(
                update(job)
                .where(job.c.id == parent_id)
                .values(
                    state=state,
                    fraction=max(row.fraction, fraction / len(children)),
                    seconds_left=max(running) if is_known else None,
                    attempt=1,
                    started_at=row.started_at or (now_ms() if state == RUNNING else None),
                )
            )
            changed = state != row.state
            event = [{"kind": "state", "state": state}] if changed else []
            written = append(connection, parent_id, event)
            return self._get(connection, parent_id), written, changed

    def resume(self, most_attempts: int, problem: Mapping[str, Any]) -> list[str]:
        """Sees to what ran when the last server ended: queued again, or failed after the last try.

        Args:
            most_attempts: how often a job is tried.
            problem: why it failed, for one that had its last try.

        Returns:
            The ids of the jobs that have changed.
        """
        with self.database.write() as connection:
            rows = connection.execute(
                select(job).where(job.c.state == RUNNING, job.c.kind != "all")
            ).all()
            for row in rows:
                if row.is_cancelled:
                    self._conclude(connection, row.id, CANCELLED, {})
                elif row.attempt >= most_attempts:
                    self._conclude(connection, row.id, FAILED, {"problem": dict(problem)})
                else:
                    text = "The server was ended; the job begins again."
                    self._queue_again(connection, row.id, text, row.attempt)
            return [row.id for row in rows]

    def put_back(self, job_id: str) -> None:
        """Queues a running job again because the server stops in good order: no try is lost."""
        with self.database.write() as connection:
            row = connection.execute(
                select(job).where(job.c.id == job_id, job.c.state == RUNNING)
            ).first()
            if row is not None:
                text = "The server stops; the job goes on when it is started again."
                self._queue_again(connection, job_id, text, row.attempt - 1)

    def _queue_again(self, connection: Connection, job_id: str, text: str, attempt: int) -> None:
        connection.execute(
            update(job)
            .where(job.c.id == job_id)
            .values(state=QUEUED, attempt=attempt, phase=None, seconds_left=None)
        )
        warning = {"kind": "log", "level": "warning", "text": text}
        append(connection, job_id, [warning, {"kind": "state", "state": QUEUED}])

    def open_parents(self) -> list[str]:
        """Returns the ids of the jobs of several that have not ended."""
        query = select(job.c.id).where(job.c.kind == "all", job.c.state.in_(OPEN))
        with self.database.read() as connection:
            return list(connection.execute(query).scalars())

    def prune(self, project_id: str | None) -> int:
        """Forgets the oldest jobs of a project that have ended; returns how many."""
        mine = job.c.project_id.is_(None) if project_id is None else job.c.project_id == project_id
        old = (
            select(job.c.id)
            .where(mine, job.c.parent_id.is_(None), job.c.state.not_in(OPEN))
            .order_by(job.c.created_at.desc(), job.c.id)
            .offset(MOST_JOBS)
        )
        with self.database.write() as connection:
            ids = list(connection.execute(old).scalars())
            if ids:
                connection.execute(delete(job).where(job.c.id.in_(ids)))
            return len(ids)
