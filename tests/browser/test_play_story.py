"""Left, right and nothing are taught from pictures, calibrated, and then played with.

Five games follow what is held up, in a real Chromium whose camera shows what the test holds up.
"""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from person import LEFT, NOTHING, RIGHT, Person, albums
from playwright.sync_api import Browser, Page, expect
from steps import predictions

from tools.live_camera import LiveCamera, frame

SECONDS = 10
#: Actions for which the first class is held up, where a game calls its two actions otherwise.
AS_LEFT = {"left", "up", "bin1"}


@pytest.fixture(scope="module")
def camera(tmp_path_factory: pytest.TempPathFactory) -> LiveCamera:
    """What the browser looks through."""
    path = tmp_path_factory.mktemp("camera") / "live.mjpeg"
    return LiveCamera(path, frame(albums()["teach"][NOTHING][0]))


@pytest.fixture(scope="module")
def browser(launch: Callable[..., Browser], camera: LiveCamera) -> Browser:
    """A browser with that camera."""
    return launch(*camera.flags)


@pytest.fixture
def person(camera: LiveCamera) -> Iterator[Person]:
    """Somebody before the camera."""
    somebody = Person(camera, albums()["teach"])
    yield somebody
    somebody.leave()


@pytest.fixture
def project(ui_server: Any) -> str:
    """A project without pictures; its id."""
    body = json.dumps({"name": "Gestures", "labels": ["Left", "Right", "Nothing"]}).encode()
    request = urllib.request.Request(
        f"{ui_server.url}/api/v1/projects", body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["id"]


def test_taught_gestures_are_calibrated_and_play_five_games(
    watch: Callable[..., Page], browser: Browser, ui_server: Any, person: Person, project: str
) -> None:
    page = watch(browser)
    person.follow(page)
    page.goto(f"/control/{project}?game=pong")
    page.locator("[data-testid=teach]:not([disabled])").click()
    taught = page.get_by_test_id("part-teach")
    expect(taught).to_have_attribute("data-phase", "done", timeout=90_000)

    # From here on it sees other pictures than those that were taught.
    person.take(albums()["ask"])
    person.each = 0.5
    page.get_by_test_id("calibrate").click()
    result = page.get_by_test_id("calibration-result")
    expect(result).to_be_visible(timeout=90_000)
    accuracy = float(result.get_attribute("data-accuracy") or 0)
    median = float(result.get_attribute("data-median") or 0)
    assert accuracy >= 0.75, accuracy
    assert 0 < median < 2000, median

    # Programs hear what is seen, and what is made of it.
    person.show(LEFT)
    heard = next(told for told in predictions(ui_server, project) if told["action"] == "left")
    assert (heard["page"], heard["label"]) == ("control", "Left")

    for game, judge in JUDGES.items():
        story = play(page, person, project, game)
        told = [(wished, taken) for wished, taken in story["followed"] if wished]
        right = sum(wished == taken for wished, taken in told)
        assert len(told) >= 3, f"{game}: hardly anything was shown: {story['followed']}"
        assert right >= 0.6 * len(told), f"{game}: {story['followed']}"
        judge(story)


def play(page: Page, person: Person, project: str, game: str) -> dict[str, Any]:
    """Plays ten seconds by pictures: what a good player would hold now is held up.

    Returns:
        The game's states, and for each thing that was held up long enough what it did.
    """
    person.show(NOTHING)
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
        person.show(NOTHING if wish is None else LEFT if wish in AS_LEFT else RIGHT)
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
