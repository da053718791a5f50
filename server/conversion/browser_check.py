"""Run a TF.js graph model in a headless browser and bring its outputs back.

A server on the loopback address serves three things below a secret path: the third-party bundle,
the candidate's folder and the pictures as raw float32. The page posts what the model gave.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np

from .errors import ConversionError

TIMEOUT_SECONDS = 180
REMOVAL_SECONDS = 2
LARGEST_ANSWER = 64_000_000
FLAGS = (
    "--headless",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)
TYPES = {
    ".js": "text/javascript",
    ".json": "application/json",
    ".wasm": "application/wasm",
    ".html": "text/html; charset=utf-8",
}
PAGE = Path(__file__).with_name("browser_check.html")


class _Handler(BaseHTTPRequestHandler):
    """Serve the page's files and take its answer."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *args, folders, blobs, prefix, answered, answer, **kwargs):
        self.folders, self.blobs, self.prefix = folders, blobs, prefix
        self.answered, self.answer = answered, answer
        super().__init__(*args, **kwargs)

    def log_message(self, *_args) -> None:
        """Say nothing: the page's own report is the log."""

    def _send(self, status: HTTPStatus, body: bytes = b"", kind: str = "text/plain") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        if not self.path.startswith(self.prefix):
            return self._send(HTTPStatus.NOT_FOUND)
        name = self.path[len(self.prefix) :].split("?")[0]
        if name in self.blobs:
            return self._send(HTTPStatus.OK, self.blobs[name], TYPES.get(Path(name).suffix, ""))
        folder, _, file = name.partition("/")
        path = self.folders.get(folder, Path()) / file
        if folder not in self.folders or "/" in file or ".." in file or not path.is_file():
            return self._send(HTTPStatus.NOT_FOUND)
        kind = TYPES.get(path.suffix, "application/octet-stream")
        return self._send(HTTPStatus.OK, path.read_bytes(), kind)

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if self.path != f"{self.prefix}answer" or not 0 < length <= LARGEST_ANSWER:
            return self._send(HTTPStatus.NOT_FOUND)
        self.answer.append(self.rfile.read(length))
        self._send(HTTPStatus.NO_CONTENT)
        self.answered.set()
        return None


class _Server(ThreadingHTTPServer):
    """A server that takes no offence when the browser is ended in mid-sentence."""

    daemon_threads = True

    def handle_error(self, *_args) -> None:
        """Say nothing: what matters is whether the answer came."""


def run_tfjs(
    folder: Path,
    pictures: np.ndarray,
    *,
    browser: str,
    vendor: Path,
    timeout: float = TIMEOUT_SECONDS,
    own_session: bool = True,
    profile: Path | None = None,
) -> tuple[dict[str, np.ndarray], dict]:
    """Run the graph model of a folder on pictures in a headless browser.

    Args:
        folder: has `model.json` and its shards.
        pictures: float32 `[n, S, S, 3]` in -1..1.
        browser: path of Chromium, Chrome or Edge.
        vendor: `static/vendor`, where `tf.js` and `tf-wasm.js` lie.
        timeout: seconds until it is given up.
        own_session: whether the browser gets a session of its own, so that all its processes can
            be ended; False keeps it in the caller's process group, which the caller's own end is
            then the end of.
        profile: a folder to make for the browser and to remove again; None, or one that cannot be
            made: one of any name.

    Returns:
        The outputs `[n, D]` by name, and `{"backend", "ms", "version"}`.

    Raises:
        ConversionError: the browser did not start, did not answer, or the page failed.
    """
    prefix = f"/{secrets.token_urlsafe(16)}/"
    settings = {"shape": list(pictures.shape)}
    blobs = {
        "page.html": PAGE.read_bytes(),
        "settings.json": json.dumps(settings).encode(),
        "pictures.bin": np.ascontiguousarray(pictures, dtype="<f4").tobytes(),
    }
    answered, answer = threading.Event(), []
    handler = functools.partial(
        _Handler,
        folders={"vendor": vendor, "candidate": folder},
        blobs=blobs,
        prefix=prefix,
        answered=answered,
        answer=answer,
    )
    server = _Server(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        url = f"http://127.0.0.1:{server.server_address[1]}{prefix}page.html"
        _open(browser, url, answered, timeout, own_session, profile)
    finally:
        server.shutdown()
        server.server_close()
    return _read(answer[0], len(pictures))


def _open(
    browser: str,
    url: str,
    answered: threading.Event,
    timeout: float,
    own_session: bool,
    profile: Path | None,
) -> None:
    """Start the browser, wait for the answer, and end the browser with all its children."""
    profile = _make(profile)
    # Chromium's sandbox cannot start as root or in most containers; the page is our own.
    sandbox = ("--no-sandbox",) if sys.platform.startswith("linux") else ()
    command = [browser, *FLAGS, *sandbox, f"--user-data-dir={profile}", url]
    log = profile / "show-and-tell.log"
    try:
        with log.open("wb") as output:
            try:
                process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=own_session,
                )
            except OSError as error:
                raise ConversionError(
                    f"The browser {browser} could not be started: {error}."
                ) from None
            try:
                _wait(process, answered, timeout, browser, log)
            finally:
                _end(process, own_session)
    finally:
        _remove(profile)


def _make(profile: Path | None) -> Path:
    if profile is not None:
        with contextlib.suppress(OSError):  # somebody else's, of the same name
            profile.mkdir(0o700)
            return profile
    return Path(tempfile.mkdtemp(prefix="show-and-tell-"))


def _remove(profile: Path) -> None:
    """Remove the profile, in which helpers of the ended browser may still write for a moment."""
    deadline = time.monotonic() + REMOVAL_SECONDS
    while profile.exists():
        shutil.rmtree(profile, ignore_errors=True)
        if time.monotonic() > deadline:
            return
        time.sleep(0.01)


def _wait(process, answered, timeout: float, browser: str, log: Path) -> None:
    waited = 0.0
    while not answered.wait(0.25):
        waited += 0.25
        if process.poll() is not None and not answered.wait(1):
            raise ConversionError(
                f"The browser {browser} ended with {process.returncode} before it had run the "
                f"model. Its last words: {_tail(log)}"
            )
        if waited >= timeout:
            raise ConversionError(
                f"The browser {browser} gave no answer within {timeout:g} s. Its last words: "
                f"{_tail(log)}"
            )


def _end(process: subprocess.Popen, own_session: bool) -> None:
    """End the browser's whole process group, politely first; without one, its first process."""
    kill_group = getattr(os, "killpg", None) if own_session else None
    for number in (signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)):
        try:
            if kill_group:
                kill_group(process.pid, number)
            else:
                process.send_signal(number)
            process.wait(timeout=5)
            return
        except subprocess.TimeoutExpired:
            continue
        except ProcessLookupError:
            process.wait()
            return


def _tail(log: Path) -> str:
    text = log.read_text(errors="replace").strip()
    return text[-400:] or "none"


def _read(answer: bytes, count: int) -> tuple[dict[str, np.ndarray], dict]:
    document = json.loads(answer)
    if "error" in document:
        # The lines below the first are a stack of minified names.
        reason = str(document["error"]).partition("\n")[0]
        raise ConversionError(f"TF.js could not run the model: {reason}")
    outputs = {
        name: np.asarray(values, np.float32).reshape(count, -1)
        for name, values in document["outputs"].items()
    }
    return outputs, {key: document[key] for key in ("backend", "ms", "version")}
