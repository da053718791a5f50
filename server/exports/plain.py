"""Formats that compute nothing: the labels, and the classifier's own file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ..formats import classifier as classifier_file
from ..learning.errors import InputError
from .packing import unpacked_again
from .verify import FLOAT, require
from .work import Work


def make(work: Work, name: str) -> tuple[Path, dict[str, Any]]:
    """Writes one of the two: see `server.exports.make`."""
    return {"labels": _labels, "classifier": _classifier}[name](work)


def _labels(work: Work) -> tuple[Path, dict[str, Any]]:
    path = work.folder / "labels.txt"
    path.write_text(work.labels, encoding="utf-8")
    if len(path.read_text(encoding="utf-8").splitlines()) != len(work.classifier.classes):
        raise InputError(
            "The labels cannot be written one a line", "One of them is empty or has several lines."
        )
    return path, {}


def _classifier(work: Work) -> tuple[Path, dict[str, Any]]:
    path = work.folder / "model.classifier"
    classifier_file.save(work.classifier, path)
    path.write_bytes(unpacked_again(path.read_bytes()))
    again = classifier_file.read(path)
    squares, rows = work.pictures, []
    for start in range(0, len(squares), 8):
        work.task.check()
        rows.append(again.look(squares[start : start + 8], work.backbone))
    return path, require(work, np.concatenate(rows), FLOAT, "The classifier file")
