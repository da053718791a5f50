"""A small network on the embedding: Teachable Machine's, with its settings.

Dense 100 relu and softmax without a bias, 50 epochs of batches of 16, Adam at a rate of 0.001, 15 %
of the pictures to validate on. Source: the library @teachablemachine/image, `teachable-mobilenet`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from ..errors import InputError
from ..examples import Examples
from ..models import Dense
from ..splits import Split
from ..task import Task
from . import Fitted
from .balance import example_weights
from .perceptron import Part, Perceptron, cross_entropy, train


def fit(examples: Examples, split: Split, options: Mapping[str, Any], task: Task) -> Fitted:
    """Trains it: see `recipes.Fit`.

    Rows of length 1 are multiplied by the root of how many numbers they have, so that each number
    is about 1, as the initial weights suppose; the first layer takes that over in the end.

    Raises:
        InputError: the rate is so large that the weights have left the numbers.
    """
    assert examples.vectors is not None
    size = examples.vectors.shape[1]
    scale = float(np.sqrt(size))
    random = np.random.default_rng(options["seed"])
    training, validation = (
        Part(
            examples.vectors[rows] * np.float32(scale),
            examples.labels[rows],
            example_weights(examples.labels[rows], options["balance"]),
        )
        for rows in (split.train, split.validation)
    )
    network = Perceptron(size, options["units"], len(examples.classes), False, random)
    with threadpool_limits(1), np.errstate(over="ignore", invalid="ignore"):
        trained = train(network, training, validation, options, cross_entropy, task, random)
    check_finite(network, options)
    return Fitted(
        Dense(network.layers(scale)),
        trained.curves,
        epochs=trained.epochs,
        notes=stopping_notes(options, trained.epochs, len(validation)),
    )


def check_finite(network: Perceptron, options: Mapping[str, Any]) -> None:
    """Raises InputError where a training has run away."""
    if not np.isfinite(network.theta).all():
        raise InputError(
            "The training has run away",
            f"With a rate of {options['rate']:g} the weights grew beyond all numbers.",
            "Take a smaller rate, such as 0.001.",
        )


def stopping_notes(options: Mapping[str, Any], epochs: int, validation: int) -> list[str]:
    """Says what became of early stopping."""
    if not options["patience"]:
        return []
    if not validation:
        return ["There were no validation pictures, so it was trained for all epochs."]
    return [f"The weights after epoch {epochs} of {options['epochs']} were the best and are kept."]
