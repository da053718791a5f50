"""Files in and out of the teach page, and two people at one project, in a real Chromium."""

from __future__ import annotations

import base64
import io
import json
import urllib.request
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from scenes import BLUE, RED, blue, drop, red
from steps import READY, add_files, card, expect_samples, new_project, teach_discs, wait_for_samples

from server.formats.registry import FORMATS, read_project
from server.web.transfer import WRITTEN

#: Records a film of a shape that moves, of 320 x 240 and about a second.
RECORD = """async ([shape, [r, g, b]]) => {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [320, 240];
  const context = canvas.getContext('2d');
  const recorder = new MediaRecorder(canvas.captureStream(30),
    { mimeType: 'video/webm;codecs=vp8', videoBitsPerSecond: 4e6 });
  const parts = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  const stopped = new Promise((resolve) => (recorder.onstop = resolve));
  recorder.start();
  const begin = performance.now();
  for (let now = begin; now - begin < 900; now = await new Promise(requestAnimationFrame)) {
    context.fillStyle = 'rgb(214 205 190)';
    context.fillRect(0, 0, 320, 240);
    context.fillStyle = `rgb(${r} ${g} ${b})`;
    const shift = (now - begin) / 40;
    context.beginPath();
    if (shape === 'disc') context.arc(160 + shift, 120, 70, 0, 7);
    else context.rect(90 + shift, 50, 140, 140);
    context.fill();
  }
  recorder.stop();
  await stopped;
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}"""


@pytest.fixture
def teach(ui_browser: Browser, watch: Callable[..., Page]) -> Page:
    """A new project with two empty classes, its eyes open."""
    return new_project(watch(ui_browser, viewport={"width": 1280, "height": 800}))


def film(page: Page, shape: str, color: tuple[int, int, int]) -> dict[str, Any]:
    """A film of a shape, as a file for an input."""
    data = base64.b64decode(page.evaluate(RECORD, [shape, color]))
    assert data.startswith(b"\x1aE\xdf\xa3")
    return {"name": f"{shape}.webm", "mimeType": "video/webm", "buffer": data}


def save(page: Page) -> None:
    """Saves and waits until that is so."""
    page.keyboard.press("Control+s")
    expect(page.get_by_test_id("save-status")).to_have_attribute("data-state", "saved")


def stored(page: Page, server: Any, what: str = "/samples?page_size=1000") -> Any:
    """Asks the server about the page's project."""
    project = page.url.rsplit("/", 1)[1]
    with urllib.request.urlopen(f"{server.url}/api/v1/projects/{project}{what}") as answer:
        return json.load(answer)


def test_a_video_given_to_a_class_becomes_pictures_of_one_burst(
    teach: Page, ui_server: Any
) -> None:
    disc, square = film(teach, "disc", RED), film(teach, "square", BLUE)
    drop(teach, "[data-testid=class-card]", disc)
    wait_for_samples(teach, 0, 6)
    card(teach, 1).get_by_role("button", name="More about").click()
    with teach.expect_file_chooser() as chooser:
        teach.get_by_test_id("add-files").click()
    chooser.value.set_files(square)
    wait_for_samples(teach, 1, 6)
    expect(teach.get_by_test_id("accuracy")).to_be_visible()
    save(teach)
    items = stored(teach, ui_server)["items"]
    assert {item["source"] for item in items} == {"video"}
    bursts = {
        label: {i["burst"] for i in items if i["label"] == label}
        for label in ("Class 1", "Class 2")
    }
    assert all(len(found) == 1 and None not in found for found in bursts.values()), bursts
    for item in items:
        with urllib.request.urlopen(ui_server.url + item["image"]) as answer:
            picture = Image.open(io.BytesIO(answer.read())).convert("RGB")
        r, _, b = picture.getpixel((112, 112))
        assert picture.size == (224, 224)
        assert (r > b) == (item["label"] == "Class 1"), item


def test_a_video_plays_as_if_it_were_the_camera(teach: Page) -> None:
    square = film(teach, "square", BLUE)
    drop(teach, "[data-testid=class-card]", film(teach, "disc", RED))
    wait_for_samples(teach, 0, 6)
    teach.get_by_test_id("source-video").check(force=True)
    with teach.expect_file_chooser() as chooser:
        teach.get_by_role("button", name="Choose a video").click()
    chooser.value.set_files(square)
    playing = teach.locator("[data-testid=frame] video")
    expect(playing).to_have_attribute("aria-label", "The chosen video")
    expect(teach.get_by_label("Place in the video")).to_be_enabled()
    # What plays is recorded while a button is held, frame after frame ...
    teach.keyboard.down("2")
    wait_for_samples(teach, 1, 4)
    teach.keyboard.up("2")
    expect(teach.get_by_test_id("rec")).to_have_count(0)
    # ... and recognised while it goes on, over and over.
    expect(teach.locator("st-tell .live [data-testid=winner]")).to_have_text("Class 2")
    teach.wait_for_function(
        """() => {
          const video = document.querySelector('[data-testid=frame] video');
          window.before ??= video.currentTime;
          return video.currentTime < window.before;
        }"""
    )
    expect(teach.locator("st-tell .live [data-testid=winner]")).to_have_text("Class 2")


def take_away(page: Page, name: str, folder: Path) -> Path:
    """Exports by the menu; returns the file that the browser has stored."""
    page.get_by_test_id("export-menu").click()
    with page.expect_download() as download:
        page.get_by_test_id(f"export-{name}").click()
    file = folder / download.value.suggested_filename
    download.value.save_as(file)
    return file


def test_what_is_exported_from_the_menu_is_what_was_taught(
    teach: Page, ui_server: Any, tmp_path: Path
) -> None:
    for index, label in enumerate(("Red disc", "Élsa ✓")):
        field = card(teach, index).get_by_test_id("class-name")
        field.fill(label)
        field.press("Enter")
    teach_discs(teach, 4)
    # An export of what is not saved yet saves it first.
    whole = take_away(teach, "showtell", tmp_path)
    expect(teach.get_by_test_id("save-status")).to_have_attribute("data-state", "saved")
    assert whole.suffix == ".showtell"
    known = {item["id"]: item for item in stored(teach, ui_server)["items"]}
    with read_project(whole, whole.name) as project:
        assert [c.label for c in project.classes] == ["Red disc", "Élsa ✓"]
        assert {s.id for s in project.samples} == set(known) and len(known) == 8
        assert project.vectors is not None and project.vectors.shape[0] == 8
        for sample in project.samples:
            assert sample.id and sample.read
            assert len(sample.read()) == known[sample.id]["bytes"]
            assert project.classes[sample.class_index].label == known[sample.id]["label"]
    pictures = take_away(teach, "zip", tmp_path)
    assert pictures.suffix == ".zip"
    with zipfile.ZipFile(pictures) as archive:
        files = [name for name in archive.namelist() if not name.endswith("/")]
        assert sorted({name.split("/")[0] for name in files}) == ["Red disc", "Élsa ✓"]
        assert len(files) == 8
        for name in files:
            picture = Image.open(io.BytesIO(archive.read(name)))
            r, _, b = picture.convert("RGB").getpixel((112, 112))
            assert picture.size == (224, 224)
            assert (r > b) == name.startswith("Red disc")


def test_the_menu_offers_what_the_server_writes(teach: Page) -> None:
    teach.get_by_test_id("export-menu").click()
    entries = teach.get_by_role("menuitem")
    expect(entries.first).to_be_visible()
    offered = [e.get_attribute("data-testid").removeprefix("export-") for e in entries.all()]
    assert sorted(offered) == sorted(WRITTEN)
    assert all(FORMATS[name].write for name in offered)


def test_two_people_who_save_one_project_lose_nothing(
    ui_browser: Browser, ui_server: Any, watch: Callable[..., Page]
) -> None:
    # The first one hears nothing of the other until saving: the server's 412 tells.
    excuse = ("status of 412", "socket.io")
    first = watch(ui_browser, excuse=excuse, viewport={"width": 1280, "height": 800})
    first.route_web_socket("**/socket.io/**", lambda line: None)
    first.route("**/socket.io/**", lambda route: route.abort())
    new_project(first)
    add_files(first, 0, [red(0), red(8)])
    add_files(first, 1, [blue(0)])
    save(first)
    second = watch(ui_browser, viewport={"width": 1280, "height": 800})
    second.goto(first.url)
    second.wait_for_selector(READY)
    expect_samples(second, 0, 2)
    add_files(second, 1, [blue(8), blue(16)])
    second.get_by_test_id("class-name").first.fill("Disc")
    second.get_by_test_id("class-name").first.press("Enter")
    save(second)

    add_files(first, 0, [red(16)])
    status = first.get_by_test_id("save-status")
    with first.expect_response(lambda answer: answer.status == 412):
        first.keyboard.press("Control+s")
    expect(status).to_have_attribute("data-state", "conflict")
    expect_samples(first, 0, 3)
    first.get_by_test_id("conflict").click()
    first.get_by_test_id("choice-merge").click()
    expect(status).to_have_attribute("data-state", "saved")
    # The first has both, and so has the second, who is told by the server and has done nothing.
    for page in (first, second):
        expect_samples(page, 0, 3)
        expect_samples(page, 1, 3)
        expect(card(page, 0)).to_have_attribute("data-label", "Disc")
    assert stored(first, ui_server, "")["sample_count"] == 6
