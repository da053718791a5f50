"""The still grounds of games in a real browser: painted a coat at a time, copied by pixels."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

#: JavaScript: grounds of two coats, which say when they are painted.
HARNESS = """
  const { Grounds } = await import('/static/js/games/ground.js');
  const painted = [];
  const coat = (name, colour, x) => (paint) => {
    painted.push(name);
    paint.fillStyle = colour;
    paint.fillRect(x, 0, 80 - x, 60);
  };
  const grounds = new Grounds({
    width: 80, height: 60, nameOf: (level) => (level - 1) % 4,
    coatsOf: (level, dark) => [
      coat(`first ${level} ${dark}`, dark ? '#101010' : '#f0f0f0', 0),
      coat(`second ${level} ${dark}`, '#b23a1a', 40),
    ],
  });
  const canvas = document.createElement('canvas');
  const ctx = canvas.getContext('2d', { alpha: false, willReadFrequently: true });
  const show = (level, dark, width) => {
    canvas.width = width;
    canvas.height = (width * 3) / 4;
    ctx.scale(width / 80, width / 80);
    const copy = grounds.fill(ctx, level, dark);
    const at = (share) => [...ctx.getImageData(width * share, 5, 1, 1).data.slice(0, 3)];
    return { size: [copy.width, copy.height], left: at(0.25), right: at(0.75) };
  };
"""
LIGHT, DARK, ACCENT = [0xF0] * 3, [0x10] * 3, [0xB2, 0x3A, 0x1A]


@pytest.fixture(scope="module")
def page(launch: Callable[..., Browser], harness_port: int) -> Iterator[Page]:
    """An empty page of the tests' file server."""
    page = launch().new_page()
    page.goto(f"http://127.0.0.1:{harness_port}/tests/browser/pages/blank.html")
    yield page
    page.close()


def run(page: Page, body: str) -> Any:
    """What the body returns, run with grounds at hand."""
    return page.evaluate(f"async () => {{ {HARNESS} {body} }}")


def test_grounds_fill_the_field_in_the_pixels_of_the_canvas_and_are_painted_once(
    page: Page,
) -> None:
    shown, painted = run(
        page,
        """
        const sizes = [[1, false, 160], [1, false, 160], [1, false, 400], [5, true, 160],
          [1, false, 160]];
        return [sizes.map((size) => show(...size)), painted];
        """,
    )
    assert [each["size"] for each in shown] == [[160, 120]] * 2 + [[400, 300]] + [[160, 120]] * 2
    assert [each["left"] for each in shown] == [LIGHT, LIGHT, LIGHT, DARK, LIGHT]
    assert [each["right"] for each in shown] == [ACCENT] * 5
    assert painted == ["first 1 false", "second 1 false", "first 5 true", "second 5 true"]


def test_a_ground_is_prepared_a_coat_at_a_time_and_the_rest_is_painted_when_it_is_shown(
    page: Page,
) -> None:
    counts, shown, painted = run(
        page,
        """
        const counts = [];
        for (let i = 0; i < 3; i++) {
          grounds.prepare(2, false);
          counts.push(painted.length);
        }
        grounds.prepare(3, true);
        return [counts, show(3, true, 160), painted];
        """,
    )
    assert counts == [1, 2, 2]
    assert (shown["left"], shown["right"]) == (DARK, ACCENT)
    assert painted[2:] == ["first 3 true", "second 3 true"]


def test_only_the_latest_grounds_are_kept(page: Page) -> None:
    painted = run(
        page,
        """
        for (const level of [1, 2, 3, 4, 3, 2, 1]) show(level, false, 160);
        return painted.filter((name) => name.startsWith('first'));
        """,
    )
    assert painted == [f"first {level} false" for level in (1, 2, 3, 4, 1)]
