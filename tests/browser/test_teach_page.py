"""The teach page in a real Chromium: camera, classes, answers, how good it is."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from scenes import GREEN, blue, drop, red, scene
from steps import (
    READY,
    add_files,
    card,
    expect_samples,
    new_project,
    samples,
    teach_discs,
    wait_for_samples,
)

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def teach(ui_browser: Browser, watch: Callable[..., Page]) -> Page:
    """A new project with two empty classes, its eyes open."""
    return new_project(watch(ui_browser, viewport={"width": 1280, "height": 800}))


def wait_for_color(page: Page, color: str) -> None:
    """Waits until the camera's scene has just changed to red or to blue."""
    page.evaluate(
        """async (wanted) => {
          const video = document.querySelector('[data-testid=frame] video');
          const context = new OffscreenCanvas(1, 1).getContext('2d');
          const color = () => {
            context.drawImage(video, video.videoWidth / 2, video.videoHeight / 2, 1, 1, 0, 0, 1, 1);
            const [r, g, b] = context.getImageData(0, 0, 1, 1).data;
            return r > b + 50 ? 'red' : b > r + 50 ? 'blue' : '';
          };
          const until = async (test) => {
            while (!test(color())) await new Promise(requestAnimationFrame);
          };
          await until((seen) => seen && seen !== wanted);
          await until((seen) => seen === wanted);
        }""",
        color,
    )


def bar(page: Page, label: str) -> Locator:
    """The bar of a class on the right side."""
    return page.locator(f'st-tell st-answer.live [data-testid=bar][data-label="{label}"]')


def wait_for_winner(page: Page, label: str) -> None:
    """Waits until a class wins clearly."""
    expect(page.locator("st-tell st-answer.live [data-testid=winner]")).to_have_text(label)
    page.wait_for_function(
        """(label) => Number(document.querySelector(
          `st-tell .live [data-testid=bar][data-label="${label}"]`).dataset.score) > 0.6""",
        arg=label,
    )


def test_holding_the_buttons_teaches_and_the_right_bar_wins(teach: Page) -> None:
    for index, color in enumerate(("red", "blue")):
        button = card(teach, index).get_by_test_id("hold-button")
        wait_for_color(teach, color)
        box = button.bounding_box()
        assert box
        teach.mouse.move(box["x"] + 40, box["y"] + 20)
        teach.mouse.down()
        expect(teach.get_by_test_id("rec")).to_contain_text(f"Class {index + 1}")
        wait_for_samples(teach, index, 6)
        teach.mouse.up()
        expect(teach.get_by_test_id("rec")).to_have_count(0)
    for index, color in enumerate(("red", "blue")):
        wait_for_color(teach, color)
        wait_for_winner(teach, f"Class {index + 1}")
    assert float(teach.get_by_test_id("fps").text_content() or 0) > 1
    expect(teach.locator("st-tell .live .voters img").first).to_be_visible()


def test_a_digit_records_its_class_while_it_is_held(teach: Page) -> None:
    teach.keyboard.down("2")
    wait_for_samples(teach, 1, 3)
    teach.keyboard.up("2")
    expect(teach.get_by_test_id("rec")).to_have_count(0)
    assert samples(teach, 0) == 0
    # A whole press is one step: one undo takes it back.
    teach.keyboard.press("Control+z")
    expect_samples(teach, 1, 0)


def test_a_digit_in_a_name_is_only_a_digit(teach: Page) -> None:
    name = card(teach, 0).get_by_test_id("class-name")
    name.fill("")
    name.press_sequentially("Mug 12")
    name.press("Enter")
    expect(card(teach, 0)).to_have_attribute("data-label", "Mug 12")
    assert samples(teach, 0) == samples(teach, 1) == 0


def test_outputs_are_offered_once_there_is_something_to_tell_apart(teach: Page) -> None:
    expect(teach.get_by_test_id("to-outputs")).to_have_count(0)
    teach_discs(teach, 2)
    project = teach.url.rpartition("/")[2]
    expect(teach.get_by_test_id("to-outputs")).to_have_attribute("href", f"/outputs/{project}")


def test_renaming_keeps_the_pictures_and_changes_the_bars(teach: Page) -> None:
    teach_discs(teach)
    name = card(teach, 0).get_by_test_id("class-name")
    name.fill("Red disc")
    name.press("Enter")
    expect(bar(teach, "Red disc")).to_be_visible()
    expect_samples(teach, 0, 6)
    expect(
        teach.locator('[data-testid=cell][data-row="Red disc"][data-column="Red disc"]')
    ).to_have_text("6")


def test_deleting_pictures_can_be_undone(teach: Page) -> None:
    add_files(teach, 0, [red(4 * i) for i in range(5)])
    card(teach, 0).get_by_test_id("view-all").click()
    viewer = teach.get_by_test_id("viewer")
    expect(viewer.get_by_test_id("picture")).to_have_count(5)
    viewer.get_by_test_id("picture").nth(0).click()
    viewer.get_by_test_id("picture").nth(2).click(modifiers=["Shift"])
    expect(viewer).to_contain_text("3 selected")
    viewer.get_by_test_id("delete-pictures").click()
    expect(viewer.get_by_test_id("picture")).to_have_count(2)
    viewer.get_by_role("button", name="Close").click()
    expect_samples(teach, 0, 2)
    teach.keyboard.press("Control+z")
    expect_samples(teach, 0, 5)
    teach.keyboard.press("Control+Shift+z")
    expect_samples(teach, 0, 2)
    teach.get_by_test_id("undo").click()
    expect_samples(teach, 0, 5)


def test_a_cell_of_the_matrix_shows_its_pictures_and_moving_one_mends_it(teach: Page) -> None:
    teach_discs(teach)
    add_files(teach, 1, [red(30)])
    wrong = teach.locator('[data-testid=cell][data-row="Class 2"][data-column="Class 1"]')
    expect(wrong).to_have_text("1")
    wrong.click()
    viewer = teach.get_by_test_id("viewer")
    expect(viewer.get_by_role("heading")).to_have_text("Class 2 taken for Class 1")
    expect(viewer.get_by_test_id("picture")).to_have_count(1)
    viewer.get_by_test_id("picture").click()
    viewer.get_by_test_id("move-to").select_option(label="Class 1")
    expect(viewer).to_contain_text("No pictures here.")
    viewer.get_by_role("button", name="Close").click()
    expect_samples(teach, 0, 7)
    expect_samples(teach, 1, 6)
    expect(wrong).to_have_text("0")
    expect(teach.get_by_test_id("accuracy")).to_have_text("100%")


def test_where_nothing_is_wrong_it_says_so_until_something_is(teach: Page) -> None:
    teach_discs(teach)
    expect(teach.get_by_test_id("no-hints")).to_contain_text("Nothing stands out")
    expect(teach.get_by_test_id("hint")).to_have_count(0)
    add_files(teach, 1, [red(30)])
    expect(teach.locator("[data-testid=hint][data-kind=mislabelled]")).to_be_visible()
    expect(teach.get_by_test_id("no-hints")).to_have_count(0)


def test_a_file_dropped_on_tell_is_answered_until_it_is_dismissed(teach: Page) -> None:
    teach_discs(teach)
    drop(teach, "[data-testid=recognise]", blue(50))
    answer = teach.get_by_test_id("file-answer")
    expect(answer).to_contain_text("blue50.jpg")
    expect(answer.get_by_test_id("winner")).to_have_text("Class 2")
    expect(answer.get_by_role("img").first).to_be_visible()
    stranger = {**red(), "name": "stranger.jpg", "buffer": noise()}
    drop(teach, "[data-testid=recognise]", stranger)
    expect(answer.get_by_test_id("winner")).to_have_text("None of these")
    teach.get_by_test_id("dismiss-file").click()
    expect(answer).to_have_count(0)
    expect_samples(teach, 0, 6)


def noise() -> bytes:
    """A picture of nothing that was taught."""
    import io

    import numpy as np
    from PIL import Image

    pixels = np.random.default_rng(5).integers(0, 255, (48, 64, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).resize((640, 480), Image.Resampling.NEAREST).save(file, "JPEG")
    return file.getvalue()


def test_files_dropped_on_a_class_teach_it_and_bad_ones_are_named(teach: Page) -> None:
    broken = {"name": "broken.jpg", "mimeType": "image/jpeg", "buffer": b"\xff\xd8 no picture"}
    drop(teach, "[data-testid=class-card]", red(), broken, red(12))
    expect_samples(teach, 0, 2)
    expect(teach.get_by_test_id("notice")).to_contain_text("broken.jpg")


def test_everything_can_be_done_with_the_keyboard_alone(teach: Page) -> None:
    card(teach, 0).get_by_test_id("hold-button").focus()
    for key in ("Space", "Enter"):
        before = samples(teach, 0)
        teach.keyboard.down(key)
        wait_for_samples(teach, 0, before + 2)
        teach.keyboard.up(key)
        expect(teach.get_by_test_id("rec")).to_have_count(0)
    add_files(teach, 1, [blue(4 * i) for i in range(4)])
    cell = teach.get_by_test_id("cell")
    expect(cell).to_have_count(4)
    cell.first.focus()
    teach.keyboard.press("ArrowRight")
    teach.keyboard.press("ArrowDown")
    expect(cell.nth(3)).to_be_focused()
    teach.keyboard.press("Enter")
    viewer = teach.get_by_test_id("viewer")
    expect(viewer.get_by_test_id("picture").first).to_be_focused()
    left = viewer.get_by_test_id("picture").count()
    teach.keyboard.press("Space")
    expect(viewer).to_contain_text("1 selected")
    teach.keyboard.press("Delete")
    expect(viewer.get_by_test_id("picture")).to_have_count(left - 1)
    teach.keyboard.press("Escape")
    expect(viewer).to_be_hidden()
    expect_samples(teach, 1, 3)
    more = card(teach, 1).get_by_role("button", name="More about")
    more.focus()
    teach.keyboard.press("Enter")
    expect(teach.get_by_role("menuitem").first).to_be_focused()
    teach.keyboard.press("End")
    teach.keyboard.press("Enter")
    expect(teach.get_by_test_id("class-card")).to_have_count(1)
    teach.keyboard.press("Control+z")
    expect_samples(teach, 1, 3)


def test_focus_is_visible_on_every_control_that_tab_reaches(teach: Page) -> None:
    seen = set()
    for _ in range(24):
        teach.keyboard.press("Tab")
        name, outline = teach.evaluate(
            """() => {
              const e = document.activeElement;
              const box = e.matches('.segments input') ? e.parentElement : e;
              const style = getComputedStyle(box);
              return [e.outerHTML.slice(0, 80), style.outlineStyle !== 'none' || style.borderColor];
            }"""
        )
        seen.add(name)
        assert outline, name
    assert len(seen) > 15


@pytest.fixture
def denied(launch: Callable[..., Browser], watch: Callable[..., Page]) -> Page:
    """A project in a browser that refuses the camera."""
    browser = launch("--use-fake-device-for-media-stream", "--deny-permission-prompts")
    return new_project(watch(browser, viewport={"width": 1280, "height": 800}))


def test_a_refused_camera_is_explained_and_drawing_goes_on(denied: Page) -> None:
    panel = denied.get_by_test_id("camera-problem")
    expect(panel).to_have_attribute("data-kind", re.compile("denied|none"))
    expect(panel.get_by_role("heading")).to_be_visible()
    denied.get_by_test_id("way-drawing").click()
    expect(panel).to_have_count(0)
    sheet = denied.locator("[data-testid=frame] canvas")
    box = sheet.bounding_box()
    assert box
    denied.mouse.move(box["x"] + 60, box["y"] + 60)
    denied.mouse.down()
    denied.mouse.move(box["x"] + 220, box["y"] + 240, steps=5)
    denied.mouse.up()
    denied.get_by_role("button", name="Add this drawing: Class 1").click()
    expect_samples(denied, 0, 1)
    denied.get_by_test_id("clear-drawing").click()
    sheet.focus()
    denied.keyboard.down("Space")
    for _ in range(6):
        denied.keyboard.press("Shift+ArrowDown")
    denied.keyboard.up("Space")
    denied.keyboard.press("2")
    expect_samples(denied, 1, 1)
    # The sheet still shows what was just taught: its class wins at once, and stays.
    expect(denied.locator("st-tell .live [data-testid=winner]")).to_have_text("Class 2")


def test_chosen_pictures_are_shown_one_by_one_and_taught_by_one_press_each(denied: Page) -> None:
    denied.get_by_test_id("source-file").check(force=True)
    with denied.expect_file_chooser() as chooser:
        denied.get_by_role("button", name="Choose pictures").click()
    chooser.value.set_files([red(), blue()])
    expect(denied.locator("st-show")).to_contain_text("1 of 2: red0.jpg")
    denied.get_by_role("button", name="Add this picture: Class 1").click()
    expect_samples(denied, 0, 1)
    expect(denied.locator("st-show")).to_contain_text("2 of 2: blue0.jpg")
    denied.get_by_role("button", name="Add this picture: Class 2").click()
    expect_samples(denied, 1, 1)


def test_a_reload_loses_nothing(teach: Page) -> None:
    teach_discs(teach, 4)
    card(teach, 1).get_by_test_id("class-name").fill("Square")
    card(teach, 1).get_by_test_id("class-name").press("Enter")
    expect(bar(teach, "Square")).to_be_visible()
    # Until the disk has it all, the page asks before it goes.
    expect(teach.get_by_test_id("save-status")).to_have_attribute("data-stored", "true")
    teach.reload()
    teach.wait_for_selector(READY)
    expect_samples(teach, 0, 4)
    expect(card(teach, 1)).to_have_attribute("data-label", "Square")
    expect(teach.get_by_test_id("accuracy")).to_be_visible()
    teach.keyboard.press("Control+z")
    expect(card(teach, 1)).to_have_attribute("data-label", "Class 2")


def test_a_change_made_elsewhere_is_offered_for_merging(teach: Page, ui_server: Any) -> None:
    add_files(teach, 0, [red(), red(8)])
    status = teach.get_by_test_id("save-status")
    expect(status).to_have_attribute("data-state", "local")
    teach.keyboard.press("Control+s")
    expect(status).to_have_attribute("data-state", "saved")
    add_files(teach, 0, [red(16)])
    expect(status).to_have_attribute("data-state", "unsaved")
    body = json.dumps({"name": "Theirs"}).encode()
    address = f"{ui_server.url}/api/v1/projects/{teach.url.rsplit('/', 1)[1]}"
    request = urllib.request.Request(
        address, body, {"Content-Type": "application/json"}, method="PATCH"
    )
    urllib.request.urlopen(request).close()
    teach.get_by_test_id("conflict").click()
    teach.get_by_test_id("choice-merge").click()
    expect(status).to_have_attribute("data-state", "saved")
    expect_samples(teach, 0, 3)
    expect(teach.get_by_test_id("project-name")).to_have_value("Theirs")


def test_the_dials_change_the_answer_and_name_their_delay(teach: Page) -> None:
    teach_discs(teach, 4)
    teach.get_by_test_id("adjust").locator("summary").click()
    teach.get_by_test_id("smoothing").fill("600")
    expect(teach.get_by_test_id("adjust")).to_contain_text("600 ms later")
    teach.get_by_test_id("k").fill("3")
    expect(teach.get_by_test_id("adjust")).to_contain_text("The nearest 3 of 8 examples decide.")
    teach.get_by_test_id("tolerance-off").check()
    expect(bar(teach, "None of these")).to_have_attribute("data-score", "0.000")


def test_under_the_hood_the_numbers_move(teach: Page) -> None:
    teach.get_by_test_id("hood").locator("summary").click()
    strip = teach.locator(".number-strip")
    picture = "c => [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data].join()"
    teach.wait_for_function(
        "() => { const c = document.querySelector('.number-strip');"
        "return c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(Boolean); }"
    )
    before = strip.evaluate(picture)
    teach.wait_for_function(
        f"(before) => ({picture})(document.querySelector('.number-strip')) !== before", arg=before
    )
    expect(teach.get_by_test_id("backend")).to_have_text(re.compile("wasm|webgl|webgpu|cpu"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_have_enough_contrast_in_both_schemes(
    scheme: Any, ui_browser: Browser, watch: Callable[..., Page]
) -> None:
    page = new_project(
        watch(ui_browser, viewport={"width": 1280, "height": 800}, color_scheme=scheme)
    )
    teach_discs(page, 4)
    low = page.evaluate(CONTRASTS)
    assert low == []


#: Texts whose contrast to the nearest painted background is under 4.5 (3 for large ones).
CONTRASTS = """() => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const paint = (colors) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const color of colors) { canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((c) => c / 255)
      .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const SKIP = ':disabled, .visually-hidden, .veil, .skip-link, script, style, noscript, option';
  const low = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || !element.checkVisibility({ visibilityProperty: true })) continue;
    if (element.closest(SKIP)) continue;
    const layers = [];
    for (let e = element; e; e = e.parentElement) {
      layers.unshift(getComputedStyle(e).backgroundColor);
    }
    const back = paint(layers);
    const style = getComputedStyle(element);
    const front = paint([...layers, style.color]);
    const [a, b] = [luminance(back), luminance(front)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    const large = parseFloat(style.fontSize) >= 24;
    const text = node.data.trim().slice(0, 40);
    if (ratio < (large ? 3 : 4.5)) low.push(`${text}: ${ratio.toFixed(2)}`);
  }
  return low;
}"""


def test_on_a_phone_nothing_scrolls_sideways_and_the_picture_stays_in_sight(
    ui_browser: Browser, watch: Callable[..., Page]
) -> None:
    page = new_project(
        watch(ui_browser, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    )
    teach_discs(page, 4)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    button = card(page, 0).get_by_test_id("hold-button").bounding_box()
    assert button and button["height"] >= 56 and button["width"] > 300
    page.get_by_test_id("add-class").scroll_into_view_if_needed()
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    frame = page.get_by_test_id("frame").bounding_box()
    assert frame and 0 <= frame["y"] < 60 and frame["height"] < 200
    expect(page.locator(".pocket-answer [data-testid=bar]").first).to_be_visible()


def test_at_1280_camera_classes_and_answer_are_in_sight_together(teach: Page) -> None:
    teach_discs(teach, 4)
    for place in (
        teach.get_by_test_id("frame"),
        card(teach, 1),
        bar(teach, "None of these"),
        teach.get_by_test_id("add-class"),
    ):
        box = place.bounding_box()
        assert box and box["y"] >= 0 and box["y"] + box["height"] <= 800
        assert box["x"] + box["width"] <= 1280


def test_a_third_class_joins_the_bars_and_is_told(teach: Page) -> None:
    teach_discs(teach, 4)
    teach.get_by_test_id("add-class").click()
    name = card(teach, 2).get_by_test_id("class-name")
    expect(name).to_be_focused()
    name.fill("Green square")
    name.press("Enter")
    green = [
        {**blue(), "name": f"{i}.jpg", "buffer": scene(GREEN, "square", 4 * i)} for i in range(4)
    ]
    add_files(teach, 2, green)
    drop(teach, "[data-testid=recognise]", {**green[0], "buffer": scene(GREEN, "square", 30)})
    answer = teach.get_by_test_id("file-answer")
    expect(answer.get_by_test_id("winner")).to_have_text("Green square")
    expect(answer.get_by_test_id("bar")).to_have_count(4)
