"""Addresses that are told when a class is seen: checked, kept, read."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, Row, delete, insert, select, update

from ..errors import Problem
from .database import Database
from .reading import locked_project_row, project_row
from .tables import hook, label
from .values import iso, now_ms

MAX_URL = 2000


def clean_url(value: object) -> str:
    """Checks the address of a hook.

    Raises:
        Problem: it is no address of http or https, names no host, holds a user's name or password,
            or is too long.
    """
    text = value.strip() if isinstance(value, str) else ""
    why = None
    try:
        parts = urlsplit(text)
        port = parts.port  # raises where it is none
        host = (parts.hostname or "").encode("idna").decode()
    except ValueError:  # UnicodeError is one
        parts, port, host = urlsplit("http://"), None, ""
    if not 1 <= len(text) <= MAX_URL:
        why = f"It has {len(text):,} characters."
    elif any(character <= " " or character == "\x7f" for character in text):
        why = "It has spaces or control characters in it."
    elif parts.scheme.lower() not in ("http", "https"):
        why = "It begins with neither http:// nor https://."
    elif not host or port == 0 or any(character <= " " for character in host):
        why = "It names no computer that can be asked."
    elif parts.username is not None or parts.password is not None:
        why = "It holds a name or a password, which would be kept and shown as they are."
    if why:
        raise Problem(
            "invalid",
            f"This address cannot be used. {why}",
            received=text[:200] if isinstance(value, str) else value,
            expected=f"http:// or https:// with a host, at most {MAX_URL:,} characters, such as"
            " http://192.168.1.20/lamp",
        )
    return text


def _as_dict(row: Row) -> dict[str, Any]:
    return {
        "class_id": row.class_id,
        "url": row.url,
        "is_enabled": row.is_enabled,
        "created_at": iso(row.created_at),
    }


def _no_hook(class_id: str) -> Problem:
    return Problem(
        "not-found",
        "This class has no hook.",
        received=class_id,
        hint="Set its address with PUT first.",
    )


class Hooks:
    """Keeps at most one address for each class of a project.

    Args:
        database: where rows are.
    """

    def __init__(self, database: Database):
        self._database = database

    def of_project(self, project_id: str) -> list[dict[str, Any]]:
        """Returns the hooks of a project in the order of its classes.

        Raises:
            Problem: there is no such project.
        """
        with self._database.read() as connection:
            project_row(connection, project_id)
            rows = connection.execute(
                select(hook)
                .join(
                    label,
                    (label.c.project_id == hook.c.project_id) & (label.c.id == hook.c.class_id),
                )
                .where(hook.c.project_id == project_id)
                .order_by(label.c.position)
            )
            return [_as_dict(row) for row in rows]

    def put(
        self, project_id: str, class_id: str, url: str, is_enabled: bool
    ) -> tuple[dict[str, Any], bool]:
        """Sets the address of a class.

        Args:
            project_id, class_id: whose it is.
            url: as `clean_url` returns it.
            is_enabled: whether it may be called.

        Returns:
            The hook, and whether it is new.

        Raises:
            Problem: there is no such project or class.
        """
        with self._database.write() as connection:
            locked_project_row(connection, project_id)
            _class_name(connection, project_id, class_id)
            mine = (hook.c.project_id == project_id) & (hook.c.class_id == class_id)
            values = {"url": url, "is_enabled": is_enabled}
            changed = connection.execute(update(hook).where(mine).values(**values)).rowcount
            if not changed:
                connection.execute(
                    insert(hook).values(
                        project_id=project_id, class_id=class_id, created_at=now_ms(), **values
                    )
                )
            row = connection.execute(select(hook).where(mine)).one()
            return _as_dict(row), not changed

    def delete(self, project_id: str, class_id: str) -> None:
        """Forgets the address of a class.

        Raises:
            Problem: there is no such project, class or hook.
        """
        with self._database.write() as connection:
            _class_name(connection, project_id, class_id)
            mine = (hook.c.project_id == project_id) & (hook.c.class_id == class_id)
            if not connection.execute(delete(hook).where(mine)).rowcount:
                raise _no_hook(class_id)

    def get(self, project_id: str, class_id: str) -> dict[str, Any]:
        """Returns what is needed to call a hook: it, `project` (name) and `label`.

        Raises:
            Problem: there is no such project, class or hook.
        """
        with self._database.read() as connection:
            name, text = _class_name(connection, project_id, class_id)
            mine = (hook.c.project_id == project_id) & (hook.c.class_id == class_id)
            row = connection.execute(select(hook).where(mine)).first()
            if row is None:
                raise _no_hook(class_id)
            return {**_as_dict(row), "project": name, "label": text}


def _class_name(connection: Connection, project_id: str, class_id: str) -> tuple[str, str]:
    """Returns the name of a project and the label of one of its classes."""
    name = project_row(connection, project_id).name
    text = connection.execute(
        select(label.c.label).where(label.c.project_id == project_id, label.c.id == class_id)
    ).scalar()
    if text is None:
        raise Problem(
            "not-found", f"The project has no class {class_id[:40]!r}.", received=class_id[:40]
        )
    return name, text
