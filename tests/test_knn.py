"""server/learning/knn.py against a plain computation of docs/knn.md, and against its goldens."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.learning import knn as module
from server.learning.knn import KNN, nearest, none_share, wilson_interval
from tools import make_golden

GOLDEN = Path(__file__).parent / "golden"
KNN_GOLDEN = json.loads((GOLDEN / "knn.json").read_text())
CASES = {case["name"]: case for case in KNN_GOLDEN["cases"]}
TOLERANCE = KNN_GOLDEN["absolute_tolerance"]


class Oracle:
    """docs/knn.md once more, in plain loops over Python floats."""

    def __init__(self, vectors, labels, groups, classes, k, tolerance):
        self.x = [[float(v) for v in row] for row in vectors]
        self.y, self.g, self.classes = list(labels), list(groups), classes
        self.k, self.tolerance = k, tolerance
        self.n = len(self.y)
        self.c = len(set(self.y))
        self.beta = self.fit_beta()
        self.q = self.fit_distances()

    def dot(self, a, b):
        # float32, so that ties are ties in both
        return float(np.float32(math.fsum(p * q for p, q in zip(a, b, strict=True))))

    def ranked(self, query, allowed):
        pairs = [(self.dot(self.x[i], query), i) for i in allowed]
        pairs.sort(key=lambda pair: (-pair[0], pair[1]))
        return pairs

    def scores(self, top, beta, n):
        weights = [math.exp(beta * (s - top[0][0])) for s, _ in top]
        total = sum(weights)
        e = 1 / (n + 1)
        scores = [e / self.c if c in self.y else 0.0 for c in range(self.classes)]
        for weight, (_, i) in zip(weights, top, strict=True):
            scores[self.y[i]] += (1 - e) * weight / total
        return scores, [weight / total for weight in weights]

    def allowed(self, i):
        beyond = any(y == self.y[i] and g != self.g[i] for y, g in zip(self.y, self.g, strict=True))
        if beyond:
            return [j for j in range(self.n) if self.g[j] != self.g[i]]
        return [j for j in range(self.n) if j != i]

    def fit_beta(self):
        if self.c < 2 or self.n < module.MIN_EXAMPLES:
            return module.DEFAULT_BETA
        mean_losses = {}
        tops = [self.ranked(self.x[i], self.allowed(i))[: self.k] for i in range(self.n)]
        for j in range(19):
            beta = 2 ** (j / 2)
            losses = [
                -math.log(self.scores(top, beta, self.n - 1)[0][self.y[i]])
                for i, top in enumerate(tops)
                if top
            ]
            mean_losses[beta] = sum(losses) / len(losses)
        slack = min(mean_losses.values()) + module.LOSS_SLACK
        return min(beta for beta, loss in mean_losses.items() if loss <= slack)

    def fit_distances(self):
        q = [math.nan] * self.classes
        for c in range(self.classes):
            distances = []
            for i in range(self.n):
                own = [j for j in self.allowed(i) if self.y[j] == c]
                apart = [s for s, _ in self.ranked(self.x[i], own) if s < module.NEARLY_SAME]
                if self.y[i] == c and apart:
                    distances.append(1 - apart[0])
            if self.y.count(c) > 1:
                ordinary = np.quantile(np.array(distances), module.QUANTILE) if distances else 0
                q[c] = max(module.MIN_DISTANCE, float(ordinary))
        known = [value for value in q if not math.isnan(value)]
        for c in range(self.classes):
            if self.y.count(c) == 1:
                q[c] = max(known) if known else module.LONE_DISTANCE
        return q

    def predict(self, query, allowed=None, n=None):
        allowed = range(self.n) if allowed is None else allowed
        top = self.ranked(query, allowed)[: self.k]
        scores, weights = self.scores(top, self.beta, self.n if n is None else n)
        nearest_class = self.y[top[0][1]]
        novelty = (
            0.0
            if self.tolerance is None
            else max(0.0, 1 - top[0][0]) / (self.tolerance * self.q[nearest_class])
        )
        return scores, weights, [i for _, i in top], novelty


def oracle_of(case):
    names = ("vectors", "labels", "groups", "classes", "k", "tolerance")
    return Oracle(**{name: case[name] for name in names})


def knn_of(case):
    return KNN(
        np.array(case["vectors"], np.float32),
        np.array(case["labels"]),
        np.array(case["groups"]),
        case["classes"],
        case["k"],
        case["tolerance"],
    )


def close(a, b, tolerance=TOLERANCE):
    a = np.array([math.nan if x is None else x for x in a], float)
    b = np.array([math.nan if x is None else x for x in b], float)
    return np.allclose(a, b, rtol=0, atol=tolerance, equal_nan=True)


def test_golden_file_is_what_the_code_writes_today():
    assert make_golden.knn() == (GOLDEN / "knn.json").read_bytes()


@pytest.mark.parametrize("name", CASES)
def test_golden_answers_follow_from_a_plain_computation(name):
    case = CASES[name]
    oracle = oracle_of(case)
    assert oracle.beta == pytest.approx(case["beta"])
    assert close(oracle.q, case["distances"])
    for query in case["queries"]:
        if not any(query["vector"]):
            populated = [c in case["labels"] for c in range(case["classes"])]
            assert close(query["scores"], [p / sum(populated) for p in populated])
            assert (query["unknown"], query["novelty"], query["neighbours"]) == (True, None, [])
            continue
        scores, weights, neighbours, novelty = oracle.predict(query["vector"])
        assert neighbours == query["neighbours"]
        assert close(scores, query["scores"]) and close(weights, query["weights"])
        assert novelty == pytest.approx(query["novelty"], abs=TOLERANCE)
        assert query["unknown"] == (novelty > 1)
        assert query["none"] == pytest.approx(novelty**8 / (1 + novelty**8), abs=TOLERANCE)
        assert query["label"] == int(np.argmax(scores))


@pytest.mark.parametrize("name", CASES)
def test_golden_leave_one_out_follows_from_a_plain_computation(name):
    case, expected = CASES[name], CASES[name]["leave_one_out"]
    oracle = oracle_of(case)
    confusion = np.zeros((case["classes"], case["classes"]), int)
    for i, taught in enumerate(case["labels"]):
        allowed = oracle.allowed(i)
        if not allowed:
            assert expected["answered"][i] == -1
            continue
        scores, _, _, novelty = oracle.predict(case["vectors"][i], allowed, oracle.n - 1)
        assert expected["answered"][i] == int(np.argmax(scores))
        assert expected["scores"][i] == pytest.approx(scores[taught], abs=TOLERANCE)
        assert expected["novelty"][i] == pytest.approx(novelty, abs=TOLERANCE)
        confusion[taught, expected["answered"][i]] += 1
    assert confusion.tolist() == expected["confusion"]
    assert expected["correct"] == np.trace(confusion) and expected["n"] == confusion.sum()


def test_goldens_are_no_near_ties_that_rounding_could_turn():
    for case in CASES.values():
        for query in case["queries"]:
            gaps = -np.diff(query["similarities"])
            assert ((gaps == 0) | (gaps > 1e-5)).all(), case["name"]
            if query["novelty"] is not None:
                assert abs(query["novelty"] - 1) > 1e-3, case["name"]


def test_scores_sum_to_one_and_empty_classes_score_zero():
    case = CASES["classes without examples"]
    for prediction in knn_of(case).predict(np.array([q["vector"] for q in case["queries"]])):
        assert prediction.scores.sum() == pytest.approx(1)
        assert (prediction.scores[[1, 3, 5]] == 0).all()


def test_predicting_one_by_one_equals_predicting_together():
    case = CASES["32 numbers, five classes"]
    fitted = knn_of(case)
    queries = np.array([q["vector"] for q in case["queries"]], np.float32)
    for together, query in zip(fitted.predict(queries), queries, strict=True):
        (alone,) = fitted.predict(query)
        assert alone.label == together.label
        assert close(alone.scores, together.scores)


def test_small_blocks_give_the_same_as_one_large_block(monkeypatch):
    case = CASES["bursts"]
    whole = knn_of(case)
    monkeypatch.setattr(module, "_BLOCK", 100)
    blocks = knn_of(case)
    assert blocks.beta == whole.beta and close(blocks.distances, whole.distances)
    assert blocks.evaluate().confusion.tolist() == whole.evaluate().confusion.tolist()
    queries = np.array([q["vector"] for q in case["queries"]], np.float32)
    assert [p.label for p in blocks.predict(queries)] == [p.label for p in whole.predict(queries)]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"labels": [0]}, "one row per label"),
        ({"vectors": np.zeros((0, 4)), "labels": []}, "at least one"),
        ({"labels": [0, 5]}, "labels 0 to 1"),
        ({"k": 0}, "k >= 1"),
        ({"tolerance": 0}, "tolerance > 0"),
        ({"groups": [0]}, "2 groups"),
    ],
)
def test_wrong_arguments_are_named(change, message):
    good = {"vectors": np.eye(2, 4), "labels": [0, 1], "groups": None, "classes": 2}
    with pytest.raises(ValueError, match=message):
        KNN(**{**good, **change})


def test_query_of_another_length_is_named():
    with pytest.raises(ValueError, match="queries of 4 numbers, got 3"):
        KNN(np.eye(2, 4), [0, 1], None, 2).predict(np.ones(3))


def test_none_share_is_one_half_at_the_border_and_never_overflows():
    assert none_share(0) == 0 and none_share(1) == 0.5 and none_share(1e200) == 1


def test_wilson_interval_of_known_proportions():
    # 10 of 10 and 0 of 10: Newcombe (1998), Statistics in Medicine 17, method 3.
    assert wilson_interval(10, 10) == pytest.approx((0.7225, 1.0), abs=5e-5)
    assert wilson_interval(0, 10) == pytest.approx((0.0, 0.2775), abs=5e-5)
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson_interval(0, 0) == (0, 1)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 12), st.integers(1, 5), st.data())
def test_nearest_finds_the_largest_with_ties_to_the_lower_index(n, k, data):
    values = st.sampled_from([0.0, 0.25, 0.5, -1.0, -np.inf])
    row = np.array(data.draw(st.lists(values, min_size=n, max_size=n)), np.float32)
    k = min(k, n)
    index, found = nearest(row[None], k)
    expected = sorted((i for i in range(n) if row[i] > -np.inf), key=lambda i: (-row[i], i))[:k]
    assert index[0].tolist() == expected + [-1] * (k - len(expected))
    assert found[0].tolist() == [row[i] for i in expected] + [-np.inf] * (k - len(expected))
