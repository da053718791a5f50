"""A page of the stream as far as a server can tell, for tests without a browser."""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Callable
from typing import Any

import socketio

#: Ids for where nothing is looked up.
PROJECT = "1b4e28ba-2fa1-41d2-883f-0016d3cca427"
CLASS = "3502da7f-598d-42cf-8172-ead4fb8c3aac"
SPACE = "/stream"


def prediction(project_id: str = PROJECT, **changes: Any) -> dict[str, Any]:
    """Makes a prediction as a page sends it."""
    return {
        "project_id": project_id,
        "at": "2026-01-31T09:30:00.000Z",
        "page": "teach",
        "page_id": "one",
        "label": "cup",
        "class_id": CLASS,
        "confidence": 0.9,
        "unknown": False,
        "none": 0.05,
        "scores": [{"class_id": CLASS, "label": "cup", "score": 0.9}],
        "value": None,
        "classifier": None,
        "action": None,
        "player": None,
        **changes,
    }


def new_project(server: Any, name: str = "Cups", token: str = "") -> str:
    """Makes a project on a server; returns its id."""
    body = json.dumps({"name": name, "labels": ["cup", "hand"]}).encode()
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(f"{server.url}/api/v1/projects", body, headers)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["id"]


class Page:
    """A page, or a program, at the other end of Socket.IO.

    Args:
        server: where it connects to.
        projects: it announces these.
        token: of the server, where it asks for one.

    Attributes:
        counts: how many listened, as it was told.
        heard: predictions, and the ends of streams.
    """

    def __init__(self, server: Any, *projects: str, token: str = ""):
        self.client = socketio.Client(reconnection=False)
        self.counts: list[int] = []
        self.heard: list[dict[str, Any]] = []
        self._condition = threading.Condition()
        self.client.on("listeners", lambda body: self._keep(self.counts, body["count"]), SPACE)
        self.client.on("prediction", lambda body: self._keep(self.heard, body), SPACE)
        self.client.on("ended", lambda body: self._keep(self.heard, body), SPACE)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.client.connect(server.url, headers, namespaces=[SPACE])
        for project in projects:
            assert self.call("announce", {"project_id": project}) == {"ok": True}

    def _keep(self, kept: list[Any], value: Any) -> None:
        with self._condition:
            kept.append(value)
            self._condition.notify_all()

    def call(self, name: str, body: Any) -> dict[str, Any]:
        """Sends an event and returns the answer."""
        return self.client.call(name, body, SPACE, timeout=10)

    def send(self, body: Any) -> None:
        """Sends a prediction and waits for nothing."""
        self.client.emit("prediction", body, SPACE)

    def wait(self, condition: Callable[[Page], bool]) -> None:
        """Waits until something is so of this page."""
        with self._condition:
            assert self._condition.wait_for(lambda: condition(self), 10), (self.counts, self.heard)
