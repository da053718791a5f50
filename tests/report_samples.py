"""Reports of made-up trainings whose numbers are known, built by the code itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from server.learning import report
from server.learning.classifier import BackboneRef
from server.learning.splits import Split

BACKBONE = BackboneRef("eyes", "ab" * 32, 16)


Matrix = Sequence[Sequence[int]]


def answered(confusion: Matrix, sure: float = 0.9) -> tuple[np.ndarray, np.ndarray]:
    """Returns truths and scores that give a confusion matrix."""
    classes = len(confusion)
    truth, scores = [], []
    for t, row in enumerate(confusion):
        for a, n in enumerate(row):
            one = np.full(classes, (1 - sure) / max(1, classes - 1))
            one[a] = sure
            truth += [t] * n
            scores += [one] * n
    return np.array(truth, int), np.array(scores).reshape(-1, classes)


def make(
    test: Matrix | None = ((45, 5), (5, 45)),
    validation: Matrix | None = ((45, 5), (5, 45)),
    train: Sequence[int] = (200, 200),
    curves: Sequence[Mapping[str, float]] = (),
    by: str = "none",
    sure: float = 0.9,
    bursts: int | None = None,
    classes: Sequence[str] | None = None,
    **other: Any,
) -> dict[str, Any]:
    """Builds the report of a training.

    Args:
        test, validation: confusion matrices, or None where no picture was kept for it.
        train: pictures of each class that were learned from.
        curves: as recipes give them.
        by: how it was split.
        sure: score of every answer.
        bursts: how many recordings the test pictures are from; each its own where None.
        classes: labels.
        other: anything else that `report.build` takes.
    """
    parts = {"validation": validation, "test": test}
    labels, scores, rows = [np.repeat(np.arange(len(train)), train)], {}, {}
    start = sum(train)
    rows["train"] = np.arange(start)
    for part, confusion in parts.items():
        truth, given = answered(confusion or [[0] * len(train)] * len(train), sure)
        rows[part] = np.arange(start, start + len(truth))
        start += len(truth)
        labels.append(truth)
        scores[part] = given if confusion is not None else None
    groups = np.arange(start)
    if bursts is not None:
        groups[rows["test"]] = start + np.arange(len(rows["test"])) * bursts // len(rows["test"])
    names = ["cat", "dog", "owl", "fox", "emu"]
    given = {
        "name": "Zoo",
        "recipe": "head",
        "title": "Small network",
        "options": {"seed": 7, "balance": True, "epochs": 50, "dropout": 0.0, "patience": 0},
        "classes": classes or names[: len(train)],
        "is_regression": False,
        "backbone": BACKBONE,
        "labels": np.concatenate(labels),
        "ids": [f"picture-{i}" for i in range(start)],
        "split": Split(rows["train"], rows["validation"], rows["test"], (), by),
        "groups_count": len(np.unique(groups)),
        "groups": groups,
        "scores": scores,
        "scores_before": scores,
        "curves": curves,
        "seconds": {"embed": None, "fit": 2.5, "evaluate": 0.1},
        "bytes": 12_345,
        "parameters": 2_000,
        "command": "python -m server train zoo --out zoo.classifier",
    }
    return report.build(**(given | other))


def make_regression(
    errors: Sequence[float], values: Sequence[float], **other: Any
) -> dict[str, Any]:
    """Builds the report of a regression whose test pictures are answered with these errors."""
    values = np.asarray(values, float)
    n = len(values)
    answers = (values + np.asarray(errors, float))[:, None]
    numbers = np.unique(values)
    given = {
        "test": None,
        "validation": None,
        "train": (1,) * len(numbers),
        "recipe": "regression",
        "title": "A number",
        "is_regression": True,
        "classes": [f"{value:g}" for value in numbers],
        "labels": np.concatenate([np.searchsorted(numbers, values)] * 2),
        "ids": [f"picture-{i}" for i in range(2 * n)],
        "split": Split(np.arange(n), np.arange(0), np.arange(n, 2 * n), (), "none"),
        "groups": np.arange(2 * n),
        "groups_count": 2 * n,
        "values": np.concatenate([values, values]),
        "scores": {"validation": None, "test": answers},
        "scores_before": None,
    }
    return make(**(given | other))


def curve(
    loss: Sequence[float],
    val_loss: Sequence[float] | None = None,
    accuracy: float | None = None,
    val_accuracy: float | None = None,
) -> list[dict[str, float]]:
    """Returns learning curves with constant accuracies."""
    entries = []
    for i, value in enumerate(loss):
        entry = {"epoch": i + 1, "loss": float(value)}
        if val_loss is not None:
            entry["val_loss"] = float(val_loss[i])
        if accuracy is not None:
            entry["accuracy"] = accuracy
        if val_accuracy is not None:
            entry["val_accuracy"] = val_accuracy
        entries.append(entry)
    return entries
