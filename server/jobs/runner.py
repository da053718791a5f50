"""One job while it runs: its thread, what it tells, its tries, its end."""

from __future__ import annotations

import logging
import threading
import time
import zipfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError

from ..errors import Problem
from ..storage.job_rows import CANCELLED, DONE, FAILED
from . import tasks
from .connection import NoCluster, NotBegun, WorkerLost
from .states import MOST_ATTEMPTS, WEIGHTS, Pace, Progress
from .work import STEPS, Outcome, in_parallel

if TYPE_CHECKING:
    from ..web.services import Services
    from .engine import Engine

_log = logging.getLogger(__name__)

#: Seconds between two pushes about one job.
QUIET_SECONDS = 0.2
#: Seconds between two looks whether another server, or a deletion, wants the job to end.
LOOK_SECONDS = 1.0
#: How often a task is offered to a worker; one may have ended since it was looked for.
MOST_BEGINNINGS = 5


class Cancelled(Exception):
    """Ends a job that somebody has cancelled or whose project was deleted."""


class Stopping(Exception):
    """Interrupts a job because the server stops."""


class Failed(Exception):
    """Ends a job with a problem.

    Args:
        problem: title, detail and hint.
    """

    def __init__(self, problem: Mapping[str, str]):
        super().__init__(problem["title"])
        self.problem = dict(problem)


class Runner:
    """Runs one job; it is the `Work` that the steps are given.

    Args:
        engine: whose job it is.
        services: of the application.
        job: as the API shows it, claimed.
    """

    def __init__(self, engine: Engine, services: Services, job: Mapping[str, Any]):
        self._engine = engine
        self.services = services
        self.job: Mapping[str, Any] = job
        self.progress = Progress(WEIGHTS.get(job["kind"], WEIGHTS["vectors"]))
        self._pace = Pace()
        self._attempt = job["attempt"]
        self._lock = threading.Lock()
        self._flushing = threading.Lock()
        self._heard: list[dict[str, Any]] = []
        self._has_news = False
        self._flushed = 0.0
        self._looked = time.monotonic()
        self.cancelled = threading.Event()
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._run, name=f"job {job['id'][:8]}", daemon=True)

    # What the steps use

    def tick(self) -> None:
        """Tells what there is to tell; raises if the job is to end."""
        if self.stopping.is_set():
            raise Stopping
        if self.cancelled.is_set():
            raise Cancelled
        self._flush()

    def phase(self, phase: str, fraction: float) -> None:
        """See `Work.phase`."""
        self._take_in({"kind": "progress", "phase": phase, "fraction": fraction})
        self.tick()

    def log(self, text: str, level: str = "info") -> None:
        """See `Work.log`."""
        self._take_in({"kind": "log", "level": level, "text": text})

    def call(self, name: str, *arguments: Any, payload: tuple[Any, ...] = ()) -> Any:
        """See `Work.call`."""
        return self._call(self.tick, name, arguments, payload)

    def call_all(
        self,
        calls: Sequence[Callable[[], tuple[str, tuple[Any, ...]]]],
        done: Callable[[int, Any], None],
    ) -> None:
        """See `Work.call_all`."""
        stop = threading.Event()
        order = threading.Lock()

        def tick() -> None:
            if stop.is_set():  # another lot has failed
                raise Cancelled
            self.tick()

        def one(i: int) -> None:
            name, arguments = calls[i]()
            result = self._call(tick, name, arguments, ())
            with order:
                done(i, result)

        workers = len(self._engine.connection(self.tick).workers())
        in_parallel(len(calls), workers, one, stop)

    @contextmanager
    def alone(self, key: str):
        """See `Work.alone`."""
        lock = self._engine.lock_of(key)
        while not lock.acquire(timeout=0.1):
            self.tick()
        try:
            yield
        finally:
            lock.release()

    def _call(
        self,
        tick: Callable[[], None],
        name: str,
        arguments: tuple[Any, ...],
        payload: tuple[Any, ...],
    ) -> Any:
        head = {"job": self.job["id"], "attempt": self._attempt}
        for left in reversed(range(MOST_BEGINNINGS)):
            connection = self._engine.connection(tick)
            try:
                with connection.slot(tick) as worker:
                    running = connection.submit(worker, name, head, arguments, payload)
                    answer = running.wait(tick)
                    break
            except NotBegun:  # it ended while nobody looked; another may be free
                if not left:
                    raise
        if "result" in answer:
            return answer["result"]
        if "cancelled" in answer:
            raise Cancelled
        if "problem" in answer:
            raise Failed(answer["problem"])
        _log.error("a task failed: %s", answer["fault"])
        raise Failed(_fault(answer["detail"]))

    # What it tells

    def hear(self, message: Mapping[str, Any]) -> None:
        """Takes in what a worker tells."""
        if message["attempt"] == self._attempt:
            self._take_in(message["event"])

    def _take_in(self, event: Mapping[str, Any]) -> None:
        with self._lock:
            self._has_news = True
            if event["kind"] == "progress":
                self.progress.advance(event["phase"], event["fraction"])
            else:
                self._heard.append({k: v for k, v in event.items() if v is not None})

    def _flush(self, at_once: bool = False) -> None:
        """Writes and pushes what there is to tell, at most five times a second."""
        now = time.monotonic()
        if now - self._looked >= LOOK_SECONDS:
            self._looked = now
            if self.services.jobs.cancelled([self.job["id"]]):
                self.cancelled.set()
                raise Cancelled
        if not at_once and (now - self._flushed < QUIET_SECONDS or not self._has_news):
            return
        if not self._flushing.acquire(blocking=at_once):
            return
        try:
            with self._lock:
                events, self._heard, self._has_news = self._heard, [], False
                fraction = self.progress.fraction
                values = {
                    "phase": self.progress.phase,
                    "fraction": fraction,
                    "seconds_left": self._pace.left(now, fraction),
                    "attempt": self._attempt,
                }
            self._flushed = now
            told = self.services.jobs.tell(self.job["id"], events, **values)
        finally:
            self._flushing.release()
        if told is None:
            raise Cancelled  # its project was deleted, or it has been ended elsewhere
        self._engine.push(*told)

    # Its course

    def _run(self) -> None:
        try:
            self._course()
        except Exception:
            _log.exception("could not end the job %s", self.job["id"])
        finally:
            self._engine.ended(self)

    def _course(self) -> None:
        while True:
            try:
                outcome = STEPS[self.job["kind"]](self)
                self._conclude(DONE, **outcome.values())
                return
            except WorkerLost as lost:
                if self._try_again(lost):
                    continue
            except Stopping:
                self.services.jobs.put_back(self.job["id"])
            except Cancelled:
                self._conclude(CANCELLED)
            except (Failed, NoCluster) as error:
                self._conclude(FAILED, problem=error.problem)
            except Exception as error:
                self._conclude(FAILED, problem=_problem_of(error))
            return

    def _try_again(self, lost: WorkerLost) -> bool:
        """Begins again after a worker was lost; False after the last try."""
        if self.stopping.is_set():
            self.services.jobs.put_back(self.job["id"])
            return False
        if self.cancelled.is_set():
            self._conclude(CANCELLED)
            return False
        if self._attempt >= MOST_ATTEMPTS:
            problem = tasks.NO_MEMORY if lost.is_memory else _lost(lost)
            self._conclude(FAILED, problem=problem)
            return False
        self._attempt += 1
        self.log(f"{lost.reason} Try {self._attempt} of {MOST_ATTEMPTS} begins.", "warning")
        try:
            self._flush(at_once=True)
        except Cancelled:
            self._conclude(CANCELLED)
            return False
        return True

    def _conclude(self, state: str, **values: Any) -> None:
        """Writes how it ended. While the database cannot be written to, it is tried again."""
        said = False
        while True:
            try:
                with self._lock:
                    events, self._heard = self._heard, []
                told = self.services.jobs.tell(
                    self.job["id"], events, phase=self.progress.phase, attempt=self._attempt
                )
                if told is not None and events:
                    self._engine.push(*told)
                ended = self.services.jobs.conclude(self.job["id"], state, **values)
                break
            except DBAPIError as error:
                if state == DONE:  # what was made is known only with its row
                    state, values = FAILED, {"problem": _problem_of(error)}
                if not said:
                    _log.error("the database cannot be written to: %s", error.orig)
                    said = True
                if self.stopping.wait(0.5):
                    return
        if ended is not None:
            self._engine.push(*ended, at_once=True)

    def __repr__(self) -> str:
        return f"Runner({self.job['id']})"


def _problem_of(error: Exception) -> dict[str, str]:
    """Says why a job failed, as title, detail and hint."""
    import sys

    if isinstance(error, Problem):
        return {"title": error.title, "detail": error.detail, "hint": error.hint}
    learning = sys.modules.get("server.learning.errors")
    if learning is not None and isinstance(error, learning.InputError):
        return {"title": error.title, "detail": error.detail, "hint": error.hint}
    if isinstance(error, OSError) and error.errno is not None:
        return tasks.no_room(error)
    if isinstance(error, DBAPIError) and "full" in str(error.orig):
        return tasks.no_room(OSError(28, "the database cannot grow"))
    if isinstance(error, (zipfile.BadZipFile, KeyError, ValueError)):
        _log.error("a job failed", exc_info=error)
        return _fault(f"{type(error).__name__}: {error}"[:300])
    _log.error("a job failed", exc_info=error)
    return _fault(f"{type(error).__name__}")


def _fault(detail: str) -> dict[str, str]:
    return {
        "title": "The job met a fault of this program",
        "detail": detail,
        "hint": "For whoever runs the server: its terminal tells more.",
    }


def _lost(lost: WorkerLost) -> dict[str, str]:
    return {
        "title": f"The job was begun {MOST_ATTEMPTS} times and never came to its end",
        "detail": lost.reason,
        "hint": "Perhaps the memory of this computer is too small: close other programs, train on"
        " fewer pictures, or start the server with SHOWTELL_WORKERS=1.",
    }


__all__ = ["Cancelled", "Failed", "Outcome", "Runner", "Stopping"]
