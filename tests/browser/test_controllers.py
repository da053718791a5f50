"""Keys and fingers as controllers, with the events of a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

#: JavaScript: a play area with two buttons, a link and a field, heard by both controllers.
AREA = """async () => {
  const [{ TouchController }, { KeyboardController }] = await Promise.all([
    import('/static/js/control/touch.js'), import('/static/js/control/keyboard.js'),
  ]);
  const area = document.createElement('div');
  area.innerHTML = `<button id="left" data-action="left">Left</button>
    <button id="right" data-action="right">Right</button>
    <a href="#elsewhere">A link</a><input aria-label="Name">`;
  Object.assign(area.style, { position: 'fixed', inset: '0' });
  for (const [id, x] of [['left', 0], ['right', 120]]) {
    const { style } = area.querySelector(`#${id}`);
    style.cssText = `position: absolute; left: ${x}px; top: 400px; width: 100px; height: 100px`;
  }
  document.body.replaceChildren(area);
  window.said = [];
  window.ages = [];
  const touch = new TouchController({ element: area });
  const play = { touch, keyboard: new KeyboardController() };
  for (const controller of Object.values(play)) {
    controller.addEventListener('action', ({ detail: { type, action } }) => {
      said.push(`${controller.kind} ${type} ${action}`);
      ages.push(controller.age);
    });
    controller.start();
  }
  window.play = play;
}"""
LEFT, RIGHT, FREE = (50, 450), (170, 450), (200, 200)


@pytest.fixture(scope="module")
def browser(launch: Callable[..., Browser]) -> Browser:
    return launch()


@pytest.fixture
def page(browser: Browser, harness_port: int) -> Iterator[Page]:
    context = browser.new_context(has_touch=True, viewport={"width": 400, "height": 600})
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{harness_port}/tests/browser/pages/blank.html")
    page.evaluate(AREA)
    yield page
    context.close()


def said(page: Page) -> list[str]:
    """Give what the controllers have said since this was asked last."""
    return page.evaluate("said.splice(0)")


def test_a_mouse_holds_a_button_slides_to_the_next_and_leaves_both(page: Page) -> None:
    page.mouse.move(*LEFT)
    page.mouse.down()
    assert said(page) == ["touch press left"]
    page.mouse.move(*RIGHT)
    assert said(page) == ["touch release left", "touch press right"]
    page.mouse.move(*FREE)
    assert said(page) == ["touch release right"]
    page.mouse.move(*RIGHT)
    page.mouse.up()
    assert said(page) == ["touch press right", "touch release right"]
    ages = page.evaluate("ages")
    assert all(0 <= age < 1000 for age in ages)


def test_a_swipe_turns_without_lifting_and_ends_outside_the_page(page: Page) -> None:
    page.mouse.move(*FREE)
    page.mouse.down()
    page.mouse.move(200, 150)
    page.mouse.move(200, 240)
    assert said(page) == ["touch press up", "touch release up", "touch press down"]
    page.mouse.move(900, 900)
    said(page)
    page.mouse.up()
    assert [line for line in said(page) if "press" in line] == []
    assert page.evaluate("play.touch.held.size") == 0


def test_a_tap_is_go_and_a_link_stays_a_link(page: Page) -> None:
    page.touchscreen.tap(*FREE)
    assert said(page) == ["touch press go", "touch release go"]
    page.get_by_role("link").click()
    assert said(page) == []
    assert page.url.endswith("#elsewhere")


def test_two_fingers_hold_two_buttons(page: Page) -> None:
    fingers = page.context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[int, tuple[int, int]]) -> None:
        at = [{"id": finger, "x": x, "y": y} for finger, (x, y) in points]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})

    touch("touchStart", (1, LEFT))
    touch("touchStart", (1, LEFT), (2, RIGHT))
    assert said(page) == ["touch press left", "touch press right"]
    touch("touchEnd")
    assert sorted(said(page)) == ["touch release left", "touch release right"]


def test_a_finger_that_swipes_does_not_scroll_the_page(page: Page) -> None:
    page.evaluate(
        "const long = document.createElement('div'); long.style.height = '5000px';"
        "document.body.append(long)"
    )
    fingers = page.context.new_cdp_session(page)
    point = {"id": 1, "x": 200, "y": 300}
    fingers.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    for y in range(290, 100, -10):
        at = [{**point, "y": y}]
        fingers.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": at})
    assert said(page) == ["touch press up"]
    fingers.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert said(page) == ["touch release up"]
    assert page.evaluate("scrollY") == 0


def test_a_button_can_be_pressed_by_keys_and_other_keys_still_play(page: Page) -> None:
    page.locator("#left").focus()
    for key in ("Space", "Enter"):
        page.keyboard.press(key)
        assert said(page) == ["touch press left", "touch release left"]
    page.keyboard.press("ArrowUp")
    assert said(page) == ["keyboard press up", "keyboard release up"]


def test_what_is_typed_is_not_played(page: Page) -> None:
    field = page.get_by_label("Name")
    field.focus()
    page.keyboard.type("wasd 1")
    page.keyboard.press("ArrowLeft")
    assert said(page) == []
    assert field.input_value() == "wasd 1"


def test_keys_are_let_go_when_the_window_loses_the_focus(page: Page) -> None:
    page.keyboard.down("KeyD")
    page.keyboard.down("Space")
    assert said(page) == ["keyboard press right", "keyboard press go"]
    page.evaluate("window.dispatchEvent(new Event('blur'))")
    assert said(page) == ["keyboard release right", "keyboard release go"]
    page.keyboard.up("KeyD")
    assert said(page) == []
    # Held down, the system repeats it: that presses nothing by itself.
    page.keyboard.down("Space")
    assert said(page) == []
