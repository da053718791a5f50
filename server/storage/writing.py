"""Writes files so that a crash leaves the old one or the new one, never half of one."""

from __future__ import annotations

import os
import uuid
from contextlib import suppress
from pathlib import Path


def write_whole(path: Path, data: bytes, temporary_folder: Path | None = None) -> None:
    """Writes a file durably, whole or not at all, readable by the server's own user only.

    Args:
        path: of the file; its folder is made where it is not there.
        data: all of it.
        temporary_folder: where it grows, on the same disk; beside it where None.

    Raises:
        OSError: the disk is full, or the folder cannot be written to.
    """
    folder = temporary_folder or path.parent
    for needed in {folder, path.parent}:
        needed.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = folder / (uuid.uuid4().hex if temporary_folder else f".{uuid.uuid4().hex}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
