"""Programs in other languages hear what a real page sees, as the pictures before it change."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from steps import new_project, teach_discs


@pytest.fixture(scope="module")
def seeing(ui_browser: Browser, ui_server: Any) -> Iterator[str]:
    """The id of a project that a page shows: its camera sees a red disc and a blue square in turn."""
    context = ui_browser.new_context(base_url=ui_server.url, reduced_motion="reduce")
    context.set_default_timeout(20_000)
    page = new_project(context.new_page())
    teach_discs(page, 4)
    page.keyboard.press("Control+s")
    expect(page.get_by_test_id("save-status")).to_have_attribute("data-state", "saved")
    yield page.url.rsplit("/", 1)[1]
    context.close()


def predictions(url: str) -> Iterator[dict[str, Any]]:
    """The predictions of a stream, without any of our own code."""
    with urllib.request.urlopen(url, timeout=20) as answer:
        for line in answer:
            if line.startswith(b"data: {"):
                yield json.loads(line[6:])


def test_the_teach_page_tells_what_it_sees_while_somebody_listens(
    seeing: str, ui_server: Any
) -> None:
    heard: list[dict[str, Any]] = []
    for told in predictions(f"{ui_server.url}/api/v1/projects/{seeing}/stream"):
        heard.append(told)
        if len({one["label"] for one in heard} - {None}) == 2:
            break
    numbers = [one["sequence"] for one in heard]
    assert numbers == list(range(numbers[0], numbers[0] + len(heard)))
    for one in heard:
        print(one)
        break
