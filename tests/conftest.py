"""What tests share: drawn pictures, an application, and a real server process."""

from __future__ import annotations

import io
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent


def draw(
    color: tuple[int, int, int] = (200, 60, 40),
    seed: int = 0,
    size: tuple[int, int] = (320, 240),
    format: str = "JPEG",
    **options: Any,
) -> bytes:
    """Draws a noisy disc of a colour and returns it as a picture file."""
    random = np.random.default_rng(seed)
    width, height = size
    y, x = np.mgrid[0:height, 0:width]
    pixels = random.integers(90, 150, (height, width, 3))
    cx, cy = width * random.uniform(0.35, 0.65), height * random.uniform(0.35, 0.65)
    disc = (x - cx) ** 2 + (y - cy) ** 2 < (min(size) * 0.3) ** 2
    pixels[disc] = np.clip(np.array(color) + random.integers(-20, 20, (disc.sum(), 3)), 0, 255)
    file = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(file, format, **options)
    return file.getvalue()


@pytest.fixture
def settings(tmp_path: Path):
    """Settings of a server of its own."""
    from server.settings import Settings

    return Settings({"data": tmp_path / "data"})


@pytest.fixture
def make_app() -> Iterator[Callable[..., Any]]:
    """Makes applications and closes them after the test."""
    from server import create_app
    from server.web.application import stop

    made = []

    def make(settings: Any) -> Any:
        made.append(create_app(settings))
        return made[-1]

    yield make
    for app in made:
        stop(app)


@pytest.fixture
def app(settings: Any, make_app: Callable[..., Any]) -> Any:
    """The application, with an empty data folder."""
    return make_app(settings)


def client_of(app: Any) -> Any:
    """Makes a client that reads answers to their end and closes all files, as a browser does."""
    from flask.testing import FlaskClient

    class Client(FlaskClient):
        def open(self, *args: Any, buffered: bool = True, **kwargs: Any) -> Any:
            answer = super().open(*args, buffered=buffered, **kwargs)
            answer.request.environ["wsgi.input"].close()
            return answer

    return Client(app, app.response_class)


@pytest.fixture
def client(app: Any) -> Any:
    """A client of the application, without a network between."""
    return client_of(app)


@pytest.fixture
def project(client: Any) -> dict[str, Any]:
    """A project with the classes red and blue."""
    answer = client.post("/api/v1/projects", json={"name": "Discs", "labels": ["red", "blue"]})
    assert answer.status_code == 201, answer.text
    return answer.json


@pytest.fixture
def upload(client: Any) -> Callable[..., Any]:
    """Uploads pictures: `upload(project_id, pictures, label="red")`."""

    def send(project_id: str, pictures: list[bytes], headers: Any = None, **form: Any) -> Any:
        files = [(io.BytesIO(data), f"{i}.jpg") for i, data in enumerate(pictures)]
        return client.post(
            f"/api/v1/projects/{project_id}/samples", data={**form, "file": files}, headers=headers
        )

    return send


@pytest.fixture
def taught(project: dict[str, Any], upload: Callable[..., Any]) -> dict[str, Any]:
    """A project that has learned three red and three blue discs."""
    for label, color in (("red", (210, 40, 40)), ("blue", (40, 60, 210))):
        answer = upload(project["id"], [draw(color, seed) for seed in range(3)], label=label)
        assert answer.status_code == 201, answer.text
    return project


def free_port() -> int:
    """Returns a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class ServerProcess:
    """A real `python -m server` in a process group of its own.

    Args:
        data: its data folder.
        arguments: further ones of the command line.
        environ: added to the environment.
        port: where it listens; a free one if none is named.
    """

    def __init__(
        self,
        data: Path,
        *arguments: str,
        environ: dict[str, str] | None = None,
        port: int | None = None,
    ):
        self.data = data
        self.port = port or free_port()
        is_tls = "--tls" in arguments or (environ or {}).get("SHOWTELL_TLS") == "1"
        self.url = f"{'https' if is_tls else 'http'}://127.0.0.1:{self.port}"
        self._lines: list[str] = []
        clean = {k: v for k, v in os.environ.items() if not k.startswith("SHOWTELL_")}
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-W", "error", "-m", "server"),
                *("--port", str(self.port), "--data", str(data), *arguments),
            ],
            cwd=ROOT,
            env={**clean, "PYTHONUNBUFFERED": "1", **(environ or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self._lines.extend(iter(self.process.stdout.readline, ""))

    @property
    def output(self) -> str:
        """What it has printed so far."""
        return "".join(self._lines)

    def wait_until_ready(self, seconds: float = 30) -> ServerProcess:
        """Waits until it answers; raises with its output if it does not."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                self._reader.join(5)
                raise AssertionError(
                    f"the server ended ({self.process.returncode}):\n{self.output}"
                )
            try:
                # Its own certificate is known to nobody.
                trust = ssl._create_unverified_context()
                health = f"{self.url}/healthz"
                with urllib.request.urlopen(health, timeout=5, context=trust) as answer:
                    assert answer.status == 200
                    return self
            except (OSError, urllib.error.URLError):
                time.sleep(0.01)
        raise AssertionError(f"the server did not answer in {seconds} s:\n{self.output}")

    def kill(self) -> None:
        """Kills all its processes at once, as a power cut would."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)
        self._close()

    def stop(self, sig: int = signal.SIGTERM) -> int:
        """Asks it to stop; returns its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(sig)
        try:
            status = self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        self._close()
        return status

    def _close(self) -> None:
        self._reader.join(5)
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture
def start_server(
    tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Callable[..., ServerProcess]]:
    """Starts real servers, `start_server(*arguments, data=..., environ=..., wait=True)`.

    They end with the test; their output is printed if it fails.
    """
    started: list[ServerProcess] = []

    def start(
        *arguments: str,
        data: Path | None = None,
        environ: dict[str, str] | None = None,
        wait: bool = True,
        port: int | None = None,
    ) -> ServerProcess:
        server = ServerProcess(data or tmp_path / "data", *arguments, environ=environ, port=port)
        started.append(server)
        return server.wait_until_ready() if wait else server

    yield start
    for server in started:
        server.kill()
        if getattr(request.node, "failed", False):
            print(f"--- output of the server at {server.url} ---\n{server.output}")


@pytest.fixture
def server(start_server: Callable[..., ServerProcess]) -> ServerProcess:
    """A real server that answers."""
    return start_server()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Remembers whether a test has failed, for fixtures that then tell more."""
    outcome: Any = yield
    if outcome.get_result().failed:
        item.failed = True  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def job_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A real server that many tests share, because its workers take seconds to start."""
    server = ServerProcess(tmp_path_factory.mktemp("jobs") / "data", "--workers", "2")
    try:
        yield server.wait_until_ready()
    finally:
        server.kill()


@pytest.fixture(scope="session")
def discs(job_server: ServerProcess) -> str:
    """The id of a project on that server: red and blue discs; nobody changes it."""
    from tests.job_servers import teach

    return teach(job_server)
