"""Teacher and student as Keras models, and the places where they can be compared. TensorFlow."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from server.conversion import keras_models
from server.conversion.errors import ConversionError
from server.conversion.names import Choice, read_name

from .config import TrainingError

BATCH_NORM_MOMENTUM = 0.98
"""Keras' own 0.999 would need thousands of steps to see what the student has become."""


@dataclass(frozen=True)
class Teacher:
    """A teacher whose weights are known, to be built for any size of picture.

    Args:
        choice: family, width and size.
        weights: Keras file it is filled from.
    """

    choice: Choice
    weights: Path

    def build(self, size: int) -> Any:
        """Return the teacher for pictures of a size, frozen.

        Raises:
            TrainingError: the weights do not fit.
        """
        try:
            model = keras_models.from_weights_file(replace(self.choice, size=size), self.weights)
        except ConversionError as error:
            raise TrainingError(str(error)) from None
        model.trainable = False
        return model


def choice_of(name: str) -> Choice:
    """Read the name of one of Keras' families.

    Raises:
        TrainingError: it is none.
    """
    try:
        choice = read_name(name)
    except ConversionError as error:
        raise TrainingError(str(error)) from None
    if choice.family is None:
        raise TrainingError(
            f"{name} is none of Keras' families; `python convert_models.py --list` shows them."
        )
    return choice


def build_student(choice: Choice, size: int, seed: int, features: int) -> Any:
    """Return a student with random weights that gives pooled features.

    Args:
        choice: family and width.
        size: side of its pictures in pixels.
        seed: of the weights.
        features: how many the teacher has; a student with another number gets a dense layer
            `adapter` that makes so many of its own.
    """
    import tf_keras

    model = keras_models.build(replace(choice, size=size), top=False, seed=seed)
    for layer in model.layers:
        if type(layer).__name__ == "BatchNormalization":
            layer.momentum = BATCH_NORM_MOMENTUM
    if model.output.shape[-1] == features:
        return model
    adapter = tf_keras.layers.Dense(features, name="adapter")
    return tf_keras.Model(model.input, adapter(model.output), name=model.name)


def _pooling(model: Any) -> Any:
    """Return the last global average pooling; those before it gate channels."""
    poolings = [x for x in model.layers if type(x).__name__ == "GlobalAveragePooling2D"]
    if not poolings:
        raise TrainingError(f"{model.name} has no global average pooling to take features from.")
    return poolings[-1]


def feature_map(model: Any) -> Any:
    """Return the last feature map `[n, h, w, channels]`, the one that is pooled."""
    return _pooling(model).input


def top_of(model: Any) -> Any | None:
    """Return the part from pooled features to the logits of 1,000 classes, None without them."""
    import tf_keras

    pooled = _pooling(model).output
    if model.output is pooled or model.output.shape[-1] != keras_models.CLASSES:
        return None
    return tf_keras.Model(pooled, model.output)


def block_ends(model: Any) -> list[Any]:
    """Return the output of each block, from the picture's side to the last feature map.

    A block ends where its shortcut is added; one without a shortcut ends with the batch
    normalisation of its projection (MobileNetV2 and V3) or the activation of its pointwise
    convolution (MobileNet). The last is the feature map.
    """
    ends: dict[str, Any] = {}
    for layer in model.layers:
        name = layer.name.lower()
        is_projection = type(layer).__name__ == "BatchNormalization" and "project" in name
        is_pointwise = name.startswith("conv_pw_") and name.endswith("_relu")
        is_sum = type(layer).__name__ == "Add"
        if is_projection or is_pointwise or is_sum:
            block = layer.name.rsplit("/", 1)[0]
            block = block.split("/project")[0] if "/" in layer.name else _stem(layer.name)
            ends[block] = layer.output
    last = feature_map(model)
    outputs = [output for output in ends.values() if output is not last]
    return [*outputs, last]


def _stem(name: str) -> str:
    for ending in ("_project_BN", "_add", "_relu"):
        name = name.removesuffix(ending)
    return name


def blocks_of(model: Any) -> list[Any]:
    """Cut a model at its blocks' ends; the pieces share the model's weights."""
    import tf_keras

    ends = block_ends(model)
    starts = [model.input, *ends[:-1]]
    return [tf_keras.Model(start, end) for start, end in zip(starts, ends, strict=True)]


def are_alike(first: Any, second: Any) -> bool:
    """Tell whether two models have blocks of the same shapes, so that blocks can be compared."""
    shapes = [[tuple(end.shape[1:]) for end in block_ends(model)] for model in (first, second)]
    return shapes[0] == shapes[1]


@dataclass(frozen=True)
class Projection:
    """The affine map from features to the embedding.

    Args:
        kernel: float32[features, numbers].
        bias: float32[numbers].
        kept: part of the features' variance in the components that are kept, 0 to 1.
    """

    kernel: np.ndarray
    bias: np.ndarray
    kept: float


def principal_components(features: np.ndarray, numbers: int, whitening: float) -> Projection:
    """Find the directions in which features differ most.

    The components of the singular value decomposition of the centred features, each divided by
    its singular value to the power `whitening` (0: plain principal components, 1: whitening). The
    scale is chosen so that embeddings have length 1 on average.

    Args:
        features: float[n, features], n at least `numbers`.
        numbers: how many components.
        whitening: 0 to 1.

    Raises:
        TrainingError: there are fewer features, or fewer rows, than components asked for.
    """
    if numbers > min(features.shape):
        raise TrainingError(
            f"embedding is {numbers}; expected at most {min(features.shape)}, since there are "
            f"{features.shape[0]} views of {features.shape[1]} features."
        )
    mean = features.mean(axis=0, dtype=np.float64)
    _, values, directions = np.linalg.svd(features - mean, full_matrices=False)
    if values[0] < 1e-6:
        raise TrainingError(
            "The student gives the same features for every picture: it has learned nothing. Train "
            "longer, or at a lower rate."
        )
    kernel = directions[:numbers].T / np.maximum(values[:numbers], 1e-9) ** whitening
    kernel /= np.linalg.norm((features - mean) @ kernel, axis=1).mean()
    kept = float(np.square(values[:numbers]).sum() / np.square(values).sum())
    bias = -(mean @ kernel)
    return Projection(kernel.astype(np.float32), bias.astype(np.float32), kept)


def with_projection(student: Any, projection: Projection) -> Any:
    """Return the student with the projection as its last, dense layer `embedding`."""
    import tf_keras

    layer = tf_keras.layers.Dense(len(projection.bias), name="embedding")
    model = tf_keras.Model(student.input, layer(student.output), name="student")
    layer.set_weights([projection.kernel, projection.bias])
    return model
