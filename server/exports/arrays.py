"""The numbers as NumPy arrays, and a program that computes with NumPy and LiteRT alone."""

from __future__ import annotations

import importlib.util
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from ..learning.models import Dense, Neighbours, Network
from .packing import unpacked_again, write_zip
from .snippets import readme
from .verify import FLOAT, require
from .work import Work

_PROGRAM = Path(__file__).with_name("arrays_predict.py")


def stored(work: Work) -> dict[str, np.ndarray]:
    """Returns the arrays of `classifier.npz`."""
    classifier, model = work.classifier, work.classifier.model
    arrays: dict[str, Any] = {
        "label_names": np.array(classifier.labels, np.str_),
        "kind": np.array(model.kind),
        "is_regression": np.array(classifier.is_regression),
        "temperature": np.array(classifier.temperature),
        "scale": np.array(1.0),
        "offset": np.array(0.0),
        "network_output": np.array(0),
        **model.arrays(),
    }
    if isinstance(model, Dense):
        arrays["activations"] = np.array([layer.activation for layer in model.layers])
    if isinstance(model, Neighbours):
        for name in ("k", "metric", "sharpness"):
            arrays[name] = np.array(getattr(model, name))
        arrays["pixels"] = np.array(model.pixels or 0)
    if isinstance(model, Network):
        arrays |= {"scale": np.array(model.scale), "offset": np.array(model.offset)}
    if model.wants == "vectors":
        arrays["network_output"] = np.array(_embedding_output(work))
    return arrays


def _embedding_output(work: Work) -> int:
    """Returns which output of the backbone's file is the embedding: the one of its length."""
    from ai_edge_litert.interpreter import Interpreter

    assert work.backbone is not None
    interpreter = Interpreter(str(work.backbone.model_file), num_threads=1)
    runner = interpreter.get_signature_runner()
    wanted = runner.get_output_details()["embedding"]["index"]
    return [d["index"] for d in interpreter.get_output_details()].index(wanted)


def make(work: Work, name: str) -> tuple[Path, dict[str, Any]]:
    """Writes it: see `server.exports.make`."""
    folder = work.folder / "arrays"
    folder.mkdir()
    file = io.BytesIO()
    np.savez_compressed(file, **stored(work))
    (folder / "classifier.npz").write_bytes(unpacked_again(file.getvalue()))
    model = work.classifier.model
    if isinstance(model, Network):
        (folder / "network.tflite").write_bytes(model.tflite)
    elif model.wants == "vectors":
        assert work.backbone is not None
        (folder / "network.tflite").write_bytes(work.backbone.model_file.read_bytes())
    (folder / "predict.py").write_text(_PROGRAM.read_text(encoding="utf-8"), encoding="utf-8")
    work.step(0.3)
    classify = _loaded(folder)
    rows = []
    for square in work.pictures:
        work.task.check()
        rows.append(classify(square))
    measured = require(work, np.stack(rows), FLOAT, "The NumPy program")
    files = {
        "classifier.npz": "the numbers: numpy.load(file, allow_pickle=False)",
        "network.tflite": "what turns a picture into numbers (LiteRT)",
        "predict.py": "the whole computation, to read and to change",
        "labels.txt": "the classes",
        "metadata.json": "the same facts for programs",
    }
    if not (folder / "network.tflite").exists():
        del files["network.tflite"]
    path = work.folder / "export.zip"
    write_zip(
        path,
        {
            "README.txt": readme(
                work, "NumPy", measured, files,
                "Try it:",
                "    pip install numpy pillow ai-edge-litert\n    python predict.py picture.jpg",
            ),
            "classifier.npz": folder / "classifier.npz",
            "labels.txt": work.labels,
            "metadata.json": json.dumps(work.document(measured), indent=1, ensure_ascii=False),
            **{n: folder / n for n in ("network.tflite", "predict.py") if n in files},
        },
    )  # fmt: skip
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
    return path, measured


def _loaded(folder: Path) -> Any:
    """Loads the program that goes into the archive, as its user would."""
    spec = importlib.util.spec_from_file_location("exported_predict", folder / "predict.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Classifier(folder)
