"""What several commands do with reports and with the files they write."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..learning.errors import InputError

if TYPE_CHECKING:
    from ..learning.classifier import Classifier


def check_target(path: Path | None) -> None:
    """Refuses a file that could not be written in the end, before hours have gone into it.

    Raises:
        InputError: its folder is not there or cannot be written to, or it is a folder or a device.
    """
    if path is None:
        return
    if path.is_dir():
        raise InputError("A file is needed", f"Received the folder {path}", "Add a file name.")
    if path.exists() and not path.is_file():  # whole files take the name of what is there
        raise InputError(
            "A file is needed",
            f"Received {path}, which is a device or a pipe",
            "Name a file; what a program is to read comes with --json.",
        )
    if not path.absolute().parent.is_dir():
        raise InputError(
            "The folder of a file is not there",
            f"Received {path}",
            f"Make it first: mkdir -p {path.parent}",
        )
    if not os.access(path.absolute().parent, os.W_OK):
        raise InputError(
            "The folder of a file cannot be written to",
            f"Received {path}",
            "Name a file in a folder of your own.",
        )


def save(classifier: Classifier, path: Path) -> None:
    """Writes a classifier; half of one is never there."""
    from ..formats import classifier as file

    file.save(classifier, path)


def summary(report: Mapping[str, Any]) -> str:
    """Returns a report as text for a terminal."""
    from ..formats import report_text

    return report_text.summary(report)


def write_report(
    report: Mapping[str, Any], path: Path | None, find: Callable[[str], bytes | None]
) -> None:
    """Writes a report as one HTML page.

    Args:
        report: what there is to say.
        path: of the page; nothing is written where it is None.
        find: gives the picture of an id, for those that are shown.
    """
    if path is None:
        return
    from ..formats import report_html

    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as file:
            report_html.write(report, find, file)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def percent(share: float | None) -> str:
    """Writes a share for people."""
    from ..learning import words

    return words.percent(share)
