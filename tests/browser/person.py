"""Somebody before the camera who does what the page asks: a stand-in for the camera's picture.

The browser's own fake camera plays a film and cannot wait for a prompt. Here a canvas is the
camera, and what it shows follows the page: what is asked for by `[data-testid=prompt]`, some time
after it was asked, as people do. Everything behind the camera is the page's own.
"""

from __future__ import annotations

import base64
import io
import json
from typing import Any

from film import pictures
from playwright.sync_api import Page

#: JavaScript for every page: `person.show(kind)`, `person.kind`, `person.reaction` in ms, whether
#: the person `follows` the prompts, and the `bitmaps` of each kind.
SCRIPT = """
(() => {
  const PICTURES = %s;
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width: 640, height: 480 });
  const context = canvas.getContext('2d');
  const bitmaps = {};
  const person = (window.person = { kind: 'nothing', reaction: 120, follows: true, bitmaps });
  person.show = (kind) => (person.kind = kind);
  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const decode = (text) => createImageBitmap(new Blob([bytes(text)]));
  const loaded = Promise.all(Object.entries(PICTURES).map(async ([kind, list]) => {
    bitmaps[kind] = await Promise.all(list.map(decode));
  }));
  let count = 0;
  const draw = () => {
    const list = bitmaps[person.kind];
    // Every picture for some frames, moved a little: nobody holds still.
    const shift = 4 * Math.sin(count / 5);
    context.drawImage(list[Math.floor(count / 6) %% list.length], 80 + shift, shift, 480, 480);
    count += 1;
  };
  navigator.mediaDevices.getUserMedia = async () => {
    await loaded;
    draw();
    setInterval(draw, 40);
    return canvas.captureStream(30);
  };
  let asked = null;
  const follow = () => {
    const prompt = document.querySelector('[data-testid=prompt]');
    const now = prompt ? prompt.dataset.asked || 'nothing' : null;
    if (!person.follows || now === asked) return;
    asked = now;
    setTimeout(() => person.show(PICTURES[now] ? now : 'nothing'), person.reaction);
  };
  const everything = { subtree: true, childList: true, attributes: true };
  new MutationObserver(follow).observe(document, everything);
})();
"""


def _text(image: Any) -> str:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=85)
    return base64.b64encode(file.getvalue()).decode()


def before(page: Page, **kinds: str) -> None:
    """Put somebody before the camera of a page that is not open yet.

    Args:
        page: whose every document has it from now on.
        kinds: what is shown for an action, as the name of one of the film's kinds: "one", "two" or
            "other"; `left="one", right="two", nothing="other"` where left out.
    """
    found = pictures()
    sets = {
        "one": [*found["teach one"], *found["ask one"]],
        "two": [*found["teach two"], *found["ask two"]],
        "other": found["ask other"],
    }
    kinds = kinds or {"left": "one", "right": "two", "nothing": "other"}
    shown = {kind: [_text(image) for image in sets[name]] for kind, name in kinds.items()}
    page.add_init_script(SCRIPT % json.dumps(shown))
