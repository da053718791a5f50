"""A `Graph` as a Keras model of ordinary layers, for Keras 3 and Keras 2. Imports TensorFlow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..learning.errors import InputError
from .graph import Graph, Node, in_plain_layers, shapes

#: Batch normalisation adds it to the variance, which is stored that much smaller than 1.
EPSILON = 1e-3


def affine_weights(node: Node) -> dict[str, np.ndarray]:
    """Returns `x * scale + shift` as the numbers of a batch normalisation, the one layer for it
    that every version of every library has."""
    scale = node.weights["scale"]
    return {
        "gamma": scale,
        "beta": node.weights["shift"],
        "moving_mean": np.zeros_like(scale),
        "moving_variance": np.full_like(scale, 1 - EPSILON),
    }


def layer_config(node: Node, shape: tuple[int, ...]) -> tuple[str, dict[str, Any]]:
    """Returns class and settings of the layer for a node: only what every version knows.

    Raises:
        InputError: no ordinary layer computes it.
    """
    if node.kind not in _CONFIGS:
        raise InputError(
            "This classifier cannot be written in plain layers", f"No layer computes {node.kind}."
        )
    kind, config = _CONFIGS[node.kind](node, shape)
    return kind, {"name": node.name, **config}


def _conv(node: Node, shape: tuple[int, ...]) -> tuple[str, dict[str, Any]]:
    height, width = node.weights["kernel"].shape[:2]
    config = {
        "kernel_size": [height, width],
        "strides": list(node.options["strides"]),
        "padding": node.options["padding"],
        "dilation_rate": list(node.options["dilation"]),
        "activation": "linear",
        "use_bias": True,
    }
    if node.kind == "Conv2D":
        return "Conv2D", {"filters": shape[-1], **config}
    return "DepthwiseConv2D", {"depth_multiplier": node.weights["kernel"].shape[3], **config}


def _activation(node: Node, shape: tuple[int, ...]) -> tuple[str, dict[str, Any]]:
    function = node.options["function"]
    if function == "relu6":
        return "ReLU", {"max_value": 6.0}
    return "Activation", {"activation": function}


def _pool(node: Node, shape: tuple[int, ...]) -> tuple[str, dict[str, Any]]:
    options = node.options
    return node.kind, {
        "pool_size": list(options["pool"]),
        "strides": list(options["strides"]),
        "padding": options["padding"],
    }


#: kind: function of a node and the shape of its result to class and settings of a layer.
_CONFIGS: dict[str, Callable[[Node, tuple[int, ...]], tuple[str, dict[str, Any]]]] = {
    "Conv2D": _conv,
    "DepthwiseConv2D": _conv,
    "Dense": lambda node, shape: (
        "Dense",
        {"units": shape[-1], "activation": "linear", "use_bias": True},
    ),
    "Affine": lambda node, shape: ("BatchNormalization", {"epsilon": EPSILON}),
    "Activation": _activation,
    "Add": lambda node, shape: ("Add", {}),
    "Multiply": lambda node, shape: ("Multiply", {}),
    "Concatenate": lambda node, shape: ("Concatenate", {"axis": -1}),
    "ZeroPadding2D": lambda node, shape: (
        "ZeroPadding2D",
        {"padding": [list(side) for side in node.options["padding"]]},
    ),
    "MaxPooling2D": _pool,
    "AveragePooling2D": _pool,
    "GlobalAveragePooling2D": lambda node, shape: (node.kind, {}),
    "GlobalMaxPooling2D": lambda node, shape: (node.kind, {}),
    "Flatten": lambda node, shape: ("Flatten", {}),
    "Reshape": lambda node, shape: ("Reshape", {"target_shape": list(shape)}),
    "LayerNormalization": lambda node, shape: (
        "LayerNormalization",
        {"axis": -1, "epsilon": node.options["epsilon"], "center": True, "scale": True},
    ),
}


def layer_weights(node: Node, shape: tuple[int, ...]) -> dict[str, np.ndarray]:
    """Returns the numbers of a node by the names that its layer has for them, in their order.

    Args:
        node: any.
        shape: of its result.
    """
    if node.kind == "Affine":
        return affine_weights(node)
    if node.kind == "LayerNormalization":
        # TensorFlow.js fails where gain and bias are left away.
        return {"gamma": np.ones(shape[-1], "f4"), "beta": np.zeros(shape[-1], "f4")}
    if node.kind == "DepthwiseConv2D":
        return {"depthwise_kernel": node.weights["kernel"], "bias": node.weights["bias"]}
    return dict(node.weights)


def build(graph: Graph, keras: Any, name: str) -> Any:
    """Builds a functional model.

    Args:
        graph: a UnitLength in it is replaced by ordinary layers.
        keras: the module `keras` (3) or `tf_keras` (2).
        name: the model's.

    Returns:
        A `keras.Model` with the input `image`, not compiled.

    Raises:
        InputError: no ordinary layers compute it.
    """
    graph = in_plain_layers(graph)
    found = shapes(graph)
    tensors: dict[str, Any] = {}
    for node in graph.nodes:
        if node.kind == "Input":
            tensors[node.name] = keras.Input(found[node.name], name=node.name)
            continue
        kind, config = layer_config(node, found[node.name])
        layer = getattr(keras.layers, kind)(**config)
        inputs = [tensors[i] for i in node.inputs]
        tensors[node.name] = layer(inputs if len(inputs) > 1 else inputs[0])
        if weights := layer_weights(node, found[node.name]):
            layer.set_weights(list(weights.values()))
    first, last = graph.nodes[0].name, graph.nodes[-1].name
    return keras.Model(tensors[first], tensors[last], name=name)
