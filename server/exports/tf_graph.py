"""A `Graph` as TensorFlow operations: the way to SavedModel and LiteRT. Imports TensorFlow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..learning.neighbours import TINY
from .graph import Graph, Node, shapes

SIGNATURE = "serving_default"


def _conv(tf: Any, node: Node, inputs: Sequence[Any]) -> Any:
    made = tf.nn.conv2d(
        inputs[0],
        tf.constant(node.weights["kernel"]),
        list(node.options["strides"]),
        node.options["padding"].upper(),
        dilations=list(node.options["dilation"]),
    )
    return tf.nn.bias_add(made, tf.constant(node.weights["bias"]))


def _depthwise(tf: Any, node: Node, inputs: Sequence[Any]) -> Any:
    made = tf.nn.depthwise_conv2d(
        inputs[0],
        tf.constant(node.weights["kernel"]),
        [1, *node.options["strides"], 1],
        node.options["padding"].upper(),
        dilations=list(node.options["dilation"]),
    )
    return tf.nn.bias_add(made, tf.constant(node.weights["bias"]))


def _pool(tf: Any, node: Node, inputs: Sequence[Any]) -> Any:
    function = tf.nn.max_pool2d if node.kind == "MaxPooling2D" else tf.nn.avg_pool2d
    options = node.options
    return function(
        inputs[0], list(options["pool"]), list(options["strides"]), options["padding"].upper()
    )


def _global(tf: Any, node: Node, inputs: Sequence[Any]) -> Any:
    function = tf.reduce_max if node.kind == "GlobalMaxPooling2D" else tf.reduce_mean
    return function(inputs[0], axis=[1, 2], keepdims=node.options["keepdims"])


def _product(tf: Any, node: Node, inputs: Sequence[Any]) -> Any:
    result = inputs[0]
    for other in inputs[1:]:
        result = result * other
    return result


def _sum(tf: Any, node: Node, inputs: Sequence[Any]) -> Any:
    result = inputs[0]
    for other in inputs[1:]:
        result = result + other
    return result


def _layer_norm(tf: Any, node: Node, inputs: Sequence[Any]) -> Any:
    (x,) = inputs
    centred = x - tf.reduce_mean(x, axis=-1, keepdims=True)
    variance = tf.reduce_mean(centred * centred, axis=-1, keepdims=True)
    return centred * tf.math.rsqrt(variance + node.options["epsilon"])


def _unit_length(tf: Any, node: Node, inputs: Sequence[Any]) -> Any:
    # By the mean, not the sum: in 8 bits a sum of many squares has a poor resolution, and LiteRT's
    # own operation for this one has a fixed one (1/128), too coarse for hundreds of numbers.
    (x,) = inputs
    root = np.float32(np.sqrt(x.shape[-1]))
    length = tf.math.rsqrt(tf.reduce_mean(x * x, axis=-1, keepdims=True) + np.float32(1e-12))
    return x * length * (1 / root)


def _resample(tf: Any, node: Node, inputs: Sequence[Any]) -> Any:
    matrix = tf.constant(node.weights["matrix"])
    side, size = matrix.shape
    (x,) = inputs
    channels = x.shape[-1]
    rows = tf.matmul(matrix, tf.reshape(x, [-1, size, size * channels]))
    rows = tf.transpose(tf.reshape(rows, [-1, side, size, channels]), [0, 2, 1, 3])
    made = tf.matmul(matrix, tf.reshape(rows, [-1, size, side * channels]))
    return tf.transpose(tf.reshape(made, [-1, side, side, channels]), [0, 2, 1, 3])


def _cosine(tf: Any, x: Any, vectors: Any) -> Any:
    return 1 - tf.matmul(x, vectors, transpose_b=True)


def _l1(tf: Any, x: Any, vectors: Any) -> Any:
    return tf.reduce_sum(tf.abs(x[:, None, :] - vectors[None]), axis=-1)


def _l2(tf: Any, x: Any, vectors: Any) -> Any:
    # Both sides have unit length.
    return tf.sqrt(tf.maximum(2 - 2 * tf.matmul(x, vectors, transpose_b=True), 0))


DISTANCES: Mapping[str, Callable[[Any, Any, Any], Any]] = {
    "cosine": _cosine,
    "l1": _l1,
    "l2": _l2,
}


def vote_tables(node: Node) -> tuple[np.ndarray, np.ndarray, float]:
    """Returns the labels as one-hot float32[N, classes], and the votes' floor and share.

    Votes v become share * v + floor, as `learning.models.Neighbours` has it.
    """
    labels, classes = node.weights["labels"].astype(np.int64), node.options["classes"]
    one_hot = np.eye(classes, dtype=np.float32)[labels]
    present = np.bincount(labels, minlength=classes) > 0
    e = 1 / (len(labels) + 1)
    floor = np.where(present, e / max(1, present.sum()), 0).astype(np.float32)
    return one_hot, floor, 1 - e


def _neighbours(tf: Any, node: Node, inputs: Sequence[Any]) -> Any:
    options = node.options
    one_hot, floor, share = vote_tables(node)
    distances = DISTANCES[options["metric"]](tf, inputs[0], tf.constant(node.weights["vectors"]))
    near, index = tf.math.top_k(-distances, k=options["k"])
    weights = tf.nn.softmax(near * np.float32(options["sharpness"]))
    votes = tf.reduce_sum(weights[:, :, None] * tf.gather(tf.constant(one_hot), index), axis=1)
    return tf.math.log(tf.maximum(votes * np.float32(share) + floor, np.float32(TINY)))


_FUNCTIONS = {
    "relu": "nn.relu",
    "relu6": "nn.relu6",
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "elu": "nn.elu",
    "softmax": "nn.softmax",
}


def _activation(tf: Any, node: Node, inputs: Sequence[Any]) -> Any:
    function: Any = tf
    for part in _FUNCTIONS[node.options["function"]].split("."):
        function = getattr(function, part)
    return function(inputs[0])


#: kind: function of the module tensorflow, a node and its inputs to its result.
OPERATIONS: dict[str, Callable[[Any, Node, Sequence[Any]], Any]] = {
    "Conv2D": _conv,
    "DepthwiseConv2D": _depthwise,
    "Dense": lambda tf, node, inputs: tf.nn.bias_add(
        tf.matmul(inputs[0], tf.constant(node.weights["kernel"])), tf.constant(node.weights["bias"])
    ),
    "Affine": lambda tf, node, inputs: (
        inputs[0] * tf.constant(node.weights["scale"]) + tf.constant(node.weights["shift"])
    ),
    "Activation": _activation,
    "Add": _sum,
    "Multiply": _product,
    "Concatenate": lambda tf, node, inputs: tf.concat(list(inputs), axis=-1),
    "ZeroPadding2D": lambda tf, node, inputs: tf.pad(
        inputs[0], [[0, 0], *map(list, node.options["padding"]), [0, 0]]
    ),
    "MaxPooling2D": _pool,
    "AveragePooling2D": _pool,
    "GlobalAveragePooling2D": _global,
    "GlobalMaxPooling2D": _global,
    "Flatten": lambda tf, node, inputs: tf.reshape(
        inputs[0], [-1, int(np.prod(inputs[0].shape[1:]))]
    ),
    "Reshape": lambda tf, node, inputs: tf.reshape(inputs[0], [-1, *node.options["shape"]]),
    "LayerNormalization": _layer_norm,
    "UnitLength": _unit_length,
    "Resample": _resample,
    "Neighbours": _neighbours,
}


def compute(tf: Any, graph: Graph, image: Any) -> Any:
    """Computes the graph on a tensor [n, S, S, 3]; returns [n, outputs]."""
    values = {graph.nodes[0].name: image}
    for node in graph.nodes[1:]:
        values[node.name] = OPERATIONS[node.kind](tf, node, [values[i] for i in node.inputs])
    return values[graph.nodes[-1].name]


def save(graph: Graph, folder: Path, output: str, batch: int | None = None) -> None:
    """Writes a SavedModel with the signature `serving_default`: `image` in, `output` out.

    Args:
        graph: what to write.
        folder: is made.
        output: what to call the result.
        batch: how many pictures at once; None for any number.
    """
    import tensorflow as tf

    shapes(graph)  # raises if it is no whole
    shape = [batch, graph.size, graph.size, 3]

    @tf.function(input_signature=[tf.TensorSpec(shape, tf.float32, name="image")])
    def look(image):
        return {output: compute(tf, graph, image)}

    module = tf.Module()
    module.look = look
    tf.saved_model.save(module, str(folder), signatures={SIGNATURE: look})
