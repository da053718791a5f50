"""The nearest neighbours choose k, metric and sharpness by the validation pictures alone."""

from dataclasses import replace

import numpy as np
import pytest
from learning_samples import clouds

from server.learning.models import softmax
from server.learning.neighbours import METRICS
from server.learning.recipes import knn
from server.learning.recipes.table import RECIPES
from server.learning.splits import Split, split
from server.learning.task import Cancelled, Task
from tests.conftest import draw


def fitted(examples, parts=None, **options):
    options = RECIPES["knn"].read_options(options)
    if parts is None:
        parts = split(examples.labels, examples.groups, validation=0.3, test=0.2, seed=1)
    return knn.fit(examples, parts, options, Task()), parts


def test_chosen_row_is_the_best_of_all_that_were_tried():
    examples = clouds([60, 40, 50], spread=1.2, burst=5)
    made, _ = fitted(examples)
    tries = made.tries
    assert tries["columns"] == ["metric", "k", "sharpness", "accuracy", "log_loss"]
    assert {row[0] for row in tries["rows"]} == set(METRICS)
    assert len(tries["rows"]) == 3 * len(knn.KS) and tries["by"] == "validation"
    losses = [row[4] for row in tries["rows"]]
    chosen = tries["rows"][tries["chosen"]]
    assert chosen[4] <= min(losses) + 1e-4
    assert [made.model.metric, made.model.k, made.model.sharpness] == chosen[:3]
    assert made.chosen == dict(zip(("metric", "k", "sharpness"), chosen[:3], strict=True))


def test_table_says_what_the_chosen_model_does_on_the_validation_pictures():
    examples = clouds([60, 40, 50], spread=1.2)
    made, parts = fitted(examples, balance=False)
    scores = softmax(made.model.logits(examples.vectors[parts.validation]))
    truth = examples.labels[parts.validation]
    row = made.tries["rows"][made.tries["chosen"]]
    assert (scores.argmax(1) == truth).mean() == pytest.approx(row[3])
    assert -np.log(scores[np.arange(len(truth)), truth]).mean() == pytest.approx(row[4], abs=1e-9)


def test_test_pictures_have_no_say():
    examples = clouds([60, 40], spread=1.5)
    made, parts = fitted(examples)
    swapped = examples.labels.copy()
    swapped[parts.test] = 1 - swapped[parts.test]
    scrambled = examples.vectors.copy()
    scrambled[parts.test] = scrambled[parts.test][::-1]
    other, _ = fitted(replace(examples, labels=swapped, vectors=scrambled), parts)
    assert other.tries == made.tries and other.chosen == made.chosen


def test_what_is_given_is_not_chosen():
    made, _ = fitted(clouds([30, 30]), k=4, metric="l2")
    assert {tuple(row[:2]) for row in made.tries["rows"]} == {("l2", 4)}
    all_given, _ = fitted(clouds([30, 30]), k=4, metric="l2", sharpness=3)
    assert all_given.tries is None
    assert all_given.chosen == {"k": 4, "metric": "l2", "sharpness": 3.0}


def test_without_validation_each_picture_is_judged_by_other_bursts():
    """Frames of a burst are copies here, and bursts say nothing: own frames would be a giveaway."""
    examples = clouds([60, 60], burst=6, spread=3)
    first = np.unique(examples.groups, return_index=True)[1]
    examples = replace(examples, vectors=examples.vectors[first][examples.groups])
    every = np.arange(120)
    made, _ = fitted(examples, Split(every, every[:0], every[:0]))
    by_k = {row[1]: row[3] for row in made.tries["rows"] if row[0] == "cosine"}
    assert made.tries["by"] == "cross-validation" and by_k[1] < 0.9
    alone = replace(examples, groups=every)
    cheated, _ = fitted(alone, Split(every, every[:0], every[:0]))
    assert {row[3] for row in cheated.tries["rows"] if row[1] == 1} == {1.0}


def test_class_of_one_burst_is_judged_by_its_own_frames_because_there_are_no_others():
    examples = clouds([20, 20], burst=20, spread=0.2)
    every = np.arange(40)
    made, _ = fitted(examples, Split(every, every[:0], every[:0]))
    assert max(row[3] for row in made.tries["rows"]) == 1


@pytest.mark.parametrize("rows", [[0], [0, 30]])
def test_with_nothing_to_choose_by_the_usual_serves_and_says_so(rows):
    rows = np.array(rows)
    made, _ = fitted(clouds([30, 30]), Split(rows, rows[:0], rows[:0]), k=2)
    assert made.tries is None and made.notes
    assert made.chosen == {"k": 2, "metric": "cosine", "sharpness": 16.0}


def test_twice_the_same_seed_gives_the_same_bits():
    examples = clouds([50, 30], spread=1)
    a, b = (fitted(examples)[0] for _ in range(2))
    assert a.tries == b.tries
    np.testing.assert_array_equal(a.model.vectors, b.model.vectors)


def test_many_pictures_choose_by_a_few_of_them(monkeypatch):
    monkeypatch.setattr(knn, "MOST_QUESTIONS", 10)
    made, _ = fitted(clouds([60, 60]))
    assert "10 pictures" in made.notes[0]


def test_slow_metric_is_not_tried_on_very_many_examples_unless_asked_for(monkeypatch):
    monkeypatch.setattr(knn, "MOST_L1", 10)
    made, _ = fitted(clouds([30, 30]))
    assert {row[0] for row in made.tries["rows"]} == {"cosine", "l2"} and "L1" in made.notes[0]
    assert fitted(clouds([30, 30]), metric="l1")[0].model.metric == "l1"


def test_raw_pixels_are_read_and_compared():
    colors = [(220, 30, 30), (30, 30, 220)]
    examples = clouds([8, 8])
    pictures = [draw(colors[label], seed) for seed, label in enumerate(examples.labels)]
    examples = replace(examples, read=pictures.__getitem__)
    made, parts = fitted(examples, pixels=True)
    assert made.model.wants == "squares" and made.model.vectors.shape[1] == 32 * 32 * 3
    answers = made.model.logits(examples.squares(parts.test)).argmax(1)
    assert (answers == examples.labels[parts.test]).all()


def test_cancel_ends_it():
    asked = iter([False] * 5)
    task = Task(cancelled=lambda: next(asked, True))
    examples = clouds([30, 30])
    parts = split(examples.labels, examples.groups, validation=0.3, test=0.2, seed=1)
    with pytest.raises(Cancelled):
        knn.fit(examples, parts, RECIPES["knn"].read_options({}), task)
