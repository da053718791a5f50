"""Examples are read when they are needed, and numbers are read out of their labels."""

import numpy as np
import pytest

from server.learning.errors import InputError
from server.learning.examples import Examples
from server.learning.pictures import decode_square
from tests.conftest import draw


def examples(classes, labels=None, read=None):
    labels = np.arange(len(classes)) if labels is None else np.array(labels)
    return Examples([f"picture {i}" for i in range(len(labels))], labels, labels, classes, read)


def test_part_of_a_part_reads_the_right_pictures():
    whole = examples(["a", "b"], [0, 0, 1, 1, 1], lambda i: bytes([i]))
    part = whole.subset(np.array([4, 2, 0])).subset(np.array([0, 2]))
    assert [part.read(i) for i in range(2)] == [b"\x04", b"\x00"]
    assert list(part.ids) == ["picture 4", "picture 0"]
    assert part.labels.tolist() == part.groups.tolist() == [1, 0] and len(part) == 2


def test_labels_are_read_as_numbers():
    named = examples(["0", "0.5", "-3", "1e2", "1,5", " 7 "])
    assert named.values().tolist() == [0, 0.5, -3, 100, 1.5, 7]


@pytest.mark.parametrize("label", ["left", "", "nan", "inf", "1.2.3", "1e999"])
def test_label_that_is_no_number_is_named(label):
    with pytest.raises(InputError) as caught:
        examples(["1", label]).values()
    assert repr(label) in caught.value.detail and caught.value.hint


def test_squares_are_the_decoded_pictures_in_the_order_asked_for():
    pictures = [draw(seed=seed) for seed in range(3)]
    found = examples(["a"], [0, 0, 0], pictures.__getitem__).squares(np.array([2, 0]))
    np.testing.assert_array_equal(found[0], decode_square(pictures[2]))
    np.testing.assert_array_equal(found[1], decode_square(pictures[0]))


def test_picture_that_cannot_be_read_is_named():
    with pytest.raises(InputError, match="picture 1"):
        examples(["a"], [0, 0], [draw(), b"no picture"].__getitem__).squares(np.arange(2))


def test_missing_pictures_are_told():
    with pytest.raises(InputError, match="no pictures"):
        examples(["a"]).squares(np.arange(1))
