"""What a person does on the teach page, and a program beside it, as steps of tests."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Locator, Page, expect
from scenes import blue, red

READY = "[data-testid=hold-button]:not([disabled])"


def new_project(page: Page) -> Page:
    """Makes a project as a person does and waits until it can be taught."""
    page.goto("/")
    page.get_by_test_id("new-project").click()
    page.wait_for_url("**/teach/*")
    page.wait_for_selector(READY)
    return page


def card(page: Page, index: int) -> Locator:
    """The card of a class."""
    return page.get_by_test_id("class-card").nth(index)


def samples(page: Page, index: int) -> int:
    """How many pictures a class has."""
    count = card(page, index).get_by_test_id("sample-count").get_attribute("data-count")
    return int(count or 0)


def expect_samples(page: Page, index: int, count: int | str) -> None:
    """Waits until a class has so many pictures, or a number that matches."""
    wanted = re.compile(count) if isinstance(count, str) else str(count)
    place = card(page, index).get_by_test_id("sample-count")
    expect(place).to_have_attribute("data-count", wanted)


def wait_for_samples(page: Page, index: int, least: int) -> None:
    """Waits until a class has at least so many pictures."""
    page.wait_for_function(
        "([i, n]) => document.querySelectorAll('[data-testid=sample-count]')[i].dataset.count >= n",
        arg=[index, least],
    )


def add_files(page: Page, index: int, files: list[dict[str, Any]]) -> None:
    """Adds files to a class by its menu and waits for them."""
    before = samples(page, index)
    card(page, index).get_by_role("button", name="More about").click()
    with page.expect_file_chooser() as chooser:
        page.get_by_test_id("add-files").click()
    chooser.value.set_files(files)
    expect_samples(page, index, before + len(files))


def teach_discs(page: Page, each: int = 6) -> None:
    """Teaches red discs and blue squares from files, and waits for the evaluation."""
    add_files(page, 0, [red(4 * i) for i in range(each)])
    add_files(page, 1, [blue(4 * i) for i in range(each)])
    expect(page.get_by_test_id("matrix")).to_be_visible()
    expect(page.locator("st-quality")).to_contain_text(f"of {2 * each} pictures")


def predictions(server: Any, project: str) -> Iterator[dict[str, Any]]:
    """Hears the project's stream as a program does."""
    address = f"{server.url}/api/v1/projects/{project}/stream"
    with urllib.request.urlopen(address, timeout=30) as answer:
        for line in answer:
            if line.startswith(b"data: {"):
                found = json.loads(line[6:])
                if "action" in found:
                    yield found
