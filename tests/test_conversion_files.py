"""Foreign files: Keras' HDF5 and .keras, Teachable Machine's zip; damaged, wrong and hostile."""

import json
import math
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest
from test_conversion import SHARED, V2_WEIGHTS, export_tensors, write_export, write_h5

from server.conversion.errors import ConversionError
from server.conversion.keras_models import from_model_file, from_weights_file
from server.conversion.names import read_name
from server.conversion.teachable_machine import read_export
from server.conversion.weights import check_config, read_h5

ROOT = Path(__file__).resolve().parent.parent
V2 = read_name("mobilenet_v2_0.35_224")
TENSORS = [("Conv1/kernel", np.arange(432, dtype="<f4").reshape(3, 3, 3, 16))]


def rewrite(path, **changes):
    """Rewrite entries of an export; a value of None removes the entry."""
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    entries |= {name.replace("_", "."): value for name, value in changes.items()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, value in entries.items():
            if value is not None:
                archive.writestr(name, value)


def manifest(**changes):
    weight = {"name": "Conv1/kernel", "shape": [3, 3, 3, 16], "dtype": "float32"} | changes
    return json.dumps({"weightsManifest": [{"paths": ["weights.bin"], "weights": [weight]}]})


@pytest.fixture
def export(tmp_path):
    path = tmp_path / "export.zip"
    write_export(path, TENSORS)
    return path


def test_an_export_gives_its_tensors_in_order(tmp_path):
    path = tmp_path / "export.zip"
    write_export(path, export_tensors(1))
    found = read_export(path)
    assert len(found) == 263
    for tensor, (name, values) in zip(found, export_tensors(1), strict=True):
        assert f"{tensor.layer}/{tensor.name}" == name
        np.testing.assert_array_equal(tensor.values, values)


@pytest.mark.skipif(not SHARED.exists(), reason="../shared is not beside the checkout")
def test_a_real_export_holds_the_very_numbers_of_the_weights_file():
    real = {
        (t.layer, t.name): t
        for t in read_export(SHARED / "formats" / "teachable-machine-model.zip")
    }
    stored, _ = read_h5(SHARED / "weights" / f"{V2_WEIGHTS}_0.35_224_no_top.h5")
    assert len(stored) == 260
    for tensor in stored:
        np.testing.assert_array_equal(real[tensor.layer, tensor.name].values, tensor.values)


def test_an_export_with_a_folder_around_its_files_is_read(tmp_path, export):
    inside = tmp_path / "folder.zip"
    with zipfile.ZipFile(export) as source, zipfile.ZipFile(inside, "w") as target:
        for name in source.namelist():
            target.writestr(f"my model/{name}", source.read(name))
    assert len(read_export(inside)) == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"model_json": None}, "0 entries named model.json"),
        ({"weights_bin": None}, "0 entries named weights.bin"),
        ({"model_json": "{"}, "not JSON"),
        ({"model_json": "[" * 100_000}, "not JSON"),
        ({"model_json": "[]"}, "not an object"),
        ({"model_json": "{}"}, "0 groups of weights"),
        ({"model_json": '{"weightsManifest": [{}]}'}, "lists no weights"),
        ({"weights_bin": b"\0" * 100}, "ends after 100 bytes"),
        ({"weights_bin": b"\0" * 4000}, "has 4,000 bytes, model.json describes 1,728"),
        ({"model_json": manifest(shape=[10**6, 10**6])}, "ends after 1,728 bytes"),
        ({"model_json": manifest(shape=[-3, 3, 3, 16])}, "tensor 0"),
        ({"model_json": manifest(shape=[3, 3, 3, 16.0])}, "tensor 0"),
        ({"model_json": manifest(shape="big")}, "tensor 0"),
        ({"model_json": manifest(dtype="uint8")}, "tensor 0"),
        ({"model_json": manifest(quantization={"dtype": "uint8"})}, "tensor 0"),
        ({"model_json": manifest(name=7)}, "tensor 0"),
        ({"model_json": b" " * 5_000_000}, "more than 4 MB"),
        ({"weights_bin": b"\0" * 65_000_000}, "more than 64 MB"),
    ],
)
def test_a_damaged_or_hostile_export_is_refused(export, changes, words):
    rewrite(export, **changes)
    with pytest.raises(ConversionError, match=words):
        read_export(export)


def test_a_zip_that_lies_about_a_size_is_refused(export):
    data = export.read_bytes()
    size, lie = math.prod((3, 3, 3, 16)) * 4, 100
    export.write_bytes(data.replace(size.to_bytes(4, "little"), lie.to_bytes(4, "little")))
    with pytest.raises(ConversionError):
        read_export(export)


def test_duplicate_and_too_many_entries_are_refused(tmp_path, export):
    with zipfile.ZipFile(export, "a") as archive:
        archive.writestr("again/weights.bin", b"")
    with pytest.raises(ConversionError, match="2 entries named weights"):
        read_export(export)
    crowded = tmp_path / "crowded.zip"
    with zipfile.ZipFile(crowded, "w") as archive:
        for number in range(1001):
            archive.writestr(str(number), b"")
    with pytest.raises(ConversionError, match="1,001 entries"):
        read_export(crowded)


def test_cut_and_foreign_files_are_no_zip(tmp_path, export):
    export.write_bytes(export.read_bytes()[:500])
    with pytest.raises(ConversionError, match="cannot be read as a zip"):
        read_export(export)
    with pytest.raises(ConversionError, match="There is no file"):
        read_export(tmp_path / "gone.zip")


@pytest.fixture
def weights(tmp_path):
    path = tmp_path / "weights.h5"
    write_h5(path, [("Conv1", {"kernel": np.zeros((3, 3, 3, 16), "f4")})])
    return path


@pytest.mark.parametrize("read", [from_model_file, lambda path: from_weights_file(V2, path)])
def test_files_that_are_no_hdf5_are_refused(tmp_path, weights, read):
    path = tmp_path / "other.h5"
    for data in (b"", b"hello", weights.read_bytes()[:300], b"\x89HDF\r\n\x1a\n" + b"\0" * 2000):
        path.write_bytes(data)
        with pytest.raises(ConversionError, match="damaged, incomplete or of another kind"):
            read(path)
    with pytest.raises(ConversionError, match="There is no file"):
        read(tmp_path / "gone.h5")


def test_an_hdf5_file_of_something_else_is_refused(tmp_path):
    path = tmp_path / "other.h5"
    with h5py.File(path, "w") as file:
        file["numbers"] = [1, 2, 3]
    with pytest.raises(ConversionError, match="not one that Keras wrote"):
        from_weights_file(V2, path)


def test_a_weights_file_that_lacks_its_own_tensor_is_refused(weights):
    with h5py.File(weights, "a") as file:
        del file["Conv1/Conv1/kernel:0"]
    with pytest.raises(ConversionError, match="damaged, incomplete or of another kind"):
        from_weights_file(V2, weights)


def test_a_weights_file_that_promises_too_much_is_refused(tmp_path):
    path = tmp_path / "huge.h5"
    write_h5(path, [("Conv1", {})])
    with h5py.File(path, "a") as file:
        # Sparse: takes no room until it is read.
        file["Conv1"].create_dataset("huge", shape=(200_000_000,), dtype="f4", chunks=(1 << 20,))
        file["Conv1"].attrs["weight_names"] = [b"huge"]
    with pytest.raises(ConversionError, match="more than 150,000,000 weights"):
        read_h5(path)


def test_flipped_bytes_are_noticed_or_harmless(tmp_path, weights):
    random = np.random.default_rng(6)
    whole, path, refused = weights.read_bytes(), tmp_path / "flipped.h5", 0
    for _ in range(150):
        data = bytearray(whole)
        for place in random.integers(0, min(len(data), 4000), 12):
            data[place] = random.integers(256)
        path.write_bytes(data)
        try:
            read_h5(path)
        except ConversionError:
            refused += 1
    assert refused > 50


def test_weights_without_a_model_need_a_family(weights):
    with pytest.raises(ConversionError, match="no description of the model"):
        from_model_file(weights)


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"class_name": "Lambda", "config": {"function": ["code"]}}, "'Lambda'"),
        ({"class_name": "TFOpLambda", "config": {"function": "io.write_file"}}, "write_file"),
        ({"class_name": "TFOpLambda", "config": {}}, "None"),
        ({"class_name": "Conv2D", "config": {}, "module": "os.path"}, "foreign class os.path"),
        ({"class_name": "Conv2D", "config": {}, "registered_name": "mine>X"}, "mine>X"),
        (
            {"class_name": "Dense", "config": {"activation": {"class_name": "__lambda__"}}},
            "__lambda__",
        ),
    ],
)
def test_a_model_that_could_run_foreign_code_is_refused(tmp_path, weights, config, words):
    described = {"class_name": "Sequential", "config": {"layers": [config]}}
    with pytest.raises(ConversionError, match=words):
        check_config(described)
    with h5py.File(weights, "a") as file:
        file.attrs["model_config"] = json.dumps(described)
    with pytest.raises(ConversionError, match=words):
        from_model_file(weights)
    archive = tmp_path / "model.keras"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("config.json", json.dumps(described))
    with pytest.raises(ConversionError, match=words):
        from_model_file(archive)


def test_damaged_keras_archives_are_refused(tmp_path):
    path = tmp_path / "model.keras"
    for entries in ({}, {"config.json": "{"}, {"config.json": " " * 9_000_000}):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in entries.items():
                archive.writestr(name, text)
        with pytest.raises(ConversionError, match=r"model\.keras"):
            from_model_file(path)


def test_the_default_describes_itself_in_harmless_words():
    with zipfile.ZipFile(ROOT / "models" / "showtell_v2" / "backbone.keras") as archive:
        check_config(json.loads(archive.read("config.json")))
