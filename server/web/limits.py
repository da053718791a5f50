"""Limits the time that a request may take to arrive: slow senders must not hold all threads."""

from __future__ import annotations

import heapq
import itertools
import os
import socket
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.exceptions import RequestTimeout

from ..settings import Settings

#: Longest time for the first line and the headers, and for the handshake of TLS.
HEADER_SECONDS = 30.0


class Watchdog:
    """Ends the reading side of connections at their deadlines.

    A blocking read cannot be interrupted, but it returns when its socket has been shut down for
    reading; the answer can still be written. One thread serves all connections; it begins with
    the first.
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._deadlines: dict[int, tuple[int, float]] = {}
        self._queue: list[tuple[float, int, int]] = []
        self._numbers = itertools.count()
        self._thread: threading.Thread | None = None

    def watch(self, descriptor: int, seconds: float) -> None:
        """Sets or replaces the deadline of a connection.

        Args:
            descriptor: of its socket; `forget` must be called before it is closed.
            seconds: from now.
        """
        with self._condition:
            number, deadline = next(self._numbers), time.monotonic() + seconds
            self._deadlines[descriptor] = (number, deadline)
            heapq.heappush(self._queue, (deadline, number, descriptor))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)
                self._thread.start()
            elif self._queue[0][1] == number:
                self._condition.notify()

    def forget(self, descriptor: int) -> None:
        """Removes the deadline of a connection."""
        with self._condition:
            self._deadlines.pop(descriptor, None)

    def _run(self) -> None:
        with self._condition:
            while True:
                while not self._queue:
                    self._condition.wait()
                deadline, number, descriptor = self._queue[0]
                wait = deadline - time.monotonic()
                if wait > 0 and self._deadlines.get(descriptor, (-1,))[0] == number:
                    self._condition.wait(wait)
                    continue
                heapq.heappop(self._queue)
                if self._deadlines.get(descriptor, (-1,))[0] == number:
                    del self._deadlines[descriptor]
                    _end_reading(descriptor)


def _end_reading(descriptor: int) -> None:
    try:
        with socket.socket(fileno=os.dup(descriptor)) as connection:
            connection.shutdown(socket.SHUT_RD)
    except OSError:  # it has gone by itself
        pass


#: Watches all connections of this process.
watchdog = Watchdog()


class TimedInput:
    """A request's body that must have arrived at a deadline.

    Args:
        inner: the server's input stream.
        seconds: how long it may take, from now.
        done: called when the body has ended.
        clock: tells the time in seconds.
    """

    def __init__(
        self,
        inner: Any,
        seconds: float,
        done: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ):
        self._inner = inner
        self._deadline = clock() + seconds
        self._done = done
        self._clock = clock

    def _timed(self, method: Callable[..., bytes], args: tuple[int, ...]) -> bytes:
        try:
            data = method(*args)
        except OSError as error:
            if self._clock() >= self._deadline:
                raise RequestTimeout() from error
            raise
        if self._clock() >= self._deadline:
            raise RequestTimeout()
        if not data and args != (0,):
            self._done()
        return data

    def read(self, *args: int) -> bytes:
        """Reads bytes."""
        return self._timed(self._inner.read, args)

    def readline(self, *args: int) -> bytes:
        """Reads a line."""
        return self._timed(self._inner.readline, args)

    def close(self) -> None:
        """Closes the server's stream."""
        self._inner.close()

    def __iter__(self) -> Any:
        """Reads all lines."""
        return iter(self.readline, b"")


class Deadlines:
    """Gives the body of every request a deadline.

    Args:
        inner: the WSGI application behind.
        settings: how long.
    """

    def __init__(self, inner: Callable[..., Iterable[bytes]], settings: Settings):
        self._inner = inner
        self._seconds = settings.request_seconds

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Serves one request."""
        connection = environ.get("gunicorn.socket")
        descriptor = -1 if connection is None else connection.fileno()
        has_body = environ.get("CONTENT_LENGTH", "0") != "0" or "HTTP_TRANSFER_ENCODING" in environ
        if not has_body:
            watchdog.forget(descriptor)
            return self._inner(environ, start_response)

        if descriptor >= 0:
            watchdog.watch(descriptor, self._seconds)
        environ["wsgi.input"] = TimedInput(
            environ["wsgi.input"], self._seconds, lambda: watchdog.forget(descriptor)
        )

        def begin(*args: Any) -> Any:
            watchdog.forget(descriptor)
            return start_response(*args)

        return self._inner(environ, begin)
