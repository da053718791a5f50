"""gunicorn's threaded worker, with deadlines for slow senders and a quick, orderly stop."""

from __future__ import annotations

import os
import selectors
import threading
import time
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

from .application import leave, stop
from .limits import HEADER_SECONDS, watchdog
from .run import STOP_SECONDS


class Worker(ThreadWorker):
    """Serves requests with threads.

    gunicorn would wait for idle connections and for open pages' WebSockets, which never end by
    themselves. This worker waits for the requests that are being answered, then leaves.
    """

    #: Reading end of a pipe whose writing end the main process holds.
    lifeline: int = -1
    application: Any = None

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self._active = 0
        self._active_lock = threading.Lock()
        self._leaving = False

    def run(self) -> None:
        """Serves until told to stop, or until the main process is gone."""

        def main_process_gone(_file: Any) -> None:
            self.poller.unregister(self.lifeline)
            self._leave()

        self.poller.register(self.lifeline, selectors.EVENT_READ, main_process_gone)
        super().run()
        self._finish()

    def handle(self, conn: Any) -> Any:
        """Serves what a connection sends, within limits of time."""
        descriptor = conn.sock.fileno()
        watchdog.watch(descriptor, HEADER_SECONDS)
        try:
            return super().handle(conn)
        finally:
            watchdog.forget(descriptor)

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Serves one request and counts it while it lasts."""
        counts = not req.path.startswith("/socket.io")
        with self._active_lock:
            self._active += counts
        try:
            return super().handle_request(req, conn)
        finally:
            with self._active_lock:
                self._active -= counts

    def handle_exit(self, sig: Any, frame: Any) -> None:
        """Answers SIGTERM."""
        self._leave()

    def handle_quit(self, sig: Any, frame: Any) -> None:
        """Answers SIGINT and SIGQUIT: requests still finish; a second one ends them."""
        self._leave()

    def _leave(self) -> None:
        if self._leaving:
            return
        self._leaving = True
        self.alive = False
        threading.Thread(target=self._finish, name="finish", daemon=True).start()

    def _finish(self) -> None:
        limit = time.monotonic() + STOP_SECONDS
        leave(self.application)
        while self._active and time.monotonic() < limit:
            time.sleep(0.01)
        stop(self.application)
        # Threads that wait on idle connections would keep the process for good.
        os._exit(0)
