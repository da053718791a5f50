"""A network as plain data: what every exporter writes and every importer reads. Only NumPy.

A `Graph` is a list of nodes in the order in which they are computed, pictures as [n, S, S, 3] with
channels last. It knows few kinds, so that a format needs few translations:

    Input                   size, channels
    Conv2D                  kernel [h, w, in, out], bias; strides, padding, dilation
    DepthwiseConv2D         kernel [h, w, in, m], bias; strides, padding, dilation
    Dense                   kernel [in, out], bias
    Affine                  scale [c], shift [c]: x * scale + shift
    Activation              function: relu, relu6, sigmoid, tanh, elu, softmax
    Add, Multiply           of two or more
    Concatenate             along the channels
    ZeroPadding2D           padding [[top, bottom], [left, right]]
    MaxPooling2D, AveragePooling2D              pool, strides, padding
    GlobalAveragePooling2D, GlobalMaxPooling2D  keepdims
    Flatten, Reshape        shape
    LayerNormalization      epsilon: (x - mean) / sqrt(variance + epsilon) of the last axis
    UnitLength              x / |x|
    Resample                matrix [side, S]: rows and columns by it
    Neighbours              vectors [N, D], labels [N]; k, metric, sharpness, classes: logits
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ..learning.errors import InputError

ACTIVATIONS = ("relu", "relu6", "sigmoid", "tanh", "elu", "softmax")
Shape = tuple[int, ...]


@dataclass(frozen=True)
class Node:
    """One step.

    Attributes:
        name: its own.
        kind: a key of `SHAPES`.
        inputs: names of the nodes whose results it takes.
        options: as listed above.
        weights: float32 arrays, as listed above.
    """

    name: str
    kind: str
    inputs: Sequence[str] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    weights: Mapping[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True)
class Graph:
    """A network with one picture as input and one row of numbers as output.

    Attributes:
        nodes: in the order of computing; the first is the only Input, the last gives the output.
    """

    nodes: Sequence[Node]

    @property
    def size(self) -> int:
        """Width and height of the picture it looks at."""
        return int(self.nodes[0].options["size"])

    @property
    def outputs(self) -> int:
        """How many numbers it gives."""
        return shapes(self)[self.nodes[-1].name][-1]

    @property
    def parameters(self) -> int:
        """How many numbers it is made of."""
        return int(sum(w.size for node in self.nodes for w in node.weights.values()))

    def then(self, kind: str, name: str = "", **given: Any) -> Graph:
        """Returns it with one node more behind the last.

        Args:
            kind: of the node.
            name: of the node; the kind's in small letters if none is given.
            given: arrays are its weights, all else its options.
        """
        weights = {k: v for k, v in given.items() if isinstance(v, np.ndarray)}
        options = {k: v for k, v in given.items() if not isinstance(v, np.ndarray)}
        name = fresh(name or kind.lower(), {node.name for node in self.nodes})
        node = Node(name, kind, (self.nodes[-1].name,), options, weights)
        return Graph([*self.nodes, node])


def fresh(name: str, taken: set[str]) -> str:
    """Returns a name that is not taken: letters, digits and `_` of the one that is wished for."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c == "_") else "_" for c in name) or "node"
    plain = plain if plain[0].isalpha() else f"n{plain}"
    found, number = plain, 1
    while found in taken:
        number += 1
        found = f"{plain}_{number}"
    return found


def same_padding(length: int, window: int, stride: int, dilation: int = 1) -> tuple[int, int]:
    """Returns how many zeros "same" puts before and after, as TensorFlow does."""
    out = -(-length // stride)
    total = max(0, (out - 1) * stride + (window - 1) * dilation + 1 - length)
    return total // 2, total - total // 2


def _window(node: Node, shape: Shape, window: Sequence[int]) -> tuple[int, int]:
    strides, dilation = node.options["strides"], node.options.get("dilation", (1, 1))
    if node.options["padding"] == "same":
        return -(-shape[0] // strides[0]), -(-shape[1] // strides[1])
    spans = [(w - 1) * d + 1 for w, d in zip(window, dilation, strict=True)]
    return tuple((n - s) // t + 1 for n, s, t in zip(shape, spans, strides, strict=False))  # type: ignore[return-value]


def _is(condition: bool, text: str) -> None:
    if not condition:
        raise ValueError(text)


def _bias(node: Node, channels: int) -> None:
    _is(node.weights["bias"].shape == (channels,), "its bias does not fit")


def _conv(node: Node, shapes: Sequence[Shape]) -> Shape:
    (shape,) = shapes
    height, width, channels, filters = node.weights["kernel"].shape
    _is(len(shape) == 3 and shape[2] == channels, f"it takes {channels} channels of {shape}")
    _bias(node, filters)
    return (*_window(node, shape, (height, width)), filters)


def _depthwise(node: Node, shapes: Sequence[Shape]) -> Shape:
    (shape,) = shapes
    height, width, channels, multiplier = node.weights["kernel"].shape
    _is(len(shape) == 3 and shape[2] == channels, f"it takes {channels} channels of {shape}")
    _bias(node, channels * multiplier)
    return (*_window(node, shape, (height, width)), channels * multiplier)


def _dense(node: Node, shapes: Sequence[Shape]) -> Shape:
    (shape,) = shapes
    entries, exits = node.weights["kernel"].shape
    _is(len(shape) == 1 and shape[0] == entries, f"it takes {entries} numbers, not {shape}")
    _bias(node, exits)
    return (exits,)


def _affine(node: Node, shapes: Sequence[Shape]) -> Shape:
    (shape,) = shapes
    for name in ("scale", "shift"):
        _is(node.weights[name].shape == shape[-1:], f"its {name} does not fit {shape}")
    return shape


def _same(node: Node, shapes: Sequence[Shape]) -> Shape:
    (shape,) = shapes
    return shape


def _activation(node: Node, shapes: Sequence[Shape]) -> Shape:
    _is(node.options["function"] in ACTIVATIONS, f"unknown function {node.options['function']!r}")
    return _same(node, shapes)


def _merge(node: Node, shapes: Sequence[Shape]) -> Shape:
    """Several of one shape, or one channel's worth each that is spread (squeeze and excite)."""
    _is(len(shapes) >= 2 and len({len(s) for s in shapes}) == 1, f"it merges {list(shapes)}")
    result = tuple(max(lengths) for lengths in zip(*shapes, strict=True))
    for shape in shapes:
        _is(all(a in (1, b) for a, b in zip(shape, result, strict=True)), f"it merges {shapes}")
    return result


def _concatenate(node: Node, shapes: Sequence[Shape]) -> Shape:
    _is(len({s[:-1] for s in shapes}) == 1, f"it joins {list(shapes)}")
    return (*shapes[0][:-1], sum(s[-1] for s in shapes))


def _pad(node: Node, shapes: Sequence[Shape]) -> Shape:
    ((height, width, channels),) = shapes
    (top, bottom), (left, right) = node.options["padding"]
    return height + top + bottom, width + left + right, channels


def _pool(node: Node, shapes: Sequence[Shape]) -> Shape:
    (shape,) = shapes
    _is(len(shape) == 3, f"it pools {shape}")
    return (*_window(node, shape, node.options["pool"]), shape[2])


def _global(node: Node, shapes: Sequence[Shape]) -> Shape:
    ((_, _, channels),) = shapes
    return (1, 1, channels) if node.options["keepdims"] else (channels,)


def _reshape(node: Node, shapes: Sequence[Shape]) -> Shape:
    (shape,) = shapes
    target = tuple(node.options["shape"])
    _is(np.prod(shape) == np.prod(target), f"it makes {target} of {shape}")
    return target


def _resample(node: Node, shapes: Sequence[Shape]) -> Shape:
    ((height, width, channels),) = shapes
    side, size = node.weights["matrix"].shape
    _is(size == height == width, f"it resamples {size} pixels of {height} x {width}")
    return side, side, channels


#: kind: function of a node and the shapes of its inputs (without the batch) to its own shape.
#: Raises ValueError where they do not fit.
SHAPES: dict[str, Callable[[Node, Sequence[Shape]], Shape]] = {
    "Input": lambda node, _: (node.options["size"],) * 2 + (node.options.get("channels", 3),),
    "Conv2D": _conv,
    "DepthwiseConv2D": _depthwise,
    "Dense": _dense,
    "Affine": _affine,
    "Activation": _activation,
    "Add": _merge,
    "Multiply": _merge,
    "Concatenate": _concatenate,
    "ZeroPadding2D": _pad,
    "MaxPooling2D": _pool,
    "AveragePooling2D": _pool,
    "GlobalAveragePooling2D": _global,
    "GlobalMaxPooling2D": _global,
    "Flatten": lambda node, shapes: (int(np.prod(shapes[0])),),
    "Reshape": _reshape,
    "LayerNormalization": _same,
    "UnitLength": _same,
    "Resample": _resample,
    "Neighbours": lambda node, shapes: (int(node.options["classes"]),),
}


def shapes(graph: Graph) -> dict[str, Shape]:
    """Returns the shape of every node's result, without the batch.

    Raises:
        InputError: nodes do not fit together.
    """
    found: dict[str, Shape] = {}
    for node in graph.nodes:
        found[node.name] = shape_of(node, found)
    return found


def shape_of(node: Node, found: Mapping[str, Shape]) -> Shape:
    """Returns the shape of one node's result, given those of the nodes before it.

    Raises:
        InputError: it does not fit them.
    """
    try:
        shape = SHAPES[node.kind](node, [found[name] for name in node.inputs])
        _is(all(length > 0 for length in shape), f"nothing is left of the picture: {shape}")
    except (KeyError, ValueError, TypeError, IndexError) as error:
        raise InputError(
            "The layers of this network do not fit together",
            f"{node.kind} {node.name!r:.60}: {error}.",
            "Save the model again where it comes from.",
        ) from None
    return tuple(int(length) for length in shape)


def pruned(graph: Graph) -> Graph:
    """Returns it without the nodes that the last one does not need."""
    needed = {graph.nodes[-1].name}
    kept = []
    for node in reversed(graph.nodes):
        if node.name in needed or node.kind == "Input":
            needed |= set(node.inputs)
            kept.append(node)
    return Graph(kept[::-1])


def followers(graph: Graph) -> dict[str, list[Node]]:
    """Returns for each node's name the nodes that take its result."""
    found: dict[str, list[Node]] = {node.name: [] for node in graph.nodes}
    for node in graph.nodes:
        for name in node.inputs:
            found[name].append(node)
    return found


def fold_affine(graph: Graph) -> Graph:
    """Returns the same function with every Affine folded into the convolution or dense layer before
    it, or into the dense layer behind it, where nothing else looks at what lies between."""
    taken_by = followers(graph)
    by_name: dict[str, Node] = {}
    renamed: dict[str, str] = {}
    for node in graph.nodes:
        inputs = tuple(renamed.get(name, name) for name in node.inputs)
        node = replace(node, inputs=inputs)
        source = by_name.get(inputs[0]) if inputs else None
        foldable = ("Conv2D", "DepthwiseConv2D", "Dense")
        # The followers are asked of the node as it was before anything was folded into it.
        if node.kind == "Affine" and source and source.kind in foldable:
            first = next(n for n in graph.nodes if n.name == node.name).inputs[0]
            if len(taken_by[first]) == 1:
                by_name[source.name] = _scaled(source, node)
                renamed[node.name] = source.name
                continue
        is_scaled = node.kind == "Dense" and source and source.kind == "Affine"
        if is_scaled and len(taken_by[source.name]) == 1:
            node = _rescaled(node, by_name.pop(source.name))
        by_name[node.name] = node
    return Graph(list(by_name.values()))


def _rescaled(node: Node, affine: Node) -> Node:
    """Puts an affine map before a dense layer into it: (x s + t) K + b = x (s K) + (t K + b)."""
    kernel = node.weights["kernel"].astype(np.float64)
    bias = node.weights["bias"] + affine.weights["shift"].astype(np.float64) @ kernel
    kernel = affine.weights["scale"].astype(np.float64)[:, None] * kernel
    weights = {"kernel": kernel.astype(np.float32), "bias": bias.astype(np.float32)}
    return replace(node, inputs=affine.inputs, weights=weights)


def _scaled(node: Node, affine: Node) -> Node:
    scale = affine.weights["scale"].astype(np.float64)
    kernel = node.weights["kernel"].astype(np.float64)
    by = scale.reshape(kernel.shape[2:]) if node.kind == "DepthwiseConv2D" else scale
    bias = node.weights["bias"] * scale + affine.weights["shift"]
    weights = {"kernel": (kernel * by).astype(np.float32), "bias": bias.astype(np.float32)}
    return replace(node, weights=weights)


def with_input(graph: Graph, scale: float, shift: float) -> Graph:
    """Returns it for pictures p of which the old one saw `p * scale + shift`."""
    if (scale, shift) == (1.0, 0.0):
        return graph
    first, *others = graph.nodes
    name = fresh("pixels", {node.name for node in graph.nodes})
    weights = {"scale": np.full(3, scale, np.float32), "shift": np.full(3, shift, np.float32)}
    adapted = [
        replace(n, inputs=tuple(name if i == first.name else i for i in n.inputs)) for n in others
    ]
    return Graph([first, Node(name, "Affine", (first.name,), {}, weights), *adapted])


def in_plain_layers(graph: Graph) -> Graph:
    """Returns the same function without what old layer libraries lack.

    Pooling that keeps its dimensions becomes pooling and a reshape. As for UnitLength: the numbers
    x and their negatives -x have the mean 0 and the variance |x|^2 / D, so layer normalisation (Ba
    et al., 2016, without gain and bias) makes +-sqrt(D) x / |x| of them. The dense layer that
    follows takes half the difference of both halves.

    Raises:
        InputError: something else than a dense layer follows.
    """
    nodes: list[Node] = []
    names = {node.name for node in graph.nodes}
    doubled: dict[str, int] = {}
    found = shapes(graph)
    for node in graph.nodes:
        if node.options.get("keepdims"):
            pooled = fresh(f"{node.name}_pooled", names)
            names.add(pooled)
            nodes.append(replace(node, name=pooled, options={"keepdims": False}))
            nodes.append(Node(node.name, "Reshape", (pooled,), {"shape": found[node.name]}))
        elif node.kind == "UnitLength":
            (source,) = node.inputs
            length = found[source][-1]
            minus, both = fresh(f"{node.name}_minus", names), fresh(f"{node.name}_both", names)
            names |= {minus, both}
            weights = {"scale": np.full(length, -1, np.float32), "shift": np.zeros(length, "f4")}
            nodes += [
                Node(minus, "Affine", (source,), {}, weights),
                Node(both, "Concatenate", (source, minus)),
                Node(node.name, "LayerNormalization", (both,), {"epsilon": 1e-9}),
            ]
            doubled[node.name] = length
        elif node.inputs and node.inputs[0] in doubled:
            if node.kind != "Dense":
                raise InputError(
                    "This classifier cannot be written in plain layers",
                    f"{node.kind} {node.name} follows the scaling to unit length.",
                )
            kernel = node.weights["kernel"].astype(np.float64) / 2
            kernel /= np.sqrt(doubled[node.inputs[0]])
            stacked = np.concatenate([kernel, -kernel]).astype(np.float32)
            nodes.append(replace(node, weights={**node.weights, "kernel": stacked}))
        else:
            nodes.append(node)
    return Graph(nodes)
