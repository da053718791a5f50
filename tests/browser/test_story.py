"""The main job, from the first button to the last, in a real Chromium with a camera that plays
real pictures, against a real server that is killed on the way."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from film import CHAPTERS, READ_CHAPTER, film, pictures
from playwright.sync_api import Browser, BrowserContext, Page, expect
from scenes import CAMERA

READY = "[data-testid=hold-button]:not([disabled])"
ONE, TWO = "Darth", "Élsa ✓"
CHAPTER = {name: number for number, name in enumerate(CHAPTERS)}


@pytest.fixture(scope="module")
def shown() -> dict[str, Any]:
    """The pictures that the camera plays, by chapter."""
    return pictures()


@pytest.fixture(scope="module")
def browser(
    launch: Callable[..., Browser], shown: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Browser:
    """A browser with that film before its camera."""
    file = tmp_path_factory.mktemp("film") / "film.mjpeg"
    file.write_bytes(film(shown))
    return launch(*CAMERA, f"--use-file-for-fake-video-capture={file}")


class Desk:
    """A server that can be killed and started again at the same address, and watched pages."""

    def __init__(self, start_server: Callable[..., Any], browser: Browser):
        self.start_server, self.browser = start_server, browser
        self.wrongs: list[str] = []
        self.contexts: list[BrowserContext] = []
        self.server = start_server()
        self.url = self.server.url

    def person(self) -> Page:
        """Open the browser of a person who has never been here."""
        context = self.browser.new_context(base_url=self.url, reduced_motion="reduce")
        context.set_default_timeout(30_000)
        self.contexts.append(context)
        allowed = (self.url, self.url.replace("http", "ws"), "blob:", "data:")

        def on_request(request: Any) -> None:
            if not request.url.startswith(allowed):
                self.wrongs.append(f"request to {request.url}")

        # No network but the server: whatever else is asked for is noted and refused.
        context.route(lambda url: not url.startswith(allowed), lambda route: route.abort())
        context.on("request", on_request)
        page = context.new_page()
        page.on("pageerror", lambda error: self.wrongs.append(f"exception: {error}"))
        return page

    def kill_and_restart(self) -> None:
        """End the server as a power cut would, then start it at the same address."""
        self.server.kill()
        self.server = self.start_server(port=self.server.port)

    def api(self, path: str) -> Any:
        """Ask the server."""
        with urllib.request.urlopen(f"{self.url}/api/v1{path}") as answer:
            return json.load(answer)

    def close(self) -> None:
        for context in self.contexts:
            context.close()


@pytest.fixture
def desk(start_server: Callable[..., Any], browser: Browser) -> Any:
    """A fresh server and its watched pages; a request to anywhere else fails the test."""
    made = Desk(start_server, browser)
    yield made
    made.close()
    assert not made.wrongs, "\n".join(made.wrongs)


def wait_for_chapter(page: Page, name: str) -> None:
    """Wait until a chapter of the film begins."""
    page.evaluate(
        "async (wanted) => {"
        + READ_CHAPTER
        + """
          const until = async (test) => {
            while (!test(chapter())) await new Promise(requestAnimationFrame);
          };
          await until((seen) => seen !== wanted && seen !== -1);
          await until((seen) => seen === wanted);
        }""",
        CHAPTER[name],
    )


def count(page: Page, index: int) -> int:
    """How many pictures a class has."""
    place = page.get_by_test_id("sample-count").nth(index)
    return int(place.get_attribute("data-count") or 0)


def hold(page: Page, index: int, chapter: str, least: int = 12) -> None:
    """Hold the button of a class while its chapter plays."""
    button = page.get_by_test_id("hold-button").nth(index)
    button.scroll_into_view_if_needed()
    box = button.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    wait_for_chapter(page, chapter)
    page.mouse.down()
    page.wait_for_function(
        """([index, least]) => {"""
        + READ_CHAPTER
        + """
          const places = document.querySelectorAll('[data-testid=sample-count]');
          return Number(places[index].dataset.count) >= least;
        }""",
        arg=[index, least],
    )
    page.mouse.up()
    expect(page.get_by_test_id("rec")).to_have_count(0)


def answers(page: Page) -> dict[str, dict[str, int]]:
    """Watch the winner through one whole showing of the film.

    Returns:
        By chapter: how often each winner stood there, without the first 0.7 s of each chapter, when
        the smoothed bars still move.
    """
    found = page.evaluate(
        "async () => {"
        + READ_CHAPTER
        + """
          const counts = marks.map(() => ({}));
          let current = -1;
          let since = 0;
          const end = performance.now() + 14500;
          while (performance.now() < end) {
            await new Promise((done) => setTimeout(done, 50));
            const seen = chapter();
            if (seen !== current) [current, since] = [seen, performance.now()];
            if (current < 0 || performance.now() - since < 700) continue;
            const winner = document.querySelector('st-tell .live [data-testid=winner]').textContent;
            counts[current][winner] = (counts[current][winner] ?? 0) + 1;
          }
          return counts;
        }"""
    )
    return dict(zip(CHAPTERS, found, strict=True))


def share(found: dict[str, int], winner: str) -> float:
    """The share of the time that a winner stood there."""
    return found.get(winner, 0) / max(1, sum(found.values()))


def name_class(page: Page, index: int, name: str) -> None:
    """Rename a class in place."""
    field = page.get_by_test_id("class-name").nth(index)
    field.fill(name)
    field.press("Enter")


def save(page: Page) -> None:
    """Save to the server and wait until that is so."""
    page.get_by_test_id("save-button").click()
    expect(page.get_by_test_id("save-status")).to_have_attribute("data-state", "saved")


def test_teach_recognise_save_kill_reopen_export_delete_import(
    desk: Desk, tmp_path: Path, shown: dict[str, Any]
) -> None:
    page = desk.person()
    page.goto("/")
    page.get_by_test_id("new-project").click()
    page.wait_for_url("**/teach/*")
    page.wait_for_selector(READY)
    name_class(page, 0, ONE)
    name_class(page, 1, TWO)
    hold(page, 0, "teach one")
    hold(page, 1, "teach two")
    taught = [count(page, 0), count(page, 1)]
    assert min(taught) >= 12

    first = answers(page)
    assert share(first["ask one"], ONE) > 0.6, first
    assert share(first["ask two"], TWO) > 0.6, first
    assert share(first["ask other"], "None of these") > 0.5, first

    # A reload, before anything was saved, loses nothing.
    page.reload()
    page.wait_for_selector(READY)
    assert [count(page, 0), count(page, 1)] == taught

    save(page)
    project_id = page.url.rsplit("/", 1)[1]
    assert desk.api(f"/projects/{project_id}")["sample_count"] == sum(taught)
    desk.kill_and_restart()

    # Somebody else's browser knows only what the server kept.
    other = desk.person()
    other.goto("/")
    card = other.get_by_test_id("project-card")
    expect(card).to_have_count(1)
    card.get_by_role("link").first.click()
    other.wait_for_url("**/teach/*")
    other.wait_for_selector(READY)
    expect(other.get_by_test_id("class-card").nth(1)).to_have_attribute("data-label", TWO)
    assert [count(other, 0), count(other, 1)] == taught
    again = answers(other)
    assert share(again["ask one"], ONE) > 0.6, again
    assert share(again["ask two"], TWO) > 0.6, again

    file = tmp_path / "taken away.showtell"
    with urllib.request.urlopen(
        f"{desk.url}/api/v1/projects/{project_id}/export?format=showtell"
    ) as answer:
        file.write_bytes(answer.read())
    assert file.stat().st_size > 10_000

    other.goto("/")
    other.get_by_test_id("project-card").get_by_test_id("delete-project").click()
    other.get_by_test_id("confirm-delete").click()
    expect(other.get_by_test_id("project-card")).to_have_count(0)
    assert desk.api("/projects")["total"] == 0

    other.get_by_test_id("import-input").set_input_files(str(file))
    other.get_by_role("button", name="Open it").click()
    other.wait_for_url("**/teach/*")
    other.wait_for_selector(READY)
    expect(other.get_by_test_id("class-card").nth(0)).to_have_attribute("data-label", ONE)
    assert [count(other, 0), count(other, 1)] == taught
    back = answers(other)
    assert share(back["ask one"], ONE) > 0.6, back
    assert share(back["ask two"], TWO) > 0.6, back
