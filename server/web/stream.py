"""What open pages see, told to programs that listen: the hub between both, and its Socket.IO side.

A page announces a project and hears how many listen to it; it tells what it sees only while
somebody does. Nothing is kept: who comes later hears what is seen from then on.
"""

from __future__ import annotations

import logging
import math
import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from flask import request
from flask_socketio import SocketIO, join_room, leave_room

from ..errors import Problem
from ..storage.values import MAX_LABEL, is_id, iso, parse_time
from .phone_pass import is_guest

_log = logging.getLogger(__name__)

NAMESPACE = "/stream"

#: Listeners over HTTP at a time; each holds one of the server's threads.
MOST_STREAMS = 16
#: Predictions that wait for one slow listener; then the oldest go.
MOST_WAITING = 64
#: Scores in a prediction, the best ones.
MOST_SCORES = 50
#: Projects that one connection may announce or listen to.
MOST_OF_ONE = 100


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


# What pages send


def _text(longest: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and 0 < len(value) <= longest


def _optional(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or check(value)


def _is_number(value: Any) -> bool:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_number and math.isfinite(value)


def _is_share(value: Any) -> bool:
    return _is_number(value) and 0 <= value <= 1


def _is_player(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 8


def _is_time(value: Any) -> bool:
    if not isinstance(value, str) or len(value) > 40:
        return False
    try:
        parse_time(value)
    except Problem:
        return False
    return True


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


#: The members of a score: how each is checked, and what was expected.
SCORE: dict[str, tuple[Callable[[Any], bool], str]] = {
    "class_id": (is_id, "a UUID"),
    "label": (_text(MAX_LABEL), f"1 to {MAX_LABEL} characters"),
    "score": (_is_share, "a number from 0 to 1"),
}


def _are_scores(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= MOST_SCORES
        and all(
            isinstance(score, dict)
            and score.keys() == SCORE.keys()
            and all(check(score[name]) for name, (check, _) in SCORE.items())
            for score in value
        )
    )


#: The members of a prediction: how each is checked, and what was expected. Those that may be null
#: may be left out.
PREDICTION: dict[str, tuple[Callable[[Any], bool], str]] = {
    "at": (_is_time, "a time such as 2026-01-31T09:30:00.000Z"),
    "page": (_text(20), "the name of a page, at most 20 characters"),
    "page_id": (_text(40), "at most 40 characters that tell the page from others"),
    "label": (_optional(_text(MAX_LABEL)), f"1 to {MAX_LABEL} characters, or null"),
    "class_id": (_optional(is_id), "a UUID or null"),
    "confidence": (_optional(_is_share), "a number from 0 to 1, or null"),
    "unknown": (_is_flag, "true or false"),
    "none": (_is_share, "a number from 0 to 1"),
    "scores": (_are_scores, f"at most {MOST_SCORES} of {{class_id, label, score}}"),
    "value": (_optional(_is_number), "a number or null"),
    "classifier": (_optional(is_id), "a UUID or null"),
    "action": (_optional(_text(20)), "at most 20 characters, or null"),
    "player": (_optional(_is_player), "1 to 8, or null"),
}


def checked(data: Any) -> dict[str, Any]:
    """Checks a prediction that a page sends.

    Args:
        data: what came.

    Returns:
        It, with every member of `PREDICTION`, in their order; times in one form.

    Raises:
        Problem: it is none; names the first member that is not as expected.
    """
    if not isinstance(data, dict):
        raise Problem("invalid", "This is no prediction.", expected="an object")
    known = {"project_id", *PREDICTION}
    for name in data:
        if name not in known:
            raise Problem(
                "invalid",
                "A prediction has no such member.",
                received=f"{name}"[:40],
                expected=[*known],
            )
    if not is_id(data.get("project_id")):
        raise Problem(
            "invalid",
            "The member project_id is not as expected.",
            received=_short(data.get("project_id")),
            expected="a UUID",
        )
    result = {"project_id": data["project_id"]}
    for name, (check, expected) in PREDICTION.items():
        value = data.get(name)
        if not check(value):
            raise Problem(
                "invalid",
                f"The member {name} is not as expected.",
                received=_short(value),
                expected=expected,
            )
        result[name] = value
    result["at"] = iso(parse_time(result["at"]))
    return result


def _short(value: Any) -> Any:
    """Returns a value that may be shown: a large one is not sent back whole."""
    text = f"{value!r}"
    return value if len(text) <= 100 else f"{text[:100]}…"


# Socket.IO


class _Connected:
    """A listener at the other end of a Socket.IO connection.

    Args:
        socketio: sends.
        sid: of the connection.
        project_id: what it listens to.
    """

    def __init__(self, socketio: SocketIO, sid: str, project_id: str):
        self._socketio = socketio
        self._sid = sid
        self._project_id = project_id
        self._dropped = 0

    def _emit(self, event: str, body: Any) -> None:
        try:
            self._socketio.emit(event, body, to=self._sid, namespace=NAMESPACE)
        except Exception:  # who goes away just now must not take it from the others
            _log.exception("could not send to a listener of %s", self._project_id)

    def put(self, prediction: Mapping[str, Any]) -> None:
        """Sends a prediction, unless the connection has too many to send already."""
        if self._waiting() >= MOST_WAITING:
            self._dropped += 1
            return
        if self._dropped:
            self._emit("dropped", {"project_id": self._project_id, "count": self._dropped})
            self._dropped = 0
        self._emit("prediction", prediction)

    def end(self) -> None:
        """Says that there will be no more."""
        self._emit("ended", {"project_id": self._project_id})

    def _waiting(self) -> int:
        """Returns how many messages this connection has not sent yet."""
        server: Any = self._socketio.server
        socket = server.eio.sockets.get(server.manager.eio_sid_from_sid(self._sid, NAMESPACE))
        return socket.queue.qsize() if socket is not None else 0


class Lines:
    """The Socket.IO side: pages that announce, programs that listen.

    Args:
        socketio: the server's.
        hub: passes on.
        exists: tells whether there is a project; raises a `Problem` where not.
    """

    def __init__(self, socketio: SocketIO, hub: Hub, exists: Callable[[str], Any]):
        self._socketio = socketio
        self._hub = hub
        self._exists = exists
        self._announced: dict[str, set[str]] = {}
        self._listening: dict[str, dict[str, _Connected]] = {}
        self._lock = threading.Lock()

    def announce(self, project_id: str) -> dict[str, Any]:
        """A page shows a project; it may be one that is not saved yet."""
        with self._lock:
            mine = self._announced.setdefault(_sid(), set())
            if len(mine) >= MOST_OF_ONE and project_id not in mine:
                raise _too_many()
            mine.add(project_id)
        join_room(project_id)
        self._hub.tell(project_id)  # not in the answer, which could come after a newer count
        return {}

    def withdraw(self, project_id: str) -> dict[str, Any]:
        """A page shows a project no more."""
        with self._lock:
            self._announced.get(_sid(), set()).discard(project_id)
        leave_room(project_id)
        return {}

    def predict(self, data: Any) -> dict[str, Any]:
        """A page has seen something."""
        project_id = data.get("project_id") if isinstance(data, dict) else None
        if not is_id(project_id) or project_id not in self._announced.get(_sid(), ()):
            raise Problem(
                "conflict",
                "This connection has not announced the project.",
                received=_short(project_id),
                hint="Send announce with its project_id first, and again after every connect.",
            )
        return {"count": self._hub.publish(checked(data))}

    def listen(self, project_id: str) -> dict[str, Any]:
        """A program wants to hear of a project."""
        self._exists(project_id)
        sid = _sid()
        with self._lock:
            mine = self._listening.setdefault(sid, {})
            if len(mine) >= MOST_OF_ONE and project_id not in mine:
                raise _too_many()
            if project_id not in mine:
                mine[project_id] = _Connected(self._socketio, sid, project_id)
            listener = mine[project_id]
        self._hub.join(project_id, listener)
        if not self._socketio.server.manager.is_connected(sid, NAMESPACE):  # type: ignore
            self.disconnect()  # it went meanwhile, and nobody would take it off the list
        return {}

    def unlisten(self, project_id: str) -> dict[str, Any]:
        """A program has heard enough of a project."""
        with self._lock:
            listener = self._listening.get(_sid(), {}).pop(project_id, None)
        if listener is not None:
            self._hub.leave(project_id, listener)
        return {}

    def disconnect(self, *_: Any) -> None:
        """A connection has gone, and all that it wanted."""
        with self._lock:
            self._announced.pop(_sid(), None)
            mine = self._listening.pop(_sid(), {})
        for project_id, listener in mine.items():
            self._hub.leave(project_id, listener)


def _sid() -> str:
    return request.sid  # type: ignore[attr-defined]


def _too_many() -> Problem:
    return Problem("too-large", "Too many for one connection.", expected=f"at most {MOST_OF_ONE}")


def install(socketio: SocketIO, exists: Callable[[str], Any]) -> Hub:
    """Adds the namespace /stream to Socket.IO.

    Every event is answered with `{"ok": true, ...}`, or with `{"ok": false, "problem": ...}`.

    Args:
        socketio: the server's.
        exists: raises a `Problem` where there is no such project.

    Returns:
        The hub behind it.
    """

    def tell(project_id: str, count: int) -> None:
        body = {"project_id": project_id, "count": count}
        socketio.emit("listeners", body, to=project_id, namespace=NAMESPACE)

    hub = Hub(tell)
    lines = Lines(socketio, hub, exists)

    def answering(handle: Callable[[Any], dict[str, Any]]) -> Callable[..., dict[str, Any]]:
        def answer(data: Any = None, *_: Any) -> dict[str, Any]:
            try:
                return {"ok": True, **handle(data)}
            except Problem as problem:
                return {"ok": False, "problem": problem.as_dict()}

        return answer

    def of_project(handle: Callable[[str], dict[str, Any]]) -> Callable[..., dict[str, Any]]:
        def named(data: Any) -> dict[str, Any]:
            project_id = data.get("project_id") if isinstance(data, dict) else None
            if not is_id(project_id):
                raise Problem(
                    "invalid",
                    "This names no project.",
                    received=_short(project_id),
                    expected={"project_id": "a UUID"},
                )
            return handle(project_id)

        return answering(named)

    for event, handle in (
        ("announce", lines.announce),
        ("withdraw", lines.withdraw),
        ("listen", lines.listen),
        ("unlisten", lines.unlisten),
    ):
        socketio.on_event(event, of_project(handle), namespace=NAMESPACE)
    socketio.on_event("prediction", answering(lines.predict), namespace=NAMESPACE)
    # What a phone sees goes to its screen; what pages see, and what they are told, is not for it.
    socketio.on_event("connect", lambda *_: not is_guest(request.environ), namespace=NAMESPACE)
    socketio.on_event("disconnect", lines.disconnect, namespace=NAMESPACE)
    return hub
