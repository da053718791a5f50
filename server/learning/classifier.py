"""A trained classifier: a model, its classes, and whose vectors it needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .backbones import Backbone
from .embedding import embed
from .errors import InputError
from .models import Model, softmax


@dataclass(frozen=True)
class ClassRef:
    """A class: its label, and where it is from a project its id and colour."""

    label: str
    id: str | None = None
    color: str | None = None


@dataclass(frozen=True)
class BackboneRef:
    """Which backbone made the vectors that a classifier was trained on."""

    name: str
    fingerprint: str
    embedding_size: int

    @classmethod
    def of(cls, backbone: Backbone) -> BackboneRef:
        """Names a backbone."""
        return cls(backbone.name, backbone.fingerprint, backbone.embedding_size)


@dataclass(frozen=True)
class Classifier:
    """What was trained, ready to answer.

    Attributes:
        name: for people.
        recipe: a key of `server.learning.recipes.RECIPES`, or "import".
        classes: in the order of the scores; of a regression, the numbers it was shown.
        model: what computes.
        backbone: whose vectors the model wants; None where it looks at pixels itself.
        temperature: the logits are divided by it, so that a confidence is a probability.
        created_at: ISO 8601, UTC.
        options: those it was trained with, the seed among them.
        report: how good it is (docs/evaluation.md), or None.
        is_regression: whether it answers a number instead of classes.
    """

    name: str
    recipe: str
    classes: Sequence[ClassRef]
    model: Model
    backbone: BackboneRef | None = None
    temperature: float = 1.0
    created_at: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    report: Mapping[str, Any] | None = None
    is_regression: bool = False

    @property
    def labels(self) -> list[str]:
        """The labels of its classes, in order."""
        return [c.label for c in self.classes]

    def scores(self, inputs: np.ndarray) -> np.ndarray:
        """Classifies what `model.wants`: vectors float32[n, D] or squares uint8[n, 224, 224, 3].

        Returns:
            Probabilities float64[n, classes], rows of sum 1; of a regression values float64[n, 1].
        """
        logits = self.model.logits(inputs)
        return logits if self.is_regression else softmax(logits, self.temperature)

    def look(self, squares: np.ndarray, backbone: Backbone | None = None) -> np.ndarray:
        """Answers stored squares, embedding them first where the model wants vectors.

        Args:
            squares: uint8[n, 224, 224, 3].
            backbone: of `self.backbone.fingerprint`; may be None where `self.backbone` is.

        Returns:
            Like `scores`.

        Raises:
            InputError: (kind "mismatch") the backbone is another one.
        """
        if self.model.wants == "squares":
            return self.scores(squares)
        if backbone is None or self.backbone is None:
            raise _no_backbone(self)
        if backbone.fingerprint != self.backbone.fingerprint:
            raise _no_backbone(self)
        return self.scores(embed(backbone, squares))


def _no_backbone(classifier: Classifier) -> InputError:
    reference = classifier.backbone
    name = reference.name if reference else "its own"
    return InputError(
        f"The backbone {name} is not here",
        f"{classifier.name} was trained on what {name} sees"
        + (f" (fingerprint {reference.fingerprint[:12]})." if reference else "."),
        f"Convert it with: python convert_models.py {name}",
        kind="mismatch",
    )


def find_backbone(classifier: Classifier, available: Sequence[Backbone]) -> Backbone | None:
    """Returns the backbone that a classifier needs, None where it needs none.

    Raises:
        InputError: (kind "mismatch") it is not among those that are here.
    """
    if classifier.backbone is None:
        return None
    for backbone in available:
        if backbone.fingerprint == classifier.backbone.fingerprint:
            return backbone
    raise _no_backbone(classifier)
