"""Whether a confidence is a probability: reliability bins, calibration error, temperature."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

#: At most so many bins, and at least so many pictures in each: fewer would show noise.
MAX_BINS = 10
MIN_IN_BIN = 10
#: Draws for the error that chance alone makes.
_DRAWS = 400
#: A temperature is looked for between these.
LOWEST, HIGHEST = 0.05, 20.0
#: How far from 1 the logarithm of the temperature is expected to be (standard deviation).
PRIOR = 0.5
_GOLDEN = (np.sqrt(5) - 1) / 2


def _bin_of(confidence: np.ndarray) -> np.ndarray:
    """Returns each picture's bin, int64[n], from 0 without gaps: equally many pictures in each.

    Equal confidences stay together, so bins can be fewer and of other sizes.
    """
    bins = max(1, min(MAX_BINS, len(confidence) // MIN_IN_BIN))
    edges = np.quantile(confidence, np.arange(1, bins) / bins)
    return np.unique(np.searchsorted(edges, confidence, side="left"), return_inverse=True)[1]


def _gap(index: np.ndarray, confidence: np.ndarray, correct: np.ndarray) -> float:
    gaps = np.bincount(index, weights=confidence - correct)
    return float(np.abs(gaps).sum() / len(confidence))


def calibration_error(confidence: np.ndarray, correct: np.ndarray) -> float | None:
    """Returns the expected calibration error, 0 (best) to 1: how far confidence is from accuracy.

    Sum over bins of (pictures in it / all) * |accuracy - mean confidence|, as in C. Guo, G. Pleiss,
    Y. Sun and K. Q. Weinberger, On calibration of modern neural networks, ICML 2017, but with
    equally many pictures in each bin (J. Nixon et al., Measuring calibration in deep learning, CVPR
    workshops 2019): nearly all confidences of a good classifier are close to 1, and bins of equal
    width would leave all but one to a handful of pictures.

    Args:
        confidence: float64[n], score of the answer.
        correct: bool[n].

    Returns:
        None where there is no picture.
    """
    if not len(confidence):
        return None
    return _gap(_bin_of(confidence), confidence, correct)


def reliability(confidence: np.ndarray, correct: np.ndarray) -> list[dict[str, Any]]:
    """Returns the bins of a reliability diagram: `{low, high, n, confidence, accuracy}`.

    Args:
        confidence: float64[n], score of the answer.
        correct: bool[n].

    Returns:
        Bins that are not empty, from the least confident; `low` and `high` are the confidences at
        the ends of what is in it, `confidence` and `accuracy` the means.
    """
    if not len(confidence):
        return []
    index = _bin_of(confidence)
    made = []
    for b in range(index.max() + 1):
        inside = confidence[index == b]
        made.append(
            {
                "low": float(inside.min()),
                "high": float(inside.max()),
                "n": len(inside),
                "confidence": float(inside.mean()),
                "accuracy": float(correct[index == b].mean()),
            }
        )
    return made


def error_by_chance(
    confidence: np.ndarray, groups: np.ndarray | None = None, seed: int = 0
) -> float | None:
    """Returns the calibration error that a perfect classifier stays under in 95 of 100 test sets.

    With few pictures even true probabilities show a gap. Answers are drawn that are right as often
    as they say, those of one burst together.

    Source: J. Bröcker and L. A. Smith, Increasing the reliability of reliability diagrams, Weather
    and Forecasting 22 (2007).

    Args:
        confidence: float64[n], score of the answer.
        groups: int[n], burst of each; None where each is a picture of its own.
        seed: of the draws.
    """
    n = len(confidence)
    if not n:
        return None
    owner = np.arange(n) if groups is None else np.unique(groups, return_inverse=True)[1]
    index, random = _bin_of(confidence), np.random.default_rng(seed)
    bursts = int(owner.max()) + 1
    errors = [
        _gap(index, confidence, random.random(bursts)[owner] < confidence) for _ in range(_DRAWS)
    ]
    return float(np.quantile(errors, 0.95))


def _losses(logits: np.ndarray, truth: np.ndarray, temperature: float) -> float:
    """Returns the summed negative log likelihood."""
    scaled = logits / temperature
    top = scaled.max(axis=1)
    total = top + np.log(np.exp(scaled - top[:, None]).sum(axis=1))
    return float((total - scaled[np.arange(len(truth)), truth]).sum())


def fit_temperature(logits: np.ndarray, truth: Sequence[int] | np.ndarray) -> float:
    """Finds the temperature by which logits are divided so that confidences are probabilities.

    Minimises the negative log likelihood (Guo et al. 2017) plus `(ln T / PRIOR)^2 / 2`, a gentle
    pull towards 1 that a few dozen pictures outweigh. Without it a validation set that is answered
    all correctly, or a single picture, would make every later answer absolutely sure.

    Args:
        logits: float[n, classes] of validation pictures.
        truth: int[n], their classes.

    Returns:
        A temperature from `LOWEST` to `HIGHEST`; 1.0 where there is nothing to learn from.
    """
    logits, truth = np.asarray(logits, np.float64), np.asarray(truth, np.int64)
    if logits.ndim != 2 or len(logits) != len(truth):
        raise ValueError(f"expected one row of logits a truth, got {logits.shape}, {truth.shape}")
    usable = np.isfinite(logits).all(axis=1)
    logits, truth = logits[usable], truth[usable]
    if not len(truth) or logits.shape[1] < 2:
        return 1.0

    def loss(x: float) -> float:
        return _losses(logits, truth, np.exp(x)) + (x / PRIOR) ** 2 / 2

    # The likelihood is convex in 1 / T and so has one valley over ln T; the pull may make a second.
    # A coarse look finds the deeper one, which is then closed in (golden section).
    grid = np.linspace(np.log(LOWEST), np.log(HIGHEST), 49)
    best = int(np.argmin([loss(x) for x in grid]))
    low, high = grid[max(0, best - 1)], grid[min(len(grid) - 1, best + 1)]
    a, b = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    at_a, at_b = loss(a), loss(b)
    while high - low > 1e-5:
        if at_a <= at_b:
            high, b, at_b = b, a, at_a
            a = high - _GOLDEN * (high - low)
            at_a = loss(a)
        else:
            low, a, at_a = a, b, at_b
            b = low + _GOLDEN * (high - low)
            at_b = loss(b)
    return float(np.exp((low + high) / 2))


def describe(
    truth: np.ndarray,
    scores: np.ndarray,
    scores_before: np.ndarray | None,
    temperature: float,
    groups: np.ndarray | None = None,
) -> dict[str, Any]:
    """Returns the `calibration` of an evaluation as JSON values.

    Args:
        truth: int64[n].
        scores: float64[n, classes], with the temperature.
        scores_before: the same without it, or None.
        temperature: the one that was fitted.
        groups: int[n], burst of each, or None.
    """
    confidence, correct = scores.max(axis=1), scores.argmax(axis=1) == truth
    before = None
    if scores_before is not None:
        before = calibration_error(scores_before.max(axis=1), scores_before.argmax(axis=1) == truth)
    return {
        "temperature": float(temperature),
        "ece": calibration_error(confidence, correct),
        "ece_before": before,
        "ece_by_chance": error_by_chance(confidence, groups),
        "bins": reliability(confidence, correct),
    }
