"""The engine in a real Chromium: the same numbers as Python, no leak, no stutter."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scenes
from PIL import Image, ImageDraw, ImageFilter
from playwright.sync_api import Browser, Page, Playwright

from server.learning.backbones import load_backbone
from server.learning.embedding import embedder_of
from server.learning.pictures import decode_square
from tools.find_browser import find

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "pictures" / "superheroes"
BACKBONE = "showtell_v2"
FLAGS = [*scenes.FLAGS, *scenes.CAMERA]


@pytest.fixture(scope="module")
def address(harness_port: int) -> str:
    return f"http://127.0.0.1:{harness_port}"


@pytest.fixture(scope="module")
def playwright(ui_playwright: Playwright) -> Playwright:
    return ui_playwright


def photograph(seed: int, width: int = 640, height: int = 480) -> Image.Image:
    """Draws something with the edges, slopes and grain of a photograph, different for each seed."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = x / width, y / height
    waves = random.uniform(1, 9, (3, 3))
    slopes = [128 + 90 * np.sin(x * a + y * b + c) for a, b, c in waves]
    image = Image.fromarray(np.clip(np.stack(slopes, -1), 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    for _ in range(14):
        corners = random.uniform(0, 1, 4) * (width, height, width, height)
        box = [*np.minimum(corners[:2], corners[2:]), *np.maximum(corners[:2], corners[2:])]
        colour = tuple(int(c) for c in random.integers(0, 255, 3))
        (draw.ellipse if random.random() < 0.5 else draw.rectangle)(box, fill=colour)
    image = image.filter(ImageFilter.GaussianBlur(1.2))
    grain = random.normal(0, 5, (height, width, 1))
    return Image.fromarray(np.clip(np.asarray(image) + grain, 0, 255).astype(np.uint8))


def encoded(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


@pytest.fixture(scope="module")
def browser(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A Chromium whose camera plays drawn photographs, each for a third of a second."""
    film = tmp_path_factory.mktemp("camera") / "film.mjpeg"
    film.write_bytes(b"".join(encoded(photograph(i), quality=85) * 10 for i in range(6)))
    path = find()
    assert path, "no browser: python tools/find_browser.py --install"
    flags = [*FLAGS, f"--use-file-for-fake-video-capture={film}"]
    browser = playwright.chromium.launch(executable_path=path, args=flags)
    yield browser
    browser.close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context()
    page = context.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.goto(f"{address}/tests/browser/pages/engine.html")
    page.wait_for_function("window.ready")
    yield page
    context.close()
    assert failures == []


def item(name: str = BACKBONE) -> dict[str, Any]:
    """What GET /api/v1/backbones says of a backbone."""
    document = json.loads((ROOT / "models" / name / "backbone.json").read_text("utf-8"))
    return {**document, "url": f"/models/{name}/"}


def text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def cosine(a: Any, b: Any) -> float:
    return float(np.dot(np.asarray(a, np.float64), np.asarray(b, np.float64)))


def in_python(data: bytes, mirror: bool = False) -> np.ndarray:
    embedder = embedder_of(load_backbone(ROOT / "models" / BACKBONE))
    return embedder.embed(decode_square(data, mirror=mirror))[0]


def oriented(image: Image.Image, orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encoded(image, exif=exif, quality=90)


def transparent(seed: int) -> Image.Image:
    image = photograph(seed, 500, 400).convert("RGBA")
    alpha = Image.new("L", image.size, 0)
    ImageDraw.Draw(alpha).ellipse((60, 40, 440, 360), fill=255)
    image.putalpha(alpha.filter(ImageFilter.GaussianBlur(20)))
    return image


ORIGINALS = {
    "photo 640 x 480": lambda: encoded(photograph(1), quality=90),
    "large photo 3000 x 2000": lambda: encoded(photograph(2, 3000, 2000), quality=85),
    "portrait turned by EXIF": lambda: oriented(photograph(3, 800, 600), 6),
    "mirrored by EXIF": lambda: oriented(photograph(4, 640, 480), 2),
    "upside down by EXIF": lambda: oriented(photograph(5, 640, 481), 3),
    "PNG": lambda: encoded(photograph(6, 517, 389), "PNG"),
    "PNG with transparency": lambda: encoded(transparent(7), "PNG"),
    "PNG with a palette": lambda: encoded(photograph(8).quantize(64), "PNG"),
    "grey JPEG": lambda: encoded(photograph(9).convert("L"), quality=90),
    "small 100 x 80": lambda: encoded(photograph(10, 100, 80), "PNG"),
    "WebP": lambda: encoded(photograph(11), "WEBP", quality=90),
    "GIF": lambda: encoded(photograph(12, 320, 240), "GIF"),
    "224 x 224": lambda: encoded(photograph(13, 224, 224), "PNG"),
    "very wide": lambda: encoded(photograph(14, 1501, 300), quality=90),
}


def test_the_backend_is_webassembly_and_a_software_renderer_is_never_tried(page: Page) -> None:
    loaded = page.evaluate("backbone => start(backbone)", item())
    assert loaded["backend"] == "wasm"
    assert (loaded["inputSize"], loaded["embeddingSize"], loaded["hasTop"]) == (224, 256, False)
    phases = page.evaluate("phases")
    assert {phase["phase"] for phase in phases} == {"code", "weights", "warmup"}
    assert all(0 <= phase["fraction"] <= 1 for phase in phases)
    assert page.evaluate("engine.memory()")["kernel"] == "simd"
    # What was measured is not measured again.
    assert page.evaluate("engine.remembered(engine.backbone.fingerprint)") == "wasm"


def test_a_stored_picture_has_the_same_embedding_as_in_python(page: Page) -> None:
    page.evaluate("backbone => start(backbone)", item())
    for seed in range(5):
        jpeg = encoded(photograph(seed, 224, 224), quality=92)
        found = page.evaluate(
            """async (data) => {
              const { embedding, quality } = await engine.embedStored(blobOf(data, 'image/jpeg'));
              return { embedding: [...embedding], quality };
            }""",
            text(jpeg),
        )
        assert cosine(found["embedding"], in_python(jpeg)) >= 0.9999
        assert abs(np.linalg.norm(found["embedding"]) - 1) < 1e-5
        luma = np.asarray(Image.open(io.BytesIO(jpeg)).convert("L"), float)
        assert found["quality"]["brightness"] == pytest.approx(luma.mean() / 255, abs=0.01)
        assert found["quality"]["contrast"] == pytest.approx(luma.std() / 255, abs=0.01)


@pytest.mark.parametrize("name", ORIGINALS)
def test_an_original_has_nearly_the_same_embedding_as_in_python(page: Page, name: str) -> None:
    data = ORIGINALS[name]()
    page.evaluate("backbone => start(backbone)", item())
    found = page.evaluate(
        """async (data) => {
          const file = fileOf(data, 'picture', '');
          const { embedding } = await engine.look(await files.bitmapOf(file), { embedding: true });
          const captured = await engine.capture(await files.bitmapOf(file), { mirror: true });
          const stored = new Uint8Array(await captured.jpeg.arrayBuffer());
          let jpeg = '';
          for (const byte of stored) jpeg += String.fromCharCode(byte);
          const { type } = captured.jpeg;
          return { look: [...embedding], capture: [...captured.embedding], jpeg: btoa(jpeg), type };
        }""",
        text(data),
    )
    assert cosine(found["look"], in_python(data)) >= 0.995
    stored = base64.b64decode(found["jpeg"])
    assert found["type"] == "image/jpeg"
    square = np.asarray(Image.open(io.BytesIO(stored)), float)
    assert square.shape == (224, 224, 3)
    # The same picture, mirrored, but for what JPEG and its halved colours take away.
    assert np.abs(square - decode_square(data, mirror=True)).mean() < 4
    assert np.abs(square - decode_square(data)).mean() > 8
    assert cosine(found["capture"], in_python(stored)) >= 0.9999


def test_real_pictures_have_the_same_embedding_as_in_python(page: Page) -> None:
    # Photographs lie beside some checkouts; elsewhere the drawn ones above have to do.
    paths = sorted(SHARED.glob("*/*"))[::40] if SHARED.is_dir() else []
    pictures = [p.read_bytes() for p in paths] or [ORIGINALS["photo 640 x 480"]()]
    page.evaluate("backbone => start(backbone)", item())
    for data in pictures:
        embedding = page.evaluate(
            """async (data) => {
              const bitmap = await files.bitmapOf(fileOf(data, 'picture', ''));
              return [...(await engine.look(bitmap, { embedding: true })).embedding];
            }""",
            text(data),
        )
        assert cosine(embedding, in_python(data)) >= 0.995


def test_500_frames_leak_no_tensor_and_no_waiting_call(page: Page) -> None:
    page.evaluate("backbone => start(backbone)", item())
    before, after, waiting = page.evaluate(
        """async () => {
          const canvas = new OffscreenCanvas(64, 48);
          const context = canvas.getContext('2d');
          const look = async (i) => {
            context.fillStyle = `hsl(${i} 80% 50%)`;
            context.fillRect(0, 0, 64, 48);
            const bitmap = canvas.transferToImageBitmap();
            return await engine.look(bitmap, { top: true, embedding: true });
          };
          await look(0);
          const before = await engine.memory();
          for (let i = 0; i < 500; i++) await look(i);
          return [before, await engine.memory(), engine.calls.size];
        }"""
    )
    assert after["numTensors"] == before["numTensors"]
    assert after["numBytes"] == before["numBytes"]
    assert waiting == 0


TEACH = """
async () => {
  window.camera = new Camera();
  await camera.start();
  await engine.setClasses(['left', 'right']);
  const next = async () => {
    for (;;) {
      const bitmap = await camera.frame();
      if (bitmap) return bitmap;
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  };
  window.nextFrame = next;
}
"""


def test_camera_frames_make_no_long_task_while_teaching_and_recognising(page: Page) -> None:
    page.evaluate("backbone => start(backbone)", item())
    page.evaluate(TEACH)
    result = page.evaluate(
        """async () => {
          longTasks.length = 0;
          let looks = 0;
          const begin = performance.now();
          for (let i = 0; i < 90; i++) {
            const bitmap = await nextFrame();
            if (i % 3 === 0) {
              const { embedding } = await engine.capture(bitmap, { mirror: true });
              const classId = i % 2 ? 'left' : 'right';
              const example = { id: `s${i}`, classId, group: `burst ${i >> 4}` };
              await engine.addExamples([example], embedding);
            } else if ((await engine.look(bitmap, { mirror: true })).result) looks++;
          }
          return { looks, longTasks, seconds: (performance.now() - begin) / 1000 };
        }"""
    )
    assert result["looks"] == 60
    assert result["longTasks"] == []
    assert result["seconds"] > 2, "the camera gives 30 frames a second at most"


def test_a_second_frame_is_dropped_while_one_is_in_flight_unless_it_waits(page: Page) -> None:
    page.evaluate("backbone => start(backbone)", item())
    seen = page.evaluate(
        """async () => {
          const frame = () => createImageBitmap(new ImageData(32, 32));
          const bitmaps = await Promise.all([frame(), frame(), frame()]);
          const options = (i) => ({ wait: i === 2, embedding: true });
          const looks = bitmaps.map((bitmap, i) => engine.look(bitmap, options(i)));
          const seen = (await Promise.all(looks)).map((s) => s && s.embedding.length);
          return { seen, widths: bitmaps.map(({ width }) => width) };
        }"""
    )
    assert seen["seen"] == [256, None, 256]
    assert seen["widths"] == [0, 0, 0], "every bitmap is gone, the dropped one too"


def test_examples_vote_move_and_leave_and_the_evaluation_follows(page: Page) -> None:
    page.evaluate("backbone => start(backbone)", item())
    result = page.evaluate(
        """async () => {
          const size = engine.embeddingSize;
          const vector = (axis, i) => {
            const v = new Float32Array(size);
            v[axis] = Math.cos(i * 0.1);
            v[axis + 2] = Math.sin(i * 0.1);
            return v;
          };
          const list = [], vectors = new Float32Array(12 * size);
          for (let i = 0; i < 12; i++) {
            list.push({ id: `s${i}`, classId: i % 2 ? '10' : '2', group: null });
            vectors.set(vector(i % 2, i), i * size);
          }
          await engine.setClasses(['10', '2']);
          await engine.setOptions({ k: 3, tolerance: null });
          let done = when(engine, 'evaluation', (e) => e.complete && e.n === 12);
          await engine.setExamples(list, vectors);
          const first = await done;
          done = when(engine, 'evaluation', (e) => e.complete && e.confusion[0] === 4);
          await engine.removeExamples(['s3', 'nobody']);
          await engine.moveExamples(['s5'], '2');
          const second = await done;
          const seen = await engine.look(await createImageBitmap(new ImageData(8, 8)), {});
          const plain = ({ accuracy, classes, confusion, items }) => {
            const wrong = items.filter((i) => i.taught !== i.answered).map((i) => i.id);
            return { accuracy, classes, confusion: [...confusion], wrong };
          };
          const { neighbours, scores, n } = seen.result;
          return { first: plain(first), second: plain(second), neighbours, scores: [...scores], n };
        }"""
    )
    assert result["first"]["accuracy"] == 1
    assert result["first"]["classes"] == ["10", "2"]
    assert result["first"]["confusion"] == [6, 0, 0, 6]
    assert result["second"]["wrong"] == ["s5"]
    assert result["second"]["confusion"] == [4, 0, 1, 6]
    assert len(result["neighbours"]) == 3
    assert all(
        n["id"].startswith("s") and n["classId"] in ("10", "2") for n in result["neighbours"]
    )
    assert sum(result["scores"]) == pytest.approx(1, abs=1e-6)
    assert result["n"] == 11


def test_other_eyes_take_over_between_two_frames_and_the_old_worker_ends(page: Page) -> None:
    page.evaluate("backbone => start(backbone)", item())
    result = page.evaluate(
        """async (backbone) => {
          const teach = async (engine, id, classes) => {
            await engine.setClasses(classes);
            await engine.setOptions({ k: 1, tolerance: null });
            const vectors = new Float32Array(engine.embeddingSize).fill(0.0625);
            await engine.setExamples([{ id, classId: classes[0], group: null }], vectors);
          };
          const frame = () => createImageBitmap(new ImageData(8, 8));
          const [before, after] = [await frame(), await frame()];
          await teach(engine, 'old', ['a', 'b']);
          const old = engine.worker;
          const ended = new Promise((resolve) => {
            const terminate = old.terminate.bind(old);
            old.terminate = () => resolve(terminate());
          });
          const spare = engine.spare();
          await spare.load(backbone);
          await teach(spare, 'new', ['c']);
          const first = engine.capture(before);
          engine.adopt(spare);
          const second = engine.look(after);
          const tell = ({ result }) => [result.neighbours[0].id, result.scores.length];
          const answers = [tell(await first), tell(await second)];
          await ended;
          spare.dispose(); // nothing is left of it that could end the Worker in use
          const { fingerprint } = await first;
          const { examples } = await engine.memory();
          return { answers, examples, same: fingerprint === backbone.fingerprint };
        }""",
        item(),
    )
    assert result["answers"] == [["old", 2], ["new", 1]]
    assert result["examples"] == 1
    assert result["same"]
    assert page.evaluate("engineErrors") == []


def rejection(page: Page, script: str, argument: Any = None) -> str:
    """What a promise is rejected with."""
    return page.evaluate(
        "async (argument) => { try { await (" + script + ")(argument); return 'no error'; }"
        " catch (error) { return error.message; } }",
        argument,
    )


def test_what_goes_wrong_in_the_worker_is_said_in_plain_words(page: Page) -> None:
    load = "(backbone) => start(backbone)"
    wrong = {**item(), "fingerprint": "0" * 64}
    assert "expected 000000000000" in rejection(page, load, wrong)
    assert "answered 404" in rejection(page, load, {**item(), "url": "/models/nothing/"})
    look = "async () => engine.look(await createImageBitmap(new ImageData(8, 8)), {})"
    assert "No backbone is loaded yet" in rejection(page, look)
    page.evaluate("backbone => engine.load(backbone)", item())
    damaged = "() => engine.embedStored(new Blob(['no picture'], { type: 'image/jpeg' }))"
    assert "image/jpeg, 10 bytes) cannot be decoded" in rejection(page, damaged)
    few = "() => engine.addExamples([{ id: 'a', classId: 'x', group: null }], new Float32Array(3))"
    assert "1 examples came with 3 numbers; expected 1 x 256" in rejection(page, few)
    assert "k is 0; expected" in rejection(page, "() => engine.setOptions({ k: 0 })")
    # A load that fails leaves the old backbone at work, and a failed addition leaves its ids free.
    assert "expected 000000000000" in rejection(page, "(b) => engine.load(b)", wrong)
    add = "async () => { await engine.setClasses(['x']); await engine.addExamples("
    add += "[{ id: 'a', classId: 'x', group: null }], new Float32Array(256).fill(1 / 16)); }"
    assert rejection(page, add) == "no error"
    assert rejection(page, look) == "no error"


def test_closing_the_engine_rejects_what_waits_and_what_comes_later(page: Page) -> None:
    page.evaluate("backbone => start(backbone)", item())
    look = "engine.look(await createImageBitmap(new ImageData(8, 8)), {})"
    script = f"async () => {{ const waiting = {look}; engine.dispose(); await waiting; }}"
    assert rejection(page, script) == "The engine was closed."
    assert rejection(page, f"async () => {look}") == "The engine was closed."
    assert page.evaluate("engine.calls.size") == 0


def test_a_worker_whose_code_is_gone_is_an_error_and_not_silence(page: Page) -> None:
    page.route("**/vision/worker.js", lambda route: route.abort())
    message = rejection(page, "(backbone) => start(backbone)", item())
    assert "The background worker stopped" in message


@pytest.fixture(scope="module")
def software_renderer(playwright: Playwright) -> Iterator[Browser]:
    """A Chromium with WebGL, drawn by the processor."""
    flags = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"]
    path = find()
    browser = playwright.chromium.launch(executable_path=path, args=[*FLAGS, *flags])
    yield browser
    browser.close()


def test_webgl_drawn_in_software_is_recognised_before_it_is_warmed_up(
    software_renderer: Browser, address: str
) -> None:
    page = software_renderer.new_page()
    page.goto(f"{address}/tests/browser/pages/engine.html")
    page.wait_for_function("window.ready")
    assert page.evaluate("new OffscreenCanvas(1, 1).getContext('webgl2') !== null")
    assert page.evaluate("backbone => start(backbone)", item())["backend"] == "wasm"
    assert "probe" not in {phase["phase"] for phase in page.evaluate("phases")}
    page.close()


def test_a_probed_renderer_that_is_slower_is_left_without_a_trace(
    software_renderer: Browser, address: str
) -> None:
    page = software_renderer.new_page()
    page.goto(f"{address}/tests/browser/pages/engine.html")
    page.wait_for_function("window.ready")
    # It says that it is a card: so it is tried, timed for real, and found slow.
    found = page.evaluate(
        """async (backbone) => {
          WebGL2RenderingContext.prototype.getParameter = () => 'NVIDIA GeForce RTX 9999';
          const tf = await import('/static/vendor/tf.js');
          const { start } = await import('/static/js/vision/backends.js');
          const { fetchModel } = await import('/static/js/vision/weights.js');
          const url = location.origin + backbone.url;
          const artifacts = await fetchModel({ ...backbone, url });
          let probes = 0;
          const onProbe = () => probes++;
          const begin = await start(tf, artifacts, { forced: 'wasm', remembered: null, onProbe });
          const alone = tf.memory().numTensors;
          begin.network.dispose();
          const options = { forced: null, remembered: null, onProbe };
          const { backend, probed, network } = await start(tf, artifacts, options);
          const { embedding } = await network.run();
          const { numTensors } = tf.memory();
          return { probes, backend, probed, current: tf.getBackend(), alone, numTensors,
            size: embedding.length };
        }""",
        item(),
    )
    assert found["probes"] == 1
    assert found["backend"] == found["probed"] == found["current"] == "wasm"
    assert found["numTensors"] == found["alone"]
    assert found["size"] == 256
    page.close()


def test_when_the_graphics_card_is_lost_the_processor_goes_on(
    software_renderer: Browser, address: str
) -> None:
    page = software_renderer.new_page()
    page.goto(f"{address}/tests/browser/pages/engine.html")
    page.wait_for_function("window.ready")
    loaded = page.evaluate("backbone => start(backbone, { backend: 'webgl' })", item())
    assert loaded["backend"] == "webgl"
    jpeg = encoded(photograph(3, 224, 224))
    embed = """async (data) =>
      [...(await engine.embedStored(blobOf(data, 'image/jpeg'))).embedding]"""
    on_webgl = page.evaluate(embed, text(jpeg))
    page.evaluate("() => { window.lost = when(engine, 'backend'); }")
    page.workers[0].evaluate(
        """async () => {
          const { gl } = (await import('/static/vendor/tf.js')).backend().getGPGPUContext();
          gl.getExtension('WEBGL_lose_context').loseContext();
        }"""
    )
    assert page.evaluate("lost") == {"backend": "wasm"}
    after = page.evaluate(embed, text(jpeg))
    assert cosine(after, in_python(jpeg)) >= 0.9999
    assert cosine(after, on_webgl) >= 0.9999
    assert page.evaluate("engineErrors") == [
        "The graphics card (WebGL) was lost; going on with the processor."
    ]
    page.close()
