"""Processes that look at lots of pictures, each with one thread, and what becomes of them.

They are started afresh (spawn), so nothing of the starting process comes with them. They never hear
Ctrl-C: whoever started them does, and ends them. They end by themselves when that process is gone.
"""

from __future__ import annotations

import multiprocessing
import os
import queue
import signal
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import connection
from typing import Any

import numpy as np

from .errors import InputError
from .eyes import Eyes, See
from .pictures import decode_square
from .task import Task

#: Pictures' bytes that are looked at together.
Batch = list[bytes]
#: For each picture a row of numbers, or why there is none.
Seen = list[np.ndarray | str]

#: So that a process does not wait for its next batch while this one does something else.
_IN_FLIGHT = 2
#: So often may processes end before they have begun, one after another.
_MOST_FAILED_STARTS = 3
_TICK = 0.1
#: Each process computes with one thread: together they use the cores on purpose.
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
_DIED = "The process that looked at it ended suddenly, as when memory is short."


def look(see: See, batch: Batch) -> Seen:
    """Looks at pictures one after another; what cannot be read costs only itself."""
    seen: Seen = []
    for data in batch:
        try:
            seen.append(see(decode_square(data)))
        except InputError as error:
            seen.append(f"{error}")
        except MemoryError:
            seen.append("There was not enough memory to decode it.")
    return seen


@dataclass
class Job:
    """A batch on its way, and what it is called by whoever gave it."""

    name: Any
    batch: Batch


@dataclass
class _Worker:
    process: Any
    pipe: Any
    jobs: deque[Job] = field(default_factory=deque)
    is_ready: bool = False


class Crew:
    """Processes that look through the same eyes.

    Args:
        eyes: what to look through.
        processes: how many.
        task: asked whether to go on while waiting.
    """

    def __init__(self, eyes: Eyes, processes: int, task: Task):
        self._eyes = eyes
        self._task = task
        self._context = multiprocessing.get_context("spawn")
        self._again: deque[Job] = deque()
        self._failed_starts = 0
        self._workers: list[_Worker] = []
        try:
            for _ in range(processes):
                self._start()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the processes at once, whatever they do."""
        for worker in self._workers:
            worker.process.kill()
        for worker in self._workers:
            worker.process.join()
            worker.process.close()
            worker.pipe.close()
        self._workers.clear()

    @property
    def has_room(self) -> bool:
        """Whether a job that is given now begins, or waits right behind the one that runs."""
        return not self._again and any(len(w.jobs) < _IN_FLIGHT for w in self._workers)

    def give(self, job: Job) -> None:
        """Hands a job to the least busy process; `has_room` must be true."""
        worker = min(self._workers, key=lambda w: len(w.jobs))
        worker.jobs.append(job)
        with suppress(OSError):  # it has ended; `wait` hears of that as well
            worker.pipe.send(job.batch)

    def wait(self) -> list[tuple[Any, Seen]]:
        """Waits until something is done, at most a tenth of a second.

        Returns:
            Names of jobs, and what was seen. A job may come back in parts: then its name is
            `(name, position)` of each picture.

        Raises:
            InputError: the eyes cannot be opened.
            Cancelled: the task was cancelled.
        """
        self._task.check()
        done: list[tuple[Any, Seen]] = []
        for pipe in connection.wait([w.pipe for w in self._workers], _TICK):
            worker = next(w for w in self._workers if w.pipe is pipe)
            try:
                kind, value = worker.pipe.recv()
            except (EOFError, OSError):
                done += self._bury(worker)
                continue
            if kind == "fault":
                raise InputError(**value)
            if kind == "ready":
                worker.is_ready, self._failed_starts = True, 0
            else:
                done.append((worker.jobs.popleft().name, value))
        while self._again and any(len(w.jobs) < _IN_FLIGHT for w in self._workers):
            self.give(self._again.popleft())
        return done

    def _bury(self, worker: _Worker) -> list[tuple[Any, Seen]]:
        """Replaces a process that has ended; its jobs are done again, the first one in parts."""
        worker.process.join()
        self._workers.remove(worker)
        worker.pipe.close()
        status = worker.process.exitcode
        worker.process.close()
        if not worker.is_ready:
            self._failed_starts += 1
            if self._failed_starts >= _MOST_FAILED_STARTS:
                raise RuntimeError(
                    f"The processes that look at pictures end as they start (status {status})."
                    " With --processes 1 none is needed."
                )
        self._start()
        jobs = list(worker.jobs)
        if worker.is_ready and jobs:
            first = jobs.pop(0)
            if len(first.batch) == 1:
                self._again.extendleft(reversed(jobs))
                return [(first.name, [_DIED])]
            parts = [Job((first.name, i), [data]) for i, data in enumerate(first.batch)]
            jobs = [*parts, *jobs]
        self._again.extendleft(reversed(jobs))
        return []

    def _start(self) -> None:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_serve, args=(theirs, self._eyes), daemon=True)
        with _quiet_start():
            process.start()
        theirs.close()
        self._workers.append(_Worker(process, ours))


@contextmanager
def _quiet_start() -> Iterator[None]:
    """Lets a process be born deaf to Ctrl-C, and with one thread."""
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    os.environ.update(_ONE_THREAD)
    masks = hasattr(signal, "pthread_sigmask")
    if masks:
        from multiprocessing import resource_tracker

        # It unblocks signals when it is started, so that comes first.
        resource_tracker.ensure_running()
        old = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        if masks:
            signal.pthread_sigmask(signal.SIG_SETMASK, old)
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _serve(pipe: Any, eyes: Eyes) -> None:
    """What each process does until its pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        see = eyes.open()
    except InputError as error:
        members = ("title", "detail", "hint", "kind")
        pipe.send(("fault", {name: getattr(error, name) for name in members}))
        return
    pipe.send(("ready", None))
    inbox: queue.SimpleQueue[Batch] = queue.SimpleQueue()

    def receive() -> None:
        # A thread, so that the other side never waits to be rid of a batch while this side waits
        # to be rid of an answer.
        while True:
            try:
                inbox.put(pipe.recv())
            except (EOFError, OSError):
                os._exit(0)  # nobody is there any more who would want the answer

    threading.Thread(target=receive, daemon=True).start()
    while True:
        pipe.send(("seen", look(see, inbox.get())))
