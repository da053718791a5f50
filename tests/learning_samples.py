"""Examples for the tests of what is trained: clouds of unit vectors, with recording bursts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from server.learning.backbones import Backbone, get
from server.learning.embedding import unit_length
from server.learning.examples import Examples


def backbone_of(size: int) -> Backbone:
    """Returns the built-in backbone as if its vectors had another size."""
    return replace(get(), embedding_size=size)


def clouds(
    per_class: Sequence[int],
    *,
    burst: int = 1,
    spread: float = 0.5,
    size: int = 16,
    seed: int = 0,
    classes: Sequence[str] | None = None,
) -> Examples:
    """Draws a cloud of vectors for each class, `burst` examples after another in one burst.

    Args:
        per_class: examples of each class.
        burst: examples of a burst.
        spread: of a cloud about its centre; centres have length 1.
        size: numbers of a vector.
        seed: of the draw.
        classes: their labels; "c0", "c1" ... where None.
    """
    random = np.random.default_rng(seed)
    labels = np.repeat(np.arange(len(per_class)), per_class)
    centres = unit_length(random.standard_normal((len(per_class), size)))
    noise = random.standard_normal((len(labels), size)) * spread / np.sqrt(size)
    within = np.concatenate([np.arange(n) for n in per_class])
    groups = np.unique(labels * 10_000 + within // burst, return_inverse=True)[1]
    return Examples(
        ids=[f"{label}/{i}" for label, i in zip(labels, within, strict=True)],
        labels=labels,
        groups=groups,
        classes=list(classes or [f"c{c}" for c in range(len(per_class))]),
        vectors=unit_length(centres[labels] + noise),
        backbone=backbone_of(size),
    )
