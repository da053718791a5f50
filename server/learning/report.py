"""What there is to say about a training: one report as JSON values, for page, file and terminal."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from functools import cache
from importlib import metadata
from typing import Any

import numpy as np

from .. import __version__
from . import diagnosis, metrics
from .classifier import BackboneRef
from .splits import Split

FORMAT, VERSION = "showtell-report", 1
#: What can change the numbers of a training, by the names of the packages.
PACKAGES = (
    "numpy",
    "Pillow",
    "ai-edge-litert",
    "scikit-learn",
    "tensorflow",
    "tf_keras",
    "distributed",
)
_PARTS = ("train", "validation", "test")
_CURVE = ("epoch", "loss", "accuracy", "val_loss", "val_accuracy")


@cache
def versions() -> dict[str, str]:
    """Returns the versions of this project, of Python and of `PACKAGES` that are installed here.

    Imports none of them.
    """
    found = {"showtell": __version__, "python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name.lower()] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def as_json(value: Any) -> Any:
    """Turns mappings, sequences and NumPy values into JSON values; what is not finite into None."""
    if isinstance(value, Mapping):
        return {str(key): as_json(member) for key, member in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return as_json(value.tolist())
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, Sequence | set | frozenset):
        return [as_json(member) for member in value]
    return str(value)


def _rows(split: Split) -> dict[str, np.ndarray]:
    return {part: np.asarray(getattr(split, part), np.int64) for part in _PARTS}


def _counts(
    rows: Mapping[str, np.ndarray], labels: np.ndarray, classes: int
) -> dict[str, list[int]]:
    return {part: np.bincount(labels[i], minlength=classes).tolist() for part, i in rows.items()}


def build(
    *,
    name: str,
    recipe: str,
    title: str,
    options: Mapping[str, Any],
    classes: Sequence[str],
    is_regression: bool,
    backbone: BackboneRef | None,
    labels: np.ndarray,
    ids: Sequence[str],
    split: Split,
    groups_count: int,
    scores: Mapping[str, np.ndarray | None],
    scores_before: Mapping[str, np.ndarray | None] | None = None,
    values: np.ndarray | None = None,
    curves: Sequence[Mapping[str, float]] = (),
    tries: Mapping[str, Any] | None = None,
    temperature: float = 1.0,
    seconds: Mapping[str, float | None] | None = None,
    bytes: int | None = None,
    parameters: int | None = None,
    finalised: bool = False,
    notes: Sequence[str] = (),
    skipped: Sequence[Mapping[str, str]] = (),
    command: str = "",
    groups: np.ndarray | None = None,
) -> dict[str, Any]:
    """Writes the report of a training: docs/evaluation.md tells what each member means.

    Args:
        name: of the classifier, for people.
        recipe, title: which recipe, and its title for people.
        options: all that it was trained with, the seed among them.
        classes: labels, in the order of the scores.
        is_regression: whether the scores are values.
        backbone: whose vectors it wants; None where it looks at pixels itself.
        labels: int64[N], class of each example.
        ids: a name for each example.
        split: who trained, who steered, who judges.
        groups_count: how many recording bursts the N examples are from.
        scores: of "validation" and "test" float64[n, classes] (a regression: values
            float64[n, 1]) in the order of the split, or None.
        scores_before: the same without the temperature.
        values: float64[N], what a regression learned; None else.
        curves: one entry an epoch: epoch, loss, accuracy, val_loss, val_accuracy.
        tries: what was tried and chosen; see `recipes.Fitted`.
        temperature: by which the logits were divided.
        seconds: of "embed", "fit" and "evaluate"; None where it was not done.
        bytes, parameters: size of the model, None where not known.
        finalised: whether it was trained once more on every picture after it was judged.
        notes: further sentences for people.
        skipped: `{id, reason}` of pictures that could not be read.
        command: what repeats it.
        groups: int64[N], the burst of each example, so that intervals count a burst once; None
            where each picture stands for itself.

    Returns:
        JSON values only, nothing that is not a finite number.

    Raises:
        ValueError: the scores are not one row for each picture of their part.
    """
    rows, labels = _rows(split), np.asarray(labels, np.int64)
    before = scores_before or {}
    constant = None
    if is_regression and values is not None and len(rows["train"]):
        constant = float(np.median(values[rows["train"]]))

    def judge(part: str) -> dict[str, Any] | None:
        found, i = scores.get(part), rows[part]
        if found is None or not len(i):
            return None
        if len(found) != len(i):
            raise ValueError(f"expected {len(i)} scores of {part}, got {len(found)}")
        names = [ids[row] for row in i]
        bursts = None if groups is None else np.asarray(groups)[i]
        if is_regression:
            if values is None:
                raise ValueError("expected the values of a regression, got None")
            return metrics.evaluate_values(values[i], found, names, bursts, constant)
        return metrics.evaluate(
            labels[i], found, before.get(part), temperature, names, classes, bursts
        )

    made = {
        "format": FORMAT,
        "version": VERSION,
        "created_at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "name": name,
        "recipe": recipe,
        "title": title,
        "options": options,
        "seed": options.get("seed"),
        "classes": list(classes),
        "is_regression": is_regression,
        "backbone": backbone and {"name": backbone.name, "fingerprint": backbone.fingerprint},
        "counts": _counts(rows, labels, len(classes)),
        "split": {
            "by": split.by,
            "groups": groups_count,
            "warnings": list(split.warnings),
        },
        "finalised": finalised,
        "notes": list(notes),
        "seconds": {part: (seconds or {}).get(part) for part in ("embed", "fit", "evaluate")},
        "bytes": bytes,
        "parameters": parameters,
        "curves": [{name: entry.get(name) for name in _CURVE} for entry in curves],
        "tries": tries,
        "test": judge("test"),
        "validation": judge("validation"),
        "diagnosis": [],
        "skipped": list(skipped),
        "versions": versions(),
        "command": command,
    }
    made = as_json(made)
    made["diagnosis"] = diagnosis.diagnose(made)
    return made
