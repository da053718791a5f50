"""TensorFlow's SavedModel. Imports TensorFlow."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from . import tf_graph
from .packing import folder_files, write_zip
from .snippets import predict_py, readme
from .verify import FLOAT, require
from .work import Work


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
        needs="pip install tensorflow pillow",
        imports="import tensorflow as tf\n",
        load=f"""
model = tf.saved_model.load(str(HERE / "saved_model"))
look = model.signatures["{tf_graph.SIGNATURE}"]
""",
        call=f'look(image=tf.constant(pixels(path)))["{work.output}"].numpy()[0]',
    )
    files = {
        "saved_model/": f"the network; signature {tf_graph.SIGNATURE}, image -> {work.output}",
        "labels.txt": "the classes",
        "predict.py": "a program that uses it",
        "metadata.json": "the same facts for programs",
    }
    path = work.folder / "export.zip"
    write_zip(
        path,
        {
            "README.txt": readme(
                work, "TensorFlow SavedModel", measured, files,
                "Try it:", "    pip install tensorflow pillow\n    python predict.py picture.jpg",
            ),
            "labels.txt": work.labels,
            "metadata.json": json.dumps(work.document(measured), indent=1, ensure_ascii=False),
            "predict.py": program,
            **folder_files(folder, "saved_model/"),
        },
    )  # fmt: skip
    return path, measured
