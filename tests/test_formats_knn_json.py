"""The KNN JSON of tfjs and ml5: round trips, a real sketch's file, and files that do not fit."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.formats.project import SampleData
from server.formats.registry import read_project
from server.learning.errors import InputError
from tests.format_samples import (
    SHARED,
    back_fixture,  # noqa: F401
    labels_of,
    project,
    written,
)


@pytest.mark.parametrize("name", ["knn", "ml5"])
def test_knn_json_round_trip_keeps_labels_order_and_numbers(back, name):
    before = project()
    after = back(written(name), "C:\\dir\\Robot.json")
    assert after.name == "Robot" and after.backbone is None
    assert [c.label for c in after.classes] == ["cats", "a/b: ü=1", "10"]
    assert labels_of(after) == ["cats", "cats", "a/b: ü=1", "a/b: ü=1", "10"]
    order = [1, 3, 2, 4, 0]
    assert np.abs(after.vectors - before.vectors[order]).max() < 1e-7
    assert all(s.read is None for s in after.samples) and "no pictures" in after.notes[-1]


def test_knn_json_is_what_set_classifier_dataset_users_write():
    document = json.loads(written("knn"))
    assert [entry[0] for entry in document] == ["cats", "a/b: ü=1", "10"]
    assert [entry[2] for entry in document] == [[2, 8], [2, 8], [1, 8]]
    assert all(len(numbers) == n * d for _, numbers, (n, d) in document)


def test_knn_json_of_many_rows_is_one_list(back):
    p = project(size=3)
    p.samples = [SampleData(0)] * 700
    p.vectors = np.tile(np.array([[0.6, 0.8, 0]], np.float32), (700, 1))
    for name in ("knn", "ml5"):
        assert back(written(name, p)).vectors.shape == (700, 3)


def test_rows_are_scaled_and_zero_rows_left_out(back):
    p = back(json.dumps([["a", [3, 4, 0, 0], [2, 2]], [7, [0, 5], [1, 2]]]).encode())
    assert np.allclose(p.vectors, [[0.6, 0.8], [0, 1]])
    assert labels_of(p) == ["a", "7"] and "all zero: 1." in p.notes[0]


def test_ml5_tensors_belong_to_keys_by_position_and_are_ordered_by_number(back):
    wide = {str(i): float(i == 11) for i in sorted(range(12), key=str)}
    document = {
        "dataset": {"0": {"shape": [1, 12], "label": "A"}, "7": {"shape": [1, 12]}, "9": {}},
        "tensors": [wide, {**{str(i): 0 for i in range(12)}, "0": 2}, None],
    }
    p = back(json.dumps(document).encode())
    assert labels_of(p) == ["A", "7"]
    assert p.vectors[0].argmax() == 11 and p.vectors[1].argmax() == 0


def test_ml5_file_is_read_by_its_own_rule():
    document = json.loads(written("ml5"))
    assert list(document["dataset"]) == ["0", "1", "2"]
    for i, tensor in enumerate(document["tensors"]):  # what ml5's load() does
        assert len(tensor) == np.prod(document["dataset"][str(i)]["shape"])


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "[1]",
        '[["a", [1, 2], [1, 3]]]',
        '[["a", [1, 2], [2, 1, 1]]]',
        '[["a", [1, 2], [1e0, 2]]]',
        '[["a", [1, 2], [-1, -2]]]',
        '[["a", [], [0, 2]]]',
        '[["a", [], [1000000000, 1000000000]]]',
        '[["a", ["1", "2"], [1, 2]]]',
        '[["a", [true, 2], [1, 2]]]',
        '[["a", [[1], [2]], [1, 2]]]',
        '[["a", [NaN, 2], [1, 2]]]',
        '[["a", [1e39, 2], [1, 2]]]',
        '[["a", [1, 2], [1, 2]], ["b", [1, 2, 3], [1, 3]]]',
        '[["a", [0, 0], [1, 2]]]',
        '[["a", {"0": 1}, [1, 1]]]',
        "[" * 100_000,
        '[["a", [1, 2], [1, 2]]',
        '{"dataset": {}, "tensors": []}',
        '{"dataset": {"0": {"shape": [1, 1]}}, "tensors": []}',
        '{"dataset": {"0": {"shape": [1, 1]}}, "tensors": [{"x": 1}]}',
        '{"dataset": {"0": {"shape": [1, 2]}}, "tensors": [{"0": 1}]}',
        '{"dataset": {"0": {}}, "tensors": [{"0": 1}]}',
        '{"dataset": [], "tensors": []}',
    ],
    ids=lambda text: text[:40],
)
def test_knn_json_that_contradicts_itself_is_refused(back, text):
    with pytest.raises(InputError) as caught:
        back(text.encode())
    assert caught.value.detail


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-3, 3)
        | st.floats(allow_nan=False)
        | st.text(max_size=3),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["dataset", "tensors", "shape", "0"]), inner, max_size=3
            )
        ),
        max_leaves=12,
    )
)
def test_any_json_is_read_or_refused(tmp_path_factory, value):
    path = tmp_path_factory.getbasetemp() / "any.json"
    for document in ([["a", value, [1, 2]], value], {"dataset": value, "tensors": value}):
        path.write_text(json.dumps(document))
        with pytest.raises(InputError):
            read_project(path)


def draw_ml5_file():
    """Makes a file like the real one: three classes of 256 numbers that are not below 0."""
    random = np.random.default_rng(3)
    counts = {"A": 11, "B": 9, "C": 12}
    return json.dumps(
        {
            "dataset": {
                str(i): {"kept": True, "shape": [n, 256], "dtype": "float32", "label": label}
                for i, (label, n) in enumerate(counts.items())
            },
            "tensors": [
                {str(j): float(v) for j, v in enumerate(random.random(n * 256))}
                for n in counts.values()
            ],
        }
    ).encode()


@pytest.mark.parametrize("real", [True, False])
def test_ml5_file_of_a_real_sketch(back, real):
    path = SHARED / "ml5-knn-video.json"
    p = back(path.read_bytes() if real and path.exists() else draw_ml5_file())
    assert [c.label for c in p.classes] == ["A", "B", "C"]
    assert p.vectors.shape == (32, 256) and labels_of(p).count("B") == 9
    assert np.abs(np.linalg.norm(p.vectors, axis=1) - 1).max() < 1e-6
