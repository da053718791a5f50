"""What is offered, and what of it is checked: hashes, and the answers to the golden pictures."""

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from server.conversion import known
from server.conversion.catalogue import OFFICIAL, official
from server.conversion.errors import ConversionError
from server.learning.backbones import DEFAULT_NAME

ROOT = Path(__file__).resolve().parent.parent
NARROW, WIDE = "mobilenet_v2_0.35_224", "mobilenet_v2_1.00_224"
SMALL = "mobilenet_v3_small_1.00_224"


def the_known(name):
    """Embeddings whose every 40th number is the remembered one, the rest noise."""
    kept = known.answers()[name]
    found = np.random.default_rng(0).random((len(kept), kept.shape[1] * known.STEP))
    found[:, :: known.STEP] = kept
    return found.astype("f4")


def test_the_official_backbones_are_published_by_keras_under_their_names():
    assert list(OFFICIAL) == [NARROW, WIDE, SMALL]
    for name, entry in OFFICIAL.items():
        assert entry.name == name == entry.choice.name
        published = entry.published
        assert published["url"].endswith(f"/{published['file']}")
        assert ("no_top" in published["file"]) == (not entry.has_top)
    assert OFFICIAL[WIDE].published["sha256"].startswith("3e195a28")
    assert OFFICIAL[SMALL].published["md5"] == "d3e8ec802a04aa4fc771ee12a9a9b836"


def test_accuracies_are_those_of_the_documentation():
    text = (ROOT / "docs" / "accuracy.md").read_text(encoding="utf-8")
    for name in (NARROW, WIDE):
        rows = "".join(re.findall(rf"^.*`{re.escape(name)}`.*$", text, re.M))
        for by_count in OFFICIAL[name].accuracy.values():
            for mean in by_count.values():
                assert f"{mean:.3f}" in rows, (name, mean)
    assert OFFICIAL[SMALL].accuracy is None
    assert SMALL not in text


def test_a_name_may_be_spelt_as_keras_does_and_others_are_refused_with_the_list():
    assert official("MobileNetV3Small").name == SMALL
    with pytest.raises(ConversionError, match=f"mobilenet_v2_0.5 is none.*{NARROW}"):
        official("mobilenet_v2_0.5")


def test_the_known_network_is_recognised_and_brings_its_accuracy():
    for name in (NARROW, WIDE):
        lines = []
        assert known.judge(name, the_known(name), False, lines.append) == OFFICIAL[name].accuracy
        assert len(lines) == 1 and "Answers as the known" in lines[0] and "1.0000" in lines[0]


def test_another_network_under_the_name_is_told_and_brings_no_accuracy():
    lines = []
    assert known.judge(NARROW, the_known(WIDE), False, lines.append) == {}
    assert lines[0].startswith("WARNING: answers otherwise than the known MobileNetV2 0.35")
    assert known.judge(NARROW, np.ones((8, 99), "f4"), False, lines.append) == {}


def test_the_published_file_is_no_warning_even_if_another_was_measured():
    lines = []
    assert known.judge(WIDE, the_known(NARROW), True, lines.append) == {}
    assert "WARNING" not in lines[0] and "published" in lines[0]


def test_of_a_network_that_nothing_is_known_of_nothing_is_said():
    lines = []
    assert known.judge(SMALL, np.ones((8, 576), "f4"), True, lines.append) == {}
    assert known.likeness("my_eyes", np.ones((8, 576), "f4")) is None
    assert lines == []


def test_a_weight_that_differs_a_little_still_is_the_known_network_and_half_of_them_is_not():
    right = the_known(NARROW)
    random = np.random.default_rng(1)
    assert known.likeness(NARROW, right * random.normal(1, 0.01, right.shape)) > known.SAME
    assert known.likeness(NARROW, right * (random.random(right.shape) < 0.5)) < known.SAME


def test_answers_are_remembered_from_converted_folders(tmp_path, monkeypatch):
    folder = ROOT / "models" / DEFAULT_NAME
    size = json.loads((folder / "backbone.json").read_text(encoding="utf-8"))["embedding_size"]
    monkeypatch.setattr(known, "PATH", tmp_path / "known_answers.json")
    known.remember([folder])
    assert known.answers()[DEFAULT_NAME].shape == (8, -(-size // known.STEP))
    before = hashlib.sha256(known.PATH.read_bytes()).hexdigest()
    known.remember([folder])
    assert hashlib.sha256(known.PATH.read_bytes()).hexdigest() == before


def test_looking_at_the_catalogue_imports_nothing_heavy():
    code = (
        "import sys, server.conversion.catalogue, server.conversion.child;"
        "print([m for m in sys.modules if m.split('.')[0] in"
        " ('tensorflow', 'tf_keras', 'h5py', 'numpy', 'PIL')])"
    )
    process = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert process.stdout.strip() == "[]"
