"""What a person sees of training: the dialog of the teach page, against real trainings."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from scenes import BLUE, RED, scene
from steps import READY, new_project

#: Pictures of each class. A fifth is held back to judge by.
EACH = 20
#: Epochs that take some seconds, so that there is something to watch.
WATCHED = 900
#: Epochs that nobody waits for.
ENDLESS = 1000


def taught(page: Page) -> str:
    """Brings a project of two classes to the server, opens it, returns its address."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, color, shape in (("disc", RED, "disc"), ("square", BLUE, "square")):
            for i in range(EACH):
                archive.writestr(f"{name}/{i}.jpg", scene(color, shape, 3 * i - 30))
    upload = {"name": "Shapes.zip", "mimeType": "application/zip", "buffer": file.getvalue()}
    page.goto("/")
    answer = page.request.post("/api/v1/projects/import", multipart={"file": upload})
    assert answer.ok, answer.text()
    page.goto(f"/teach/{answer.json()['id']}")
    page.wait_for_selector(READY)
    expect(page.get_by_test_id("accuracy")).to_be_visible()
    return page.url


@pytest.fixture
def page(ui_browser: Browser, watch: Callable[..., Page]) -> Page:
    """The teach page of two classes that nothing was trained on."""
    page = watch(ui_browser, viewport={"width": 1280, "height": 900})
    taught(page)
    return page


def open_trainings(page: Page) -> Locator:
    """Opens the dialog."""
    page.get_by_test_id("open-trainings").click()
    dialog = page.get_by_test_id("trainings")
    expect(dialog).to_be_visible()
    return dialog


def choose(page: Page, recipe: str, **options: float) -> None:
    """Chooses a recipe and sets its options as a person does."""
    page.get_by_test_id(f"recipe-{recipe}").check(force=True)
    if options:
        page.get_by_test_id("recipe-settings").locator("summary").click()
    for name, value in options.items():
        field = page.locator(f"#option-{name}")
        field.fill(str(value))
        field.press("Tab")


def start(page: Page) -> Locator:
    """Presses the button and waits for the training to be shown."""
    page.get_by_test_id("start-training").click()
    job = page.get_by_test_id("training-job")
    expect(job).to_be_visible()
    return job


def trained(page: Page, recipe: str, **options: int) -> Locator:
    """Trains a recipe to its end and returns its result."""
    choose(page, recipe, **options)
    start(page)
    result = page.get_by_test_id("training-result")
    expect(result).to_be_visible(timeout=60_000)
    return result


def wait_for_epoch(page: Page, least: int) -> None:
    """Waits until the curves have come so far."""
    page.wait_for_function(
        "n => Number(document.querySelector('[data-testid=curves]')?.dataset.epoch) >= n",
        arg=least,
        timeout=60_000,
    )


def test_a_training_is_watched_judged_and_put_to_use(page: Page) -> None:
    button = page.get_by_test_id("open-trainings")
    button.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Train it properly")
    expect(dialog).to_be_visible()
    expect(page.get_by_test_id("promise")).to_contain_text("never learns from these")
    choose(page, "head", epochs=WATCHED, batch=1)
    expect(page.get_by_test_id("recipe-settings")).to_contain_text("2 changes")
    start(page)
    # The curves move by themselves, and can be read out with the keyboard.
    wait_for_epoch(page, 3)
    wait_for_epoch(page, 20)
    result = page.get_by_test_id("training-result")
    expect(result).to_be_visible(timeout=60_000)
    number = page.get_by_test_id("result-number")
    expect(number).to_have_text(re.compile(r"^\d+ of 8$"))
    expect(page.get_by_test_id("verdict")).to_contain_text(
        re.compile(r"test pictures right.*\d+%.*most likely \d+", re.DOTALL)
    )
    expect(page.get_by_test_id("diagnosis").get_by_role("listitem").first).to_be_visible()
    # Behind a cell of the matrix are its pictures.
    cell = result.get_by_test_id("cell").first
    inside = int(cell.inner_text())
    assert inside > 0
    cell.click()
    viewer = page.get_by_test_id("viewer")
    expect(viewer.get_by_role("heading", name="disc, told right")).to_be_visible()
    expect(viewer.get_by_test_id("picture")).to_have_count(inside)
    page.keyboard.press("Escape")
    expect(viewer).to_be_hidden()
    expect(dialog).to_be_visible()
    # The parts of the result are tabs, for the keyboard too.
    page.get_by_role("tab", name="Mistakes").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Each class")).to_be_focused()
    table = page.get_by_test_id("per-class")
    expect(table.get_by_role("row")).to_have_count(3)
    # F1, its last column, is in sight on a phone too.
    page.set_viewport_size({"width": 390, "height": 844})
    assert table.evaluate("e => e.parentElement.scrollWidth <= e.parentElement.clientWidth")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.keyboard.press("ArrowRight")
    expect(page.get_by_test_id("calibration")).to_contain_text("Temperature")
    page.keyboard.press("ArrowRight")
    curves = page.get_by_test_id("curves")
    expect(curves).to_have_attribute("data-epochs", str(WATCHED))
    reader = page.get_by_test_id("curves-reader")
    reader.focus()
    page.keyboard.press("Home")
    expect(reader).to_have_attribute("aria-valuetext", re.compile(r"^Epoch 1, accuracy \d+%"))
    page.get_by_role("tab", name="How it was tested").click()
    made = page.get_by_test_id("how-made")
    expect(made).to_contain_text("python -m server train")
    expect(made).to_contain_text(f"epochs {WATCHED}")
    page.get_by_test_id("result-more").click()
    with page.expect_download() as download:
        page.get_by_test_id("report-html").click()
    assert "Small network" in Path(download.value.path()).read_text(encoding="utf-8")
    # It answers in place of the quick learner, and says so.
    result.get_by_test_id("use-this").click()
    expect(result.get_by_test_id("in-use")).to_be_visible()
    # Closed and opened again, it is where it was.
    page.get_by_test_id("close-trainings").click()
    open_trainings(page)
    expect(number).to_be_visible()
    page.get_by_test_id("close-trainings").click()
    expect(dialog).to_be_hidden()
    expect(button).to_be_focused()
    answerer = page.get_by_test_id("answerer")
    expect(answerer).to_contain_text(re.compile(r"Small network, trained \d\d:\d\d"))
    open_trainings(page)
    page.get_by_test_id("compare-live").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_test_id("compare")).to_be_in_viewport()
    expect(page.get_by_test_id("toggle-compare")).to_have_attribute("aria-pressed", "true")
    agreement = page.get_by_test_id("agreement")
    expect(agreement).to_contain_text(re.compile(r"same answer in [\d,]+ of [\d,]+ frames"))
    expect(page.get_by_test_id("compare-used")).to_contain_text("Small network")
    expect(page.get_by_test_id("compare-other")).to_contain_text("Quick learner")
    page.get_by_test_id("use-knn").click()
    expect(answerer).to_contain_text("Quick learner")
    expect(page.get_by_test_id("compare")).to_have_count(0)


def test_a_reload_shows_the_whole_story_and_a_long_training_is_cancelled(page: Page) -> None:
    open_trainings(page)
    choose(page, "head", epochs=ENDLESS, batch=1)
    start(page)
    wait_for_epoch(page, 2)
    page.get_by_test_id("close-trainings").click()
    button = page.get_by_test_id("open-trainings")
    expect(button).to_have_attribute("data-state", "running")
    expect(button).to_have_accessible_name(re.compile(r"Training \d+%: Small network, Learning"))
    page.reload()
    page.wait_for_selector(READY)
    expect(button).to_have_attribute("data-state", "running")
    # What runs is what the dialog opens with, from the first epoch on.
    open_trainings(page)
    job = page.get_by_test_id("training-job")
    expect(job).to_have_attribute("data-state", "running")
    wait_for_epoch(page, 3)
    told = page.get_by_test_id("curves").evaluate("e => [e.dataset.epochs, e.dataset.epoch]")
    assert told[0] == told[1], "an epoch is missing"
    expect(page.get_by_test_id("curves")).to_contain_text(f"of {ENDLESS}")
    expect(job.locator("progress").first).to_have_attribute("aria-label", "Learning")
    page.get_by_test_id("cancel-job").click()
    end = page.get_by_test_id("job-end")
    expect(end).to_contain_text("Cancelled")
    page.get_by_test_id("all-trainings").click()
    expect(page.get_by_test_id("stage")).to_contain_text("Did not come to an end")
    expect(page.get_by_test_id("board-row")).to_have_count(0)


def test_the_leaderboard_compares_what_was_trained_and_forgets_what_is_deleted(page: Page) -> None:
    open_trainings(page)
    trained(page, "linear")
    trained(page, "knn")
    page.get_by_test_id("all-trainings").click()
    expect(page.get_by_role("heading", name="Trained so far")).to_be_focused()
    rows = page.get_by_test_id("board-row")
    expect(rows).to_have_count(2)
    shares = [
        int(text.removesuffix("%"))
        for text in page.get_by_test_id("board-accuracy").all_inner_texts()
    ]
    assert shares == sorted(shares, reverse=True)
    page.get_by_role("columnheader", name="Size").get_by_role("button").click()
    expect(rows.first).to_have_attribute("data-recipe", "linear")
    # What it can be taken away as, and why not as what it cannot.
    linear = rows.filter(has_text="Logistic regression")
    linear.get_by_test_id("board-more").click()
    page.get_by_role("menuitem", name="Export").click()
    exports = page.get_by_role("dialog", name="Take it away")
    expect(exports.locator("[data-available=true]").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(exports).to_be_hidden()
    expect(page.get_by_test_id("trainings")).to_be_visible()
    linear.get_by_test_id("board-more").click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_test_id("choice-delete").click()
    expect(rows).to_have_count(1)
    expect(rows).to_have_attribute("data-recipe", "knn")


def test_without_enough_to_learn_from_it_says_what_to_do(
    ui_browser: Browser, watch: Callable[..., Page]
) -> None:
    page = new_project(watch(ui_browser, viewport={"width": 390, "height": 844}, has_touch=True))
    dialog = open_trainings(page)
    expect(page.get_by_test_id("not-ready")).to_contain_text("Show it something first")
    expect(page.get_by_test_id("start-training")).to_be_disabled()
    recipes = page.get_by_role("radiogroup", name="How should it learn?")
    expect(recipes.get_by_role("radio")).to_have_count(7)
    # The arrows choose; on a phone nothing is wider than the phone.
    recipes.get_by_role("radio").first.focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_test_id("recipe-knn")).to_be_checked()
    expect(page.get_by_test_id("start-training")).to_contain_text("Nearest neighbours")
    page.get_by_test_id("recipe-regression").check(force=True)
    expect(dialog).to_contain_text("Name your classes with numbers")
    assert dialog.evaluate("e => e.scrollWidth <= e.clientWidth")
    body = page.locator(".trainings-body")
    assert body.evaluate("e => e.scrollWidth <= e.clientWidth")
    below = body.evaluate(
        "e => e.children[1].getBoundingClientRect().top"
        " - e.children[0].getBoundingClientRect().bottom"
    )
    assert below >= 0, "the two halves lie on each other"
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.get_by_test_id("open-trainings")).to_be_focused()


def test_a_file_that_is_no_classifier_is_refused_in_words(page: Page) -> None:
    open_trainings(page)
    with page.expect_file_chooser() as chooser:
        page.get_by_test_id("bring-in").click()
    junk = {"name": "junk.classifier", "mimeType": "application/zip", "buffer": b"no model" * 99}
    chooser.value.set_files([junk])
    problem = page.get_by_test_id("training-problem")
    expect(problem).to_contain_text("This is no model that can be read here")
    expect(page.get_by_test_id("arriving")).to_have_count(0)
    expect(page.get_by_test_id("board-row")).to_have_count(0)


def test_a_training_that_fails_says_why_and_what_to_do(page: Page) -> None:
    open_trainings(page)
    choose(page, "linear", test=0.8, validation=0.5)
    start(page)
    end = page.get_by_test_id("job-end")
    expect(end).to_contain_text("Too few pictures would be left to train on")
    expect(end).to_contain_text("The usual shares are")
    expect(page.get_by_test_id("train-again")).to_be_visible()
    page.get_by_test_id("all-trainings").click()
    expect(page.get_by_test_id("stage")).to_contain_text("Too few pictures")
    # What was just told is not for ever: the settings go back with one press.
    page.get_by_test_id("reset-options").click()
    expect(page.get_by_test_id("recipe-settings")).to_contain_text("as usual")
    expect(page.locator("#option-test")).to_have_value("0.2")


def test_without_the_server_it_says_so_and_asks_again(
    start_server: Callable[..., Any], ui_browser: Browser, watch: Callable[..., Page]
) -> None:
    server = start_server()
    excuse = ("ERR_CONNECTION_REFUSED", "ERR_EMPTY_RESPONSE", "socket.io", "WebSocket")
    page = new_project(watch(ui_browser, excuse=excuse, origin=server.url))
    server.kill()
    open_trainings(page)
    problem = page.get_by_test_id("training-problem")
    expect(problem).to_contain_text("The server does not answer")
    expect(page.get_by_test_id("start-training")).to_be_disabled()
    start_server(port=server.port)
    page.get_by_test_id("ask-again").click()
    expect(page.get_by_test_id("recipe-linear")).to_be_attached()
    expect(problem).to_have_count(0)
