"""The way to the workers: the cluster that this server starts, or the one at SHOWTELL_SCHEDULER.

Dask is imported here, inside functions, when the first job runs.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from ..settings import PREFIX, ROOT, Settings
from . import cluster

_log = logging.getLogger(__name__)

#: Seconds in which the workers must be there.
START_SECONDS = 60.0
#: Seconds in which a cancelled task may end by itself, before its process is ended.
PATIENCE = 1.2
#: Seconds between two looks at which workers there are.
LOOK_SECONDS = 0.4
#: Seconds after which a worker that seemed to end, and is still there, gets work again.
GONE_SECONDS = 30.0
#: Seconds without any worker after which they are all started anew; starting one takes 1 to 3.
EMPTY_SECONDS = 10.0


class WorkerLost(Exception):
    """Says that the process that worked for a job is gone.

    Args:
        reason: why, in a sentence.
        is_memory: whether it had used too much memory.
    """

    def __init__(self, reason: str, is_memory: bool = False):
        super().__init__(reason)
        self.reason = reason
        self.is_memory = is_memory


class NotBegun(WorkerLost):
    """Says that a worker was gone before it could be given anything."""


class NoCluster(Exception):
    """Says that there are no workers to be had; `problem` says why."""

    def __init__(self, problem: Mapping[str, str]):
        super().__init__(problem["detail"])
        self.problem = dict(problem)


class Child:
    """The process of `server.jobs.cluster`; ends with this object's `close`, or with us.

    Args:
        settings: how many workers, and where they may put files.
        memory: bytes that each may use; its share of the machine's where None.
    """

    def __init__(self, settings: Settings, memory: int | None = None):
        self.workers = settings.workers or cluster.default_workers()
        # The token and the database's address are nothing that a recipe needs.
        environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(PREFIX)},
            "SHOWTELL_MODELS": os.pathsep.join(map(str, settings.models)),
            "PYTHONUNBUFFERED": "1",
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "server.jobs.cluster"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            encoding="utf-8",
        )
        assert self._process.stdin and self._process.stdout
        asked: dict[str, Any] = {"workers": self.workers, "folder": str(settings.data / "workers")}
        asked["memory"] = memory
        try:
            self._process.stdin.write(json.dumps(asked) + "\n")
            self._process.stdin.flush()
            self.told = json.loads(self._process.stdout.readline())
        except (OSError, ValueError) as error:
            self.close()
            raise NoCluster(
                {
                    "title": "The workers could not be started",
                    "detail": "Their process ended before it was ready.",
                    "hint": "Close other programs and try again. For whoever runs the server:"
                    " workers.log in the data folder tells more.",
                }
            ) from error

    @property
    def is_alive(self) -> bool:
        """Whether the process is still there."""
        return self._process.poll() is None

    def close(self) -> None:
        """Ends the process and its workers."""
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                pipe.close()  # type: ignore[union-attr]
        try:
            self._process.wait(2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Running:
    """A task on its way, on one worker."""

    def __init__(self, connection: Connection, worker: str, job_id: str, future: Any):
        self._connection = connection
        self.worker = worker
        self._job_id = job_id
        self._future = future
        self._done = threading.Event()
        future.add_done_callback(lambda _: self._done.set())

    def wait(self, tick: Callable[[], None]) -> dict[str, Any]:
        """Waits for the answer of `tasks.call`.

        Args:
            tick: called several times a second; may raise, after which the task is ended.

        Raises:
            WorkerLost: the worker is gone, or all of them.
        """
        looked = time.monotonic()
        try:
            while not self._done.wait(0.05):
                tick()
                if time.monotonic() - looked > 1:
                    looked = time.monotonic()
                    if self.worker not in self._connection.workers():
                        # Where the task would be given to another worker that it must not go to.
                        if self._done.wait(0.2):
                            break
                        raise self._lost()
        except BaseException:
            self.stop()
            raise
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        if self._future.status == "finished":
            try:
                return self._future.result(timeout=60)
            except Exception as error:  # gone between the end of the task and this call
                raise self._lost() from error
        if self._future.status == "error":
            from distributed.scheduler import KilledWorker

            error = self._future.exception(timeout=60)
            if isinstance(error, KilledWorker):
                raise self._lost() from error
            if isinstance(error, (ModuleNotFoundError, AttributeError, ImportError)):
                raise NoCluster(_foreign(error)) from error
            return {"fault": repr(error), "detail": f"{type(error).__name__}: {error}"[:300]}
        raise self._lost()

    def _lost(self) -> WorkerLost:
        self._connection.look_again()
        if not self._connection.is_alive:
            return WorkerLost("The workers have gone.")
        # The nanny's word about the reason comes on another way, a moment later perhaps.
        limit = time.monotonic() + 0.3
        while time.monotonic() < limit and self.worker not in self._connection.out_of_memory:
            time.sleep(0.02)
        if self.worker in self._connection.out_of_memory:
            return WorkerLost("Its process used too much memory.", is_memory=True)
        return WorkerLost("The process that worked on it has ended.")

    def stop(self) -> None:
        """Ends the task: by asking, else by ending its process."""
        from . import tasks

        if self._done.is_set():
            return
        self._connection.run(tasks.cancel, self._job_id, worker=self.worker)
        if self._done.wait(PATIENCE):
            return
        with suppress(Exception):
            self._future.cancel(force=True)
        self._connection.forget(self.worker)
        self._connection.run(tasks.kill, worker=self.worker, nanny=True)


class Connection:
    """A client of the cluster, and its workers as slots that one task at a time takes.

    Args:
        settings: which cluster.
        heard: is given what tasks tell: `{"job", "attempt", "event"}`.
        memory: see `Child`.

    Raises:
        NoCluster: there are no workers.
    """

    def __init__(
        self,
        settings: Settings,
        heard: Callable[[Mapping[str, Any]], None],
        memory: int | None = None,
    ):
        from distributed import Client
        from distributed.security import Security

        # What goes wrong with a worker is told by its job.
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        self._child: Child | None = None
        self.topic = f"showtell-{os.getpid()}-{time.time_ns()}"
        #: Workers whose process was ended because it used too much memory.
        self.out_of_memory: set[str] = set()
        self._condition = threading.Condition()
        self._queue: deque[object] = deque()
        self._busy: set[str] = set()
        self._used: dict[str, float] = {}
        self._workers: tuple[float, frozenset[str]] = (float("-inf"), frozenset())
        self._gone: dict[str, float] = {}
        self._is_broken = False
        self._look = threading.Lock()
        if settings.scheduler:
            address, security = settings.scheduler, None
        else:
            self._child = Child(settings, memory)
            told = self._child.told
            address = told["address"]
            security = Security(
                require_encryption=True,
                tls_ca_file=told["ca"],
                tls_client_cert=told["certificate"],
                tls_client_key=told["key"],
            )
        try:
            self._client = Client(
                address, security=security, timeout=10, set_as_default=False, name="showtell"
            )
        except (OSError, TimeoutError, ValueError) as error:
            if self._child is not None:
                self._child.close()
            raise NoCluster(_unreachable(address, error)) from error
        self._client.subscribe_topic(self.topic, lambda event: heard(event[1]))
        self._client.subscribe_topic("worker-restart-memory", self._memory)

    def _memory(self, event: Any) -> None:
        self.out_of_memory.add(event[1]["worker"])

    @property
    def is_alive(self) -> bool:
        """Whether the cluster can still be asked."""
        child = self._child is None or self._child.is_alive
        return child and not self._is_broken and self._client.status == "running"

    @property
    def is_complete(self) -> bool:
        """Whether as many workers are there as this server has asked for."""
        return self._child is None or len(self.workers()) >= self._child.workers

    def workers(self) -> frozenset[str]:
        """Returns the addresses of the workers; looks at most every `LOOK_SECONDS`.

        Raises:
            WorkerLost: the cluster cannot be asked.
        """
        with self._look:
            if time.monotonic() - self._workers[0] > LOOK_SECONDS:
                try:
                    found = frozenset(self._ask(self._client.scheduler.ncores(), 10))
                except Exception as error:
                    raise WorkerLost("The workers cannot be reached.") from error
                now = time.monotonic()
                self._gone = {
                    worker: since
                    for worker, since in self._gone.items()
                    if worker in found and now - since < GONE_SECONDS
                }
                self._workers = (now, found - self._gone.keys())
            return self._workers[1]

    def forget(self, worker: str) -> None:
        """Gives no more work to a worker that is ending; the cluster may still list it a moment."""
        with self._look:
            self._gone[worker] = time.monotonic()
            self._workers = (float("-inf"), frozenset())

    def look_again(self) -> None:
        """Lets the next question which workers there are be asked anew."""
        with self._look:
            self._workers = (float("-inf"), frozenset())

    @contextmanager
    def slot(self, tick: Callable[[], None]):
        """Takes a free worker and gives it back; whoever came first is served first.

        Args:
            tick: called several times a second while waiting; may raise.

        Raises:
            NotBegun: there are no workers any more.
        """
        me = object()
        with self._condition:
            self._queue.append(me)
        try:
            worker = self._wait(me, tick)
        finally:
            with self._condition:
                self._queue.remove(me)
                self._condition.notify_all()
        try:
            yield worker
        finally:
            with self._condition:
                self._busy.discard(worker)
                self._used[worker] = time.monotonic()
                self._condition.notify_all()

    def _wait(self, me: object, tick: Callable[[], None]) -> str:
        last_seen = time.monotonic()
        while True:
            tick()
            there = self.workers() if self.is_alive else frozenset()
            if there:
                last_seen = time.monotonic()
            elif self._child is not None and time.monotonic() - last_seen > EMPTY_SECONDS:
                # Whoever starts workers anew has given up, after one was killed as it started.
                self._is_broken = True
            if not self.is_alive:
                raise NotBegun("The workers have gone.")
            with self._condition:
                free = there - self._busy
                if self._queue[0] is me and free:
                    # The one that has worked last: what it has loaded is loaded.
                    worker = max(free, key=lambda name: (self._used.get(name, 0.0), name))
                    self._busy.add(worker)
                    return worker
                self._condition.wait(0.05 if there else LOOK_SECONDS)

    def submit(
        self, worker: str, name: str, head: Mapping[str, Any], arguments: tuple[Any, ...],
        payload: tuple[Any, ...] = (),
    ) -> Running:  # fmt: skip
        """Begins a task on a worker.

        Args:
            worker: its address.
            name: of the task.
            head: job and attempt.
            arguments: small values.
            payload: large ones, sent to the worker ahead, each on its own.

        Raises:
            NotBegun: the worker is gone.
        """
        from . import tasks

        try:
            sent = [
                self._client.scatter([part], workers=[worker], hash=False, timeout=60)[0]
                for part in payload
            ]
            future = self._client.submit(
                tasks.call, name, dict(head), self.topic, *arguments, *sent,
                workers=[worker], pure=False, key=f"{name}-{head['job']}-{time.time_ns()}",
            )  # fmt: skip
        except Exception as error:
            self.look_again()
            raise NotBegun("The process that was to work on it has ended.") from error
        return Running(self, worker, head["job"], future)

    def run(self, function: Callable[..., Any], *arguments: Any, worker: str, nanny: bool = False):
        """Runs a small function in a worker's process beside its task, or in its nanny's."""
        run = self._client._run(
            function, *arguments, workers=[worker], nanny=nanny, on_error="ignore"
        )
        # Where the process holds its interpreter and cannot hear, nothing is waited for.
        with suppress(Exception):
            self._ask(run, 0.5)

    def _ask(self, question: Coroutine[Any, Any, Any], seconds: float) -> Any:
        """Runs something of Dask's in the client's thread, and waits so long for its answer."""
        asked = asyncio.run_coroutine_threadsafe(question, self._client.loop.asyncio_loop)
        try:
            return asked.result(seconds)
        except concurrent.futures.TimeoutError:
            asked.cancel()
            raise

    def close(self) -> None:
        """Ends the workers that this server has started, and lets go of others."""
        with suppress(Exception):
            self._client.close(timeout=2)
        if self._child is not None:
            self._child.close()


def _unreachable(address: str, error: Exception) -> dict[str, str]:
    return {
        "title": "The workers cannot be reached",
        "detail": f"There is no Dask scheduler at {address} ({type(error).__name__}).",
        "hint": "For whoever runs the server: start the scheduler, or unset SHOWTELL_SCHEDULER to"
        " use workers on this computer.",
    }


def _foreign(error: BaseException) -> dict[str, str]:
    return {
        "title": "The workers do not know this program",
        "detail": f"{type(error).__name__}: {error}"[:300],
        "hint": "Start the workers in a checkout of the same version of Show & Tell.",
    }
