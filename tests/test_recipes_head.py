"""The small network: gradients, Adam and training agree with finite differences and with Keras."""

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from learning_samples import clouds

from server.learning.errors import InputError
from server.learning.models import softmax
from server.learning.recipes import head
from server.learning.recipes.balance import example_weights
from server.learning.recipes.perceptron import (
    Adam,
    Part,
    Perceptron,
    cross_entropy,
    squared_error,
    train,
)
from server.learning.recipes.table import RECIPES
from server.learning.splits import Split, split
from server.learning.task import Cancelled, Task
from tests.conftest import ROOT


def fitted(examples, parts=None, task=None, **options):
    if parts is None:
        parts = split(examples.labels, examples.groups, validation=0.15, test=0.2, seed=1)
    return head.fit(examples, parts, RECIPES["head"].read_options(options), task or Task()), parts


@pytest.mark.parametrize("units", [0, 7])
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("loss", [cross_entropy, squared_error])
def test_gradient_is_that_of_finite_differences(units, bias, loss):
    random = np.random.default_rng(0)
    outputs = 3 if loss is cross_entropy else 1
    network = Perceptron(5, units, outputs, bias, random, np.float64)
    network.theta[:] = random.standard_normal(len(network.theta))
    x, weights = random.standard_normal((6, 5)), random.uniform(0.5, 2, 6)
    targets = random.integers(0, 3, 6) if loss is cross_entropy else random.standard_normal(6)
    kept = random.choice([0.0, 2.0], (6, units)) if units else None

    def mean_loss():
        return network.backward(x, targets, weights, loss, kept)[0] / 6

    mean_loss()
    gradient = network.gradient.copy()
    step = 1e-6
    for i in range(len(network.theta)):
        middle = network.theta[i]
        network.theta[i] = middle + step
        above = mean_loss()
        network.theta[i] = middle - step
        below = mean_loss()
        network.theta[i] = middle
        assert gradient[i] == pytest.approx((above - below) / (2 * step), abs=1e-7, rel=1e-5)


_KERAS = """
import json, os, sys
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np, tf_keras as keras
given = np.load(sys.argv[1])
first, bias, last = (given[name] for name in ("first", "bias", "last"))
model = keras.Sequential([
    keras.layers.Dense(first.shape[1], "relu"), keras.layers.Dense(last.shape[1], use_bias=False),
])
model.build((None, first.shape[0]))
model.set_weights([first, bias, last])
model.compile(
    keras.optimizers.legacy.Adam(1e-3),
    keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"],
)
curves = []
for order in given["orders"]:
    told = model.fit(
        given["x"][order], given["y"][order], sample_weight=given["w"][order], batch_size=16,
        epochs=1, shuffle=False, verbose=0, validation_data=(given["xv"], given["yv"]),
    ).history
    curves.append({name: value[0] for name, value in told.items()})
np.savez(sys.argv[2], *model.get_weights())
print(json.dumps(curves))
"""


def test_training_is_that_of_keras_batch_by_batch(tmp_path):
    """The same weights, orders of pictures and class weights give the same weights and curves."""
    examples = clouds([60, 30, 19], spread=1.5, size=24)
    rows = np.random.default_rng(1).permutation(109)
    rows, held = rows[:89], rows[89:]
    weights = example_weights(examples.labels[rows], True)
    x, y = examples.vectors[rows] * np.float32(np.sqrt(24)), examples.labels[rows]
    xv, yv = examples.vectors[held] * np.float32(np.sqrt(24)), examples.labels[held]
    network = Perceptron(24, 100, 3, False, np.random.default_rng(2))
    before = network.layers()
    epochs, random = 4, np.random.default_rng(3)
    orders = np.stack([random.permutation(len(rows)) for _ in range(epochs)])
    parts = {"x": x, "y": y, "w": weights, "xv": xv, "yv": yv, "orders": orders}
    arrays = {"first": before[0].kernel, "bias": before[0].bias, "last": before[1].kernel}
    np.savez(tmp_path / "in.npz", **parts, **arrays)
    ran = subprocess.run(
        [sys.executable, "-c", _KERAS, tmp_path / "in.npz", tmp_path / "out.npz"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    expected = json.loads(ran.stdout.strip().splitlines()[-1])
    options = {"epochs": epochs, "batch": 16, "rate": 1e-3, "patience": 0}
    validation = Part(xv, yv, np.ones(len(yv), np.float32))
    made = train(
        network,
        Part(x, y, weights),
        validation,
        options,
        cross_entropy,
        Task(),
        np.random.default_rng(3),
    )
    for mine, theirs in zip(made.curves, expected, strict=True):
        for name, value in theirs.items():
            assert mine[name] == pytest.approx(value, abs=2e-4), name
    after = network.layers()
    with np.load(tmp_path / "out.npz") as theirs:
        for mine, name in zip(
            (after[0].kernel, after[0].bias, after[1].kernel), theirs, strict=True
        ):
            np.testing.assert_allclose(mine, theirs[name], atol=5e-5)


def test_adam_makes_the_steps_of_its_paper():
    theta = np.array([1.0, -2.0])
    adam, mean, square = Adam(theta, 0.1), np.zeros(2), np.zeros(2)
    expected = theta.copy()
    for t in range(1, 6):
        gradient = np.array([0.3, -1.0]) * t
        mean, square = 0.9 * mean + 0.1 * gradient, 0.999 * square + 0.001 * gradient**2
        step = 0.1 * (mean / (1 - 0.9**t)) / (np.sqrt(square / (1 - 0.999**t)) + 1e-9)
        expected -= step
        adam.move(gradient)
    np.testing.assert_allclose(theta, expected, rtol=1e-5)


def test_initial_weights_have_the_variance_of_one_over_the_inputs():
    kernel = Perceptron(400, 300, 2, False, np.random.default_rng(0)).layers()[0].kernel
    assert kernel.std() * np.sqrt(400) == pytest.approx(1, abs=0.01)
    assert np.abs(kernel).max() * np.sqrt(400) < 2 / 0.879


def test_settings_are_those_of_teachable_machine():
    options = RECIPES["head"].read_options({})
    expected = {"epochs": 50, "batch": 16, "rate": 0.001, "units": 100, "validation": 0.15}
    assert {name: options[name] for name in expected} == expected
    assert options["dropout"] == options["patience"] == 0
    made, _ = fitted(clouds([20, 20]), epochs=1)
    first, last = made.model.layers
    assert (first.kernel.shape, first.activation) == ((16, 100), "relu")
    assert last.kernel.shape == (100, 2) and not last.bias.any()


def test_clouds_are_learned_and_every_epoch_is_told():
    events = []
    examples = clouds([50, 40, 30], spread=0.8)
    made, parts = fitted(examples, task=Task(events.append), epochs=20)
    assert (
        made.model.logits(examples.vectors[parts.test]).argmax(1) == examples.labels[parts.test]
    ).mean() > 0.9
    told = [e for e in events if e["kind"] == "metrics"]
    assert [e["epoch"] for e in told] == list(range(1, 21)) == [c["epoch"] for c in made.curves]
    for event, curve in zip(told, made.curves, strict=True):
        assert {name: event[name] for name in curve} == curve
        assert set(curve) == {"epoch", "loss", "accuracy", "val_loss", "val_accuracy"}
    assert made.curves[-1]["loss"] < made.curves[0]["loss"] / 2
    val = examples.vectors[parts.validation]
    scores = softmax(made.model.logits(val))
    truth = examples.labels[parts.validation]
    assert made.curves[-1]["val_loss"] == pytest.approx(
        -np.log(scores[np.arange(len(truth)), truth]).mean(), rel=1e-3
    )


@pytest.mark.parametrize("options", [{"dropout": 0.5}, {"units": 0}, {"batch": 4096}])
def test_variants_learn_too(options):
    examples = clouds([40, 40], spread=0.5)
    made, parts = fitted(examples, epochs=80, **options)
    assert (
        made.model.logits(examples.vectors[parts.test]).argmax(1) == examples.labels[parts.test]
    ).mean() > 0.9


def test_early_stopping_keeps_the_best_weights_and_says_when():
    examples = clouds([40, 40], spread=4, seed=2)
    made, parts = fitted(examples, epochs=200, patience=5, rate=0.01)
    losses = [c["val_loss"] for c in made.curves]
    assert made.epochs == int(np.argmin(losses)) + 1
    assert len(losses) == made.epochs + 5 < 200
    scores = softmax(made.model.logits(examples.vectors[parts.validation]))
    truth = examples.labels[parts.validation]
    loss = -np.log(scores[np.arange(len(truth)), truth]).mean()
    assert loss == pytest.approx(min(losses), rel=1e-3)
    assert f"epoch {made.epochs} of 200" in made.notes[0]


def test_without_validation_there_is_no_early_stop():
    every = np.arange(40)
    made, _ = fitted(clouds([20, 20]), Split(every, every[:0], every[:0]), epochs=30, patience=2)
    assert made.epochs == len(made.curves) == 30 and "no validation" in made.notes[0]
    assert set(made.curves[0]) == {"epoch", "loss", "accuracy"}


def test_twice_the_same_seed_gives_the_same_bits_and_another_seed_does_not():
    examples = clouds([50, 30], spread=1)
    a, b, c = (
        fitted(examples, epochs=3, dropout=0.2, seed=seed)[0].model.layers[0].kernel
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(a, b)
    assert not np.array_equal(a, c)


def test_test_pictures_have_no_say():
    examples = clouds([50, 30], spread=1)
    made, parts = fitted(examples, epochs=2)
    vectors = examples.vectors.copy()
    vectors[parts.test] = 0
    other, _ = fitted(replace(examples, vectors=vectors), parts, epochs=2)
    np.testing.assert_array_equal(made.model.layers[0].kernel, other.model.layers[0].kernel)


def test_balance_gives_every_class_the_same_weight():
    labels = np.array([0] * 30 + [2] * 10)
    weights = example_weights(labels, True)
    assert weights.sum() == pytest.approx(40)
    assert weights[labels == 0].sum() == pytest.approx(weights[labels == 2].sum())
    assert (example_weights(labels, False) == 1).all()


def test_training_that_runs_away_is_told():
    """Inputs of 1e30 and a rate of 1 leave float32 in a few steps, as hostile vectors would."""
    examples = clouds([30, 30], spread=3)
    examples = replace(examples, vectors=examples.vectors * np.float32(1e30))
    with pytest.raises(InputError, match="run away"):
        fitted(examples, rate=1.0, epochs=5)


def test_cancel_is_asked_for_at_every_batch():
    asked = []

    def cancelled():
        asked.append(1)
        return len(asked) > 7

    with pytest.raises(Cancelled):
        fitted(clouds([50, 50]), task=Task(cancelled=cancelled), batch=4)
    assert len(asked) == 8
