"""Outputs and the machine in a real Chromium: what the camera sees sets off what was chosen."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from scenes import BLUE, RED, scene

from tests.test_formats_media import gif, wav

NOTE = {"instrument": "marimba", "note": 60, "at": 0, "duration": 0.3, "gain": 0.8}
SOUND = {"kind": "sound", "instrument": "marimba", "notes": [NOTE]}


@pytest.fixture
def desk(ui_browser: Browser, watch: Callable[..., Page]) -> Page:
    """A page of its own, calm and of usual size."""
    return watch(ui_browser, viewport={"width": 1280, "height": 800})


def make_project(page: Page, outputs: Callable[[dict[str, str]], Any] | None = None) -> dict:
    """Teaches the server red discs and blue squares; returns ids by label, and "project"."""
    api = page.request
    made = api.post("/api/v1/projects", data={"name": "Machine", "labels": ["Red", "Blue"]}).json()
    for label, color, shape in (("Red", RED, "disc"), ("Blue", BLUE, "square")):
        for shift in range(0, 16, 4):
            file = {
                "name": f"{shift}.jpg",
                "mimeType": "image/jpeg",
                "buffer": scene(color, shape, shift),
            }
            answer = api.post(
                f"/api/v1/projects/{made['id']}/samples",
                multipart={"label": label, "file": file},
            )
            assert answer.ok, answer.text()
    ids = {c["label"]: c["id"] for c in made["classes"]} | {"project": made["id"]}
    if outputs:
        set_outputs(page, ids, outputs(ids))
    return ids


def set_outputs(page: Page, ids: dict[str, str], outputs: dict[str, Any]) -> None:
    """Lets classes of a project on the server set off something."""
    answer = page.request.patch(
        f"/api/v1/projects/{ids['project']}", data={"settings": {"outputs": outputs}}
    )
    assert answer.ok, answer.text()


def add_asset(page: Page, ids: dict[str, str], name: str, data: bytes) -> str:
    """Sends a file to the server; returns its id."""
    file = {"name": name, "mimeType": "application/octet-stream", "buffer": data}
    answer = page.request.post(
        f"/api/v1/projects/{ids['project']}/assets", multipart={"file": file}
    )
    assert answer.ok, answer.text()
    return answer.json()["id"]


def open_outputs(page: Page, ids: dict[str, str]) -> Page:
    """Opens the page of outputs and waits until it shows the classes."""
    page.goto(f"/outputs/{ids['project']}")
    expect(page.get_by_test_id("output-card")).to_have_count(2)
    page.wait_for_function("() => window.showtellMachine")
    return page


def card(page: Page, label: str) -> Any:
    """The card of a class."""
    return page.locator(f'[data-testid=output-card][data-label="{label}"]')


def add(page: Page, label: str, kind: str) -> None:
    """Adds an output to a class by its menu."""
    card(page, label).get_by_test_id("add-output").click()
    page.get_by_test_id(f"add-{kind}").click()


def seen(page: Page, label: str) -> None:
    """Waits until the stage shows a class."""
    expect(page.locator("[data-testid=scene]")).to_have_attribute("aria-label", label)


def count_plays(page: Page) -> None:
    """Counts the notes that are played from here on in `window.plays`."""
    page.evaluate(
        """() => {
          window.plays = [];
          const { synth } = window.showtellMachine.parts;
          const play = synth.play.bind(synth);
          synth.play = (notes, options) => {
            const end = play(notes, options);
            window.plays.push({ notes: notes.length, heard: end > 0, voices: synth.voices });
            return end;
          };
        }"""
    )


def test_one_click_fills_an_empty_page_and_the_camera_sets_it_off(desk: Page) -> None:
    ids = make_project(desk)
    open_outputs(desk, ids)
    desk.get_by_test_id("starter-emoji").click()
    expect(desk.get_by_test_id("starters")).to_have_count(0)
    expect(desk.locator("[data-testid=output][data-kind=emoji]")).to_have_count(2)
    seen(desk, "Red")
    add(desk, "Red", "sound")
    expect(desk.locator("st-keys [aria-pressed=true]")).to_have_attribute("data-note", "60")
    count_plays(desk)
    desk.locator('st-keys [data-note="67"]').click()
    desk.keyboard.press("ArrowLeft")
    expect(desk.locator("st-keys [aria-pressed=true]")).to_be_focused()
    words = card(desk, "Red").locator("[data-kind=sound] .output-words")
    expect(words).to_contain_text("Marimba: going up, F♯4")
    desk.get_by_test_id("live").click()
    for label in ("Red", "Blue"):
        seen(desk, label)
        expect(card(desk, label)).to_have_attribute("data-on", "true")
        expect(desk.get_by_test_id("active")).to_have_text(label)
    emoji = desk.locator("[data-testid=scene] [data-testid=scene-emoji]")
    expect(emoji).to_have_text(card(desk, "Blue").locator(".output-sign b").text_content())
    plays = desk.evaluate("window.plays")
    assert plays and all(p["heard"] and p["voices"] > 0 for p in plays), plays
    desk.get_by_test_id("live").click()
    expect(desk.locator("[data-testid=scene]")).to_have_count(0)


def test_what_was_chosen_is_saved_undone_and_there_after_a_reload(desk: Page) -> None:
    ids = make_project(desk)
    open_outputs(desk, ids)
    add(desk, "Blue", "text")
    desk.get_by_test_id("text-text").fill("Sea")
    desk.get_by_test_id("text-text").press("Tab")
    expect(desk.locator("[data-testid=scene] .scene-text")).to_have_text("Sea")
    desk.get_by_test_id("save-button").click()
    expect(desk.get_by_test_id("save-status")).to_have_attribute("data-state", "saved")
    stored = desk.request.get(f"/api/v1/projects/{ids['project']}").json()["settings"]
    assert stored["outputs"] == {ids["Blue"]: [{"kind": "text", "text": "Sea"}]}
    desk.reload()
    row = card(desk, "Blue").locator("[data-testid=output][data-kind=text]")
    expect(row).to_contain_text("Sea")
    row.get_by_test_id("remove-output").click()
    expect(row).to_have_count(0)
    desk.get_by_test_id("undo").click()
    expect(row).to_have_count(1)


def test_files_are_sent_shown_and_played(desk: Page) -> None:
    ids = make_project(desk)
    open_outputs(desk, ids)
    for kind, name, data in (("picture", "wave.gif", gif()), ("file", "la.wav", wav(1))):
        add(desk, "Red", kind)
        with desk.expect_file_chooser() as chooser:
            desk.get_by_test_id("add-asset").click()
        chooser.value.set_files(
            [{"name": name, "mimeType": "application/octet-stream", "buffer": data}]
        )
        row = card(desk, "Red").locator(f"[data-testid=output][data-kind={kind}]")
        expect(row.locator(".output-words")).to_contain_text(name)
    card(desk, "Red").get_by_test_id("try-class").click()
    picture = desk.locator("[data-testid=scene] [data-testid=scene-picture]")
    desk.wait_for_function(
        "() => document.querySelector('[data-testid=scene] img')?.naturalWidth === 8"
    )
    expect(picture).to_have_attribute("alt", "Red")
    desk.wait_for_function(
        """() => [...window.showtellMachine.parts.sounds.players.values()]
          .some(({ element }) => element.currentTime > 0)"""
    )
    desk.wait_for_function(
        """() => [...window.showtellMachine.parts.sounds.players.values()]
          .every(({ element }) => element.paused)"""
    )


def test_a_project_of_this_browser_alone_can_do_all_but_files_and_hooks(desk: Page) -> None:
    desk.goto("/")
    desk.get_by_test_id("new-project").click()
    desk.wait_for_url("**/teach/*")
    desk.wait_for_selector("[data-testid=hold-button]:not([disabled])")
    project_id = desk.url.rsplit("/", 1)[1]
    desk.goto(f"/outputs/{project_id}")
    expect(desk.get_by_test_id("local-note")).to_be_visible()
    desk.get_by_test_id("starter-notes").click()
    expect(desk.locator("[data-testid=output][data-kind=sound]")).to_have_count(2)
    add(desk, "Class 1", "picture")
    expect(desk.get_by_test_id("dialog")).to_contain_text("Save the project first")
    desk.get_by_test_id("choice-save").click()
    expect(desk.get_by_test_id("add-asset")).to_be_visible()
    expect(desk.get_by_test_id("local-note")).to_have_count(0)
    assert desk.request.get(f"/api/v1/projects/{project_id}").ok


class _Lamp(BaseHTTPRequestHandler):
    """Something in the house that can be called."""

    def do_POST(self) -> None:
        size = int(self.headers["Content-Length"])
        self.server.calls.append(json.loads(self.rfile.read(size)))  # type: ignore[attr-defined]
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def lamp() -> Iterator[Any]:
    """A server that writes down who calls it, with its `url` and `calls`."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Lamp) as server:
        server.calls = []  # type: ignore[attr-defined]
        server.url = f"http://127.0.0.1:{server.server_port}/lamp"  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_hook_calls_nobody_until_it_is_switched_on(
    ui_browser: Browser, watch: Callable[..., Page], lamp: Any
) -> None:
    # What is off answers 409, which the console counts as an error.
    desk = watch(ui_browser, excuse=("409",), viewport={"width": 1280, "height": 800})
    ids = make_project(desk)
    open_outputs(desk, ids)
    add(desk, "Red", "hook")
    desk.get_by_test_id("hook-url").fill(lamp.url)
    desk.get_by_test_id("hook-url").press("Tab")
    switch = desk.get_by_test_id("hook-switch")
    expect(switch).to_have_attribute("aria-checked", "false")
    expect(desk.get_by_test_id("hook-told")).to_contain_text("off until you switch it on")
    with desk.expect_response("**/fire") as refused:
        card(desk, "Red").get_by_test_id("try-class").click()
    assert refused.value.status == 409
    switch.click()
    expect(desk.get_by_test_id("dialog")).to_contain_text(lamp.url)
    desk.keyboard.press("Escape")
    expect(switch).to_have_attribute("aria-checked", "false")
    assert lamp.calls == []
    switch.click()
    desk.get_by_test_id("confirm-hook").click()
    expect(switch).to_have_attribute("aria-checked", "true")
    assert lamp.calls == [], "switching it on is not calling it"
    with desk.expect_response("**/fire") as fired:
        card(desk, "Red").get_by_test_id("try-class").click()
    assert fired.value.status == 200
    assert [call["label"] for call in lamp.calls] == ["Red"]
    desk.get_by_test_id("hook-fire").click()
    expect(desk.get_by_test_id("hook-told")).to_contain_text("It answered 204")
    # Another address: nobody has said yes to that one.
    desk.get_by_test_id("hook-url").fill(f"{lamp.url}/other")
    desk.get_by_test_id("hook-url").press("Tab")
    expect(switch).to_have_attribute("aria-checked", "false")
    assert len(lamp.calls) == 2


def begin(page: Page, ids: dict[str, str]) -> None:
    """Opens the machine and starts it."""
    page.goto(f"/machine/{ids['project']}")
    page.get_by_test_id("begin").click()
    expect(page.get_by_test_id("begin")).to_have_count(0)


def test_the_machine_shows_and_plays_what_the_camera_sees_and_nothing_else(
    desk: Page, lamp: Any
) -> None:
    ids = make_project(desk)
    asset = add_asset(desk, ids, "wave.gif", gif())
    set_outputs(
        desk,
        ids,
        {
            ids["Red"]: [SOUND, {"kind": "emoji", "text": "🍎"}, {"kind": "hook"}],
            ids["Blue"]: [{"kind": "picture", "asset": asset}],
        },
    )
    hook = f"/api/v1/projects/{ids['project']}/hooks/{ids['Red']}"
    assert desk.request.put(hook, data={"url": lamp.url, "is_enabled": True}).ok
    desk.goto(f"/machine/{ids['project']}")
    desk.wait_for_function("() => window.showtellMachine")
    assert desk.evaluate("() => window.showtellMachine.parts.synth.context") is None
    begin(desk, ids)
    count_plays(desk)
    seen(desk, "Red")
    expect(desk.locator("[data-testid=scene] [data-testid=scene-emoji]")).to_have_text("🍎")
    seen(desk, "Blue")
    desk.wait_for_function(
        "() => document.querySelector('[data-testid=scene] img')?.naturalWidth === 8"
    )
    assert desk.evaluate("window.showtellMachine.parts.synth.context.state") == "running"
    plays = desk.evaluate("window.plays")
    assert plays and all(p["heard"] for p in plays), plays
    assert {call["label"] for call in lamp.calls} == {"Red"}
    assert all(0 <= call["confidence"] <= 1 for call in lamp.calls)
    # Nobody has moved meanwhile: pointer and controls are away, and come back with a move.
    machine = desk.get_by_test_id("machine")
    expect(machine).to_have_attribute("data-awake", "false")
    assert machine.evaluate("e => getComputedStyle(e).cursor") == "none"
    desk.mouse.move(300, 300)
    desk.mouse.move(310, 310)
    expect(machine).to_have_attribute("data-awake", "true")
    desk.get_by_test_id("show-camera").click()
    expect(desk.get_by_test_id("frame")).to_have_attribute("aria-hidden", "false")
    # A camera that is lost is told of, and comes back by itself.
    desk.evaluate(
        """() => document.querySelector('[data-testid=frame] video').srcObject
          .getVideoTracks()[0].dispatchEvent(new Event('ended'))"""
    )
    expect(desk.get_by_test_id("hint")).to_contain_text("comes back by itself")
    assert desk.evaluate("window.showtellMachine.machine.active") is None
    expect(desk.get_by_test_id("hint")).to_have_count(0)
    desk.wait_for_function("() => window.showtellMachine.machine.active")


def test_two_hundred_changes_leave_nothing_behind(desk: Page) -> None:
    ids = make_project(desk)
    asset = add_asset(desk, ids, "la.wav", wav(0.2))
    both = [SOUND, {"kind": "text", "text": "Hello"}, {"kind": "file", "asset": asset}]
    set_outputs(
        desk,
        ids,
        {ids["Red"]: [*both, {"kind": "emoji", "text": "🍎"}], ids["Blue"]: both},
    )
    # It starts by itself where that is asked for; sound may then wait for a key.
    desk.goto(f"/machine/{ids['project']}?start")
    expect(desk.get_by_test_id("frame")).to_be_attached()
    expect(desk.get_by_test_id("begin")).to_have_count(0)
    desk.keyboard.press("x")
    desk.wait_for_function("() => window.showtellMachine.parts.synth.ready")
    found = desk.evaluate(
        """async ([red, blue]) => {
          const { machine, parts, recogniser } = window.showtellMachine;
          const { synth, sounds, screen } = parts;
          // The film's own changes would come between.
          machine.see = () => {};
          recogniser.pause();
          screen.least = 0;
          const turn = async (n) => {
            let [voices, nodes] = [0, 0];
            for (let i = 0; i < n; i++) {
              machine.enter(i % 2 ? red : blue, 0.9);
              if (i % 5 === 4) machine.leave(i % 2 ? red : blue);
              voices = Math.max(voices, synth.voices);
              nodes = Math.max(nodes, document.querySelectorAll('*').length);
              await document.querySelector('st-stage').updateComplete;
              if (i % 8 === 7) await new Promise(requestAnimationFrame);
            }
            machine.rest();
            const quiet = () => !synth.voices && !document.querySelector('.scene');
            while (!quiet()) await new Promise(requestAnimationFrame);
            return { voices, nodes, left: document.querySelectorAll('*').length,
              audio: synth.nodes, players: sounds.players.size, endings: machine.endings.length };
          };
          return [await turn(10), await turn(200)];
        }""",
        [ids["Red"], ids["Blue"]],
    )
    few, many = found
    assert many["left"] == few["left"], found
    assert many["nodes"] <= few["nodes"] + 5, found
    assert many["voices"] <= 48
    assert (many["audio"], many["players"], many["endings"]) == (0, 1, 0), found


def test_a_machine_of_nothing_leads_to_where_something_is_chosen(desk: Page) -> None:
    ids = make_project(desk)
    desk.goto(f"/machine/{ids['project']}")
    expect(desk.get_by_role("link", name="Choose what happens")).to_be_visible()
    expect(desk.get_by_test_id("begin")).to_have_count(0)


def test_how_loud_it_is_is_kept_for_outputs_machine_and_games(desk: Page) -> None:
    ids = make_project(desk)
    open_outputs(desk, ids)
    slider = desk.get_by_test_id("volume")
    expect(slider).to_have_value("80")
    desk.get_by_test_id("mute").click()
    slider.fill("30")
    expect(desk.get_by_test_id("mute")).to_have_attribute("aria-pressed", "false")
    said = "() => window.showtellMachine.parts"
    assert desk.evaluate(f"({said})().synth.volume") == pytest.approx(0.3)
    assert desk.evaluate(f"({said})().speech.volume") == pytest.approx(0.3)
    desk.goto(f"/machine/{ids['project']}")
    desk.wait_for_function("() => window.showtellMachine")
    assert desk.evaluate(f"({said})().synth.volume") == pytest.approx(0.3)
    desk.goto("/play/pong")
    expect(desk.get_by_test_id("volume")).to_have_value("30")


def test_very_long_names_fit_on_a_phone(desk: Page) -> None:
    label = "A class with a very long name that goes on and on and on, as children like it"
    labels = [label, "W" * 60]
    made = desk.request.post("/api/v1/projects", data={"name": "Long", "labels": labels}).json()
    open_outputs(desk, {"project": made["id"]})
    desk.get_by_test_id("starter-emoji").click()
    expect(desk.get_by_test_id("try-class")).to_have_count(2)
    for width in (1280, 390, 320):
        desk.set_viewport_size({"width": width, "height": 800})
        assert desk.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
        for each in desk.get_by_test_id("output-card").all():
            box, button = each.bounding_box(), each.get_by_test_id("try-class").bounding_box()
            assert box and button
            assert button["x"] + button["width"] <= box["x"] + box["width"]


def test_an_address_of_no_project_says_so(ui_browser: Browser, watch: Callable[..., Page]) -> None:
    page = watch(ui_browser, excuse=("404",))
    for path in ("outputs", "machine"):
        page.goto(f"/{path}/11111111-2222-4333-8444-555555555555")
        expect(page.get_by_test_id("page-problem")).to_be_visible()
