"""The drawings of the games in a real browser: what they show follows from the state alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

GAMES = ("pong", "snake", "maze", "sorter", "runner")

#: JavaScript: a game by its bot, and its picture as the sum of its pixels by place.
HARNESS = """
  const { load } = await import('/static/js/games/table.js');
  const { seeded } = await import('/static/js/core/random.js');
  const game = await load(name);
  const { width, height } = game.GAME.field;
  const canvas = new OffscreenCanvas(Math.round(width / 2), Math.round(height / 2));
  const ctx = canvas.getContext('2d', { alpha: false, willReadFrequently: true });
  const view = (more) => ({ width, height, alpha: 0.4, time: 1234, calm: false, dark: false,
    players: [{ name: '', action: null }, { name: '', action: null }], ...more });
  const picture = (paint) => {
    ctx.reset();
    ctx.scale(canvas.width / width, canvas.height / height);
    paint(ctx);
    const { data } = ctx.getImageData(0, 0, canvas.width, canvas.height);
    let [hash, colours] = [0, new Set()];
    for (let i = 0; i < data.length; i += 4) {
      const pixel = data[i] | (data[i + 1] << 8) | (data[i + 2] << 16);
      hash = (Math.imul(hash, 31) + pixel) | 0;
      if (i % 400 === 0) colours.add(pixel);
    }
    return { hash, colours: colours.size };
  };
  const played = (scheme, level, ticks, idleFrom = Infinity, each = () => {}) => {
    const random = seeded(7);
    const state = game.create({ random, players: 1, scheme, level, options: {} });
    let last = null;
    for (let i = 0; i < ticks; i++) {
      const action = i < idleFrom ? game.bot(state, 0) : null;
      const pressed = action && action !== last ? [action] : [];
      game.step(state, [{ held: new Set(action ? [action] : []), pressed }], random);
      last = action;
      each(state, i);
    }
    return state;
  };
"""


@pytest.fixture(scope="module")
def page(launch: Callable[..., Browser], harness_port: int) -> Iterator[Page]:
    """An empty page of the tests' file server."""
    page = launch().new_page()
    page.goto(f"http://127.0.0.1:{harness_port}/tests/browser/pages/blank.html")
    yield page
    page.close()


def run(page: Page, name: str, body: str) -> dict[str, list[int]]:
    """What the body returns, run with the game and the harness at hand."""
    return page.evaluate(f"async (name) => {{ {HARNESS} {body} }}", name)


@pytest.mark.parametrize("name", GAMES)
def test_drawing_follows_from_state_and_view_alone_and_leaves_the_state_as_it_was(
    page: Page, name: str
) -> None:
    found = run(
        page,
        name,
        """
        const wrong = [];
        let drawn = 0;
        for (const { id } of game.GAME.schemes) for (const dark of [false, true]) {
          const calm = dark;
          played(id, dark ? 4 : 1, 900, 700, (state, tick) => {
            if (tick % 150 !== 149) return;
            const before = JSON.stringify(state);
            const first = picture((c) => game.draw(c, state, view({ dark, calm })));
            const second = picture((c) => game.draw(c, state, view({ dark, calm })));
            if (first.hash !== second.hash) wrong.push(`${id} ${tick}: two pictures of one state`);
            if (before !== JSON.stringify(state)) wrong.push(`${id} ${tick}: state changed`);
            if (first.colours < 12) wrong.push(`${id} ${tick}: ${first.colours} colours`);
            drawn += 1;
          });
        }
        return { wrong, drawn };
        """,
    )
    assert found["wrong"] == []
    assert found["drawn"] >= 12


@pytest.mark.parametrize("name", GAMES)
def test_drawing_leaves_the_context_as_it_was(page: Page, name: str) -> None:
    found = run(
        page,
        name,
        """
        const state = played(game.GAME.schemes[0].id, 2, 500);
        picture((c) => game.draw(c, state, view()));
        const t = ctx.getTransform();
        const scale = [t.a * width, t.d * height, t.e, t.f];
        return { scale, size: [canvas.width, canvas.height], alpha: ctx.globalAlpha };
        """,
    )
    assert found["scale"] == pytest.approx([*found["size"], 0, 0])
    assert found["alpha"] == 1


def test_every_picture_begins_with_nothing_that_was_set_for_the_one_before(page: Page) -> None:
    found = page.evaluate(
        """async () => {
        const { Stage } = await import('/static/js/games/shell/stage.js');
        const canvas = document.createElement('canvas');
        const stage = new Stage(canvas, { width: 100, height: 50 });
        const said = () => {
          const { a, d, e, f } = stage.begin().getTransform();
          const { lineCap, lineWidth, textBaseline, globalAlpha } = stage.ctx;
          return { scale: [a, d, e, f], lineCap, lineWidth, textBaseline, globalAlpha };
        };
        const first = said();
        Object.assign(stage.ctx, { lineCap: 'round', lineWidth: 9, textBaseline: 'top',
          globalAlpha: 0.5 });
        stage.ctx.rotate(1);
        const second = said();
        stage.wanted = { width: 400, height: 200 };
        Object.assign(stage.ctx, { lineCap: 'square' });
        const third = said();
        stage.close();
        return [first, second, third];
        }"""
    )
    plain = {"lineCap": "butt", "lineWidth": 1, "textBaseline": "alphabetic", "globalAlpha": 1}
    assert found == [{"scale": [*scale, 0, 0], **plain} for scale in ((3, 3), (3, 3), (4, 4))]


@pytest.mark.parametrize("name", GAMES)
def test_light_and_dark_are_two_pictures_and_so_are_two_ticks(page: Page, name: str) -> None:
    found = run(
        page,
        name,
        """
        const scheme = game.GAME.schemes[0].id;
        const [early, late] = [played(scheme, 1, 240), played(scheme, 1, 300)];
        return {
          light: picture((c) => game.draw(c, early, view())).hash,
          dark: picture((c) => game.draw(c, early, view({ dark: true }))).hash,
          later: picture((c) => game.draw(c, late, view())).hash,
        };
        """,
    )
    assert len(set(found.values())) == 3


@pytest.mark.parametrize("name", ("snake", "maze", "sorter", "runner"))
def test_where_less_motion_is_asked_for_nothing_moves_but_the_game(page: Page, name: str) -> None:
    found = run(
        page,
        name,
        """
        const state = played(game.GAME.schemes[0].id, 2, 500);
        const at = (time, calm) => picture((c) => game.draw(c, state, view({ time, calm }))).hash;
        const shown = (time, calm) => picture((c) => game.preview(c, view({ time, calm }))).hash;
        return {
          calm: [at(0, true), at(7777, true)], lively: [at(0, false), at(7777, false)],
          calmPreview: [shown(0, true), shown(7777, true)],
          livelyPreview: [shown(8000, false), shown(8100, false)],
        };
        """,
    )
    assert found["calm"][0] == found["calm"][1]
    assert found["lively"][0] != found["lively"][1]
    assert found["calmPreview"][0] == found["calmPreview"][1]
    assert found["livelyPreview"][0] != found["livelyPreview"][1]
