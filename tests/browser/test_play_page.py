"""The arcade: a project, five games, and what else a project can drive."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

CREATE = """async ([name, labels]) => {
  const { Session } = await import('/static/js/store/session.js');
  const session = await Session.create({ name, labels, live: false });
  await session.close();
  return session.id;
}"""


def made(page: Page, name: str, *labels: str) -> str:
    return page.evaluate(CREATE, [name, list(labels)])


@pytest.fixture
def page(watch: Any, ui_browser: Any) -> Page:
    return watch(ui_browser)


def test_without_a_project_one_plays_by_keys_or_teaches_gestures(start_server, watch, ui_browser):
    # Asked for first, the server outlives the page, which would miss it.
    page = watch(ui_browser, origin=start_server().url)
    page.goto("/play")
    expect(page.get_by_test_id("game-card")).to_have_count(5)
    empty = page.get_by_test_id("play-empty")
    expect(empty.get_by_role("link", name="Play with the keyboard")).to_have_attribute(
        "href", "/play/pong"
    )
    empty.get_by_test_id("teach-gestures").click()
    page.wait_for_url("**/control/*?game=pong")
    expect(page.get_by_test_id("part-teach")).to_be_visible()
    page.goto("/play")
    expect(page.get_by_test_id("choose-project").locator("option:checked")).to_have_text(
        "My gestures"
    )


def test_every_game_shows_its_own_picture(page):
    page.goto("/play")
    expect(page.get_by_test_id("game-card")).to_have_count(5)
    pictures = page.evaluate("""() => new Promise((resolve) => {
      const look = () => {
        const all = [...document.querySelectorAll('st-play-preview')];
        const found = all.map((each) => {
          each.draw();
          const canvas = each.querySelector('canvas');
          const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
          const colours = new Set();
          for (let i = 0; i < data.length; i += 400) {
            colours.add(`${data[i] >> 4} ${data[i + 1] >> 4} ${data[i + 2] >> 4}`);
          }
          return { game: each.game.GAME.name, colours: colours.size, failed: each.failed };
        });
        if (found.every(({ colours }) => colours > 5)) resolve(found);
        else requestAnimationFrame(look);
      };
      look();
    })""")
    assert [each["game"] for each in pictures] == ["pong", "snake", "maze", "sorter", "runner"]
    assert not any(each["failed"] for each in pictures)


def test_the_project_that_was_chosen_last_is_played_with(page):
    page.goto("/")
    first, second = made(page, "First", "a", "b"), made(page, "Second", "c", "d")
    page.goto(f"/play?project={first}")
    choice = page.get_by_test_id("choose-project")
    expect(choice).to_have_value(first)
    choice.select_option(second)
    card = page.locator("[data-testid=game-card][data-game=snake]")
    expect(card.get_by_role("link", name="Lantern Walk", exact=True)).to_have_attribute(
        "href", f"/play/snake?project={second}"
    )
    expect(card.get_by_test_id("set-up")).to_have_attribute("href", f"/control/{second}?game=snake")
    page.goto("/play")
    expect(choice).to_have_value(second)
    # Without a project every game is still there.
    choice.select_option("")
    expect(page.get_by_test_id("set-up")).to_have_count(0)
    expect(card.get_by_role("link", name="Lantern Walk", exact=True)).to_have_attribute(
        "href", "/play/snake"
    )


def test_the_best_score_of_a_project_stands_on_its_game(page):
    page.goto("/")
    project = made(page, "Scored", "a", "b")
    page.evaluate(
        """async (projectId) => {
      const { Scores } = await import('/static/js/play/scores.js');
      // Played while the server was away.
      const request = () => Promise.reject(new Error('away'));
      const scores = new Scores({ projectId, storage: localStorage, request });
      const played = { game: 'maze', level: 2, name: 'Ada', controller: 'camera', seconds: 50 };
      for (const score of [700, 12400]) await scores.add({ ...played, score }).sent;
    }""",
        project,
    )
    page.goto(f"/play?project={project}")
    card = page.locator("[data-testid=game-card][data-game=maze]")
    expect(card).to_contain_text("Best 12,400, Ada")
    expect(page.locator("[data-testid=game-card][data-game=snake]")).not_to_contain_text("Best")


def test_what_else_can_be_driven_is_a_press_away(page):
    page.goto("/")
    project = made(page, "Ways", "a", "b")
    page.goto(f"/play?project={project}")
    for name in ("control", "outputs", "machine"):
        link = page.get_by_test_id(f"way-{name}").get_by_role("link")
        expect(link).to_have_attribute("href", f"/{name}/{project}")
    expect(page.get_by_test_id("way-stream")).to_contain_text('python -m server listen "Ways"')
    page.get_by_test_id("phones").click()
    # A phone fetches the project from the server: it is saved before a code is shown.
    expect(page.get_by_test_id("phone-url")).to_be_visible()
    assert page.request.get(f"/api/v1/projects/{project}").ok
    page.get_by_test_id("close-phones").click()
    expect(page.locator("st-phones")).to_have_count(0)


def test_projects_lead_to_play(page):
    page.goto("/")
    project = made(page, "Leads", "a", "b")
    page.reload()
    card = page.locator(f'[data-testid=project-card][data-id="{project}"]')
    expect(card.get_by_role("link", name="Play with Leads")).to_have_attribute(
        "href", f"/play?project={project}"
    )
    expect(page.get_by_test_id("play")).to_have_attribute("href", "/play")
    page.goto(f"/teach/{project}")
    expect(page.get_by_test_id("play")).to_have_attribute("href", f"/play?project={project}")
