"""Models compute what their formulas say and refuse parts that do not fit together."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from server.learning.errors import InputError
from server.learning.models import MODELS, Dense, Layer, Neighbours, Network, softmax
from server.learning.neighbours import METRICS, TINY, find_nearest, raw_pixels


def random_rows(n, size=8, seed=0):
    rows = np.random.default_rng(seed).standard_normal((n, size)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def dense(*shapes, seed=0):
    random = np.random.default_rng(seed)
    layers = [
        Layer(
            random.standard_normal(shape).astype(np.float32),
            random.standard_normal(shape[1]).astype(np.float32),
            "linear" if shape is shapes[-1] else "relu",
        )
        for shape in shapes
    ]
    return Dense(layers)


def neighbours(**changes):
    parts = {"classes": 3, "k": 4, "metric": "cosine", "sharpness": 8.0, **changes}
    return Neighbours(random_rows(30), np.arange(30) % 3, **parts)


def again(model, **changes):
    """Takes a model apart and makes it again, some parts changed; None leaves an array out."""
    arrays = {**model.arrays(), **changes.pop("arrays", {})}
    arrays = {name: array for name, array in arrays.items() if array is not None}
    described = {**model.describe(), **changes}
    return MODELS[model.kind].from_parts(described, arrays, model.files())


def test_dense_layers_are_computed_one_after_the_other():
    model = dense((8, 5), (5, 3))
    x = random_rows(7)
    first, last = model.layers
    hidden = np.maximum(x @ first.kernel + first.bias, 0)
    np.testing.assert_allclose(model.logits(x), hidden @ last.kernel + last.bias, rtol=1e-5)
    assert (model.inputs, model.outputs, model.wants) == (8, 3, "vectors")
    assert model.logits(x[:0]).shape == (0, 3)


@pytest.mark.parametrize("model", [dense((8, 3)), dense((8, 5), (5, 3)), neighbours()])
def test_model_made_again_of_its_parts_answers_the_same(model):
    x = random_rows(9, seed=1)
    np.testing.assert_array_equal(again(model).logits(x), model.logits(x))


@pytest.mark.parametrize("metric", METRICS)
@given(
    arrays_of.arrays(np.float32, (6, 4), elements=st.floats(-2, 2, width=32)),
    st.integers(1, 6),
)
@settings(max_examples=40, deadline=None)
def test_nearest_are_those_of_a_full_sort(metric, vectors, k):
    queries = vectors[::2] + np.float32(0.25)
    a, b = queries[:, None].astype(np.float64), vectors[None].astype(np.float64)
    full = {
        "cosine": 1 - (a * b).sum(2),
        "l1": np.abs(a - b).sum(2),
        "l2": np.sqrt(((a - b) ** 2).sum(2)),
    }[metric]
    index, distances = find_nearest(metric, queries, vectors, k)
    np.testing.assert_allclose(distances, np.take_along_axis(full, index, 1), atol=1e-12)
    np.testing.assert_allclose(distances, np.sort(full, axis=1)[:, :k], atol=2e-3)
    assert all(len(set(row)) == k for row in index.tolist())


def test_distances_of_nearly_equal_rows_are_exact_although_found_in_float32():
    vectors = random_rows(5, 64)
    near = vectors + np.float32(1e-4) * random_rows(5, 64, seed=1)
    _, distances = find_nearest("l2", near, vectors, 1)
    exact = np.linalg.norm(near.astype(np.float64) - vectors.astype(np.float64), axis=1)
    np.testing.assert_allclose(distances[:, 0], exact, rtol=1e-12)


def test_excluded_rows_are_no_neighbours():
    vectors = random_rows(10)

    def exclude(rows):
        return np.eye(10, dtype=bool)[rows] | (np.arange(10) > 7)

    index, distances = find_nearest("cosine", vectors, vectors, 10, exclude)
    assert all(i not in row for i, row in enumerate(index))
    assert (index <= 7).all()
    assert ((index == -1) == np.isinf(distances)).all() and (index == -1).sum() == 8 * 3 + 2 * 2


def test_vote_is_that_of_the_formula():
    model = Neighbours(
        np.array([[1, 0], [0.8, 0.6], [0, 1]], np.float32), np.array([0, 1, 1]), 3, 2, "cosine", 4.0
    )
    weights = np.array([1, np.exp(-4 * 0.2)])  # distances 0 and 0.2
    share = weights / weights.sum()
    expected = [*(0.75 * share + 0.25 / 2), TINY]
    scores = np.exp(model.logits(np.array([[1, 0]], np.float32)))[0]
    np.testing.assert_allclose(scores, expected, rtol=1e-6)


def test_neighbours_of_no_query_and_of_more_neighbours_than_examples():
    model = neighbours(k=500)
    assert model.logits(random_rows(0)).shape == (0, 3)
    np.testing.assert_allclose(np.exp(model.logits(random_rows(4))).sum(1), 1)


def test_votes_agree_with_the_knn_of_the_page():
    """Both are docs/knn.md; only rejection is not here."""
    from server.learning.knn import KNN

    vectors, labels = random_rows(40), np.arange(40) % 3
    knn = KNN(vectors, labels, None, 3, k=7, tolerance=None)
    model = Neighbours(vectors, labels, 3, 7, "cosine", knn.beta)
    queries = random_rows(20, seed=2)
    expected = [p.scores for p in knn.predict(queries)]
    np.testing.assert_allclose(softmax(model.logits(queries)), expected, atol=1e-5)


def test_raw_pixels_are_unit_rows_of_the_shrunk_picture():
    squares = np.zeros((2, 224, 224, 3), np.uint8)
    squares[0, :, :112] = 200
    rows = raw_pixels(squares, 4)
    assert rows.shape == (2, 48) and rows.dtype == np.float32
    picture = rows[0].reshape(4, 4, 3)
    assert (picture[:, :2] > 0).all() and (picture[:, 2:] == 0).all()
    assert np.linalg.norm(rows[0]) == pytest.approx(1) and not rows[1].any()
    squares[1, :, 112:] = 200
    model = Neighbours(raw_pixels(squares, 4), np.array([0, 1]), 2, 1, "cosine", 1.0, 4)
    assert model.wants == "squares" and model.inputs is None
    assert model.logits(squares).argmax(1).tolist() == [0, 1]


NAN = np.full((8, 3), np.nan, np.float32)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"arrays": {"layer0.kernel": NAN}}, "not finite"),
        ({"arrays": {"layer0.kernel": None}}, "no layer0.kernel"),
        ({"arrays": {"layer0.bias": np.zeros(4, np.float32)}}, "bias"),
        ({"arrays": {"layer0.kernel": np.zeros((8, 3))}}, "float64"),
        ({"arrays": {"layer0.kernel": np.zeros((0, 3), np.float32)}}, "axes"),
        ({"activations": []}, "no layers"),
        ({"activations": ["gelu"]}, "gelu"),
        ({"activations": ["linear"] * 2}, "no layer1.kernel"),
    ],
)
def test_dense_parts_that_do_not_fit_are_refused(changes, told):
    with pytest.raises(ValueError, match=told):
        again(dense((8, 3)), **changes)


def test_layers_of_different_widths_are_refused():
    odd = {"layer1.kernel": np.zeros((6, 3), np.float32)}
    with pytest.raises(ValueError, match="do not fit"):
        again(dense((8, 5), (5, 3)), arrays=odd)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"arrays": {"vectors": np.full((30, 8), np.inf, np.float32)}}, "not finite"),
        ({"arrays": {"labels": np.arange(29) % 3}}, "29|30"),
        ({"arrays": {"labels": np.full(30, 3)}}, "labels"),
        ({"arrays": {"labels": np.full(30, -1)}}, "labels"),
        ({"arrays": {"labels": np.zeros(30, np.float32)}}, "int64"),
        ({"k": 0}, "k is 0"),
        ({"k": 2.5}, "k is 2.5"),
        ({"k": True}, "k is True"),
        ({"classes": 2**40}, "classes"),
        ({"metric": "hamming"}, "hamming"),
        ({"sharpness": float("inf")}, "sharpness"),
        ({"sharpness": -1}, "sharpness"),
        ({"pixels": 32}, "pictures of 32"),
    ],
)
def test_neighbours_parts_that_do_not_fit_are_refused(changes, told):
    with pytest.raises(ValueError, match=told):
        again(neighbours(), **changes)


def test_unknown_or_missing_word_of_a_description_is_refused():
    with pytest.raises(TypeError):
        again(neighbours(), surprise=1)
    with pytest.raises(KeyError):
        Dense.from_parts({}, dense((8, 3)).arrays(), {})


def test_network_answers_its_backbone_file_as_the_embedder_does():
    """A backbone is a LiteRT file of one input and one output, as the network of a classifier."""
    from server.learning.backbones import get
    from server.learning.embedding import embed, unit_length

    backbone = get()
    network = Network(backbone.model_file.read_bytes(), backbone.input_size, {"model.keras": b"k"})
    squares = np.random.default_rng(0).integers(0, 256, (3, 224, 224, 3), np.uint8)
    assert network.outputs == backbone.embedding_size and network.wants == "squares"
    np.testing.assert_allclose(
        unit_length(network.logits(squares)), embed(backbone, squares), atol=1e-6
    )
    assert network.logits(squares[:0]).shape == (0, 256)
    made = Network.from_parts(network.describe(), {}, network.files())
    assert made.extra == {"model.keras": b"k"}
    np.testing.assert_array_equal(made.logits(squares[:1]), network.logits(squares[:1]))
    with pytest.raises(InputError, match="expected"):
        Network(backbone.model_file.read_bytes(), 96)


@pytest.mark.parametrize("data", [b"", b"no network", b"\0" * 4096])
def test_file_that_is_no_network_is_refused(data):
    with pytest.raises(InputError, match="cannot be used"):
        Network(data, 224)


@pytest.mark.parametrize(
    "changes", [{"input_size": 0}, {"input_size": "224"}, {"scale": float("nan")}, {"offset": "x"}]
)
def test_network_parts_that_do_not_fit_are_refused(changes):
    described = {"input_size": 224, "scale": 1.0, "offset": 0.0, **changes}
    with pytest.raises(ValueError):
        Network.from_parts(described, {}, {"model.tflite": b"x"})


@given(arrays_of.arrays(np.float64, (3, 4), elements=st.floats(-1e6, 1e6)), st.floats(0.05, 20))
@settings(deadline=None)
def test_softmax_is_a_distribution_whatever_the_logits(logits, temperature):
    scores = softmax(logits, temperature)
    np.testing.assert_allclose(scores.sum(1), 1)
    assert (scores >= 0).all()
    best = np.take_along_axis(logits, scores.argmax(1)[:, None], 1)[:, 0]
    np.testing.assert_allclose(best, logits.max(1), atol=1e-9 * 1e6)
