"""`guess`: what is in pictures, one line a class, best first."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ..learning.errors import InputError
from ..settings import Settings
from . import DONE, SOME_SKIPPED
from .answering import UNKNOWN, Answer, open_answering
from .console import Console
from .pictures import add_json, positive, report_skipped


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what `guess` takes."""
    parser.add_argument(
        "file", metavar="FILE", type=Path, help="a .classifier, or a project such as a .showtell"
    )
    parser.add_argument("pictures", metavar="PICTURE", type=Path, nargs="+", help="picture files")
    parser.add_argument(
        "--top", metavar="N", type=positive, help="show only the N best classes (default: all)"
    )
    add_json(parser)


def run(options: argparse.Namespace, console: Console, settings: Settings) -> int:
    """Looks and tells."""
    import numpy as np

    from ..learning.lots import look_at

    for path in options.pictures:
        if path.is_dir():
            raise InputError(
                "This is a folder, not a picture",
                f"Received {path}",
                "For a whole folder: python -m server guess-dir FILE DIR OUT",
            )
    task = console.task()
    answering = open_answering(options.file, settings, task)
    console.stop_drawing()
    items: list[dict[str, Any]] = []
    skipped: list[dict[str, str]] = []
    is_first = True
    for one in look_at(options.pictures, answering.eyes, task):
        name = str(options.pictures[one.index])
        if one.row is None:
            skipped.append({"id": name, "reason": one.reason})
            report_skipped(console, skipped[-1:])
            continue
        (answer,) = answering.answer(np.asarray(one.row)[None])
        if len(options.pictures) > 1:
            console.print(name if is_first else f"\n{name}")
        is_first = False
        for line in lines(answer, options.top):
            console.print(line)
        items.append({"file": name, **as_json(answer, options.top)})
    console.document({"items": items, "total": len(items), "skipped": skipped})
    return SOME_SKIPPED if skipped else DONE


def lines(answer: Answer, top: int | None = None) -> list[str]:
    """Returns what is written about a picture."""
    if answer.value is not None:
        return [f"value = {answer.label}"]
    first = [] if answer.unknown is None else [f"{UNKNOWN} (score = {answer.unknown:.5f})"]
    return first + [f"{label} (score = {score:.5f})" for label, score in answer.scores[:top]]


def as_json(answer: Answer, top: int | None = None) -> dict[str, Any]:
    """Returns an answer as JSON values."""
    return {
        "label": None if answer.value is not None else answer.label,
        "unknown": answer.unknown is not None,
        "value": answer.value,
        "scores": [{"label": label, "score": score} for label, score in answer.scores[:top]],
    }
