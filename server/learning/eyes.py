"""What a process that looks at pictures looks through; sent to it by value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from .backbones import Backbone
from .pictures import CAPTURE_SIZE
from .tensorflow import hushed

#: Turns a square uint8[224, 224, 3] into a row of numbers.
See = Callable[[np.ndarray], np.ndarray]

_NOTHING = np.zeros((CAPTURE_SIZE, CAPTURE_SIZE, 3), np.uint8)


class Eyes(Protocol):
    """Something that can be pickled, and opened in the process that looks.

    Attributes:
        fingerprint: equal ones see equal numbers; empty where rows are not to be cached.
    """

    fingerprint: str

    def open(self) -> See:
        """Loads what is needed; raises InputError where that cannot be."""
        ...


@dataclass(frozen=True)
class BackboneEyes:
    """Sees the embedding: float32[D] of length 1."""

    backbone: Backbone

    @property
    def fingerprint(self) -> str:  # type: ignore[override]
        """The backbone's."""
        return self.backbone.fingerprint

    def open(self) -> See:
        """See `Eyes.open`."""
        from .embedding import embedder_of

        with hushed():  # LiteRT says a word when it runs first
            embedder = embedder_of(self.backbone)
            embedder.embed(_NOTHING)
        return lambda square: embedder.embed(square)[0]


@dataclass(frozen=True)
class ModelEyes:
    """Sees the logits of a model that wants squares: float64[classes].

    Attributes:
        kind, described, arrays, files: the model's parts (server/learning/models.py).
    """

    kind: str
    described: Mapping[str, Any]
    arrays: Mapping[str, np.ndarray]
    files: Mapping[str, bytes]
    fingerprint: str = ""

    @classmethod
    def of(cls, model: Any) -> ModelEyes:
        """Takes a model apart; of its files only what computes."""
        files = {name: data for name, data in model.files().items() if name == "model.tflite"}
        return cls(model.kind, model.describe(), model.arrays(), files)

    def open(self) -> See:
        """See `Eyes.open`."""
        from .models import MODELS

        with hushed():
            model = MODELS[self.kind].from_parts(self.described, self.arrays, self.files)
            model.logits(_NOTHING[None])
        return lambda square: model.logits(square[None])[0]


@dataclass(frozen=True)
class Eyelids:
    """Sees nothing: only finds out which pictures can be read."""

    fingerprint: str = ""

    def open(self) -> See:
        """See `Eyes.open`."""
        nothing = np.zeros(0, np.float32)
        return lambda square: nothing
