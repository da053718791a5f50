"""Build the Keras model of a backbone and fill it with checked tensors. Imports TensorFlow."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .errors import ConversionError
from .names import Choice
from .weights import Tensor, check_config, leaf, read_h5

CLASSES = 1000
_LARGEST_DESCRIPTION = 8_000_000


def build(choice: Choice, top: bool, seed: int | None = None) -> Any:
    """Build a family's architecture with random weights.

    Args:
        choice: family, alpha and size.
        top: with the 1,000-class output (its softmax left off).
        seed: makes the random weights repeatable.
    """
    import tf_keras

    tf_keras.backend.clear_session()
    if seed is not None:
        tf_keras.utils.set_random_seed(seed)
    family = choice.keras
    make = getattr(tf_keras.applications, family.architecture)
    ending = {"classes": CLASSES, "classifier_activation": None} if top else {"pooling": "avg"}
    return make(
        input_shape=(choice.size, choice.size, 3),
        alpha=choice.alpha,
        include_top=top,
        weights=None,
        **ending,
        **family.arguments,
    )


def randomise_batch_norm(model: Any, seed: int) -> None:
    """Give fresh BatchNormalization layers uneven statistics, so that folding has work to do."""
    random = np.random.default_rng(seed)
    for layer in model.layers:
        if type(layer).__name__ == "BatchNormalization":
            layer.set_weights(
                [
                    random.uniform(0.7, 1.4, w.shape)
                    if leaf(v.name) in ("gamma", "moving_variance")
                    else random.normal(0, 0.1, w.shape)
                    for v, w in zip(layer.weights, layer.get_weights(), strict=True)
                ]
            )


def has_top(tensors: Sequence[Tensor]) -> bool:
    """Tell whether the tensors of one of Keras' files include the 1,000-class output."""
    return any(t.values.ndim > 1 and t.values.shape[-1] == CLASSES for t in tensors)


def assign(model: Any, tensors: Sequence[Tensor], source: str) -> None:
    """Fill every weight of the model from the tensors, by name, else by order and shape.

    Args:
        model: a flat Keras model.
        tensors: those of the model; those of layers behind it (another head) are left alone.
        source: what to call the file in a message.

    Raises:
        ConversionError: a tensor is missing, has another shape, or holds no finite numbers.
    """
    layers = [layer for layer in model.layers if layer.weights]
    groups: dict[str, list[Tensor]] = {}
    for tensor in tensors:
        groups.setdefault(tensor.layer, []).append(tensor)
    by_name = {layer.name: groups[layer.name] for layer in layers if layer.name in groups}
    if len(by_name) < len(layers):
        # Keras numbers unnamed layers anew in every session: the order is what stays.
        stored = list(groups.values())
        if len(stored) < len(layers):
            missing = [layer.name for layer in layers if layer.name not in groups]
            raise ConversionError(
                f"{source} does not fit {model.name}: it has {len(stored)} layers with weights, "
                f"expected {len(layers)}; missing are {', '.join(missing[:4])}"
                f"{' and more' if len(missing) > 4 else ''}. Check family, --alpha and --size."
            )
        stored = stored[: len(layers)]
        by_name = {layer.name: group for layer, group in zip(layers, stored, strict=True)}
    for layer in layers:
        layer.set_weights(_matched(layer, by_name[layer.name], source))


def _matched(layer: Any, group: list[Tensor], source: str) -> list[np.ndarray]:
    """Return the layer's weights in the layer's own order."""
    named = {tensor.name: tensor for tensor in group}
    wanted = [(leaf(w.name), tuple(w.shape)) for w in layer.weights]
    if not all(name in named for name, _ in wanted):
        named = {name: tensor for (name, _), tensor in zip(wanted, group, strict=False)}
    values = []
    for name, shape in wanted:
        tensor = named.get(name)
        if tensor is None or tensor.values.shape != shape:
            found = tensor.values.shape if tensor else "nothing"
            raise ConversionError(
                f"{source} does not fit: {layer.name}/{name} should have the shape {shape}, "
                f"found {found}. Check family, --alpha and --size."
            )
        if not np.isfinite(tensor.values).all():
            raise ConversionError(
                f"{source}: {layer.name}/{name} holds numbers that are not finite."
            )
        values.append(tensor.values)
    return values


def from_weights_file(choice: Choice, path: Path) -> Any:
    """Build a family's architecture, with the top if the file has it, and fill it.

    Args:
        choice: family, alpha and size.
        path: one of Keras' HDF5 weight files.

    Raises:
        ConversionError: the file is damaged or does not fit.
    """
    tensors, _ = read_h5(path)
    model = build(choice, has_top(tensors))
    assign(model, tensors, path.name)
    return model


def from_model_file(path: Path) -> Any:
    """Load a whole model (.h5 or .keras) of known, harmless layers.

    Raises:
        ConversionError: damaged, a weights file without a model, or a forbidden layer.
    """
    if path.is_file() and zipfile.is_zipfile(path):
        return flat(_from_keras_archive(path))
    tensors, config = read_h5(path)
    if config is None:
        raise ConversionError(
            f"{path.name} holds weights but no description of the model they belong to. Give the "
            "family as NAME (for example mobilenet_v2_0.35_224), or save the whole model."
        )
    check_config(config)
    model = flat(_from_config(config, path.name))
    assign(model, tensors, path.name)
    return model


def _from_config(config: dict, source: str) -> Any:
    import tf_keras

    tf_keras.backend.clear_session()
    try:
        return tf_keras.models.model_from_config(config)
    except Exception as error:  # Keras raises nearly anything on a wrong description
        raise ConversionError(
            f"Keras cannot build the model that {source} describes: {_first_line(error)}"
        ) from None


def _from_keras_archive(path: Path) -> Any:
    try:
        with zipfile.ZipFile(path) as archive, archive.open("config.json") as file:
            text = file.read(_LARGEST_DESCRIPTION + 1)
        if len(text) > _LARGEST_DESCRIPTION:
            raise ConversionError(f"{path.name}: config.json is too large to be a description.")
        check_config(json.loads(text))
        import tf_keras

        tf_keras.backend.clear_session()
        return tf_keras.models.load_model(path, compile=False, safe_mode=True)
    except ConversionError:
        raise
    except Exception as error:  # zip, JSON, HDF5 and Keras each raise their own kinds
        raise ConversionError(
            f"{path.name} cannot be read as a Keras model: {_first_line(error)}"
        ) from None


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def flat(model: Any) -> Any:
    """Return the model as a flat functional one.

    Raises:
        ConversionError: it has several inputs or holds another model as a layer.
    """
    import tf_keras

    nested = [layer.name for layer in model.layers if isinstance(layer, tf_keras.Model)]
    if nested or len(model.inputs) != 1:
        raise ConversionError(
            f"{model.name} has {len(model.inputs)} inputs and holds the models "
            f"{nested or 'none'} as layers. Expected one flat model with one picture as input."
        )
    if isinstance(model, tf_keras.Sequential):
        model = tf_keras.Model(model.inputs, model.outputs, name=model.name)
    return model


def with_named_outputs(model: Any, name: str, top: bool | None = None) -> Any:
    """Return a functional model with the output `embedding` and, with a top, `logits`.

    Args:
        model: from one of Keras' families: pooled features, or 1,000 classes with the pooling
            before them. A model of one's own: features `[n, D]`, or a map `[n, h, w, D]`, which
            is averaged; or already these named outputs.
        name: the name to give it.
        top: with `logits` or without; None for "if the model has them".

    Raises:
        ConversionError: the outputs are something else, or there is no top where one is wanted.
    """
    import tf_keras
    from tf_keras import layers

    if isinstance(model.output, dict):
        outputs = {key: model.output[key] for key in ("embedding", "logits") if key in model.output}
    elif isinstance(model.output, (list, tuple)):
        raise ConversionError(f"{model.name} has {len(model.output)} outputs, expected one.")
    elif model.output.shape[-1] == CLASSES and _pooling(model) is not None:
        model = _without_softmax(model)
        pooled = _pooling(model).output
        if len(pooled.shape) == 4:
            pooled = layers.Flatten(name="pooled")(pooled)
        outputs = {"embedding": pooled, "logits": model.output}
    elif _ends_in_softmax(model):
        raise ConversionError(
            f"{model.name} ends in a softmax over {model.output.shape[-1]} classes. Expected a "
            "model that ends in features: save it without its last layer."
        )
    elif len(model.output.shape) == 4:
        outputs = {"embedding": layers.GlobalAveragePooling2D(name="pooled")(model.output)}
    else:
        outputs = {"embedding": model.output}
    if "embedding" not in outputs or len(outputs["embedding"].shape) != 2:
        raise ConversionError(
            f"{model.name} gives {model.output}; expected one vector of numbers for a picture."
        )
    if top and "logits" not in outputs:
        raise ConversionError(
            f"The weights for {name} have no 1,000-class output. Leave --top away, or take "
            "weights that have it."
        )
    if top is False:
        outputs.pop("logits", None)
    return tf_keras.Model(model.input, outputs, name=name)


def _pooling(model: Any) -> Any:
    """Return the last global average pooling (those before it gate channels), or None."""
    poolings = [x for x in model.layers if type(x).__name__ == "GlobalAveragePooling2D"]
    return poolings[-1] if poolings else None


def _ends_in_softmax(model: Any) -> bool:
    activation = getattr(model.layers[-1], "activation", None)
    return getattr(activation, "__name__", "") == "softmax"


def _without_softmax(model: Any) -> Any:
    """Return the model with a linear last layer: logits say more than probabilities."""
    import tf_keras

    if not _ends_in_softmax(model):
        return model
    config = model.get_config()
    last = model.layers[-1].name
    for entry in config["layers"]:
        if entry["config"]["name"] == last:
            entry["config"]["activation"] = "linear"
    linear = tf_keras.Model.from_config(config)
    linear.set_weights(model.get_weights())
    return linear


def input_size_of(model: Any) -> int:
    """Return the side length of the square RGB picture that the model looks at.

    Raises:
        ConversionError: it looks at something else.
    """
    shape = tuple(model.input_shape)
    if len(shape) != 4 or shape[1] != shape[2] or shape[3] != 3 or not shape[1]:
        raise ConversionError(
            f"The model's input is {shape}; expected a square RGB picture (None, S, S, 3)."
        )
    return int(shape[1])
