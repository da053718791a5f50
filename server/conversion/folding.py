"""Fold batch normalisation into the convolutions and round all weights to float16, once.

Afterwards the Keras, LiteRT and TF.js files hold the very same numbers: there is nothing left
that a converter could fold and round in its own way. Imports TensorFlow inside its functions.
"""

from __future__ import annotations

from typing import Any

import numpy as np

FLOAT16_MAX = float(np.finfo(np.float16).max)
_FOLDS_INTO = ("Conv2D", "DepthwiseConv2D", "Dense")


def _replace_references(node: Any, old_to_new: dict[str, str]) -> Any:
    """Rewrite every `[layer name, node index, tensor index, ...]` of a functional config."""
    if isinstance(node, dict):
        return {key: _replace_references(value, old_to_new) for key, value in node.items()}
    if isinstance(node, (list, tuple)):
        items = [_replace_references(item, old_to_new) for item in node]
        is_reference = len(items) >= 3 and isinstance(items[0], str) and items[0] in old_to_new
        if is_reference and isinstance(items[1], int) and isinstance(items[2], int):
            items[0] = old_to_new[items[0]]
        return items
    return node


def _foldable(model: Any) -> dict[str, Any]:
    """Map the name of each foldable BatchNormalization to the layer that feeds it, alone."""
    found = {}
    for layer in model.layers:
        if type(layer).__name__ != "BatchNormalization" or len(layer.inbound_nodes) != 1:
            continue
        source = layer.inbound_nodes[0].inbound_layers
        if isinstance(source, list) or type(source).__name__ not in _FOLDS_INTO:
            continue
        activation = getattr(source.activation, "__name__", "")
        axis = list(layer.axis) if isinstance(layer.axis, (list, tuple)) else [layer.axis]
        last = len(layer.input_shape) - 1
        if activation == "linear" and len(source.outbound_nodes) == 1 and axis in ([last], [-1]):
            found[layer.name] = source
    return found


def _folded_weights(source: Any, norm: Any) -> list[np.ndarray]:
    """Return kernel and bias of `source` followed by `norm`.

    y = gamma * (k*x + b - mean) / sqrt(variance + epsilon) + beta (Ioffe and Szegedy, 2015).
    """
    values = {
        w.name.split("/")[-1].split(":")[0]: w.numpy().astype(np.float64) for w in norm.weights
    }
    scale = values.get("gamma", 1.0) / np.sqrt(values["moving_variance"] + norm.epsilon)
    weights = [w.numpy().astype(np.float64) for w in source.weights]
    bias = weights[1] if source.use_bias else 0.0
    kernel = weights[0]
    if type(source).__name__ == "DepthwiseConv2D":
        kernel = kernel * scale.reshape(kernel.shape[2:])
    else:
        kernel = kernel * scale
    return [kernel, values.get("beta", 0.0) + (bias - values["moving_mean"]) * scale]


def fold_batch_norm(model: Any) -> Any:
    """Return the same function as a functional Keras model without foldable BatchNormalization.

    Args:
        model: a flat functional `tf_keras.Model`. It is not changed.
    """
    import tf_keras

    norms = _foldable(model)
    config = model.get_config()
    into = {name: source.name for name, source in norms.items()}
    config["layers"] = [entry for entry in config["layers"] if entry["name"] not in norms]
    for entry in config["layers"]:
        if entry["name"] in into.values():
            entry["config"]["use_bias"] = True
    folded = tf_keras.Model.from_config(_replace_references(config, into))
    by_source = {source.name: model.get_layer(name) for name, source in norms.items()}
    for layer in folded.layers:
        if not layer.weights:
            continue
        original = model.get_layer(layer.name)
        norm = by_source.get(layer.name)
        layer.set_weights(_folded_weights(original, norm) if norm else original.get_weights())
    return folded


def round_to_float16(model: Any) -> None:
    """Round every weight of the model, in place, to the nearest number that float16 can hold."""
    for layer in model.layers:
        if layer.weights:
            layer.set_weights(
                [
                    np.clip(w, -FLOAT16_MAX, FLOAT16_MAX).astype(np.float16).astype(np.float32)
                    for w in layer.get_weights()
                ]
            )


def count_parameters(model: Any) -> int:
    """Return the number of weights of the model."""
    return int(sum(np.prod(w.shape) for w in model.weights))


def count_macs(model: Any) -> int:
    """Return the multiply-adds of one picture: convolutions and dense layers.

    A convolution costs (kernel area) x (input channels seen by one output) x (output numbers).
    """
    total = 0
    for layer in model.layers:
        kind = type(layer).__name__
        if kind not in _FOLDS_INTO:
            continue
        kernel = layer.weights[0].shape
        positions = int(np.prod(layer.output_shape[1:-1]))
        total += int(np.prod(kernel)) * positions
    return total
