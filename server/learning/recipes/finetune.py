"""A converted backbone with a new head: first the head alone, then its last blocks too.

The head looks at the embedding scaled to unit length, as the page and the other recipes do.
A converted backbone has its batch normalisation folded into its convolutions; where a network
still has some, its statistics stay as they are.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from .. import network_files, tensorflow
from ..backbones import Backbone
from ..backbones import get as get_backbone
from ..errors import InputError
from ..examples import Examples
from ..splits import Split
from ..task import Task
from . import Fitted, vgg16
from .augmentation import to_range
from .balance import example_weights
from .convnet import judged, learned, shown
from .crops import Pixels, notes_of, read_pixels
from .head import stopping_notes

#: Share of the work that the head alone is, about, where the last blocks are tuned after it.
HEAD_WORK = 0.1
#: Layers whose names share one of these beginnings are one block; others are blocks of their own.
_BLOCK = re.compile(r"block_?\d+|expanded_conv(_\d+)?|conv_[dp]w_\d+|re_lu_\d+")


def load_trunk(options: Mapping[str, Any], backbone: Backbone | None) -> Any:
    """Loads what is tuned.

    Args:
        options: `network` is a key of `TRUNKS`.
        backbone: that of the examples; None for the built-in one.

    Returns:
        A flat functional tf_keras model, float32[n, S, S, 3] in -1..1 to features float32[n, D].

    Raises:
        InputError: its files are not there or cannot be used.
    """
    return TRUNKS[options["network"]](backbone or get_backbone())


def _own(backbone: Backbone) -> Any:
    import tf_keras

    from ...conversion.errors import ConversionError
    from ...conversion.keras_models import from_model_file

    path = backbone.folder / "backbone.keras"
    try:
        model = from_model_file(path)
    except ConversionError as error:
        raise InputError(
            f"The backbone {backbone.name} cannot be tuned",
            f"{error}",
            f"Convert it again: python convert_models.py {backbone.name}",
            kind="mismatch",
        ) from None
    return tf_keras.Model(model.input, model.output["embedding"], name="trunk")


#: Option `network` to a function of the backbone.
TRUNKS = {"backbone": _own, "vgg16": vgg16.load}


def add_head(trunk: Any, classes: int) -> Any:
    """Returns a model of the trunk, its features scaled to length 1, and a dense layer.

    The features are multiplied by the square root of their number, which makes them about as
    large as what a dense layer expects.
    """
    import tf_keras
    from tf_keras import layers

    features = trunk.output
    unit = layers.UnitNormalization(name="unit_length")(features)
    scaled = layers.Rescaling(math.sqrt(features.shape[-1]), name="scale")(unit)
    logits = layers.Dense(classes, name="head")(scaled)
    return tf_keras.Model(trunk.input, logits, name="finetuned")


def blocks_of(model: Any) -> list[list[Any]]:
    """Groups the layers that have weights into blocks, in their order, by their names."""
    blocks: list[tuple[str, list[Any]]] = []
    for layer in model.layers:
        if not layer.weights:
            continue
        match = _BLOCK.match(layer.name)
        name = match.group(0).replace("dw", "pw") if match else layer.name.split("/")[0]
        if not blocks or blocks[-1][0] != name:
            blocks.append((name, []))
        blocks[-1][1].append(layer)
    return [layers for _, layers in blocks]


def thaw(model: Any, trunk: Any, blocks: int) -> int:
    """Lets the head and the last blocks of the trunk learn, and nothing else.

    Returns:
        How many weights learn.
    """
    found = blocks_of(trunk)
    last = found[max(0, len(found) - blocks) :] if blocks else []
    chosen = {layer.name for block in last for layer in block} | {"head"}
    for layer in model.layers:
        is_norm = type(layer).__name__ == "BatchNormalization"
        layer.trainable = layer.name in chosen and not is_norm
    return int(sum(np.prod(w.shape) for w in model.trainable_weights))


def fit(examples: Examples, split: Split, options: Mapping[str, Any], task: Task) -> Fitted:
    """Trains it: see `recipes.Fit`.

    Raises:
        InputError: there are no pictures, the network is not there, or a rate is too large.
        Cancelled: somebody has stopped it.
    """
    tensorflow.start(options["seed"])
    try:
        trunk = load_trunk(options, examples.backbone)
        read = partial(read_pixels, examples, size=trunk.input_shape[1], task=task)
        read = partial(read, threads=tensorflow.threads_wanted())
        share = len(split.train) / max(1, len(split.train) + len(split.validation))
        with (
            read(split.train, end=share) as training,
            read(split.validation, begin=share) as validation,
        ):
            model = add_head(trunk, len(examples.classes))
            try:
                return _fit(model, trunk, training, validation, options, task)
            finally:
                tensorflow.release(model)
    finally:
        tensorflow.finish()


def _fit(
    model: Any,
    trunk: Any,
    training: Pixels,
    validation: Pixels,
    options: Mapping[str, Any],
    task: Task,
) -> Fitted:
    tune = options["tune_epochs"] if options["blocks"] else 0
    work = tensorflow.Work(0, HEAD_WORK if tune else 1, options["epochs"] + tune)
    curves, kept = _fit_head(model, training, validation, options, task, work)
    notes = stopping_notes(options, kept, len(validation))
    learning, chosen = thaw(model, trunk, options["blocks"] if tune else 0), {}
    if tune:
        task.log(f"The last {options['blocks']} blocks learn too: {learning:,} weights.")
        tensorflow.compile_classifier(model, tensorflow.optimiser("adam", options["tune_rate"]))
        more, kept_tuned = tensorflow.train(
            model,
            learned(training, options),
            judged(validation, options),
            task,
            epochs=tune,
            patience=options["patience"],
            work=tensorflow.Work(HEAD_WORK, 1, len(curves) + tune, len(curves)),
        )
        curves, chosen = [*curves, *more], {"tune_epochs": kept_tuned}
        if options["patience"] and len(validation):
            notes.append(f"Of tuning, the weights after epoch {kept_tuned} of {tune} are kept.")
    network = network_files.make_network(model, shown(training, validation), task)
    return Fitted(
        network,
        curves,
        epochs=kept,
        chosen=chosen,
        parameters=learning,
        notes=[*notes_of((training, validation)), *notes],
    )


def _fit_head(
    model: Any,
    training: Pixels,
    validation: Pixels,
    options: Mapping[str, Any],
    task: Task,
    work: tensorflow.Work,
) -> tuple[list[Mapping[str, float]], int]:
    """Trains the head on features that are computed once, and puts it into the model."""
    import tf_keras

    features = tf_keras.Model(model.input, model.get_layer("scale").output)
    total = len(training) + len(validation)
    parts, done = [], 0
    for part in (training, validation):
        if not len(part):
            parts.append(None)
            continue
        inputs = tensorflow.feed(part.values, part.labels, options["evaluation_batch"], _to_range)
        begin, done = done / total, done + len(part)
        parts.append(tensorflow.predict(features, inputs, task, begin, done / total))
    seen, judging = parts
    assert seen is not None
    vector = tf_keras.Input((seen.shape[1],))
    head = tf_keras.Model(vector, model.get_layer("head")(vector))
    tensorflow.compile_classifier(head, tensorflow.optimiser("adam", options["rate"]))
    batches = tensorflow.feed(
        seen,
        training.labels,
        options["batch"],
        tensorflow.plain,
        weights=example_weights(training.labels, options["balance"]),
        seed=options["seed"],
    )
    judges = None
    if judging is not None:
        judges = tensorflow.feed(
            judging, validation.labels, options["evaluation_batch"], tensorflow.plain
        )
    return tensorflow.train(
        head,
        batches,
        judges,
        task,
        epochs=options["epochs"],
        patience=options["patience"],
        work=work,
    )


def _to_range(pixels: np.ndarray, random: np.random.Generator) -> np.ndarray:
    return to_range(pixels)
