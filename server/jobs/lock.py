"""One server at a time runs the jobs of a data folder."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import IO


class FolderLock:
    """A lock on a file that the system gives back when its process is gone.

    Args:
        path: of the file; made where it is missing.
    """

    def __init__(self, path: Path):
        self._path = path
        self._file: IO[bytes] | None = None

    def acquire(self) -> bool:
        """Takes the lock; False if another process has it."""
        if self._file is not None:
            return True
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = self._path.open("a+b")
        try:
            if os.name == "nt":
                import msvcrt

                file.seek(0)
                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
            else:
                import fcntl

                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return False
        self._file = file
        return True

    def release(self) -> None:
        """Gives the lock back."""
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
            self._file = None
