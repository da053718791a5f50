"""Brings an older database up to date with Alembic."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection

FOLDER = Path(__file__).resolve().parent / "migrations"


def configuration(connection: Connection | None = None):
    """Returns Alembic's configuration, without a file of it."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Connection, found: str | None) -> None:
    """Runs the migrations that are missing.

    Args:
        connection: inside a write transaction.
        found: the revision the database is at, None if it is empty.

    Raises:
        StorageError: the revision is unknown, so a newer version has written it.
    """
    from alembic import command
    from alembic.script import ScriptDirectory

    from .database import StorageError

    config = configuration(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise StorageError(
            f"The database is at revision {found!r}, which this version does not know (it knows"
            f" {', '.join(sorted(known))}). A newer Show & Tell has written it: use that one."
        )
    command.upgrade(config, "head")
