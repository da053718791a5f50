"""The recipe of docs/preprocessing.md: against a plain computation, and against hostile files."""

import base64
import io
import json
import struct
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from server.learning.errors import InputError
from server.learning.pictures import (
    CAPTURE_SIZE,
    Limits,
    as_stored,
    decode_square,
    encode_jpeg,
    resample,
    to_input,
)
from tools import make_golden

GOLDEN = Path(__file__).parent / "golden"
RESAMPLE = json.loads((GOLDEN / "resample.json").read_text())


def file_of(image, kind="PNG", **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def noise(width, height, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def plain_weights(n, m):
    """docs/preprocessing.md as a dense matrix [m, n] in float64."""
    w = np.zeros((m, n))
    for i in range(m):
        if m < n:
            low, high = i * n / m, (i + 1) * n / m
            for j in range(n):
                w[i, j] = max(0.0, min(high, j + 1) - max(low, j)) / (n / m)
        else:
            p = (i + 0.5) * n / m - 0.5
            f = np.floor(p)
            w[i, int(np.clip(f, 0, n - 1))] += 1 - (p - f)
            w[i, int(np.clip(f + 1, 0, n - 1))] += p - f
    return w


def plain_resample(rgb, size):
    rows, columns = plain_weights(rgb.shape[0], size), plain_weights(rgb.shape[1], size)
    return np.einsum("ih,hwc,jw->ijc", rows, rgb.astype(float), columns, optimize=True)


def plain_square(rgb):
    m = min(rgb.shape[:2])
    top, left = (rgb.shape[0] - m) // 2, (rgb.shape[1] - m) // 2
    return plain_resample(rgb[top : top + m, left : left + m], CAPTURE_SIZE)


@pytest.mark.parametrize("name", ["resample", "photograph", "stored"])
def test_golden_file_is_what_the_code_writes_today(name):
    file, make = make_golden.FILES[name]
    assert make() == (GOLDEN / file).read_bytes()


@pytest.mark.parametrize("case", RESAMPLE["cases"], ids=lambda c: f"{c['width']}to{c['size']}")
def test_golden_values_follow_from_a_plain_computation(case):
    rgb = np.frombuffer(base64.b64decode(case["rgb"]), np.uint8)
    rgb = rgb.reshape(case["height"], case["width"], 3)
    crop = case["crop"]
    part = rgb[crop["top"] :, crop["left"] :][: crop["size"], : crop["size"]]
    expected = plain_resample(part, case["size"])
    values = np.array(case["values"]).reshape(expected.shape)
    assert np.abs(values - expected).max() < RESAMPLE["absolute_tolerance"]
    rounded = np.frombuffer(base64.b64decode(case["rounded"]), np.uint8).reshape(expected.shape)
    ties = np.abs(expected % 1 - 0.5) < 1e-3
    assert (np.floor(expected + 0.5) == rounded)[~ties].all()


@settings(max_examples=80, deadline=None)
@given(st.integers(1, 70), st.integers(1, 70), st.integers(1, 40))
def test_resampling_equals_the_dense_formula_for_any_size(width, height, size):
    rgb = noise(width, height, width * 100 + height)
    assert np.abs(resample(rgb, size) - plain_resample(rgb, size)).max() < 1e-3


@pytest.mark.parametrize("size", [223, 225, 448, 500, 1345])
def test_large_and_near_sizes_equal_the_dense_formula(size):
    rgb = noise(size, 3, size)
    columns = plain_weights(size, 224)
    expected = np.einsum("hwc,jw->hjc", rgb.astype(float), columns)
    assert np.abs(resample(np.repeat(rgb[:1], size, 0), 224)[0] - expected[0]).max() < 1e-3


def test_resampling_a_batch_equals_one_by_one_and_never_changes_its_input():
    batch = np.stack([noise(50, 50, seed) for seed in range(3)])
    before = batch.copy()
    together = resample(batch, 31)
    assert all((resample(one, 31) == all_).all() for one, all_ in zip(batch, together, strict=True))
    same = batch[0].astype(np.float32)
    resample(same, 50)[:] = 0
    assert (batch == before).all() and same.any()


def test_square_of_a_landscape_is_the_resampled_centre():
    rgb = noise(301, 240)
    square = decode_square(file_of(Image.fromarray(rgb)))
    assert square.shape == (224, 224, 3) and square.dtype == np.uint8
    assert np.abs(square - plain_square(rgb)).max() <= 0.51


@pytest.mark.parametrize(("width", "height"), [(5, 9), (224, 300), (1, 4000), (640, 480)])
def test_square_of_any_shape_follows_the_recipe(width, height):
    rgb = noise(width, height)
    square = decode_square(file_of(Image.fromarray(rgb)))
    assert np.abs(square - plain_square(rgb)).max() <= 0.51


def test_crop_of_224_pixels_is_left_as_it_is():
    rgb = noise(224, 231)
    assert (decode_square(file_of(Image.fromarray(rgb))) == rgb[3:227]).all()


def test_mirror_swaps_left_and_right_of_the_square():
    rgb = noise(400, 300)
    data = file_of(Image.fromarray(rgb))
    assert (decode_square(data, mirror=True) == decode_square(data)[:, ::-1]).all()


TURNED = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.transpose(1, 0, 2),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
    8: lambda a: np.rot90(a, 1),
}


@pytest.mark.parametrize("orientation", TURNED)
@pytest.mark.parametrize("shape", [(230, 301), (300, 229)])
def test_exif_orientation_is_honoured_to_the_pixel(orientation, shape):
    rgb = noise(*shape)
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = file_of(Image.fromarray(rgb), exif=exif)
    upright = np.ascontiguousarray(TURNED[orientation](rgb))
    assert np.abs(decode_square(data).astype(int) - plain_square(upright)).max() <= 0.51


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_orientation_that_does_not_exist_is_ignored(orientation):
    rgb = noise(224, 224)
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert (decode_square(file_of(Image.fromarray(rgb), exif=exif)) == rgb).all()


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")  # Pillow says so, and goes on
def test_damaged_exif_costs_nothing():
    data = file_of(Image.fromarray(noise(224, 224)), "JPEG")
    broken = data[:2] + b"\xff\xe1\x00\x10Exif\0\0II*\0\xff\xff\xff\xff" + data[2:]
    assert (decode_square(broken) == decode_square(data)).all()


def png16(array):
    """Writes a 16-bit PNG [h, w, channels] by hand; Pillow writes only grey ones."""
    height, width, channels = array.shape
    colour = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in array)

    def chunk(kind, body):
        checked = kind + body
        return struct.pack(">I", len(body)) + checked + struct.pack(">I", zlib.crc32(checked))

    header = struct.pack(">IIBBBBB", width, height, 16, colour, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("channels", [1, 3])
def test_16_bit_channels_keep_their_high_byte(channels):
    deep = np.random.default_rng(1).integers(0, 65536, (224, 224, channels), np.uint16)
    expected = np.broadcast_to(deep >> 8, (224, 224, 3))
    assert (decode_square(png16(deep)) == expected).all()


def test_16_bit_alpha_is_composited_like_8_bit():
    deep = np.zeros((224, 224, 4), np.uint16)
    deep[..., 0], deep[..., 3] = 0xC8FF, 0x8000
    alpha = 128 / 255
    expected = [200 * alpha + 255 * (1 - alpha), 255 * (1 - alpha), 255 * (1 - alpha)]
    assert np.abs(decode_square(png16(deep))[0, 0] - expected).max() <= 0.51


def test_transparency_of_every_kind_goes_onto_white():
    rgba = np.dstack([noise(224, 224), np.full((224, 224), 64, np.uint8)])
    expected = rgba[..., :3] * (64 / 255) + 255 * (1 - 64 / 255)
    square = decode_square(file_of(Image.fromarray(rgba, "RGBA")))
    assert np.abs(square - expected).max() <= 0.51
    grey = np.dstack([rgba[..., 0], rgba[..., 3]])
    square = decode_square(file_of(Image.fromarray(grey, "LA")))
    assert np.abs(square[..., 1] - expected[..., 0]).max() <= 0.51


@pytest.mark.parametrize(("kind", "transparency"), [("GIF", 1), ("PNG", 1), ("PNG", b"\xff\0\xff")])
def test_transparent_palette_entry_becomes_white(kind, transparency):
    image = Image.new("P", (224, 224), 0)
    image.putpalette([10, 20, 30, 200, 0, 0, 0, 0, 99])
    image.paste(1, (112, 0, 224, 224))
    square = decode_square(file_of(image, kind, transparency=transparency))
    assert square[5, 5].tolist() == [10, 20, 30] and square[5, 200].tolist() == [255] * 3


def test_transparent_colour_of_a_true_colour_png_becomes_white():
    image = Image.new("RGB", (224, 224), (1, 2, 3))
    image.paste((9, 9, 9), (0, 0, 112, 224))
    square = decode_square(file_of(image, transparency=(1, 2, 3)))
    assert square[0, 0].tolist() == [9, 9, 9] and square[0, 223].tolist() == [255] * 3


@pytest.mark.parametrize(
    ("mode", "value", "kind", "expected"),
    [
        ("1", 1, "PNG", [255, 255, 255]),
        ("L", 77, "PNG", [77, 77, 77]),
        ("L", 77, "BMP", [77, 77, 77]),
        ("CMYK", (0, 255, 255, 0), "JPEG", [255, 0, 0]),
        ("RGB", (12, 200, 90), "WEBP", [12, 200, 90]),
        ("YCbCr", (128, 128, 128), "JPEG", [128, 128, 128]),
    ],
)
def test_every_colour_mode_becomes_rgb(mode, value, kind, expected):
    options = {"lossless": True} if kind == "WEBP" else {}
    square = decode_square(file_of(Image.new(mode, (300, 250), value), kind, **options))
    assert np.abs(square[100, 100].astype(int) - expected).max() <= 2


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_first_frame_of_an_animation_counts(kind):
    frames = [Image.new("RGB", (224, 224), c) for c in ((250, 0, 0), (0, 250, 0), (0, 0, 250))]
    options = {"lossless": True} if kind == "WEBP" else {}
    data = file_of(frames[0], kind, save_all=True, append_images=frames[1:], **options)
    assert decode_square(data)[9, 9].tolist() == [250, 0, 0]


def test_first_picture_of_a_camera_file_with_several_counts():
    frames = [Image.new("RGB", (224, 224), c) for c in ((200, 0, 0), (0, 200, 0))]
    data = file_of(frames[0], "MPO", save_all=True, append_images=frames[1:])
    assert np.abs(decode_square(data)[9, 9].astype(int) - [200, 0, 0]).max() <= 3


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect/></svg>'


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"\0" * 100,
        SVG,
        b"%PDF-1.7\n",
        b"%!PS-Adobe-3.0 EPSF-3.0\n",
        b"II*\0\x08\0\0\0",
    ],
    ids=["empty", "text", "zeros", "svg", "pdf", "eps", "tiff"],
)
def test_what_is_no_picture_is_refused_as_unsupported(data):
    with pytest.raises(InputError) as caught:
        decode_square(data)
    assert caught.value.kind == "unsupported-media" and caught.value.hint


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP", "WEBP"])
@pytest.mark.parametrize("part", [0.5, 0.9])
def test_truncated_picture_is_refused_as_damaged(kind, part):
    data = file_of(Image.fromarray(noise(260, 240)), kind)
    with pytest.raises(InputError) as caught:
        decode_square(data[: int(len(data) * part)])
    assert caught.value.kind in ("invalid", "unsupported-media")


def giant(width, height):
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    rows = b"IDAT" + zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in (chunk, rows)
    )


@pytest.mark.parametrize(
    ("width", "height"), [(8100, 8000), (20_000, 5000), (2**31 - 1, 2**31 - 1)]
)
def test_giant_picture_is_refused_before_it_is_decoded(width, height):
    begun = time.process_time()
    with pytest.raises(InputError) as caught:
        decode_square(giant(width, height))
    assert caught.value.kind == "too-large"
    assert time.process_time() - begun < 1


def test_limits_are_the_callers():
    data = file_of(Image.fromarray(noise(100, 100)))
    with pytest.raises(InputError, match="limit is 9,999 pixels"):
        decode_square(data, Limits(pixels=9_999))
    with pytest.raises(InputError, match="limit is 100"):
        decode_square(data, Limits(bytes=100))
    assert decode_square(data, Limits(pixels=10_000, bytes=len(data))).shape == (224, 224, 3)


def test_picture_of_no_pixels_is_refused():
    with pytest.raises(InputError):
        decode_square(giant(0, 10))


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's remarks about damaged metadata
@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["JPEG", "PNG", "GIF", "BMP", "WEBP"]), st.data())
def test_flipped_bytes_give_a_square_or_an_input_error(kind, data):
    original = bytearray(file_of(Image.fromarray(noise(40, 30)), kind))
    for _ in range(data.draw(st.integers(1, 8))):
        position = data.draw(st.integers(0, len(original) - 1))
        original[position] = data.draw(st.integers(0, 255))
    try:
        square = decode_square(bytes(original), Limits(pixels=1_000_000))
    except InputError as error:
        assert error.title and error.kind
    else:
        assert square.shape == (224, 224, 3)


def test_input_is_the_square_at_the_backbones_size_from_minus_one_to_one():
    squares = np.stack([noise(224, 224, s) for s in range(3)])
    result = to_input(squares, 128)
    assert result.shape == (3, 128, 128, 3) and result.dtype == np.float32
    expected = plain_resample(squares[1], 128) / 127.5 - 1
    assert np.abs(result[1] - expected).max() < 1e-5
    assert (to_input(squares[1], 128) == result[1:2]).all()
    assert (to_input(squares, 224) == squares.astype(np.float32) / np.float32(127.5) - 1).all()


def test_stored_square_is_kept_to_the_byte():
    data = encode_jpeg(noise(224, 224))
    assert as_stored(data) == (data, True)
    grey = file_of(Image.new("L", (224, 224), 9), "JPEG")
    assert as_stored(grey) == (grey, True)


def test_stored_square_is_a_full_colour_baseline_jpeg():
    image = Image.open(io.BytesIO(encode_jpeg(noise(224, 224))))
    assert image.format == "JPEG" and image.size == (224, 224) and image.mode == "RGB"
    assert not image.info.get("progressive")
    assert [layer[1:3] for layer in image.layer] == [(1, 1)] * 3


def turned_jpeg():
    exif = Image.Exif()
    exif[0x0112] = 6
    return file_of(Image.fromarray(noise(224, 224)), "JPEG", exif=exif)


@pytest.mark.parametrize(
    "data",
    [
        file_of(Image.fromarray(noise(224, 224))),
        file_of(Image.fromarray(noise(224, 225)), "JPEG"),
        file_of(Image.fromarray(noise(224, 224)), "JPEG", progressive=True),
        file_of(Image.new("CMYK", (224, 224)), "JPEG"),
        turned_jpeg(),
        encode_jpeg(noise(224, 224)) + b"\0" * 300_000,
    ],
    ids=["png", "other size", "progressive", "cmyk", "turned", "something behind it"],
)
def test_anything_else_is_stored_as_the_square_of_the_recipe(data):
    jpeg, kept = as_stored(data)
    assert not kept and jpeg == encode_jpeg(decode_square(data))
    assert as_stored(jpeg) == (jpeg, True)


def test_mirrored_or_damaged_squares_are_not_kept():
    data = encode_jpeg(noise(224, 224))
    assert as_stored(data, mirror=True) == (encode_jpeg(decode_square(data)[:, ::-1]), False)
    with pytest.raises(InputError, match="damaged"):
        as_stored(data[: len(data) // 2])


def test_a_photograph_of_12_megapixels_takes_less_than_a_second():
    big = np.kron(noise(100, 75), np.ones((40, 40, 1), np.uint8))
    data = file_of(Image.fromarray(big), "JPEG", quality=85)
    begun = time.process_time()
    decode_square(data)
    assert time.process_time() - begun < 1  # about 0.12 s on a quiet machine
