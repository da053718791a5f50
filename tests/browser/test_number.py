"""A number instead of classes, taught with a slider, in a real Chromium."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Browser, Page, expect
from steps import new_project, wait_for_samples


def test_a_number_is_taught_with_a_slider_and_kept_as_classes(
    ui_browser: Browser, watch: Callable[..., Page], ui_server: Any
) -> None:
    page = new_project(watch(ui_browser))
    page.get_by_test_id("learn-number").click()
    slider = page.get_by_test_id("number")
    expect(slider).to_be_focused()
    for index, value in enumerate((20, 80)):
        slider.fill(str(value))
        button = page.get_by_role("button", name=f"Hold to record at {value}")
        button.focus()
        page.keyboard.down(" ")
        wait_for_samples(page, index, 2)
        page.keyboard.up(" ")
        expect(page.get_by_test_id("rec")).to_have_count(0)
    # The two empty classes of a new project have made way.
    labels = [c.get_attribute("data-label") for c in page.get_by_test_id("class-card").all()]
    assert labels == ["20", "80"]

    # Another project of numbers opens with the slider; the ends can be set.
    page.get_by_test_id("save-button").click()
    expect(page.get_by_test_id("save-status")).to_have_attribute("data-state", "saved")
    page.reload()
    page.get_by_label("Highest number").fill("1")
    page.get_by_label("Highest number").press("Enter")
    expect(slider).to_have_attribute("max", "1")
    expect(slider).to_have_attribute("step", "0.01")
    expect(page.get_by_role("button", name="Hold to record at 1", exact=False)).to_be_visible()
