"""The stream over Socket.IO: the namespace /stream, where pages tell and programs listen."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

from flask import request
from flask_socketio import SocketIO, join_room, leave_room

from ..errors import Problem
from ..storage.values import is_id
from .phone_pass import is_guest
from .stream import MOST_WAITING, Hub
from .stream_predictions import checked, shortened

_log = logging.getLogger(__name__)

NAMESPACE = "/stream"

#: Projects that one connection may announce or listen to.
MOST_OF_ONE = 100


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
                received=shortened(project_id),
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
                    received=shortened(project_id),
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
