"""The first page in a real Chromium, served by the real server."""

from __future__ import annotations

import io
import json
import urllib.request
import uuid
import zipfile
from collections.abc import Callable
from pathlib import Path
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
    card(home, name).get_by_role("link", name=name, exact=True).click()
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


def write_folder(folder: Path) -> Path:
    """Makes a folder with two classes, one loose picture and files that are no pictures."""
    for label, draw in (("Disc", red), ("Square", blue)):
        (folder / label).mkdir(parents=True)
        for i in range(3):
            (folder / label / f"{i}.jpg").write_bytes(draw(8 * i)["buffer"])
    (folder / "loose.jpg").write_bytes(red(40)["buffer"])
    (folder / "notes.txt").write_text("not a picture")
    (folder / "Disc" / "broken.jpg").write_bytes(b"\xff\xd8 no picture")
    return folder


def test_a_chosen_folder_becomes_a_project_and_what_is_left_out_is_told(
    home: Page, ui_server: Any, tmp_path: Path
) -> None:
    name = f"Shapes {uuid.uuid4().hex[:6]}"
    folder = write_folder(tmp_path / name)
    button = home.get_by_role("button", name="Import a folder")
    chooser = home.get_by_test_id("import-folder")
    chooser.evaluate(
        """(input) => input.addEventListener('click', (event) => {
          event.preventDefault();
          input.dataset.asked = 'yes';
        }, { once: true })"""
    )
    button.press("Enter")
    expect(chooser).to_have_attribute("data-asked", "yes")
    chooser.set_input_files(folder)
    expect(card(home, name)).to_be_visible()
    expect(card(home, name).locator(".chip")).to_have_text(
        ["Disc 3", "Square 3"], use_inner_text=True
    )
    told = home.get_by_test_id("notice").filter(has_text="left out")
    for part in ("notes.txt", "loose.jpg", "broken.jpg"):
        expect(told).to_contain_text(part)
    expect(button).to_be_enabled()
    home.get_by_test_id("notice").get_by_role("button", name="Open it").click()
    expect(home.get_by_test_id("class-card")).to_have_count(2)


def test_an_import_of_a_folder_can_be_stopped_and_leaves_nothing(
    home: Page, tmp_path: Path
) -> None:
    name = f"Stopped {uuid.uuid4().hex[:6]}"
    folder = write_folder(tmp_path / name)
    home.route("**/projects/import", lambda route: None)  # an answer that never comes
    home.get_by_test_id("import-folder").set_input_files(folder)
    notice = home.get_by_test_id("notice").filter(has_text=name)
    home.wait_for_function("() => document.querySelector('.notice progress')?.value > 0")
    notice.get_by_role("button", name="Stop").click()
    expect(notice).to_have_count(0)
    expect(home.get_by_role("button", name="Import a folder")).to_be_enabled()
    expect(card(home, name)).to_have_count(0)


def test_loose_pictures_and_folders_without_any_are_explained(home: Page, tmp_path: Path) -> None:
    drop(home, "st-home", red(), blue())
    notice = home.get_by_test_id("notice")
    expect(notice).to_contain_text("2 pictures in no folder: of which class?")
    notice.get_by_role("button", name="Close").click()
    (tmp_path / "empty" / "texts").mkdir(parents=True)
    (tmp_path / "empty" / "texts" / "1.txt").write_text("words")
    home.get_by_test_id("import-folder").set_input_files(tmp_path / "empty")
    expect(notice).to_contain_text("1 file, but no pictures that can be read")
    expect(home.get_by_test_id("new-project")).to_be_enabled()


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
