"""TensorFlow's SavedModel. Imports TensorFlow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from . import tf_graph
from .packing import folder_files
from .snippets import predict_py, write_archive
from .verify import FLOAT, require
from .work import Work

_PACKAGES = "tensorflow pillow"


def make(work: Work, name: str) -> tuple[Path, dict[str, Any]]:
    """Writes it: see `server.exports.make`."""
    import tensorflow as tf

    folder = work.folder / "saved_model"
    tf_graph.save(work.graph, folder, work.output)
    work.step(0.5)
    signature = tf.saved_model.load(str(folder)).signatures[tf_graph.SIGNATURE]

    def run(x: np.ndarray) -> np.ndarray:
        return signature(image=tf.constant(x))[work.output].numpy()

    measured = require(work, work.run(run), FLOAT, "The SavedModel")
    program = predict_py(
        work,
        needs=f"pip install {_PACKAGES}",
        imports="import tensorflow as tf\n",
        load=f"""
model = tf.saved_model.load(str(HERE / "saved_model"))
look = model.signatures["{tf_graph.SIGNATURE}"]
""",
        call=f'look(image=tf.constant(pixels(path)))["{work.output}"].numpy()[0]',
    )
    path = write_archive(
        work,
        "TensorFlow SavedModel",
        measured,
        contents=folder_files(folder, "saved_model/"),
        described={
            "saved_model/": f"the network; signature {tf_graph.SIGNATURE}, image -> {work.output}"
        },
        packages=_PACKAGES,
        program=program,
    )
    return path, measured
