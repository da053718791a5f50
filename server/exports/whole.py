"""A classifier and its backbone as one `Graph`, from the picture to the probabilities."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..learning.backbones import Backbone
from ..learning.classifier import Classifier
from ..learning.errors import InputError
from ..learning.models import Dense, Neighbours, Network
from ..learning.pictures import CAPTURE_SIZE
from .graph import Graph, Node, fold_affine, with_input
from .keras_weights import read_keras


def graph_of(classifier: Classifier, backbone: Backbone | None) -> Graph:
    """Returns the whole function as a graph.

    Its input is the square picture at its own size, `x / 127.5 - 1`; its output probabilities with
    the temperature applied, or of a regression the value.

    Args:
        classifier: of any kind.
        backbone: the one it was trained with; None where it needs none.

    Raises:
        InputError: the backbone's folder, or the classifier, has no Keras file.
    """
    model = classifier.model
    if isinstance(model, Dense):
        graph = _dense(backbone_graph(backbone), model)
    elif isinstance(model, Neighbours):
        seen = _pixels(model) if model.pixels is not None else backbone_graph(backbone)
        graph = _neighbours(seen.then("UnitLength", "unit"), model)
    else:
        graph = _network(model)
    if graph.outputs != (1 if classifier.is_regression else len(classifier.classes)):
        raise InputError(
            "The network of this classifier does not fit its classes",
            f"It gives {graph.outputs} numbers for {len(classifier.classes)} classes.",
        )
    if classifier.is_regression:
        return graph
    return _softmax(graph, classifier.temperature)


def backbone_graph(backbone: Backbone | None) -> Graph:
    """Returns a backbone up to its embedding, which is not of unit length.

    Raises:
        InputError: its folder has no backbone.keras.
    """
    path = backbone.folder / "backbone.keras" if backbone else None
    if backbone is None or path is None or not path.is_file():
        name = backbone.name if backbone else "the backbone"
        raise InputError(
            f"{name} has no backbone.keras",
            "The whole network is made of it.",
            f"Convert it again: python convert_models.py {name}",
            kind="mismatch",
        )
    graph, _ = read_keras(path, "embedding")
    return graph


def _dense(graph: Graph, model: Dense) -> Graph:
    graph = graph.then("UnitLength", "unit")
    for i, layer in enumerate(model.layers, 1):
        kernel, bias = (np.asarray(v, np.float32) for v in (layer.kernel, layer.bias))
        graph = graph.then("Dense", f"head_{i}", kernel=kernel, bias=bias)
        if layer.activation != "linear":
            graph = graph.then("Activation", f"head_{i}_relu", function=layer.activation)
    return graph


def _neighbours(graph: Graph, model: Neighbours) -> Graph:
    return graph.then(
        "Neighbours",
        "neighbours",
        vectors=np.asarray(model.vectors, np.float32),
        labels=np.asarray(model.labels, np.int64),
        k=min(model.k, len(model.labels)),
        metric=model.metric,
        sharpness=float(model.sharpness),
        classes=model.classes,
    )


def _pixels(model: Neighbours) -> Graph:
    """Shrinks the picture as `learning.resampling` does: each output is a mean by area."""
    assert model.pixels is not None
    graph = Graph([Node("image", "Input", options={"size": CAPTURE_SIZE, "channels": 3})])
    graph = with_input(graph.then("Resample", "shrunk", matrix=area_matrix(model.pixels)), 0.5, 0.5)
    return graph.then("Flatten", "pixels_in_a_row")


def area_matrix(side: int, size: int = CAPTURE_SIZE) -> np.ndarray:
    """Returns float32[side, size]: how much each pixel weighs in each smaller one."""
    edges = np.arange(side + 1) * size / side
    left, right = edges[:-1, None], edges[1:, None]
    pixel = np.arange(size)[None]
    overlap = np.minimum(right, pixel + 1) - np.maximum(left, pixel)
    return (np.maximum(overlap, 0) * side / size).astype(np.float32)


def _network(model: Network) -> Graph:
    data = model.extra.get("model.keras")
    if data is None:
        raise InputError(
            "This classifier has its network as a LiteRT file only",
            "Expected model.keras in it too, from which other formats are written.",
            "Train it again, or import it again from where it comes.",
        )
    graph, _ = read_keras(data, "logits")
    return with_input(graph, model.scale, model.offset)


def _softmax(graph: Graph, temperature: float) -> Graph:
    """Divides the logits by the temperature, in the last layer where that is dense."""
    if temperature != 1.0:
        scale = np.full(graph.outputs, 1 / temperature, np.float32)
        graph = graph.then("Affine", "temperature", scale=scale, shift=np.zeros_like(scale))
        graph = fold_affine(graph)
    return graph.then("Activation", "probabilities", function="softmax")


def without_softmax(graph: Graph) -> Graph:
    """Returns a network that answers with logits, whatever its last step was.

    A softmax is left away. One sigmoid becomes two classes: softmax of (0, z) is sigmoid(z).

    Raises:
        InputError: it ends in something else, or gives one number.
    """
    *others, last = graph.nodes
    function = last.options.get("function") if last.kind == "Activation" else None
    if function == "softmax":
        return Graph(others)
    if function == "sigmoid" and graph.outputs == 1 and others[-1].kind == "Dense":
        dense = others[-1]
        weights = {
            name: np.concatenate([np.zeros_like(values), values], axis=-1)
            for name, values in dense.weights.items()
        }
        return Graph([*others[:-1], replace(dense, weights=weights)])
    if last.kind == "Dense" and graph.outputs > 1:
        return graph
    raise InputError(
        "This model does not answer with classes",
        f"It ends in {function or last.kind} with {graph.outputs} numbers.",
        "Expected a softmax over at least two classes, or one sigmoid.",
    )
