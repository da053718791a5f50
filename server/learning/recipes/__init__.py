"""The recipes that a classifier can be trained by: one module each, and a table of them.

Importing this package imports neither TensorFlow nor scikit-learn; a recipe does when it is run.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..examples import Examples
from ..models import Model
from ..splits import Split
from ..task import Task
from .options import COMMON, Option, read_options


@dataclass(frozen=True)
class Fitted:
    """What a recipe gives back.

    Attributes:
        model: what computes.
        curves: one entry an epoch, as reported: epoch, loss, accuracy, val_loss, val_accuracy.
        tries: what was tried and which was chosen, `{"columns": [...], "rows": [[...]],
            "chosen": i, "by": "validation" | "cross-validation"}`, or None.
        epochs: how many it was trained for, where that was decided on the way (early stopping).
        chosen: options as the recipe has chosen them, so that training once more on everything
            chooses nothing anew.
        parameters: how many numbers were learned, where the model cannot tell itself.
        notes: sentences for the report.
    """

    model: Model
    curves: Sequence[Mapping[str, float]] = ()
    tries: Mapping[str, Any] | None = None
    epochs: int | None = None
    chosen: Mapping[str, Any] = field(default_factory=dict)
    parameters: int | None = None
    notes: Sequence[str] = ()


#: Trains on `split.train`, steers by `split.validation`, never looks at `split.test`. Examples
#: carry `vectors` where the recipe wants them. Options are complete. `split.validation` may be
#: empty. Deterministic for a seed.
Fit = Callable[[Examples, Split, Mapping[str, Any], Task], Fitted]


@dataclass(frozen=True)
class Recipe:
    """A row of the table.

    Attributes:
        name: as in `--recipe`.
        title, description: for people.
        wants: "vectors", or "pictures" where it looks at pixels itself.
        options: its own and the common ones.
        module: where its `fit` is.
        needs_tensorflow: whether running it imports TensorFlow.
        is_regression: whether it learns a number.
    """

    name: str
    title: str
    description: str
    wants: str
    module: str
    own_options: Sequence[Option] = ()
    needs_tensorflow: bool = False
    is_regression: bool = False

    @property
    def options(self) -> tuple[Option, ...]:
        """Its own options and those that every recipe has."""
        return (*self.own_options, *COMMON)

    def read_options(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Checks options and fills in the rest: see `options.read_options`."""
        return read_options(self.options, given)

    @property
    def fit(self) -> Fit:
        """The function that trains it."""
        return importlib.import_module(f".{self.module}", __name__).fit

    def describe(self) -> dict[str, Any]:
        """Returns the row as JSON values."""
        members = ("name", "title", "description", "wants", "needs_tensorflow", "is_regression")
        return {m: getattr(self, m) for m in members} | {
            "options": [option.describe() for option in self.options]
        }
