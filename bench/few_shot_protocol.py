"""The protocol of bench/few_shot.py: the draws, and the classifiers that are compared.

It knows vectors and labels only. The draws depend on the labels and the seed alone, so that all
backbones and all classifiers are asked the very same questions, and differences between them are
not the luck of a draw.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

#: Examples of each class, and how often they are drawn.
COUNTS = (1, 5, 20, 50)
DRAWS = 20
SEED = 0
#: Neighbours that vote.
K = 3
#: Inverse strength of the L2 penalty; docs/accuracy.md says how it was chosen.
C = 100.0

#: (examples `[m, D]`, their labels `[m]`, tests `[n, D]`, number of classes) -> labels `[n]`.
Classifier: TypeAlias = Callable[[np.ndarray, np.ndarray, np.ndarray, int], np.ndarray]
#: Classifier -> examples a class -> accuracy of each draw; None where a class is too small.
Accuracies: TypeAlias = dict[str, dict[int, "np.ndarray | None"]]


def draw(
    labels: np.ndarray, per_class: int, draws: int = DRAWS, seed: int = SEED
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Draw examples of each class; all other pictures are the test.

    The examples of a draw with a small `per_class` are among those of the same draw with a large
    one.

    Args:
        labels: `[n]`, whole numbers from 0 without a gap.
        per_class: how many examples of each class.
        draws: how often.
        seed: of the draws.

    Returns:
        For each draw the numbers of the examples, class by class, and those of the tests, rising.

    Raises:
        ValueError: a class has no picture left to test with.
    """
    counts = np.bincount(labels)
    if not 1 <= per_class < counts.min():
        raise ValueError(
            f"per_class is {per_class}; expected 1 to {counts.min() - 1}, since the smallest class "
            f"has {counts.min()} pictures."
        )
    members = [np.flatnonzero(labels == c) for c in range(len(counts))]
    random = np.random.default_rng(seed)
    for _ in range(draws):
        drawn = np.concatenate([random.permutation(m)[:per_class] for m in members])
        yield drawn, np.setdiff1d(np.arange(len(labels)), drawn)


def nearest_neighbours(
    examples: np.ndarray, labels: np.ndarray, tests: np.ndarray, classes: int
) -> np.ndarray:
    """Answer with the class of most of the `K` nearest examples by cosine.

    A tie goes to the class whose voters are more similar in sum.
    """
    similarity = tests @ examples.T
    nearest = np.argsort(-similarity, axis=1, kind="stable")[:, :K]
    votes = np.zeros((len(tests), classes))
    rows = np.arange(len(tests))
    for column in nearest.T:
        # A thousandth of the similarity breaks ties and can never outweigh a vote.
        votes[rows, labels[column]] += 1 + similarity[rows, column] / 1000
    return votes.argmax(axis=1)


def logistic_regression(
    examples: np.ndarray, labels: np.ndarray, tests: np.ndarray, classes: int
) -> np.ndarray:
    """Answer with the most probable class of a multinomial logistic regression with L2 penalty.

    Every class must be among the examples. Solved by L-BFGS in float64.
    """
    examples = examples.astype(np.float64)
    # The penalty keeps the weights within the span of the examples (the representer theorem), so
    # that in an orthonormal basis of it the problem is the same, but smaller: twice as fast.
    basis = np.linalg.qr(examples.T)[0]
    # With scikit-learn's own tolerance, 1e-4, a few answers in a thousand depend on the basis.
    model = LogisticRegression(C=C, tol=1e-6, max_iter=10_000).fit(examples @ basis, labels)
    return model.predict(tests @ basis)


CLASSIFIERS: dict[str, Classifier] = {
    "KNN": nearest_neighbours,
    "logistic regression": logistic_regression,
}


def few_shot(
    embeddings: np.ndarray,
    labels: np.ndarray,
    per_class: int,
    classifier: Classifier = nearest_neighbours,
    draws: int = DRAWS,
    seed: int = SEED,
) -> np.ndarray:
    """Return the accuracy of each draw after a few examples a class.

    Args:
        embeddings: `[n, D]`, unit vectors.
        labels: `[n]`, whole numbers.
        per_class: how many examples of each class are drawn.
        classifier: what learns from them.
        draws: how often.
        seed: of the draws.

    Returns:
        `[draws]`, 0 to 1.

    Raises:
        ValueError: a class has no picture left to test with.
    """
    classes, labels = np.unique(np.asarray(labels), return_inverse=True)
    accuracies = []
    # The matrices are small: more threads of the linear algebra would only wait for one another.
    with threadpool_limits(1):
        for drawn, test in draw(labels, per_class, draws, seed):
            answers = classifier(embeddings[drawn], labels[drawn], embeddings[test], len(classes))
            accuracies.append((answers == labels[test]).mean())
    return np.array(accuracies)


def few_shots(embeddings: np.ndarray, labels: np.ndarray) -> Accuracies:
    """Return the accuracies of every classifier in `CLASSIFIERS` for every number in `COUNTS`."""
    smallest = np.unique(labels, return_counts=True)[1].min()
    return {
        name: {
            count: few_shot(embeddings, labels, count, classifier) if count < smallest else None
            for count in COUNTS
        }
        for name, classifier in CLASSIFIERS.items()
    }
