"""Classifiers from elsewhere: Teachable Machine's image models, Keras models, our own files.

Files are read as data (`keras_reading`), never run: no pickle, no Lambda, no code. What is
understood is built anew from known layers and converted to a `Network`. Imports TensorFlow.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path, PurePosixPath

import numpy as np

from ..conversion.errors import ConversionError
from ..formats import classifier as classifier_file
from ..formats.archive import Archive
from ..learning.classifier import Classifier, ClassRef
from ..learning.errors import InputError
from ..learning.resampling import resample
from ..learning.task import Task
from . import keras_graph
from .graph import Graph, fold_affine, with_input
from .keras_weights import LIMITS, read_h5, read_keras, read_layers_model
from .verify import drawn_pictures
from .whole import without_softmax

LONGEST_LABEL = 100
_HDF5 = b"\x89HDF\r\n\x1a\n"
_KINDS = (
    "a .classifier of this program, a Teachable Machine image model (the zip of TensorFlow.js or"
    " of Keras), or a Keras model (.keras, .h5), alone or in a zip with labels.txt"
)

#: What a pixel 0..255 is turned into before a network sees it, as scale and shift of our -1..1.
PIXELS = {
    "-1..1": (1.0, 0.0),
    "0..1": (0.5, 0.5),
    "0..255": (127.5, 127.5),
    # Teachable Machine in the browser: x / 127 - 1, up to 1.0079.
    "x/127-1": (127.5 / 127, 127.5 / 127 - 1),
}


@dataclass(frozen=True)
class Found:
    """A model as it was read: its network, its labels or none, and what it takes for pixels."""

    graph: Graph
    labels: Sequence[str]
    pixels: str
    name: str = ""


def read(path: Path, name: str, task: Task, pixels: str | None = None) -> Classifier:
    """Reads a classifier from a file of any known kind, told by its content.

    Args:
        path: the file.
        name: what to call the classifier; what the file says, or its own name, if empty.
        task: is told how far it is, and asked whether to stop.
        pixels: a key of `PIXELS`, for a Keras model that wants something else than -1..1. A model
            that begins with a Rescaling layer gets 0..255.

    Returns:
        The classifier, recipe "import" unless it is one of ours.

    Raises:
        InputError: it is none of these, damaged, hostile, or of layers that are not known here.
        Cancelled: the task was.
    """
    path = Path(path)
    task.progress("read", 0)
    if classifier_file.is_classifier(path):
        found = classifier_file.read(path, LIMITS)
        task.progress("read", 1)
        return replace(found, name=name) if name else found
    model = _read(path)
    if pixels is not None:
        model = replace(model, pixels=pixels)
    if model.pixels not in PIXELS:
        raise InputError(
            "This range of pixels is not known",
            f"Received {model.pixels!r:.40}; expected one of {', '.join(PIXELS)}.",
        )
    task.progress("read", 1)
    return _classifier(model, name or model.name or path.stem, task)


def _classifier(model: Found, name: str, task: Task) -> Classifier:
    from ..learning.network_files import make_network
    from ..learning.tensorflow import start

    graph = without_softmax(model.graph)
    classes = graph.outputs
    labels = list(model.labels) or [f"Class {i + 1}" for i in range(classes)]
    if len(labels) != classes:
        raise InputError(
            "The labels do not fit the model",
            f"There are {len(labels)} labels for {classes} classes.",
            "Take model and labels from the same export.",
        )
    if classes < 2:
        raise InputError("The model knows one class only", "Expected at least two.")
    graph = fold_affine(with_input(graph, *PIXELS[model.pixels]))
    start(seed=0)
    import tf_keras

    task.progress("convert", 0)
    built = keras_graph.build(graph, tf_keras, "imported")
    squares = drawn_pictures()
    small = np.stack([np.floor(resample(s, graph.size) + 0.5).astype(np.uint8) for s in squares])
    try:
        network = make_network(built, small, task)
    except ConversionError as error:
        raise InputError("This model cannot be converted", error.detail, error.hint) from error
    return Classifier(
        name=name,
        recipe="import",
        classes=[ClassRef(label) for label in _distinct(labels)],
        model=network,
        created_at=datetime.now(timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z"),
    )


def _distinct(labels: Sequence[str]) -> list[str]:
    """Returns labels without control characters, none empty or too long, none twice."""
    found: list[str] = []
    for i, label in enumerate(labels):
        plain = " ".join("".join(c if c.isprintable() else " " for c in label).split())
        plain = plain[:LONGEST_LABEL] or f"Class {i + 1}"
        number, unique = 1, plain
        while unique in found:
            number += 1
            unique = f"{plain} ({number})"
        found.append(unique)
    return found


def _read(path: Path) -> Found:
    with path.open("rb") as file:
        head = file.read(8)
    if head == _HDF5:
        graph, raw = read_h5(path)
        return Found(graph, _beside(path), _range(raw))
    if not head.startswith(b"PK"):
        raise InputError(
            "This is no model that can be read here",
            f"{path.name} is neither a zip nor HDF5. Expected {_KINDS}.",
            kind="unsupported-media",
        )
    with Archive(path, LIMITS) as archive:
        names = {PurePosixPath(n).name: n for n in sorted(archive.names(), key=len, reverse=True)}
        for wanted, reader in _ZIPS.items():
            if all(any(n.endswith(w) for n in names) for w in wanted):
                return reader(archive, names, path)
        listed = ", ".join(sorted(names)[:6])
    if any(n.endswith((".tflite", ".pb")) for n in names):
        raise InputError(
            "A model of this kind cannot be brought in",
            f"{path.name} holds {listed}: operations without layers. Expected {_KINDS}.",
            "Export it as TensorFlow.js or as Keras there.",
            kind="unsupported-media",
        )
    raise InputError(
        "There is no model in this archive",
        f"{path.name} holds {listed}. Expected {_KINDS}.",
        kind="unsupported-media",
    )


def _range(raw: bool) -> str:
    return "0..255" if raw else "-1..1"


def _beside(path: Path) -> list[str]:
    """Reads labels.txt in the folder of a file, if there is one."""
    file = path.with_name("labels.txt")
    return _labels(file.read_bytes()) if file.is_file() else []


def _labels(data: bytes) -> list[str]:
    """Reads labels.txt: a label a line, with its index before it as Teachable Machine writes."""
    lines = [line.strip() for line in data.decode("utf-8-sig", "replace").splitlines()]
    lines = [line for line in lines if line]
    numbered = [line.partition(" ") for line in lines]
    if lines and all(n == str(i) and rest for i, (n, _, rest) in enumerate(numbered)):
        return [rest.strip() for _, _, rest in numbered]
    return lines


def _json(archive: Archive, name: str) -> dict:
    try:
        document = json.loads(archive.read(name))
    except (ValueError, RecursionError) as error:
        raise InputError("The model is damaged", f"{name} is not JSON ({error!s:.80}).") from None
    if not isinstance(document, dict):
        raise InputError("The model is damaged", f"{name} is not an object.")
    return document


def _teachable_machine(archive: Archive, names: dict[str, str], path: Path) -> Found:
    metadata = _json(archive, names["metadata.json"]) if "metadata.json" in names else {}
    if "tfjsSpeechCommandsVersion" in metadata:
        raise InputError("This is a model of sounds", "Only models of pictures can be used here.")
    if "modelSettings" in metadata or str(metadata.get("packageName", "")).endswith("/pose"):
        raise InputError("This is a model of poses", "Only models of pictures can be used here.")
    if metadata.get("grayscale"):
        raise InputError(
            "This is a model of small grey pictures",
            "Only models of colour pictures can be used here.",
            "Export the standard image model there, or bring in its samples and train it here.",
        )
    document = _json(archive, names["model.json"])
    if "modelTopology" not in document or document.get("format") == "graph-model":
        raise InputError(
            "This TensorFlow.js model cannot be brought in",
            "It is a graph of operations; expected layers, as Teachable Machine exports them.",
        )
    try:
        paths = [str(p) for group in document["weightsManifest"] for p in group["paths"]]
        files = [names[PurePosixPath(p).name] for p in paths]
    except (KeyError, TypeError) as error:
        raise InputError(
            "The model is not complete", f"model.json speaks of a file that is missing ({error})."
        ) from None
    graph = read_layers_model(document, b"".join(archive.read(file) for file in files))
    labels = metadata.get("labels", [])
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise InputError("The model is damaged", "The labels of metadata.json are no texts.")
    called = metadata.get("modelName")
    named = called if isinstance(called, str) and called not in ("", "untitled") else ""
    return Found(graph, labels, "x/127-1", named[:LONGEST_LABEL])


def _keras_itself(archive: Archive, names: dict[str, str], path: Path) -> Found:
    graph, raw = read_keras(path)
    return Found(graph, _beside(path), _range(raw))


def _packed(ending: str) -> Callable[[Archive, dict[str, str], Path], Found]:
    """Reads a zip with one Keras file in it, and labels.txt beside it if that is there."""

    def read_packed(archive: Archive, names: dict[str, str], path: Path) -> Found:
        import tempfile

        models = [n for n in archive.names() if n.endswith(ending)]
        if len(models) != 1:
            raise InputError("Which model is meant?", f"{path.name} holds {', '.join(models[:4])}.")
        data = archive.read(models[0])
        if ending == ".keras":
            graph, raw = read_keras(data)
        else:
            with tempfile.TemporaryDirectory(prefix="show-and-tell-") as folder:
                file = Path(folder) / "model.h5"
                file.write_bytes(data)
                graph, raw = read_h5(file)
        labels = _labels(archive.read(names["labels.txt"])) if "labels.txt" in names else []
        return Found(graph, labels, _range(raw))

    return read_packed


#: Endings of names that an archive must have: function that reads it.
_ZIPS: dict[tuple[str, ...], Callable[[Archive, dict[str, str], Path], Found]] = {
    ("config.json", "model.weights.h5"): _keras_itself,
    (".keras",): _packed(".keras"),
    (".h5",): _packed(".h5"),
    ("model.json",): _teachable_machine,
}
