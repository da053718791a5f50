"""Best scores of games, kept with the project that was played."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from ..errors import Problem
from .database import Database
from .reading import locked_project_row, project_row
from .tables import score
from .values import iso, now_ms

#: The greatest score that is kept; no game gives as many points.
MAX_SCORE = 1_000_000_000
MAX_LEVEL = 10_000
#: A week; whoever plays longer has left the game running.
MAX_SECONDS = 7 * 24 * 3600.0
MAX_PLAYER = 40
MAX_CONTROLLER = 20
#: So many of each game of a project are kept, the best ones.
KEPT = 1000


class Scores:
    """Keeps, reads and deletes scores.

    Args:
        database: where rows are.
    """

    def __init__(self, database: Database):
        self.database = database

    def add(self, project_id: str, document: dict[str, Any]) -> tuple[dict[str, Any], bool]:
        """Keeps a score; the same one again is answered as it is.

        Args:
            project_id: of the project that was played.
            document: `id`, `game`, `score`, `level`, `name`, `controller`, `seconds` and perhaps
                `created_at` in milliseconds since 1970.

        Returns:
            The score, and whether it was new.

        Raises:
            Problem: the project does not exist, or another score has that id.
        """
        values = {"created_at": now_ms(), **document}
        with self.database.write() as connection:
            locked_project_row(connection, project_id)
            query = select(score).where(score.c.id == values["id"])
            there = connection.execute(query).first()
            if there is not None:
                return _same(there, project_id, values), False
            connection.execute(insert(score).values(project_id=project_id, **values))
            made = connection.execute(query).one()
            _drop_lowest(connection, project_id, values["game"])
            return _as_score(made), True

    def page(
        self, project_id: str, game: str | None, offset: int, limit: int
    ) -> tuple[list[dict[str, Any]], int]:
        """Returns a project's scores, the best of each game first, and how many there are.

        Args:
            project_id: of the project.
            game: only of this one.
            offset: so many are left out.
            limit: at most so many are returned.

        Raises:
            Problem: the project does not exist.
        """
        condition = score.c.project_id == project_id
        if game is not None:
            condition &= score.c.game == game
        order = (score.c.game, score.c.score.desc(), score.c.created_at, score.c.id)
        with self.database.read() as connection:
            project_row(connection, project_id)
            total = connection.execute(select(func.count()).where(condition)).scalar_one()
            query = select(score).where(condition).order_by(*order)
            rows = connection.execute(query.offset(offset).limit(limit))
            return [_as_score(row) for row in rows], total

    def delete(self, project_id: str, score_id: str) -> None:
        """Deletes a score.

        Raises:
            Problem: the project or the score does not exist.
        """
        condition = (score.c.project_id == project_id) & (score.c.id == score_id)
        with self.database.write() as connection:
            project_row(connection, project_id)
            if connection.execute(delete(score).where(condition)).rowcount == 0:
                raise Problem("not-found", "This project has no such score.", received=score_id)


def _same(there: Row, project_id: str, values: dict[str, Any]) -> dict[str, Any]:
    """Answers a score that was sent before, and refuses another one under its id."""
    told = {name: value for name, value in values.items() if name != "created_at"}
    known = {name: getattr(there, name) for name in told}
    if there.project_id != project_id or known != told:
        raise Problem(
            "conflict",
            "Another score has this id.",
            received=values["id"],
            expected="a new UUID for each score",
        )
    return _as_score(there)


def _drop_lowest(connection: Connection, project_id: str, game: str) -> None:
    """Deletes those of a game that are no longer among the best."""
    condition = (score.c.project_id == project_id) & (score.c.game == game)
    query = select(score.c.id).where(condition)
    query = query.order_by(score.c.score.desc(), score.c.created_at, score.c.id)
    # A limit, because SQLite knows no offset without one.
    lowest = connection.execute(query.offset(KEPT).limit(KEPT)).scalars().all()
    if lowest:
        connection.execute(delete(score).where(score.c.id.in_(lowest)))


def _as_score(row: Row) -> dict[str, Any]:
    return {
        "id": row.id,
        "game": row.game,
        "score": row.score,
        "level": row.level,
        "name": row.name,
        "controller": row.controller,
        "seconds": row.seconds,
        "created_at": iso(row.created_at),
    }
