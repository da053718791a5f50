"""Server-sent events, written to a connection that may be slow, or gone.

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import contextlib
import json
import select
import socket
import struct
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .stream import Waiting

#: A comment is sent after so long a silence, for whoever waits at the other end.
HEARTBEAT_SECONDS = 15.0
#: How often a silent stream looks whether anybody is still there.
LOOK_SECONDS = 1.0
#: How long a connection may take nothing before it is given up.
STALL_SECONDS = 10.0
#: What the system may hold back for a slow connection: more would only make it older.
SEND_BUFFER = 64 * 1024

#: Sent first, so that the other end knows at once that it is connected; `retry` in milliseconds.
OPENING = b": predictions follow as they are made\nretry: 2000\n\n"
HEARTBEAT = b":\n\n"


class Connection:
    """The connection of a request, as far as its server tells.

    Args:
        environ: of the request.
    """

    def __init__(self, environ: Mapping[str, Any]):
        self._socket = environ.get("gunicorn.socket") or environ.get("werkzeug.socket")
        if self._socket is None:
            return
        with contextlib.suppress(OSError):
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
            if hasattr(select, "poll"):  # should writing stall all the same; Windows counts else
                limit = struct.pack("ll", int(STALL_SECONDS), 0)
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)

    def _poll(self, events: int, seconds: float) -> int:
        poll = select.poll()
        poll.register(self._socket.fileno(), events)
        return next((found for _, found in poll.poll(seconds * 1000)), 0)

    def is_gone(self) -> bool:
        """Tells whether the other end has closed, as far as can be told without writing."""
        if self._socket is None or not hasattr(select, "poll"):
            return False
        gone = getattr(select, "POLLRDHUP", 0) | select.POLLHUP | select.POLLERR | select.POLLNVAL
        with contextlib.suppress(OSError, ValueError):
            return bool(self._poll(getattr(select, "POLLRDHUP", 0), 0) & gone)
        return True

    def takes(self, seconds: float) -> bool:
        """Waits until there is room to write; False if there is none after so long."""
        if self._socket is None:
            return True
        try:
            if hasattr(select, "poll"):
                return bool(self._poll(select.POLLOUT, seconds))
            return bool(select.select([], [self._socket], [], seconds)[1])
        except (OSError, ValueError):  # it is closed: writing will say so
            return True

    def cut(self) -> None:
        """Ends the connection at once, so that nothing waits to be written."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)


def event(name: str, body: Mapping[str, Any], identity: int | None = None) -> bytes:
    """Writes one event."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    first = "" if identity is None else f"id: {identity}\n"
    return f"{first}event: {name}\ndata: {text}\n\n".encode("utf-8", "replace")


def events(
    listener: Waiting,
    connection: Connection,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[bytes]:
    """Writes what a listener hears, until there is no more or nobody is there.

    Args:
        listener: what is heard; whoever calls closes it.
        connection: of the request.
        clock: tells the time in seconds.
    """
    yield OPENING
    sent = clock()
    while True:
        prediction, dropped = listener.take(LOOK_SECONDS)
        if listener.ended or connection.is_gone():
            return
        text = b""
        if dropped:
            text += event("dropped", {"count": dropped})
        if prediction is not None:
            text += event("prediction", prediction, prediction["sequence"])
        elif clock() - sent >= HEARTBEAT_SECONDS:
            text = HEARTBEAT
        if not text:
            continue
        limit = clock() + STALL_SECONDS
        while not connection.takes(0.2):
            if listener.ended or connection.is_gone() or clock() >= limit:
                connection.cut()
                return
        yield text
        sent = clock()
