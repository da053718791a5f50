"""Teachable Machine's three files for TensorFlow.js, written without TensorFlow.

The layers are those that TensorFlow.js 1.3.1 knows, which `@teachablemachine/image` 0.8.5 asks for.
It gives a network x / 127 - 1; ours see x / 127.5 - 1, so a first layer turns one into the other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from . import keras_graph, tfjs_running
from .graph import Graph, in_plain_layers, shapes, with_input
from .packing import write_zip
from .snippets import readme
from .verify import FLOAT, require
from .work import Work

TFJS_VERSION = "1.3.1"
PACKAGE, PACKAGE_VERSION = "@teachablemachine/image", "0.8.5"
TM_VERSION = "2.4.10"
#: What that package makes of a pixel is x / 127 - 1; of that, this makes x / 127.5 - 1.
SCALE = 127 / 127.5
SHIFT = 127 / 127.5 - 1


def topology(graph: Graph) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Returns `modelTopology` of a layers model, and its weights by name.

    Args:
        graph: of ordinary layers only.
    """
    found = shapes(graph)
    layers: list[dict[str, Any]] = []
    weights: dict[str, np.ndarray] = {}
    for node in graph.nodes:
        if node.kind == "Input":
            size = graph.size
            shape = [None, size, size, 3]
            config = {
                "batch_input_shape": shape, "dtype": "float32", "sparse": False, "name": node.name
            }  # fmt: skip
            layers.append(
                {"name": node.name, "class_name": "InputLayer", "config": config,
                 "inbound_nodes": []}
            )  # fmt: skip
            continue
        kind, settings = keras_graph.layer_config(node, found[node.name])
        layers.append(
            {
                "name": node.name,
                "class_name": kind,
                "config": {**settings, "trainable": True},
                "inbound_nodes": [[[name, 0, 0, {}] for name in node.inputs]],
            }
        )
        for name, values in keras_graph.layer_weights(node, found[node.name]).items():
            weights[f"{node.name}/{name}"] = values
    first, last = graph.nodes[0].name, graph.nodes[-1].name
    config = {
        "name": "classifier",
        "layers": layers,
        "input_layers": [[first, 0, 0]],
        "output_layers": [[last, 0, 0]],
    }
    described = {
        # Later versions call it Functional; "Model" is understood by all.
        "class_name": "Model",
        "config": config,
        "keras_version": f"tfjs-layers {TFJS_VERSION}",
        "backend": "tensor_flow.js",
    }
    return described, weights


def write(graph: Graph) -> dict[str, bytes]:
    """Returns `model.json` and `weights.bin`.

    Args:
        graph: for pictures in -1..1 as they are here; the adapting layer is added.
    """
    described, weights = topology(in_plain_layers(with_input(graph, SCALE, SHIFT)))
    manifest = [
        {
            "paths": ["weights.bin"],
            "weights": [
                {"name": name, "shape": list(values.shape), "dtype": "float32"}
                for name, values in weights.items()
            ],
        }
    ]
    document = {"modelTopology": described, "weightsManifest": manifest}
    return {
        "model.json": json.dumps(document, separators=(",", ":")).encode(),
        "weights.bin": b"".join(values.astype("<f4").tobytes() for values in weights.values()),
    }


def metadata(work: Work, agreement: Mapping[str, Any]) -> dict[str, Any]:
    """Returns `metadata.json` as the package reads it; ours is in `userMetadata`."""
    classifier = work.classifier
    return {
        "tfjsVersion": TFJS_VERSION,
        "tmVersion": TM_VERSION,
        "packageVersion": PACKAGE_VERSION,
        "packageName": PACKAGE,
        "timeStamp": classifier.created_at or "1980-01-01T00:00:00.000Z",
        "userMetadata": {"showAndTell": {"agreement": dict(agreement)}},
        "modelName": classifier.name,
        "labels": classifier.labels,
        "imageSize": work.graph.size,
    }


def _as_seen_there(x: np.ndarray) -> np.ndarray:
    """Turns x / 127.5 - 1 into the x / 127 - 1 that the package would give."""
    return ((x + 1) * np.float32(127.5 / 127) - 1).astype(np.float32)


def make(work: Work, name: str) -> tuple[Path, dict[str, Any]]:
    """Writes them: see `server.exports.make`."""
    files = write(work.graph)
    work.step(0.4)
    folder = work.folder / "tfjs"
    folder.mkdir()
    for file, data in files.items():
        (folder / file).write_bytes(data)
    runner = tfjs_running.layers_runner(folder)
    found = work.run(lambda x: runner(_as_seen_there(x)))
    measured = require(work, found, FLOAT, "The TensorFlow.js model")
    listed = {
        "model.json": "the layers",
        "weights.bin": f"their numbers, {len(files['weights.bin']):,} bytes",
        "metadata.json": "the classes, as Teachable Machine writes them",
        "index.html": "a page that uses it through the camera",
        "sketch.html": "the same as a p5.js sketch with ml5.js",
    }
    here = Path(__file__).parent
    path = work.folder / "export.zip"
    write_zip(
        path,
        {
            "README.txt": readme(
                work,
                "TensorFlow.js, Teachable Machine's files",
                measured,
                listed,
                "Whatever reads an image model of Teachable Machine reads these three files."
                " The two pages fetch their libraries from the network. A browser lets a page"
                " read the files beside it only from a web server:",
                "    python -m http.server 8080\n    open http://localhost:8080/",
                "Teachable Machine hands a network x / 127 - 1; the first layer turns that into"
                " x / 127.5 - 1.",
            ),
            "index.html": (here / "tfjs_page.html").read_text(encoding="utf-8"),
            "metadata.json": json.dumps(metadata(work, measured), indent=1, ensure_ascii=False),
            **files,
            "sketch.html": (here / "tfjs_sketch.html").read_text(encoding="utf-8"),
        },
    )
    return path, measured
