"""Serves the application: gunicorn with threads, or Werkzeug where there is no gunicorn (Windows).

One process serves all requests with many threads: Socket.IO keeps its connections in memory, and
each open page holds a thread. Flask-SocketIO's documentation asks for exactly one worker process.
"""

from __future__ import annotations

import dataclasses
import logging
import os
import secrets
import socket
import sys
from pathlib import Path
from typing import Any

from ..settings import ROOT, Settings

#: Seconds that requests have to finish after the server was told to stop.
STOP_SECONDS = 5


def serve(settings: Settings, bound: socket.socket) -> int:
    """Serves until it is told to stop.

    Args:
        settings: how.
        bound: a listening socket.

    Returns:
        The exit status.
    """
    logging.basicConfig(
        level=settings.log_level.upper(), format="%(levelname)s %(name)s: %(message)s"
    )
    settings = with_token(settings)
    files = None
    if settings.scheme == "https":
        from .tls import certificate

        files = certificate(settings)

    from .. import create_app

    app = create_app(settings)
    _hints(settings)
    if os.name == "posix":
        return _serve_with_gunicorn(app, settings, bound, files)
    return serve_with_werkzeug(app, settings, bound, files)


def with_token(settings: Settings) -> Settings:
    """Adds an access token where the network can reach the server and none was set.

    A token that is made here is kept in the data folder, so that devices stay signed in over a
    restart. Delete the file for a new one.
    """
    if settings.token or settings.loopback:
        return settings
    path = settings.data / "token"
    try:
        token = path.read_text().strip()
    except FileNotFoundError:
        token = ""
    if len(token) < 16:
        token = secrets.token_urlsafe(24)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(token + "\n")
    return dataclasses.replace(settings, values={**settings.values, "token": token})


def address(settings: Settings) -> str:
    """Returns the address to open in a browser, with the token where there is one."""
    host = settings.host.strip("[]")
    if host in ("0.0.0.0", "::"):
        from .tls import addresses

        host = next(iter(addresses()), "127.0.0.1")
    shown = f"[{host}]" if ":" in host else host
    query = f"?token={settings.token}" if settings.token else ""
    return f"{settings.scheme}://{shown}:{settings.port}/{query}"


def _announce(settings: Settings) -> None:
    print(f"Show & Tell is at {address(settings)}", flush=True)


def _hints(settings: Settings) -> None:
    if not settings.loopback and settings.scheme == "http":
        print(
            "Browsers give other devices no camera without HTTPS; start with --tls for that.",
            file=sys.stderr,
        )
    if not (ROOT / "static" / "vendor" / "lit.js").is_file():
        print(
            "The pages need packages that are not bundled yet; 'make run' does that once.",
            file=sys.stderr,
        )


def _serve_with_gunicorn(
    app: Any, settings: Settings, bound: socket.socket, files: tuple[Path, Path] | None
) -> int:
    from gunicorn.app.base import BaseApplication
    from gunicorn.sock import TCP6Socket, TCPSocket

    from .application import start
    from .worker import Worker

    # Its reading end reports the end of the main process, however that came.
    lifeline = os.pipe()

    def after_fork(server: Any, worker: Any) -> None:
        os.close(lifeline[1])
        worker.lifeline = lifeline[0]
        worker.application = app

    def hand_over(server: Any) -> None:
        kind = TCP6Socket if bound.family == socket.AF_INET6 else TCPSocket
        name = bound.getsockname()
        server.LISTENERS = [kind(name, server.cfg, server.log, fd=bound.detach())]

    options = {
        "bind": f"{settings.host}:{settings.port}",
        "on_starting": hand_over,
        "workers": 1,
        "worker_class": Worker,
        "threads": settings.threads,
        # Load before forking: a fault is told once, and a new worker is there at once.
        "preload_app": True,
        "keepalive": 30,
        "timeout": 120,
        "graceful_timeout": STOP_SECONDS + 2,
        "loglevel": settings.log_level,
        "accesslog": None,
        "control_socket_disable": True,
        "proc_name": "show-and-tell",
        "when_ready": lambda server: _announce(settings),
        "post_fork": after_fork,
        "post_worker_init": lambda worker: start(app),
    }
    if Path("/dev/shm").is_dir():  # the heartbeat must not wait for a disk
        options["worker_tmp_dir"] = "/dev/shm"
    if files:
        options["certfile"], options["keyfile"] = map(str, files)

    class Server(BaseApplication):
        def load_config(self) -> None:
            for name, value in options.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            return app

    try:
        Server().run()
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0
    return 0


def serve_with_werkzeug(
    app: Any, settings: Settings, bound: socket.socket, files: tuple[Path, Path] | None
) -> int:
    """Serves with Werkzeug's threads, for systems that have no gunicorn; see docs/settings.md."""
    from werkzeug.serving import make_server

    from .application import start, stop

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server(
        settings.host,
        settings.port,
        app,
        threaded=True,
        ssl_context=tuple(map(str, files)) if files else None,
        fd=bound.fileno(),
    )
    server.daemon_threads = True
    start(app)
    _announce(settings)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        stop(app)
        server.server_close()
    return 0
