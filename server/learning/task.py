"""How long work tells what it does and hears that it should stop."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


class Cancelled(Exception):
    """Ends work that somebody has cancelled: an outcome, not an error."""


class Task:
    """What a recipe is given to report to and to ask whether to go on.

    Args:
        report: is given each event as JSON values: `{"kind": "progress", "phase", "fraction"}`,
            `{"kind": "log", "level", "text"}` or `{"kind": "metrics", "epoch", "epochs", ...}`.
        cancelled: tells whether to stop; asked often, so it must be cheap.
    """

    def __init__(
        self,
        report: Callable[[Mapping[str, Any]], None] = lambda event: None,
        cancelled: Callable[[], bool] = lambda: False,
    ):
        self._report = report
        self._cancelled = cancelled

    def check(self) -> None:
        """Raises `Cancelled` if the work is to stop. Call it at least ten times a second."""
        if self._cancelled():
            raise Cancelled

    def progress(self, phase: str, fraction: float) -> None:
        """Tells which phase it is in ("embed", "fit", "evaluate", ...) and how much of the phase is
        done, 0 to 1; checks for a stop as well."""
        self.check()
        event = {"kind": "progress", "phase": phase, "fraction": min(1.0, max(0.0, fraction))}
        self._report(event)

    def log(self, text: str, level: str = "info") -> None:
        """Tells a person something in one sentence; `level` is "info" or "warning"."""
        self._report({"kind": "log", "level": level, "text": text})

    def quiet(self) -> Task:
        """Returns a task that passes on everything but the numbers of epochs."""

        def pass_on(event: Mapping[str, Any]) -> None:
            if event["kind"] != "metrics":
                self._report(event)

        return Task(pass_on, self._cancelled)

    def metrics(self, epoch: int, epochs: int, **values: float) -> None:
        """Tells the numbers after an epoch (from 1): loss, accuracy, val_loss, val_accuracy."""
        self._report({"kind": "metrics", "epoch": epoch, "epochs": epochs, **values})
