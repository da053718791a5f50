"""What is said of answers, on cases that can be counted by hand."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from server.learning import metrics
from server.learning.knn import wilson_interval

TRUTH = np.array([0, 0, 0, 1, 1, 2])
SCORES = np.array(
    [
        [0.9, 0.1, 0.0],
        [0.6, 0.3, 0.1],
        [0.2, 0.7, 0.1],
        [0.1, 0.8, 0.1],
        [0.5, 0.5, 0.0],
        [0.98, 0.02, 0.0],
    ]
)
IDS = ["a", "b", "c", "d", "e", "f"]
LABELS = ["cat", "dog", "owl"]


def evaluate(**other):
    given = {
        "truth": TRUTH,
        "scores": SCORES,
        "scores_before": None,
        "temperature": 1.0,
        "ids": IDS,
        "labels": LABELS,
    }
    return metrics.evaluate(**(given | other))


def test_confusion_has_truth_in_rows_and_answers_in_columns():
    found = evaluate()
    assert found["confusion"] == [[2, 1, 0], [1, 1, 0], [1, 0, 0]]
    assert (found["n"], found["correct"], found["accuracy"]) == (6, 3, 0.5)
    assert found["interval"] == pytest.approx(wilson_interval(3, 6))


def test_each_class_has_precision_recall_and_f1_with_intervals():
    cat, dog, owl = evaluate()["per_class"]
    assert (cat["label"], cat["support"]) == ("cat", 3)
    assert cat["precision"] == pytest.approx(2 / 4)
    assert cat["recall"] == pytest.approx(2 / 3)
    assert cat["f1"] == pytest.approx(2 * 2 / (3 + 4))
    assert cat["precision_interval"] == pytest.approx(wilson_interval(2, 4))
    assert dog["recall_interval"] == pytest.approx(wilson_interval(1, 2))
    assert (owl["precision"], owl["recall"], owl["f1"]) == (None, 0.0, 0.0)
    assert owl["precision_interval"] == [0.0, 1.0]


def test_macro_f1_and_log_loss_are_those_of_scikit_learn():
    from sklearn.metrics import f1_score, log_loss

    random = np.random.default_rng(1)
    truth, scores = random.integers(0, 5, 200), random.dirichlet(np.ones(5), 200)
    found = evaluate(truth=truth, scores=scores, ids=list(map(str, range(200))), labels=None)
    assert found["macro_f1"] == pytest.approx(
        f1_score(truth, scores.argmax(axis=1), average="macro")
    )
    assert found["log_loss"] == pytest.approx(log_loss(truth, scores))


def test_a_class_that_is_neither_shown_nor_said_does_not_pull_macro_f1_down():
    found = evaluate(truth=np.array([0, 1]), scores=np.eye(3)[:2], ids=["a", "b"], labels=LABELS)
    assert found["macro_f1"] == 1.0
    assert found["per_class"][2]["f1"] is None


def test_items_say_what_was_answered_and_how_sure():
    items = evaluate()["items"]
    assert items[2] == {"id": "c", "truth": 0, "answer": 1, "score": 0.7, "truth_score": 0.2}
    assert [item["id"] for item in items] == IDS


def test_most_wrong_are_the_mistakes_with_the_least_score_of_the_truth_first():
    found = evaluate()
    assert [found["items"][i]["id"] for i in found["most_wrong"]] == ["f", "c", "e"]


def test_most_unsure_are_the_closest_decisions_and_no_clear_ones():
    found = evaluate()
    assert [found["items"][i]["id"] for i in found["most_unsure"]] == ["e", "b", "c", "d"]


def test_a_score_of_zero_for_the_truth_leaves_the_log_loss_finite():
    found = evaluate(truth=np.array([1]), scores=np.array([[1.0, 0.0]]), ids=["x"], labels=None)
    assert found["log_loss"] == pytest.approx(-np.log(1e-12))


def test_scores_that_are_no_numbers_count_as_knowing_nothing():
    scores = SCORES.copy()
    scores[1] = np.nan
    found = evaluate(scores=scores, scores_before=scores)
    assert found["items"][1]["score"] == pytest.approx(1 / 3)
    json.dumps(found, allow_nan=False)


def test_pictures_of_one_burst_widen_the_interval():
    found = evaluate(groups=np.array([0, 0, 0, 1, 1, 1]))
    assert found["effective_n"] == pytest.approx(2)
    assert found["interval"] == pytest.approx(wilson_interval(1, 2))


def test_of_very_many_pictures_the_telling_ones_are_listed(monkeypatch):
    monkeypatch.setattr(metrics, "MAX_ITEMS", 40)
    n = 400
    truth, scores = np.zeros(n, int), np.tile([0.99, 0.01], (n, 1))
    scores[390:395] = [0.1, 0.9]
    scores[100:103] = [0.55, 0.45]
    found = evaluate(truth=truth, scores=scores, ids=[str(i) for i in range(n)], labels=None)
    assert len(found["items"]) == 40
    wrong = {found["items"][i]["id"] for i in found["most_wrong"]}
    assert wrong == {"390", "391", "392", "393", "394"}
    unsure = {found["items"][i]["id"] for i in found["most_unsure"]}
    assert {"100", "101", "102"} <= unsure
    assert found["correct"] == 395


def test_what_does_not_fit_together_is_refused():
    with pytest.raises(ValueError, match="as many truths and ids"):
        evaluate(ids=IDS[:-1])
    with pytest.raises(ValueError, match="as many answers and ids"):
        metrics.evaluate_values(np.zeros(3), np.zeros(2), ["a", "b", "c"])


def test_no_pictures_give_nothing_rather_than_a_number():
    found = evaluate(truth=np.array([], int), scores=np.zeros((0, 3)), ids=[])
    assert (found["accuracy"], found["log_loss"], found["macro_f1"]) == (None, None, None)
    assert found["calibration"]["ece"] is None
    empty = metrics.evaluate_values(np.zeros(0), np.zeros((0, 1)), [])
    assert empty["mean_absolute_error"] is None


def test_a_regression_is_judged_by_its_errors():
    truth = np.array([0.0, 1.0, 2.0, 3.0])
    answers = np.array([[0.5], [1.0], [1.0], [3.5]])
    found = metrics.evaluate_values(truth, answers, ["a", "b", "c", "d"], constant=1.0)
    assert found["mean_absolute_error"] == pytest.approx(0.5)
    assert found["root_mean_squared_error"] == pytest.approx(np.sqrt(1.5 / 4))
    assert found["r2"] == pytest.approx(1 - 1.5 / 5)
    assert found["baseline_error"] == pytest.approx((1 + 0 + 1 + 2) / 4)
    low, high = found["mean_absolute_error_interval"]
    assert 0 <= low < 0.5 < high
    assert found["points"][found["most_wrong"][0]] == {"id": "c", "truth": 2.0, "answer": 1.0}


def test_values_that_are_all_equal_leave_nothing_to_explain():
    found = metrics.evaluate_values(np.ones(3), np.zeros(3), ["a", "b", "c"])
    assert found["r2"] is None
    assert found["baseline_error"] == 0.0


def test_an_answer_that_is_no_number_counts_as_the_constant():
    found = metrics.evaluate_values(
        np.array([0.0, 4.0]), np.array([np.nan, 4.0]), ["a", "b"], None, 1
    )
    assert found["points"][0]["answer"] == 1.0
    json.dumps(found, allow_nan=False)


def test_judging_imports_no_framework():
    code = (
        "import sys, server.learning.report\n"
        "from server.formats import report_html, report_text\n"
        "print([m for m in ('tensorflow', 'sklearn', 'scipy', 'distributed', 'flask')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
