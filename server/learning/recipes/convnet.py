"""A network from scratch, trained on the pictures themselves.

One block of a VGG network (Simonyan and Zisserman, Very deep convolutional networks for
large-scale image recognition, 2015): 32 filters of 3 x 3, max pool, dense 128. Small enough to see
what learning from nothing takes, and what dropout and variation do against learning by heart.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from .. import network_files, tensorflow
from ..examples import Examples
from ..splits import Split
from ..task import Task
from . import Fitted
from .augmentation import to_range, vary
from .balance import example_weights
from .crops import Cut, Pixels, notes_of, read_pixels
from .head import stopping_notes

FILTERS, DENSE = 32, 128
#: Shares that are switched off at random: behind the pool and behind the dense layer.
DROPOUT = (0.2, 0.5)


def build(size: int, classes: int, dropout: bool) -> Any:
    """Builds the network with random weights.

    Args:
        size: width and height of its input in pixels.
        classes: of its output, logits.
        dropout: whether to switch off shares of `DROPOUT` while it learns.

    Returns:
        A functional tf_keras model, float32[n, size, size, 3] in -1..1 to float32[n, classes].
    """
    import tf_keras
    from tf_keras import layers

    stack = [
        layers.Conv2D(
            FILTERS,
            3,
            padding="same",
            activation="relu",
            kernel_initializer="he_uniform",
            name="convolution",
        ),
        layers.MaxPooling2D(2, name="pool"),
        *([layers.Dropout(DROPOUT[0], name="dropout_pool")] if dropout else []),
        layers.Flatten(name="flat"),
        layers.Dense(DENSE, activation="relu", kernel_initializer="he_uniform", name="dense"),
        *([layers.Dropout(DROPOUT[1], name="dropout_dense")] if dropout else []),
        layers.Dense(classes, name="logits"),
    ]
    image = output = tf_keras.Input((size, size, 3), name="image")
    for layer in stack:
        output = layer(output)
    return tf_keras.Model(image, output, name="convnet")


def fit(examples: Examples, split: Split, options: Mapping[str, Any], task: Task) -> Fitted:
    """Trains it: see `recipes.Fit`.

    Raises:
        InputError: there are no pictures, or the rate is too large.
        Cancelled: somebody has stopped it.
    """
    tensorflow.start(options["seed"])
    read = partial(read_pixels, examples, size=options["size"], task=task, seed=options["seed"])
    read = partial(read, threads=tensorflow.threads_wanted())
    cut = Cut(options["squares"], options["square_pixels"])
    share = len(split.train) / max(1, len(split.train) + len(split.validation))
    try:
        with (
            read(split.train, cut=cut, end=share) as training,
            read(split.validation, begin=share) as validation,
        ):
            model = build(options["size"], len(examples.classes), options["dropout"])
            try:
                return _fit(model, training, validation, options, task)
            finally:
                tensorflow.release(model)
    finally:
        tensorflow.finish()


def _fit(
    model: Any, training: Pixels, validation: Pixels, options: Mapping[str, Any], task: Task
) -> Fitted:
    tensorflow.compile_classifier(
        model, tensorflow.optimiser(options["optimiser"], options["rate"])
    )
    curves, kept = tensorflow.train(
        model,
        learned(training, options),
        judged(validation, options),
        task,
        epochs=options["epochs"],
        patience=options["patience"],
    )
    network = network_files.make_network(model, shown(training, validation), task)
    return Fitted(
        network,
        curves,
        epochs=kept,
        parameters=model.count_params(),
        notes=[
            *notes_of((training, validation)),
            *stopping_notes(options, kept, len(validation)),
        ],
    )


def learned(training: Pixels, options: Mapping[str, Any]) -> Any:
    """Returns the feed of the pictures that are learned from, varied as the options say."""

    def prepare(pixels: np.ndarray, random: np.random.Generator) -> np.ndarray:
        return vary(pixels, options, random)

    return tensorflow.feed(
        training.values,
        training.labels,
        options["batch"],
        prepare,
        weights=example_weights(training.labels, options["balance"]),
        seed=options["seed"],
    )


def judged(validation: Pixels, options: Mapping[str, Any]) -> Any:
    """Returns the feed of the validation pictures, None if there are none."""
    if not len(validation):
        return None
    return tensorflow.feed(
        validation.values,
        validation.labels,
        options["evaluation_batch"],
        lambda pixels, random: to_range(pixels),
    )


def shown(*parts: Pixels) -> np.ndarray:
    """Returns pictures from all over each part to compare the converted network on."""
    count = network_files.COMPARED // len(parts)
    rows = [np.unique(np.linspace(0, len(part) - 1, count).astype(int)) for part in parts]
    return np.concatenate(
        [part.values[chosen] for part, chosen in zip(parts, rows, strict=True) if len(part)]
    )
