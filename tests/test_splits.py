"""Splits keep bursts together, classes in proportion, and say what they could not do."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.learning.splits import folds, split, with_twins

SHARES = {"validation": 0.15, "test": 0.2}


def parts_of(made):
    return made.train, made.validation, made.test


def numbers(made):
    return [len(part) for part in parts_of(made)]


@st.composite
def bursts(draw):
    """Draws labels and groups: classes of bursts of frames, in the order of recording."""
    classes = draw(st.lists(st.lists(st.integers(1, 30), min_size=1, max_size=8), max_size=5))
    labels, groups, group = [], [], 0
    for label, sizes in enumerate(classes):
        for size in sizes:
            labels += [label] * size
            groups += [group] * size
            group += 1
    return np.array(labels, np.int64), np.array(groups, np.int64)


@given(
    bursts(),
    st.floats(0, 0.45, allow_subnormal=False),
    st.floats(0, 0.45, allow_subnormal=False),
    st.integers(0, 2**31),
)
@settings(max_examples=300, deadline=None)
def test_any_recording_is_split_into_parts_that_share_no_burst(recording, validation, test, seed):
    labels, groups = recording
    made = split(labels, groups, validation=validation, test=test, seed=seed)
    every = np.concatenate(parts_of(made))
    assert len(np.unique(every)) == len(every), "an example is in two parts"
    assert set(labels[made.train]) == set(labels), "a class is not trained on"
    bursts_of = {c: set(groups[labels == c]) for c in set(labels.tolist())}
    shared = [
        set(groups[a]) & set(groups[b])
        for a, b in ((made.train, made.validation), (made.train, made.test))
    ]
    for group in set.union(*shared) | (set(groups[made.validation]) & set(groups[made.test])):
        (label,) = set(labels[groups == group])
        assert bursts_of[label] == {group}, "a burst of a class that has others was cut"
        assert made.by == "moment" and made.warnings
    if made.by != "moment":
        assert len(every) == len(labels), "an example got lost"
    for part in parts_of(made):
        assert (np.diff(part) > 0).all()


@given(bursts(), st.integers(0, 2**31))
@settings(max_examples=50, deadline=None)
def test_same_seed_gives_the_same_split(recording, seed):
    first, second = (split(*recording, **SHARES, seed=seed) for _ in range(2))
    for a, b in zip(parts_of(first), parts_of(second), strict=True):
        np.testing.assert_array_equal(a, b)
    assert first.warnings == second.warnings


@given(st.lists(st.integers(8, 200), min_size=2, max_size=5), st.integers(0, 100))
@settings(max_examples=50, deadline=None)
def test_shares_of_single_pictures_are_met_in_every_class(counts, seed):
    labels = np.repeat(np.arange(len(counts)), counts)
    made = split(labels, np.arange(len(labels)), **SHARES, seed=seed)
    assert made.by == "none" and not made.warnings
    for label, count in enumerate(counts):
        assert abs((labels[made.test] == label).sum() - 0.2 * count) <= 1
        assert abs((labels[made.validation] == label).sum() - 0.15 * count) <= 1


def test_another_seed_gives_another_split():
    labels = np.repeat([0, 1], 50)
    a, b = (split(labels, np.arange(100), **SHARES, seed=seed) for seed in (1, 2))
    assert a.test.tolist() != b.test.tolist()


@pytest.mark.parametrize(
    ("examples", "expected"),
    [(1, [1, 0, 0]), (2, [1, 0, 1]), (3, [2, 0, 1]), (4, [2, 1, 1]), (20, [13, 3, 4])],
)
def test_few_pictures_of_a_class_go_first_to_training_then_to_the_test(examples, expected):
    labels = np.repeat([0, 1], [examples, 100])
    made = split(labels, np.arange(len(labels)), **SHARES, seed=3)
    assert [int((labels[part] == 0).sum()) for part in parts_of(made)] == expected
    assert bool(made.warnings) == (examples == 1)


def test_shares_are_counted_in_pictures_not_in_bursts():
    """One burst of 60 and twenty of 2: a fifth of 100 pictures is 20, ten of the small bursts."""
    groups = np.concatenate([np.zeros(60), 1 + np.arange(40) // 2])
    for seed in range(20):
        made = split(np.zeros(100, int), groups, **SHARES, seed=seed)
        assert numbers(made)[2] == 20, numbers(made)
        assert 0 in groups[made.train]


def test_class_of_one_burst_is_cut_in_time_with_a_gap_and_a_warning():
    labels, groups = np.repeat([0, 1], [40, 60]), np.repeat([0, 1, 2, 3, 4], [40, 15, 15, 15, 15])
    made = split(labels, groups, **SHARES, seed=1, classes=["elsa", "darth_vader"])
    train, validation, test = (part[labels[part] == 0] for part in parts_of(made))
    assert train.tolist() == list(range(22))
    assert validation.tolist() == list(range(24, 30))
    assert test.tolist() == list(range(32, 40))
    assert made.by == "moment"
    (warning,) = made.warnings
    assert "elsa" in warning and "darth_vader" not in warning and "4 between them" in warning
    assert "too good" in warning and "Record it" in warning


def test_two_frames_of_one_burst_are_trained_on_and_judged():
    made = split(np.array([0, 0, 1, 1]), np.array([0, 0, 1, 1]), **SHARES, seed=1)
    assert made.by == "moment"
    assert (made.train.tolist(), made.test.tolist()) == ([0, 2], [1, 3])


def test_burst_of_several_classes_stays_together():
    """Pictures cut from one photograph may show different things, and still are of one moment."""
    labels = np.tile([0, 1], 20)
    groups = np.repeat(np.arange(10), 4)
    made = split(labels, groups, **SHARES, seed=5)
    sets = [set(groups[part]) for part in parts_of(made)]
    assert not (sets[0] & sets[1] or sets[0] & sets[2] or sets[1] & sets[2])
    assert all(sets)


def test_nothing_is_put_aside_where_nothing_is_asked_for():
    made = split(np.array([0, 1, 1]), np.array([0, 1, 1]), validation=0, test=0, seed=1)
    assert numbers(made) == [3, 0, 0] and made.by == "none" and not made.warnings


def test_only_a_test_or_only_validation_can_be_asked_for():
    labels, groups = np.repeat([0, 1], 50), np.arange(100)
    assert numbers(split(labels, groups, validation=0, test=0.2, seed=1)) == [80, 0, 20]
    assert numbers(split(labels, groups, validation=0.2, test=0, seed=1)) == [80, 20, 0]


def test_class_without_examples_is_passed_over():
    labels = np.repeat([0, 2], 10)
    made = split(labels, np.arange(20), **SHARES, seed=1, classes=["a", "b", "c"])
    assert sum(numbers(made)) == 20 and not made.warnings


@pytest.mark.parametrize("shares", [(0.5, 0.5), (-0.1, 0.2), (float("nan"), 0.2)])
def test_shares_that_leave_nothing_are_refused(shares):
    with pytest.raises(ValueError, match="shares"):
        split(np.zeros(3, int), np.arange(3), validation=shares[0], test=shares[1], seed=1)


@given(bursts(), st.integers(2, 6), st.integers(0, 1000))
@settings(max_examples=200, deadline=None)
def test_folds_leave_every_class_something_to_train_on(recording, most, seed):
    labels, groups = recording
    fold = folds(labels, groups, most=most, seed=seed)
    assert fold.max(initial=-1) < most
    np.testing.assert_array_equal(fold, folds(labels, groups, most=most, seed=seed))
    for f in range(int(fold.max(initial=-1)) + 1):
        assert set(labels[fold != f]) == set(labels)
    for c in set(labels.tolist()):
        own = set(groups[labels == c])
        if len(own) > 1:
            assert all(len(set(fold[groups == g])) == 1 for g in own), "a burst is torn"
        elif (labels == c).sum() > 1 and fold.max(initial=-1) >= 0:
            assert (fold[labels == c] >= 0).all()


def test_folds_are_of_equal_size():
    labels = np.repeat([0, 1, 2], [33, 41, 57])
    sizes = Counter(folds(labels, np.arange(131), most=5, seed=1).tolist())
    assert sorted(sizes) == [0, 1, 2, 3, 4]
    assert max(sizes.values()) - min(sizes.values()) <= 1


def test_folds_do_not_tear_a_burst_of_several_classes():
    labels, groups = np.tile([0, 1], 20), np.repeat(np.arange(10), 4)
    fold = folds(labels, groups, most=5, seed=1)
    assert set(fold.tolist()) == {0, 1, 2, 3, 4}
    for g in range(10):
        assert len(set(fold[groups == g])) == 1


def test_everything_in_one_burst_is_dealt_out_by_time():
    labels = np.repeat([0, 1], [20, 30])
    fold = folds(labels, np.zeros(50), most=5, seed=1)
    for f in range(5):
        assert set(labels[fold == f]) == set(labels[fold != f]) == {0, 1}
    made = split(labels, np.zeros(50), **SHARES, seed=1)
    assert made.by == "moment" and all(set(labels[p]) == {0, 1} for p in parts_of(made))


def test_groups_that_share_a_picture_are_joined_also_over_a_third():
    groups = np.array([7, 7, 3, 3, 5, 9])
    joined = with_twins(groups, ["a", "b", "b", "c", "c", "d"])
    assert len(set(joined[:5])) == 1 and joined[5] != joined[0]
    assert len(set(with_twins(groups, "abcdef"))) == 4
