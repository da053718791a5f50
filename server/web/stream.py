"""What open pages see, told to programs that listen: the hub between both.

A page announces a project and hears how many listen to it; it tells what it sees only while
somebody does. Nothing is kept: who comes later hears what is seen from then on.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from ..errors import Problem

_log = logging.getLogger(__name__)

#: Listeners over HTTP at a time; each holds one of the server's threads.
MOST_STREAMS = 16
#: Predictions that wait for one slow listener; then the oldest go.
MOST_WAITING = 64


class Listener(Protocol):
    """Somebody who wants to hear predictions of one project."""

    def put(self, prediction: Mapping[str, Any]) -> None:
        """Takes a prediction; must not wait."""

    def end(self) -> None:
        """Hears that there will be no more."""


class Waiting:
    """A listener that fetches its predictions itself, from a queue that never grows long.

    Args:
        project_id: what it listens to.
        most: predictions that wait; of more the oldest go.
    """

    def __init__(self, project_id: str, most: int = MOST_WAITING):
        self.project_id = project_id
        self._condition = threading.Condition()
        self._queue: deque[Mapping[str, Any]] = deque()
        self._most = most
        self._dropped = 0
        self._ended = False

    @property
    def ended(self) -> bool:
        """Whether there will be no more."""
        return self._ended

    def put(self, prediction: Mapping[str, Any]) -> None:
        """Adds a prediction; where too many wait the oldest goes."""
        with self._condition:
            if len(self._queue) >= self._most:
                self._queue.popleft()
                self._dropped += 1
            self._queue.append(prediction)
            self._condition.notify()

    def end(self) -> None:
        """Wakes who takes, for the last time."""
        with self._condition:
            self._ended = True
            self._condition.notify()

    def take(self, seconds: float) -> tuple[Mapping[str, Any] | None, int]:
        """Waits for the next prediction.

        Args:
            seconds: how long at most.

        Returns:
            The prediction, None if there was none or there will be no more; and how many before
            it were dropped.
        """
        with self._condition:
            self._condition.wait_for(lambda: self._queue or self._ended, seconds)
            if self._ended or not self._queue:
                return None, 0
            dropped, self._dropped = self._dropped, 0
            return self._queue.popleft(), dropped


class Hub:
    """Knows who listens to which project, and passes on what its pages see. Threads may share it.

    Args:
        announce: tells the pages of a project how many listen to it: `announce(project_id, count)`.
    """

    def __init__(self, announce: Callable[[str, int], None] = lambda project_id, count: None):
        self._announce = announce
        # Passing on to a connection that turns out to be dead makes it leave, in the same thread.
        self._lock = threading.RLock()
        self._listeners: dict[str, list[Listener]] = {}
        self._sequences: dict[str, int] = {}
        self._streams = 0
        self._stopped = False
        self._untold: set[str] = set()
        self._telling = False

    def count(self, project_id: str) -> int:
        """Returns how many listen to a project."""
        with self._lock:
            return len(self._listeners.get(project_id, ()))

    def open(self, project_id: str) -> Waiting:
        """Lets somebody listen over HTTP; `close` must follow.

        Raises:
            Problem: too many do, or the server is stopping.
        """
        listener = Waiting(project_id)
        with self._lock:
            if self._streams >= MOST_STREAMS:
                raise Problem(
                    "unavailable",
                    f"{MOST_STREAMS} programs listen already; that is the most over HTTP.",
                    hint="End one of them, or listen over Socket.IO; see docs/stream.md.",
                    headers={"Retry-After": "5"},
                )
            self._streams += 1
        try:
            self.join(project_id, listener)
        except Problem:
            with self._lock:
                self._streams -= 1
            raise
        return listener

    def close(self, listener: Waiting) -> None:
        """Ends what `open` began; a second time nothing happens."""
        if self.leave(listener.project_id, listener):
            with self._lock:
                self._streams -= 1

    def join(self, project_id: str, listener: Listener) -> None:
        """Adds a listener, if it is none yet.

        Raises:
            Problem: the server is stopping.
        """
        with self._lock:
            if self._stopped:
                raise Problem("unavailable", "The server is stopping.")
            there = self._listeners.setdefault(project_id, [])
            if listener in there:
                return
            there.append(listener)
        self.tell(project_id)

    def leave(self, project_id: str, listener: Listener) -> bool:
        """Removes a listener; tells whether it was one."""
        with self._lock:
            there = self._listeners.get(project_id, [])
            if listener not in there:
                return False
            there.remove(listener)
            if not there:
                del self._listeners[project_id]
        self.tell(project_id)
        return True

    def publish(self, prediction: Mapping[str, Any]) -> int:
        """Passes a prediction on, with the next number of its project.

        Args:
            prediction: as `checked` returns it.

        Returns:
            How many listen.
        """
        project_id = prediction["project_id"]
        with self._lock:
            listeners = list(self._listeners.get(project_id, ()))
            if listeners:
                sequence = self._sequences.get(project_id, 0) + 1
                self._sequences[project_id] = sequence
                numbered = {"project_id": project_id, "sequence": sequence, **prediction}
                for listener in listeners:
                    listener.put(numbered)
            return len(listeners)

    def forget(self, project_id: str) -> None:
        """Ends all who listen to a project, because it is deleted."""
        with self._lock:
            self._sequences.pop(project_id, None)
            listeners = list(self._listeners.get(project_id, ()))
        for listener in listeners:
            listener.end()
            if not isinstance(listener, Waiting):  # those leave when their request ends
                self.leave(project_id, listener)

    def stop(self) -> None:
        """Ends all who listen, because the server ends."""
        with self._lock:
            self._stopped = True
            listeners = [one for there in self._listeners.values() for one in there]
        for listener in listeners:
            listener.end()

    def tell(self, project_id: str) -> None:
        """Tells the pages of a project how many listen to it.

        One thread does so at a time, so that the newest is told last.
        """
        with self._lock:
            self._untold.add(project_id)
            if self._telling:
                return
            self._telling = True
        while True:
            with self._lock:
                if not self._untold:
                    self._telling = False
                    return
                changed = self._untold.pop()
                count = self.count(changed)
            try:
                self._announce(changed, count)
            except Exception:  # a page that is not told goes on; who listens must not fail
                _log.exception("could not tell how many listen to %s", changed)
