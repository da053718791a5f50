"""Mending TF.js graphs, comparing outputs, golden pictures, and whole folders."""

import base64
import json
import os

import numpy as np
import pytest

from server.conversion import tfjs_graph
from server.conversion.errors import ConversionError
from server.conversion.folders import remove_leftovers, whole_folder
from server.conversion.golden import golden_pictures
from server.conversion.parity import compare, cosines


def encoded(*names):
    return {"list": {"s": [base64.b64encode(name.encode()).decode() for name in names]}}


def a_graph(*fused, name="Identity", bias="conv/bias"):
    nodes = [
        {"name": "serving_default_image", "op": "Placeholder"},
        {"name": "conv/kernel", "op": "Const", "attr": {}},
        {"name": bias, "op": "Const", "attr": {}},
        {
            "name": "conv",
            "op": "_FusedConv2D",
            "device": "/device:CPU:0",
            "input": ["serving_default_image", "conv/kernel", bias],
            "attr": {"fused_ops": encoded(*fused), "_input_shapes": {"list": {}}},
        },
        {"name": name, "op": "Identity", "input": ["conv:0"]},
    ]
    signature = {
        "inputs": {"image": {"name": "serving_default_image:0"}},
        "outputs": {"embedding": {"name": f"{name}:0"}},
    }
    return {"modelTopology": {"node": nodes}, "signature": signature}


def by_name(document):
    return {node["name"]: node for node in document["modelTopology"]["node"]}


def test_inputs_and_outputs_get_the_names_a_caller_uses():
    document = a_graph("BiasAdd")
    tfjs_graph.name_ends(document)
    nodes = by_name(document)
    assert nodes["embedding"]["input"] == ["conv:0"]
    assert nodes["conv"]["input"][0] == "image"
    assert document["signature"]["outputs"]["embedding"]["name"] == "embedding:0"


def test_hints_of_the_optimiser_are_dropped_and_the_rest_is_kept():
    document = a_graph("BiasAdd", "Relu6")
    tfjs_graph.drop_hints(document)
    conv = by_name(document)["conv"]
    assert "device" not in conv and list(conv["attr"]) == ["fused_ops"]


def test_fused_hard_swish_is_split_into_what_tfjs_has():
    document = a_graph("BiasAdd", "_FusedHardSwish")
    tensors = {"conv/bias": np.zeros(4, "f4")}
    tfjs_graph.unfuse_hard_swish(document, tensors)
    nodes = by_name(document)
    assert nodes["conv/linear"]["attr"]["fused_ops"] == encoded("BiasAdd")
    assert nodes["Identity"]["input"] == ["conv:0"]

    def value(name, x):
        node = nodes[name]
        inputs = [value(i, x) for i in node.get("input", []) if name != "conv/linear"]
        return {
            "_FusedConv2D": lambda: x,
            "Const": lambda: tensors[name],
            "AddV2": lambda: inputs[0] + inputs[1],
            "Mul": lambda: inputs[0] * inputs[1],
            "Relu6": lambda: np.clip(inputs[0], 0, 6),
        }[node["op"]]()

    x = np.linspace(-5, 5, 41, dtype="f4")
    np.testing.assert_allclose(value("conv", x), x * np.clip(x + 3, 0, 6) / 6, atol=1e-6)


def test_an_activation_that_tfjs_does_not_know_is_refused():
    with pytest.raises(ConversionError, match="_FusedSwish into conv"):
        tfjs_graph.unfuse_hard_swish(a_graph("BiasAdd", "_FusedSwish"), {})


@pytest.mark.parametrize(
    ("operation", "shape", "channels"),
    [("_FusedConv2D", (1, 1, 8, 5), 5), ("FusedDepthwiseConv2dNative", (3, 3, 8, 2), 16)],
)
def test_a_scalar_bias_becomes_a_vector(operation, shape, channels):
    document = a_graph("BiasAdd", "Relu6")
    by_name(document)["conv"]["op"] = operation
    tensors = {"conv/kernel": np.ones(shape, "f4"), "conv/bias": np.array(3, "f4")}
    tfjs_graph.widen_biases(document, tensors)
    nodes = by_name(document)
    name = nodes["conv"]["input"][2]
    np.testing.assert_array_equal(tensors[name], np.full(channels, 3, "f4"))
    assert nodes[name]["op"] == "Const"


def test_shards_hold_float16_where_that_loses_nothing(tmp_path):
    tensors = {
        "rounded": np.array([0.5, -1.25, 65504], "f4"),
        "sixth": np.array(1 / 6, "f4"),
        "huge": np.array([1e6], "f4"),
        "axes": np.array([1, 2], "i4"),
    }
    manifest = tfjs_graph.pack(tensors, tmp_path)
    entries = {entry["name"]: entry for entry in manifest[0]["weights"]}
    kinds = {name: entry.get("quantization", {}).get("dtype") for name, entry in entries.items()}
    assert kinds == {"rounded": "float16", "sixth": None, "huge": None, "axes": None}
    data = b"".join((tmp_path / name).read_bytes() for name in manifest[0]["paths"])
    assert data == b"".join(
        [
            tensors["rounded"].astype("<f2").tobytes(),
            *(tensors[name].tobytes() for name in ("sixth", "huge", "axes")),
        ]
    )


def test_shards_are_split_and_read_again(tmp_path):
    values = np.random.default_rng(0).standard_normal(1_500_000).astype("f4")
    tensors = {"a": values, "b": values[:3].reshape(3, 1), "c": np.array(7, "i4")}
    manifest = tfjs_graph.pack(tensors, tmp_path)
    assert manifest[0]["paths"] == ["group1-shard1of2.bin", "group1-shard2of2.bin"]
    for name, found in tfjs_graph.unpack(manifest, tmp_path).items():
        np.testing.assert_array_equal(found, tensors[name])


def test_cosines_know_zero_vectors():
    left = np.array([[1, 0], [0, 0], [0, 0], [1, 1]], "f4")
    right = np.array([[0, 2], [0, 0], [1, 0], [2, 2]], "f4")
    np.testing.assert_allclose(cosines(left, right), [0, 1, 0, 1])


def test_outputs_that_agree_give_their_smallest_cosine():
    expected = {"embedding": np.eye(3, dtype="f4"), "logits": np.ones((3, 2), "f4")}
    assert compare(expected, expected, "LiteRT") == pytest.approx(1)
    tilted = expected["embedding"] + 0.005
    found = compare(expected, expected | {"embedding": tilted}, "LiteRT")
    assert 0.9999 <= found < 1


def test_very_small_and_zero_outputs_can_agree():
    for factor in (1e-30, 0):
        outputs = {"embedding": np.eye(3, dtype="f4") * np.float32(factor)}
        assert compare(outputs, outputs, "LiteRT") == pytest.approx(1)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ({}, "embedding of the shape None"),
        ({"embedding": np.ones((3, 2), "f4")}, r"shape \(3, 2\)"),
        ({"embedding": np.eye(3, dtype="f4")[::-1]}, "cosine 0.000000"),
        ({"embedding": np.eye(3, dtype="f4") * 1.05}, "length 1.0500 times"),
        ({"embedding": np.full((3, 3), np.nan, "f4")}, "do not give the same"),
    ],
)
def test_outputs_that_differ_are_refused(found, words):
    with pytest.raises(ConversionError, match=words):
        compare({"embedding": np.eye(3, dtype="f4")}, found, "TF.js")


def test_golden_pictures_are_the_same_every_time_and_all_different():
    pictures = golden_pictures(96)
    assert pictures.shape == (8, 96, 96, 3) and pictures.dtype == np.float32
    assert pictures.min() >= -1 and pictures.max() <= 1
    np.testing.assert_array_equal(pictures, golden_pictures(96))
    flat = pictures.reshape(8, -1)
    distances = np.abs(flat[:, None] - flat[None]).mean(axis=2)
    assert distances[~np.eye(8, dtype=bool)].min() > 0.1
    # A fixed sum: a change of the drawing would make earlier figures incomparable.
    assert flat[:5].sum(dtype=np.float64) == pytest.approx(-795.482, abs=0.2)


def test_a_folder_appears_whole_and_replaces_the_old_one(tmp_path):
    target = tmp_path / "eyes"
    for text in ("first", "second"):
        with whole_folder(target) as staging:
            (staging / "file").write_text(text)
            assert not target.exists() or (target / "file").read_text() == "first"
        assert (target / "file").read_text() == text
        assert [path.name for path in tmp_path.iterdir()] == ["eyes"]


@pytest.mark.parametrize("error", [ConversionError("no"), KeyboardInterrupt(), SystemExit(143)])
def test_a_broken_off_folder_leaves_what_was_there(tmp_path, error):
    target = tmp_path / "eyes"
    with whole_folder(target) as staging:
        (staging / "file").write_text("first")
    with pytest.raises(type(error)), whole_folder(target) as staging:
        (staging / "file").write_text("second")
        raise error
    assert [path.name for path in tmp_path.iterdir()] == ["eyes"]
    assert (target / "file").read_text() == "first"


def test_what_a_killed_process_left_is_cleared_or_put_back(tmp_path):
    gone = 2**22 + 1  # beyond the largest process id of Linux
    for name in (f".eyes.part-{gone}", f".eyes.old-{gone}", ".other.part-1", f".ears.part-{gone}"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name)
    with pytest.raises(ConversionError), whole_folder(tmp_path / "eyes"):
        raise ConversionError("no")
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"eyes", ".other.part-1", f".ears.part-{gone}"}
    assert (tmp_path / "eyes" / "file").read_text() == f".eyes.old-{gone}"


def test_what_a_process_left_that_has_ended_goes_and_what_another_makes_stays(tmp_path):
    running = os.getppid()
    left, foreign = (tmp_path / f".eyes.h5.part-{pid}" for pid in (running, 1))
    for path in (left, foreign):
        path.write_text("half")
    remove_leftovers(tmp_path / "eyes.h5")
    assert left.exists()  # as far as anybody knows, it is being made
    remove_leftovers(tmp_path / "eyes.h5", running)
    assert list(tmp_path.iterdir()) == [foreign]
    remove_leftovers(tmp_path / "nowhere" / "eyes.h5")


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(ConversionError, match="cannot be written"),
        whole_folder(tmp_path / "file" / "eyes"),
    ):
        pass


def test_the_class_table_has_a_thousand_names():
    from server.conversion.pipeline import imagenet_classes

    classes = imagenet_classes()
    assert len(classes) == 1000
    assert [entry["id"] for entry in classes] == sorted(entry["id"] for entry in classes)
    assert not any("_" in entry["name"] for entry in classes)
    assert json.dumps(classes[1]) == '{"id": "n01443537", "name": "goldfish"}'
