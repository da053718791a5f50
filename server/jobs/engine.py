"""The queue of jobs in the serving process: takes them in turn, and lets workers do them."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ..storage.job_rows import OPEN
from . import cluster
from .connection import Connection
from .lock import FolderLock
from .runner import Runner
from .states import MOST_ATTEMPTS, next_of

if TYPE_CHECKING:
    from ..web.services import Services

_log = logging.getLogger(__name__)

#: Seconds between two looks for jobs that another server on the same data has queued.
LOOK_SECONDS = 5.0

_TRIED = {
    "title": "The server was ended each time while this job ran",
    "detail": f"It was begun {MOST_ATTEMPTS} times.",
    "hint": "Perhaps the memory of this computer is too small: close other programs, or start the"
    " server with SHOWTELL_WORKERS=1. Then start it again.",
}


class Engine:
    """Runs queued jobs, as many at once as there are workers.

    Args:
        services: of the application: storage and settings.
        push: is given a job and its new events, as the API shows them.
    """

    def __init__(
        self,
        services: Services,
        push: Callable[[Mapping[str, Any], Sequence[Mapping[str, Any]]], None],
    ):
        self._services = services
        self._settings = services.settings
        self._push = push
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._ends = threading.Condition()
        self._runners: dict[str, Runner] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._connection: Connection | None = None
        self._opening = threading.Lock()
        self._last_end = time.monotonic()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._folder_lock = FolderLock(self._settings.data / "jobs.lock")

    # From requests

    def wake(self) -> None:
        """Says that a job has been queued."""
        self._wake.set()

    def cancel(self, job_id: str, seconds: float = 3.0) -> dict[str, Any]:
        """Ends a job and its children; waits a little until they have ended.

        Returns:
            The job as it is then; one that had ended is as it was.

        Raises:
            Problem: there is no such job.
        """
        jobs = self._services.jobs
        for each in jobs.cancel(job_id):
            self._tell_of(each)
        job = jobs.get(job_id)
        for each in [job, *job["children"]]:
            with self._lock:
                runner = self._runners.get(each["id"])
            if runner is not None:
                runner.cancelled.set()
        if job["kind"] == "all":
            self._refresh(job_id)
        return self.wait(job_id, seconds)

    def wait(self, job_id: str, seconds: float) -> dict[str, Any]:
        """Returns a job when it has ended, or as it is after some seconds."""
        limit = time.monotonic() + seconds
        while True:
            job = self._services.jobs.get(job_id)
            left = limit - time.monotonic()
            if job["state"] not in OPEN or left <= 0:
                return job
            with self._ends:
                self._ends.wait(min(left, 0.25))

    def forget_project(self, project_id: str) -> None:
        """Ends the jobs of a project that has been deleted."""
        with self._lock:
            for runner in self._runners.values():
                if runner.job["project_id"] == project_id:
                    runner.cancelled.set()
            for key in [key for key in self._locks if key.startswith(project_id)]:
                if not self._locks[key].locked():
                    del self._locks[key]

    # From runners

    def push(
        self,
        job: Mapping[str, Any],
        events: Sequence[Mapping[str, Any]],
        at_once: bool = False,
    ) -> None:
        """Tells open pages about a job, and refreshes the job that it is a part of."""
        self._push(job, events)
        if job["parent_id"] is not None:
            self._refresh(job["parent_id"])
        if at_once:
            with self._ends:
                self._ends.notify_all()

    def _refresh(self, parent_id: str) -> None:
        told = self._services.jobs.refresh_parent(parent_id)
        if told is not None:
            self._push(told[0], told[1])

    def _tell_of(self, job_id: str) -> None:
        with suppress(Exception):  # deleted meanwhile
            job = self._services.jobs.get(job_id)
            events, _ = self._services.jobs.events(job_id, job["sequence"] - 1, 1)
            self.push(job, events, at_once=True)

    def ended(self, runner: Runner) -> None:
        """Forgets a runner that has come to its end."""
        with self._lock:
            self._runners.pop(runner.job["id"], None)
            self._last_end = time.monotonic()
        job = runner.job
        if job["kind"] == "import" and not self._stopped.is_set():
            self._services.uploads.forget(job["id"])
        if not self._stopped.is_set():
            with suppress(Exception):
                self._services.jobs.prune(job["project_id"])
        with self._ends:
            self._ends.notify_all()
        self._wake.set()

    def lock_of(self, key: str) -> threading.Lock:
        """Returns the lock of that name."""
        with self._lock:
            return self._locks.setdefault(key, threading.Lock())

    def connection(self, tick: Callable[[], None]) -> Connection:
        """Returns the way to the workers, which are started if they are not there.

        Args:
            tick: called while another job starts them; may raise.

        Raises:
            NoCluster: there are none to be had.
        """
        while not self._opening.acquire(timeout=0.1):
            tick()
        try:
            if self._connection is not None and not self._connection.is_alive:
                self._close()
            if self._connection is None:
                self._connection = Connection(self._settings, self._hear)
                if self._stopped.is_set():
                    self._close()
                    tick()
            assert self._connection is not None
            return self._connection
        finally:
            self._opening.release()

    def _hear(self, message: Mapping[str, Any]) -> None:
        with self._lock:
            runner = self._runners.get(message["job"])
        if runner is not None:
            runner.hear(message)

    # Its own thread

    def start(self) -> None:
        """Begins to run jobs, also those that ran when the last server ended."""
        self._thread = threading.Thread(target=self._loop, name="jobs", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Puts what runs back into the queue and ends the workers."""
        self._stopped.set()
        self._wake.set()
        with self._lock:
            runners = list(self._runners.values())
        for runner in runners:
            runner.stopping.set()
        # The workers first: nobody waits for a task of theirs to end.
        if self._opening.acquire(timeout=1):
            try:
                self._close()
            finally:
                self._opening.release()
        for runner in runners:
            runner.thread.join(2)
        if self._thread is not None:
            self._thread.join(2)
        self._folder_lock.release()

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _loop(self) -> None:
        is_mine = False
        while not self._stopped.is_set():
            try:
                if not is_mine:
                    is_mine = self._folder_lock.acquire()
                    if is_mine:
                        self._begin()
                if is_mine:
                    self._take_next()
                    self._rest()
            except Exception:
                _log.exception("could not look after the jobs")
            self._wake.wait(min(LOOK_SECONDS, self._settings.idle_seconds))
            self._wake.clear()

    def _begin(self) -> None:
        """Sees to what the last server has left."""
        jobs = self._services.jobs
        for job_id in jobs.resume(MOST_ATTEMPTS, _TRIED):
            self._tell_of(job_id)
        for parent in jobs.open_parents():
            self._refresh(parent)
        self._services.uploads.sweep([job["id"] for job in jobs.waiting()])

    def _take_next(self) -> None:
        while not self._stopped.is_set():
            with self._lock:
                running = [runner.job for runner in self._runners.values()]
            workers = self._capacity()
            if len(running) >= workers:
                return
            job: Any = next_of(self._services.jobs.waiting(), running, workers)
            if job is None:
                return
            if not self._services.jobs.claim(job["id"]):
                continue
            claimed = self._services.jobs.find(job["id"])
            if claimed is None:
                continue
            runner = Runner(self, self._services, claimed)
            with self._lock:
                self._runners[job["id"]] = runner
            self._tell_of(job["id"])
            runner.thread.start()

    def _capacity(self) -> int:
        connection = self._connection
        if connection is not None:
            with suppress(Exception):
                return max(1, len(connection.workers()))
        if self._settings.scheduler:
            return 1
        return self._settings.workers or cluster.default_workers()

    def _rest(self) -> None:
        """Ends workers that have had nothing to do for long, or of which some are missing."""
        if self._connection is None or self._runners:
            return
        idle = time.monotonic() - self._last_end
        # One that was killed is back after a few seconds; else all are started anew.
        is_whole = idle < LOOK_SECONDS or self._connection.is_complete
        if idle < self._settings.idle_seconds and is_whole:
            return
        if self._opening.acquire(blocking=False):
            try:
                with self._lock:
                    is_idle = not self._runners
                if is_idle:
                    self._close()
            finally:
                self._opening.release()
