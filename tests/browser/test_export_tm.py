"""An exported classifier in the libraries and pages of others, in a real browser."""

from __future__ import annotations

import base64
import functools
import io
import json
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page
from scenes import CAMERA

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import exports_case as case

#: What Teachable Machine's users load; here from the packages' own files.
LIBRARIES = {
    "@tensorflow/tfjs@1.3.1/dist/tf.min.js": "@tensorflow/tfjs/dist/tf.min.js",
    "@teachablemachine/image@0.8.5/dist/teachablemachine-image.min.js": (
        "@teachablemachine/image/dist/teachablemachine-image.min.js"
    ),
}


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A folder with the three files and the page of the archive, and what is expected of them.

    The files are written without TensorFlow and are proved here, by the browser alone.
    """
    from server.exports import teachable_machine
    from server.exports.work import Work
    from server.learning.task import Task

    folder = tmp_path_factory.mktemp("tm")
    seen = case.squares(4)
    backbone = case.default_backbone()
    classifier = case.dense(backbone, seen)
    work = Work(classifier, backbone, seen, True, Task(), folder)
    for name, data in teachable_machine.write(work.graph).items():
        (folder / name).write_bytes(data)
    metadata = teachable_machine.metadata(work, {})
    (folder / "metadata.json").write_text(json.dumps(metadata), encoding="utf-8")
    page = Path(teachable_machine.__file__).with_name("tfjs_page.html").read_text()
    used = re.findall(r'src="https://cdn\.jsdelivr\.net/npm/([^"]+)"', page)
    assert sorted(used) == sorted(LIBRARIES)
    (folder / "index.html").write_text(page.replace("https://cdn.jsdelivr.net/npm/", "lib/"))
    for name, path in LIBRARIES.items():
        target = folder / "lib" / name
        target.parent.mkdir(parents=True)
        target.write_bytes((case.peers() / path).read_bytes())
    # Lossless, so that the browser sees the very pixels.
    files = []
    for i, square in enumerate(seen):
        Image.fromarray(square).save(folder / f"{i}.png")
        files.append(folder / f"{i}.png")
    expected = classifier.look(seen, backbone)
    return {"folder": folder, "files": files, "labels": classifier.labels, "expected": expected}


@pytest.fixture
def page(exported: dict[str, Any], launch: Callable[..., Browser]) -> Iterator[Page]:
    """The archive's own page, served from a folder."""
    handler = functools.partial(_Quiet, directory=str(exported["folder"]))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        context = launch().new_context()
        context.set_default_timeout(60_000)
        made = context.new_page()
        made.goto(f"http://127.0.0.1:{server.server_port}/index.html")
        yield made
        context.close()
        server.shutdown()
        thread.join()


def test_teachable_machines_package_gives_the_same_probabilities(
    page: Page, exported: dict[str, Any]
) -> None:
    found = page.evaluate(
        """async (names) => {
          const model = await tmImage.load('model.json', 'metadata.json');
          const answers = [];
          for (const name of names) {
            const picture = new Image();
            picture.src = name;
            await picture.decode();
            answers.push(await model.predict(picture));
          }
          return { answers, classes: model.getTotalClasses(), version: tf.version.tfjs };
        }""",
        [path.name for path in exported["files"]],
    )
    assert found["version"] == "1.3.1" and found["classes"] == 3
    for answer, expected in zip(found["answers"], exported["expected"], strict=True):
        assert [one["className"] for one in answer] == exported["labels"]
        scores = np.array([one["probability"] for one in answer])
        assert np.abs(scores - expected).max() < 0.01
    assert np.ptp(exported["expected"], axis=0).max() > 0.05


def test_the_page_of_the_archive_shows_the_answer(page: Page, exported: dict[str, Any]) -> None:
    page.set_input_files("#file", exported["files"][0])
    page.wait_for_selector("#answer li")
    found = dict(line.rsplit(": ", 1) for line in page.locator("#answer li").all_inner_texts())
    for label, score in zip(exported["labels"], exported["expected"][0], strict=True):
        assert abs(float(found[label].removesuffix(" %")) / 100 - score) < 0.01


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The self-contained page, made by a process with TensorFlow."""
    folder = tmp_path_factory.mktemp("single")
    program = f"""
import sys
sys.path[:0] = {[str(case.ROOT), str(case.ROOT / "tests")]!r}
import exports_case as case
from pathlib import Path
from server import exports
from server.learning.task import Task
seen, backbone = case.squares(4), case.default_backbone()
classifier, out = case.dense(backbone, seen), Path({str(folder)!r})
print(exports.make("html", classifier, backbone, list(seen), Task(), out).path)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    seen, backbone = case.squares(4), case.default_backbone()
    expected = case.dense(backbone, seen).look(seen, backbone)
    return {"path": Path(done.stdout.splitlines()[-1]), "seen": seen, "expected": expected}


def _scores(page: Page) -> list[float]:
    return page.eval_on_selector_all("#bars li", "rows => rows.map((r) => +r.dataset.score)")


def test_the_self_contained_page_answers_from_a_file_without_a_network(
    single: dict[str, Any], launch: Callable[..., Browser]
) -> None:
    context = launch().new_context(offline=True)
    context.set_default_timeout(60_000)
    page, wrongs, asked = context.new_page(), [], []
    page.on("pageerror", lambda error: wrongs.append(str(error)))
    page.on("console", lambda message: wrongs.append(message.text))
    page.on("request", lambda request: asked.append(request.url[:40]))
    page.goto(single["path"].as_uri())
    page.wait_for_selector("html[data-ready]")
    for square, expected in zip(single["seen"], single["expected"], strict=True):
        file = io.BytesIO()
        Image.fromarray(square).save(file, "PNG")
        before = page.evaluate("document.documentElement.dataset.looked ?? '0'")
        data = base64.b64encode(file.getvalue()).decode()
        page.evaluate(
            """(data) => {
              const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
              const moved = new DataTransfer();
              moved.items.add(new File([bytes], 'dropped.png', { type: 'image/png' }));
              document.getElementById('stage').dispatchEvent(
                new DragEvent('drop', { dataTransfer: moved, bubbles: true, cancelable: true }),
              );
            }""",
            data,
        )
        page.wait_for_function(
            "(before) => (document.documentElement.dataset.looked ?? '0') !== before", arg=before
        )
        assert np.abs(np.array(_scores(page)) - expected).max() < 1e-3
        best = page.locator("#answer").inner_text()
        assert best == page.locator("#bars li.best span").first.inner_text()
    page.set_input_files("#file", {"name": "a.txt", "mimeType": "text/plain", "buffer": b"x"})
    page.get_by_text("a.txt is not a picture").wait_for()
    assert not wrongs, wrongs
    assert all(url.startswith(("file:", "data:", "blob:")) for url in asked)
    context.close()


def test_the_self_contained_page_looks_through_the_camera(
    single: dict[str, Any], launch: Callable[..., Browser], tmp_path: Path
) -> None:
    # The film is compressed, so one whose answer does not hang on a hair.
    clearest = int(np.argmax(single["expected"].max(axis=1)))
    frame = np.repeat(np.repeat(single["seen"][clearest], 2, axis=0), 2, axis=1)
    file = io.BytesIO()
    Image.fromarray(frame).save(file, "JPEG", quality=97, subsampling=0)
    film = tmp_path / "film.mjpeg"
    film.write_bytes(file.getvalue() * 30)
    browser = launch(*CAMERA, f"--use-file-for-fake-video-capture={film}")
    context = browser.new_context(offline=True, color_scheme="dark")
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.goto(single["path"].as_uri())
    page.get_by_label("Mirror").uncheck()
    page.get_by_role("button", name="Start camera").click()
    page.wait_for_function("() => Number(document.documentElement.dataset.looked) > 5")
    assert np.argmax(_scores(page)) == np.argmax(single["expected"][clearest])
    page.get_by_role("button", name="Stop camera").click()
    page.get_by_role("button", name="Start camera").wait_for()
    context.close()
    browser.close()
