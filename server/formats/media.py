"""Which kind of picture or sound a file is, told from its bytes, never from its name."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

from ..learning.errors import InputError

#: Most bytes of one file, and files of one project.
MAX_BYTES = 10 * 1024 * 1024
MAX_FILES = 100
#: Most pixels of a picture: a phone's camera has fewer, a bomb more.
MAX_PIXELS = 50_000_000

#: Brands of MP4 files (ISO 14496-12) that browsers play as sound.
_M4A = (b"M4A ", b"M4B ", b"mp42", b"mp41", b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"dash")


@dataclass(frozen=True)
class Media:
    """A kind of file: its media type and the extension it is given."""

    mime: str
    extension: str

    @property
    def is_picture(self) -> bool:
        """True for pictures, False for sounds."""
        return self.mime.startswith("image/")


def _is_mp3(data: bytes) -> bool:
    if data.startswith(b"ID3"):
        return True
    # Frame header of ISO 11172-3: 11 bits of ones, a layer, a bit rate and a sampling rate.
    return (
        len(data) > 3
        and data[0] == 0xFF
        and data[1] & 0xE0 == 0xE0
        and data[1] & 0x18 != 0x08
        and data[1] & 0x06 != 0
        and data[2] >> 4 not in (0, 15)
        and data[2] & 0x0C != 0x0C
    )


def _riff(kind: bytes) -> Callable[[bytes], bool]:
    return lambda data: data.startswith(b"RIFF") and data[8:12] == kind


#: Kinds and how to tell them, first come first served. SVG is none: it can carry programs.
_KINDS: tuple[tuple[Media, Callable[[bytes], bool]], ...] = (
    (Media("image/png", ".png"), lambda d: d.startswith(b"\x89PNG\r\n\x1a\n")),
    (Media("image/jpeg", ".jpg"), lambda d: d.startswith(b"\xff\xd8\xff")),
    (Media("image/gif", ".gif"), lambda d: d[:6] in (b"GIF87a", b"GIF89a")),
    (Media("image/webp", ".webp"), _riff(b"WEBP")),
    (Media("audio/wav", ".wav"), _riff(b"WAVE")),
    (Media("audio/ogg", ".ogg"), lambda d: d.startswith(b"OggS")),
    (Media("audio/mp4", ".m4a"), lambda d: d[4:8] == b"ftyp" and d[8:12] in _M4A),
    (Media("audio/mpeg", ".mp3"), _is_mp3),
)

#: Media type -> kind.
KINDS = {kind.mime: kind for kind, _ in _KINDS}
#: How names of such files may end; systems open none of them as a program or a page.
ENDINGS = (*(kind.extension for kind in KINDS.values()), ".jpeg", ".wave", ".oga", ".opus", ".mp4")


def recognise(data: bytes, name: str = "file") -> Media:
    """Tells what a file is.

    Args:
        data: all of it.
        name: what the person calls it, for messages.

    Raises:
        InputError: it is too large, of no kind that is accepted, or a picture that is damaged or
            has too many pixels.
    """
    if len(data) > MAX_BYTES:
        raise InputError(
            "This file is too large",
            f"{name} has {len(data):,} bytes; at most {MAX_BYTES:,} are accepted.",
            "Make the sound shorter or the picture smaller.",
            kind="too-large",
        )
    kind = next((kind for kind, fits in _KINDS if fits(data)), None)
    if kind is None:
        raise InputError(
            "This is no picture or sound that is played here",
            f"{name} begins with {data[:8].hex(' ') or 'nothing'}; expected PNG, JPEG, GIF, WebP,"
            " WAV, MP3, OGG or M4A.",
            "Save it as one of these.",
            kind="unsupported-media",
        )
    if kind.is_picture:
        _check_picture(data, name)
    return kind


def _check_picture(data: bytes, name: str) -> None:
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of bombs: counted below
            with Image.open(BytesIO(data), formats=("PNG", "JPEG", "GIF", "WEBP")) as image:
                width, height = image.size
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, OverflowError) as error:
        raise InputError(
            "This picture is damaged", f"{name} cannot be read.", "Save it again."
        ) from error
    except Image.DecompressionBombError as error:
        raise _too_many_pixels(name) from error
    if width * height > MAX_PIXELS:
        raise _too_many_pixels(name)


def _too_many_pixels(name: str) -> InputError:
    return InputError(
        "This picture is too large",
        f"{name} has more than {MAX_PIXELS:,} pixels.",
        "Make it smaller.",
        kind="too-large",
    )
