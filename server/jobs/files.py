"""Files of jobs beside the classifiers: exports kept ready, and uploads that wait to be read."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..storage.blobs import TEMPORARY_SECONDS
from ..storage.values import is_id
from ..storage.writing import write_whole

#: Bytes of exports that are kept ready; those that were asked for longest ago go first.
MOST_BYTES = 1024**3


def _is_young(path: Path) -> bool:
    """Whether somebody may be about to use a file that belongs to nothing yet."""
    return time.time() - path.stat().st_mtime < TEMPORARY_SECONDS


@dataclass(frozen=True)
class Prepared:
    """An export that is ready: the file, its name for people, and how well it agrees."""

    path: Path
    file_name: str
    agreement: dict[str, Any]


class PreparedExports:
    """Keeps exports, as many as there is room for.

    Args:
        folder: where; made when the first one is kept.
        most_bytes: of all together.
    """

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES):
        self.folder = folder
        self._most = most_bytes

    def _path(self, classifier_id: str, format: str) -> Path:
        return self.folder / f"{classifier_id}.{format}"

    def find(self, classifier_id: str, format: str) -> Prepared | None:
        """Returns an export that is ready, None where it is not."""
        path = self._path(classifier_id, format)
        try:
            told = json.loads(path.with_name(path.name + ".json").read_text(encoding="utf-8"))
            os.utime(path)  # asked for now
        except (OSError, ValueError):
            return None
        return Prepared(path, told["file_name"], told["agreement"])

    def keep(self, classifier_id: str, format: str, made: Mapping[str, Any]) -> None:
        """Keeps `{"data", "file_name", "agreement"}`; raises OSError where there is no room."""
        path = self._path(classifier_id, format)
        told = {"file_name": made["file_name"], "agreement": made["agreement"]}
        write_whole(path, made["data"])
        write_whole(path.with_name(path.name + ".json"), json.dumps(told).encode())
        self._bound(path)

    def _bound(self, newest: Path) -> None:
        files = []
        for path in self.folder.iterdir():
            with suppress(OSError):
                if path.suffix != ".json" and not path.name.startswith("."):
                    files.append((path.stat().st_mtime, path.stat().st_size, path))
        total = sum(size for _, size, _ in files)
        for _, size, path in sorted(files):
            if total > self._most and path != newest:
                self._remove(path)
                total -= size

    def _remove(self, path: Path) -> None:
        for each in (path.with_name(path.name + ".json"), path):
            with suppress(OSError):
                each.unlink()

    def forget(self, classifier_id: str) -> None:
        """Removes the exports of a classifier."""
        if is_id(classifier_id) and self.folder.is_dir():
            for path in self.folder.glob(f"{classifier_id}.*"):
                with suppress(OSError):
                    path.unlink()

    def sweep(self, there: set[str]) -> None:
        """Removes what belongs to no classifier that is there, and what is half-written.

        Args:
            there: ids of the classifiers.
        """
        if self.folder.is_dir():
            for path in list(self.folder.iterdir()):
                owner = path.name.partition(".")[0]
                with suppress(OSError):
                    if owner not in there and (owner or not _is_young(path)):
                        path.unlink()


class Uploads:
    """Keeps a file that was sent until its job has read it.

    Args:
        folder: where; made when the first one is kept.
    """

    def __init__(self, folder: Path):
        self.folder = folder

    def keep(self, job_id: str, data: bytes) -> None:
        """Keeps the file of a job; raises OSError where there is no room."""
        write_whole(self.folder / job_id, data)

    def read(self, job_id: str) -> bytes:
        """Returns the file of a job; raises FileNotFoundError."""
        return (self.folder / job_id).read_bytes()

    def forget(self, job_id: str) -> None:
        """Removes the file of a job."""
        with suppress(OSError):
            (self.folder / job_id).unlink()

    def sweep(self, open_jobs: Iterable[str]) -> None:
        """Removes the files of jobs that are not open."""
        wanted = set(open_jobs)
        if self.folder.is_dir():
            for path in list(self.folder.iterdir()):
                with suppress(OSError):
                    if path.name not in wanted and not _is_young(path):
                        path.unlink()
