"""Somebody before the camera, who does what the page asks, as people do: a moment later.

Chromium's fake camera plays a film and cannot wait for a prompt; here the film is changed while it
plays (tools/live_camera.py). Several pictures of a kind are held up in turn: nobody holds still.
"""

from __future__ import annotations

import io
import threading
from itertools import cycle

from film import pictures, walls
from PIL import Image, ImageEnhance
from playwright.sync_api import Page

from tools.live_camera import LiveCamera, frame

LEFT, RIGHT, NOTHING = "left", "right", "nothing"
KINDS = (LEFT, RIGHT, NOTHING)
#: Colour beside the square that is looked at.
MARGIN = (90, 90, 90)
#: Tells what `[data-testid=prompt]` asks for, whenever that changes.
_WATCH = """
(() => {
  let asked = null;
  const look = () => {
    const prompt = document.querySelector('[data-testid=prompt]');
    const now = prompt ? prompt.dataset.asked || 'nothing' : null;
    if (now === asked) return;
    asked = now;
    if (now !== null) window.promptAsks(now);
  };
  const everything = { subtree: true, childList: true, attributes: true };
  new MutationObserver(look).observe(document, everything);
})();
"""


def albums() -> dict[str, dict[str, list[Image.Image]]]:
    """Gives pictures to teach and others to ask about, by kind."""
    found = pictures()
    dim = [ImageEnhance.Brightness(wall).enhance(0.8) for wall in walls()]
    return {
        "teach": {LEFT: found["teach one"], RIGHT: found["teach two"], NOTHING: walls()},
        "ask": {LEFT: found["ask one"], RIGHT: found["ask two"], NOTHING: dim},
    }


def as_jpeg(image: Image.Image) -> bytes:
    """Encodes a picture as the page would store it, nearly."""
    file = io.BytesIO()
    image.save(file, "JPEG", quality=90)
    return file.getvalue()


class Person:
    """Holds pictures before a camera, from a thread of its own, until `leave`.

    Args:
        camera: what the browser looks through.
        album: pictures by kind.
        reaction: seconds from what is asked to what is shown.
        each: seconds for which a picture is held up.
    """

    def __init__(
        self,
        camera: LiveCamera,
        album: dict[str, list[Image.Image]],
        reaction: float = 0.12,
        each: float = 0.15,
    ):
        self.camera = camera
        self.each = each
        self.reaction = reaction
        self._frames: dict[str, cycle[bytes]] = {}
        self.take(album)
        self._kind = NOTHING
        self._changed = threading.Event()
        self._leaves = False
        self._timers: list[threading.Timer] = []
        self._thread = threading.Thread(target=self._hold, name="person", daemon=True)
        self._thread.start()

    def take(self, album: dict[str, list[Image.Image]]) -> None:
        """Holds up other pictures from now on."""
        self._frames = {
            kind: cycle([frame(picture, MARGIN) for picture in found])
            for kind, found in album.items()
        }

    def show(self, kind: str) -> None:
        """Holds up pictures of a kind, at once."""
        if kind != self._kind:
            self._kind = kind
            self._changed.set()

    def follow(self, page: Page) -> None:
        """Does what the prompts of a page ask for that is not open yet."""

        def asks(kind: str) -> None:
            timer = threading.Timer(self.reaction, self.show, [kind])
            self._timers.append(timer)
            timer.start()

        page.expose_function("promptAsks", asks)
        page.add_init_script(_WATCH)

    def leave(self) -> None:
        """Ends the thread; the last picture stays."""
        self._leaves = True
        for timer in self._timers:
            timer.cancel()
        self._changed.set()
        self._thread.join()

    def _hold(self) -> None:
        while not self._leaves:
            self.camera.show(next(self._frames[self._kind]))
            self._changed.wait(self.each)
            self._changed.clear()
