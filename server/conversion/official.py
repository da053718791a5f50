"""Fetch and convert the official backbones one after the other, in a terminal."""

from __future__ import annotations

import sys
import time
import traceback
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path

from ..learning.backbones import list_backbones
from .catalogue import OFFICIAL, Official, official
from .errors import ConversionError
from .progress import megabytes
from .quiet import quiet

#: Seconds between two states of the line that shows a download.
REFRESH = 0.1


class Meter:
    """Writes lines, and below them how far a download is where somebody watches.

    Args:
        write: writes text and what ends it.
        watched: whether the output is a terminal; elsewhere only whole lines are written.
        clock: returns seconds.
    """

    def __init__(
        self,
        write: Callable[..., None],
        watched: bool,
        clock: Callable[[], float] = time.monotonic,
    ):
        self._write = write
        self._watched = watched
        self._clock = clock
        self._shown = float("-inf")
        self._open = False

    def line(self, text: str) -> None:
        """Write a line."""
        if self._open:
            self._write("")
            self._open = False
        self._write(text)

    def received(self, count: int, total: int | None) -> None:
        """Show how many bytes have arrived, of how many."""
        if not self._watched:
            return
        now = self._clock()
        if count != total and now - self._shown < REFRESH:
            return
        of = f" of {megabytes(total)}, {count * 100 // total} %" if total else ""
        self._write(f"\r  {megabytes(count)}{of}  ", end="")
        self._shown, self._open = now, True


def fetch_all(
    names: Iterable[str],
    folders: Iterable[Path],
    convert: Callable[[Official, Meter], Path],
    watched: bool | None = None,
) -> list[str]:
    """Fetch and convert those that are not here; go on where one fails.

    Args:
        names: of official backbones; none means all.
        folders: with backbones, as in the settings.
        convert: makes one backbone folder; raises ConversionError.
        watched: whether a person watches; None finds out.

    Returns:
        The names of those that failed.

    Raises:
        ConversionError: a name is not offered; then nothing was begun.
    """
    chosen = [official(name) for name in names] or list(OFFICIAL.values())
    watched = sys.stdout.isatty() if watched is None else watched
    failed = []
    for entry in chosen:
        if any(backbone.name == entry.name for backbone in list_backbones(folders).backbones):
            print(f"{entry.name} is here already.", flush=True)
            continue
        print(f"{entry.name}:", flush=True)
        try:
            with quiet() as say:
                warnings.simplefilter("ignore")
                problem = None
                meter = Meter(say, watched)
                try:
                    meter.line(f"Done: {convert(entry, meter)}")
                except ConversionError as error:
                    meter.line("Failed.")
                    problem = error
        except Exception:  # a fault of one must not keep the others away
            traceback.print_exc()
            failed.append(entry.name)
            continue
        if problem:
            print(f"{problem}\n", file=sys.stderr, flush=True)
            failed.append(entry.name)
    return failed
