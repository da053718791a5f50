"""Keras' own files: `.keras` of Keras 3, and `.h5` that Keras 2 and Keras 3 both load.

Imports TensorFlow. Both hold ordinary layers and no code.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ..learning.errors import InputError
from . import keras_graph
from .packing import unpacked_again
from .snippets import predict_py, write_archive
from .verify import FLOAT, require
from .work import Work

#: What layers of Keras 2 say of themselves that the same layers of Keras 3 refuse to hear.
_UNKNOWN_TO_KERAS_3 = {
    "DepthwiseConv2D": ("groups", "kernel_initializer", "kernel_regularizer", "kernel_constraint")
}


def make(work: Work, name: str) -> tuple[Path, dict[str, Any]]:
    """Writes one of the two: see `server.exports.make`."""
    return {"keras": _keras, "h5": _h5}[name](work)


def _loaded(work: Work, library: Any, path: Path) -> Any:
    """Returns a runner of a file, loaded by a library with its checks on and no custom objects."""
    model = library.models.load_model(path, compile=False, safe_mode=True)
    return lambda x: model.predict_on_batch(x)


def _keras(work: Work) -> tuple[Path, dict[str, Any]]:
    import keras

    keras.backend.clear_session()
    path = work.folder / "model.keras"
    keras_graph.build(work.graph, keras, "classifier").save(path)
    path.write_bytes(_undated(unpacked_again(path.read_bytes())))
    work.step(0.5)
    measured = require(work, work.run(_loaded(work, keras, path)), FLOAT, "The .keras file")
    program = predict_py(
        work,
        needs='pip install "keras>=3" tensorflow pillow  (or jax or torch in tensorflow\'s place)',
        imports="import keras\n",
        load='model = keras.models.load_model(HERE / "model.keras", compile=False)',
        call="np.asarray(model(pixels(path)))[0]",
    )
    return _packed(work, "Keras 3", measured, path, program, "keras tensorflow pillow")


def _undated(data: bytes) -> bytes:
    """Returns a `.keras` file without the day it was saved on and addresses in memory."""
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    metadata = json.loads(entries["metadata.json"])
    metadata["date_saved"] = "1980-01-01@00:00:00"
    entries["metadata.json"] = json.dumps(metadata, sort_keys=True).encode()
    entries["config.json"] = json.dumps(_unshared(json.loads(entries["config.json"]))).encode()
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in entries.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def _unshared(node: Any) -> Any:
    """Returns a description without the numbers by which Keras knows an object of the process."""
    if isinstance(node, dict):
        return {k: _unshared(v) for k, v in node.items() if k != "shared_object_id"}
    return [_unshared(item) for item in node] if isinstance(node, list) else node


def _h5(work: Work) -> tuple[Path, dict[str, Any]]:
    import warnings

    import keras
    import tf_keras

    tf_keras.backend.clear_session()
    path = work.folder / "keras_model.h5"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that the format is the older one, which is its purpose
        keras_graph.build(work.graph, tf_keras, "classifier").save(path, save_format="h5")
    _for_both(path)
    work.step(0.4)
    for library, title in ((tf_keras, "Keras 2"), (keras, "Keras 3")):
        library.backend.clear_session()
        try:
            runner = _loaded(work, library, path)
        except (TypeError, ValueError) as error:
            raise InputError(
                f"The .h5 file cannot be loaded by {title}", str(error).splitlines()[0]
            ) from error
        measured = require(work, work.run(runner), FLOAT, f"The .h5 file in {title}")
    program = predict_py(
        work,
        needs="pip install tensorflow pillow",
        imports="from tensorflow import keras\n",
        load='model = keras.models.load_model(HERE / "keras_model.h5", compile=False)',
        call="np.asarray(model(pixels(path)))[0]",
    )
    return _packed(work, "Keras, older format", measured, path, program, "tensorflow pillow")


def _for_both(path: Path) -> None:
    """Removes, in place, what Keras 3 does not accept in the description of a model of Keras 2."""
    import h5py

    with h5py.File(path, "r+") as file:
        config = json.loads(file.attrs["model_config"])
        for layer in config["config"]["layers"]:
            for key in _UNKNOWN_TO_KERAS_3.get(layer["class_name"], ()):
                layer["config"].pop(key, None)
        file.attrs["model_config"] = json.dumps(config).encode()


def _packed(
    work: Work, title: str, measured: dict[str, Any], path: Path, program: str, packages: str
) -> tuple[Path, dict[str, Any]]:
    described = f"the network, {path.stat().st_size:,} bytes; ordinary layers, no custom code"
    target = write_archive(
        work,
        title,
        measured,
        contents={path.name: path},
        described={path.name: described},
        packages=packages,
        program=program,
    )
    return target, measured
