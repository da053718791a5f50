"""Pictures as files named by their SHA-256; the same picture is stored once.

A file appears under its name only when it is complete and on the disk: it is written to a temporary
name, synced and renamed. A removal moves the file aside first and looks again whether somebody
has begun to use it, so that an upload of the same picture at the same moment loses nothing.
"""

from __future__ import annotations

import hashlib
import os
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .writing import write_whole

#: Seconds after which a temporary file belongs to no upload that is still running.
TEMPORARY_SECONDS = 60.0

_HEX = frozenset("0123456789abcdef")


def _is_sha256(name: str) -> bool:
    return len(name) == 64 and _HEX.issuperset(name)


class BlobStore:
    """Keeps files by the SHA-256 of their content.

    Args:
        folder: where; made when the first file is stored.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self._temporary = folder / "tmp"
        self._trash = folder / "trash"

    def path(self, sha256: str) -> Path:
        """Returns where the file with that hash is, or would be.

        Raises:
            ValueError: it is not a SHA-256 in lower-case hex.
        """
        if not _is_sha256(sha256):
            raise ValueError(f"expected 64 lower-case hexadecimal digits, got {sha256!r}")
        return self.folder / sha256[:2] / sha256

    def has(self, sha256: str) -> bool:
        """Tells whether the file is there."""
        return self.path(sha256).is_file()

    def read(self, sha256: str) -> bytes:
        """Returns the file's content.

        Raises:
            FileNotFoundError: it is not there.
        """
        path = self.path(sha256)
        for attempt in range(5):
            try:
                return path.read_bytes()
            except FileNotFoundError:
                # A removal that is about to notice its mistake has the file for an instant.
                if attempt == 4:
                    raise
                time.sleep(0.01 * attempt)
        raise AssertionError("unreachable")

    def put(self, contents: Iterable[bytes], hashes: list[str] | None = None) -> list[str]:
        """Stores files durably and returns their hashes, in order.

        Args:
            contents: the files, taken one at a time. Those that are there already are not written
                again.
            hashes: a list to append to while storing; tells what is there after a failure too.
        """
        hashes = [] if hashes is None else hashes
        folders: set[Path] = set()
        for data in contents:
            sha256 = hashlib.sha256(data).hexdigest()
            hashes.append(sha256)
            path = self.path(sha256)
            if not path.is_file():
                write_whole(path, data, self._temporary)
                # The folder of folders too: the one below it may be new.
                folders |= {path.parent, self.folder}
        for folder in folders:
            _sync_folder(folder)
        return hashes

    @contextmanager
    def temporary(self) -> Iterator[Path]:
        """Gives the path of a file that is removed afterwards, and by `sweep` after a crash."""
        self._temporary.mkdir(parents=True, exist_ok=True)
        path = self._temporary / uuid.uuid4().hex
        try:
            yield path
        finally:
            with suppress(OSError):
                path.unlink()

    def remove(self, sha256: str, used: Callable[[str], bool]) -> bool:
        """Removes a file unless it is used.

        An uploader stores the file, commits the row that uses it, and looks afterwards whether the
        file is still there, storing it again if not. Whichever comes first, that look or the move
        below, one of the two notices the other.

        Args:
            sha256: the hash.
            used: asks the database whether a committed row uses it.

        Returns:
            Whether it has been removed.
        """
        if used(sha256):
            return False
        self._trash.mkdir(parents=True, exist_ok=True)
        aside = self._trash / f"{sha256}.{uuid.uuid4().hex}"
        try:
            self.path(sha256).replace(aside)
        except FileNotFoundError:
            return False
        return not self._decide(aside, sha256, used)

    def _decide(self, aside: Path, sha256: str, used: Callable[[str], bool]) -> bool:
        """Restores a file that was moved aside if it is used, else deletes it for good."""
        if used(sha256):
            self.path(sha256).parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileNotFoundError):
                aside.replace(self.path(sha256))
            return True
        with suppress(FileNotFoundError):
            aside.unlink()
        return False

    def hashes(self) -> Iterator[str]:
        """Lists the hashes of all files."""
        if not self.folder.is_dir():
            return
        for folder in self.folder.iterdir():
            if len(folder.name) == 2 and folder.is_dir():
                yield from (path.name for path in folder.iterdir() if _is_sha256(path.name))

    def sweep(
        self, used: Callable[[str], bool], orphans: Iterable[str] = (), now: float | None = None
    ) -> int:
        """Clears up after a crash: temporary files, half-finished removals, unused files.

        Args:
            used: asks the database whether a committed row uses a hash.
            orphans: hashes that no row seemed to use; each is looked at again.
            now: the time in seconds since 1970.

        Returns:
            How many temporary files are too young to tell; sweep again later if there are any.
        """
        young = 0
        now = time.time() if now is None else now
        for temporary in _files(self._temporary):
            with suppress(OSError):
                if now - temporary.stat().st_mtime > TEMPORARY_SECONDS:
                    temporary.unlink()
                else:
                    young += 1
        for aside in _files(self._trash):
            sha256 = aside.name.partition(".")[0]
            if _is_sha256(sha256):
                self._decide(aside, sha256, used)
        for sha256 in orphans:
            self.remove(sha256, used)
        return young


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_file()] if folder.is_dir() else []


def _sync_folder(folder: Path) -> None:
    if not hasattr(os, "O_DIRECTORY"):  # Windows keeps folders durable by itself
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
