"""Tuned backbones: what learns, what stays, VGG16 from its published file."""

import numpy as np
import pytest
from network_trainings import results

from server.learning.backbones import get
from server.learning.errors import InputError
from server.learning.recipes import vgg16


@pytest.fixture(scope="module")
def tuned():
    return results()[0]


def test_the_built_in_backbone_learns_two_colours(tuned):
    result = tuned["tuned"]
    assert result["accuracy"] == 1
    assert result["size"] == 224
    assert result["files"] == [
        "model.keras",
        "model.tflite",
        "tfjs/group1-shard1of1.bin",
        "tfjs/model.json",
    ]


def test_litert_and_keras_give_the_same_probabilities(tuned):
    result = tuned["tuned"]
    np.testing.assert_allclose(result["litert"], result["keras"], atol=1e-4)


def test_only_the_last_blocks_and_the_head_learn(tuned):
    result = tuned["tuned"]
    assert result["blocks"][-2:] == [["Conv_1"], ["embedding"]]
    assert result["blocks"][-3] == [f"block_16_{n}" for n in ("expand", "depthwise", "project")]
    assert result["changed"] == ["Conv_1", "embedding"]


def test_epochs_are_counted_through_both_parts(tuned):
    assert [curve["epoch"] for curve in tuned["tuned"]["curves"]] == list(range(1, 10))
    told = [event for event in tuned["tuned"]["events"] if event["kind"] == "metrics"]
    assert {event["epochs"] for event in told} == {9}
    steps = [e for e in tuned["tuned"]["events"] if e["kind"] == "progress"]
    assert list(dict.fromkeys(s["phase"] for s in steps)) == ["read", "embed", "fit", "convert"]
    for phase in ("read", "embed", "fit", "convert"):
        fractions = [s["fraction"] for s in steps if s["phase"] == phase]
        assert fractions == sorted(fractions)


def test_the_same_seed_gives_the_same_network_twice(tuned):
    first, again = tuned["tuned_twice"]["digests"]
    assert first == again


def test_batch_normalisation_keeps_its_statistics_and_its_scale(tuned):
    result = tuned["tuned_twice"]
    last = [name for block in result["blocks"][-3:] for name in block]
    assert any(name.endswith("_bn") for name in last)
    assert result["changed"] == [name for name in last if not name.endswith("_bn")]


def test_vgg16_from_its_file_sees_what_keras_own_sees(tuned):
    assert tuned["large"]["difference"] < 1e-4
    assert tuned["large"]["blocks"] == 5
    last = [f"block5_conv{number}" for number in (1, 2, 3)]
    assert tuned["large"]["learning"] == [*last, "head"]


def test_a_damaged_file_of_vgg16_is_refused(tuned):
    assert tuned["large"]["refused"] == "The weights of VGG16 cannot be used"


def test_vgg16_is_found_in_the_folders_of_backbones(monkeypatch, tmp_path):
    monkeypatch.setenv("SHOWTELL_MODELS", str(tmp_path))
    (tmp_path / "vgg16").mkdir()
    (tmp_path / "vgg16" / vgg16.FILE).write_bytes(b"weights")
    assert vgg16.find_weights(get()) == tmp_path / "vgg16" / vgg16.FILE


def test_without_its_weights_vgg16_says_where_to_put_them(monkeypatch, tmp_path):
    monkeypatch.setenv("SHOWTELL_MODELS", str(tmp_path / "mine"))
    with pytest.raises(InputError, match="The weights of VGG16 are not here") as raised:
        vgg16.find_weights(get())
    assert vgg16.FILE in raised.value.detail
    assert "mine" in raised.value.hint
