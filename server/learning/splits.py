"""Who is trained on, who steers, who judges: split by seed and by recording burst."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Split:
    """Positions of examples, int64 each, none in two of them.

    Attributes:
        train, validation, test: which are which; the last two may be empty.
        warnings: sentences about what could not be done as it should be.
    """

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray
    warnings: Sequence[str] = ()
