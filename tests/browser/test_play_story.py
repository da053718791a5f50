"""Left, right and nothing are taught from pictures, calibrated, and then played with.

Five games follow what is held up, in a real Chromium whose camera shows what the test holds up.
"""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any

import pytest
from film import pictures, walls
from PIL import ImageEnhance
from playwright.sync_api import Browser, Page, expect

from tools.live_camera import LiveCamera, frame

LEFT, RIGHT, NOTHING = "Left", "Right", "Nothing"
GREY = (90, 90, 90)
SECONDS = 10
#: Class that is held up for each action, where a game calls its two actions otherwise.
AS_LEFT = {"left", "up", "bin1"}


class Hand:
    """Holds pictures before the camera: those of one class in turn."""

    def __init__(self, camera: LiveCamera, albums: dict[str, list[bytes]]):
        self.camera = camera
        self.albums = {label: cycle(album) for label, album in albums.items()}
        self.shown = ""
        self.until = 0.0

    def show(self, label: str, each: float = 0.5) -> None:
        """Holds up a class; another picture of it after `each` seconds."""
        now = time.monotonic()
        if label == self.shown and now < self.until:
            return
        self.camera.show(next(self.albums[label]))
        self.shown, self.until = label, now + each


@pytest.fixture(scope="module")
def albums() -> dict[str, dict[str, list[bytes]]]:
    """Pictures to teach and others to ask about, by class."""
    found = pictures()
    dim = [ImageEnhance.Brightness(wall).enhance(0.8) for wall in walls()]

    def frames(album: list[Any]) -> list[bytes]:
        return [frame(picture, GREY) for picture in album]

    return {
        "teach": {
            LEFT: frames(found["teach one"]),
            RIGHT: frames(found["teach two"]),
            NOTHING: frames(walls()),
        },
        "ask": {
            LEFT: frames(found["ask one"]),
            RIGHT: frames(found["ask two"]),
            NOTHING: frames(dim),
        },
    }


@pytest.fixture(scope="module")
def camera(
    albums: dict[str, dict[str, list[bytes]]], tmp_path_factory: pytest.TempPathFactory
) -> LiveCamera:
    """What the browser looks through."""
    path = tmp_path_factory.mktemp("camera") / "live.mjpeg"
    return LiveCamera(path, albums["teach"][NOTHING][0])


@pytest.fixture(scope="module")
def browser(launch: Callable[..., Browser], camera: LiveCamera) -> Browser:
    """A browser with that camera."""
    return launch(*camera.flags)


@pytest.fixture
def taught(
    watch: Callable[..., Page],
    browser: Browser,
    ui_server: Any,
    camera: LiveCamera,
    albums: dict[str, dict[str, list[bytes]]],
) -> Iterator[tuple[Page, str]]:
    """A page whose project was taught by the guide, and the project's id."""
    body = json.dumps({"name": "Gestures", "labels": [LEFT, RIGHT, NOTHING]}).encode()
    request = urllib.request.Request(
        f"{ui_server.url}/api/v1/projects", body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        project = json.load(answer)
    labels = {item["id"]: item["label"] for item in project["classes"]}
    page = watch(browser)
    page.goto(f"/control/{project['id']}?game=pong")
    page.locator("[data-testid=teach]:not([disabled])").click()
    follow_prompts(page, Hand(camera, albums["teach"]), lambda asked: labels[asked["class"]], 0.15)
    yield page, project["id"]


def follow_prompts(
    page: Page, hand: Hand, label_of: Callable[[dict[str, str]], str], each: float
) -> None:
    """Holds up what the page asks for until it asks no more."""
    read = """() => {
      const prompt = document.querySelector('[data-testid=prompt]');
      return prompt && prompt.dataset.phase !== 'done' ? { ...prompt.dataset } : null;
    }"""
    page.wait_for_selector("[data-testid=prompt]")
    while asked := page.evaluate(read):
        hand.show(label_of(asked), each)
        page.wait_for_timeout(30)


def test_taught_gestures_are_calibrated_and_play_five_games(
    taught: tuple[Page, str], camera: LiveCamera, albums: dict[str, dict[str, list[bytes]]]
) -> None:
    page, project = taught
    hand = Hand(camera, albums["ask"])
    page.get_by_test_id("calibrate").click()
    names = {"left": LEFT, "right": RIGHT, "": NOTHING}
    follow_prompts(page, hand, lambda asked: names[asked["asked"]], 0.5)
    result = page.get_by_test_id("calibration-result")
    expect(result).to_be_visible()
    accuracy = float(result.get_attribute("data-accuracy") or 0)
    median = float(result.get_attribute("data-median") or 0)
    assert accuracy >= 0.75, accuracy
    assert 0 < median < 2000, median

    for game, judge in JUDGES.items():
        story = play(page, hand, project, game)
        told = [(wished, taken) for wished, taken in story["followed"] if wished]
        right = sum(wished == taken for wished, taken in told)
        assert len(told) >= 3, f"{game}: hardly anything was shown: {story['followed']}"
        assert right >= 0.6 * len(told), f"{game}: {story['followed']}"
        judge(story)


def play(page: Page, hand: Hand, project: str, game: str) -> dict[str, Any]:
    """Plays ten seconds by pictures: what a good player would hold now is held up.

    Returns:
        The game's states, and for each thing that was held up long enough what it did.
    """
    hand.show(NOTHING)
    page.goto(f"/play/{game}?project={project}")
    expect(page.get_by_test_id("seat-0").get_by_role("radio", name="Camera")).to_be_checked()
    page.get_by_test_id("start").click()
    page.wait_for_function("() => window.showtellGame?.phase === 'play'")
    # The camera answers before the clock of the test begins.
    page.wait_for_function("() => window.showtellGame.predictions > 0")
    states: list[Any] = []
    followed: list[tuple[str | None, str | None]] = []
    end = time.monotonic() + SECONDS
    wish, since = None, 0.0
    while time.monotonic() < end:
        seen = page.evaluate(
            """() => {
              const { play } = window.showtellGame;
              const state = window.showtellGame.state();
              const { controller } = play.connected[0];
              return {
                state, phase: play.phase, wish: state.over ? null : play.game.bot(state, 0),
                active: controller.active, kind: controller.kind,
              };
            }"""
        )
        assert seen["kind"] == "camera"
        if seen["phase"] != "play":
            break
        states.append(seen["state"])
        now = time.monotonic()
        # A gesture lasts for half a second at least, as a person's would.
        if now - since > 0.5:
            followed.append((wish, seen["active"]))
            wish, since = seen["wish"], now
        hand.show(NOTHING if wish is None else LEFT if wish in AS_LEFT else RIGHT)
        page.wait_for_timeout(30)
    return {"game": game, "states": states, "followed": followed}


def pong(story: dict[str, Any]) -> None:
    """The bat goes where the pictures send it."""
    moved = [s["bats"][0]["x"] for s in story["states"]]
    assert max(moved) - min(moved) > 60, moved


def snake(story: dict[str, Any]) -> None:
    """The train turns, and finds something."""
    assert len({s["heading"] for s in story["states"]}) >= 2


def maze(story: dict[str, Any]) -> None:
    """Crumbs are eaten."""
    assert story["states"][-1]["scores"][0] > 0


def sorter(story: dict[str, Any]) -> None:
    """Things go where the pictures send them, right more often than wrong."""
    last = story["states"][-1]
    assert last["right"] > last["wrong"], (last["right"], last["wrong"], last["missed"])


def runner(story: dict[str, Any]) -> None:
    """It jumps or ducks when it is told."""
    assert any(s["y"] > 0 or s["ducking"] for s in story["states"])
    assert story["states"][-1]["scores"][0] > 0


JUDGES = {"pong": pong, "snake": snake, "maze": maze, "sorter": sorter, "runner": runner}
