"""Compare what LiteRT and TF.js give for the golden pictures with what Keras gives."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from .errors import ConversionError

REQUIRED_COSINE = 0.9999
# Cosines are blind to a factor; embeddings are scaled to unit length, logits are not.
ALLOWED_SCALE = 0.01

Outputs = dict[str, np.ndarray]


def cosines(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return the cosine of each pair of rows; 1 where both rows are zero.

    Args:
        left, right: `[n, D]`.
    """
    left, right = left.astype(np.float64), right.astype(np.float64)
    lengths = np.linalg.norm(left, axis=1) * np.linalg.norm(right, axis=1)
    both_zero = (np.abs(left).max(axis=1) == 0) & (np.abs(right).max(axis=1) == 0)
    products = np.einsum("nd,nd->n", left, right)
    found = np.where(both_zero, 1.0, products / np.where(lengths > 0, lengths, 1.0))
    return np.clip(found, -1.0, 1.0)


def compare(expected: Outputs, found: Outputs, what: str) -> float:
    """Return the smallest cosine over all pictures and outputs.

    Args:
        expected: what Keras gave, `[n, D]` by output name.
        found: what the converted file gave.
        what: how to call that in a message.

    Raises:
        ConversionError: an output is missing, or the numbers do not agree.
    """
    smallest = 1.0
    for name, values in expected.items():
        other = found.get(name)
        if other is None or other.shape != values.shape:
            raise ConversionError(
                f"{what} gives {name} of the shape {None if other is None else other.shape}, "
                f"Keras {values.shape}. Nothing was kept."
            )
        cosine = float(cosines(values, other).min())
        length = float(np.linalg.norm(values.astype(np.float64)))
        scale = np.linalg.norm(other.astype(np.float64)) / length if length else 1.0
        if not cosine >= REQUIRED_COSINE or not abs(scale - 1) <= ALLOWED_SCALE:
            raise ConversionError(
                f"{what} and Keras do not give the same {name}: cosine {cosine:.6f} on the worst "
                f"golden picture (at least {REQUIRED_COSINE} expected), length {scale:.4f} times "
                "Keras'. Nothing was kept."
            )
        smallest = min(smallest, cosine)
    return smallest


def run_litert(path: Path, pictures: np.ndarray) -> tuple[Outputs, float]:
    """Run a LiteRT file on pictures, one by one, on one thread.

    Args:
        path: `backbone.tflite`.
        pictures: float32 `[n, S, S, 3]` in -1..1.

    Returns:
        The outputs `[n, D]` by name, and the median milliseconds a picture.
    """
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=str(path), num_threads=1)
    runner = interpreter.get_signature_runner()
    rows: dict[str, list[np.ndarray]] = {}
    seconds = []
    for picture in pictures:
        start = time.perf_counter()
        outputs = runner(image=picture[None])
        seconds.append(time.perf_counter() - start)
        for name, value in outputs.items():
            rows.setdefault(name, []).append(np.array(value[0]))
    stacked = {name: np.stack(values) for name, values in rows.items()}
    return stacked, float(np.median(seconds) * 1000)
