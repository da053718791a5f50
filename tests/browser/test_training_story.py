"""From the camera to the programs of others: teach, retrain, watch, swap, export, load there."""

from __future__ import annotations

import functools
import json
import re
import shutil
import sys
import threading
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from steps import new_project, wait_for_samples

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import exports_case as case

#: What a page needs of Teachable Machine's own library, which asks for this TensorFlow.js.
LIBRARIES = (
    "@tensorflow/tfjs/dist/tf.min.js",
    "@teachablemachine/image/dist/teachablemachine-image.min.js",
)
PAGE = """<!doctype html><meta charset="utf-8"><title>A page of somebody else</title>
<script src="tf.min.js"></script><script src="teachablemachine-image.min.js"></script>"""


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder with a page of the test's own, and its address."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "index.html").write_text(PAGE)
    for name in LIBRARIES:
        shutil.copy(case.peers() / name, folder)

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield folder, f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def teach(page: Page, index: int, scene: str, least: int = 8) -> None:
    """Holds the button of a class while the camera shows a scene of the film."""
    page.wait_for_function(
        """(scene) => {
          const video = document.querySelector('st-show video');
          const canvas = new OffscreenCanvas(1, 1);
          const context = canvas.getContext('2d');
          context.drawImage(video, 0, 0, 1, 1);
          const [red, , blue] = context.getImageData(0, 0, 1, 1).data;
          return scene === 'red' ? red > blue + 10 : blue > red + 10;
        }""",
        arg=scene,
        polling=50,
    )
    card = page.get_by_test_id("class-card").nth(index)
    card.get_by_test_id("hold-button").focus()
    page.keyboard.down(" ")
    wait_for_samples(page, index, least)
    page.keyboard.up(" ")
    expect(page.get_by_test_id("rec")).to_have_count(0)


def ask_server(url: str, classifier: str, name: str, data: bytes) -> dict[str, float]:
    """Returns what the server answers for a picture: label to score."""
    boundary = "a-line-that-no-picture-has"
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    request = urllib.request.Request(
        f"{url}/api/v1/classifiers/{classifier}/predict",
        data=head.encode() + data + f"\r\n--{boundary}--\r\n".encode(),
        headers={"Content-Type": f"multipart/form-data; boundary={boundary}"},
    )
    with urllib.request.urlopen(request) as answer:
        (item,) = json.load(answer)["items"]
    return {score["label"]: score["score"] for score in item["scores"]}


def test_taught_by_camera_retrained_swapped_in_exported_and_loaded_elsewhere(
    ui_browser: Browser,
    launch: Callable[..., Browser],
    watch: Callable[..., Page],
    ui_server: Any,
    elsewhere: tuple[Path, str],
) -> None:
    page = new_project(watch(ui_browser, viewport={"width": 1280, "height": 900}))
    for _ in range(2):  # two recordings each, so that one can judge the other
        teach(page, 0, "red")
        teach(page, 1, "blue")

    # Retrain and watch the curves move.
    page.get_by_test_id("open-trainings").click()
    page.get_by_test_id("recipe-head").check(force=True)
    page.get_by_test_id("recipe-settings").locator("summary").click()
    for option, value in (("epochs", 900), ("batch", 1)):  # some seconds, to be watched
        page.locator(f"#option-{option}").fill(str(value))
        page.locator(f"#option-{option}").press("Tab")
    page.get_by_test_id("start-training").click()
    page.wait_for_function(
        "() => Number(document.querySelector('[data-testid=curves]')?.dataset.epoch) >= 2",
        timeout=60_000,
    )
    result = page.get_by_test_id("training-result")
    expect(result).to_be_visible(timeout=60_000)
    expect(page.get_by_test_id("result-number")).to_have_text(re.compile(r"^\d+ of \d+$"))

    # It takes the quick learner's place without a reload.
    page.evaluate("window.sameDocument = true")
    result.get_by_test_id("use-this").click()
    expect(result.get_by_test_id("in-use")).to_be_visible()

    # Its file for TensorFlow.js, checked by the server before it is handed out.
    result.get_by_test_id("open-exports").click()
    with page.expect_download(timeout=120_000) as download:
        page.get_by_test_id("get-tfjs").click()
    folder, address = elsewhere
    with zipfile.ZipFile(download.value.path()) as archive:
        for name in ("model.json", "weights.bin", "metadata.json"):
            (folder / name).write_bytes(archive.read(name))
    page.keyboard.press("Escape")
    page.get_by_test_id("close-trainings").click()
    expect(page.get_by_test_id("answerer")).to_contain_text("Small network")
    winner = page.locator("st-tell .live [data-testid=winner]")
    expect(winner).to_have_text(re.compile("Class [12]"))
    assert page.evaluate("window.sameDocument") is True

    # Another page, with Teachable Machine's own library, says the same of the same pictures.
    project = page.url.rsplit("/", 1)[1]
    api = f"{ui_server.url}/api/v1"
    with urllib.request.urlopen(f"{api}/projects/{project}/classifiers") as answer:
        classifier = json.load(answer)["items"][0]["id"]
    with urllib.request.urlopen(f"{api}/projects/{project}/samples?limit=100") as answer:
        samples = json.load(answer)["items"]
    asked = [*samples[:3], *samples[-3:]]
    assert len({sample["class_id"] for sample in asked}) == 2
    expected = []
    for i, sample in enumerate(asked):
        with urllib.request.urlopen(ui_server.url + sample["image"]) as answer:
            data = answer.read()
        (folder / f"{i}.jpg").write_bytes(data)
        expected.append(ask_server(ui_server.url, classifier, f"{i}.jpg", data))
    other = launch().new_context().new_page()
    other.goto(address)
    found = other.evaluate(
        """async (count) => {
          const model = await tmImage.load('model.json', 'metadata.json');
          const answers = [];
          for (let i = 0; i < count; i += 1) {
            const picture = new Image();
            picture.src = `${i}.jpg`;
            await picture.decode();
            const scores = await model.predict(picture);
            answers.push(Object.fromEntries(scores.map((s) => [s.className, s.probability])));
          }
          return answers;
        }""",
        len(asked),
    )
    other.context.close()
    for theirs, ours in zip(found, expected, strict=True):
        assert theirs == pytest.approx(ours, abs=0.01)
