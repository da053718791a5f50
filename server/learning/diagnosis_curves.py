"""What learning curves say: learned by heart, not learned, not learned to the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from .findings import BAD, WARNING, Finding
from .intervals import difference_interval
from .knn import wilson_interval
from .words import listing, percent

#: Training pictures are answered this much better than others, wherever in the interval; bad from
#: the other on.
BY_HEART, MOSTLY_BY_HEART = 0.05, 0.2
#: The training pictures themselves are right less often than this.
LEARNED = 0.9
#: With fewer epochs a curve has no shape.
SHORTEST = 6
#: A loss has risen or fallen if it did by this share, by this amount, and by so many times what it
#: jitters from epoch to epoch. The least of many epochs lies some jitters below the others by
#: chance, so a rise from there must be larger.
SHARE, AMOUNT, FALL_JITTERS, RISE_JITTERS = 0.05, 0.01, 3.0, 6.0
#: A rise of the validation loss matters from this share and this amount on, and where at least so
#: many pictures are wrong: a few that are wrong ever more surely lift the mean alone. A little is
#: usual and the temperature mends it.
RISE, RISE_AMOUNT, WRONG = 0.3, 0.05, 5
#: With the last accuracy above this there is nothing left to learn.
LEARNED_ALL = 0.995


def _column(report: Mapping[str, Any], name: str) -> np.ndarray:
    """Returns a column of the curves, float64[epochs]; empty where an entry is missing."""
    found = [entry[name] for entry in report["curves"]]
    return np.array([] if None in found else found, np.float64)


def _last(report: Mapping[str, Any], name: str) -> float | None:
    """Returns the mean of a column over the last epochs: the last tenth, three at most."""
    column = _column(report, name)
    return float(column[-max(1, min(3, len(column) // 10)) :].mean()) if len(column) else None


def _jitter(losses: np.ndarray) -> float:
    """Returns how much a loss moves from epoch to epoch beside its trend (a robust deviation)."""
    bends = losses[2:] - 2 * losses[1:-1] + losses[:-2]
    return float(1.4826 * np.median(np.abs(bends)) / np.sqrt(6)) if len(bends) else 0.0


def _smooth(losses: np.ndarray) -> np.ndarray:
    """Returns the running median of three."""
    padded = np.concatenate([losses[:1], losses, losses[-1:]])
    return np.median(np.stack([padded[:-2], padded[1:-1], padded[2:]]), axis=0)


def _epoch(report: Mapping[str, Any], i: int) -> int:
    return report["curves"][i]["epoch"]


def _learned(report: Mapping[str, Any]) -> tuple[float, tuple[float, float]] | None:
    """Returns the accuracy on the training pictures at the end, with its interval."""
    accuracy, n = _last(report, "accuracy"), sum(report["counts"]["train"])
    if accuracy is None or not n or report["is_regression"]:
        return None
    return accuracy, wilson_interval(accuracy * n, n)


def _unseen(report: Mapping[str, Any]) -> Mapping[str, Any] | None:
    return report["test"] or report["validation"]


def _rise(report: Mapping[str, Any]) -> int | None:
    """Returns after which entry the validation loss rose for good, None where it did not."""
    losses = _column(report, "val_loss")
    if len(losses) < SHORTEST or report["options"].get("patience"):
        return None
    smooth = _smooth(losses)
    best, end = int(smooth.argmin()), float(np.median(losses[-3:]))
    rise = end - smooth[best]
    needed = max(RISE_AMOUNT, RISE * smooth[best], RISE_JITTERS * _jitter(losses))
    accuracy, n = _last(report, "val_accuracy"), sum(report["counts"]["validation"])
    if accuracy is not None and (1 - accuracy) * n < WRONG:
        return None
    return best if rise > needed and best < len(losses) - 3 else None


def overfitting(report: Mapping[str, Any]) -> Iterator[Finding]:
    """Says that it learns training pictures by heart: a gap in accuracy, or a loss that rises."""
    learned, unseen, rose = _learned(report), _unseen(report), _rise(report)
    gap = 0.0
    if learned and unseen and unseen["accuracy"] is not None:
        gap, _ = difference_interval(*learned, unseen["accuracy"], tuple(unseen["interval"]))
    parts = []
    if learned and unseen and gap > BY_HEART:
        parts.append(
            f"it is right on {percent(learned[0])} of the pictures it learned from, but on"
            f" {percent(unseen['accuracy'])} of others"
        )
    if rose is not None:
        parts.append(
            f"after epoch {_epoch(report, rose)} of {_epoch(report, -1)} the loss on validation"
            " pictures rose again"
        )
    if not parts:
        return
    cure = "Record more, and more varied, pictures" + _milder(report["options"])
    if rose is not None:
        cure += f". Stop earlier: epochs = {_epoch(report, rose)}, or patience = 5"
    yield {
        "kind": "overfitting",
        "level": BAD if gap > MOSTLY_BY_HEART else WARNING,
        "text": f"Overfitting: it learns pictures by heart: {', and '.join(parts)}.",
        "advice": f"{cure}.",
    }


def _milder(options: Mapping[str, Any]) -> str:
    """Names the options of this recipe that help against learning by heart and are not used."""
    unused = [name for name in ("dropout", "rotation", "shift", "crop") if options.get(name) == 0]
    return f"; or try {listing(unused)} from the options" if unused else ""


def _stopped_early(report: Mapping[str, Any]) -> bool:
    """Tells whether patience ended it before its epochs did."""
    planned = (report["options"].get("epochs") or 0) + (report["options"].get("tune_epochs") or 0)
    return bool(report["options"].get("patience")) and len(report["curves"]) < planned


def underfitting(report: Mapping[str, Any]) -> Iterator[Finding]:
    """Says that it does not even learn the pictures it is shown."""
    learned, unseen = _learned(report), _unseen(report)
    if not learned or learned[1][1] >= LEARNED:
        return
    if unseen and unseen["accuracy"] is not None and unseen["interval"][0] > learned[0]:
        return  # measured with dropout and augmentation on, which are off when it answers
    options = report["options"]
    softer = [
        name for name in ("dropout", "rotation", "shift", "crop", "brightness") if options.get(name)
    ]
    yield {
        "kind": "underfitting",
        "level": WARNING,
        "text": "Underfitting: it is right on only"
        f" {percent(learned[0])} of the very pictures it learned from.",
        "advice": "Train for more epochs"
        + (f", with less {listing(softer)}" if softer else "")
        + ", or take a recipe that sees with the backbone. If people cannot tell these pictures"
        " apart either, no recipe will.",
    }


def more_epochs(report: Mapping[str, Any]) -> Iterator[Finding]:
    """Says that it was still getting better when it ended."""
    losses, accuracy = _column(report, "val_loss"), _last(report, "val_accuracy")
    if not len(losses):
        losses, accuracy = _column(report, "loss"), _last(report, "accuracy")
    if len(losses) < SHORTEST or (accuracy or 0) > LEARNED_ALL or _stopped_early(report):
        return
    window = losses[-max(4, len(losses) // 4) :]
    half = len(window) // 2
    before, after = float(np.median(window[:half])), float(np.median(window[half:]))
    fall = before - after
    if fall <= max(AMOUNT, SHARE * before, FALL_JITTERS * _jitter(losses)):
        return
    if _smooth(losses).argmin() < len(losses) - 2:
        return
    epochs = _epoch(report, -1)
    yield {
        "kind": "more-epochs",
        "level": WARNING,
        "text": f"It was still getting better when it ended after {epochs} epochs.",
        "advice": f"Train longer: epochs = {2 * epochs}, with patience = 10 to stop in time.",
    }
