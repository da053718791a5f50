"""The camera and its substitutes in a real Chromium: what goes wrong, and what stands in."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
import scenes
from PIL import Image
from playwright.sync_api import Page, Playwright

from tools.find_browser import find

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    *scenes.FLAGS,
    # An address that is neither https nor localhost, as a phone in the same network sees the page.
    "--host-resolver-rules=MAP classroom.test 127.0.0.1",
]
CAMERA = ["--use-fake-device-for-media-stream"]
ALLOWED = [*CAMERA, "--use-fake-ui-for-media-stream"]


@pytest.fixture(scope="module")
def port(harness_port: int) -> int:
    return harness_port


@pytest.fixture(scope="module")
def playwright(ui_playwright: Playwright) -> Playwright:
    return ui_playwright


class Pages:
    """Opens the harness in browsers with and without a camera; each browser is started once."""

    def __init__(self, playwright: Playwright, port: int):
        self.playwright, self.port = playwright, port
        self.browsers: dict[tuple[str, ...], object] = {}

    def open(self, *flags: str, host: str = "127.0.0.1") -> Page:
        if flags not in self.browsers:
            path = find()
            assert path, "no browser: python tools/find_browser.py --install"
            launch = self.playwright.chromium.launch
            self.browsers[flags] = launch(executable_path=path, args=[*FLAGS, *flags])
        page = self.browsers[flags].new_context().new_page()
        page.goto(f"http://{host}:{self.port}/tests/browser/pages/engine.html")
        page.wait_for_function("window.ready")
        return page

    def close(self) -> None:
        for browser in self.browsers.values():
            browser.close()


@pytest.fixture(scope="module")
def pages(playwright: Playwright, port: int) -> Iterator[Pages]:
    pages = Pages(playwright, port)
    yield pages
    pages.close()


@pytest.fixture
def page(pages: Pages) -> Iterator[Page]:
    page = pages.open(*ALLOWED)
    yield page
    page.context.close()


START = """async (wanted) => {
  window.camera ??= new Camera();
  window.states = [];
  camera.addEventListener('statechange', () => states.push(camera.state));
  await camera.start(wanted ?? {});
  return { state: camera.state, error: camera.error, states };
}"""
FRAME = """async () => {
  for (;;) {
    const bitmap = await camera.frame();
    if (bitmap) {
      const size = [bitmap.displayWidth ?? bitmap.width, bitmap.displayHeight ?? bitmap.height];
      bitmap.close();
      return size;
    }
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
}"""


@pytest.mark.parametrize(
    ("kind", "flags", "host"),
    [
        ("denied", CAMERA, "127.0.0.1"),
        ("none", ["--use-fake-ui-for-media-stream"], "127.0.0.1"),
        ("insecure", ALLOWED, "classroom.test"),
    ],
)
def test_a_camera_that_does_not_start_says_why_and_offers_a_way_on(
    pages: Pages, kind: str, flags: list[str], host: str
) -> None:
    page = pages.open(*flags, host=host)
    found = page.evaluate(START)
    assert found["states"] == ["starting", "failed"]
    assert found["error"]["kind"] == kind
    assert all(found["error"][part] for part in ("title", "explanation", "wayOn"))
    assert page.evaluate("camera.frame()") is None
    page.context.close()


@pytest.mark.parametrize(
    ("name", "kind"), [("NotReadableError", "busy"), ("AbortError", "busy"), ("Odd", "unknown")]
)
def test_an_error_of_the_browser_becomes_its_explanation(page: Page, name: str, kind: str) -> None:
    # A busy camera cannot be had on purpose; the browser's answer to one can.
    page.evaluate(
        """(name) => {
          const refuse = async () => { throw new DOMException('why', name); };
          navigator.mediaDevices.getUserMedia = refuse;
        }""",
        name,
    )
    assert page.evaluate(START)["error"]["kind"] == kind


def test_the_camera_runs_pauses_goes_on_and_stops(page: Page) -> None:
    assert page.evaluate(START)["states"] == ["starting", "running"]
    assert page.evaluate(FRAME) == [640, 480]
    video = page.evaluate("[camera.video.playsInline, camera.video.muted, camera.video.autoplay]")
    assert video == [True, True, True]
    page.evaluate("camera.pause()")
    assert page.evaluate("[camera.state, camera.stream.getTracks()[0].enabled]") == [
        "paused",
        False,
    ]
    assert page.evaluate("camera.frame()") is None
    page.evaluate("camera.resume()")
    assert page.evaluate("camera.state") == "running"
    assert page.evaluate(FRAME) == [640, 480]
    page.evaluate("window.track = camera.stream.getTracks()[0]; camera.stop()")
    assert page.evaluate("[camera.state, track.readyState, camera.video.srcObject]") == [
        "off",
        "ended",
        None,
    ]


def test_the_same_frame_is_given_once(page: Page) -> None:
    page.evaluate(START)
    # Asked for twice in one turn: between two the camera may well have the next one.
    assert page.evaluate("""async () => {
      for (;;) {
        const [first, second] = await Promise.all([camera.frame(), camera.frame()]);
        first?.close();
        if (first) return second === null;
        await new Promise(requestAnimationFrame);
      }
    }""")


def test_cameras_are_listed_and_chosen_and_a_forgotten_one_is_replaced(page: Page) -> None:
    page.evaluate(START)
    cameras = page.evaluate("Camera.list()")
    assert cameras
    assert cameras[0]["label"]
    page.evaluate(START, {"deviceId": cameras[0]["id"]})
    assert page.evaluate("camera.deviceId") == cameras[0]["id"]
    found = page.evaluate(START, {"deviceId": "a camera of another day"})
    assert found["state"] == "running"


def test_a_camera_that_is_unplugged_says_so_and_can_be_started_again(page: Page) -> None:
    page.evaluate(START)
    page.evaluate("camera.stream.getVideoTracks()[0].dispatchEvent(new Event('ended'))")
    assert page.evaluate("[camera.state, camera.error.kind]") == ["failed", "ended"]
    assert page.evaluate(START)["state"] == "running"


def test_the_last_of_several_starts_wins_and_no_camera_stays_on(page: Page) -> None:
    live = page.evaluate(
        """async () => {
          const streams = [];
          const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
          navigator.mediaDevices.getUserMedia = async (wanted) => {
            const stream = await ask(wanted);
            streams.push(stream);
            return stream;
          };
          const camera = new Camera();
          await Promise.all([camera.start(), camera.start(), camera.start()]);
          const live = () => streams.filter((s) => s.getTracks()[0].readyState === 'live').length;
          const running = [camera.state, live()];
          const late = camera.start();
          camera.stop();
          await late;
          return [...running, camera.state, live()];
        }"""
    )
    assert live == ["running", 1, "off", 0]


def test_a_hidden_page_pauses_the_camera_and_goes_on_when_it_is_shown(page: Page) -> None:
    page.evaluate(START)
    hide = """(hidden) => {
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
      document.dispatchEvent(new Event('visibilitychange'));
    }"""
    page.evaluate(hide, True)
    assert page.evaluate("camera.state") == "paused"
    page.evaluate(hide, False)
    page.wait_for_function("camera.state === 'running'")
    # What a person has paused stays so.
    page.evaluate("camera.pause()")
    page.evaluate(hide, True)
    page.evaluate(hide, False)
    assert page.evaluate("camera.state") == "paused"


def picture(colour: str, size: tuple[int, int] = (40, 30), kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, kind)
    return file.getvalue()


def test_a_dropped_folder_gives_its_pictures_in_natural_order(page: Page, tmp_path: Path) -> None:
    folder = tmp_path / "things"
    for name in ("cat/2.png", "cat/10.png", "cat/deep/1.jpg", "dog/1.png", ".hidden/1.png"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(picture("red"))
    for i in range(120):  # more than a directory reader gives at once
        (folder / "dog" / f"more {i}.png").write_bytes(picture("blue", (8, 8)))
    (folder / "cat" / "notes.txt").write_text("not a picture")
    page.evaluate(
        """() => {
          document.documentElement.style.height = '100%';
          document.addEventListener('dragover', (event) => event.preventDefault());
          document.addEventListener('drop', async (event) => {
            event.preventDefault();
            const found = [];
            const pictures = files.pictures(event.dataTransfer);
            for await (const { path, name } of pictures) found.push([path, name]);
            window.dropped = found;
          });
        }"""
    )
    session = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(folder)], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, "x": 20, "y": 20, "data": data})
    page.wait_for_function("window.dropped")
    dropped = page.evaluate("dropped")
    paths = [path for path, _ in dropped]
    assert paths[:4] == [
        "things/cat/2.png",
        "things/cat/10.png",
        "things/cat/deep/1.jpg",
        "things/dog/1.png",
    ]
    assert paths[4:] == [f"things/dog/more {i}.png" for i in range(120)]
    assert dropped[1][1] == "10.png"


def test_files_are_told_apart_and_a_broken_one_is_named(page: Page) -> None:
    kinds = page.evaluate(
        """() => [['a.JPG', ''], ['a.png', 'image/png'], ['a.svg', 'image/svg+xml'], ['a.mp4', ''],
          ['a.txt', 'text/plain'], ['a.mov', 'video/quicktime']]
          .map(([name, type]) => new File([], name, { type }))
          .map((file) => [files.isPicture(file), files.isVideo(file)])"""
    )
    picture_, video, neither = [True, False], [False, True], [False, False]
    assert kinds == [picture_, picture_, neither, video, neither, video]
    message = page.evaluate(
        "files.bitmapOf(new File(['nothing'], 'torn.jpg')).catch((error) => error.message)"
    )
    assert message.startswith("torn.jpg cannot be decoded")


RECORD = """async (colours) => {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 64;
  const context = canvas.getContext('2d');
  const stream = canvas.captureStream(30);
  const recorder = new MediaRecorder(stream, { mimeType: 'video/webm;codecs=vp8' });
  const parts = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  const stopped = new Promise((resolve) => (recorder.onstop = resolve));
  recorder.start();
  for (const colour of colours) {
    for (let frame = 0; frame < 24; frame++) {
      context.fillStyle = colour;
      context.fillRect(0, 0, 64, 64);
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  }
  recorder.stop();
  await stopped;
  window.film = new File(parts, 'film.webm', { type: 'video/webm' });
}"""


def test_a_video_gives_evenly_spaced_frames_with_progress_and_can_be_stopped(page: Page) -> None:
    page.evaluate(RECORD, ["#ff0000", "#0000ff"])
    found = page.evaluate(
        """async () => {
          const canvas = new OffscreenCanvas(1, 1);
          const context = canvas.getContext('2d', { willReadFrequently: true });
          const frames = [], progress = [];
          const options = { perSecond: 10, onProgress: (fraction) => progress.push(fraction) };
          for await (const { bitmap, time } of video.framesOf(film, options)) {
            context.drawImage(bitmap, 0, 0);
            const [r, , b] = context.getImageData(0, 0, 1, 1).data;
            frames.push([time, r > 150, b > 150, bitmap.width]);
            bitmap.close();
          }
          return { frames, progress };
        }"""
    )
    frames, progress = found["frames"], found["progress"]
    assert len(frames) >= 6
    times = [frame[0] for frame in frames]
    gaps = [b - a for a, b in itertools.pairwise(times)]
    assert max(gaps) - min(gaps) < 1e-6
    assert frames[0][1:] == [True, False, 64]
    assert frames[-1][1:] == [False, True, 64]
    assert progress == sorted(progress)
    assert progress[-1] == 1
    stopped = page.evaluate(
        """async () => {
          const stop = new AbortController();
          let frames = 0;
          try {
            for await (const { bitmap } of video.framesOf(film, { signal: stop.signal })) {
              bitmap.close();
              if (++frames === 2) stop.abort();
            }
          } catch (error) {
            return [frames, error.name];
          }
        }"""
    )
    assert stopped == [2, "AbortError"]


def test_a_file_that_is_no_video_is_refused_by_name(page: Page) -> None:
    message = page.evaluate(
        """async () => {
          const film = new File(['x'], 'film.mp4', { type: 'video/mp4' });
          try {
            for await (const _ of video.framesOf(film));
          } catch (error) { return error.message; }
        }"""
    )
    assert message.startswith("film.mp4 cannot be played")


INK = """() => {
  const { width, height } = drawing.canvas;
  const { data } = drawing.context.getImageData(0, 0, width, height);
  let ink = 0;
  for (let i = 0; i < data.length; i += 4) if (data[i] < 128) ink++;
  return ink;
}"""


def test_one_can_draw_with_the_pointer_and_with_the_keyboard(page: Page) -> None:
    page.evaluate(
        """() => {
          window.drawing = new Drawing();
          document.body.append(drawing.canvas);
        }"""
    )
    assert page.evaluate("drawing.frame().then(({ width, height }) => [width, height])") == [
        480,
        480,
    ]
    assert page.evaluate("drawing.frame()") is None, "nothing has changed since"
    box = page.locator("canvas").bounding_box()
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 300, box["y"] + 100)
    page.mouse.up()
    page.mouse.move(box["x"] + 300, box["y"] + 300)
    by_pointer = page.evaluate(INK)
    assert 2000 < by_pointer < 4500, "a stroke of 200 by 14 pixels with round ends"
    page.locator("canvas").focus()
    page.keyboard.press("ArrowDown")
    assert page.evaluate(INK) == by_pointer, "the pen moves without drawing"
    page.keyboard.down(" ")
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.keyboard.up(" ")
    assert page.evaluate(INK) > by_pointer
    assert page.evaluate("drawing.frame().then((bitmap) => bitmap.width)") == 480
    page.keyboard.press("Delete")
    assert page.evaluate(INK) == 0
