"""The first page in a real Chromium, served by the real server."""

from __future__ import annotations

import io
import json
import urllib.request
import uuid
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from scenes import blue, drop, red


@pytest.fixture
def home(ui_browser: Browser, watch: Callable[..., Page]) -> Page:
    """The first page in a browser that has no projects of its own."""
    page = watch(ui_browser, viewport={"width": 1280, "height": 800})
    page.goto("/")
    page.wait_for_selector("st-home main [aria-busy=false], [data-testid=empty]")
    return page


def make_project(server: Any, name: str) -> str:
    """Makes a project with two classes on the server; returns its id."""
    body = json.dumps({"name": name, "labels": ["Cup", "Leaf"]}).encode()
    request = urllib.request.Request(
        f"{server.url}/api/v1/projects", body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["id"]


def card(page: Page, name: str) -> Any:
    """The card of a project."""
    return page.locator(f'[data-testid=project-card][data-name="{name}"]')


def picture_zip() -> bytes:
    """A zip with one folder of pictures for each of two classes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for i in range(3):
            archive.writestr(f"Disc/{i}.jpg", red(i)["buffer"])
            archive.writestr(f"Square/{i}.jpg", blue(i)["buffer"])
    return file.getvalue()


def test_new_project_leads_to_the_teach_page_and_back_to_its_card(home: Page) -> None:
    home.get_by_test_id("new-project").click()
    home.wait_for_url("**/teach/*")
    expect(home.get_by_test_id("class-card")).to_have_count(2)
    name = home.get_by_test_id("project-name")
    title = f"Kitchen {uuid.uuid4().hex[:6]}"
    name.fill(title)
    name.press("Enter")
    expect(home).to_have_title(f"{title} · Show & Tell")
    home.locator(".wordmark").click()
    expect(card(home, title)).to_have_attribute("data-state", "local")
    expect(card(home, title)).to_contain_text("Only in this browser")


def test_an_empty_browser_is_told_what_to_do_next(
    ui_browser: Browser, start_server: Callable[..., Any], watch: Callable[..., Page]
) -> None:
    server = start_server()
    page = watch(ui_browser, origin=server.url)
    page.goto("/")
    expect(page.get_by_test_id("empty").locator("li")).to_have_count(3)


def test_a_project_of_the_server_is_listed_and_opens(home: Page, ui_server: Any) -> None:
    name = f"Shared {uuid.uuid4().hex[:6]}"
    make_project(ui_server, name)
    home.reload()
    expect(card(home, name)).to_have_attribute("data-state", "server")
    expect(card(home, name).locator(".chip")).to_have_text(["Cup 0", "Leaf 0"], use_inner_text=True)
    card(home, name).get_by_role("link").click()
    expect(home.locator('[data-testid=class-card][data-label="Leaf"]')).to_be_visible()


def test_deleting_asks_first_and_then_deletes(home: Page, ui_server: Any) -> None:
    name = f"Doomed {uuid.uuid4().hex[:6]}"
    make_project(ui_server, name)
    home.reload()
    card(home, name).get_by_test_id("delete-project").click()
    home.get_by_role("button", name="Cancel").click()
    expect(card(home, name)).to_be_visible()
    card(home, name).get_by_test_id("delete-project").click()
    home.get_by_test_id("confirm-delete").click()
    expect(card(home, name)).to_have_count(0)
    home.reload()
    home.wait_for_selector("st-home main [aria-busy=false], [data-testid=empty]")
    expect(card(home, name)).to_have_count(0)


def test_a_dropped_zip_of_pictures_becomes_a_project_with_covers(home: Page) -> None:
    name = f"pictures {uuid.uuid4().hex[:6]}"
    file = {"name": f"{name}.zip", "mimeType": "application/zip", "buffer": picture_zip()}
    drop(home, "st-home", file)
    notice = home.get_by_test_id("notice").filter(has_text="is here")
    expect(notice).to_be_visible()
    new = home.get_by_test_id("project-card").filter(has_text="Disc").first
    expect(new.locator(".chip").first).to_contain_text("3")
    expect(new.locator(".covers img")).to_have_count(4)


def test_a_file_that_is_no_project_is_refused_in_words(
    ui_browser: Browser, watch: Callable[..., Page]
) -> None:
    page = watch(ui_browser, excuse=("Failed to load resource",))
    page.goto("/")
    page.wait_for_selector("st-home main [aria-busy=false], [data-testid=empty]")
    nonsense = {"name": "notes.zip", "mimeType": "application/zip", "buffer": b"not a zip at all"}
    page.get_by_test_id("import-input").set_input_files(nonsense)
    notice = page.get_by_test_id("notice")
    expect(notice).to_contain_text("notes.zip was not imported.")
    expect(notice).to_have_attribute("role", "alert")
    expect(page.get_by_test_id("new-project")).to_be_enabled()


@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_never_scrolls_sideways(
    width: int, ui_browser: Browser, ui_server: Any, watch: Callable[..., Page]
) -> None:
    make_project(ui_server, "A name so long that it would not fit into any card " * 3)
    page = watch(ui_browser, viewport={"width": width, "height": 844})
    page.goto("/")
    page.wait_for_selector("[data-testid=project-card]")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_chosen_theme_is_remembered(home: Page) -> None:
    background = "getComputedStyle(document.documentElement).backgroundColor"
    light = home.evaluate(background)
    home.get_by_test_id("theme").click()
    dark = home.evaluate(background)
    assert dark != light
    home.reload()
    assert home.evaluate(background) == dark
