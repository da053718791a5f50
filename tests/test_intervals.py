"""Intervals: known values, bursts that count once, and how often they hold what they promise."""

from __future__ import annotations

import numpy as np
import pytest

from server.learning.intervals import (
    difference_interval,
    effective_count,
    mean_interval,
    share_interval,
    t_quantile,
)
from server.learning.knn import wilson_interval


def test_single_pictures_count_fully_and_a_burst_counts_once():
    assert effective_count(None, 12) == 12
    assert effective_count(np.arange(12), 12) == 12
    assert effective_count(np.zeros(12, int), 12) == 1
    assert effective_count(np.repeat([5, 7, 9], 30), 90) == pytest.approx(3)
    assert effective_count(np.array([], int), 0) == 0


def test_bursts_of_different_lengths_count_as_kish_says():
    # (8 + 1 + 1)^2 / (64 + 1 + 1)
    assert effective_count(np.array([0] * 8 + [1, 2]), 10) == pytest.approx(100 / 66)


def test_interval_of_single_pictures_is_wilsons():
    hits = np.array([True] * 8 + [False] * 2)
    assert share_interval(hits) == pytest.approx((0.490162, 0.943318), abs=1e-6)
    assert share_interval(hits, np.arange(10)) == pytest.approx(wilson_interval(8, 10))


def test_interval_ends_exactly_where_all_or_none_are_right():
    assert share_interval(np.ones(7, bool))[1] == 1.0
    assert share_interval(np.zeros(7, bool))[0] == 0.0
    assert share_interval(np.array([], bool)) == (0.0, 1.0)


def test_interval_widens_with_bursts_and_keeps_its_middle():
    hits = np.tile([True, True, True, False], 30)
    alone, grouped = share_interval(hits), share_interval(hits, np.repeat(np.arange(6), 20))
    assert grouped[0] < alone[0] < 0.75 < alone[1] < grouped[1]
    assert grouped == pytest.approx(wilson_interval(4.5, 6))


def test_intervals_hold_the_truth_where_frames_of_a_burst_are_right_together():
    random = np.random.default_rng(3)
    groups = np.repeat(np.arange(20), 15)
    careful = naive = 0
    for _ in range(400):
        hits = (random.random(20) < 0.8)[groups]
        low, high = share_interval(hits, groups)
        careful += low <= 0.8 <= high
        low, high = share_interval(hits)
        naive += low <= 0.8 <= high
    assert careful >= 0.92 * 400
    assert naive < 0.6 * 400  # what counting every frame would promise


@pytest.mark.parametrize(
    ("freedom", "quantile"),
    [
        (1, 12.7062),
        (2, 4.3027),
        (3, 3.1824),
        (5, 2.5706),
        (10, 2.2281),
        (30, 2.0423),
        (500, 1.9647),
    ],
)
def test_quantiles_of_t_are_those_of_the_tables(freedom, quantile):
    assert t_quantile(freedom) == pytest.approx(quantile, rel=2e-3)


def test_there_is_no_quantile_without_freedom():
    with pytest.raises(ValueError, match="at least 1"):
        t_quantile(0)


def test_mean_of_single_pictures_has_the_ordinary_t_interval():
    values = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    low, high = mean_interval(values)
    half = t_quantile(4) * values.std(ddof=1) / np.sqrt(5)
    assert (low, high) == pytest.approx((3 - half, 3 + half))


def test_mean_interval_is_wider_where_errors_come_in_bursts_and_absent_for_one_burst():
    values = np.repeat([1.0, 3.0, 2.0, 6.0], 10)
    alone, grouped = mean_interval(values), mean_interval(values, np.repeat(np.arange(4), 10))
    assert grouped[0] < alone[0] < alone[1] < grouped[1]
    assert grouped[0] >= 0
    assert mean_interval(values, np.zeros(40, int)) is None
    assert mean_interval(np.array([1.0])) is None


def test_difference_has_newcombes_interval():
    # Newcombe 1998, table II (a), method 10: 56/70 - 48/80.
    a, b = wilson_interval(56, 70), wilson_interval(48, 80)
    low, high = difference_interval(56 / 70, a, 48 / 80, b)
    assert (low, high) == pytest.approx((0.0524, 0.3339), abs=1e-4)
