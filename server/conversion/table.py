"""The table of backbones from which a person chooses: those that are here, those that could be."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ..learning.backbones import Backbone, list_backbones
from ..learning.errors import InputError
from ..learning.speed import speed_of
from .catalogue import OFFICIAL, Accuracy
from .progress import megabytes
from .quiet import quiet

HEADINGS = ("NAME", "here", "page", "input", "numbers", "ms", "superheroes", "digits")
LEGEND = """page: what a browser loads. numbers: of one embedding. ms: for one picture on this
machine (LiteRT, one thread). superheroes, digits: share that is right after 20 examples of each
class (docs/accuracy.md). -: not measured."""
EXAMPLES = "20"


def _accuracies(accuracy: Accuracy | None) -> tuple[str, ...]:
    found = ((accuracy or {}).get(name, {}).get(EXAMPLES) for name in HEADINGS[-2:])
    return tuple("-" if mean is None else f"{mean:.3f}" for mean in found)


def _row_of(backbone: Backbone, problems: list[str]) -> tuple[str, ...]:
    document = backbone.document
    try:
        milliseconds = f"{speed_of(backbone).milliseconds:.1f}"
    except InputError as error:
        milliseconds = "-"
        problems.append(_in_words(backbone.folder, error))
    count = document.get("bytes")
    return (
        backbone.name,
        "yes",
        megabytes(count) if isinstance(count, int) else "-",
        str(backbone.input_size),
        str(backbone.embedding_size),
        milliseconds,
        *_accuracies(document.get("accuracy")),
    )


def _in_words(folder: Path, error: InputError) -> str:
    return " ".join([f"{folder}: {str(error).rstrip('.')}.", error.hint]).strip()


def rows(folders: Iterable[Path]) -> tuple[list[tuple[str, ...]], list[str]]:
    """Return the cells of each backbone that is here, then of each official one that is not.

    Args:
        folders: with backbones, as in the settings.

    Returns:
        The rows; and a sentence on each folder that cannot be used.
    """
    listed = list_backbones(folders)
    here = listed.backbones
    problems = [_in_words(folder, error) for folder, error in listed.problems]
    with quiet():  # LiteRT tells about itself
        found = [_row_of(backbone, problems) for backbone in here]
    names = {backbone.name for backbone in here}
    missing = [
        (
            entry.name,
            "no",
            megabytes(entry.bytes),
            str(entry.input_size),
            str(entry.embedding_size),
            "-",
            *_accuracies(entry.accuracy),
        )
        for entry in OFFICIAL.values()
        if entry.name not in names
    ]
    return found + missing, problems


def table(folders: Iterable[Path]) -> str:
    """Return the table as text, columns aligned, with a legend and what cannot be used."""
    found, problems = rows(folders)
    cells = [HEADINGS, *found]
    widths = [max(len(row[i]) for row in cells) for i in range(len(HEADINGS))]
    lines = []
    for row in cells:
        name = row[0].ljust(widths[0])
        rest = (cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))
        lines.append("  ".join([name, *rest]))
    warnings = ["", "Cannot be used:", *problems] if problems else []
    return "\n".join([*lines, "", LEGEND, *warnings])
