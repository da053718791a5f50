"""From stored squares to unit vectors, by LiteRT on one thread."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from .backbones import Backbone
from .errors import InputError
from .pictures import to_input


def unit_length(vectors: np.ndarray) -> np.ndarray:
    """Scales rows to length 1, float32; rows of zeros stay."""
    length = np.sqrt(np.square(vectors.astype(np.float64)).sum(axis=-1, keepdims=True))
    return (vectors / np.where(length > 0, length, 1)).astype(np.float32)


class Embedder:
    """A loaded backbone. Any thread may call it; one at a time is served.

    One interpreter thread, because more fight over the cores of a busy machine, and one picture
    at a time: batches were measured to be no faster (4 % at best, slower at 64).

    Args:
        backbone: which one.

    Raises:
        InputError: its LiteRT file cannot be loaded.
    """

    def __init__(self, backbone: Backbone):
        from ai_edge_litert.interpreter import Interpreter  # 10 MB that listing pages never need

        self.backbone = backbone
        self._lock = threading.Lock()
        try:
            self._interpreter = Interpreter(str(backbone.model_file), num_threads=1)
            self._run = self._interpreter.get_signature_runner()
            outputs = self._run.get_output_details()
            (self._input_name,) = self._run.get_input_details()
        except (ValueError, RuntimeError) as error:
            raise _unusable(backbone, str(error)) from error
        expected = {"embedding", *(["logits"] if backbone.has_top else [])}
        if set(outputs) != expected:
            raise _unusable(backbone, f"its outputs are {sorted(outputs)}")

    def _outputs(self, square: np.ndarray) -> dict[str, np.ndarray]:
        """Runs one square; the lock must be held."""
        return self._run(**{self._input_name: to_input(square, self.backbone.input_size)})

    def embed(self, squares: np.ndarray) -> np.ndarray:
        """Embeds stored squares.

        Args:
            squares: uint8[n, 224, 224, 3], or one uint8[224, 224, 3].

        Returns:
            float32[n, D], unit rows (zeros where the backbone answers zeros).
        """
        batch = squares if squares.ndim == 4 else squares[None]
        vectors = np.empty((len(batch), self.backbone.embedding_size), np.float32)
        for i, square in enumerate(batch):
            with self._lock:
                vectors[i] = self._outputs(square)["embedding"][0]
        return unit_length(vectors)

    def classify(self, square: np.ndarray, top: int = 5) -> list[dict[str, Any]]:
        """Names what the backbone itself sees in one square.

        Args:
            square: uint8[224, 224, 3].
            top: how many names.

        Returns:
            `[{"id", "name", "probability"}]`, the most probable first; [] without a top.
        """
        if not self.backbone.has_top:
            return []
        with self._lock:
            logits = self._outputs(square)["logits"][0].astype(np.float64)
        probabilities = np.exp(logits - logits.max())
        probabilities /= probabilities.sum()
        labels = self.backbone.labels
        return [
            {**labels[i], "probability": float(probabilities[i])}
            for i in np.argsort(-probabilities, kind="stable")[:top]
        ]


def _unusable(backbone: Backbone, detail: str) -> InputError:
    return InputError(
        f"The backbone {backbone.name} cannot be loaded",
        f"backbone.tflite: {detail}.",
        f"Convert it again: python convert_models.py {backbone.name}",
        kind="mismatch",
    )


_embedders: dict[tuple[str, str], Embedder] = {}
_embedders_lock = threading.Lock()


def embedder_of(backbone: Backbone) -> Embedder:
    """Returns the one `Embedder` of a backbone in this process, loading it the first time."""
    key = (str(backbone.folder), backbone.fingerprint)
    with _embedders_lock:
        if key not in _embedders:
            _embedders[key] = Embedder(backbone)
        return _embedders[key]


def embed(backbone: Backbone, squares: np.ndarray) -> np.ndarray:
    """Embeds squares with a backbone: see `Embedder.embed`."""
    return embedder_of(backbone).embed(squares)
