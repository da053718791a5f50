"""Keras' descriptions of layers and their numbers, read into a `Graph`. Nothing of a file is run.

A description is data here: each layer's class is looked up in a table of functions that make nodes
out of its numbers. Keras is not imported, so no layer, function or object that a file asks for is
ever made; what is not in the table is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from .graph import Graph, fold_affine, pruned
from .keras_layers import LARGEST_SIDE, LAYERS, Place, Reader, Weights, refuse

MOST_LAYERS = 2000
DEEPEST = 6
_MODELS = ("Sequential", "Functional", "Model")


def snake_case(name: str) -> str:
    """Writes a class's name as Keras does in the paths of a `.keras` file."""
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def read_graph(
    description: Mapping[str, Any], weights: Weights, keras: int, output: str | None = None
) -> tuple[Graph, bool]:
    """Reads a Keras model.

    Args:
        description: `{"class_name", "config"}` of the model.
        weights: gives the numbers of its layers.
        keras: 2 or 3, whose conventions it follows.
        output: which output counts, of a model that names several.

    Returns:
        The network with batch normalisation folded, and whether it scales raw pixels 0..255 itself.

    Raises:
        InputError: a part is not known here, or does not fit.
    """
    reader = Reader(weights, keras)
    try:
        last = _model(reader, description, None, "", DEEPEST, output)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise refuse(
            f"Its description is damaged ({type(error).__name__}: {error!s:.120})."
        ) from None
    if not reader.nodes or reader.nodes[0].kind != "Input":
        raise refuse("It does not say how large the pictures are that it looks at.")
    if last != reader.nodes[-1].name:
        position = next(i for i, node in enumerate(reader.nodes) if node.name == last)
        reader.nodes = reader.nodes[: position + 1]
    graph = fold_affine(pruned(Graph(reader.nodes)))
    if len(reader.shape(last)) != 1:
        raise refuse("It answers with a picture, not with one row of numbers.")
    return graph, reader.raw_pixels


def _model(
    r: Reader,
    entry: Mapping[str, Any],
    source: str | None,
    path: str,
    depth: int,
    output: str | None = None,
) -> str:
    kind, config = entry["class_name"], entry["config"]
    if kind not in _MODELS:
        raise refuse(f"It is of the kind {kind!r:.60}; known are {', '.join(_MODELS)}.")
    if depth == 0 or len(r.nodes) > MOST_LAYERS:
        raise refuse("It is nested too deeply or has too many layers.")
    # Older files have the list of layers in the place of the description.
    layers = config if isinstance(config, list) else config["layers"]
    if len(layers) > MOST_LAYERS:
        raise refuse(f"It has {len(layers):,} layers; the limit is {MOST_LAYERS:,}.")
    used: dict[str, int] = {}
    paths = []
    for layer in layers:
        name = snake_case(str(layer["class_name"]))
        used[name] = used.get(name, -1) + 1
        paths.append(f"{path}layers/{name}" + (f"_{used[name]}" if used[name] else ""))
    if kind == "Sequential":
        return _sequential(r, layers, paths, source, depth)
    return _functional(r, config, layers, paths, source, depth, output)


def _layer(
    r: Reader, entry: Mapping[str, Any], inputs: Sequence[str], path: str, depth: int
) -> str:
    kind, config = str(entry["class_name"]), entry["config"]
    if kind in _MODELS:
        if len(inputs) != 1:
            raise refuse("A model within the model takes several inputs.")
        return _model(r, entry, inputs[0], f"{path}/", depth - 1)
    module = entry.get("module")
    foreign = module is not None and str(module).split(".")[0] not in ("keras", "tf_keras")
    if kind not in LAYERS or foreign or entry.get("registered_name") not in (None, kind):
        raise refuse(
            f"It has a layer of the kind {kind!r:.60}"
            + (f" from {module!r:.60}" if foreign else "")
            + f"; known are {', '.join(LAYERS)}."
        )
    if len(r.nodes) > MOST_LAYERS:
        raise refuse(f"It has more than {MOST_LAYERS:,} layers.")
    name = str(config.get("name") or entry.get("name") or kind)
    return LAYERS[kind](r, config, inputs, Place(name, path))


def _input(r: Reader, config: Mapping[str, Any]) -> str:
    shape = config.get("batch_input_shape") or config.get("batch_shape")
    if r.nodes:
        raise refuse("It has several inputs.")
    sides = shape[1:] if isinstance(shape, list) else None
    if not sides or len(sides) != 3 or sides[0] != sides[1] or sides[2] not in (1, 3):
        raise refuse(f"It looks at {str(shape)[:60]}; expected a square picture [null, S, S, 3].")
    if not (type(sides[0]) is int and 1 <= sides[0] <= LARGEST_SIDE):
        raise refuse(f"It looks at pictures of {str(sides[0])[:20]} pixels.")
    if sides[2] == 1:
        raise refuse(
            f"It looks at grey pictures ({sides[0]} x {sides[0]} x 1); only models of colour"
            " pictures can be used."
        )
    return r.add("image", "Input", [], size=sides[0], channels=3)


def _sequential(
    r: Reader,
    layers: Sequence[Mapping[str, Any]],
    paths: Sequence[str],
    source: str | None,
    depth: int,
) -> str:
    for layer, path in zip(layers, paths, strict=True):
        config = layer["config"]
        if layer["class_name"] == "InputLayer":
            source = source or _input(r, config)
            continue
        if source is None and layer["class_name"] in _MODELS:
            source = _model(r, layer, None, f"{path}/", depth - 1)
            continue
        if source is None:
            source = _input(r, config)
        source = _layer(r, layer, [source], path, depth)
    if source is None:
        raise refuse("It has no layers.")
    return source


def _functional(
    r: Reader,
    config: Mapping[str, Any],
    layers: Sequence[Mapping[str, Any]],
    paths: Sequence[str],
    source: str | None,
    depth: int,
    output: str | None,
) -> str:
    made: dict[str, str] = {}
    pending = list(zip(layers, paths, strict=True))
    while pending:
        later = []
        for layer, path in pending:
            name = str(layer.get("name") or layer["config"]["name"])
            if layer["class_name"] == "InputLayer":
                made[name] = source or _input(r, layer["config"])
                continue
            sources, operand = _sources(layer, name)
            if not all(s in made for s in sources):
                later.append((layer, path))
                continue
            if operand is not None:
                layer = {**layer, "config": {**layer["config"], "_operand": operand}}
            made[name] = _layer(r, layer, [made[s] for s in sources], path, depth)
        if len(later) == len(pending):
            raise refuse("Its layers wait for each other.")
        pending = later
    return made[_output(config["output_layers"], output)]


def _output(described: Any, wanted: str | None) -> str:
    """Returns the name of the layer that gives the output."""
    if isinstance(described, Mapping):
        if wanted is not None and wanted in described:
            return str(described[wanted][0])
        if len(described) != 1:
            raise refuse(f"It has the outputs {', '.join(map(str, described))}; expected one.")
        (described,) = described.values()
    if described and isinstance(described[0], list):
        if len(described) != 1:
            raise refuse(f"It has {len(described)} outputs, expected one.")
        (described,) = described
    return str(described[0])


def _sources(layer: Mapping[str, Any], name: str) -> tuple[list[str], Any]:
    """Returns the names of the layers that feed one, and a number that it computes with."""
    calls = layer["inbound_nodes"]
    if len(calls) != 1:
        raise refuse(f"Layer {name!r:.60} is used {len(calls)} times, expected once.")
    (call,) = calls
    found: list[str] = []
    if isinstance(call, Mapping):  # Keras 3

        def walk(value: Any) -> None:
            if isinstance(value, Mapping) and value.get("class_name") == "__keras_tensor__":
                found.append(str(value["config"]["keras_history"][0]))
            elif isinstance(value, list):
                for item in value:
                    walk(item)

        walk(call["args"])
        operands = [v for v in call["args"] if isinstance(v, (int, float))]
        return found, operands[0] if operands else None
    operand = None
    # One input may stand without the list around it.
    for item in [call] if call and isinstance(call[0], str) else call:
        found.append(str(item[0]))
        for key, value in (item[3] if len(item) > 3 else {}).items():
            if key in ("y", "x") and isinstance(value, list):
                found.append(str(value[0]))
            elif key in ("y", "x"):
                operand = value
    return found, operand
