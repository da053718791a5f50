"""Networks trained from scratch: they learn, answer alike in every form, stop, and repeat.

They are trained in processes of their own: `network_trainings`.
"""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from network_trainings import results

from server.conversion.browser_check import run_tfjs
from server.learning import tensorflow
from server.learning.models import softmax
from tools import find_browser

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "static" / "vendor"


@pytest.fixture(scope="module")
def trained():
    return results()[0]


def test_it_learns_two_colours_and_tells_every_epoch(trained):
    result = trained["twice"]
    assert result["accuracy"] == 1 and result["epochs"] == 3
    members = {"epoch", "loss", "accuracy", "val_loss", "val_accuracy"}
    assert [set(curve) for curve in result["curves"]] == [members] * 3
    told = [event for event in result["events"] if event["kind"] == "metrics"]
    assert [{k: event[k] for k in members} for event in told] == result["curves"]
    assert {event["epochs"] for event in told} == {3}


def test_progress_goes_through_its_phases_and_never_back(trained):
    steps = [e for e in trained["twice"]["events"] if e["kind"] == "progress"]
    phases = [step["phase"] for step in steps]
    assert list(dict.fromkeys(phases)) == ["read", "fit", "convert"]
    for phase in ("read", "fit", "convert"):
        fractions = [s["fraction"] for s in steps if s["phase"] == phase]
        assert fractions == sorted(fractions) and 0 <= fractions[0] <= fractions[-1] <= 1


def test_litert_and_keras_give_the_same_probabilities(trained):
    result = trained["twice"]
    np.testing.assert_allclose(result["litert"], result["keras"], atol=1e-4)


def test_tfjs_gives_the_same_probabilities_in_the_browser(trained):
    browser = find_browser.find()
    assert browser, find_browser.ADVICE
    assert (VENDOR / "tf.js").is_file(), "run `make test`, which bundles static/vendor"
    place = results()[1] / "twice"
    assert sorted(p.name for p in (place / "tfjs").iterdir()) == [
        "group1-shard1of1.bin",
        "model.json",
    ]
    inputs = np.load(place / "inputs.npy")
    outputs, _ = run_tfjs(place / "tfjs", inputs, browser=browser, vendor=VENDOR)
    assert set(outputs) == {"logits"}
    np.testing.assert_allclose(softmax(outputs["logits"]), trained["twice"]["keras"], atol=1e-3)


def test_the_same_seed_gives_the_same_files_twice_and_in_another_process(trained):
    first, again = trained["twice"]["digests"]
    assert first == again and trained["twice"]["same curves"]
    # The name of a graph's function counts up with each training in a process; numbers do not.
    numbers = ("model.tflite", "tfjs/group1-shard1of1.bin")
    elsewhere = trained["elsewhere"]
    assert [elsewhere[name] for name in numbers] == [first[name] for name in numbers]


def test_another_seed_gives_another_network(trained):
    (other,) = trained["stopped"]["metrics"]
    assert other["loss"] != trained["twice"]["curves"][0]["loss"]


def test_a_stop_ends_it_within_an_epoch_and_leaves_nothing(trained):
    result = trained["stopped"]
    assert result["outcome"] == "cancelled"
    assert [e["epoch"] for e in result["metrics"]] == [1] and result["fraction"] == 0.5
    assert result["left"] == []


def test_trainings_one_after_the_other_do_not_pile_up_in_memory(trained):
    megabytes = trained["repeated"]["megabytes"]
    if sys.platform.startswith("linux"):
        assert len(megabytes) == 4
        # One such network and what its optimiser remembers are 75 MB.
        assert megabytes[-1] - megabytes[0] < 75
    else:
        assert megabytes == []


def test_what_was_learned_from_is_let_go(trained):
    before, after = trained["closed"]["held"]
    assert after < before


def test_a_loss_that_is_no_number_ends_it_with_advice(trained):
    assert trained["diverged"] == {
        "title": "The training has lost its way",
        "detail": "In epoch 2 the loss was no finite number.",
        "hint": "Try a smaller rate.",
    }


def test_patience_stops_early_and_keeps_the_best(trained):
    curves, epochs = trained["patient"]["curves"], trained["patient"]["epochs"]
    losses = [curve["val_loss"] for curve in curves]
    assert epochs == losses.index(min(losses)) + 1
    assert len(curves) == epochs + 2 < 30


def test_it_learns_from_everything_and_from_squares_without_validation(trained):
    result = trained["without_validation"]
    assert [set(curve) for curve in result["curves"]] == [{"epoch", "loss", "accuracy"}] * 3
    assert result["accuracy"] == 1


def test_flips_happen_half_of_the_time_and_are_exact(trained):
    mirrored, same = trained["varied"]["mirrored"], trained["varied"]["same"]
    assert all(a != b for a, b in zip(mirrored, same, strict=True))
    assert 10 < sum(mirrored) < 30


def test_a_turn_keeps_the_distance_from_the_middle_and_its_limit(trained):
    x, y = np.array(trained["varied"]["turned"]).T
    np.testing.assert_allclose(np.hypot(x, y), 20, atol=0.3)
    degrees = np.degrees(np.arctan2(x, -y))
    assert np.abs(degrees).max() <= 25.1
    assert degrees.min() < -15 and degrees.max() > 15


def test_a_shift_moves_by_up_to_its_share(trained):
    x, y = np.array(trained["varied"]["moved"]).T
    for moved in (x, y + 20):
        assert np.abs(moved).max() <= 6.5
        assert moved.min() < -4 and moved.max() > 4


def test_a_crop_makes_things_larger(trained):
    original = 8 * 8 * 3
    areas = np.array(trained["varied"]["areas"])
    assert 2 * original < areas.max() < 5 * original


def test_the_same_chance_varies_alike_and_stays_in_range(trained):
    assert trained["varied"]["repeatable"]
    low, high = trained["varied"]["range"]
    assert -1 <= low < -0.9 and 0.9 < high <= 1


@pytest.mark.parametrize(
    ("given", "variable", "expected"), [(3, "2", 3), (None, "2", 2), (None, "", None)]
)
def test_threads_are_as_given_else_as_the_variable_says(monkeypatch, given, variable, expected):
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", variable)
    found = tensorflow.threads_wanted(given)
    assert found == expected if expected else found >= 1


def test_nothing_imports_tensorflow_until_it_trains():
    code = (
        "import sys; from server.learning.recipes import convnet, finetune, table;"
        "from server.learning import network_files;"
        "print([m for m in sys.modules if m.split('.')[0] in ('tensorflow', 'tf_keras', 'keras')])"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert found.stdout.strip() == "[]", found.stderr
