"""From a trained Keras model to a `Network`: LiteRT, TF.js and Keras files of the same numbers.

Imports TensorFlow and `server.conversion`, which only workers and the command line have, inside
its functions.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from .errors import InputError
from .models import Network, softmax
from .recipes.augmentation import to_range
from .task import Task
from .tensorflow import hushed

#: The largest difference of a probability between the network as it was trained and its files.
LIMIT = 1e-3
#: Pictures that are compared.
COMPARED = 32
#: As many of them at a time as a large network has memory for.
_AT_ONCE = 8


def make_network(model: Any, pixels: np.ndarray, task: Task) -> Network:
    """Converts a trained model and proves that the result answers the same.

    Its weights are rounded to float16, which halves the files, unless that moves a probability
    on one of the pictures by more than `LIMIT`.

    Args:
        model: a flat functional tf_keras model, float32[n, S, S, 3] in -1..1 to logits[n, C].
        pixels: uint8[n, S, S, 3], real pictures to compare answers on; the first `COMPARED` count.
        task: hears of the phase "convert".

    Raises:
        InputError: the converted file answers something else.
    """
    from ..conversion.folding import round_to_float16
    from ..conversion.tfjs_graph import join_shards
    from ..conversion.writers import write_keras, write_saved_model, write_tfjs, write_tflite

    task.progress("convert", 0)
    inputs = to_range(pixels[:COMPARED])
    size = inputs.shape[1]
    trained, expected = model.get_weights(), probabilities(model, inputs)
    round_to_float16(model)
    is_half = difference(expected, probabilities(model, inputs)) <= LIMIT
    if not is_half:
        model.set_weights(trained)
    with tempfile.TemporaryDirectory(prefix="show-and-tell-") as name, hushed():
        folder = Path(name)
        saved, tfjs = folder / "saved_model", folder / "tfjs"
        tfjs.mkdir()
        write_saved_model(_bare(model, {"logits": model.output}), saved)
        task.progress("convert", 0.4)
        write_tflite(saved, folder / "model.tflite", half=is_half)
        task.progress("convert", 0.6)
        write_tfjs(saved, tfjs)
        join_shards(tfjs)
        task.progress("convert", 0.8)
        write_keras(_bare(model, model.output), folder / "model.keras")
        extra = {"model.keras": (folder / "model.keras").read_bytes()}
        extra |= {f"tfjs/{path.name}": path.read_bytes() for path in sorted(tfjs.iterdir())}
        network = Network((folder / "model.tflite").read_bytes(), size, extra)
    found = softmax(network.logits(pixels[:COMPARED]))
    apart = difference(expected, found)
    if not apart <= LIMIT:
        raise InputError(
            "The trained network could not be converted",
            f"Its LiteRT file and Keras differ by {apart:.4f} in a probability of one of"
            f" {len(inputs)} pictures; at most {LIMIT} is allowed.",
            "Train again with a smaller rate, or another recipe.",
        )
    task.progress("convert", 1)
    return network


def _bare(model: Any, outputs: Any) -> Any:
    """Returns the model without its optimiser, which holds twice as many numbers again."""
    import tf_keras

    return tf_keras.Model(model.input, outputs, name=model.name)


def probabilities(model: Any, inputs: np.ndarray) -> np.ndarray:
    """Runs a Keras model that gives logits: float64[n, C], rows of sum 1."""
    parts = [inputs[i : i + _AT_ONCE] for i in range(0, len(inputs), _AT_ONCE)]
    return softmax(np.concatenate([model.predict_on_batch(part) for part in parts]))


def difference(left: np.ndarray, right: np.ndarray) -> float:
    """Returns the largest difference between two arrays; 0 of empty ones."""
    return float(np.abs(left - right).max(initial=0))
