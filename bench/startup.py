"""Seconds from `python -m server` to its first page, on an empty data folder and on a used one."""

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

from bench.browser import ROOT
from bench.table import show


def run(rounds: int = 5) -> None:
    """Print the time to the first page: cold (database made), and warm (database found)."""
    cold, warm = [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            cold.append(first_page(folder))
            warm.append(first_page(folder))
    rows = [
        [name, min(values), statistics.median(values), max(values)]
        for name, values in (("empty data folder", cold), ("existing project data", warm))
    ]
    show("python -m server to the first page, s", ["", "min", "median", "max"], rows)


def first_page(folder: str) -> float:
    """Start the server, ask for / until it answers, stop it; return the seconds that took."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "server", "--port", str(port)],
        cwd=ROOT,
        env={**os.environ, "SHOWTELL_DATA": folder},
        stdout=subprocess.DEVNULL,
    )
    try:
        while process.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
                    answer.read()
                return time.perf_counter() - started
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.005)
        raise RuntimeError(f"the server ended with {process.returncode} before its first page")
    finally:
        process.terminate()
        process.wait(20)
