"""Logistic regression is scikit-learn's, its penalty chosen over folds of whole bursts."""

from dataclasses import replace

import numpy as np
import pytest
from learning_samples import clouds
from sklearn.linear_model import LogisticRegression

from server.learning.models import softmax
from server.learning.recipes import linear
from server.learning.recipes.table import RECIPES
from server.learning.splits import Split, split
from server.learning.task import Cancelled, Task


def fitted(examples, parts=None, **options):
    if parts is None:
        parts = split(examples.labels, examples.groups, validation=0.15, test=0.2, seed=1)
    return linear.fit(examples, parts, RECIPES["linear"].read_options(options), Task()), parts


@pytest.mark.parametrize("per_class", [[40, 25], [40, 25, 30]])
def test_answers_are_those_of_scikit_learn(per_class):
    examples = clouds(per_class, spread=1)
    made, parts = fitted(examples, c=10)
    peer = LogisticRegression(C=10, class_weight="balanced", tol=1e-8, max_iter=1000)
    peer.fit(examples.vectors[parts.train], examples.labels[parts.train])
    test = examples.vectors[parts.test]
    np.testing.assert_allclose(
        softmax(made.model.logits(test)), peer.predict_proba(test), atol=2e-4
    )
    assert made.tries is None and made.chosen == {"c": 10}


def test_chosen_penalty_is_the_best_of_the_table():
    made, _ = fitted(clouds([60, 60], spread=1.5, burst=4))
    losses = [row[2] for row in made.tries["rows"]]
    assert [row[0] for row in made.tries["rows"]] == list(linear.GRID)
    assert losses[made.tries["chosen"]] == min(losses)
    assert made.chosen == {"c": linear.GRID[made.tries["chosen"]]}
    assert made.tries["by"] == "cross-validation"


def test_penalty_is_chosen_by_bursts_not_by_frames():
    """Each burst is one random vector: its frames tell all of each other, other bursts nothing."""
    random = np.random.default_rng(3)
    examples = clouds([100, 100], burst=5, spread=3)
    first = np.unique(examples.groups, return_index=True)[1]
    vectors = random.standard_normal((len(first), 64)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    examples = replace(examples, vectors=vectors[examples.groups])
    every = np.arange(200)
    by_burst, _ = fitted(examples, Split(every, every[:0], every[:0]))
    by_frame, _ = fitted(replace(examples, groups=every), Split(every, every[:0], every[:0]))
    best_by_burst = max(row[1] for row in by_burst.tries["rows"])
    best_by_frame = max(row[1] for row in by_frame.tries["rows"])
    assert best_by_burst < 0.7 < 0.8 < best_by_frame


def test_balance_lets_a_rare_class_count_as_much():
    examples = clouds([200, 10], spread=3, seed=4)
    every = np.arange(210)
    whole = Split(every, every[:0], every[:0])
    rare = examples.vectors[200:]
    even, uneven = (
        softmax(fitted(examples, whole, c=1, balance=balance)[0].model.logits(rare))[:, 1].mean()
        for balance in (True, False)
    )
    assert even > 2 * uneven


def test_class_without_examples_is_never_answered():
    examples = clouds([20, 20])
    examples = replace(examples, labels=examples.labels * 2, classes=["a", "b", "c"])
    made, _ = fitted(examples)
    scores = softmax(made.model.logits(examples.vectors))
    assert made.model.outputs == 3 and scores[:, 1].max() == 0
    assert (scores.argmax(1) == examples.labels).all()


def test_two_pictures_are_enough_to_learn_from():
    rows = np.array([0, 20])
    made, _ = fitted(clouds([20, 20], spread=0.1), Split(rows, rows[:0], rows[:0]))
    assert made.tries is None and "too few" in made.notes[0]
    examples = clouds([20, 20], spread=0.1)
    assert (made.model.logits(examples.vectors).argmax(1) == examples.labels).all()


def test_twice_the_same_seed_gives_the_same_bits():
    examples = clouds([50, 30, 20], spread=1)
    a, b = (fitted(examples)[0] for _ in range(2))
    assert a.tries == b.tries
    np.testing.assert_array_equal(a.model.layers[0].kernel, b.model.layers[0].kernel)


def test_many_pictures_are_tried_on_a_part_of_them(monkeypatch):
    monkeypatch.setattr(linear, "MOST_TRIED", 50)
    examples = clouds([300, 30], spread=0.5)
    rows = linear._few(examples.labels, 1)
    assert np.bincount(examples.labels[rows]).tolist() == [45, 20]
    made, parts = fitted(examples)
    assert (
        made.model.logits(examples.vectors[parts.test]).argmax(1) == examples.labels[parts.test]
    ).mean() > 0.95


def test_cancel_ends_it():
    asked = iter([False] * 5)
    examples = clouds([30, 30])
    parts = split(examples.labels, examples.groups, validation=0.15, test=0.2, seed=1)
    task = Task(cancelled=lambda: next(asked, True))
    with pytest.raises(Cancelled):
        linear.fit(examples, parts, RECIPES["linear"].read_options({}), task)
