"""Pictures and sounds are told by their bytes."""

import io
import struct
import zlib

import pytest
from PIL import Image

from server.formats import media
from server.learning.errors import InputError
from tests.conftest import draw


def wav(seconds: float = 0.1) -> bytes:
    """Makes a sound: 8-bit mono at 8,000 Hz."""
    samples = bytes(128 + (i // 9 % 2) * 60 for i in range(round(8000 * seconds)))
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 8000, 8000, 1, 8)
    body = b"WAVE" + form + struct.pack("<4sI", b"data", len(samples)) + samples
    return b"RIFF" + struct.pack("<I", len(body)) + body


def gif() -> bytes:
    """Makes a picture of two frames."""
    frames = [Image.new("P", (8, 8), i) for i in (0, 5)]
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:], duration=100, loop=0)
    return file.getvalue()


GOOD = {
    "png": (lambda: draw(format="PNG"), "image/png"),
    "jpeg": (draw, "image/jpeg"),
    "gif": (gif, "image/gif"),
    "webp": (lambda: draw(format="WebP"), "image/webp"),
    "wav": (wav, "audio/wav"),
    "ogg": (lambda: b"OggS\x00\x02" + bytes(40), "audio/ogg"),
    "m4a": (lambda: b"\x00\x00\x00\x20ftypM4A \x00\x00\x00\x00" + bytes(40), "audio/mp4"),
    "mp3 with tags": (lambda: b"ID3\x04\x00" + bytes(40), "audio/mpeg"),
    "mp3": (lambda: b"\xff\xfb\x90\x64" + bytes(40), "audio/mpeg"),
}


@pytest.mark.parametrize("name", GOOD)
def test_each_kind_is_told_by_its_bytes(name):
    make, mime = GOOD[name]
    kind = media.recognise(make())
    assert kind.mime == mime
    assert kind.is_picture == mime.startswith("image")
    assert media.KINDS[mime] == kind


BAD = {
    "nothing": b"",
    "text": b"hello, world",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "html": b"<!doctype html><script>alert(1)</script>",
    "riff of something else": b"RIFF\x00\x00\x00\x00AVI LIST",
    "mp4 of something else": b"\x00\x00\x00\x20ftypqt  \x00\x00",
    "frame without a bit rate": b"\xff\xfb\x00\x64" + bytes(10),
    "aac": b"\xff\xf1\x50\x80" + bytes(10),
    "bmp": b"BM" + bytes(60),
}


@pytest.mark.parametrize("name", BAD)
def test_anything_else_is_refused_with_what_it_begins_with(name):
    with pytest.raises(InputError) as refused:
        media.recognise(BAD[name], "thing.png")
    assert refused.value.kind == "unsupported-media"
    assert "thing.png" in refused.value.detail and "expected PNG" in refused.value.detail


def test_a_damaged_picture_is_refused():
    with pytest.raises(InputError) as refused:
        media.recognise(b"\x89PNG\r\n\x1a\n" + bytes(30))
    assert refused.value.kind == "invalid"


@pytest.mark.parametrize("side", [8_000, 60_000])
def test_a_picture_with_too_many_pixels_is_refused_unread(side):
    def chunk(kind, data):
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", bytes(10))
    with pytest.raises(InputError) as refused:
        media.recognise(bomb)
    assert refused.value.kind == "too-large"


def test_a_file_above_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr(media, "MAX_BYTES", 100)
    with pytest.raises(InputError) as refused:
        media.recognise(wav(), "long.wav")
    assert refused.value.kind == "too-large" and "at most 100" in refused.value.detail
