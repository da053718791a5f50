"""A camera for Chromium whose picture a program changes while it runs.

Chromium's fake camera plays a film of JPEG files, which it maps into memory: what is written into
the file in place is what the camera shows next, some 20 to 40 ms later. So that every picture has
the same number of bytes, the JPEG is filled up with comments.
"""

from __future__ import annotations

import io
import os
import time
from pathlib import Path

from PIL import Image, ImageOps

#: Most bytes of a picture; 640 x 480 at quality 90 seldom has more than 150,000.
SLOT = 262_144
SIZE = (640, 480)
#: A comment's length is written in two bytes and counts them.
_MOST_COMMENT = 65_000


def frame(picture: Image.Image, margin: tuple[int, int, int] | None = None) -> bytes:
    """Makes what the camera shows of a picture: its centre square, with margins to both sides.

    Args:
        picture: of any size.
        margin: colour of the margins, which lie outside the square that is looked at; None keeps
            the picture whole and cuts it to 4:3.

    Returns:
        A JPEG of 640 x 480 pixels in exactly `SLOT` bytes.

    Raises:
        ValueError: the picture has too much detail for its slot.
    """
    rgb = picture.convert("RGB")
    if margin is None:
        whole = ImageOps.fit(rgb, SIZE)
    else:
        side = SIZE[1]
        whole = Image.new("RGB", SIZE, margin)
        whole.paste(ImageOps.fit(rgb, (side, side)), ((SIZE[0] - side) // 2, 0))
    file = io.BytesIO()
    whole.save(file, "JPEG", quality=90)
    return _filled(file.getvalue())


def _filled(jpeg: bytes) -> bytes:
    missing = SLOT - len(jpeg)
    if missing < 4:
        raise ValueError(f"The picture has {len(jpeg)} bytes as JPEG, expected at most {SLOT - 4}.")
    comments = bytearray()
    while missing:
        size = min(missing, _MOST_COMMENT)
        if 0 < missing - size < 4:  # a comment has four bytes at least
            size -= 4
        comments += b"\xff\xfe" + (size - 2).to_bytes(2, "big") + bytes(size - 4)
        missing -= size
    return jpeg[:2] + bytes(comments) + jpeg[2:]


class LiveCamera:
    """A film of one picture, which `show` replaces.

    Args:
        path: where the film lies; give it to Chromium by `flags`.
        first: what it shows at first, from `frame`.
    """

    def __init__(self, path: Path, first: bytes):
        self.path = path
        path.write_bytes(first)

    @property
    def flags(self) -> list[str]:
        """What Chromium is to be started with."""
        return [
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={self.path}",
        ]

    def show(self, picture: bytes) -> float:
        """Holds a picture before the camera.

        Args:
            picture: from `frame`.

        Returns:
            When, in milliseconds since 1970, the clock of `performance.timeOrigin`.
        """
        if len(picture) != SLOT:
            raise ValueError(f"Got {len(picture)} bytes, expected {SLOT}: make it with frame().")
        # In place and in one call: Chromium keeps reading the file it has opened.
        descriptor = os.open(self.path, os.O_WRONLY)
        try:
            os.pwrite(descriptor, picture, 0)
            return time.time() * 1000
        finally:
            os.close(descriptor)
