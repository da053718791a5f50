"""What tests of the pages share: a browser with a film for a camera, and a page that is watched."""

from __future__ import annotations

import functools
import importlib.util
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright
from scenes import BLUE, CAMERA, FLAGS, RED, scene

from tools.find_browser import find

# Two files of this name are loaded: this takes the server's process from the one of tests/.
_spec = importlib.util.spec_from_file_location(
    "tests_conftest", Path(__file__).resolve().parents[1] / "conftest.py"
)
assert _spec and _spec.loader
_outer = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_outer)
ServerProcess = _outer.ServerProcess

#: Seconds that each scene of the film lasts, at 30 frames a second.
SCENE = 3
# A machine that is busy with other tests is slow, not wrong.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def ui_playwright() -> Iterator[Playwright]:
    """Playwright, once for all tests of the pages."""
    with sync_playwright() as playwright:
        yield playwright


class _Files(SimpleHTTPRequestHandler):
    """Serves static/, models/ and the harness; nothing else of the repository, and no log."""

    extensions_map = {
        **SimpleHTTPRequestHandler.extensions_map,
        ".js": "text/javascript",
        ".wasm": "application/wasm",
    }

    def do_GET(self) -> None:
        if self.path.split("?")[0].startswith(("/static/", "/models/", "/tests/browser/pages/")):
            super().do_GET()
        else:
            self.send_error(404)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="session")
def harness_port() -> Iterator[int]:
    """The port of a file server for tests of modules without the application."""
    root = Path(__file__).resolve().parents[2]
    handler = functools.partial(_Files, directory=str(root))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@contextmanager
def _starting(playwright: Playwright) -> Iterator[Callable[..., Browser]]:
    """Starts browsers with the flags given, and ends them."""
    path = find()
    assert path, "no browser: python tools/find_browser.py --install"
    started = []

    def start(*flags: str) -> Browser:
        started.append(playwright.chromium.launch(executable_path=path, args=[*FLAGS, *flags]))
        return started[-1]

    try:
        yield start
    finally:
        for browser in started:
            browser.close()


@pytest.fixture(scope="module")
def launch(ui_playwright: Playwright) -> Iterator[Callable[..., Browser]]:
    """Starts browsers with the flags given; they end with the tests of the file."""
    with _starting(ui_playwright) as start:
        yield start


@pytest.fixture(scope="session")
def ui_browser(ui_playwright: Playwright, tmp_path_factory: Any) -> Iterator[Browser]:
    """A browser whose camera shows a red disc, then a blue square, over and over."""
    film = tmp_path_factory.mktemp("camera") / "film.mjpeg"
    frames = [scene(RED, "disc")] * (30 * SCENE) + [scene(BLUE, "square")] * (30 * SCENE)
    film.write_bytes(b"".join(frames))
    with _starting(ui_playwright) as start:
        yield start(*CAMERA, f"--use-file-for-fake-video-capture={film}")


@pytest.fixture(scope="session")
def ui_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One real server for all tests of the pages; each makes projects of its own."""
    server = ServerProcess(tmp_path_factory.mktemp("ui") / "data").wait_until_ready()
    yield server
    server.kill()


@pytest.fixture
def watch(ui_server: Any) -> Iterator[Callable[..., Page]]:
    """Opens pages in contexts of their own and fails the test on what no page may do.

    A request to another origin, an error in the console (a violated policy is one) or an
    exception that nobody caught; `excuse` names parts of texts that a test provokes,
    `origin` another server than the shared one.
    """
    contexts: list[BrowserContext] = []
    wrongs: list[str] = []

    def open_page(
        browser: Browser, excuse: tuple[str, ...] = (), origin: str = "", **options: Any
    ) -> Page:
        home = origin or ui_server.url
        context = browser.new_context(base_url=home, reduced_motion="reduce", **options)
        contexts.append(context)
        context.set_default_timeout(20_000)
        page = context.new_page()

        def note(text: str) -> None:
            if not any(part in text for part in excuse):
                wrongs.append(text)

        def on_request(request: Any) -> None:
            address = urlsplit(request.url)
            if address.scheme not in ("blob", "data") and not request.url.startswith(
                (home, home.replace("http", "ws"))
            ):
                note(f"request to {request.url}")

        context.on("request", on_request)
        page.on("pageerror", lambda error: note(f"exception: {error}\n{error.stack}"))
        page.on("console", lambda m: note(f"console: {m.text}") if m.type == "error" else None)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not wrongs, "\n".join(wrongs)
