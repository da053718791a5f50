"""Programs in other languages hear what a real page sees, as the pictures before it change.

The examples of docs/stream/ run as they are, those whose language this machine has.
"""

from __future__ import annotations

import functools
import itertools
import json
import os
import shutil
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from scenes import BLUE, CAMERA, RED, scene
from steps import new_project, teach_discs

from tests.conftest import ServerProcess

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "docs" / "stream"
NODE = ("sh", str(ROOT / "tools" / "with_node.sh"), "node")

#: Each program: what it needs on this machine, and how it is started; then come server and project.
PROGRAMS: dict[str, tuple[str, tuple[str, ...]]] = {
    "listen.py": (sys.executable, (sys.executable, "listen.py")),
    "listen_socketio.py": (sys.executable, (sys.executable, "listen_socketio.py")),
    "listen.mjs": ("sh", (*NODE, "listen.mjs")),
    "listen_fetch.mjs": ("sh", (*NODE, "listen_fetch.mjs")),
    "listen.sh": ("curl", ("sh", "listen.sh")),
    "Predictions.java": ("java", ("java", "processing/listen/Predictions.java")),
}
HERE = [name for name, (needed, _) in PROGRAMS.items() if shutil.which(needed)]


class _Folder(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """Two web sites that serve the sketch of p5, with p5 as npm installs it."""
    folder = tmp_path_factory.mktemp("site")
    for file in (EXAMPLES / "p5").iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    (folder / "node_modules").symlink_to(ROOT / "tests" / "peers" / "node_modules")
    handler = functools.partial(_Folder, directory=str(folder))
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), handler) for _ in range(2)]
    for server in servers:
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
    yield [f"http://localhost:{server.server_port}" for server in servers]
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, sites: list[str]) -> Iterator[Any]:
    """A server that lets the first of the two sites listen."""
    listed = {"SHOWTELL_STREAM_ORIGINS": sites[0]}
    started = ServerProcess(tmp_path_factory.mktemp("stream") / "data", environ=listed)
    yield started.wait_until_ready()
    started.kill()


@pytest.fixture(scope="module")
def browser(launch: Callable[..., Browser], tmp_path_factory: pytest.TempPathFactory) -> Browser:
    """A browser whose camera shows a red disc and a blue square, each for a second and a half."""
    film = tmp_path_factory.mktemp("stream_camera") / "film.mjpeg"
    film.write_bytes(scene(RED, "disc") * 45 + scene(BLUE, "square") * 45)
    return launch(*CAMERA, f"--use-file-for-fake-video-capture={film}")


@pytest.fixture(scope="module")
def seeing(browser: Browser, server: Any) -> Iterator[str]:
    """The id of a project whose page sees a red disc and a blue square in turn."""
    context = browser.new_context(base_url=server.url, reduced_motion="reduce")
    context.set_default_timeout(20_000)
    page = new_project(context.new_page())
    teach_discs(page, 4)
    page.keyboard.press("Control+s")
    expect(page.get_by_test_id("save-status")).to_have_attribute("data-state", "saved")
    yield page.url.rsplit("/", 1)[1]
    context.close()


class Program:
    """A program that runs, and the lines that it has written."""

    def __init__(self, *command: str):
        self._lines: list[str] = []
        self._condition = threading.Condition()
        clean = {k: v for k, v in os.environ.items() if not k.startswith("SHOWTELL_")}
        self._process = subprocess.Popen(
            command, cwd=EXAMPLES, stdout=subprocess.PIPE, text=True, env=clean,
            start_new_session=True,
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._condition:
                self._lines.append(line.rstrip("\n"))
                self._condition.notify_all()

    def lines(self, count: int) -> list[str]:
        """Waits for so many lines."""
        with self._condition:
            self._condition.wait_for(lambda: len(self._lines) >= count, 40)
            assert len(self._lines) >= count, self._lines
            return self._lines[:]

    def kill(self) -> None:
        """Ends it with all that it has started."""
        os.killpg(self._process.pid, 9)
        self._process.wait(10)
        self._reader.join(10)
        assert self._process.stdout is not None
        self._process.stdout.close()


@pytest.fixture(scope="module")
def programs(server: Any, seeing: str) -> Iterator[dict[str, Program]]:
    """All of them at once, so that they wait for the film together."""
    started = {name: Program(*PROGRAMS[name][1], server.url, seeing) for name in HERE}
    words = (sys.executable, "-m", "server", "listen", "--changes", "--count", "3")
    started["listen"] = Program(
        "sh", "-c", 'cd "$1"; shift; exec "$@"', "sh", str(ROOT), *words, "--server", server.url,
        seeing,
    )  # fmt: skip
    yield started
    for program in started.values():
        program.kill()


def test_no_example_is_left_out() -> None:
    files = {file.name for file in EXAMPLES.rglob("*.*") if file.is_file()}
    # Processing itself is on no machine that tests; what listens for its sketch is the Java file.
    assert files == {*PROGRAMS, "index.html", "sketch.js", "listen.pde"}


@pytest.mark.parametrize("name", HERE)
def test_each_example_hears_the_class_change_as_the_picture_does(
    programs: dict[str, Program], name: str
) -> None:
    lines = programs[name].lines(3)
    labels = [line.split("  ")[0] for line in lines]
    assert {"Class 1", "Class 2"} <= set(labels) <= {"Class 1", "Class 2", "none of these"}, lines
    assert all(one != other for one, other in itertools.pairwise(labels)), lines


def test_the_command_writes_a_line_of_json_for_each_change(programs: dict[str, Program]) -> None:
    heard = [json.loads(line) for line in programs["listen"].lines(3)]
    assert {"Class 1", "Class 2"} <= {one["label"] for one in heard}
    assert [one["page"] for one in heard] == ["teach"] * 3


def test_a_prediction_of_the_teach_page_has_every_member(server: Any, seeing: str) -> None:
    with urllib.request.urlopen(
        f"{server.url}/api/v1/projects/{seeing}/stream", timeout=20
    ) as lines:
        one = next(json.loads(line[6:]) for line in lines if line.startswith(b"data: {"))
    with urllib.request.urlopen(f"{server.url}/api/v1/projects/{seeing}") as answer:
        classes = {c["id"]: c["label"] for c in json.load(answer)["classes"]}
    assert [*one] == [
        "project_id", "sequence", "at", "page", "page_id", "label", "class_id", "confidence",
        "unknown", "none", "scores", "value", "classifier", "action", "player",
    ]  # fmt: skip
    assert {score["class_id"]: score["label"] for score in one["scores"]} == classes
    shares = [score["score"] for score in one["scores"]]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) + one["none"] == pytest.approx(1, abs=0.001)
    if one["unknown"]:
        assert (one["label"], one["class_id"], one["confidence"]) == (None, None, one["none"])
    else:
        assert classes[one["class_id"]] == one["label"] and one["confidence"] == shares[0]
    assert (one["value"], one["classifier"], one["action"], one["player"]) == (None,) * 4


@pytest.fixture
def sketch(browser: Browser) -> Iterator[Page]:
    """An empty page of another web site."""
    context = browser.new_context(viewport={"width": 900, "height": 500})
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


def test_a_sketch_of_p5_on_a_listed_site_moves_its_ball_with_the_class(
    server: Any, seeing: str, sites: list[str], sketch: Page
) -> None:
    sketch.goto(f"{sites[0]}/?server={server.url}&project={seeing}")
    for label, place in (("Class 1", 0.25), ("Class 2", 0.75), ("Class 1", 0.25)):
        sketch.wait_for_function(
            "([label, place]) => seen?.label === label && Math.abs(x - place * width) < 30",
            arg=[label, place],
        )
    # Drawn, not only reckoned: there is a ball of its colour where it should be.
    ball = "get(Math.round(x), Math.round(height * 0.7 - size / 2)).join()"
    assert sketch.evaluate(ball) == "228,87,46,255"
    other = f"{server.url}/api/v1/projects"
    assert sketch.evaluate("url => fetch(url).then(() => 'read', () => 'refused')", other) == (
        "refused"
    )


def test_a_site_that_is_not_listed_hears_nothing(
    server: Any, seeing: str, sites: list[str], sketch: Page
) -> None:
    sketch.goto(f"{sites[1]}/?server={server.url}&project={seeing}")
    sketch.wait_for_function("message.startsWith('Cannot hear')")
    assert sketch.evaluate("seen") is None
