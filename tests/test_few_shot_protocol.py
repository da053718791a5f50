"""The draws and classifiers of `bench/few_shot_protocol.py`."""

import warnings

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from bench import few_shot_protocol as protocol
from bench.few_shot_protocol import CLASSIFIERS, few_shot, few_shots

BOTH = pytest.mark.parametrize("classifier", CLASSIFIERS.values(), ids=CLASSIFIERS)


def clusters(spread, seed=0, classes=3, each=30, length=16):
    random = np.random.default_rng(seed)
    labels = np.repeat(np.arange(classes), each)
    vectors = random.standard_normal((classes, length))[labels]
    vectors += spread * random.standard_normal(vectors.shape)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float32), labels


def test_a_draw_has_the_examples_of_each_class_and_tests_all_others():
    labels = np.array([1, 0, 1, 0, 2, 2, 2, 1, 0])
    for drawn, test in protocol.draw(labels, 2, draws=5):
        assert list(labels[drawn]) == [0, 0, 1, 1, 2, 2]
        assert sorted([*drawn, *test]) == list(range(9))


def test_few_examples_of_a_draw_are_among_its_many():
    labels = np.repeat([0, 1], 30)
    many = protocol.draw(labels, 20, draws=4)
    for (few, _), (more, _) in zip(protocol.draw(labels, 5, draws=4), many, strict=True):
        assert set(few) < set(more)


def test_the_draws_are_repeatable_differ_from_one_another_and_depend_on_the_seed():
    labels = np.repeat([0, 1], 30)

    def drawn(seed):
        return [tuple(examples) for examples, _ in protocol.draw(labels, 5, seed=seed)]

    assert drawn(0) == drawn(0)
    assert drawn(0) != drawn(1)
    assert len(set(drawn(0))) == protocol.DRAWS == 20


def test_every_classifier_is_asked_about_the_same_draws_for_vectors_of_any_length(monkeypatch):
    asked = {}

    def noting(name):
        def classifier(examples, labels, tests, classes):
            asked.setdefault(name, []).append((examples[:, 0].tolist(), tests[:, 0].tolist()))
            return np.zeros(len(tests), int)

        return classifier

    monkeypatch.setattr(protocol, "CLASSIFIERS", {name: noting(name) for name in "ab"})
    vectors, labels = clusters(1)
    vectors[:, 0] = np.arange(len(labels))
    few_shots(vectors, labels)
    short = dict(asked)
    asked.clear()
    few_shots(vectors[:, :4], labels)
    assert short["a"] == short["b"] == asked["a"] == asked["b"]
    assert len(short["a"]) == 3 * 20


@BOTH
def test_classes_far_apart_are_always_told_apart(classifier):
    vectors, labels = clusters(0.01)
    for count in (1, 20):
        assert few_shot(vectors, labels, count, classifier, draws=5).tolist() == [1.0] * 5


@BOTH
def test_noise_is_guessed_at_chance(classifier):
    vectors, labels = clusters(1e6)
    assert abs(few_shot(vectors, labels, 5, classifier).mean() - 1 / 3) < 0.06


@BOTH
def test_more_examples_help(classifier):
    vectors, labels = clusters(1.5)
    few, many = (few_shot(vectors, labels, n, classifier, draws=10).mean() for n in (1, 20))
    assert many > few + 0.05


@BOTH
def test_the_names_of_the_classes_do_not_matter(classifier):
    vectors, labels = clusters(1.5)
    renamed = np.array([7, 30, 400])[labels]
    expected = few_shot(vectors, labels, 5, classifier, draws=4)
    assert few_shot(vectors, renamed, 5, classifier, draws=4).tolist() == expected.tolist()


def test_neighbours_vote_as_one_would_by_hand():
    random = np.random.default_rng(3)
    examples, tests = random.standard_normal((2, 40, 5))
    examples, tests = (v / np.linalg.norm(v, axis=1, keepdims=True) for v in (examples, tests))
    labels = random.integers(0, 4, 40)

    def by_hand(test):
        nearest = sorted(range(40), key=lambda i: -float(examples[i] @ test))[:3]
        votes = {
            label: (
                sum(labels[i] == label for i in nearest),
                sum(float(examples[i] @ test) for i in nearest if labels[i] == label),
            )
            for label in range(4)
        }
        return max(votes, key=votes.__getitem__)

    answers = protocol.nearest_neighbours(examples, labels, tests, 4)
    assert answers.tolist() == [by_hand(test) for test in tests]


def test_two_neighbours_outvote_a_nearer_one_and_similarity_breaks_a_tie():
    def at(*degrees):
        return np.stack([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))], axis=1)

    def answer(*labels):
        return protocol.nearest_neighbours(at(1, 10, 12), np.array(labels), at(0), 3).tolist()

    assert answer(0, 1, 1) == [1]
    assert answer(2, 0, 1) == [2]


def test_logistic_regression_answers_as_it_does_with_all_the_numbers():
    vectors, labels = clusters(5, classes=4, length=200)
    examples = np.concatenate([np.arange(start, start + 10) for start in range(0, 120, 30)])
    tests = np.setdiff1d(np.arange(120), examples)
    plain = LogisticRegression(C=protocol.C, tol=1e-6, max_iter=10_000)
    plain.fit(vectors[examples].astype(np.float64), labels[examples])
    expected = plain.predict(vectors[tests])
    got = protocol.logistic_regression(vectors[examples], labels[examples], vectors[tests], 4)
    assert got.tolist() == expected.tolist()
    assert 0.3 < (got == labels[tests]).mean() < 1


def test_logistic_regression_reaches_its_solution_where_classes_overlap():
    vectors, labels = clusters(3, each=51, classes=10, length=300)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # scikit-learn warns when it gives up
        few_shot(vectors, labels, 50, protocol.logistic_regression, draws=2)


@pytest.mark.parametrize("per_class", [0, 30, 31])
def test_too_many_or_no_examples_are_refused(per_class):
    vectors, labels = clusters(1)
    with pytest.raises(ValueError, match="expected 1 to 29"):
        few_shot(vectors, labels, per_class)


def test_numbers_that_a_class_is_too_small_for_are_none():
    vectors, labels = clusters(0.01, each=20)
    for accuracies in few_shots(vectors, labels).values():
        assert [count for count, draws in accuracies.items() if draws is None] == [20, 50]
        assert accuracies[5].tolist() == [1.0] * 20
