"""Commands for tests: run here or in a process of their own, on drawn pictures."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from server.__main__ import main
from tests.conftest import draw

ROOT = Path(__file__).resolve().parent.parent
COLORS = {"red": (210, 40, 40), "blue": (40, 60, 210), "green": (40, 190, 60)}


def class_folders(folder: Path, each: int = 14, labels: tuple[str, ...] = ("blue", "red")) -> Path:
    """Makes a folder of each class with drawn discs of its colour."""
    for label in labels:
        (folder / label).mkdir(parents=True)
        for i in range(each):
            seed = i + 1000 * len(label)
            data = draw(COLORS.get(label, (90, 90, 90)), seed, size=(120, 90))
            (folder / label / f"{label} {i}.jpg").write_bytes(data)
    return folder


@dataclass
class Result:
    """What a command has done."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, which must be one JSON document."""
        return json.loads(self.out)


def runner(capfd: Any, monkeypatch: Any, data: Path) -> Callable[..., Result]:
    """Returns a function that runs a command in this process."""
    monkeypatch.setenv("SHOWTELL_DATA", str(data))

    def run(*words: Any) -> Result:
        capfd.readouterr()
        try:
            status = main([str(word) for word in words])
        except SystemExit as stop:  # argparse
            status = stop.code
        out, err = capfd.readouterr()
        return Result(status, out, err)

    return run


def environ(data: Path, **more: str) -> dict[str, str]:
    """Returns an environment without settings but for the data folder."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("SHOWTELL_")}
    return {**clean, "SHOWTELL_DATA": str(data), **more}


def process(data: Path, *words: Any, code: str = "", **more: str) -> tuple[Result, float]:
    """Runs a command in a process of its own.

    Args:
        data: the data folder.
        words: of the command line.
        code: run instead of `-m server`; `sys.argv[1:]` are the words.
        more: added to the environment.

    Returns:
        What it did, and the seconds that it computed.
    """
    start = ["-c", code] if code else ["-m", "server"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-W", "error", *start, *map(str, words)],
        cwd=ROOT,
        env=environ(data, **more),
        capture_output=True,
        text=True,
        timeout=120,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return Result(done.returncode, done.stdout, done.stderr), seconds
