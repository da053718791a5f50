"""Clears up after a crash, in the background, so that the first page does not wait for it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..storage import BlobStore, Database, Vectors
from ..storage.blobs import TEMPORARY_SECONDS
from ..storage.vectors import orphaned_pictures

if TYPE_CHECKING:
    from .services import Services

_log = logging.getLogger(__name__)


class Sweeper:
    """Removes what a crash left behind: temporary files, unused pictures and embeddings.

    Args:
        database, blobs, vectors: where to look.
        used: asks whether a committed sample uses a picture.
        further: sweeps what else there is; returns how many files are too young to tell.
    """

    def __init__(
        self,
        database: Database,
        blobs: BlobStore,
        vectors: Vectors,
        used: Callable[[str], bool],
        further: Callable[[], int] = lambda: 0,
    ):
        self._database = database
        self._blobs = blobs
        self._vectors = vectors
        self._used = used
        self._further = further
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begins, in a thread of its own."""
        self._thread = threading.Thread(target=self._run, name="sweep", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Asks it to end."""
        self._stopped.set()

    def once(self) -> int:
        """Sweeps; returns how many temporary files are too young to tell."""
        self._vectors.drop_orphans()
        young = self._blobs.sweep(self._used, orphaned_pictures(self._database, self._blobs))
        return young + self._further()

    def _run(self) -> None:
        # The first page comes before the housekeeping.
        wait = 1.0
        while not self._stopped.wait(wait):
            try:
                if self.once() == 0:
                    return
            except Exception:
                _log.exception("could not clear up after the last run")
                return
            wait = TEMPORARY_SECONDS


def sweep_files(services: Services) -> int:
    """Removes files of classifiers, exports and outputs that belong to nothing.

    Returns:
        How many temporary files are too young to tell; see `BlobStore.sweep`.
    """
    young = 0
    for store in (services.trained, services.assets):
        young += store.blobs.sweep(store.used, store.orphans())
    services.prepared.sweep(services.trained.ids())
    return young


def forget_files(services: Services) -> None:
    """Removes the files of classifiers and outputs that were deleted with their project.

    What fails here is done by the sweep at the next start; the deletion itself is committed.
    """
    try:
        services.trained.drop_orphans()
        services.assets.drop_orphans()
        services.prepared.sweep(services.trained.ids())
    except Exception:
        _log.exception("could not remove the files of a deleted project")
