"""A number is learned by the method that is nearest on the validation pictures."""

from dataclasses import replace

import numpy as np
import pytest
from learning_samples import clouds

from server.learning.errors import InputError
from server.learning.recipes import regression
from server.learning.recipes.table import RECIPES
from server.learning.splits import Split, split
from server.learning.task import Cancelled, Task


def line(n=20, values=(0, 0.25, 0.5, 1), noise=0.3, curve=False):
    """Draws unit vectors on an arc (or one that turns back) along which the value grows."""
    examples = clouds([n] * len(values), burst=2, classes=[str(v) for v in values])
    random = np.random.default_rng(0)
    t = examples.values() * np.pi / 2
    vectors = random.standard_normal((len(t), 16)) * noise / 4
    vectors[:, 0] += np.cos(3 * t if curve else t)
    vectors[:, 1] += np.sin(3 * t if curve else t)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return replace(examples, vectors=vectors.astype(np.float32))


def fitted(examples, parts=None, task=None, **options):
    if parts is None:
        parts = split(examples.labels, examples.groups, validation=0.2, test=0.2, seed=1)
    options = RECIPES["regression"].read_options(options)
    return regression.fit(examples, parts, options, task or Task()), parts


def error_of(made, examples, rows):
    return np.abs(made.model.logits(examples.vectors[rows])[:, 0] - examples.values()[rows]).mean()


@pytest.mark.parametrize("method", ["ridge", "head"])
def test_values_are_learned(method):
    examples = line()
    made, parts = fitted(examples, method=method, epochs=60)
    assert made.model.outputs == 1
    assert error_of(made, examples, parts.test) < 0.1
    assert made.chosen["method"] == method


@pytest.mark.parametrize("scale", [1e-3, 1e4])
def test_values_of_any_size_are_learned_as_well(scale):
    values = [v * scale + 7 * scale for v in (0, 0.25, 0.5, 1)]
    shifted = replace(line(), classes=[repr(v) for v in values])
    for method in ("ridge", "head"):
        made, parts = fitted(shifted, method=method, epochs=60)
        assert error_of(made, shifted, parts.test) < 0.1 * scale, method


def test_better_method_on_the_validation_pictures_is_kept():
    examples = line(curve=True, noise=0.1)
    made, parts = fitted(examples)
    tries = made.tries
    assert tries["columns"] == ["method", "setting", "mean_absolute_error"]
    assert [row[0] for row in tries["rows"]] == ["ridge"] * len(regression.GRID) + ["head"]
    errors = [row[2] for row in tries["rows"]]
    assert errors[tries["chosen"]] == min(errors) and tries["by"] == "validation"
    assert made.chosen["method"] == tries["rows"][tries["chosen"]][0]
    assert error_of(made, examples, parts.validation) == pytest.approx(min(errors), rel=1e-3)


def test_without_validation_folds_choose():
    every = np.arange(80)
    made, _ = fitted(line(), Split(every, every[:0], every[:0]), epochs=3)
    assert made.tries["by"] == "cross-validation"
    assert len(made.tries["rows"]) == len(regression.GRID) + 1


def test_with_nothing_to_choose_by_the_usual_serves():
    rows = np.array([0, 20, 40, 60])
    made, _ = fitted(line(), Split(rows, rows[:0], rows[:0]))
    assert made.tries is None and made.chosen == {"method": "ridge", "alpha": 0.1}


def test_test_pictures_have_no_say():
    examples = line()
    made, parts = fitted(examples, epochs=5)
    vectors = examples.vectors.copy()
    vectors[parts.test] = 0
    other, _ = fitted(replace(examples, vectors=vectors), parts, epochs=5)
    assert other.tries == made.tries


def test_class_that_is_no_number_is_told():
    with pytest.raises(InputError, match="'left'"):
        fitted(replace(line(), classes=["0", "left", "0.5", "1"]))


def test_twice_the_same_seed_gives_the_same_bits():
    for method in ("ridge", "head"):
        a, b = (fitted(line(), method=method, epochs=3)[0].model.layers[0].kernel for _ in range(2))
        np.testing.assert_array_equal(a, b)


def test_curves_tell_losses_only():
    made, _ = fitted(line(), method="head", epochs=4)
    assert set(made.curves[0]) == {"epoch", "loss", "val_loss"}


def test_cancel_ends_it():
    asked = iter([False] * 20)
    with pytest.raises(Cancelled):
        fitted(line(), task=Task(cancelled=lambda: next(asked, True)))
