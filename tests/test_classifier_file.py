"""Classifier files: what is written is read, what is bent is refused, half a file is never seen."""

import io
import json
import math
import os
import stat
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import save as to_bytes

from server.formats import classifier as files
from server.formats.archive import ArchiveLimits
from server.learning.backbones import get
from server.learning.classifier import BackboneRef, Classifier, ClassRef
from server.learning.errors import InputError
from server.learning.models import Dense, Layer, Neighbours, Network


def dense(size=6, outputs=2):
    random = np.random.default_rng(0)
    kernel = random.standard_normal((size, outputs)).astype(np.float32)
    return Dense([Layer(kernel, np.zeros(outputs, np.float32))])


def made(model=None, **changes):
    parts = {
        "name": "Elsa oder Vader",
        "recipe": "linear",
        "classes": [ClassRef("elsa", "id-1", "#ff0000"), ClassRef("darth väder")],
        "model": model or dense(),
        "backbone": BackboneRef("eyes", "f" * 64, 6),
        "temperature": 1.5,
        "created_at": "2026-01-02T03:04:05+00:00",
        "options": {"seed": 3, "k": None},
        "report": {"format": "showtell-report", "accuracy": 0.5},
    }
    return Classifier(**{**parts, **changes})


def saved(tmp_path, classifier=None):
    path = tmp_path / "a.classifier"
    files.save(classifier or made(), path)
    return path


def bend(path, **members):
    """Writes a file again with some members changed: bytes, a change of its JSON, or None."""
    with zipfile.ZipFile(path) as archive:
        old = {name: archive.read(name) for name in archive.namelist()}
    for name, change in members.items():
        name = {"document": "classifier.json", "weights": "weights.safetensors"}.get(name, name)
        if callable(change):
            described = json.loads(old[name])
            change(described)
            old[name] = json.dumps(described).encode()
        elif isinstance(change, dict):
            old[name] = to_bytes(change)
        else:
            old[name] = change
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in old.items():
            if data is not None:
                archive.writestr(name, data)
    return path


def refused(path, *words):
    with pytest.raises(InputError) as caught:
        files.read(path)
    told = f"{caught.value.title} {caught.value.detail}"
    assert caught.value.detail and caught.value.hint, told
    for word in words:
        assert word in told, told
    return caught.value


@pytest.mark.parametrize(
    "classifier",
    [
        made(),
        made(report=None, temperature=1),
        made(Neighbours(np.eye(6, dtype=np.float32), np.arange(6) % 2, 2, 3, "l1", 2.0)),
        made(dense(6, 1), is_regression=True, classes=[ClassRef("0"), ClassRef("0.5")]),
    ],
)
def test_classifier_comes_back_as_it_was(tmp_path, classifier):
    path = saved(tmp_path, classifier)
    assert files.is_classifier(path)
    again = files.read(path)
    x = np.eye(6, dtype=np.float32)
    np.testing.assert_array_equal(again.scores(x), classifier.scores(x))
    for name in ("name", "recipe", "classes", "backbone", "temperature", "created_at", "options"):
        assert getattr(again, name) == getattr(classifier, name), name
    assert again.report == classifier.report and again.is_regression == classifier.is_regression


def test_network_comes_back_with_all_its_files(tmp_path):
    data = get().model_file.read_bytes()
    network = Network(data, 224, {"tfjs/model.json": b"{}", "model.keras": b"k"})
    classes = [ClassRef(str(i)) for i in range(256)]
    path = saved(tmp_path, made(network, backbone=None, classes=classes))
    again = files.read(path).model
    assert again.files() == network.files()
    with zipfile.ZipFile(path) as archive:
        assert archive.getinfo("model.tflite").compress_type == zipfile.ZIP_STORED


def test_file_of_a_read_classifier_is_written_the_same(tmp_path):
    first, second = io.BytesIO(), io.BytesIO()
    files.write(made(), first)
    path = tmp_path / "a.classifier"
    path.write_bytes(first.getvalue())
    files.write(files.read(path), second)
    contents = [
        {name: archive.read(name) for name in archive.namelist()}
        for archive in (zipfile.ZipFile(first), zipfile.ZipFile(second))
    ]
    assert contents[0] == contents[1]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda d: d.update(version=2), "version 2"),
        (lambda d: d.update(format="other"), "'other'"),
        (lambda d: d.pop("temperature"), "temperature"),
        (lambda d: d.update(temperature=0), "temperature"),
        (lambda d: d.update(temperature="hot"), "hot"),
        (lambda d: d["model"].update(kind="pickle"), "pickle"),
        (lambda d: d["model"].pop("kind"), "kind"),
        (lambda d: d.update(model=None), "damaged"),
        (lambda d: d["model"].update(activations=7), "damaged"),
        (lambda d: d["classes"].pop(), "answers 2 numbers, expected 1"),
        (lambda d: d["classes"][0].update(label=7), "called 7"),
        (lambda d: d["classes"][0].update(label=""), "''"),
        (lambda d: d["classes"][0].update(color=7), "colour"),
        (lambda d: d["classes"][0].update(surprise=7), "surprise"),
        (lambda d: d.update(is_regression=True), "expected 1"),
        (lambda d: d.update(backbone=None), "whose vectors"),
        (lambda d: d["backbone"].update(embedding_size=7), "6 numbers"),
        (lambda d: d["backbone"].update(fingerprint=7), "fingerprint"),
        (lambda d: d.update(options=7), "damaged"),
    ],
)
def test_document_that_is_bent_is_refused(tmp_path, change, word):
    refused(bend(saved(tmp_path), document=change), word)


KERNEL, BIAS = np.ones((6, 2), np.float32), np.zeros(2, np.float32)


@pytest.mark.parametrize(
    ("weights", "word"),
    [
        (None, "layer0.kernel"),
        ({"layer0.kernel": KERNEL}, "layer0.bias"),
        ({"layer0.kernel": KERNEL * np.float32(np.nan), "layer0.bias": BIAS}, "not finite"),
        ({"layer0.kernel": KERNEL.astype(np.float64), "layer0.bias": BIAS}, "float64"),
        ({"layer0.kernel": KERNEL[:5], "layer0.bias": BIAS}, "5 numbers"),
        (b"", "weights.safetensors"),
        (b"\xff" * 64, "weights.safetensors"),
        (b'\x08\0\0\0\0\0\0\0{"a":1}x', "weights.safetensors"),
    ],
)
def test_weights_that_are_bent_are_refused(tmp_path, weights, word):
    refused(bend(saved(tmp_path), weights=weights), word)


@pytest.mark.parametrize(
    "document",
    [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"temperature": NaN}', b"[" * 100_000],
)
def test_document_that_is_no_object_is_refused(tmp_path, document):
    refused(bend(saved(tmp_path), document=document), "damaged")


def test_report_with_numbers_that_are_none_is_refused(tmp_path):
    refused(bend(saved(tmp_path), **{"report.json": b'{"accuracy": Infinity}'}), "Infinity")


def test_other_files_are_told_apart(tmp_path):
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("project.json", "{}")
    assert not files.is_classifier(other)
    assert refused(other, "classifier.json").kind == "unsupported-media"
    text = tmp_path / "text.classifier"
    text.write_text("hello")
    assert not files.is_classifier(text) and not files.is_classifier(tmp_path / "absent")
    refused(text, "damaged")


def test_file_that_breaks_off_is_refused_wherever_it_does(tmp_path):
    whole = saved(tmp_path).read_bytes()
    path = tmp_path / "half.classifier"
    for part in np.linspace(0, len(whole) - 1, 40).astype(int):
        path.write_bytes(whole[:part])
        refused(path)


def test_one_wrong_byte_anywhere_gives_an_answer_or_a_clear_error(tmp_path):
    whole = bytearray(saved(tmp_path).read_bytes())
    path = tmp_path / "bent.classifier"
    refusals = 0
    for at in range(0, len(whole), 5):
        bent = bytearray(whole)
        bent[at] ^= 0xFF
        path.write_bytes(bent)
        try:
            files.read(path).scores(np.eye(6, dtype=np.float32))
        except InputError:
            refusals += 1
    assert refusals > len(whole) // 10


def test_file_that_would_grow_beyond_all_bounds_is_refused(tmp_path):
    path = bend(saved(tmp_path), **{"model.bin": bytes(8 * 1024 * 1024)})
    assert path.stat().st_size < 100_000
    assert refused(path, "would grow").kind == "too-large"


def test_more_files_or_bytes_than_allowed_are_refused(tmp_path):
    path = saved(tmp_path)
    for limits in (replace(files.LIMITS, entries=2), ArchiveLimits(entry_bytes=10)):
        with pytest.raises(InputError) as caught:
            files.read(path, limits)
        assert caught.value.kind == "too-large"


def test_half_written_file_is_never_seen_and_leaves_nothing(tmp_path, monkeypatch):
    path = saved(tmp_path)
    before = path.read_bytes()

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        files.save(made(temperature=9), path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_report_that_is_no_json_writes_nothing(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        files.save(made(report={"accuracy": math.nan}), tmp_path / "a.classifier")
    assert not list(tmp_path.iterdir())


def test_file_has_the_rights_of_any_new_file(tmp_path):
    path = saved(tmp_path)
    ordinary = tmp_path / "ordinary"
    ordinary.touch()
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE(ordinary.stat().st_mode)


def test_long_name_can_be_saved(tmp_path):
    path = tmp_path / ("n" * 240 + ".classifier")
    files.save(made(), path)
    assert files.read(path).labels == ["elsa", "darth väder"]
