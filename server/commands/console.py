"""What commands write: answers to standard output, all else to standard error."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import traceback
from collections.abc import Mapping
from typing import Any, TextIO

from ..learning.task import Task

#: Phases of a task, for people.
PHASES = {
    "read": "Reading pictures",
    "embed": "Looking at pictures",
    "fit": "Learning",
    "evaluate": "Judging",
    "convert": "Converting",
    "save": "Saving",
}


def _own(stream: TextIO, descriptor: int) -> TextIO:
    """Returns a stream of our own to where another one goes, so that it still does when a library
    has to be silenced by turning its file descriptor elsewhere."""
    try:
        if stream.fileno() == descriptor:
            return os.fdopen(os.dup(descriptor), "w", encoding=stream.encoding, errors="replace")
    except (AttributeError, OSError, io.UnsupportedOperation):
        pass
    return stream


class Console:
    """Where a command speaks.

    Args:
        is_json: whether standard output gets one JSON document and nothing else.
    """

    def __init__(self, is_json: bool = False):
        self.is_json = is_json
        self._error = _own(sys.stderr, 2)
        self._progress: Any = None
        self._phase: str | None = None
        self._bar: Any = None

    @property
    def is_watched(self) -> bool:
        """Whether a person sees standard error."""
        return self._error.isatty()

    def stop_drawing(self) -> None:
        """Takes the bar away, before answers are written."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = self._bar = self._phase = None

    def close(self) -> None:
        """Ends it; nothing may be written afterwards."""
        self.stop_drawing()
        with contextlib.suppress(OSError):
            self._error.flush()
        if self._error is not sys.stderr:
            with contextlib.suppress(OSError):
                self._error.close()

    # Answers

    def print(self, text: str = "") -> None:
        """Writes a line for people to standard output; nothing where JSON is asked for."""
        if not self.is_json:
            print(_shown(text, sys.stdout), flush=True)

    def document(self, value: Mapping[str, Any]) -> None:
        """Writes the JSON document where one is asked for."""
        if self.is_json:
            print(json.dumps(value, ensure_ascii=True, indent=1, allow_nan=False), flush=True)

    def forget_output(self) -> None:
        """Lets the rest of standard output go nowhere: its reader has gone."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)

    # All else

    def tell(self, text: str) -> None:
        """Writes a line that only somebody who watches wants to see."""
        if self.is_watched:
            self._line(text)

    def warn(self, text: str) -> None:
        """Writes a line about something that is odd."""
        self._line(text)

    def problem(self, title: str, detail: str = "", hint: str = "") -> None:
        """Says why a command ends without what was asked for."""
        first = ": ".join(part for part in (title, detail) if part)
        self._line(first if first.endswith((".", "!", "?")) else f"{first}.")
        if hint:
            self._line(hint)

    def fault(self, error: Exception, is_debugging: bool) -> None:
        """Says that the program itself is wrong, and where."""
        if is_debugging:
            self._line("".join(traceback.format_exception(error)).rstrip())
            return
        frames = traceback.extract_tb(error.__traceback__)
        where = f" ({os.path.basename(frames[-1].filename)}, line {frames[-1].lineno})"  # noqa: PTH119
        self._line(f"Show & Tell has a fault: {type(error).__name__}: {error}{where}.")
        self._line("SHOWTELL_LOG_LEVEL=debug tells more.")

    def _line(self, text: str) -> None:
        text = _shown(text, self._error)
        with contextlib.suppress(OSError):
            if self._progress is not None:
                self._progress.console.print(text, markup=False, highlight=False, soft_wrap=True)
            else:
                print(text, file=self._error, flush=True)

    # Long work

    def task(self) -> Task:
        """Makes the task that a command's work reports to: a bar for each phase where somebody
        watches, and warnings as lines."""
        return Task(self._report)

    def _report(self, event: Mapping[str, Any]) -> None:
        if event["kind"] == "log":
            if event["level"] == "warning":
                self.warn(event["text"])
            else:
                self.tell(event["text"])
        elif self.is_watched:
            self._draw(event)

    def _draw(self, event: Mapping[str, Any]) -> None:
        bars = self._bars()
        if event["kind"] == "metrics":
            if self._bar is None:
                return
            text = f"epoch {event['epoch']} of {event['epochs']}"
            for name, label in (("accuracy", "accuracy"), ("val_accuracy", "on validation")):
                value = event.get(name)
                if value is not None:
                    text += f", {label} {value:.1%}"
            # It is drawn anew ten times a second anyway; short work is to be seen as well.
            bars.update(self._bar, note=text, refresh=event["epoch"] == 1)
            return
        phase = event["phase"]
        if phase != self._phase:
            if self._bar is not None:
                bars.remove_task(self._bar)
            self._phase = phase
            self._bar = bars.add_task(PHASES.get(phase, phase), total=1.0, note="")
            bars.refresh()
        bars.update(self._bar, completed=event["fraction"])

    def _bars(self) -> Any:
        if self._progress is None:
            from rich.console import Console as Rich
            from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

            self._progress = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                TextColumn("{task.percentage:>3.0f} %"),
                TimeRemainingColumn(compact=True),
                TextColumn("{task.fields[note]}", style="dim"),
                console=Rich(file=self._error),
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._progress.start()
        return self._progress


def _shown(text: str, stream: TextIO) -> str:
    """Returns a text as a stream can write it: names of files may have bytes that are no text."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return text.encode(encoding, "replace").decode(encoding)
