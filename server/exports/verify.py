"""Whether an export, loaded again, answers as the classifier does."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..learning.errors import InputError
from ..learning.models import Neighbours, Network
from .work import Work

#: Largest difference of any probability.
FLOAT, HALF = 1e-3, 0.02
#: With Euclidean distances in 32 bits a picture that is an example itself is some 1e-4 away from
#: it, not 0, on either side.
EUCLIDEAN = 0.02
#: A network's own LiteRT file, which answers here, holds 16-bit numbers. It was made of the same
#: layers as the export is, and found to differ from them by 0.001 at most, before the temperature.
NETWORK = 5e-3
#: Share of the pictures that must get the same best class from 8 bits; below it a warning is given.
SAME_ANSWERS = 0.9
#: Likewise of a regression in 8 bits: largest difference as a share of the values' range.
WORST_VALUE = 0.1


def agreement(work: Work, found: np.ndarray) -> dict[str, Any]:
    """Compares the answers of an export with those of the classifier.

    Args:
        work: whose `expected` counts.
        found: float[n, outputs].

    Returns:
        `max_difference`, `same_answers` (of a regression: None) and `pictures`.

    Raises:
        InputError: there are answers missing, or some are no numbers.
    """
    expected = work.expected
    if found.shape != expected.shape or not np.isfinite(found).all():
        raise InputError(
            "The export does not answer as it should",
            f"It gave {list(found.shape)} numbers, expected {list(expected.shape)}, all finite.",
            "Please report this with the classifier file.",
        )
    same = None
    if not work.classifier.is_regression:
        best = found.argmax(axis=1)
        # Two classes as good as each other may change places without anything being wrong.
        rows = np.arange(len(best))
        tied = expected.max(axis=1) - expected[rows, best] < FLOAT
        same = float(np.mean((best == expected.argmax(axis=1)) | tied))
    return {
        "max_difference": float(np.abs(found - expected).max()),
        "same_answers": same,
        "pictures": len(found),
    }


def require(work: Work, found: np.ndarray, tolerance: float, what: str) -> dict[str, Any]:
    """Returns the agreement, which must be within a tolerance.

    Args:
        work: what is exported.
        found: float[n, outputs].
        tolerance: of a probability; of a regression's value, as a share of the values' range.
        what: how to call the export in a message.

    Raises:
        InputError: it is not.
    """
    measured = agreement(work, found)
    model = work.classifier.model
    if isinstance(model, Neighbours) and model.metric == "l2":
        tolerance = max(tolerance, EUCLIDEAN)
    if isinstance(model, Network):
        tolerance = max(tolerance, NETWORK)
    scale = 1.0
    if work.classifier.is_regression:
        scale = max(1.0, float(np.ptp(work.expected)), float(np.abs(work.expected).max()))
    if not measured["max_difference"] <= tolerance * scale:
        raise InputError(
            f"{what} does not give the same answers as the classifier",
            f"Loaded again, it differs by {measured['max_difference']:.4f} on"
            f" {len(found)} pictures; at most {tolerance * scale:g} is allowed.",
            "Choose another format, and please report this with the classifier file.",
        )
    return measured


def in_words(measured: dict[str, Any], real: bool) -> str:
    """Says an agreement in a sentence."""
    pictures = f"{measured['pictures']} {'' if real else 'drawn '}pictures"
    text = f"Checked on {pictures}: the largest difference of any score is"
    text += f" {measured['max_difference']:.2g}"
    if measured["same_answers"] is not None:
        text += f", the best class is the same for {measured['same_answers']:.1%}"
    return f"{text}."


def drawn_pictures(count: int = 6) -> np.ndarray:
    """Draws pictures uint8[count, 224, 224, 3] for classifiers that come without any."""
    random = np.random.default_rng(7)
    y, x = np.mgrid[0:224, 0:224] / 224
    made = []
    for _ in range(count):
        waves = random.uniform(1, 9, (3, 2)), random.uniform(0, 6, 3)
        planes = [
            np.sin(2 * np.pi * (a * x + b * y) + c)
            for (a, b), c in zip(waves[0], waves[1], strict=True)
        ]
        noise = random.normal(0, 12, (224, 224, 3))
        made.append(np.clip(128 + 90 * np.stack(planes, axis=-1) + noise, 0, 255))
    return np.stack(made).astype(np.uint8)
