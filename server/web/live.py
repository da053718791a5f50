"""Tells open pages over Socket.IO that a project has changed, or how far a fetch or a job is.

A hint: the database, or what the API answers, is the truth.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Flask, request
from flask_socketio import SocketIO, join_room, leave_room

from ..storage.values import is_id
from .phone_pass import is_guest, phone_of

_log = logging.getLogger(__name__)


def install(app: Flask) -> SocketIO:
    """Adds Socket.IO to the application.

    Who may connect is decided by the guard in front of it, which checks Host, Origin and token.
    """
    socketio = SocketIO(
        app,
        async_mode="threading",
        # The guard has compared the Origin with the Host header already, and knows about proxies.
        cors_allowed_origins="*",
        # A prediction of 50 classes whose labels are 100 characters, each escaped as 12 bytes.
        max_http_buffer_size=80_000,
        # In the order they came in; what they do is short, and a thread for each would cost more.
        async_handlers=False,
        serve_client=False,
        manage_session=False,
    )

    @socketio.on("watch")
    def _watch(data: Any) -> dict[str, Any]:
        project_id = data.get("project_id") if isinstance(data, dict) else None
        if not is_id(project_id):
            return {"ok": False, "expected": {"project_id": "a UUID"}}
        phone = phone_of(request.environ)
        if not is_guest(request.environ):
            join_room(project_id)
        elif phone is not None and phone["project_id"] == project_id:
            join_room(_guests_of(project_id))
        else:
            return {"ok": False, "expected": {"project_id": "the project of this phone"}}
        return {"ok": True}

    @socketio.on("unwatch")
    def _unwatch(data: Any) -> dict[str, Any]:
        if isinstance(data, dict) and is_id(data.get("project_id")):
            leave_room(data["project_id"])
            leave_room(_guests_of(data["project_id"]))
        return {"ok": True}

    return socketio


def _guests_of(project_id: str) -> str:
    """Names the room of phones, which hear that their project has changed but not what is done."""
    return f"guests:{project_id}"


def announce(socketio: SocketIO, project_id: str, revision: int | None) -> None:
    """Tells who watches a project its new revision, None when it was deleted."""
    try:
        body = {"id": project_id, "revision": revision}
        for room in (project_id, _guests_of(project_id)):
            socketio.emit("project_changed", body, to=room)
    except Exception:  # the change is committed, and a hint must not turn it into an error
        _log.exception("could not announce a change of %s", project_id)


def announce_fetch(socketio: SocketIO, fetch: dict[str, Any]) -> None:
    """Tells every page how far the fetch of a backbone is."""
    try:
        socketio.emit("backbone_fetch", fetch)
    except Exception:  # whoever asks is answered by the API; a hint must not end the fetch
        _log.exception("could not announce the fetch of %s", fetch["name"])


def announce_job(
    socketio: SocketIO, job: Mapping[str, Any], events: Sequence[Mapping[str, Any]]
) -> None:
    """Tells who watches a job's project how far it is and what it has told.

    Of the numbers of many epochs only the newest are told; a page that finds a gap in the
    sequence asks the API.
    """
    room = job["project_id"]
    if room is None:
        return
    newest = max((event["sequence"] for event in events if event["kind"] == "metrics"), default=0)
    try:
        for event in events:
            if event["kind"] != "metrics" or event["sequence"] == newest:
                socketio.emit("job_event", event, to=room)
        socketio.emit("job", job, to=room)
    except Exception:  # rows are the truth, and a hint must not end a job
        _log.exception("could not announce the job %s", job["id"])
