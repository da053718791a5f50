"""Pictures that tests of the pages teach and ask about, and how a file is dropped on a page."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image, ImageDraw
from playwright.sync_api import Page

#: Keep the browser from asking anybody for anything by itself.
FLAGS = [
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
CAMERA = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
RED, BLUE, GREEN = (196, 44, 40), (38, 70, 190), (40, 150, 70)


def scene(color: tuple[int, int, int], shape: str, shift: int = 0) -> bytes:
    """Draws a big shape of a colour on a striped ground, as a JPEG of 640 x 480."""
    image = Image.new("RGB", (640, 480), (214, 205, 190))
    pen = ImageDraw.Draw(image)
    for x in range(0, 640, 40):
        pen.line((x + shift, 0, x + shift, 480), (190, 180, 165), 6)
    box = (180 + shift, 100, 460 + shift, 380)
    {"disc": pen.ellipse, "square": pen.rectangle}[shape](box, fill=color)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=88)
    return file.getvalue()


def red(shift: int = 0) -> dict[str, Any]:
    """A picture of a red disc, as a file for an input."""
    data = scene(RED, "disc", shift)
    return {"name": f"red{shift}.jpg", "mimeType": "image/jpeg", "buffer": data}


def blue(shift: int = 0) -> dict[str, Any]:
    """A picture of a blue square, likewise."""
    data = scene(BLUE, "square", shift)
    return {"name": f"blue{shift}.jpg", "mimeType": "image/jpeg", "buffer": data}


def drop(page: Page, selector: str, *files: dict[str, Any]) -> None:
    """Drops files on an element, with the events that a browser sends."""
    plain = [{**file, "buffer": list(file["buffer"])} for file in files]
    page.evaluate(
        """([selector, files]) => {
          const dataTransfer = new DataTransfer();
          for (const { name, mimeType, buffer } of files) {
            dataTransfer.items.add(new File([new Uint8Array(buffer)], name, { type: mimeType }));
          }
          for (const type of ['dragenter', 'dragover', 'drop']) {
            document.querySelector(selector).dispatchEvent(
              new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
          }
        }""",
        [selector, plain],
    )
