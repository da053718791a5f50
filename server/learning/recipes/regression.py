"""A number instead of a class: ridge regression or a small network on the embedding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from ..examples import Examples
from ..models import Dense, Layer
from ..splits import Split, folds
from ..task import Task
from . import Fitted
from .balance import example_weights
from .head import check_finite, stopping_notes
from .perceptron import Part, Perceptron, squared_error, train

#: Strengths of the ridge's penalty that are tried. Rows have length 1, so weights have to be large
#: and alpha is smaller than what is usual.
GRID = tuple(10.0 ** (j / 2) for j in range(-8, 5))
#: What serves where there is nothing to choose by.
DEFAULTS: Mapping[str, Any] = {"method": "ridge", "alpha": 0.1}
FOLDS = 5


def fit(examples: Examples, split: Split, options: Mapping[str, Any], task: Task) -> Fitted:
    """Tries ridge regressions and a small network and keeps the best: see `recipes.Fit`.

    The best has the smallest mean absolute error on the validation pictures; without any, in
    cross-validation on the training pictures.

    Raises:
        InputError: a class is not named by a number, or the rate is too large.
    """
    values = examples.values()
    task.progress("fit", 0)
    candidates = _candidates(options)
    with threadpool_limits(1), np.errstate(over="ignore", invalid="ignore"):
        if len(split.validation):
            fitted = [_fit(examples, values, split, c, task) for c in candidates]
            part = split.validation
            errors = [
                _error(f.model.logits(examples.vectors[part]), values, part, examples, options)
                for f in fitted
            ]
            best, by = int(np.argmin(errors)), "validation"
            kept = fitted[best]
        else:
            errors = _by_folds(examples, values, split, candidates, task)
            by = "cross-validation"
            best = int(np.argmin(errors)) if errors else _default(candidates)
            kept = _fit(examples, values, split, candidates[best], task)
    tries = None
    if errors and len(candidates) > 1:
        names = [[c["method"], _setting(c), e] for c, e in zip(candidates, errors, strict=True)]
        columns = ["method", "setting", "mean_absolute_error"]
        tries = {"columns": columns, "rows": names, "chosen": best, "by": by}
    chosen = {name: candidates[best][name] for name in ("method", "alpha")}
    return Fitted(kept.model, kept.curves, tries, kept.epochs, chosen, notes=kept.notes)


def _candidates(options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Returns complete options for everything that is tried."""
    alphas = GRID if options["alpha"] is None else (options["alpha"],)
    tried = [{**options, "method": "ridge", "alpha": alpha} for alpha in alphas]
    tried.append({**options, "method": "head"})
    return [t for t in tried if options["method"] in (None, t["method"])]


def _default(candidates: list[dict[str, Any]]) -> int:
    """Returns which candidate serves where nothing can be judged."""
    fits = [all(c[name] == value for name, value in DEFAULTS.items()) for c in candidates]
    return int(np.argmax(fits))


def _setting(candidate: Mapping[str, Any]) -> str:
    if candidate["method"] == "ridge":
        return f"alpha {candidate['alpha']:.2g}"
    return f"{candidate['units']} units"


def _by_folds(
    examples: Examples,
    values: np.ndarray,
    split: Split,
    candidates: list[dict[str, Any]],
    task: Task,
) -> list[float]:
    """Returns the error of each candidate over the folds; none where there are too few examples."""
    rows = split.train
    options = candidates[0]
    fold = folds(examples.labels[rows], examples.groups[rows], most=FOLDS, seed=options["seed"])
    count = int(fold.max(initial=-1)) + 1
    judged = rows[fold >= 0]
    if count < 2:
        return []
    answers = np.zeros((len(candidates), len(values), 1))
    for f in range(count):
        inside, outside = rows[fold != f], rows[fold == f]
        for answer, candidate in zip(answers, candidates, strict=True):
            only = Split(inside, rows[:0], rows[:0])
            fitted = _fit(examples, values, only, candidate, task.quiet())
            answer[outside] = fitted.model.logits(examples.vectors[outside])
    return [_error(a[judged], values, judged, examples, options) for a in answers]


def _error(
    answers: np.ndarray,
    values: np.ndarray,
    rows: np.ndarray,
    examples: Examples,
    options: Mapping[str, Any],
) -> float:
    """Returns the mean absolute error, every value counting the same where that is asked for."""
    weights = example_weights(examples.labels[rows], options["balance"])
    return float(np.average(np.abs(answers[:, 0] - values[rows]), weights=weights))


def _fit(
    examples: Examples, values: np.ndarray, split: Split, candidate: Mapping[str, Any], task: Task
) -> Fitted:
    """Fits one candidate."""
    task.check()
    return METHODS[candidate["method"]](examples, values, split, candidate, task)


def _ridge(
    examples: Examples, values: np.ndarray, split: Split, options: Mapping[str, Any], task: Task
) -> Fitted:
    from sklearn.linear_model import Ridge

    weights = example_weights(examples.labels[split.train], options["balance"])
    solver = Ridge(alpha=options["alpha"], solver="cholesky")
    solver.fit(examples.vectors[split.train].astype(np.float64), values[split.train], weights)
    kernel = solver.coef_.reshape(-1, 1).astype(np.float32)
    return Fitted(Dense([Layer(kernel, np.array([solver.intercept_], np.float32))]))


def _head(
    examples: Examples, values: np.ndarray, split: Split, options: Mapping[str, Any], task: Task
) -> Fitted:
    """Trains a small network on values of mean 0 and deviation 1; its last layer undoes that."""
    size = examples.vectors.shape[1]
    scale = float(np.sqrt(size))
    random = np.random.default_rng(options["seed"])
    weights = example_weights(examples.labels[split.train], options["balance"])
    middle = float(np.average(values[split.train], weights=weights))
    spread = float(np.sqrt(np.average((values[split.train] - middle) ** 2, weights=weights))) or 1.0
    training, validation = (
        Part(
            examples.vectors[rows] * np.float32(scale),
            ((values[rows] - middle) / spread).astype(np.float32),
            example_weights(examples.labels[rows], options["balance"]),
        )
        for rows in (split.train, split.validation)
    )
    network = Perceptron(size, options["units"], 1, True, random)
    trained = train(network, training, validation, options, squared_error, task, random)
    check_finite(network, options)
    *first, last = network.layers(scale)
    last = Layer(
        last.kernel * np.float32(spread),
        (last.bias.astype(np.float64) * spread + middle).astype(np.float32),
    )
    notes = stopping_notes(options, trained.epochs, len(validation))
    return Fitted(Dense([*first, last]), trained.curves, epochs=trained.epochs, notes=notes)


#: What `method` may be.
METHODS = {"ridge": _ridge, "head": _head}
