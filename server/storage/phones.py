"""Phones that were let in. Deleting a row shuts one out."""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from ..errors import Problem
from .database import Database
from .reading import locked_project_row, project_row
from .tables import phone, project
from .values import iso, new_id, now_ms

#: Phones of one project.
MOST_PHONES = 64
#: Characters of a phone's name.
LONGEST_NAME = 40


def digest(secret: str) -> str:
    """Returns what is stored of a phone's secret."""
    return hashlib.sha256(f"showtell phone {secret}".encode("utf-8", "replace")).hexdigest()


def as_dict(row: Row) -> dict[str, Any]:
    """Turns a row into what the API shows."""
    return {
        "id": row.id,
        "project_id": row.project_id,
        "role": row.role,
        "player": row.player,
        "name": row.name,
        "created_at": iso(row.created_at),
        "seen_at": iso(row.seen_at),
    }


class PhoneStore:
    """Reads and changes the rows of phones.

    Args:
        database: where they are.
    """

    def __init__(self, database: Database):
        self.database = database

    def add(
        self, project_id: str, role: str, player: int | None, name: str, secret: str,
        instead_of: str | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """Lets a phone in.

        Args:
            project_id: what it may see.
            role: `player` or `teacher`.
            player: 1 to 4, None for a teacher.
            name: what its person is called; a number is added where another phone has that name,
                because samples tell by it whose they are.
            secret: what its cookie holds; only its digest is stored.
            instead_of: id of the phone that this one was until now; it is dropped.

        Raises:
            Problem: there is no such project, or it has too many phones.
        """
        now = now_ms()
        with self.database.write() as connection:
            locked_project_row(connection, project_id)
            if instead_of is not None:
                connection.execute(delete(phone).where(phone.c.id == instead_of))
            query = select(phone.c.name).where(phone.c.project_id == project_id)
            names = {other.casefold() for other in connection.execute(query).scalars()}
            if len(names) >= MOST_PHONES:
                raise Problem(
                    "conflict",
                    f"{MOST_PHONES} phones are with this project already.",
                    expected=f"at most {MOST_PHONES}",
                    hint="Remove some on the big screen.",
                )
            values = {
                "id": new_id(),
                "project_id": project_id,
                "role": role,
                "player": player,
                "name": _free(name, names),
                "secret_sha256": digest(secret),
                "created_at": now,
                "seen_at": now,
            }
            connection.execute(insert(phone).values(**values))
            row = connection.execute(select(phone).where(phone.c.id == values["id"])).one()
        return as_dict(row)

    def by_secret(self, secret: str) -> dict[str, Any] | None:
        """Returns the phone whose cookie holds that secret, None if there is none (any more).

        The lookup is by a digest of 256 random bits, so its time tells nothing of use.
        """
        return self._one(phone.c.secret_sha256 == digest(secret))

    def get(self, phone_id: str) -> dict[str, Any] | None:
        """Returns a phone, None if it was removed."""
        return self._one(phone.c.id == phone_id)

    def of_project(self, project_id: str) -> list[dict[str, Any]]:
        """Returns a project's phones, the first come first.

        Raises:
            Problem: there is no such project.
        """
        order = (phone.c.created_at, phone.c.id)
        with self.database.read() as connection:
            project_row(connection, project_id)
            query = select(phone).where(phone.c.project_id == project_id).order_by(*order)
            return [as_dict(row) for row in connection.execute(query)]

    def seen(self, phone_id: str) -> None:
        """Notes that a phone was here just now."""
        with self.database.write() as connection:
            connection.execute(update(phone).where(phone.c.id == phone_id).values(seen_at=now_ms()))

    def remove(self, phone_id: str) -> dict[str, Any]:
        """Shuts a phone out; returns what it was.

        Raises:
            Problem: there is no such phone.
        """
        with self.database.write() as connection:
            row = connection.execute(select(phone).where(phone.c.id == phone_id)).first()
            if row is None:
                raise Problem("not-found", f"There is no phone {phone_id!r}.", received=phone_id)
            connection.execute(delete(phone).where(phone.c.id == phone_id))
        return as_dict(row)

    def project_name(self, project_id: str) -> str:
        """Returns the name of a project, empty if it was deleted."""
        with self.database.read() as connection:
            query = select(project.c.name).where(project.c.id == project_id)
            return connection.execute(query).scalar() or ""

    def _one(self, condition: Any) -> dict[str, Any] | None:
        with self.database.read() as connection:
            row = connection.execute(select(phone).where(condition)).first()
        return None if row is None else as_dict(row)


def _free(name: str, taken: set[str]) -> str:
    """Adds a number to a name until no other phone has it."""
    found, number = name, 1
    while found.casefold() in taken:
        number += 1
        ending = f" {number}"
        found = name[: LONGEST_NAME - len(ending)].rstrip() + ending
    return found
