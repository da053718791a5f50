"""Embeddings that were computed before, on disk: a SQLite file that may be deleted at any time.

A row is found by the SHA-256 of the picture file and the fingerprint of the backbone, so that
moving or renaming pictures costs nothing and a changed picture is looked at anew. Nothing that goes
wrong with the file stops anybody's work: a damaged file is thrown away and begun again, and where
it cannot be written it is done without.

Several processes may use one file at a time (write-ahead log; writers wait for each other).
"""

from __future__ import annotations

import hashlib
import sqlite3
import threading
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import numpy as np

#: Part of the file's version: changes whenever docs/preprocessing.md gives other numbers.
PREPROCESSING = 1
#: Of the tables below and of what the vectors mean. A file of another version is begun anew.
VERSION = 100 + PREPROCESSING
FILE_NAME = "embeddings.sqlite3"
#: Most bytes of the file, unless told otherwise: some 400,000 pictures of 256 numbers.
MOST_BYTES = 512 * 1024 * 1024
#: How much of the bound is left after the least recently used rows have gone.
KEPT = 0.75
#: Seconds to wait for another process that writes.
PATIENCE = 10.0
#: How exactly the time of last use is known, in seconds: so reading seldom writes.
_FRESH = 7 * 24 * 3600
#: SQLite's least promise is 999 values in a statement.
_MANY = 500
_CRC = 4

# Rows are in the order of their last use: using one after a while writes it again at the end. So
# those that go first lie together, and whole pages become free with them.
_TABLE = """
CREATE TABLE IF NOT EXISTS vectors (
    id INTEGER PRIMARY KEY,
    backbone BLOB NOT NULL,
    picture BLOB NOT NULL,
    used INTEGER NOT NULL,
    vector BLOB NOT NULL,
    UNIQUE (backbone, picture)
)
"""
_INSERT = "INSERT OR REPLACE INTO vectors (backbone, picture, used, vector) VALUES (?, ?, ?, ?)"

_T = TypeVar("_T")


def picture_key(data: bytes) -> bytes:
    """Returns what a picture file is known by: its SHA-256, 32 bytes."""
    return hashlib.sha256(data).digest()


class EmbeddingCache:
    """Keeps embeddings over runs. Any thread may call it; one at a time is served.

    When the file outgrows `most_bytes`, those rows go that were used longest ago (to the week),
    until a quarter of the room is free.

    Args:
        folder: where its file is, or is to be; made when it is needed.
        most_bytes: bound of the file, at least 1 MiB.

    Attributes:
        path: the file.
        problem: why it is done without, one sentence; empty while all is well.
    """

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES):
        if most_bytes < 1024 * 1024:
            raise ValueError(f"expected most_bytes of at least 1 MiB, got {most_bytes}")
        self.path = Path(folder) / FILE_NAME
        self.most_bytes = most_bytes
        self.problem = ""
        self._lock = threading.Lock()
        self._database: sqlite3.Connection | None = None

    # Reading and writing

    def get(self, fingerprint: str, keys: Sequence[bytes]) -> dict[bytes, np.ndarray]:
        """Looks pictures up.

        Args:
            fingerprint: of the backbone, hexadecimal.
            keys: of the pictures, as `picture_key` makes them.

        Returns:
            key: float32[D] of those that are there and whole.
        """
        found = self._do(lambda database: self._get(database, bytes.fromhex(fingerprint), keys))
        return found or {}

    def _get(
        self, database: sqlite3.Connection, backbone: bytes, keys: Sequence[bytes]
    ) -> dict[bytes, np.ndarray]:
        result: dict[bytes, np.ndarray] = {}
        stale: list[tuple[bytes, bytes, int, bytes]] = []
        now = int(time.time())
        for start in range(0, len(keys), _MANY):
            part = list(keys[start : start + _MANY])
            marks = ",".join("?" * len(part))
            rows = database.execute(
                f"SELECT picture, used, vector FROM vectors"
                f" WHERE backbone = ? AND picture IN ({marks})",
                [backbone, *part],
            )
            for picture, used, stored in rows:
                vector = _unpack(stored)
                if vector is None:
                    continue  # it will be computed again and replaced
                result[picture] = vector
                if abs(now - used) > _FRESH:
                    stale.append((backbone, picture, now, stored))
        if stale:
            with suppress(sqlite3.OperationalError), database:  # only a hint: busy or full is fine
                database.executemany(_INSERT, stale)
        return result

    def put(self, fingerprint: str, vectors: Mapping[bytes, np.ndarray]) -> None:
        """Keeps vectors, and lets the oldest go where there is too much.

        Args:
            fingerprint: of the backbone, hexadecimal.
            vectors: picture's key: float32[D].
        """
        if not vectors:
            return
        backbone, now = bytes.fromhex(fingerprint), int(time.time())
        rows = [(backbone, key, now, _pack(vector)) for key, vector in vectors.items()]

        def write(database: sqlite3.Connection) -> None:
            with database:
                database.executemany(_INSERT, rows)
            if _bytes_used(database) > self.most_bytes:
                self._evict(database)

        self._do(write)

    def _evict(self, database: sqlite3.Connection) -> None:
        """Deletes the rows that were used longest ago. Their pages are used again by later rows,
        so the file does not grow beyond the bound."""
        total = database.execute("SELECT count(*) FROM vectors").fetchone()[0]
        share = 1 - KEPT * self.most_bytes / _bytes_used(database)
        with database:
            database.execute(
                "DELETE FROM vectors WHERE id IN (SELECT id FROM vectors ORDER BY id LIMIT ?)",
                [max(1, int(total * share))],
            )

    def __len__(self) -> int:
        found = self._do(lambda d: d.execute("SELECT count(*) FROM vectors").fetchone()[0])
        return found or 0

    def close(self) -> None:
        """Closes the file. A later call opens it again."""
        with self._lock:
            self._shut()

    def __enter__(self) -> EmbeddingCache:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # The file

    def _do(self, work: Callable[[sqlite3.Connection], _T]) -> _T | None:
        """Runs something on the open file; a damaged file is begun again, once."""
        with self._lock:
            if self.problem:
                return None
            for attempt in (1, 2, 3):
                try:
                    return work(self._open())
                except sqlite3.OperationalError as error:  # locked, full, read-only, no folder
                    self._give_up(error)
                    return None
                except sqlite3.DatabaseError as error:
                    self._shut()
                    if attempt == 3:
                        self._give_up(error)
                        return None
                    # The first time it is only opened anew: another process may have mended it.
                    if attempt == 2:
                        self._remove()
                except OSError as error:
                    self._give_up(error)
                    return None
        return None

    def _open(self) -> sqlite3.Connection:
        if self._database is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(self.path, timeout=PATIENCE, check_same_thread=False)
            _prepare(self._database)
        return self._database

    def _shut(self) -> None:
        if self._database is not None:
            with suppress(sqlite3.Error):
                self._database.close()
            self._database = None

    def _remove(self) -> None:
        for ending in ("", "-wal", "-shm"):
            self.path.with_name(self.path.name + ending).unlink(missing_ok=True)

    def _give_up(self, error: Exception) -> None:
        self._shut()
        self.problem = (
            f"Embeddings are not kept for the next time: {self.path} cannot be used ({error})."
        )


def _prepare(database: sqlite3.Connection) -> None:
    """Sets up an opened file; one of another version is emptied.

    Raises:
        sqlite3.DatabaseError: it is no database, or damaged.
    """
    database.execute("PRAGMA journal_mode = WAL")
    # After a power cut the last rows may be gone; they are computed again.
    database.execute("PRAGMA synchronous = NORMAL")
    version = database.execute("PRAGMA user_version").fetchone()[0]
    if version != VERSION:
        with database:
            database.execute("BEGIN IMMEDIATE")
            # Another process may have done it while this one waited.
            if database.execute("PRAGMA user_version").fetchone()[0] != VERSION:
                database.execute("DROP TABLE IF EXISTS vectors")
                database.execute(_TABLE)
                database.execute(f"PRAGMA user_version = {VERSION}")


def _bytes_used(database: sqlite3.Connection) -> int:
    """Returns the bytes of the pages that hold something."""
    size, pages, free = (
        database.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_size", "page_count", "freelist_count")
    )
    return size * (pages - free)


def _pack(vector: np.ndarray) -> bytes:
    """Makes the bytes of a row: float32, little-endian, and their CRC-32."""
    data = np.ascontiguousarray(vector, "<f4").tobytes()
    return data + zlib.crc32(data).to_bytes(_CRC, "little")


def _unpack(stored: object) -> np.ndarray | None:
    """Reads the bytes of a row; None where they are not what was written."""
    if not isinstance(stored, bytes) or len(stored) <= _CRC or len(stored) % 4:
        return None
    data, check = stored[:-_CRC], stored[-_CRC:]
    if zlib.crc32(data).to_bytes(_CRC, "little") != check:
        return None
    return np.frombuffer(data, "<f4")
