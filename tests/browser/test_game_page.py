"""The page of a game in a real Chromium: played by keys, thumbs, camera and bot."""

from __future__ import annotations

import json
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from scenes import blue, red
from steps import predictions

GAMES = ("pong", "snake", "maze", "sorter", "runner")
WIDE = {"width": 1280, "height": 800}
POCKET = {"width": 390, "height": 844}


def api(server: Any, path: str, body: bytes | None = None, kind: str = "application/json") -> Any:
    """Asks the server, or sends it something."""
    request = urllib.request.Request(
        f"{server.url}/api/v1{path}", body, {"Content-Type": kind} if body else {}
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def make_project(server: Any, *labels: str) -> str:
    """Makes a project on the server; returns its id."""
    body = {"name": f"Game {uuid.uuid4().hex[:6]}", "labels": labels or ("Left", "Right")}
    return api(server, "/projects", json.dumps(body).encode())["id"]


def teach(server: Any, project: str, label: str, pictures: list[dict[str, Any]]) -> None:
    """Adds pictures to a class."""
    edge = uuid.uuid4().hex
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="label"\r\n\r\n{label}\r\n'.encode()
    ]
    for picture in pictures:
        head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="x.jpg"\r\n'
        parts.append(f"{head}Content-Type: image/jpeg\r\n\r\n".encode())
        parts.append(picture["buffer"] + b"\r\n")
    body = b"".join([*parts, f"--{edge}--\r\n".encode()])
    api(server, f"/projects/{project}/samples", body, f"multipart/form-data; boundary={edge}")


def open_game(page: Page, name: str = "pong", query: str = "") -> Page:
    """Opens a game and waits for its start screen."""
    page.goto(f"/play/{name}{query}")
    expect(page.get_by_test_id("start")).to_be_visible()
    page.wait_for_function("() => window.showtellGame")
    page.evaluate("() => { window.showtellGame.play.beats = 0; }")  # no countdown
    return page


def wait_for_phase(page: Page, phase: str) -> None:
    """Waits until the game is counted in, played, paused or over."""
    expect(page.get_by_test_id("game")).to_have_attribute("data-phase", phase)


def begin(page: Page) -> None:
    """Starts the game and waits until it is counted in."""
    page.get_by_test_id("start").click()
    wait_for_phase(page, "play")


@contextmanager
def held(page: Page, key: str) -> Iterator[None]:
    """Holds a key."""
    page.keyboard.down(key)
    try:
        yield
    finally:
        page.keyboard.up(key)


def near_the_end(page: Page) -> None:
    """Leaves the machine one point to win, with the ball on its way past the bat."""
    page.evaluate(
        """() => {
          const state = window.showtellGame.state();
          state.points[1] = 4;
          state.scores[0] = 123;
          state.wait = 0;
          Object.assign(state.ball, { x: 30, y: 560, vx: 0, vy: 400, speed: 400 });
        }"""
    )


@pytest.fixture
def game(ui_browser: Browser, watch: Callable[..., Page]) -> Page:
    """Rally without a project, in a browser of its own."""
    return open_game(watch(ui_browser, viewport=WIDE))


@pytest.mark.parametrize("name", GAMES)
def test_every_game_opens_is_played_by_the_bot_pauses_and_replays(
    ui_browser: Browser, watch: Callable[..., Page], name: str
) -> None:
    page = open_game(watch(ui_browser, viewport=WIDE), name)
    page.get_by_test_id("watch").click()
    page.wait_for_function("() => window.showtellGame.state()?.tick > 40")
    page.keyboard.press("p")
    wait_for_phase(page, "paused")
    expect(page.get_by_test_id("resume")).to_be_focused()
    painted = page.evaluate(
        """() => {
          const canvas = document.querySelector('canvas');
          const { width, height } = canvas;
          const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
          const colours = new Set();
          for (let i = 0; i < data.length; i += 4 * 97) {
            colours.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
          }
          return { pixels: width * height, colours: colours.size };
        }"""
    )
    states = page.evaluate(
        """() => {
          const { showtellGame } = window;
          const recording = JSON.parse(JSON.stringify(showtellGame.recording()));
          return [showtellGame.state(), showtellGame.replay(recording)].map(
            (state) => JSON.stringify(state));
        }"""
    )
    assert states[0] == states[1], "what was recorded plays again to the same state"
    assert painted["pixels"] <= 1_300_000
    assert painted["colours"] > 8
    page.set_viewport_size(POCKET)
    fits = "() => document.documentElement.scrollWidth <= innerWidth"
    assert page.evaluate(fits)
    page.get_by_test_id("leave").click()
    expect(page.get_by_test_id("start")).to_be_focused()
    assert page.evaluate(fits)


def test_keys_move_the_bat_and_returning_the_ball_scores(game: Page) -> None:
    begin(game)
    expect(game.get_by_test_id("score")).to_have_text("0")
    with held(game, "ArrowRight"):
        game.wait_for_function("() => window.showtellGame.state().bats[0].x > 600")
    with held(game, "a"):
        game.wait_for_function("() => window.showtellGame.state().bats[0].x < 300")
    # Bring the ball to where the bat is going to be, and play it by the keys.
    game.evaluate(
        """() => {
          const { ball } = Object.assign(window.showtellGame.state(), { wait: 0 });
          Object.assign(ball, { x: 730, y: 120, vx: 0, vy: 230, speed: 230 });
        }"""
    )
    with held(game, "ArrowRight"):
        game.wait_for_function("() => window.showtellGame.state().rally === 1")
    expect(game.get_by_test_id("score")).not_to_have_text("0")
    expect(game.get_by_test_id("age")).to_contain_text("from key to action")
    expect(game.get_by_test_id("fps")).to_contain_text("frames a second")


def test_it_pauses_by_key_button_and_when_the_window_is_left_and_goes_on(game: Page) -> None:
    game.evaluate("() => { window.showtellGame.play.beats = 3; }")
    game.get_by_test_id("start").click()
    expect(game.get_by_test_id("count")).to_have_text("3")
    wait_for_phase(game, "play")
    game.evaluate("() => { window.showtellGame.play.beats = 0; }")
    for leave in (
        lambda: game.keyboard.press("Escape"),
        lambda: game.get_by_test_id("pause").click(),
        lambda: game.evaluate("() => window.dispatchEvent(new Event('blur'))"),
    ):
        leave()
        wait_for_phase(game, "paused")
        tick = game.evaluate("() => window.showtellGame.state().tick")
        frames = game.evaluate("() => window.showtellGame.frames")
        game.wait_for_function("(n) => window.showtellGame.frames > n + 20", arg=frames)
        assert game.evaluate("() => window.showtellGame.state().tick") == tick
        game.get_by_test_id("resume").click()
        wait_for_phase(game, "play")
        game.wait_for_function("(n) => window.showtellGame.state().tick > n", arg=tick)


def test_a_recording_plays_again_to_the_same_end(game: Page) -> None:
    begin(game)
    for key in ("ArrowLeft", "d", "ArrowRight", "a"):
        tick = game.evaluate("() => window.showtellGame.state().tick")
        with held(game, key):
            game.wait_for_function("(n) => window.showtellGame.state().tick > n + 15", arg=tick)
    game.keyboard.press("p")
    wait_for_phase(game, "paused")
    found = game.evaluate(
        """() => {
          const { showtellGame } = window;
          const recording = JSON.parse(JSON.stringify(showtellGame.recording()));
          return {
            events: recording.events.length,
            state: JSON.stringify(showtellGame.state()),
            again: JSON.stringify(showtellGame.replay(recording)),
          };
        }"""
    )
    assert found["events"] >= 7  # four presses; the last key comes up after the pause
    assert found["again"] == found["state"]


def test_the_end_shows_the_result_which_can_be_seen_again_and_played_again(game: Page) -> None:
    game.get_by_test_id("name").fill("Ada")
    game.get_by_test_id("name").press("Tab")
    begin(game)
    near_the_end(game)
    wait_for_phase(game, "over")
    expect(game.get_by_test_id("over")).to_be_focused()
    expect(game.get_by_test_id("over-score")).to_have_text("123")
    expect(game.get_by_test_id("over")).to_contain_text("A new best score!")
    expect(game.get_by_test_id("best").locator("tbody tr")).to_have_count(1)
    expect(game.get_by_test_id("best")).to_contain_text("Ada")
    game.get_by_test_id("replay").click()
    wait_for_phase(game, "play")
    assert game.evaluate("() => window.showtellGame.play.mode") == "replay"
    game.keyboard.press("p")
    game.get_by_test_id("leave").click()
    wait_for_phase(game, "idle")
    expect(game.get_by_test_id("start")).to_be_focused()
    begin(game)
    assert game.evaluate("() => window.showtellGame.play.mode") == "play"


def test_the_bot_plays_and_leaves_no_score(game: Page) -> None:
    game.get_by_test_id("watch").click()
    wait_for_phase(game, "play")
    game.evaluate("() => { window.showtellGame.state().wait = 1; }")
    game.wait_for_function("() => window.showtellGame.state().rally > 0")
    near_the_end(game)
    wait_for_phase(game, "over")
    expect(game.get_by_test_id("over")).to_contain_text("That was the bot")
    assert game.evaluate("() => window.showtellGame.play.scores.best('pong')") == []


def test_two_players_share_the_keys(game: Page) -> None:
    game.get_by_test_id("players").get_by_text("Two players").click()
    expect(game.get_by_test_id("seat-1")).to_be_visible()
    begin(game)
    expect(game.get_by_test_id("score")).to_have_text("0 : 0")
    with held(game, "ArrowRight"), held(game, "a"):
        game.wait_for_function(
            """() => {
              const [one, two] = window.showtellGame.state().bats;
              return one.x > 550 && two.x < 250;
            }"""
        )


def test_thumbs_move_the_bat_on_a_phone(ui_browser: Browser, watch: Callable[..., Page]) -> None:
    page = open_game(watch(ui_browser, viewport=POCKET, has_touch=True, is_mobile=True))
    page.get_by_test_id("start").tap()
    wait_for_phase(page, "play")
    before = page.evaluate("() => window.showtellGame.state().bats[0].x")
    page.get_by_role("button", name="Right", exact=True).tap()
    page.wait_for_function("(x) => window.showtellGame.state().bats[0].x > x", arg=before)
    box = page.get_by_test_id("canvas").bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= 390


def test_scores_stay_with_the_project(
    ui_server: Any, ui_browser: Browser, watch: Callable[..., Page]
) -> None:
    project = make_project(ui_server)
    page = open_game(watch(ui_browser, viewport=WIDE), query=f"?project={project}")
    page.get_by_test_id("name").fill("Grace")
    begin(page)
    with page.expect_response(lambda r: r.url.endswith("/scores") and r.request.method == "POST"):
        near_the_end(page)
    page.reload()
    expect(page.get_by_test_id("best").locator("tbody tr")).to_have_count(1)
    expect(page.get_by_test_id("best")).to_contain_text("Grace")
    (kept,) = api(ui_server, f"/projects/{project}/scores?game=pong")["items"]
    assert (kept["score"], kept["name"], kept["controller"]) == (123, "Grace", "keyboard")
    # Another browser sees it too, and may take it away.
    other = open_game(watch(ui_browser, viewport=WIDE), query=f"?project={project}")
    expect(other.get_by_test_id("best")).to_contain_text("Grace")
    with other.expect_response(lambda r: r.request.method == "DELETE"):
        other.get_by_role("button", name="Delete Grace").click()
    expect(other.get_by_test_id("best")).to_have_count(0)
    assert api(ui_server, f"/projects/{project}/scores")["total"] == 0


def test_the_camera_steers_once_two_classes_are_taught(
    ui_server: Any, ui_browser: Browser, watch: Callable[..., Page]
) -> None:
    project = make_project(ui_server)
    teach(ui_server, project, "Left", [red(4 * i) for i in range(5)])
    teach(ui_server, project, "Right", [blue(4 * i) for i in range(5)])
    page = open_game(watch(ui_browser, viewport=WIDE), query=f"?project={project}")
    expect(page.get_by_test_id("seat-0").locator("input:checked")).to_have_value("camera")
    expect(page.locator("[data-action-level=left].on")).to_have_count(1)
    begin(page)
    page.wait_for_function("() => window.showtellGame.state().bats[0].x < 250")
    page.wait_for_function("() => window.showtellGame.state().bats[0].x > 550")
    expect(page.get_by_test_id("age")).to_contain_text("from picture to action")
    expect(page.get_by_test_id("predictions")).to_contain_text("pictures a second")
    # Keys go on working beside the camera.
    expect(page.locator("video")).to_have_count(1)
    page.keyboard.press("p")
    wait_for_phase(page, "paused")


def test_a_phone_plays_and_its_loss_pauses_the_game(
    ui_server: Any, ui_browser: Browser, watch: Callable[..., Page]
) -> None:
    project = make_project(ui_server)
    teach(ui_server, project, "Left", [red(4 * i) for i in range(5)])
    teach(ui_server, project, "Right", [blue(4 * i) for i in range(5)])
    page = open_game(watch(ui_browser, viewport=WIDE), query=f"?project={project}")
    body = json.dumps({"role": "player", "player": 1}).encode()
    pairing = api(ui_server, f"/projects/{project}/pairings", body)
    lost = ("ERR_INTERNET_DISCONNECTED", "WebSocket", "net::ERR", "Failed to load")
    phone = watch(ui_browser, excuse=lost, viewport=POCKET, has_touch=True, is_mobile=True)
    phone.goto(f"{ui_server.url}/phone#{pairing['url'].partition('#')[2]}")
    phone.get_by_test_id("join-name").fill("Anna")
    phone.get_by_test_id("join").click()
    # It takes the seat that its code was for, and the camera here goes off.
    expect(page.get_by_test_id("seat-0").locator("label:has(:checked)")).to_have_text("Anna")
    assert page.evaluate("() => window.showtellGame.project.recogniser?.eyes.camera.state") in (
        None,
        "off",
    )
    page.get_by_test_id("start").click()
    wait_for_phase(page, "play")
    expect(phone.get_by_test_id("screen-says")).to_have_attribute("data-state", "playing")
    page.wait_for_function("() => window.showtellGame.state().bats[0].x < 250")
    page.wait_for_function("() => window.showtellGame.state().bats[0].x > 550")
    # The phone hears how it goes, and programs hear what the phone sees.
    page.evaluate("() => { window.showtellGame.state().scores[0] = 42; }")
    expect(phone.get_by_test_id("phone-score")).to_have_text("42")
    heard = next(told for told in predictions(ui_server, project) if told["action"])
    assert (heard["player"], heard["page"], heard["action"]) == (1, "play", heard["label"].lower())
    phone.context.set_offline(True)
    wait_for_phase(page, "paused")
    expect(page.get_by_test_id("paused")).to_contain_text("Anna")
    phone.context.set_offline(False)
    wait_for_phase(page, "play")


def test_a_camera_that_is_refused_is_told_of_and_keys_play_on(
    ui_server: Any, ui_browser: Browser, watch: Callable[..., Page]
) -> None:
    project = make_project(ui_server)
    teach(ui_server, project, "Left", [red(4 * i) for i in range(3)])
    teach(ui_server, project, "Right", [blue(4 * i) for i in range(3)])
    page = watch(ui_browser, viewport=WIDE)
    page.add_init_script(
        "navigator.mediaDevices.getUserMedia ="
        " () => Promise.reject(new DOMException('no', 'NotAllowedError'));"
    )
    open_game(page, query=f"?project={project}")
    expect(page.get_by_test_id("camera-problem")).to_be_visible()
    begin(page)
    with held(page, "ArrowRight"):
        page.wait_for_function("() => window.showtellGame.state().bats[0].x > 500")
    page.get_by_test_id("pause").click()
    page.get_by_test_id("leave").click()
    page.get_by_test_id("seat-0").locator("input[value=keyboard]").check()
    expect(page.get_by_test_id("camera-problem")).to_have_count(0)


def test_without_classes_the_camera_cannot_be_chosen_and_the_page_says_why(
    ui_server: Any, ui_browser: Browser, watch: Callable[..., Page]
) -> None:
    project = make_project(ui_server)
    page = open_game(watch(ui_browser, viewport=WIDE), query=f"?project={project}")
    expect(page.get_by_test_id("seat-0").locator("input[value=camera]")).to_be_disabled()
    expect(page.locator("st-game-start")).to_contain_text("two classes")
    assert page.evaluate("() => window.showtellGame.project.recogniser") is None


def test_sound_is_switched_by_key_and_remembered(game: Page) -> None:
    expect(game.get_by_role("button", name="Switch the sound off")).to_be_visible()
    game.keyboard.press("m")
    expect(game.get_by_role("button", name="Switch the sound on")).to_be_visible()
    game.reload()
    expect(game.get_by_role("button", name="Switch the sound on")).to_be_visible()


def test_a_project_that_is_nowhere_is_told_of(
    ui_browser: Browser, watch: Callable[..., Page]
) -> None:
    page = watch(ui_browser, viewport=WIDE, excuse=("404",))
    page.goto(f"/play/pong?project={uuid.uuid4()}")
    expect(page.get_by_test_id("page-problem")).to_be_visible()
    page.goto("/play/chess")
    expect(page.locator("body")).to_contain_text("nothing at /play/chess")
