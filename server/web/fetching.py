"""The one fetch of an official backbone that a server does at a time, in a child process.

Conversion needs TensorFlow, which this process must not import. The child writes JSON lines
(server/conversion/child.py); it ends itself when this process is gone, because it holds the other
end of its standard input.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ..errors import Problem
from ..settings import ROOT, Settings

_log = logging.getLogger(__name__)

#: Seconds between two events about progress; a change of state is told at once.
QUIET_SECONDS = 0.2
#: Seconds in which a cancelled child may clear up before it is killed.
PATIENCE = 1.0

RUNNING, DONE, FAILED, CANCELLED = "running", "done", "failed", "cancelled"
_PROGRESS = ("phase", "received_bytes", "total_bytes", "message")


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Fetch:
    """One fetch: the child process and what it has told.

    Args:
        name: of the backbone.
        command: starts the child.
        announce: is given the state as JSON values, now and then and after every change of state.
        clear_up: is called with the child's process id when it has ended without being done.

    Raises:
        OSError: no process could be started.
    """

    def __init__(
        self,
        name: str,
        command: list[str],
        announce: Callable[[dict[str, Any]], None],
        clear_up: Callable[[int], None],
    ):
        self._announce = announce
        self._clear_up = clear_up
        self._lock = threading.Lock()
        self._told = 0.0
        self._cancelled = False
        self._state: dict[str, Any] = {
            "name": name,
            "state": RUNNING,
            "phase": "download",
            "fraction": 0.0,
            "received_bytes": 0,
            "total_bytes": None,
            "message": "Starting",
            "problem": None,
            "started_at": _now(),
            "ended_at": None,
        }
        self._last_words: deque[str] = deque(maxlen=20)  # guarded by the lock
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
        self._listener = threading.Thread(target=self._listen, name="errors", daemon=True)
        self._follower = threading.Thread(target=self._follow, name=f"fetch {name}", daemon=True)
        self._listener.start()
        self._follower.start()

    @property
    def is_running(self) -> bool:
        """Whether it has not ended yet."""
        return self.snapshot()["state"] == RUNNING

    def snapshot(self) -> dict[str, Any]:
        """Returns the state as JSON values."""
        with self._lock:
            return dict(self._state)

    def cancel(self) -> None:
        """Ends it and waits until nothing of it is left; does nothing once it has ended."""
        with self._lock:
            if self._state["state"] == RUNNING:
                self._cancelled = True
        if self._cancelled:
            self._end_child()
        self._follower.join()

    def _end_child(self) -> None:
        with suppress(OSError):
            self._process.stdin.close()  # type: ignore[union-attr]
        if hasattr(os, "killpg"):
            self._signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(PATIENCE)
        # The group, for what the child has started; also when the child itself is gone already.
        self._signal(getattr(signal, "SIGKILL", signal.SIGTERM))

    def _signal(self, number: int) -> None:
        with suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, number)
            else:
                self._process.kill()

    def _listen(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            with self._lock:
                self._last_words.append(line)

    def _follow(self) -> None:
        """Takes in what the child tells, until it ends, and concludes in any case."""
        is_done, problem = False, None
        try:
            is_done, problem = self._take_in()
        except Exception:
            _log.exception("could not follow a fetch")
            problem = {
                "title": "The fetch was given up",
                "detail": "The server has met a fault of its own while it followed the fetch.",
                "hint": "Try again. For whoever runs the server: its terminal tells more.",
            }
            self._end_child()
        code = self._process.wait()
        self._listener.join(1)
        pipes = [self._process.stdin, self._process.stdout]
        # While something else still holds its other end, closing it would wait for that.
        pipes += [] if self._listener.is_alive() else [self._process.stderr]
        for pipe in pipes:
            with suppress(OSError):
                pipe.close()  # type: ignore[union-attr]
        self._conclude(is_done and code == 0, problem, code)

    def _tell(self) -> None:
        """Announces the state; a page that cannot be told does not end a fetch."""
        try:
            self._announce(self.snapshot())
        except Exception:
            _log.exception("could not announce a fetch")

    def _take_in(self) -> tuple[bool, dict[str, str] | None]:
        """Returns whether the child says that it is done, and the problem that it tells."""
        problem: dict[str, str] | None = None
        is_done = False
        self._tell()
        assert self._process.stdout is not None
        for line in self._process.stdout:
            try:
                event = json.loads(line)
                kind = event.pop("event")
            except (ValueError, KeyError, AttributeError, TypeError):
                continue  # cut off where the child was killed
            if kind == "progress":
                self._advance(event)
            elif kind == "failed":
                problem = event
            elif kind == "done":
                is_done = True
        return is_done, problem

    def _advance(self, event: dict[str, Any]) -> None:
        now = time.monotonic()
        with self._lock:
            is_new_phase = event["phase"] != self._state["phase"]
            self._state.update({key: event[key] for key in _PROGRESS})
            self._state["fraction"] = max(self._state["fraction"], event["fraction"])
            is_due = is_new_phase or now - self._told >= QUIET_SECONDS
            if is_due:
                self._told = now
        if is_due:
            self._tell()

    def _conclude(self, is_done: bool, problem: dict[str, str] | None, code: int) -> None:
        if not is_done:
            try:
                self._clear_up(self._process.pid)
            except Exception:
                _log.exception("could not remove what a fetch left half-made")
        if is_done:
            changes: dict[str, Any] = {"state": DONE, "fraction": 1.0, "message": "Ready to use"}
        elif self._cancelled:
            changes = {"state": CANCELLED, "message": "Cancelled; nothing was kept"}
        else:
            if problem is None:
                with self._lock:
                    words = list(self._last_words)
                _log.error("a fetch ended with %s: %s", code, "".join(words).strip())
                problem = {
                    "title": "The conversion ended unexpectedly",
                    "detail": f"Its process ended with {code}. {_last_line(words)}".strip(),
                    "hint": "Try again; on a small computer close other programs first. For"
                    " whoever runs the server: its terminal tells more.",
                }
            changes = {"state": FAILED, "message": problem["title"], "problem": problem}
        with self._lock:
            self._state.update(changes, ended_at=_now())
        self._tell()


def _last_line(words: list[str]) -> str:
    lines = [line.strip() for line in words if line.strip()]
    return lines[-1][:300] if lines else ""


class Fetches:
    """The fetches of one server: at most one runs.

    Args:
        settings: where backbones go, and the mirror.
        announce: is given each fetch whenever there is something new about it.
    """

    def __init__(self, settings: Settings, announce: Callable[[dict[str, Any]], None]):
        self._out = Path(settings.models[0]) if settings.models else ROOT / "models"
        self._mirror = settings.mirror
        self._announce = announce
        self._lock = threading.Lock()
        self._last: dict[str, Fetch] = {}
        self._stopped = False

    def get(self, name: str) -> dict[str, Any] | None:
        """Returns the latest fetch of a backbone, None if there was none."""
        fetch = self._last.get(name)
        return fetch.snapshot() if fetch else None

    def start(self, name: str, is_present: Callable[[], bool]) -> tuple[dict[str, Any], bool]:
        """Begins to fetch a backbone.

        Args:
            name: of an official backbone.
            is_present: tells whether it is here already.

        Returns:
            The fetch, and whether it was begun now; else it is running already.

        Raises:
            Problem: another one is running, it is here already, the server is stopping, or no
                process can be started.
        """
        from ..conversion.catalogue import OFFICIAL
        from ..conversion.child import half_made
        from ..conversion.folders import remove_leftovers

        def clear_up(process_id: int) -> None:
            for target in half_made(name, self._out):
                remove_leftovers(target, process_id)

        with self._lock:
            if self._stopped:
                raise Problem("unavailable", "The server is stopping.")
            running = next((n for n, fetch in self._last.items() if fetch.is_running), None)
            if running == name:
                return self._last[name].snapshot(), False
            title = OFFICIAL[name].title
            if running is not None:
                busy = OFFICIAL[running].title
                raise Problem(
                    "conflict",
                    f"{busy} is being fetched; one at a time.",
                    received=name,
                    hint=f"Wait until {busy} is here, or cancel it.",
                )
            if is_present():
                raise Problem(
                    "conflict",
                    f"{title} is here already.",
                    hint="Choose it as the eyes of a project. For whoever runs the server: to make "
                    f"it anew, run: python convert_models.py {name}",
                )
            command = [sys.executable, "-m", "server.conversion.child", name]
            command += ["--out", str(self._out)]
            command += ["--mirror", self._mirror] if self._mirror else []
            try:
                self._last[name] = Fetch(name, command, self._announce, clear_up)
            except OSError as error:
                raise Problem(
                    "unavailable",
                    f"The fetch of {title} could not be started: {error.strerror or error}.",
                    hint="Close other programs and try again. For whoever runs the server: it "
                    f"could not start {sys.executable}.",
                ) from error
            return self._last[name].snapshot(), True

    def cancel(self, name: str) -> dict[str, Any] | None:
        """Ends the fetch of a backbone; returns it as it is then, None if there was none."""
        fetch = self._last.get(name)
        if fetch is None:
            return None
        fetch.cancel()
        return fetch.snapshot()

    def stop(self) -> None:
        """Ends what is running, because the server ends."""
        with self._lock:
            self._stopped = True
            fetches = list(self._last.values())
        for fetch in fetches:
            fetch.cancel()
