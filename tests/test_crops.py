"""Pixels of many pictures: cut, kept in memory or in a file, and gone afterwards."""

import errno
import io
import resource
import tempfile

import numpy as np
import pytest
from PIL import Image

from server.learning.errors import InputError
from server.learning.examples import Examples
from server.learning.pictures import decode_square, decode_upright, to_input
from server.learning.recipes import crops
from server.learning.recipes.crops import Cut, random_squares, read_pixels, views
from server.learning.task import Cancelled, Task
from tests.conftest import draw


def examples(files):
    count = len(files)
    labels = np.arange(count) % 2
    return Examples(
        [f"{i}.jpg" for i in range(count)], labels, np.arange(count), ["a", "b"], files.__getitem__
    )


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_squares_lie_within_the_picture_and_come_from_all_over_it():
    y, x = np.mgrid[0:60, 0:200]
    picture = np.stack([x, y, x * 0], 2).astype(np.uint8)
    found = list(random_squares(picture, Cut(300, 50), np.random.default_rng(1)))
    assert len(found) == 300
    assert {square.shape for square in found} == {(50, 50, 3)}
    lefts, tops = zip(*(square[0, 0, :2] for square in found), strict=True)
    assert (min(lefts), max(lefts)) == (0, 150) and (min(tops), max(tops)) == (0, 10)
    for square in found:
        assert np.ptp(square[..., 0]) == 49 and np.ptp(square[..., 1]) == 49


def test_a_picture_lower_than_a_square_gives_smaller_ones_and_one_no_larger_gives_none():
    random = np.random.default_rng(1)
    wide = np.zeros((40, 100, 3), np.uint8)
    assert {s.shape for s in random_squares(wide, Cut(5, 64), random)} == {(40, 40, 3)}
    assert list(random_squares(np.zeros((64, 64, 3), np.uint8), Cut(5, 64), random)) == []


def test_the_first_view_is_what_a_network_sees_when_it_is_judged():
    data = draw(size=(300, 210), seed=4)
    first, *others = views(data, 48, Cut(3, 100), [1, 0])
    seen = (to_input(decode_square(data), 48)[0] + 1) * 127.5
    np.testing.assert_allclose(first, seen, atol=0.501)
    assert len(others) == 3 and {view.shape for view in others} == {(48, 48, 3)}


def test_squares_show_the_picture_as_it_was_taken_turned_upright():
    pixels = np.zeros((100, 300, 3), np.uint8)
    pixels[:, 200:] = 255  # becomes the lower third of a tall picture
    exif = Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", exif=exif)
    upright = decode_upright(file.getvalue())
    assert upright.shape == (300, 100, 3)
    assert upright[:200].max() == 0 and upright[200:].min() == 255


@pytest.mark.parametrize("limit", [0, crops.IN_MEMORY])
def test_in_memory_or_in_a_file_the_pixels_are_the_same_and_the_file_goes(
    monkeypatch, temporary, limit
):
    files = [draw(seed=i, size=(96, 72)) for i in range(20)]
    monkeypatch.setattr(crops, "IN_MEMORY", limit)
    rows = np.array([5, 2, 19, 0])
    with read_pixels(examples(files), rows, 32, Task(), cut=Cut(2, 48), threads=2) as found:
        assert isinstance(found.values, np.memmap) == (limit == 0)
        assert len(list(temporary.iterdir())) == 1
        assert found.rows.tolist() == np.repeat(rows, 3).tolist()
        assert found.labels.tolist() == (found.rows % 2).tolist()
        for i, row in enumerate(rows):
            expected = np.stack(views(files[row], 32, Cut(2, 48), [0, row]))
            np.testing.assert_array_equal(found.values[3 * i : 3 * i + 3], expected)
    assert list(temporary.iterdir()) == []


def test_no_square_of_a_picture_is_on_both_sides_of_a_split(temporary):
    files = [draw(seed=i, size=(96, 72)) for i in range(8)]
    given = examples(files)
    with (
        read_pixels(given, np.arange(0, 6), 32, Task(), cut=Cut(4, 40)) as training,
        read_pixels(given, np.arange(6, 8), 32, Task()) as validation,
    ):
        assert len(training) == 6 * 5 and len(validation) == 2
        assert not set(training.rows) & set(validation.rows)


def test_what_cannot_be_read_is_left_out_and_named(temporary):
    events = []
    files = [draw(seed=0), b"no picture", draw(seed=2)]
    with read_pixels(examples(files), np.arange(3), 32, Task(events.append)) as found:
        assert found.rows.tolist() == [0, 2]
        ((row, reason),) = found.skipped
        assert row == 1 and "not a picture" in reason
        assert crops.notes_of([found]) == ["1 picture could not be read and was left out."]
    (warning,) = [event for event in events if event["kind"] == "log"]
    assert warning["level"] == "warning" and warning["text"].startswith("Left out 1.jpg: ")


def test_it_refuses_where_nothing_can_be_read_and_where_there_are_only_vectors(temporary):
    with (
        pytest.raises(InputError, match="None of the pictures can be read"),
        read_pixels(examples([b"no", b"none"]), np.arange(2), 32, Task()),
    ):
        pass
    vectors = Examples(["a"], np.zeros(1, int), np.zeros(1, int), ["a"])
    with (
        pytest.raises(InputError, match="There are no pictures"),
        read_pixels(vectors, np.arange(1), 32, Task()),
    ):
        pass
    assert list(temporary.iterdir()) == []


def test_a_stop_while_reading_leaves_no_file(monkeypatch, temporary):
    monkeypatch.setattr(crops, "IN_MEMORY", 0)
    files, read = [draw(seed=i, size=(48, 48)) for i in range(64)], []
    given = examples(files)
    counted = Examples(
        given.ids, given.labels, given.groups, given.classes, lambda i: read.append(i) or files[i]
    )
    task = Task(cancelled=lambda: len(read) >= 20)
    with pytest.raises(Cancelled), read_pixels(counted, np.arange(64), 32, task):
        pass
    assert 20 <= len(read) < 64
    assert list(temporary.iterdir()) == []


def test_a_file_that_may_not_grow_is_an_error_and_leaves_nothing(monkeypatch, temporary):
    monkeypatch.setattr(crops, "IN_MEMORY", 0)
    files = [draw(seed=i, size=(48, 48)) for i in range(4)]
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, before[1]))
    try:
        with (
            pytest.raises(OSError) as raised,
            read_pixels(examples(files), np.arange(4), 32, Task()),
        ):
            pass
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert raised.value.errno == errno.EFBIG
    assert list(temporary.iterdir()) == []
