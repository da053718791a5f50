"""The choice of eyes on the teach page: others get ready beside those in use, or are fetched."""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect
from scenes import BLUE, blue, drop, red, scene
from steps import READY, add_files, card, expect_samples, new_project, teach_discs, wait_for_samples
from test_same_answer import TOLERANCE, as_file, ask_page, ask_server

from tests.weights_server import NARROW, NARROW_FILE, Mirror, mirror, narrow_weights

ROOT = Path(__file__).resolve().parents[2]
OWN = sorted((ROOT / "models").glob("showtell_*"))[-1]

#: Lets only so many stored pictures be looked at again, until it is opened.
GATE = """
  window.gate = { pass: Infinity, asked: 0, waiting: [] };
  window.gate.open = () => {
    gate.pass = Infinity;
    for (const send of gate.waiting.splice(0)) send();
  };
  const post = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (message, ...rest) {
    const send = () => post.call(this, message, ...rest);
    if (message?.type !== 'embedStored' || ++gate.asked <= gate.pass) return send();
    gate.waiting.push(send);
  };
"""


def give_other_weights(folder: Path, name: str, title: str) -> None:
    """Changes the last bit of one weight, and with it the backbone's identity."""
    (shard,) = folder.glob("group1-shard*of*.bin")
    weights = bytearray(shard.read_bytes())
    weights[0] ^= 1
    shard.write_bytes(weights)
    path = folder / "backbone.json"
    described = json.loads(path.read_text())
    size = str(described["input_size"]).encode()
    described["files"][shard.name]["sha256"] = hashlib.sha256(weights).hexdigest()
    fingerprint = hashlib.sha256(weights + size).hexdigest()
    described.update(name=name, title=title, fingerprint=fingerprint)
    path.write_text(json.dumps(described))


@pytest.fixture(scope="module")
def weights() -> Iterator[Mirror]:
    """A mirror with the narrow network, of random numbers."""
    with mirror() as table:
        table.files[NARROW_FILE] = narrow_weights()
        yield table


@pytest.fixture(scope="module")
def eyes_server(weights: Mirror, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A server with our own eyes, a second pair that differs in a bit, and a mirror."""
    from conftest import ServerProcess

    folder = tmp_path_factory.mktemp("eyes")
    shutil.copytree(OWN, folder / "models" / OWN.name)
    shutil.copytree(OWN, folder / "models" / "second")
    give_other_weights(folder / "models" / "second", "second", "Second eyes")
    server = ServerProcess(
        folder / "data",
        *("--models", str(folder / "models"), "--backbone", OWN.name),
        environ={"SHOWTELL_MIRROR": weights.url, "KERAS_HOME": str(folder / "keras")},
    )
    yield server.wait_until_ready()
    server.kill()


@pytest.fixture
def page(eyes_server: Any, ui_browser: Browser, watch: Callable[..., Page]) -> Page:
    """A new project on that server, under the hood."""
    page = watch(ui_browser, origin=eyes_server.url, viewport={"width": 1280, "height": 900})
    page.context.add_init_script(GATE)
    new_project(page)
    look_under_the_hood(page)
    return page


def look_under_the_hood(page: Page) -> None:
    """Opens the panel."""
    page.get_by_test_id("hood").locator("summary").click()


def choose_eyes(page: Page, name: str) -> Locator:
    """Opens the list and waits for a pair of eyes in it."""
    page.get_by_test_id("backbone-select").click()
    item = page.locator(f'[data-testid=eyes-item][data-name="{name}"]')
    expect(item).to_be_visible()
    return item


def use_eyes(page: Page, name: str) -> None:
    """Chooses eyes that are here."""
    choose_eyes(page, name).get_by_test_id("use-eyes").click()
    expect(page.get_by_test_id("eyes-dialog")).to_be_hidden()


def expect_eyes(page: Page, name: str) -> None:
    """Waits until the page looks through these eyes, and nothing is going on any more."""
    expect(page.get_by_test_id("backbone-select")).to_have_attribute("data-name", name)
    expect(page.get_by_test_id("changing")).to_have_count(0)


def expect_right_answers(page: Page) -> None:
    """Asks about a picture that was not taught."""
    drop(page, "[data-testid=recognise]", blue(30))
    answer = page.get_by_test_id("file-answer")
    expect(answer.get_by_test_id("winner")).to_have_text("Class 2")
    page.get_by_test_id("dismiss-file").click()
    expect(answer).to_have_count(0)


def expect_remembered(page: Page) -> None:
    """Waits until this browser's disc has everything."""
    expect(page.get_by_test_id("save-status")).to_have_attribute("data-stored", "true")


def test_other_eyes_look_again_at_every_picture_and_are_remembered(page: Page) -> None:
    teach_discs(page, 4)
    item = choose_eyes(page, "second")
    expect(page.get_by_test_id("consequence")).to_contain_text("has 8 examples")
    own = page.locator(f'[data-testid=eyes-item][data-name="{OWN.name}"]')
    expect(own).to_have_attribute("data-state", "in-use")
    expect(own.get_by_test_id("use-eyes")).to_be_disabled()
    expect(own).to_contain_text(re.compile(r"[\d.]+ ms, [\d.]+ ms in this page"))
    expect(item).to_contain_text(re.compile(r"A picture takes\s*[\d.]+ ms"))
    item.get_by_test_id("use-eyes").click()
    expect_eyes(page, "second")
    expect(page.get_by_test_id("hood").locator("summary")).to_contain_text("Second eyes")
    assert page.evaluate("gate.asked") == 8
    expect(page.get_by_test_id("accuracy")).to_have_text("100%")
    expect_right_answers(page)
    expect_remembered(page)
    page.reload()
    page.wait_for_selector(READY)
    expect_eyes(page, "second")
    expect(page.locator("st-quality")).to_contain_text("of 8 pictures")
    # The numbers were kept: nothing is looked at again, neither now nor on the way back.
    page.get_by_test_id("undo").click()
    expect_eyes(page, OWN.name)
    expect(page.get_by_test_id("accuracy")).to_have_text("100%")
    assert page.evaluate("gate.asked") == 0


def test_the_old_eyes_answer_and_learn_until_the_new_ones_are_ready(page: Page) -> None:
    teach_discs(page, 4)
    page.evaluate("gate.pass = 3")
    use_eyes(page, "second")
    changing = page.get_by_test_id("changing")
    expect(changing).to_contain_text("Looking again at 4 of 8 pictures")
    expect_right_answers(page)
    add_files(page, 1, [blue(50), blue(54)])
    page.keyboard.down("1")
    wait_for_samples(page, 0, 6)
    page.keyboard.up("1")
    expect(page.get_by_test_id("rec")).to_have_count(0)
    taught = page.evaluate(
        "[...document.querySelectorAll('[data-testid=sample-count]')]"
        ".reduce((sum, e) => sum + Number(e.dataset.count), 0)"
    )
    expect(page.locator("st-quality")).to_contain_text(f"of {taught} pictures")
    expect(page.get_by_test_id("backbone-select")).to_have_attribute("data-name", OWN.name)
    page.evaluate("gate.open()")
    expect_eyes(page, "second")
    assert page.evaluate("gate.asked") == taught
    expect(page.locator("st-quality")).to_contain_text(f"of {taught} pictures")
    expect_right_answers(page)


def test_cancelling_midway_leaves_everything_as_it_was(page: Page) -> None:
    teach_discs(page, 4)
    steps = page.get_by_test_id("undo").get_attribute("title")
    page.evaluate("gate.pass = 3")
    use_eyes(page, "second")
    expect(page.get_by_test_id("changing")).to_contain_text("4 of 8")
    # In the list they are marked, and can be cancelled as well.
    item = choose_eyes(page, "second")
    expect(item).to_have_attribute("data-state", "getting-ready")
    item.get_by_test_id("cancel-eyes").click()
    expect(item).to_have_attribute("data-state", "here")
    expect(item.get_by_test_id("use-eyes")).to_be_focused()
    page.keyboard.press("Escape")
    expect_eyes(page, OWN.name)
    expect_samples(page, 0, 4)
    expect_samples(page, 1, 4)
    expect(page.get_by_test_id("undo")).to_have_attribute("title", steps or "")
    expect_right_answers(page)
    expect_remembered(page)
    page.reload()
    page.wait_for_selector(READY)
    expect_eyes(page, OWN.name)
    # What they had seen already was kept: only the rest is looked at now.
    look_under_the_hood(page)
    use_eyes(page, "second")
    expect_eyes(page, "second")
    assert page.evaluate("gate.asked") == 5
    expect(page.get_by_test_id("accuracy")).to_have_text("100%")


def test_another_tab_follows_without_looking_again(page: Page) -> None:
    teach_discs(page, 4)
    expect_remembered(page)
    other = page.context.new_page()
    other.goto(page.url)
    other.wait_for_selector(READY)
    expect(other.locator("st-quality")).to_contain_text("of 8 pictures")
    use_eyes(page, "second")
    expect_eyes(page, "second")
    expect_eyes(other, "second")
    assert other.evaluate("gate.asked") == 0
    expect_right_answers(other)


def test_the_list_is_for_the_keyboard_too(page: Page) -> None:
    button = page.get_by_test_id("backbone-select")
    button.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_test_id("eyes-dialog")
    expect(dialog).to_be_visible()
    expect(page.get_by_role("dialog", name="Choose the eyes")).to_be_visible()
    expect(page.get_by_test_id("close-eyes")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Use these eyes: Second eyes")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Fetch (2.0 MB): MobileNetV2 0.35")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(button).to_be_focused()


def test_eyes_are_fetched_with_progress_and_then_used(
    page: Page, weights: Mirror, eyes_server: Any
) -> None:
    teach_discs(page, 4)
    weights.stalls = True
    item = choose_eyes(page, NARROW)
    item.get_by_test_id("fetch-eyes").click()
    expect(item).to_have_attribute("data-state", "fetching")
    expect(item.get_by_test_id("cancel-fetch")).to_be_focused()
    expect(item.get_by_test_id("eyes-progress")).to_contain_text(re.compile(r"[\d.]+ MB of"))
    page.get_by_test_id("close-eyes").click()
    expect(page.get_by_test_id("fetching")).to_contain_text("MobileNetV2 0.35. Fetching")
    expect_remembered(page)
    page.reload()
    page.wait_for_selector(READY)
    bar = page.get_by_test_id("fetching").locator("progress")
    expect(bar).to_be_visible()
    halfway = bar.evaluate("bar => bar.value")
    assert 0.1 < halfway < 0.5
    weights.go_on.set()
    notice = page.get_by_test_id("notice").filter(has_text="MobileNetV2 0.35 is here.")
    expect(notice).to_be_visible(timeout=120_000)
    expect(page.get_by_test_id("fetching")).to_have_count(0)
    notice.get_by_role("button", name="Use").click()
    expect_eyes(page, NARROW)
    expect(page.locator("st-hood")).to_contain_text("1,280 numbers")
    expect(page.locator("st-quality")).to_contain_text("of 8 pictures")
    assert page.evaluate("gate.asked") == 8
    # Numbers at random are poor eyes, but the page and the server must see the same with them.
    page.get_by_test_id("save-button").click()
    expect(page.get_by_test_id("save-status")).to_have_attribute("data-state", "saved")
    square = Image.open(io.BytesIO(scene(BLUE, "square", 30))).resize((224, 224))
    file = as_file("square.png", square, "PNG")
    here = ask_page(page, file)
    there = ask_server(eyes_server.url, page.url.rsplit("/", 1)[1], file)
    assert here.keys() == there.keys()
    for label, share in here.items():
        assert abs(share - there[label]) <= TOLERANCE, (here, there)


def test_a_fetch_can_be_cancelled_and_without_a_network_it_says_how_to_go_on(
    start_server: Callable[..., Any],
    ui_browser: Browser,
    watch: Callable[..., Page],
    tmp_path: Path,
) -> None:
    shutil.copytree(OWN, tmp_path / "models" / OWN.name)
    with mirror() as slow:
        slow.files[NARROW_FILE] = bytes(2_000_000)
        slow.stalls = True
        server = start_server(
            *("--models", str(tmp_path / "models"), "--backbone", OWN.name),
            environ={"SHOWTELL_MIRROR": slow.url, "KERAS_HOME": str(tmp_path / "keras")},
        )
        page = new_project(
            watch(
                ui_browser,
                origin=server.url,
                viewport={"width": 390, "height": 844},
                has_touch=True,
            )
        )
        look_under_the_hood(page)
        item = choose_eyes(page, NARROW)
        item.get_by_test_id("fetch-eyes").click()
        expect(item.get_by_test_id("eyes-progress")).to_contain_text("1.0 MB")
        item.get_by_test_id("cancel-fetch").click()
        expect(item).to_have_attribute("data-state", "absent")
        expect(item.get_by_test_id("fetch-eyes")).to_be_focused()
    # The mirror is gone: this is what a computer without a network sees.
    item.get_by_test_id("fetch-eyes").click()
    trouble = item.get_by_test_id("eyes-trouble")
    expect(trouble).to_contain_text("could not be fetched", timeout=60_000)
    expect(trouble).to_contain_text("convert_models.py")
    expect(item.get_by_role("button", name="Try again")).to_be_focused()
    dialog = page.get_by_test_id("eyes-dialog")
    assert dialog.evaluate("e => e.scrollWidth <= e.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_test_id("close-eyes").click()
    expect(card(page, 0)).to_be_visible()
    add_files(page, 0, [red()])


def test_a_project_of_the_former_built_in_eyes_opens_with_those_that_replaced_them(
    page: Page,
) -> None:
    teach_discs(page, 4)
    page.get_by_test_id("save-button").click()
    expect(page.get_by_test_id("save-status")).to_have_attribute("data-state", "saved")
    url = f"/api/v1/projects/{page.url.rsplit('/', 1)[-1]}"
    page.goto("/")
    assert page.request.patch(url, data={"backbone": "showtell_v1"}).ok
    page.go_back()
    expect(page.get_by_text("have taken the place of the eyes this project had")).to_be_visible()
    look_under_the_hood(page)
    expect_eyes(page, OWN.name)
    expect_right_answers(page)
    expect_remembered(page)
    page.reload()
    expect_samples(page, 0, 4)
    look_under_the_hood(page)
    expect_eyes(page, OWN.name)
    expect(page.get_by_text("have taken the place")).to_have_count(0)
