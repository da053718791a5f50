"""Logistic regression on the embedding, its penalty chosen by cross-validation."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from ..examples import Examples
from ..models import Dense, Layer, softmax
from ..neighbours import TINY
from ..splits import Split, folds
from ..task import Task
from . import Fitted
from .balance import example_weights

#: Inverse strengths of the penalty that are tried, weakest penalty last. Rows have length 1, so
#: weights have to be large and C is larger than what is usual.
GRID = tuple(10.0 ** (j / 2) for j in range(-1, 9))
#: What serves where there are too few pictures to choose by; see docs/accuracy.md.
DEFAULT_C = 100.0
FOLDS = 5
#: With more pictures so many, drawn class by class, choose; all are then trained on.
MOST_TRIED = 5000
#: With the usual tolerance of 1e-4 the weak penalties would all end alike.
_TOLERANCE, _ITERATIONS = 1e-6, 500


def fit(examples: Examples, split: Split, options: Mapping[str, Any], task: Task) -> Fitted:
    """Fits it: see `recipes.Fit`. The same threads whoever calls, so that results are the same."""
    assert examples.vectors is not None
    vectors = examples.vectors[split.train]
    labels = examples.labels[split.train]
    classes = len(examples.classes)
    notes: list[str] = []
    tries = None
    task.progress("fit", 0)
    with threadpool_limits(1):
        c = options["c"]
        if c is None:
            c, tries = _choose(vectors, labels, examples.groups[split.train], options, task)
            if tries is None:
                notes.append(f"There were too few pictures to choose the penalty by; C is {c:g}.")
            elif c in (GRID[0], GRID[-1]):
                notes.append(f"The best C, {c:g}, is at the end of what was tried.")
        task.check()
        model = Dense([_layer(*_solve(vectors, labels, c, options["balance"]), labels, classes)])
    task.progress("fit", 1)
    return Fitted(model, tries=tries, chosen={"c": c}, notes=notes)


def _choose(
    vectors: np.ndarray,
    labels: np.ndarray,
    groups: np.ndarray,
    options: Mapping[str, Any],
    task: Task,
) -> tuple[float, dict[str, Any] | None]:
    """Returns the C of the least log loss over the folds, and the table of all tries."""
    few = _few(labels, options["seed"])
    vectors, labels, groups = vectors[few], labels[few], groups[few]
    fold = folds(labels, groups, most=FOLDS, seed=options["seed"])
    count = int(fold.max(initial=-1)) + 1
    if count < 2 or len(np.unique(labels)) < 2:
        return DEFAULT_C, None
    classes = int(labels.max()) + 1
    right = np.zeros((count, len(GRID)))
    losses = np.zeros((count, len(GRID)))
    for f in range(count):
        inside, outside = fold != f, fold == f
        truth = labels[outside]
        weights = example_weights(truth, options["balance"]).astype(np.float64)
        for i, c in enumerate(GRID):
            task.progress("fit", (f * len(GRID) + i) / (count * len(GRID)))
            solved = _solve(vectors[inside], labels[inside], c, options["balance"])
            layer = _layer(*solved, labels[inside], classes)
            scores = softmax(Dense([layer]).logits(vectors[outside]))
            loss = -np.log(np.maximum(scores[np.arange(len(truth)), truth], TINY))
            right[f, i] = (scores.argmax(axis=1) == truth).sum()
            losses[f, i] = (loss * weights).sum()
    judged = (fold >= 0).sum()
    rows = [
        [c, float(r), float(loss)]
        for c, r, loss in zip(GRID, right.sum(0) / judged, losses.sum(0) / judged, strict=True)
    ]
    chosen = int(np.argmin([row[-1] for row in rows]))
    return GRID[chosen], {
        "columns": ["C", "accuracy", "log_loss"],
        "rows": rows,
        "chosen": chosen,
        "by": "cross-validation",
    }


def _few(labels: np.ndarray, seed: int) -> np.ndarray:
    """Draws at most `MOST_TRIED` positions, of every class its share but at least 20."""
    if len(labels) <= MOST_TRIED:
        return np.arange(len(labels))
    random = np.random.default_rng(seed)
    kept = []
    for c in np.unique(labels):
        rows = np.flatnonzero(labels == c)
        size = max(20, round(len(rows) * MOST_TRIED / len(labels)))
        kept.append(random.permutation(rows)[:size])
    return np.sort(np.concatenate(kept))


def _solve(
    vectors: np.ndarray, labels: np.ndarray, c: float, balance: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Returns the weights [classes or 1, D] and intercepts of scikit-learn's solution."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    if len(np.unique(labels)) < 2:
        return np.zeros((1, vectors.shape[1])), np.zeros(1)
    weight = "balanced" if balance else None
    solver = LogisticRegression(C=c, class_weight=weight, tol=_TOLERANCE, max_iter=_ITERATIONS)
    with warnings.catch_warnings():
        # Where it stops early the answers have long stopped changing.
        warnings.simplefilter("ignore", ConvergenceWarning)
        solver.fit(vectors, labels)
    return solver.coef_, solver.intercept_


def _layer(weights: np.ndarray, intercepts: np.ndarray, labels: np.ndarray, classes: int) -> Layer:
    """Spreads a solution over all classes; those without examples are never answered."""
    present = np.unique(labels)
    if len(weights) == 1 and len(present) == 2:  # one logit z: half of it for, half against
        weights = np.concatenate([-weights, weights]) / 2
        intercepts = np.concatenate([-intercepts, intercepts]) / 2
    kernel = np.zeros((weights.shape[1], classes), np.float32)
    bias = np.full(classes, _NEVER, np.float32)
    kernel[:, present] = weights.T
    bias[present] = intercepts
    return Layer(kernel, bias)


#: The logit of a class without examples: far below any other, and finite.
_NEVER = -1e4
