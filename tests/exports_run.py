"""Makes every export of small classifiers in one process, since TensorFlow takes long to start.

    python tests/exports_run.py FOLDER

FOLDER gets a folder for each classifier with its exports, and results.json.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import runpy
import sys
import zipfile
from pathlib import Path

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parents[1])]

import exports_case as case  # noqa: E402
import numpy as np  # noqa: E402

from server import exports  # noqa: E402
from server.exports import importing  # noqa: E402
from server.learning.classifier import Classifier, ClassRef  # noqa: E402
from server.learning.errors import InputError  # noqa: E402
from server.learning.network_files import make_network  # noqa: E402
from server.learning.task import Task  # noqa: E402
from server.learning.tensorflow import start  # noqa: E402

#: Which formats are made of which classifier.
PLAN = {
    "dense": list(exports.EXPORTS),
    "network": ["onnx", "npz", "tfjs", "tflite-int8"],
    "regression": ["onnx", "npz", "tflite-int8"],
    "neighbours": ["html", "onnx", "npz"],
    "pixels": ["onnx", "npz", "tflite"],
}
#: Programs of archives that need TensorFlow, which is running here anyway.
PROGRAMS = ("keras", "h5", "savedmodel")


def network() -> Classifier:
    """Trains nothing: a network with most kinds of layers, at random."""
    start(seed=3)
    import tf_keras
    from tf_keras import layers

    image = x = tf_keras.Input((32, 32, 3), name="image")
    x = layers.Conv2D(8, 3, strides=2, padding="same", activation="relu")(x)
    x = layers.BatchNormalization()(x)
    x = layers.MaxPooling2D(3, 2, padding="same")(x)
    gate = layers.GlobalAveragePooling2D(keepdims=True)(x)
    gate = layers.Conv2D(8, 1, activation="sigmoid")(gate)
    x = layers.Multiply()([x, gate])
    x = layers.SeparableConv2D(12, 3, padding="same", activation="relu")(x)
    x = layers.AveragePooling2D(2, 2)(x)
    x = layers.Dropout(0.3)(x)
    x = layers.Flatten()(x)
    x = layers.Dense(16, activation="elu")(x)
    x = layers.Rescaling(4.0)(layers.UnitNormalization()(x))  # as in a tuned backbone
    model = tf_keras.Model(image, layers.Dense(4)(x))
    random = np.random.default_rng(4)
    for layer in model.layers:
        scale = 1.5 if layer.weights and layer.weights[0].shape.rank == 2 else 0.6
        layer.set_weights(
            [
                random.uniform(0.5, 1.5, w.shape)
                if "variance" in v.name or "gamma" in v.name
                else random.normal(0, scale, w.shape)
                for v, w in zip(layer.weights, layer.get_weights(), strict=True)
            ]
        )
    small = random.integers(0, 256, (8, 32, 32, 3), dtype=np.uint8)
    labels = [ClassRef(label) for label in "abcd"]
    return Classifier("Net", "convnet", labels, make_network(model, small, Task()), temperature=2.5)


def ran(archive: Path, folder: Path, picture: Path) -> str:
    """Unpacks an archive and runs its predict.py on a picture; returns what it prints."""
    with zipfile.ZipFile(archive) as file:
        file.extractall(folder)
    said, arguments = io.StringIO(), sys.argv
    sys.argv = ["predict.py", str(picture)]
    try:
        with contextlib.redirect_stdout(said):
            runpy.run_path(str(folder / "predict.py"), run_name="__main__")
    finally:
        sys.argv = arguments
    return said.getvalue()


def main(folder: Path) -> None:
    seen = case.squares(6)
    backbone = case.default_backbone()
    made_of = {
        "dense": case.dense(backbone, seen),
        "network": network(),
        "regression": case.dense(backbone, seen, values=True),
        "neighbours": case.neighbours(backbone, seen, "cosine"),
        "pixels": case.neighbours(None, seen, "l1"),
    }
    results: dict = {"exports": {}, "programs": {}}
    picture = folder / "picture.jpg"
    from server.learning.pictures import encode_jpeg

    picture.write_bytes(encode_jpeg(seen[0]))
    for kind, classifier in made_of.items():
        out = folder / kind
        out.mkdir()
        expected = classifier.look(seen, backbone)
        results["exports"][kind] = {"expected": expected.tolist(), "classes": classifier.labels}
        for name in PLAN[kind]:
            try:
                made = exports.make(name, classifier, backbone, list(seen), Task(), out)
            except InputError as error:
                results["exports"][kind][name] = {"error": f"{error} {error.hint}"}
                continue
            results["exports"][kind][name] = {
                "path": str(made.path), "agreement": dict(made.agreement), "notes": made.notes
            }  # fmt: skip
    again = folder / "again.zip"
    exports.make("keras", made_of["dense"], backbone, list(seen), Task(), again)
    for name in PROGRAMS:
        path = Path(results["exports"]["dense"][name]["path"])
        results["programs"][name] = ran(path, folder / f"run-{name}", picture)
    source = case.SHARED / "formats" / "teachable-machine-model.zip"
    if not source.is_file():
        source = Path(results["exports"]["dense"]["tfjs"]["path"])
    found = importing.read(source, "", Task())
    results["import"] = {
        "source": str(source),
        "labels": found.labels,
        "name": found.name,
        "files": sorted(found.model.files()),
        "scores": found.look(seen).tolist(),
    }
    (folder / "results.json").write_text(json.dumps(results))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
