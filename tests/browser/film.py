"""A film for the fake camera whose chapters a test can recognise by the colour of its margins.

The camera's picture is 640 x 480 and what is taught is its centre square, 480 x 480: the margins to
both sides are never seen by the backbone, so they carry a mark, one colour a chapter, which the
test reads from the video element. Where the folder ../shared lies beside the checkout, the pictures
are its superheroes; elsewhere they are drawn. Something else is an empty wall.
"""

from __future__ import annotations

import io
import random
from pathlib import Path

from PIL import Image, ImageDraw, ImageOps

SHARED = Path(__file__).resolve().parents[3] / "shared" / "pictures"
SIDE = 480
#: Chapter: colour of the margins, pictures, frames of each picture (the camera plays 30 a second).
CHAPTERS = {
    "teach one": ((255, 0, 0), 15, 6),
    "teach two": ((0, 255, 0), 15, 6),
    "ask one": ((0, 0, 255), 5, 15),
    "ask two": ((255, 255, 0), 5, 15),
    "ask other": ((255, 0, 255), 5, 15),
}


def pictures() -> dict[str, list[Image.Image]]:
    """Choose the pictures of each chapter; those asked about are never among those taught.

    Returns:
        By chapter: RGB squares of 480 x 480.
    """
    if SHARED.is_dir():
        choose = random.Random(5)
        one = choose.sample(sorted((SHARED / "superheroes" / "darth_vader").iterdir()), 20)
        two = choose.sample(sorted((SHARED / "superheroes" / "elsa").iterdir()), 20)
        files = [one[:15], two[:15], one[15:], two[15:]]
        groups = [
            [ImageOps.fit(Image.open(file).convert("RGB"), (SIDE, SIDE)) for file in group]
            for group in files
        ]
        return dict(zip(CHAPTERS, [*groups, walls()], strict=True))
    groups = [
        [_drawn("disc", seed) for seed in range(15)],
        [_drawn("stripes", seed) for seed in range(15)],
        [_drawn("disc", seed) for seed in range(50, 55)],
        [_drawn("stripes", seed) for seed in range(50, 55)],
        walls(),
    ]
    return dict(zip(CHAPTERS, groups, strict=True))


def _drawn(kind: str, seed: int) -> Image.Image:
    """Draw one of a kind of picture: a red disc or blue stripes."""
    choose = random.Random(seed)
    image = Image.new("RGB", (SIDE, SIDE), (225, 218, 205))
    pen = ImageDraw.Draw(image)
    if kind == "disc":
        x, y, r = choose.randint(180, 300), choose.randint(180, 300), choose.randint(110, 160)
        pen.ellipse((x - r, y - r, x + r, y + r), fill=(200, choose.randint(30, 70), 40))
    else:
        step = choose.randint(36, 48)
        for x in range(choose.randint(0, 30), SIDE, step):
            pen.rectangle((x, 0, x + step // 2, SIDE), fill=(30, choose.randint(50, 90), 190))
    return image


def walls() -> list[Image.Image]:
    """Draw what is left when nothing is held before the camera: a wall, lit from one side."""
    found = []
    for red, green, blue in (
        (96, 140, 92),
        (150, 110, 160),
        (70, 120, 150),
        (160, 150, 60),
        (120,) * 3,
    ):
        light = (
            Image.linear_gradient("L").rotate(90).resize((SIDE, SIDE)).point(lambda v: 70 + v // 4)
        )
        found.append(ImageOps.colorize(light, (0, 0, 0), (red * 2, green * 2, blue * 2)))
    return found


def film(chapters: dict[str, list[Image.Image]]) -> bytes:
    """Put the chapters one after another, as JPEG after JPEG."""
    out = bytearray()
    for name, (mark, _, frames) in CHAPTERS.items():
        for picture in chapters[name]:
            frame = Image.new("RGB", (640, 480), mark)
            frame.paste(picture, ((640 - SIDE) // 2, 0))
            file = io.BytesIO()
            frame.save(file, "JPEG", quality=90)
            out += file.getvalue() * frames
    return bytes(out)


#: JavaScript: `chapter()` gives the number of the chapter before the camera, or -1.
READ_CHAPTER = """
  const marks = [[255,0,0],[0,255,0],[0,0,255],[255,255,0],[255,0,255]];
  const context = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const chapter = () => {
    const video = document.querySelector('[data-testid=frame] video');
    if (!video?.videoWidth) return -1;
    context.drawImage(video, 30, 240, 1, 1, 0, 0, 1, 1);
    const [r, g, b] = context.getImageData(0, 0, 1, 1).data;
    const far = ([x, y, z]) => Math.abs(x - r) + Math.abs(y - g) + Math.abs(z - b);
    return marks.findIndex((mark) => far(mark) < 200);
  };
"""
