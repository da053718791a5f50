"""Models of strangers, read as data: what is understood, and what is refused before it is run."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import exports_case as case
import h5py
import numpy as np
import pytest

from server.exports import importing
from server.exports.graph import Graph, Node, fold_affine, in_plain_layers, shapes, with_input
from server.exports.keras_weights import read_h5, read_keras, read_layers_model
from server.exports.onnx_file import write
from server.exports.teachable_machine import write as write_tfjs
from server.exports.whole import area_matrix, graph_of, without_softmax
from server.learning.errors import InputError
from server.learning.pictures import to_input
from server.learning.resampling import resample
from server.learning.task import Task


def answers(graph: Graph, x: np.ndarray) -> np.ndarray:
    """Computes a graph with onnxruntime."""
    import onnxruntime

    session = onnxruntime.InferenceSession(write(graph, "out"), providers=["CPUExecutionProvider"])
    return session.run(None, {"image": x})[0]


def dense_layer(name: str = "answer", **more: Any) -> dict[str, Any]:
    """Describes a dense layer as Keras 2 does."""
    config = {"name": name, "units": 2, "activation": "softmax", "use_bias": True}
    return {"class_name": "Dense", "config": {**config, **more}}


def sequential(*layers: dict[str, Any], size: int = 8, channels: int = 3) -> dict[str, Any]:
    """Describes a model of a pooling layer and others."""
    shape = [None, size, size, channels]
    first = {"class_name": "InputLayer", "config": {"name": "i", "batch_input_shape": shape}}
    pool = {"class_name": "GlobalAveragePooling2D", "config": {"name": "pool"}}
    return {"class_name": "Sequential", "config": {"name": "m", "layers": [first, pool, *layers]}}


def h5_file(
    path: Path, description: Any, change: Callable[[Any], None] = lambda file: None
) -> Path:
    """Writes a model in Keras' older format, with one dense layer `answer`."""
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(description)
        file.attrs["keras_version"] = "2.15.0"
        weights = file.create_group("model_weights")
        weights.attrs["layer_names"] = [b"pool", b"answer"]
        weights.create_group("pool").attrs["weight_names"] = np.array([], "S")
        group = weights.create_group("answer")
        group.attrs["weight_names"] = [b"answer/kernel:0", b"answer/bias:0"]
        group["answer/kernel:0"] = np.arange(6, dtype="f4").reshape(3, 2)
        group["answer/bias:0"] = np.zeros(2, "f4")
        change(file)
    return path


def keras_file(path: Path, description: Any, weights: dict[str, np.ndarray]) -> Path:
    """Writes a `.keras` file."""
    data = io.BytesIO()
    with h5py.File(data, "w") as file:
        for name, values in weights.items():
            file[name] = values
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", json.dumps(description))
        archive.writestr("model.weights.h5", data.getvalue())
        archive.writestr("metadata.json", "{}")
    return path


WEIGHTS = {"layers/dense/vars/0": np.ones((3, 2), "f4"), "layers/dense/vars/1": np.zeros(2, "f4")}


def test_the_plain_layers_give_the_same_as_the_scaling_to_unit_length() -> None:
    backbone, seen = case.default_backbone(), case.squares(2)
    classifier = case.dense(backbone, seen)
    graph = graph_of(classifier, backbone)
    x = to_input(seen, graph.size)
    plain = in_plain_layers(graph)
    assert "UnitLength" in {n.kind for n in graph.nodes} - {n.kind for n in plain.nodes}
    assert np.abs(answers(plain, x) - answers(graph, x)).max() < 1e-5
    assert np.abs(answers(graph, x) - classifier.look(seen, backbone)).max() < 1e-5


def test_what_is_written_for_tensorflow_js_is_read_back_the_same() -> None:
    backbone, seen = case.default_backbone(), case.squares(2)
    graph = graph_of(case.dense(backbone, seen), backbone)
    files = write_tfjs(graph)
    again = read_layers_model(json.loads(files["model.json"]), files["weights.bin"])
    x = to_input(seen, graph.size)
    there = ((x + 1) * np.float32(127.5 / 127) - 1).astype("f4")
    assert np.abs(answers(again, there) - answers(graph, x)).max() < 1e-4


def test_shrinking_by_a_matrix_is_the_resampling_of_the_recipe() -> None:
    seen = case.squares(1)[0]
    for side in (20, 32, 56):
        by = area_matrix(side)
        found = np.einsum("ij,jkc,lk->ilc", by, seen.astype("f4"), by)
        assert np.abs(found - resample(seen, side)).max() < 1e-3


def test_an_affine_is_folded_only_where_nothing_else_looks() -> None:
    first = Node("i", "Input", options={"size": 4, "channels": 3})
    eye = {"kernel": np.ones((1, 1, 3, 3), "f4"), "bias": np.ones(3, "f4")}
    options = {"strides": (1, 1), "padding": "valid", "dilation": (1, 1)}
    conv = Node("c", "Conv2D", ("i",), options, eye)
    twice = {"scale": np.full(3, 2, "f4"), "shift": np.full(3, 5, "f4")}
    affine = Node("a", "Affine", ("c",), {}, twice)
    alone = fold_affine(Graph([first, conv, affine]))
    assert [n.kind for n in alone.nodes] == ["Input", "Conv2D"]
    assert alone.nodes[1].weights["bias"].tolist() == [7, 7, 7]
    flat = Node("f", "Flatten", ("a",), {}, {})
    before = {"scale": np.full(48, 2, "f4"), "shift": np.full(48, 5, "f4")}
    scaled = Node("b", "Affine", ("f",), {}, before)
    dense = {"kernel": np.ones((48, 2), "f4"), "bias": np.ones(2, "f4")}
    behind = Graph([first, conv, affine, flat, scaled, Node("d", "Dense", ("b",), {}, dense)])
    folded = fold_affine(behind)
    assert [n.kind for n in folded.nodes] == ["Input", "Conv2D", "Flatten", "Dense"]
    assert folded.nodes[-1].weights["bias"].tolist() == [241, 241]
    assert np.unique(folded.nodes[-1].weights["kernel"]).tolist() == [2]
    shared = Graph([first, conv, affine, Node("s", "Add", ("c", "a"))])
    assert len(fold_affine(shared).nodes) == 4
    assert shapes(shared)["s"] == (4, 4, 3)


def test_pixels_of_another_range_are_adapted_by_a_first_layer() -> None:
    graph = Graph([Node("i", "Input", options={"size": 4, "channels": 3})])
    graph = graph.then("GlobalAveragePooling2D", "pool", keepdims=False)
    x = np.linspace(-1, 1, 48, dtype="f4").reshape(1, 4, 4, 3)
    wide = with_input(graph, 127.5, 127.5)
    assert np.allclose(answers(wide, x), (x * 127.5 + 127.5).mean(axis=(1, 2)), atol=1e-3)


def test_an_h5_model_is_read(tmp_path: Path) -> None:
    graph, raw = read_h5(h5_file(tmp_path / "m.h5", sequential(dense_layer())))
    assert (graph.size, graph.outputs, raw) == (8, 2, False)
    x = np.full((1, 8, 8, 3), 0.5, "f4")
    logits = 0.5 * np.array([0 + 2 + 4, 1 + 3 + 5])
    expected = np.exp(logits) / np.exp(logits).sum()
    assert np.allclose(answers(graph, x)[0], expected, atol=1e-6)


def test_one_sigmoid_becomes_two_classes(tmp_path: Path) -> None:
    path = keras_file(
        tmp_path / "m.keras",
        sequential(dense_layer(units=1, activation="sigmoid")),
        {k: v[..., :1] for k, v in WEIGHTS.items()},
    )
    graph, _ = read_keras(path)
    x = np.full((1, 8, 8, 3), 0.4, "f4")
    logits = answers(without_softmax(graph), x)[0].astype(float)
    assert np.allclose(logits, [0, 1.2])
    assert np.allclose(answers(graph, x)[0], np.exp(1.2) / (1 + np.exp(1.2)))


def test_a_model_that_scales_its_pixels_gets_raw_ones(tmp_path: Path) -> None:
    model = sequential(dense_layer())
    scaling = {"class_name": "Rescaling", "config": {"name": "s", "scale": 1 / 255, "offset": 0}}
    model["config"]["layers"].insert(1, scaling)
    graph, raw = read_keras(keras_file(tmp_path / "m.keras", model, WEIGHTS))
    assert raw and graph.nodes[1].kind == "Affine"


def _lambda(model: Any) -> None:
    code = {"class_name": "__lambda__", "config": {"code": "4wAAAA=="}}
    model["config"]["layers"].append(
        {"class_name": "Lambda", "config": {"name": "x", "function": code}}
    )


def _foreign(model: Any) -> None:
    model["config"]["layers"][-1] |= {"module": "os", "registered_name": "system"}


def _registered(model: Any) -> None:
    model["config"]["layers"][-1] |= {"module": "keras.layers", "registered_name": "Evil>Dense"}


def _activation(model: Any) -> None:
    function = {"class_name": "function", "config": "os.system", "module": "builtins"}
    model["config"]["layers"][-1]["config"]["activation"] = function


def _nested(model: Any) -> None:
    inner = dict(model)
    for _ in range(40):
        inner = {"class_name": "Sequential", "config": {"name": "n", "layers": [inner]}}
    model["config"] = inner["config"]


def _call(model: Any) -> None:
    call = {"class_name": "TFOpLambda", "config": {"name": "x", "function": "io.write_file"}}
    model["config"]["layers"].append(call)


def _huge(model: Any) -> None:
    model["config"]["layers"][0]["config"]["batch_input_shape"] = [None, 10**9, 10**9, 3]


def _many(model: Any) -> None:
    model["config"]["layers"] *= 2000


def _grey(model: Any) -> None:
    model["config"]["layers"][0]["config"]["batch_input_shape"] = [None, 8, 8, 1]


def _nothing(model: Any) -> None:
    model["config"] = {"layers": [{}]}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_lambda, "of the kind 'Lambda'"),
        (_foreign, "from 'os'"),
        (_registered, "known are"),
        (_activation, "activation 'os.system'"),
        (_nested, "nested too deeply"),
        (_call, "calls the function 'io.write_file'"),
        (_huge, "looks at"),
        (_many, "the limit is 2,000"),
        (_grey, "grey pictures"),
        (_nothing, "damaged"),
    ],
)
def test_a_hostile_or_strange_description_is_refused(
    tmp_path: Path, change: Callable[[Any], None], said: str
) -> None:
    model = sequential(dense_layer())
    change(model)
    with pytest.raises(InputError) as caught:
        importing.read(keras_file(tmp_path / "m.keras", model, WEIGHTS), "", Task())
    assert said in caught.value.detail
    with pytest.raises(InputError):
        importing.read(h5_file(tmp_path / "m.h5", model), "", Task())


def test_numbers_are_never_taken_from_another_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret.bin"
    secret.write_bytes(np.arange(6, dtype="f4").tobytes())
    with h5py.File(tmp_path / "other.h5", "w") as other:
        other["kernel"] = np.ones((3, 2), "f4")

    def external(file: Any) -> None:
        group = file["model_weights/answer/answer"]
        del group["kernel:0"]
        group.create_dataset("kernel:0", (3, 2), "f4", external=[(str(secret), 0, 24)])

    def linked(file: Any) -> None:
        group = file["model_weights/answer/answer"]
        del group["kernel:0"]
        group["kernel:0"] = h5py.ExternalLink(str(tmp_path / "other.h5"), "kernel")

    def virtual(file: Any) -> None:
        group = file["model_weights/answer/answer"]
        del group["kernel:0"]
        layout = h5py.VirtualLayout((3, 2), "f4")
        layout[:] = h5py.VirtualSource(str(tmp_path / "other.h5"), "kernel", (3, 2))
        group.create_virtual_dataset("kernel:0", layout)

    for change, said in ((external, "another file"), (linked, "link"), (virtual, "another file")):
        path = h5_file(tmp_path / f"{change.__name__}.h5", sequential(dense_layer()), change)
        with pytest.raises(InputError, match=said):
            read_h5(path)


def test_a_file_that_claims_more_numbers_than_it_may_is_refused(tmp_path: Path) -> None:
    def large(file: Any) -> None:
        group = file["model_weights/answer/answer"]
        del group["kernel:0"]
        group.create_dataset("kernel:0", (200_000, 200_000), "f4", chunks=(64, 64))

    with pytest.raises(InputError, match="more than 150,000,000"):
        read_h5(h5_file(tmp_path / "m.h5", sequential(dense_layer()), large))


def test_weights_that_are_missing_or_no_numbers_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no kernel"):
        read_keras(keras_file(tmp_path / "a.keras", sequential(dense_layer()), {}))
    broken = WEIGHTS | {"layers/dense/vars/0": np.full((3, 2), np.nan, "f4")}
    with pytest.raises(InputError, match="not finite"):
        read_keras(keras_file(tmp_path / "b.keras", sequential(dense_layer()), broken))
    narrow = WEIGHTS | {"layers/dense/vars/0": np.ones((5, 2), "f4")}
    with pytest.raises(InputError, match="it takes 5 numbers"):
        read_keras(keras_file(tmp_path / "c.keras", sequential(dense_layer()), narrow))


def _export(tmp_path: Path, **changed: Any) -> Path:
    """Writes an archive as Teachable Machine's, some of its files changed."""
    graph = Graph([Node("i", "Input", options={"size": 8, "channels": 3})])
    graph = graph.then("GlobalAveragePooling2D", "pool", keepdims=False)
    graph = graph.then("Dense", "answer", kernel=np.ones((3, 2), "f4"), bias=np.zeros(2, "f4"))
    files: dict[str, Any] = write_tfjs(graph.then("Activation", "soft", function="softmax"))
    files["metadata.json"] = json.dumps({"labels": ["a", "b"]})
    files |= {name.replace("_", "."): data for name, data in changed.items()}
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            if data is not None:
                archive.writestr(name, data)
    return path


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"metadata_json": '{"labels": ["a"], "grayscale": true}'}, "grey"),
        ({"metadata_json": '{"labels": ["a", "b", "c"]}'}, "3 labels for 2 classes"),
        ({"metadata_json": '{"labels": [1, 2]}'}, "no texts"),
        ({"metadata_json": '{"labels": [], "tfjsSpeechCommandsVersion": "1"}'}, "sounds"),
        ({"metadata_json": '{"labels": [], "modelSettings": {}}'}, "poses"),
        ({"model_json": "[" * 50_000}, "not JSON"),
        ({"model_json": '{"modelTopology": {}, "weightsManifest": 3}'}, "missing"),
        ({"model_json": '{"format": "graph-model", "modelTopology": {}}'}, "graph of operations"),
        ({"weights_bin": b"\0\0\0\0"}, "end after 4 bytes"),
        ({"weights_bin": None}, "missing"),
    ],
)
def test_a_bent_teachable_machine_export_is_refused(
    tmp_path: Path, changed: dict[str, Any], said: str
) -> None:
    with pytest.raises(InputError) as caught:
        importing.read(_export(tmp_path, **changed), "", Task())
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("m.pkl", b"\x80\x04cos\nsystem\n", "neither a zip nor HDF5"),
        ("m.h5", b"\x89HDF\r\n\x1a\nnothing", "cannot be read as HDF5"),
        ("m.zip", b"PK\x03\x04rest", "damaged"),
        ("m", b"", "neither a zip nor HDF5"),
    ],
)
def test_what_is_no_model_is_refused(tmp_path: Path, name: str, data: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError) as caught:
        importing.read(tmp_path / name, "", Task())
    assert said in str(caught.value)


def test_a_zip_of_operations_names_what_is_expected(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "m.zip", "w") as archive:
        archive.writestr("model_unquant.tflite", b"TFL3")
        archive.writestr("labels.txt", "0 a\n1 b\n")
    with pytest.raises(InputError, match="operations without layers"):
        importing.read(tmp_path / "m.zip", "", Task())


def test_labels_lose_the_numbers_before_them_only_where_all_have_them() -> None:
    assert importing._labels(b"0 Class 1\n1 b\n") == ["Class 1", "b"]
    assert importing._labels(b"0 a\n2 b\n") == ["0 a", "2 b"]
    numbered = "".join(f"{i} class {i}\n" for i in range(12)).encode()
    assert importing._labels(numbered)[11] == "class 11"
    assert importing._distinct(["a", "a", "", "x\ny"]) == ["a", "a (2)", "Class 3", "x y"]


def test_one_of_our_own_files_is_read_as_it_is(tmp_path: Path) -> None:
    from server.formats import classifier as classifier_file

    backbone = case.default_backbone()
    made = case.dense(backbone, case.squares(2))
    classifier_file.save(made, tmp_path / "m.classifier")
    found = importing.read(tmp_path / "m.classifier", "", Task())
    assert (found.name, found.recipe, found.labels) == (made.name, "head", made.labels)
    assert importing.read(tmp_path / "m.classifier", "New", Task()).name == "New"
