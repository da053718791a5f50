"""Calls the address that belongs to a class: one POST, within seconds, wherever it leads."""

from __future__ import annotations

import http.client
import json
import queue
import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlsplit

from .. import __version__
from ..errors import Problem

#: From looking up the name to the status line of the answer.
MOST_SECONDS = 3.0
#: Calls of one hook in a second.
MOST_A_SECOND = 10
#: Calls under way: of one hook, and of all. Each holds one of the server's threads.
MOST_OF_ONE = 2
MOST_OF_ALL = 8

#: Bytes that an answer may send before its status is known.
_MOST_BYTES = 4096
#: Looking up a name cannot be cut short; those that are left behind end by themselves.
_look_ups = threading.BoundedSemaphore(2 * MOST_OF_ALL)


class Pace:
    """Says when a hook is called too often. Threads may share it.

    Args:
        clock: tells the time in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._lock = threading.Lock()
        self._begun: dict[Any, deque[float]] = {}
        self._under_way: dict[Any, int] = {}

    @contextmanager
    def call(self, key: Any) -> Iterator[None]:
        """Counts one call of a hook while it lasts.

        Raises:
            Problem: there were too many in the last second, or too many last.
        """
        with self._lock:
            now = self._clock()
            for other in [k for k, times in self._begun.items() if now - times[-1] >= 1]:
                del self._begun[other]
            times = self._begun.get(key, deque())
            while times and now - times[0] >= 1:
                times.popleft()
            if len(times) >= MOST_A_SECOND:
                raise _too_many(f"{MOST_A_SECOND} calls of this hook in a second are the most.")
            if self._under_way.get(key, 0) >= MOST_OF_ONE:
                raise _too_many("The address has not answered the calls before this one yet.")
            if sum(self._under_way.values()) >= MOST_OF_ALL:
                raise _too_many(f"{MOST_OF_ALL} hooks are being called already.")
            times.append(now)
            self._begun[key] = times
            self._under_way[key] = self._under_way.get(key, 0) + 1
        try:
            yield
        finally:
            with self._lock:
                self._under_way[key] -= 1
                if not self._under_way[key]:
                    del self._under_way[key]


def _too_many(detail: str) -> Problem:
    return Problem(
        "too-many",
        detail,
        hint="Call it when the class changes, not for every picture.",
        headers={"Retry-After": "1"},
    )


def post(
    url: str, body: Mapping[str, Any], seconds: float = MOST_SECONDS
) -> tuple[int, float, str | None]:
    """Sends JSON to an address and waits for the status of its answer; the rest is not read.

    Redirects are not followed, proxies of the environment not used.

    Args:
        url: as `storage.hooks.clean_url` returns it.
        body: JSON values.
        seconds: how long it may take altogether.

    Returns:
        The status, the milliseconds it took, and where it redirects to.

    Raises:
        Problem: it cannot be reached, or has not answered in time, or not with HTTP.
    """
    parts = urlsplit(url)
    started = time.monotonic()
    deadline = started + seconds
    is_secure = parts.scheme.lower() == "https"
    host = (parts.hostname or "").encode("idna").decode()
    # Always with its port: http.client would take the last part of an IPv6 address for one.
    port = parts.port or (443 if is_secure else 80)
    connection: http.client.HTTPConnection | None = None
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~")
    query = quote(parts.query, safe="/%:@!$&'()*+,;=~?[]")
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"Show-and-Tell/{__version__}",
        "Connection": "close",
    }
    data = json.dumps(body, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
    try:
        make = http.client.HTTPSConnection if is_secure else http.client.HTTPConnection
        connection = make(host, port)
        connection.sock = _connect(host, port, deadline)
        if is_secure:
            context = ssl.create_default_context()
            connection.sock.settimeout(_left(deadline))
            connection.sock = context.wrap_socket(connection.sock, server_hostname=host)
        connection.sock.settimeout(_left(deadline))
        connection.request("POST", f"{path}?{query}" if query else path, data, headers)
        status, location = _read_status(connection.sock, deadline)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _failed(url, error, seconds) from None
    finally:
        if connection is not None:
            connection.close()
    return status, (time.monotonic() - started) * 1000, location


def _connect(host: str, port: int, deadline: float) -> socket.socket:
    """Connects to the first address of a computer that answers, each given its share of the time.

    Raises:
        OSError: none does, or there is no such name.
    """
    addresses = _look_up(host, port, _left(deadline))
    for number, (family, kind, protocol, _, address) in enumerate(addresses, 1):
        connection = socket.socket(family, kind, protocol)
        try:
            connection.settimeout(_left(deadline) / (len(addresses) - number + 1))
            connection.connect(address)
            return connection
        except OSError:
            connection.close()
            if number == len(addresses):
                raise
    raise socket.gaierror(socket.EAI_NONAME, "no address")


def _look_up(host: str, port: int, seconds: float) -> list[Any]:
    """Looks a name up as `socket.getaddrinfo` does, but waits no longer than it may."""
    found: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def look() -> None:
        try:
            found.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, ValueError) as error:
            found.put(error)
        finally:
            _look_ups.release()

    if not _look_ups.acquire(timeout=seconds):
        raise TimeoutError
    threading.Thread(target=look, name="look-up", daemon=True).start()
    try:
        result = found.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(result, Exception):
        raise result
    return result


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _read_status(connection: Any, deadline: float) -> tuple[int, str | None]:
    """Reads the head of an answer, or what of it says enough, however slowly it drips.

    Raises:
        ValueError: it is no HTTP.
        OSError: it does not come.
    """
    received = b""
    # A status line ends it but for redirects, whose address is wanted. Small devices end lines with
    # "\n" alone, and some never end their answer.
    while b"\n\n" not in received and len(received) < _MOST_BYTES:
        if b"\n" in received and received[9:10] not in (b"1", b"3"):
            break
        connection.settimeout(_left(deadline))
        part = connection.recv(_MOST_BYTES)
        if not part:
            break
        received = (received + part).replace(b"\r\n", b"\n")
        while received.startswith(b"HTTP/1.1 1") and b"\n\n" in received:  # the answer is to come
            received = received.partition(b"\n\n")[2]
    head, *fields = received.partition(b"\n\n")[0].decode("latin-1").split("\n")
    words = head.rstrip("\r").split(" ", 2)
    if len(words) < 2 or not words[0].startswith("HTTP/1.") or not _is_status(words[1]):
        raise ValueError("it answered with something that is not HTTP" if received else
                         "it closed the connection without an answer")  # fmt: skip
    named = (field.partition(":") for field in fields)
    locations = [value.strip() for name, _, value in named if name.lower() == "location"]
    return int(words[1]), locations[0] if locations else None


def _is_status(text: str) -> bool:
    return len(text) == 3 and text.isdecimal() and text[0] in "12345"


def _failed(url: str, error: Exception, seconds: float) -> Problem:
    """Says in words why an address could not be told."""
    hint = "Look whether the device is switched on and the address is right."
    if isinstance(error, TimeoutError):
        what = f"It did not answer within {seconds:g} seconds."
    elif isinstance(error, socket.gaierror):
        what, hint = "There is no computer of that name.", "Check the name in the address."
    elif isinstance(error, ConnectionRefusedError):
        what = "The computer is there, but nothing listens at that port."
    elif isinstance(error, ssl.SSLError):
        what = f"No secure connection came about: {error.reason or error}."
        hint = "Use http:// where the device has no certificate that this computer trusts."
    elif isinstance(error, OSError):
        what = f"It cannot be reached: {error.strerror or error}."
    else:
        what = f"This is no web server: {error}."
    return Problem("hook-failed", what, received=url, hint=hint)


def fire(url: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Tells an address what was seen.

    Args:
        url: as `storage.hooks.clean_url` returns it.
        body: JSON values.

    Returns:
        `status` of its answer and `ms`, how long it took.

    Raises:
        Problem: it was not told, or answers that it cannot use it.
    """
    status, ms, location = post(url, body)
    # 303 means that it was done, and that there is a page about it.
    if 200 <= status < 300 or status == 303:
        return {"status": status, "ms": round(ms, 1)}
    if 300 <= status < 400:
        hint = "Redirects are not followed: give the address itself."
        what = f"It sends on to {location[:200]!r}" if location else "It sends on to elsewhere"
    else:
        hint = "Look what the device wants: the address may be wrong, or want another request."
        what = f"It answered {status} {http.client.responses.get(status, '')}".rstrip()
    raise Problem("hook-failed", f"{what}.", received=status, hint=hint)
