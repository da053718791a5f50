"""Backbone folders: whole ones are found, damaged ones reported, none crashes the list."""

import hashlib
import json
from pathlib import Path

import pytest

from server.learning.backbones import DEFAULT_NAME, MODELS, get, list_backbones, load_backbone
from server.learning.errors import InputError


def make_folder(parent: Path, name="eyes", top=False, **changes) -> Path:
    """Writes a folder that is whole but for the changes; None leaves a field out."""
    folder = parent / name
    folder.mkdir(parents=True)
    contents = {"model.json": b"{}", "backbone.tflite": b"not really"}
    if top:
        contents["labels.json"] = json.dumps([{"id": "n1", "name": "tench"}]).encode()
    for file, content in contents.items():
        (folder / file).write_bytes(content)
    document = {
        "format": "showtell-backbone",
        "version": 1,
        "name": name,
        "title": "Eyes",
        "input_size": 128,
        "embedding_size": 256,
        "pixel_range": [-1, 1],
        "has_top": top,
        "fingerprint": "0" * 64,
        "files": {
            file: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for file, content in contents.items()
        },
    }
    document.update(changes)
    document = {key: value for key, value in document.items() if value is not None}
    (folder / "backbone.json").write_text(json.dumps(document))
    return folder


def test_default_backbone_is_in_every_checkout_and_whole():
    backbone = get()
    assert backbone.name == DEFAULT_NAME and backbone.folder.parent == MODELS
    backbone.verify()
    assert "files" not in backbone.describe()
    assert backbone.describe()["fingerprint"] == backbone.fingerprint


def test_fingerprint_is_that_of_the_weights_and_the_input_size():
    backbone = get()
    shards = sorted(backbone.folder.glob("group1-shard*of*.bin"))
    digest = hashlib.sha256(b"".join(shard.read_bytes() for shard in shards))
    digest.update(str(backbone.input_size).encode())
    assert digest.hexdigest() == backbone.fingerprint


def test_whole_folder_is_read_with_its_labels(tmp_path):
    backbone = load_backbone(make_folder(tmp_path, top=True))
    assert (backbone.input_size, backbone.embedding_size) == (128, 256)
    assert backbone.labels == [{"id": "n1", "name": "tench"}]
    assert load_backbone(make_folder(tmp_path, "other")).labels == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "other"}, '"format"'),
        ({"version": 2}, "version 2, expected 1"),
        ({"name": "../up"}, "name"),
        ({"name": "another"}, "calls it another"),
        ({"input_size": 0}, "input_size 0"),
        ({"input_size": True}, "input_size True"),
        ({"embedding_size": "256"}, "embedding_size '256'"),
        ({"pixel_range": [0, 1]}, "pixel_range"),
        ({"fingerprint": "abc"}, "fingerprint"),
        ({"fingerprint": None}, "fingerprint None"),
        ({"has_top": True}, "labels.json"),
        ({"files": []}, "files"),
        ({"files": {}}, "model.json"),
    ],
)
def test_wrong_document_is_named(tmp_path, change, message):
    folder = make_folder(
        tmp_path, **{"name": "eyes"} | {k: v for k, v in change.items() if k != "name"}
    )
    if "name" in change:
        document = json.loads((folder / "backbone.json").read_text()) | change
        (folder / "backbone.json").write_text(json.dumps(document))
    with pytest.raises(InputError) as caught:
        load_backbone(folder)
    assert message in f"{caught.value}" and caught.value.hint


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "\udcff"])
def test_document_that_is_no_object_is_named(tmp_path, text):
    folder = make_folder(tmp_path)
    (folder / "backbone.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(InputError, match="cannot be used"):
        load_backbone(folder)


def test_missing_shortened_and_changed_files_are_named(tmp_path):
    folder = make_folder(tmp_path)
    (folder / "backbone.tflite").write_bytes(b"Not really")
    with pytest.raises(InputError, match="not the file that was written"):
        load_backbone(folder).verify()
    (folder / "backbone.tflite").write_bytes(b"short")
    with pytest.raises(InputError, match="5 bytes, expected 10"):
        load_backbone(folder)
    (folder / "backbone.tflite").unlink()
    with pytest.raises(InputError, match=r"backbone.tflite is missing"):
        load_backbone(folder)


def test_files_outside_the_folder_are_not_looked_at(tmp_path):
    (tmp_path / "secret").write_text("x")
    folder = make_folder(tmp_path)
    document = json.loads((folder / "backbone.json").read_text())
    document["files"]["../secret"] = {"bytes": 1, "sha256": ""}
    (folder / "backbone.json").write_text(json.dumps(document))
    with pytest.raises(InputError, match="missing"):
        load_backbone(folder)


def test_list_has_the_default_first_and_reports_the_damaged(tmp_path):
    for name in ("zebra", DEFAULT_NAME, "apple"):
        make_folder(tmp_path, name)
    make_folder(tmp_path, "broken", version=9)
    make_folder(tmp_path, ".half-written")
    (tmp_path / "README.md").write_text("no folder")
    found = list_backbones(tmp_path)
    assert [b.name for b in found.backbones] == [DEFAULT_NAME, "apple", "zebra"]
    assert [folder.name for folder, _ in found.problems] == ["broken"]


def test_first_folder_counts_and_missing_folders_are_empty(tmp_path):
    make_folder(tmp_path / "a", fingerprint="1" * 64)
    make_folder(tmp_path / "b", fingerprint="2" * 64)
    found = list_backbones([tmp_path / "none", tmp_path / "a", tmp_path / "b"])
    assert [b.fingerprint[0] for b in found.backbones] == ["1"]


def test_backbone_that_is_not_here_or_damaged_says_what_to_do(tmp_path):
    make_folder(tmp_path, "eyes")
    make_folder(tmp_path, "broken", version=9)
    with pytest.raises(InputError, match="These are: eyes") as caught:
        get("mobilenet", tmp_path)
    assert caught.value.kind == "mismatch" and "convert_models.py mobilenet" in caught.value.hint
    with pytest.raises(InputError, match="version 9") as caught:
        get("broken", tmp_path)
    assert caught.value.kind == "mismatch"
