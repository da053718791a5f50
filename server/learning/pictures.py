"""From any picture to the numbers a backbone sees: the recipe of docs/preprocessing.md."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from PIL import (
    BmpImagePlugin,  # noqa: F401  (each registers its format)
    GifImagePlugin,  # noqa: F401
    Image,
    JpegImagePlugin,  # noqa: F401
    PngImagePlugin,  # noqa: F401
    WebPImagePlugin,  # noqa: F401
)

from .errors import InputError
from .resampling import resample

__all__ = [
    "CAPTURE_SIZE",
    "DEFAULT_LIMITS",
    "Limits",
    "as_stored",
    "decode_square",
    "decode_upright",
    "encode_jpeg",
    "resample",
    "to_input",
]

#: Width and height, in pixels, of the square that is stored and shown.
CAPTURE_SIZE = 224

#: Formats whose decoders are compiled into Pillow and start no other program. Files of several
#: JPEGs (MPO, from some cameras and phones) are read as JPEG: their first picture counts.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")

#: A stored square larger than this carries something other than its 150,528 bytes of pixels.
_STORED_BYTES = 256 * 1024

_ORIENTATION = 0x0112
#: EXIF orientation: (swap the axes, then flip left to right, then flip top to bottom).
_TURNS = {
    1: (False, False, False),
    2: (False, True, False),
    3: (False, True, True),
    4: (False, False, True),
    5: (True, False, False),
    6: (True, True, False),
    7: (True, True, True),
    8: (True, False, True),
}


@dataclass(frozen=True)
class Limits:
    """How large a picture may be: `bytes` of the file, `pixels` of the decoded picture."""

    bytes: int = 32 * 1024 * 1024
    pixels: int = 64_000_000


DEFAULT_LIMITS = Limits()


def _open(data: bytes, limits: Limits) -> Image.Image:
    """Reads the header of a picture and refuses what is too large before any pixel is decoded."""
    if len(data) > limits.bytes:
        raise InputError(
            "The picture file is too large",
            f"It has {len(data):,} bytes; the limit is {limits.bytes:,}.",
            "Save it smaller, or as JPEG.",
            kind="too-large",
        )
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels(limits) from error
    except Exception as error:  # hostile bytes make decoders raise anything
        raise InputError(
            "This is not a picture that can be read",
            f"It has {len(data):,} bytes and is none of {', '.join(FORMATS)}.",
            "Save it as JPEG or PNG.",
            kind="unsupported-media",
        ) from error
    width, height = image.size
    if width * height > limits.pixels:
        raise _too_many_pixels(limits, width, height)
    if width < 1 or height < 1:
        raise InputError("The picture is empty", f"Its size is {width} x {height} pixels.")
    return image


def _too_many_pixels(limits: Limits, width: int = 0, height: int = 0) -> InputError:
    size = f"It is {width:,} x {height:,} pixels" if width else "It has far too many pixels"
    return InputError(
        "The picture has too many pixels",
        f"{size}; the limit is {limits.pixels:,} pixels in all.",
        "Save it smaller.",
        kind="too-large",
    )


def _orientation(image: Image.Image) -> int:
    """Returns the EXIF orientation 1 to 8; damaged EXIF counts as none, as browsers do."""
    try:
        value = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # a damaged block of metadata must not cost the picture
        return 1
    return value if value in _TURNS else 1


def _rgb(image: Image.Image) -> np.ndarray:
    """Turns a decoded picture of any mode into uint8[height, width, 3], alpha onto white."""
    if image.mode.startswith("I"):  # 16-bit grey
        high = (np.asarray(image).astype(np.int64) >> 8).clip(0, 255).astype(np.uint8)
        return np.repeat(high[:, :, None], 3, axis=2)
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        rgba = np.asarray(image.convert("RGBA")).astype(np.uint16)
        alpha = rgba[:, :, 3:]
        # Rounded division by 255 of colour * alpha + white * (255 - alpha), at most 65,152.
        return ((rgba[:, :, :3] * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)
    return np.asarray(image if image.mode == "RGB" else image.convert("RGB"))


def _square(image: Image.Image) -> np.ndarray:
    """Decodes, turns upright and crops the centre square: uint8[m, m, 3]."""
    width, height = image.size
    m = min(width, height)
    turn = swap, flip_x, flip_y = _TURNS[_orientation(image)]
    # The crop is centred in the upright picture. Where turning flips an axis of the file, the odd
    # pixel of the margin is on its other side.
    flip_columns, flip_rows = (flip_y, flip_x) if swap else (flip_x, flip_y)
    left = (width - m + flip_columns) // 2
    top = (height - m + flip_rows) // 2
    return _upright(image, (left, top, left + m, top + m), turn)


def _upright(
    image: Image.Image, box: tuple[int, int, int, int], turn: tuple[bool, bool, bool]
) -> np.ndarray:
    """Decodes a part of a picture (left, top, right, bottom in the file) and turns it upright."""
    width, height = image.size
    swap, flip_x, flip_y = turn
    try:
        # A palette keeps its transparency in `info`, which crop() copies.
        pixels = _rgb(image.crop(box))
    except Exception as error:  # hostile bytes make decoders raise anything
        raise InputError(
            "The picture is damaged",
            f"It begins as a {image.format} of {width} x {height} pixels, but cannot be decoded"
            f" to its end ({error}).",
            "Open it in a picture program and save it again.",
        ) from error
    if swap:
        pixels = pixels.transpose(1, 0, 2)
    if flip_x:
        pixels = pixels[:, ::-1]
    if flip_y:
        pixels = pixels[::-1]
    return pixels


def decode_square(data: bytes, limits: Limits = DEFAULT_LIMITS, mirror: bool = False) -> np.ndarray:
    """Decodes a picture file to the square that is stored and shown.

    Args:
        data: a JPEG, PNG, WebP, GIF or BMP file; of an animation the first frame counts.
        limits: how large it may be.
        mirror: whether to swap left and right.

    Returns:
        uint8[224, 224, 3].

    Raises:
        InputError: it is too large, damaged or no picture.
    """
    pixels = _square(_open(data, limits))
    if mirror:
        pixels = pixels[:, ::-1]
    if pixels.shape[0] == CAPTURE_SIZE:
        return np.ascontiguousarray(pixels)
    # No value is below 0, so cutting off is rounding down.
    return (resample(pixels, CAPTURE_SIZE) + np.float32(0.5)).astype(np.uint8)


def decode_upright(data: bytes, limits: Limits = DEFAULT_LIMITS) -> np.ndarray:
    """Decodes a whole picture file and turns it upright.

    Args:
        data, limits: as for `decode_square`.

    Returns:
        uint8[height, width, 3].

    Raises:
        InputError: it is too large, damaged or no picture.
    """
    image = _open(data, limits)
    return _upright(image, (0, 0, *image.size), _TURNS[_orientation(image)])


def to_input(squares: np.ndarray, size: int) -> np.ndarray:
    """Turns stored squares into what a backbone reads.

    Args:
        squares: uint8[n, 224, 224, 3], or one uint8[224, 224, 3].
        size: the backbone's input size in pixels.

    Returns:
        float32[n, size, size, 3], values -1 to 1.
    """
    batch = squares if squares.ndim == 4 else squares[None]
    result = np.empty((len(batch), size, size, 3), np.float32)
    for square, pixels in zip(batch, result, strict=True):  # one at a time stays in the cache
        np.divide(resample(square, size), np.float32(127.5), out=pixels)
        pixels -= np.float32(1)
    return result


def encode_jpeg(square: np.ndarray, quality: int = 95) -> bytes:
    """Encodes a square uint8[224, 224, 3] as a baseline JPEG, colours not halved (4:4:4)."""
    file = io.BytesIO()
    Image.fromarray(square).save(file, "JPEG", quality=quality, subsampling=0)
    return file.getvalue()


def as_stored(
    data: bytes, limits: Limits = DEFAULT_LIMITS, mirror: bool = False
) -> tuple[bytes, bool]:
    """Returns the JPEG to store for a picture, and whether the given bytes are kept exactly.

    A square that was stored before (baseline JPEG, 224 x 224, grey or RGB, upright) is kept to the
    byte, so that saving, exporting and importing never degrade it. Anything else goes through the
    whole recipe.

    Args:
        data: a picture file.
        limits: how large it may be.
        mirror: whether to swap left and right; then nothing is kept.

    Raises:
        InputError: it is too large, damaged or no picture.
    """
    image = _open(data, limits)
    if (
        not mirror
        and image.format == "JPEG"  # not MPO
        and image.size == (CAPTURE_SIZE, CAPTURE_SIZE)
        and image.mode in ("RGB", "L")
        and not image.info.get("progressive")
        and len(data) <= _STORED_BYTES
        and _orientation(image) == 1
    ):
        _square(image)  # raises if it is damaged
        return data, True
    return encode_jpeg(decode_square(data, limits, mirror)), False
