"""One database: how it is opened, brought up to date, read and written."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from .tables import HEAD, metadata

#: Milliseconds that a writer waits for another process to finish its write.
BUSY_TIMEOUT_MS = 15_000


class StorageError(RuntimeError):
    """Says that the database cannot be used, and what to do."""


class Database:
    """Opens a database and gives connections for reading and for writing.

    Args:
        url: SQLAlchemy's address; SQLite and PostgreSQL are supported.

    Raises:
        StorageError: the address cannot be understood or its driver is not installed.
    """

    def __init__(self, url: str):
        try:
            self.url = make_url(url)
            self.sqlite = self.url.get_backend_name() == "sqlite"
            self.engine = _sqlite_engine(self.url) if self.sqlite else create_engine(self.url)
        except (ArgumentError, NoSuchModuleError, ImportError) as error:
            raise StorageError(
                f"The database address {_hide(url)} cannot be used ({error})."
                " Expected one like sqlite:////path/to/file or postgresql+psycopg://user@host/name"
                " with its driver installed."
            ) from error
        # SQLite has one writer at a time. Waiting here is fair; SQLite's own waiting is not.
        self._writer: Any = threading.Lock() if self.sqlite else _NoLock()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Gives a connection that sees one consistent state of the data."""
        with self._connect() as connection:
            if not self.sqlite:
                connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Gives a connection whose changes are committed together, or not at all."""
        with self._writer, self._connect() as connection:
            if self.sqlite:
                connection.execution_options(showtell_write=True)
            with connection.begin():
                yield connection

    @contextmanager
    def _connect(self) -> Iterator[Connection]:
        with self.engine.connect() as connection:
            yield connection

    def prepare(self) -> None:
        """Makes the tables, or brings them up to date.

        Alembic is imported only where there is something to migrate.

        Raises:
            StorageError: the database cannot be opened, or a newer version has written it.
        """
        try:
            with self.write() as connection:
                found = self._version(connection)
                if found == HEAD:
                    return
                if found is None:
                    metadata.create_all(connection)
                    connection.execute(
                        text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
                    )
                    connection.execute(
                        text("INSERT INTO alembic_version (version_num) VALUES (:head)"),
                        {"head": HEAD},
                    )
                    return
                from .migrate import upgrade

                upgrade(connection, found)
        except DBAPIError as error:
            raise StorageError(
                f"The database {_hide(str(self.url))} cannot be opened: {error.orig}."
            ) from error
        finally:
            # The server process forks after this; no connection may be shared across it.
            self.engine.dispose()

    def _version(self, connection: Connection) -> str | None:
        """Returns the migration the database is at, None if it is empty."""
        tables = inspect(connection).get_table_names()
        if "alembic_version" not in tables:
            if "project" in tables:
                raise StorageError(
                    f"The database {_hide(str(self.url))} has a table 'project' that Show & Tell"
                    " did not make. Give it a database of its own."
                )
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()

    def close(self) -> None:
        """Closes all connections."""
        self.engine.dispose()


class _NoLock:
    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        pass


def _hide(url: str) -> str:
    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return repr(url)


def _sqlite_engine(url: Any) -> Engine:
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000}, pool_size=16, max_overflow=1000
    )

    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, _record: Any) -> None:
        # The driver would begin transactions by itself, and too late for a consistent read.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",  # a commit that was acknowledged survives a power cut
            "foreign_keys=ON",
            "secure_delete=ON",  # what was deleted is overwritten, not only unlinked
            f"busy_timeout={BUSY_TIMEOUT_MS}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A write transaction takes its lock at once: one that began as a reader could not be
        # upgraded after another process has written.
        writes = connection.get_execution_options().get("showtell_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
