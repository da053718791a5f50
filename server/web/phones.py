"""The line between phones and big screens: Socket.IO's namespace /phone.

A phone says what it sees, as scores of classes and never as pictures; screens of its project hear
it and tell the phone what is going on. What was said last of the game is kept for a phone that
comes back.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from flask import request
from flask_socketio import SocketIO, join_room, leave_room

from ..errors import Problem
from ..storage import PhoneStore
from ..storage.values import is_id
from .phone_pass import is_guest, phone_of

NAMESPACE = "/phone"
#: Messages of one phone in a second: three times what a fast one sends.
MOST_A_SECOND = 90
MOST_SCORES = 50
#: What a screen may say that is going on.
STATES = ("idle", "playing", "paused", "over")

_log = logging.getLogger(__name__)

SEEN = {
    "scores": f"at most {MOST_SCORES} pairs [class id, number 0 to 1]",
    "none": "number 0 to 1",
    "unknown": "true or false",
    "age_ms": "number 0 to 60000",
    "sequence": "whole number from 0",
}
SHOW = {
    "project_id": "a UUID",
    "phone_id": "a UUID, or null for all phones of the project",
    "state": " | ".join(STATES),
    "title": "text, at most 80 characters",
    "text": "text, at most 200 characters",
    "score": "number or null",
}


def refused(expected: Any) -> dict[str, Any]:
    """Makes the answer to a message that cannot be used."""
    return {"ok": False, "expected": expected}


def _number(value: Any, low: float, high: float) -> bool:
    return type(value) in (int, float) and low <= value <= high


def read_seen(data: Any) -> dict[str, Any] | None:
    """Returns the members of a message `seen`, None if it is none; see `SEEN`."""
    if not isinstance(data, dict):
        return None
    scores = data.get("scores")
    whole = type(data.get("sequence")) is int
    fits = (
        isinstance(scores, list)
        and len(scores) <= MOST_SCORES
        and all(
            isinstance(pair, list) and len(pair) == 2 and is_id(pair[0]) and _number(pair[1], 0, 1)
            for pair in scores
        )
        and _number(data.get("none"), 0, 1)
        and isinstance(data.get("unknown"), bool)
        and _number(data.get("age_ms"), 0, 60_000)
        and whole
        and 0 <= data["sequence"] < 2**53
    )
    return {name: data[name] for name in SEEN} if fits else None


def read_show(data: Any) -> dict[str, Any] | None:
    """Returns the members of a message `show`, None if it is none; see `SHOW`."""
    if not isinstance(data, dict):
        return None
    score, phone_id = data.get("score"), data.get("phone_id")
    texts = [(data.get("title", ""), 80), (data.get("text", ""), 200)]
    fits = (
        is_id(data.get("project_id"))
        and (phone_id is None or is_id(phone_id))
        and data.get("state") in STATES
        and all(isinstance(text, str) and len(text) <= most for text, most in texts)
        and (score is None or _number(score, -1e12, 1e12))
    )
    if not fits:
        return None
    return {"state": data["state"], "title": texts[0][0], "text": texts[1][0], "score": score}


@dataclass
class _Known:
    """What is kept of a phone that was here, until it is removed.

    Attributes:
        transports: all its connections, also those to other namespaces.
        shown: what a screen has told it last.
        pace: second, messages in it.
    """

    project_id: str
    transports: set[str] = field(default_factory=set)
    shown: dict[str, Any] | None = None
    pace: tuple[int, int] = (0, 0)


class PhoneLine:
    """Knows which phones and screens are there.

    Args:
        socketio: what they are connected by.
        phones: rows of phones.
        clock: tells the time in seconds.
    """

    def __init__(
        self, socketio: SocketIO, phones: PhoneStore, clock: Callable[[], float] = time.monotonic
    ):
        self._socketio = socketio
        self._phones = phones
        self._clock = clock
        self._lock = threading.Lock()
        #: phone -> its one connection that has joined
        self._joined: dict[str, str] = {}
        #: connection -> its phone
        self._sids: dict[str, dict[str, Any]] = {}
        #: connection -> project of a screen
        self._screens: dict[str, str] = {}
        self._known: dict[str, _Known] = {}

    # What the API tells and asks

    def listing(self, project_id: str) -> list[dict[str, Any]]:
        """Returns a project's phones, each with `connected`."""
        found = self._phones.of_project(project_id)
        with self._lock:
            return [{**phone, "connected": phone["id"] in self._joined} for phone in found]

    def announce(self, project_id: str) -> None:
        """Tells a project's screens which phones there are."""
        try:
            phones = self.listing(project_id)
        except Problem:  # the project was deleted
            phones = []
        self._emit("phones", {"project_id": project_id, "items": phones}, _screens_of(project_id))

    def shut_out(self, phone: Mapping[str, Any]) -> None:
        """Ends all connections of a phone that was removed."""
        with self._lock:
            known = self._known.pop(phone["id"], None)
            sid = self._joined.pop(phone["id"], None)
            self._sids.pop(sid or "", None)
        if sid is not None:
            self._emit("removed", {}, sid)
        for transport in known.transports if known else ():
            connection = self._socketio.server.eio.sockets.get(transport)
            if connection is not None:
                # Not waiting for a phone that may never ask for its last message.
                connection.close(wait=False)
        self.announce(phone["project_id"])

    def forget_project(self, project_id: str) -> None:
        """Ends the connections of the phones of a project that was deleted."""
        with self._lock:
            ids = [i for i, known in self._known.items() if known.project_id == project_id]
        for phone_id in ids:
            self.shut_out({"id": phone_id, "project_id": project_id})

    # What connections say

    def connected(self, namespace: str) -> bool:
        """Notes a connection that carries a phone's cookie; tells whether it may be one.

        The cookie was looked at when the connection began: it may have been removed since. First
        noted, then looked at again, so that a removal at this moment finds the connection.
        """
        phone = phone_of(request.environ)
        if phone is None or not is_guest(request.environ):
            return True
        self._note_transport(phone, namespace)
        if self._phones.get(phone["id"]) is not None:
            return True
        with self._lock:
            self._known.pop(phone["id"], None)
        return False

    def _note_transport(self, phone: Mapping[str, Any], namespace: str) -> None:
        transport = self._socketio.server.manager.eio_sid_from_sid(request.sid, namespace)  # type: ignore[attr-defined]
        if transport is not None:
            alive = self._socketio.server.eio.sockets
            with self._lock:
                known = self._known.setdefault(phone["id"], _Known(phone["project_id"]))
                known.transports = {t for t in known.transports if t in alive} | {transport}

    def screen(self, data: Any) -> dict[str, Any]:
        """A page of the computer wants to hear the phones of a project."""
        project_id = data.get("project_id") if isinstance(data, dict) else None
        if is_guest(request.environ):
            return refused("a page of the computer; a phone says 'join'")
        if not is_id(project_id):
            return refused({"project_id": "a UUID"})
        sid = _sid()
        with self._lock:
            before = self._screens.get(sid)
            self._screens[sid] = project_id
        if before is not None:
            leave_room(_screens_of(before), sid, NAMESPACE)
        join_room(_screens_of(project_id), sid, NAMESPACE)
        try:
            return {"ok": True, "items": self.listing(project_id)}
        except Problem:  # not saved yet: it has no phones
            return {"ok": True, "items": []}

    def join(self, _data: Any) -> dict[str, Any]:
        """A phone is there."""
        claimed = phone_of(request.environ)
        phone = claimed and self._phones.get(claimed["id"])
        if not phone:
            return refused("the cookie of a phone that was let in")
        sid = _sid()
        self._note_transport(phone, NAMESPACE)
        with self._lock:
            old = self._joined.get(phone["id"])
            self._joined[phone["id"]] = sid
            self._sids[sid] = phone
            known = self._known.get(phone["id"])
            shown = known and known.shown
            if old not in (None, sid):
                self._sids.pop(old, None)
        if old not in (None, sid):
            # The same phone anew: the old connection is a dead one, or another tab.
            self._emit("replaced", {}, old)
            with suppress(KeyError):
                self._socketio.server.disconnect(old, namespace=NAMESPACE)
        if old != sid:
            self._phones.seen(phone["id"])
            self.announce(phone["project_id"])
        if self._phones.get(phone["id"]) is None:  # removed while it came in
            self.shut_out(phone)
            return refused("the cookie of a phone that was let in")
        name = self._phones.project_name(phone["project_id"])
        return {"ok": True, "phone": phone, "project": name, "shown": shown}

    def seen(self, data: Any) -> dict[str, Any]:
        """A phone says what it sees."""
        phone = self._sids.get(_sid())
        if phone is None:
            return refused("'join' before")
        if not self._in_pace(phone["id"]):
            return refused(f"at most {MOST_A_SECOND} messages a second")
        message = read_seen(data)
        if message is None:
            return refused(SEEN)
        about = {"phone_id": phone["id"], "player": phone["player"]}
        self._emit("phone_seen", {**about, **message}, _screens_of(phone["project_id"]))
        return {"ok": True}

    def alive(self, data: Any) -> dict[str, Any]:
        """A phone that sees nothing says that it is there, and what it does: `looking` or not."""
        phone = self._sids.get(_sid())
        looking = data.get("looking") if isinstance(data, dict) else None
        if phone is None:
            return refused("'join' before")
        if not isinstance(looking, bool):
            return refused({"looking": "true or false"})
        if not self._in_pace(phone["id"]):
            return refused(f"at most {MOST_A_SECOND} messages a second")
        about = {"phone_id": phone["id"], "player": phone["player"], "looking": looking}
        self._emit("phone_alive", about, _screens_of(phone["project_id"]))
        return {"ok": True}

    def show(self, data: Any) -> dict[str, Any]:
        """A screen says what goes on."""
        message = read_show(data)
        if message is None:
            return refused(SHOW)
        if self._screens.get(_sid()) != data["project_id"]:
            return refused("'screen' with that project before")
        with self._lock:
            there = {
                phone["id"]: sid
                for sid, phone in self._sids.items()
                if phone["project_id"] == data["project_id"]
                and data.get("phone_id") in (None, phone["id"])
            }
            for phone_id in there:
                if phone_id in self._known:
                    self._known[phone_id].shown = message
        for sid in there.values():
            self._emit("show", message, sid)
        return {"ok": True, "phones": len(there)}

    def ping(self, data: Any) -> dict[str, Any]:
        """A screen asks how long the way to a phone and back takes."""
        phone_id = data.get("phone_id") if isinstance(data, dict) else None
        if not is_id(phone_id) or type(data.get("n")) is not int:
            return refused({"phone_id": "a UUID", "n": "whole number"})
        sid = self._joined.get(phone_id)
        phone = self._sids.get(sid or "")
        if phone is None or self._screens.get(_sid()) != phone["project_id"]:
            return refused("a phone of the screen's project that is connected")
        self._emit("ping", {"from": _sid(), "n": data["n"]}, sid)
        return {"ok": True}

    def pong(self, data: Any) -> dict[str, Any]:
        """A phone answers it."""
        phone = self._sids.get(_sid())
        to = data.get("to") if isinstance(data, dict) else None
        if not isinstance(to, str) or type(data.get("n")) is not int:
            return refused({"to": "what 'ping' says in 'from'", "n": "whole number"})
        if phone is None or self._screens.get(to) != phone["project_id"]:
            return refused("a screen of the phone's project")
        if not self._in_pace(phone["id"]):
            return refused(f"at most {MOST_A_SECOND} messages a second")
        self._emit("pong", {"phone_id": phone["id"], "n": data["n"]}, to)
        return {"ok": True}

    def gone(self, *_reason: Any) -> None:
        """A connection has ended."""
        sid = _sid()
        with self._lock:
            self._screens.pop(sid, None)
            phone = self._sids.pop(sid, None)
            last = phone is not None and self._joined.get(phone["id"]) == sid
            if last:
                del self._joined[phone["id"]]
        if last:
            self._phones.seen(phone["id"])
            self.announce(phone["project_id"])

    def _in_pace(self, phone_id: str) -> bool:
        second = int(self._clock())
        with self._lock:
            known = self._known.get(phone_id)
            if known is None:  # removed just now
                return False
            at, count = known.pace
            count = count + 1 if at == second else 1
            known.pace = (second, count)
        return count <= MOST_A_SECOND

    def _emit(self, event: str, message: Any, to: str) -> None:
        try:
            self._socketio.emit(event, message, to=to, namespace=NAMESPACE)
        except Exception:  # whoever is gone hears nothing; the others must
            _log.exception("could not send %s to %s", event, to)


def _sid() -> str:
    return request.sid  # type: ignore[attr-defined]


def _screens_of(project_id: str) -> str:
    return f"screens:{project_id}"


def install(socketio: SocketIO, phones: PhoneStore) -> PhoneLine:
    """Adds the namespace.

    Args:
        socketio: of the application.
        phones: rows of phones.
    """
    line = PhoneLine(socketio, phones)
    for name in ("screen", "join", "seen", "alive", "show", "ping", "pong"):
        socketio.on_event(name, _with_one_message(getattr(line, name)), namespace=NAMESPACE)
    socketio.on_event("connect", lambda *_: line.connected(NAMESPACE), namespace=NAMESPACE)
    socketio.on_event("connect", lambda *_: line.connected("/"), namespace="/")
    socketio.on_event("disconnect", line.gone, namespace=NAMESPACE)
    return line


def _with_one_message(handler: Callable[[Any], dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Lets a client send no message, or several; only the first counts."""
    return lambda *messages: handler(messages[0] if messages else None)
