"""Frames straight from the camera's memory: the same pixels as through a canvas, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

HELPERS = """async () => {
  const { Pixels, SQUARE } = await import('/static/js/vision/pixels.js');
  const { pictureOf } = await import('/static/js/capture/camera.js');
  const { loadKernel } = await import('/static/js/core/knn_kernel.js');
  const { createResampler } = await import('/static/js/core/resample_kernel.js');
  const kernel = await loadKernel('/static/js/core/resample_kernel.wasm');
  /** A frame of soft slopes in any format. */
  const drawFrame = (format, width, height, more = {}) => {
    const wave = (i, speed) => 128 + 100 * Math.sin(i * speed);
    const planes = {
      I420: [[1, 1, 1], [2, 2, 1], [2, 2, 1]],
      NV12: [[1, 1, 1], [2, 2, 2]],
    }[format] ?? [[1, 1, 4]];
    const data = planes.flatMap(([across, down, bytes], plane) => {
      const [w, h] = [Math.ceil(width / across), Math.ceil(height / down)];
      return Array.from({ length: w * h * bytes }, (_, i) => {
        const [x, y] = [Math.floor(i / bytes) % w, Math.floor(i / bytes / w)];
        if (format.endsWith('X') && i % bytes === 3) return 255;
        const [along, below] = [x * across + (i % bytes) * 40, y * down + plane * 30];
        return wave(along, 0.02) * 0.6 + wave(below, 0.03) * 0.4;
      });
    });
    return new VideoFrame(Uint8Array.from(data), {
      format, codedWidth: width, codedHeight: height, timestamp: 0, ...more,
    });
  };
  const farthest = (a, b) => {
    let most = a.length === b.length ? 0 : Infinity;
    for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i] - b[i]));
    return most;
  };
  Object.assign(window, {
    Pixels, SQUARE, pictureOf, createResampler, kernel, drawFrame, farthest,
  });
}"""


@pytest.fixture
def page(watch: Callable[..., Page], ui_browser: Browser) -> Iterator[Page]:
    page = watch(ui_browser, permissions=["camera"])
    page.goto("/")
    page.evaluate(HELPERS)
    yield page


CASES: dict[str, tuple[str, int, int, dict[str, Any], bool]] = {
    "planes with halved colours": ("I420", 640, 480, {}, True),
    "two planes": ("NV12", 640, 480, {}, True),
    "no planes": ("RGBX", 640, 480, {}, True),
    "upright": ("I420", 480, 640, {}, True),
    "smaller than the square": ("I420", 160, 120, {}, True),
    "in the colours of high definition": (
        *("I420", 640, 480),
        {"colorSpace": {"matrix": "bt709", "primaries": "bt709", "transfer": "bt709"}},
        True,
    ),
    "a part of what was coded": (
        *("I420", 640, 480),
        {"visibleRect": {"x": 40, "y": 20, "width": 560, "height": 440}},
        True,
    ),
    "a crop between two halved colours": ("I420", 646, 480, {}, False),
    "blue first": ("BGRX", 640, 480, {}, False),
    "transparent": ("RGBA", 640, 480, {}, False),
    "mirrored": ("I420", 640, 480, {"flip": True}, False),
    "stretched": ("I420", 640, 480, {"displayWidth": 960, "displayHeight": 480}, False),
}


@pytest.mark.parametrize("name", CASES)
def test_a_frame_gives_the_square_that_its_bitmap_gives(page: Page, name: str) -> None:
    kind, width, height, more, straight = CASES[name]
    found = page.evaluate(
        """async ([format, width, height, more]) => {
          const pixels = new Pixels();
          pixels.resampler = createResampler(kernel);
          const frame = drawFrame(format, width, height, more);
          const bitmap = await createImageBitmap(frame);
          const copied = await pixels.copied(frame);
          const square = (await pixels.read(frame, true)).slice();
          const plain = new Pixels();
          const reference = await plain.read(bitmap, true);
          return {
            copied: copied !== null,
            apart: farthest(square, reference),
            spread: farthest(square, square.slice().fill(128)),
            kinds: [pixels.resampler.kind, plain.resampler.kind],
            gone: [frame.format, bitmap.width],
          };
        }""",
        [kind, width, height, more],
    )
    assert found["copied"] is straight
    assert found["apart"] <= 2
    assert found["spread"] > 50
    assert found["kinds"] == ["simd", "plain"]
    assert found["gone"] == [None, 0], "both are closed"


def test_a_frame_that_says_how_it_is_turned_is_turned(page: Page) -> None:
    # A phone's camera delivers what its sensor sees and says which way up that is.
    found = page.evaluate(
        """async () => {
          const [pixels, upright] = [new Pixels(), new Pixels()];
          const frame = drawFrame('I420', 640, 480, { rotation: 90 });
          const sizes = [frame.displayWidth, frame.displayHeight];
          const copied = await pixels.copied(frame);
          const square = await pixels.read(frame, false);
          const flat = await upright.read(drawFrame('I420', 640, 480), false);
          const turned = new Uint8Array(flat.length);
          for (let y = 0; y < SQUARE; y++) {
            for (let x = 0; x < SQUARE; x++) {
              const from = ((SQUARE - 1 - x) * SQUARE + y) * 3;
              turned.set(flat.subarray(from, from + 3), (y * SQUARE + x) * 3);
            }
          }
          return [sizes, copied, farthest(square, turned), farthest(square, flat) > 30];
        }"""
    )
    assert found == [[480, 640], None, pytest.approx(0, abs=2), True]


def test_frames_of_the_camera_are_copied_and_show_what_is_drawn(page: Page) -> None:
    found = page.evaluate(
        """async () => {
          const video = document.createElement('video');
          video.muted = true;
          video.srcObject = await navigator.mediaDevices.getUserMedia({ video: true });
          await video.play();
          const pixels = new Pixels();
          const frames = [];
          for (let i = 0; i < 5; i++) {
            await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
            const frame = await pictureOf(video);
            const drawn = pixels.drawn(frame);
            const copied = await pixels.copied(frame);
            frames.push([frame instanceof VideoFrame, copied && farthest(copied.data, drawn.data)]);
            frame.close();
          }
          for (const track of video.srcObject.getTracks()) track.stop();
          return { frames, agreed: [...pixels.agreed.values()] };
        }"""
    )
    assert len(found["frames"]) == 5
    assert all(is_frame and apart is not None and apart <= 2 for is_frame, apart in found["frames"])
    assert found["agreed"] == [3]


def test_a_browser_that_copies_other_colours_than_it_draws_draws(page: Page) -> None:
    found = page.evaluate(
        """async () => {
          const copyTo = VideoFrame.prototype.copyTo;
          let copies = 0;
          VideoFrame.prototype.copyTo = async function (data, options) {
            const planes = await copyTo.call(this, data, options);
            data[2] ^= 16;
            copies++;
            return planes;
          };
          const pixels = new Pixels();
          const squares = [];
          for (let i = 0; i < 3; i++) {
            squares.push((await pixels.read(drawFrame('I420', 320, 240), false)).slice());
          }
          VideoFrame.prototype.copyTo = copyTo;
          const bitmap = await createImageBitmap(drawFrame('I420', 320, 240));
          const reference = await new Pixels().read(bitmap, false);
          const apart = squares.map((square) => farthest(square, reference));
          return { copies, apart };
        }"""
    )
    assert found == {"copies": 1, "apart": [0, 0, 0]}, "tried once, then left alone"


def test_a_browser_that_ignores_the_wish_for_rgba_draws(page: Page) -> None:
    found = page.evaluate(
        """async () => {
          const { copyTo, allocationSize } = VideoFrame.prototype;
          VideoFrame.prototype.allocationSize = function ({ rect }) {
            return allocationSize.call(this, { rect });
          };
          VideoFrame.prototype.copyTo = function (data, { rect }) {
            return copyTo.call(this, data, { rect });
          };
          const results = [];
          for (const format of ['I420', 'NV12']) {
            const frame = drawFrame(format, 320, 240);
            results.push(await new Pixels().copied(frame));
            frame.close();
          }
          Object.assign(VideoFrame.prototype, { copyTo, allocationSize });
          return results;
        }"""
    )
    assert found == [None, None]


def test_where_there_are_no_video_frames_bitmaps_stand_in(page: Page) -> None:
    found = page.evaluate(
        """async () => {
          const video = document.createElement('video');
          video.muted = true;
          video.srcObject = await navigator.mediaDevices.getUserMedia({ video: true });
          await video.play();
          const { VideoFrame } = window;
          const picture = async () => {
            const taken = await pictureOf(video);
            taken.close();
            return taken.constructor.name;
          };
          const names = [await picture()];
          window.VideoFrame = class { constructor() { throw new TypeError('not of this video'); } };
          names.push(await picture());
          delete window.VideoFrame;
          names.push(await picture());
          window.VideoFrame = VideoFrame;
          for (const track of video.srcObject.getTracks()) track.stop();
          return names;
        }"""
    )
    assert found == ["VideoFrame", "ImageBitmap", "ImageBitmap"]
