"""A server of our own for a benchmark: real process, free port, temporary folder."""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator

from bench.browser import ROOT


@contextlib.contextmanager
def server() -> Iterator[str]:
    """Start `python -m server`; yield its address once it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [sys.executable, "-m", "server", "--port", str(port)],
            cwd=ROOT,
            env={**os.environ, "SHOWTELL_DATA": folder},
            stdout=subprocess.DEVNULL,
        )
        try:
            deadline = time.monotonic() + 30
            while True:
                try:
                    urllib.request.urlopen(f"{address}/healthz", timeout=5).read()
                    break
                except OSError:  # not there yet, or too busy to answer in time
                    if process.poll() is not None or time.monotonic() > deadline:
                        raise RuntimeError("the server did not start") from None
                    time.sleep(0.02)
            yield address
        finally:
            process.terminate()
            process.wait(20)
