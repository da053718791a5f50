"""How good answers are: accuracy, confusion, per class, calibration; errors of a regression.

Pure: arrays in, JSON values out. docs/evaluation.md tells what each number means.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from . import calibration
from .intervals import effective_count, mean_interval, share_interval
from .neighbours import TINY

#: At most so many pictures are listed one by one, and so many as most wrong or most unsure.
MAX_ITEMS = 20_000
MAX_MOST = 24
#: A picture whose two best scores are this close was hard to decide.
UNSURE = 0.8


def confusion_matrix(truth: np.ndarray, answers: np.ndarray, classes: int) -> np.ndarray:
    """Counts answers: int64[classes, classes], rows are the truth, columns what was answered."""
    counts = np.bincount(truth * classes + answers, minlength=classes * classes)
    return counts.reshape(classes, classes).astype(np.int64)


def _share(part: float, whole: float) -> float | None:
    return float(part / whole) if whole else None


def _per_class(
    truth: np.ndarray, answers: np.ndarray, labels: Sequence[str], groups: np.ndarray | None
) -> list[dict[str, Any]]:
    """Returns precision, recall and F1 of each class, with Wilson intervals."""
    made = []
    for c, label in enumerate(labels):
        is_it, said_it = truth == c, answers == c
        hits = is_it & said_it
        own, said = int(is_it.sum()), int(said_it.sum())
        of_own = None if groups is None else groups[is_it]
        of_said = None if groups is None else groups[said_it]
        made.append(
            {
                "label": str(label),
                "support": own,
                "precision": _share(hits.sum(), said),
                "recall": _share(hits.sum(), own),
                "f1": _share(2 * hits.sum(), own + said),
                "precision_interval": list(share_interval(hits[said_it], of_said)),
                "recall_interval": list(share_interval(hits[is_it], of_own)),
            }
        )
    return made


def _kept(n: int, first: Sequence[np.ndarray]) -> np.ndarray:
    """Returns which of n rows to list, in order: all, or those named first and some of the rest."""
    if n <= MAX_ITEMS:
        return np.arange(n)
    keep = np.zeros(n, bool)
    for rows in first:
        keep[rows[: max(0, MAX_ITEMS - int(keep.sum()))]] = True
    rest = np.flatnonzero(~keep)
    spread = np.linspace(0, len(rest) - 1, MAX_ITEMS - int(keep.sum())).astype(np.int64)
    keep[rest[spread]] = True
    return np.flatnonzero(keep)


def _finite(scores: np.ndarray) -> np.ndarray:
    """Returns scores in which a row with a number that is none says that all are equally likely."""
    scores = np.asarray(scores, np.float64)
    good = np.isfinite(scores).all(axis=1, keepdims=True)
    return np.where(good, scores, 1.0 / max(1, scores.shape[1]))


def evaluate(
    truth: np.ndarray,
    scores: np.ndarray,
    scores_before: np.ndarray | None,
    temperature: float,
    ids: Sequence[str],
    labels: Sequence[str] | None = None,
    groups: np.ndarray | None = None,
) -> dict[str, Any]:
    """Judges a classifier's answers.

    Args:
        truth: int64[n], class of each picture.
        scores: float64[n, classes], rows of sum 1. A row that is not finite counts as knowing
            nothing: all classes equally likely, answered as the first.
        scores_before: the same without the temperature, or None.
        temperature: by which the logits were divided.
        ids: a name for each picture.
        labels: of the classes; numbers from 1 where None.
        groups: int[n], recording burst of each; pictures of one burst count as one in the
            intervals (`intervals.effective_count`). None where each stands for itself.

    Returns:
        The Evaluation of docs/evaluation.md, JSON values; what does not exist is None.
    """
    truth, scores = np.asarray(truth, np.int64), _finite(scores)
    n, classes = scores.shape
    if len(truth) != n or len(ids) != n:
        raise ValueError(f"expected as many truths and ids as scores ({n})")
    labels = [str(c + 1) for c in range(classes)] if labels is None else labels
    answers = scores.argmax(axis=1)
    right = answers == truth
    rows = np.arange(n)
    best, own = scores[rows, answers], scores[rows, truth]
    second = np.sort(scores, axis=1)[:, -2] if classes > 1 else np.zeros(n)
    wrong = np.flatnonzero(~right)
    most_wrong = wrong[np.lexsort((wrong, -best[wrong], own[wrong]))]
    margin = best - second
    most_unsure = np.argsort(margin, kind="stable")[: min(MAX_MOST, int((margin < UNSURE).sum()))]
    kept = _kept(n, (most_wrong[:MAX_MOST], most_unsure, most_wrong))
    place = np.full(n, -1)
    place[kept] = np.arange(len(kept))
    per_class = _per_class(truth, answers, labels, groups)
    f1s = [row["f1"] for row in per_class if row["f1"] is not None]
    return {
        "n": n,
        "effective_n": effective_count(groups, n),
        "correct": int(right.sum()),
        "accuracy": _share(right.sum(), n),
        "interval": list(share_interval(right, groups)),
        "log_loss": float(-np.log(np.maximum(own, TINY)).mean()) if n else None,
        "macro_f1": float(np.mean(f1s)) if f1s else None,
        "confusion": confusion_matrix(truth, answers, classes).tolist(),
        "per_class": per_class,
        "calibration": calibration.describe(
            truth,
            scores,
            None if scores_before is None else _finite(scores_before),
            temperature,
            groups,
        ),
        "items": [
            {
                "id": str(ids[i]),
                "truth": int(truth[i]),
                "answer": int(answers[i]),
                "score": float(best[i]),
                "truth_score": float(own[i]),
            }
            for i in kept
        ],
        "most_wrong": place[most_wrong[:MAX_MOST]].tolist(),
        "most_unsure": place[most_unsure].tolist(),
    }


def evaluate_values(
    truth: np.ndarray,
    answers: np.ndarray,
    ids: Sequence[str],
    groups: np.ndarray | None = None,
    constant: float | None = None,
) -> dict[str, Any]:
    """Judges a regression's answers.

    Args:
        truth: float64[n], the value of each picture.
        answers: float64[n] or [n, 1]. One that is not finite counts as `constant`.
        ids: a name for each picture.
        groups: int[n], recording burst of each, or None; see `evaluate`.
        constant: what one would answer without looking: the median of the training values. Where
            it is None, the median of `truth`, which is the hardest to beat.

    Returns:
        The Evaluation of a regression in docs/evaluation.md, JSON values; None where there is none.
    """
    truth = np.asarray(truth, np.float64).reshape(-1)
    answers = np.asarray(answers, np.float64).reshape(-1)
    n = len(truth)
    if len(answers) != n or len(ids) != n:
        raise ValueError(f"expected as many answers and ids as truths ({n})")
    if constant is None:
        constant = float(np.median(truth)) if n else 0.0
    answers = np.where(np.isfinite(answers), answers, constant)
    errors = np.abs(answers - truth)
    most_wrong = np.argsort(-errors, kind="stable")[:MAX_MOST]
    kept = _kept(n, (most_wrong,))
    place = np.full(n, -1)
    place[kept] = np.arange(len(kept))
    spread = float(np.square(truth - truth.mean()).sum()) if n else 0.0
    interval = mean_interval(errors, groups)
    return {
        "n": n,
        "effective_n": effective_count(groups, n),
        "mean_absolute_error": float(errors.mean()) if n else None,
        "mean_absolute_error_interval": None if interval is None else list(interval),
        "root_mean_squared_error": float(np.sqrt(np.square(errors).mean())) if n else None,
        "r2": 1.0 - float(np.square(errors).sum()) / spread if spread > 0 else None,
        "baseline_error": float(np.abs(truth - constant).mean()) if n else None,
        "points": [
            {"id": str(ids[i]), "truth": float(truth[i]), "answer": float(answers[i])} for i in kept
        ],
        "most_wrong": place[most_wrong].tolist(),
    }
