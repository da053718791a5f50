"""A headless Chromium with a fake camera, and a file server for the benchmark's pages."""

import contextlib
import functools
import http.server
import io
import os
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from tools.find_browser import find

ROOT = Path(__file__).resolve().parent.parent
FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    # The peers hold every vector twice; the default heap would end them at 50,000 examples.
    "--js-flags=--max-old-space-size=8192",
]


class _Handler(http.server.SimpleHTTPRequestHandler):
    folders: dict[str, Path] = {}

    def translate_path(self, path: str) -> str:
        path = path.split("?", 1)[0].split("#", 1)[0]
        for prefix, folder in self.folders.items():
            if path.startswith(prefix):
                target = (folder / path[len(prefix) :]).resolve()
                return str(target) if target.is_relative_to(folder.resolve()) else os.devnull
        return os.devnull

    def guess_type(self, path: str) -> str:
        return (
            "text/javascript" if str(path).endswith((".js", ".mjs")) else super().guess_type(path)
        )

    def end_headers(self) -> None:
        # Isolated pages read the clock in steps of 5 microseconds, others in steps of 100.
        self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        super().end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def serving(extra: dict[str, Path] | None = None) -> Iterator[str]:
    """Serve static/, models/, the peers and `extra` folders on a free port; yield the address."""
    folders = {
        "/static/": ROOT / "static",
        "/models/": ROOT / "models",
        "/peers/": ROOT / "bench" / "peers" / "node_modules",
        "/bench/": ROOT / "bench" / "pages",
        **(extra or {}),
    }
    handler = type("Handler", (_Handler,), {"folders": folders})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(handler))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def camera_film(seconds_each: float = 0.5, count: int = 12) -> bytes:
    """Draw a 640 x 480 film for the fake camera: JPEG after JPEG, played at 30 a second."""
    import numpy as np
    from PIL import Image

    random = np.random.default_rng(0)
    film = bytearray()
    for _ in range(count):
        coarse = random.integers(0, 256, (6, 8, 3), dtype=np.uint8)
        jpeg = io.BytesIO()
        Image.fromarray(coarse).resize((640, 480), Image.Resampling.BICUBIC).save(jpeg, "JPEG")
        film += jpeg.getvalue() * max(1, round(30 * seconds_each))
    return bytes(film)


@contextlib.contextmanager
def chromium(film: bytes | None = None) -> Iterator:
    """Start Chromium with the film before its camera; yield a Playwright browser."""
    from playwright.sync_api import sync_playwright

    path = find()
    if path is None:
        raise SystemExit(
            "No Chromium, Chrome or Edge was found: python tools/find_browser.py --install"
        )
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder) / "camera.mjpeg"
        file.write_bytes(film if film is not None else camera_film())
        flags = [*FLAGS, f"--use-file-for-fake-video-capture={file}"]
        browser = playwright.chromium.launch(executable_path=str(path), args=flags)
        try:
            yield browser
        finally:
            browser.close()


def result_of(browser, address: str, timeout_s: float = 300) -> dict:
    """Open a benchmark page and return what it puts into `window.result`."""
    page = browser.new_page(permissions=["camera"])
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    try:
        page.goto(address)
        page.wait_for_function(
            "() => window.result !== undefined || window.failure !== undefined",
            timeout=timeout_s * 1000,
        )
        failure = page.evaluate("() => window.failure")
        if failure:
            raise RuntimeError(f"{address}: {failure}")
        return page.evaluate("() => window.result")
    except Exception as error:
        raise RuntimeError(f"{address}: {error}; page errors: {errors}") from error
    finally:
        page.close()
