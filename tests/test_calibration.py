"""Reliability, calibration error and the temperature, on data whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from server.learning import calibration
from server.learning.models import softmax


def answers(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Draws logits of three classes and truths that are as likely as they say."""
    random = np.random.default_rng(seed)
    logits = random.normal(size=(n, 3)) * 2
    drawn = (random.random(n)[:, None] > softmax(logits).cumsum(axis=1)).sum(axis=1)
    return logits, np.minimum(drawn, 2)


def loss(logits: np.ndarray, truth: np.ndarray) -> float:
    return float(-np.log(softmax(logits)[np.arange(len(truth)), truth]).mean())


@pytest.mark.parametrize("true", [0.25, 1.0, 3.0, 8.0])
def test_temperature_that_spoiled_the_logits_is_found_again(true):
    logits, truth = answers(4000)
    assert calibration.fit_temperature(logits * true, truth) == pytest.approx(true, rel=0.08)


def test_temperature_lowers_the_loss_of_other_pictures():
    (logits, truth), (others, their_truth) = answers(60, 1), answers(3000, 2)
    found = calibration.fit_temperature(logits * 5, truth)
    assert loss(others * 5 / found, their_truth) < loss(others * 5, their_truth) / 1.5


def test_temperature_is_the_least_of_its_own_objective():
    logits, truth = answers(200, 4)
    found = np.log(calibration.fit_temperature(logits * 2, truth))

    def objective(x: float) -> float:
        return 200 * loss(logits * 2 / np.exp(x), truth) + (x / calibration.PRIOR) ** 2 / 2

    grid = np.linspace(np.log(calibration.LOWEST), np.log(calibration.HIGHEST), 4001)
    assert objective(found) <= min(map(objective, grid)) + 1e-6


def test_temperature_without_validation_pictures_is_one():
    assert calibration.fit_temperature(np.zeros((0, 3)), []) == 1.0
    assert calibration.fit_temperature(np.full((2, 3), np.nan), [0, 1]) == 1.0
    assert calibration.fit_temperature(np.zeros((4, 1)), [0] * 4) == 1.0


def test_one_picture_hardly_moves_the_temperature():
    assert calibration.fit_temperature([[3.0, 0.0]], [0]) == pytest.approx(1.0, abs=0.1)
    assert 1 < calibration.fit_temperature([[3.0, 0.0]], [1]) < 2


def test_all_right_does_not_make_it_absolutely_sure():
    logits = np.tile([2.0, 0.0], (60, 1))
    found = calibration.fit_temperature(logits, [0] * 60)
    assert 0.3 < found < 1
    assert softmax(logits, found)[0, 0] < 0.9999


def test_all_wrong_and_sure_stays_within_bounds():
    logits = np.tile([60.0, 0.0], (50, 1))
    found = calibration.fit_temperature(logits, [1] * 50)
    assert 10 < found <= calibration.HIGHEST


def test_temperature_refuses_rows_that_do_not_fit():
    with pytest.raises(ValueError, match="one row of logits"):
        calibration.fit_temperature(np.zeros((3, 2)), [0, 1])


def test_bins_hold_equally_many_pictures_and_all_of_them():
    random = np.random.default_rng(0)
    confidence = random.random(205)
    bins = calibration.reliability(confidence, random.random(205) < 0.5)
    assert len(bins) == 10
    assert sum(b["n"] for b in bins) == 205
    assert max(b["n"] for b in bins) - min(b["n"] for b in bins) <= 1
    ends = [end for b in bins for end in (b["low"], b["high"])]
    assert ends == sorted(ends)


def test_equal_confidences_stay_in_one_bin_and_few_pictures_make_few_bins():
    sure = np.concatenate([np.full(80, 1.0), np.linspace(0.5, 0.9, 20)])
    bins = calibration.reliability(sure, np.ones(100, bool))
    assert [b["n"] for b in bins if b["high"] == 1.0] == [80]
    assert len(calibration.reliability(np.linspace(0.5, 1, 25), np.ones(25, bool))) == 2
    assert len(calibration.reliability(np.array([0.7]), np.array([True]))) == 1


def test_calibration_error_is_the_weighted_gap_of_the_bins():
    confidence = np.repeat([0.6, 0.9], 10)
    correct = np.array([True] * 3 + [False] * 7 + [True] * 9 + [False])
    # |0.3 - 0.6| for one half, |0.9 - 0.9| for the other
    assert calibration.calibration_error(confidence, correct) == pytest.approx(0.15)


def test_error_by_chance_is_passed_by_few_honest_and_by_most_boasting_classifiers():
    honest = boasting = 0
    for seed in range(40):
        logits, truth = answers(120, seed)
        for scale in (1, 4):
            scores = softmax(logits * scale)
            confidence = scores.max(axis=1)
            error = calibration.calibration_error(confidence, scores.argmax(axis=1) == truth)
            above = error > calibration.error_by_chance(confidence)
            honest, boasting = honest + (above and scale == 1), boasting + (above and scale == 4)
    assert honest <= 6
    assert boasting >= 34


def test_error_by_chance_grows_where_frames_are_right_together():
    confidence = np.linspace(0.6, 0.95, 120)
    alone = calibration.error_by_chance(confidence)
    assert calibration.error_by_chance(confidence, np.arange(120) // 20) > 1.3 * alone
    assert calibration.error_by_chance(confidence) == alone  # seeded


def test_description_tells_both_before_and_after():
    logits, truth = answers(400)
    found = calibration.describe(truth, softmax(logits), softmax(logits * 6), 6.0)
    assert found["temperature"] == 6.0
    assert found["ece"] < found["ece_by_chance"] < found["ece_before"]
    assert sum(b["n"] for b in found["bins"]) == 400
