"""Nearest neighbours whose number, distance and sharpness the validation pictures choose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..examples import Examples
from ..models import Neighbours
from ..neighbours import METRICS, find_nearest, raw_pixels, shrink, vote
from ..splits import Split
from ..task import Task
from . import Fitted
from .balance import example_weights

#: What is tried where it is not given.
KS = (1, 2, 3, 5, 7, 10, 15, 20, 30, 50)
#: 1/8 to 512: distances by L1 are larger numbers than those by cosine.
SHARPNESSES = tuple(2.0 ** (j / 2) for j in range(-6, 19))
#: Width and height of a picture whose raw pixels are compared.
SIDE = 32
#: At most so many pictures choose; more hardly choose better.
MOST_QUESTIONS = 2000
#: With more examples L1, which no matrix product computes, is tried only where it is asked for.
MOST_L1 = 20_000
#: What serves where there is nothing to choose by.
DEFAULTS = {"k": 5, "metric": "cosine", "sharpness": 16.0}
#: Losses this close count as equal, so that rounding chooses nothing.
_SLACK = 1e-4
#: Pictures that are decoded at a time.
_AT_ONCE = 64
_COLUMNS = ("metric", "k", "sharpness", "accuracy", "log_loss")


def fit(examples: Examples, split: Split, options: Mapping[str, Any], task: Task) -> Fitted:
    """Keeps the training pictures and chooses how they vote: see `recipes.Fit`.

    Every combination is judged by its log loss on the validation pictures; without any, each
    training picture is judged by those of other bursts.
    """
    task.progress("fit", 0)
    vectors = _read(examples, split.train, options["pixels"], task)
    labels = examples.labels[split.train]
    notes, tries = [], None
    chosen = {name: options[name] for name in DEFAULTS}
    if None in chosen.values():
        questions = _questions(examples, split, vectors, options, task)
        if questions is None:
            chosen = {name: DEFAULTS[name] if v is None else v for name, v in chosen.items()}
            notes.append("There were too few pictures to choose k and the metric by.")
        else:
            if (len(split.validation) or len(labels)) > MOST_QUESTIONS:
                notes.append(f"{MOST_QUESTIONS:,} pictures, drawn at random, chose k and metric.")
            if chosen["metric"] is None and len(labels) > MOST_L1:
                notes.append(f"L1 was not tried: it is slow with more than {MOST_L1:,} examples.")
            rows = _try_all(questions, vectors, labels, chosen, task)
            best = _least([row[-1] for row in rows])
            chosen = dict(zip(("metric", "k", "sharpness"), rows[best], strict=False))
            by = "validation" if questions.groups is None else "cross-validation"
            tries = {"columns": list(_COLUMNS), "rows": rows, "chosen": best, "by": by}
    side = SIDE if options["pixels"] else None
    model = Neighbours(vectors, labels, len(examples.classes), pixels=side, **chosen)
    task.progress("fit", 1)
    return Fitted(model, tries=tries, chosen=chosen, notes=notes)


@dataclass(frozen=True)
class _Questions:
    """The pictures that choose.

    Attributes:
        vectors, truth, weights: of each: its row, its class, and how much it counts.
        rows: where they are training pictures themselves, which; else None.
        groups: where they are, the burst of each training picture; else None.
        classes: how many there are.
    """

    vectors: np.ndarray
    truth: np.ndarray
    weights: np.ndarray
    classes: int
    rows: np.ndarray | None = None
    groups: np.ndarray | None = None


def _read(examples: Examples, rows: np.ndarray, pixels: bool, task: Task) -> np.ndarray:
    """Returns what is compared, float32[n, D]."""
    if not pixels:
        assert examples.vectors is not None
        return np.ascontiguousarray(examples.vectors[rows], np.float32)
    vectors = np.empty((len(rows), SIDE * SIDE * 3), np.float32)
    for start in range(0, len(rows), _AT_ONCE):
        task.progress("read", start / len(rows))
        part = rows[start : start + _AT_ONCE]
        vectors[start : start + _AT_ONCE] = raw_pixels(examples.squares(part), SIDE)
    return vectors


def _questions(
    examples: Examples,
    split: Split,
    vectors: np.ndarray,
    options: Mapping[str, Any],
    task: Task,
) -> _Questions | None:
    """Draws the pictures that choose; None where there are none, or is nothing to confuse."""
    labels = examples.labels[split.train]
    counts = np.bincount(labels)
    leave_one_out = not len(split.validation)
    rows = np.flatnonzero(counts[labels] > 1) if leave_one_out else split.validation
    if np.count_nonzero(counts) < 2 or not len(rows):
        return None
    if len(rows) > MOST_QUESTIONS:
        random = np.random.default_rng(options["seed"])
        rows = np.sort(random.choice(rows, MOST_QUESTIONS, replace=False))
    truth = labels[rows] if leave_one_out else examples.labels[rows]
    return _Questions(
        vectors[rows] if leave_one_out else _read(examples, rows, options["pixels"], task),
        truth,
        example_weights(truth, options["balance"]).astype(np.float64),
        len(examples.classes),
        rows if leave_one_out else None,
        examples.groups[split.train] if leave_one_out else None,
    )


def _try_all(
    questions: _Questions,
    vectors: np.ndarray,
    labels: np.ndarray,
    given: Mapping[str, Any],
    task: Task,
) -> list[list[Any]]:
    """Judges every metric and k, each with its best sharpness: the rows of the table."""
    metrics = [m for m in METRICS if m != "l1" or len(labels) <= MOST_L1]
    if given["metric"] is not None:
        metrics = [given["metric"]]
    ks = sorted({min(k, len(labels)) for k in (KS if given["k"] is None else (given["k"],))})
    sharpnesses = SHARPNESSES if given["sharpness"] is None else (given["sharpness"],)
    exclude = _excluder(questions, labels)
    present = np.bincount(labels, minlength=questions.classes) > 0
    n = len(labels) - (questions.rows is not None)
    rows: list[list[Any]] = []
    for i, metric in enumerate(metrics):
        index, distances = find_nearest(
            metric, questions.vectors, vectors, max(ks), exclude, task.check
        )
        for j, k in enumerate(ks):
            task.progress("fit", (i + j / len(ks)) / len(metrics))
            judged = []
            for sharpness in sharpnesses:
                share = vote(labels, questions.classes, sharpness, index[:, :k], distances[:, :k])
                judged.append(_judge(questions, shrink(share, present, n)))
            best = _least([loss for _, loss in judged])
            rows.append([metric, k, sharpnesses[best], *judged[best]])
    return rows


def _excluder(questions: _Questions, labels: np.ndarray) -> Any:
    """Returns who may not be the neighbour of a training picture: itself, and its burst where its
    class reaches beyond that burst, as in docs/knn.md."""
    if questions.rows is None or questions.groups is None:
        return None
    asked, groups = questions.rows, questions.groups
    _, group = np.unique(groups, return_inverse=True)
    _, inverse, size = np.unique(
        labels * len(labels) + group, return_inverse=True, return_counts=True
    )
    beyond = np.bincount(labels)[labels] > size[inverse.reshape(-1)]

    def exclude(part: slice) -> np.ndarray:
        here = asked[part]
        out = (groups[here, None] == groups[None]) & beyond[here, None]
        out[np.arange(len(here)), here] = True
        return out

    return exclude


def _judge(questions: _Questions, scores: np.ndarray) -> tuple[float, float]:
    """Returns accuracy, and log loss with the weights of the classes."""
    right = scores.argmax(axis=1) == questions.truth
    loss = -np.log(scores[np.arange(len(scores)), questions.truth])
    return float(right.mean()), float(np.average(loss, weights=questions.weights))


def _least(losses: Sequence[float]) -> int:
    """Returns the first that is as good as the best."""
    return int(np.argmax(np.array(losses) <= min(losses) + _SLACK))
