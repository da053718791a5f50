"""A trained classifier, taken to other programs and brought in from them.

Each format is a module with `make(work, name)`; `table.py` lists them. What is made is loaded again
by the very library that will load it, and compared with the classifier, before anybody gets it.
TensorFlow is imported inside functions only, and never by a process that serves.
"""

from __future__ import annotations

import importlib
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..learning.errors import InputError
from .table import EXPORTS

if TYPE_CHECKING:
    from ..learning.backbones import Backbone
    from ..learning.classifier import Classifier
    from ..learning.task import Task
    from .work import Made

__all__ = ["EXPORTS", "make"]

#: More pictures than these are not looked at; they are taken evenly from those that are given.
MOST_PICTURES = 120


def make(
    name: str,
    classifier: Classifier,
    backbone: Backbone | None,
    pictures: Sequence[np.ndarray],
    task: Task,
    out: Path,
) -> Made:
    """Writes a classifier in a format, and proves that it answers the same.

    Args:
        name: a key of `EXPORTS`.
        classifier: what to write.
        backbone: the one it was trained with; None where it needs none.
        pictures: real squares uint8[224, 224, 3], best those it was trained for; with none, drawn
            ones stand in.
        task: is told how far it is, and asked whether to stop.
        out: an existing folder, in which a file of the suggested name is made; or the path of the
            file. Nothing half-made stays there.

    Raises:
        InputError: the format is not known or cannot express the classifier, or what was made,
            loaded again, gives other answers.
        Cancelled: the task was.
    """
    from .packing import slug
    from .verify import drawn_pictures
    from .work import Made, Work

    if name not in EXPORTS:
        raise InputError(
            "There is no such format",
            f"Received {name!r:.40}; expected one of {', '.join(EXPORTS)}.",
        )
    export = EXPORTS[name]
    if reason := export.check(classifier):
        raise InputError(f"{export.title} cannot hold this classifier", reason)
    chosen = np.linspace(0, len(pictures) - 1, min(len(pictures), MOST_PICTURES)).astype(int)
    squares = np.stack([pictures[i] for i in chosen]) if len(chosen) else drawn_pictures()
    task.progress("convert", 0)
    ending = "" if export.extension != ".zip" else f"-{name}"
    file_name = f"{slug(classifier.name)}{ending}{export.extension}"
    target = Path(out) / file_name if Path(out).is_dir() else Path(out)
    with tempfile.TemporaryDirectory(prefix="show-and-tell-") as folder:
        work = Work(classifier, backbone, squares, len(chosen) > 0, task, Path(folder))
        module = importlib.import_module(f".{export.module}", __name__)
        path, agreement = module.make(work, name)
        task.progress("save", 0)
        part = target.with_name(f".{target.name}.part")
        try:
            shutil.copyfile(path, part)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    task.progress("save", 1)
    return Made(target, file_name, agreement, tuple(work.notes))
