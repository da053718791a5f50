"""What a trained classifier computes, without TensorFlow: layers, neighbours or a LiteRT file.

Every model turns inputs into logits (or, of a regression, into values). `wants` says which inputs:
"vectors" float32[n, D] unit rows of the backbone, or "squares" uint8[n, 224, 224, 3].
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

import numpy as np

from .errors import InputError
from .pictures import to_input
from .resampling import resample

ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "linear": lambda x: x,
    "relu": lambda x: np.maximum(x, 0),
}
#: Probabilities under this count as this, so that logarithms stay finite.
TINY = 1e-12
_BLOCK = 1 << 24


class Model(Protocol):
    """What the three kinds have in common."""

    kind: ClassVar[str]
    wants: str

    def logits(self, inputs: np.ndarray) -> np.ndarray:
        """Returns float64[n, classes] (a regression: [n, 1]) for a batch of what it wants."""
        ...

    def describe(self) -> dict[str, Any]:
        """Returns what `from_parts` needs besides arrays and files, as JSON values."""
        ...

    def arrays(self) -> dict[str, np.ndarray]:
        """Returns its numbers by name, as they are stored."""
        ...

    def files(self) -> dict[str, bytes]:
        """Returns its files by name, as they are stored."""
        ...


@dataclass(frozen=True)
class Layer:
    """A dense layer: `activation(x @ kernel + bias)`.

    Attributes:
        kernel: float32[in, out].
        bias: float32[out].
        activation: a key of `ACTIVATIONS`.
    """

    kernel: np.ndarray
    bias: np.ndarray
    activation: str = "linear"


@dataclass(frozen=True)
class Dense:
    """Dense layers on the embedding; the last one gives logits or, of a regression, the value."""

    layers: Sequence[Layer]
    kind: ClassVar[str] = "dense"
    wants: str = field(default="vectors", init=False)

    def logits(self, inputs: np.ndarray) -> np.ndarray:
        """See `Model.logits`."""
        x = np.asarray(inputs, np.float64)
        for layer in self.layers:
            x = ACTIVATIONS[layer.activation](x @ layer.kernel + layer.bias)
        return x

    def describe(self) -> dict[str, Any]:
        """See `Model.describe`."""
        return {"activations": [layer.activation for layer in self.layers]}

    def arrays(self) -> dict[str, np.ndarray]:
        """See `Model.arrays`: `layer<i>.kernel` [in, out] and `layer<i>.bias` [out]."""
        named = {}
        for i, layer in enumerate(self.layers):
            named[f"layer{i}.kernel"] = np.ascontiguousarray(layer.kernel, np.float32)
            named[f"layer{i}.bias"] = np.ascontiguousarray(layer.bias, np.float32)
        return named

    def files(self) -> dict[str, bytes]:
        """See `Model.files`."""
        return {}

    @classmethod
    def from_parts(
        cls, described: Mapping[str, Any], arrays: Mapping[str, Any], files: Mapping[str, bytes]
    ) -> Dense:
        """Makes it again of its parts; raises KeyError, TypeError or ValueError if they are odd."""
        layers = [
            Layer(arrays[f"layer{i}.kernel"], arrays[f"layer{i}.bias"], activation)
            for i, activation in enumerate(described["activations"])
        ]
        for before, after in zip(layers, layers[1:], strict=False):
            if before.kernel.shape[1] != after.kernel.shape[0]:
                raise ValueError("layers do not fit together")
        for layer in layers:
            if layer.activation not in ACTIVATIONS or layer.bias.shape != layer.kernel.shape[1:]:
                raise ValueError("a layer is not complete")
        if not layers:
            raise ValueError("there are no layers")
        return cls(layers)


def _cosine(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return 1.0 - (a @ b.T).astype(np.float64)


def _l1(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.stack([np.abs(row - b).sum(axis=1, dtype=np.float64) for row in a])


def _l2(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    square = (a**2).sum(1)[:, None] + (b**2).sum(1)[None] - 2 * (a @ b.T)
    return np.sqrt(np.maximum(square, 0).astype(np.float64))


#: metric: function of float32[n, D] and float32[m, D] to distances float64[n, m].
METRICS: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "cosine": _cosine,
    "l1": _l1,
    "l2": _l2,
}


def raw_pixels(squares: np.ndarray, side: int) -> np.ndarray:
    """Shrinks squares uint8[n, 224, 224, 3] to float32[n, side * side * 3] unit rows."""
    rows = np.stack([resample(square, side).reshape(-1) / 255.0 for square in squares])
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows / np.where(length > 0, length, 1)).astype(np.float32)


@dataclass(frozen=True)
class Neighbours:
    """The k nearest examples vote with weight exp(-sharpness * (distance - nearest distance)).

    Attributes:
        vectors: float32[N, D], unit rows.
        labels: int64[N].
        classes: how many.
        k: how many vote.
        metric: a key of `METRICS`.
        sharpness: of the votes, above 0.
        pixels: None on embeddings; else the side of the shrunk picture whose raw pixels count.
    """

    vectors: np.ndarray
    labels: np.ndarray
    classes: int
    k: int
    metric: str
    sharpness: float
    pixels: int | None = None
    kind: ClassVar[str] = "neighbours"

    @property
    def wants(self) -> str:
        """ "squares" for raw pixels, else "vectors"."""
        return "vectors" if self.pixels is None else "squares"

    def logits(self, inputs: np.ndarray) -> np.ndarray:
        """See `Model.logits`: logarithms of the shrunk votes, e = 1 / (N + 1) as in docs/knn.md."""
        queries = inputs if self.pixels is None else raw_pixels(inputs, self.pixels)
        n, k = len(self.labels), min(self.k, len(self.labels))
        share = np.zeros((len(queries), self.classes))
        step = max(1, _BLOCK // n)
        for start in range(0, len(queries), step):
            distances = METRICS[self.metric](queries[start : start + step], self.vectors)
            order = np.argsort(distances, axis=1, kind="stable")[:, :k]
            near = np.take_along_axis(distances, order, 1)
            weights = np.exp(-self.sharpness * (near - near[:, :1]))
            weights /= weights.sum(axis=1, keepdims=True)
            rows = np.repeat(np.arange(len(near)), k) + start
            np.add.at(share, (rows, self.labels[order].reshape(-1)), weights.reshape(-1))
        e = 1.0 / (n + 1)
        present = np.bincount(self.labels, minlength=self.classes) > 0
        shrunk = np.where(present, (1 - e) * share + e / max(1, present.sum()), 0.0)
        return np.log(np.maximum(shrunk, TINY))

    def describe(self) -> dict[str, Any]:
        """See `Model.describe`."""
        names = ("classes", "k", "metric", "sharpness", "pixels")
        return {name: getattr(self, name) for name in names}

    def arrays(self) -> dict[str, np.ndarray]:
        """See `Model.arrays`: `vectors` [N, D] and `labels` [N]."""
        vectors = np.ascontiguousarray(self.vectors, np.float32)
        return {"vectors": vectors, "labels": np.asarray(self.labels, np.int64)}

    def files(self) -> dict[str, bytes]:
        """See `Model.files`."""
        return {}

    @classmethod
    def from_parts(
        cls, described: Mapping[str, Any], arrays: Mapping[str, Any], files: Mapping[str, bytes]
    ) -> Neighbours:
        """Makes it again of its parts; raises KeyError, TypeError or ValueError if they are odd."""
        made = cls(arrays["vectors"], arrays["labels"], **described)
        if made.vectors.ndim != 2 or made.labels.shape != made.vectors.shape[:1]:
            raise ValueError("there is not one vector for each label")
        if not len(made.labels) or made.labels.min() < 0 or made.labels.max() >= made.classes:
            raise ValueError("its labels are not those of its classes")
        if made.metric not in METRICS or made.k < 1:
            raise ValueError("its metric or k is not known here")
        return made


class Network:
    """A whole network as a LiteRT file: pixels in, logits out. One thread; any thread may call.

    Args:
        tflite: the file: input float32[1, size, size, 3], one output float32[1, classes] of logits.
        input_size: width and height of its input, in pixels.
        extra: further files that belong to it: `model.keras`, `tfjs/model.json`,
            `tfjs/group1-shard1of1.bin` (a TF.js graph model of the same function).
        scale, offset: its input is `(x / 127.5 - 1) * scale + offset`.

    Raises:
        InputError: the file cannot be loaded or has other inputs or outputs.
    """

    kind: ClassVar[str] = "network"

    def __init__(
        self,
        tflite: bytes,
        input_size: int,
        extra: Mapping[str, bytes] | None = None,
        scale: float = 1.0,
        offset: float = 0.0,
    ):
        self.wants = "squares"
        self.tflite = tflite
        self.input_size = input_size
        self.extra = dict(extra or {})
        self.scale, self.offset = scale, offset
        self._lock = threading.Lock()
        self._interpreter: Any = None
        self._load()

    def _load(self) -> None:
        from ai_edge_litert.interpreter import Interpreter

        try:
            interpreter = Interpreter(model_content=self.tflite, num_threads=1)
            (entry,), (result,) = interpreter.get_input_details(), interpreter.get_output_details()
            interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise InputError("The network of this classifier cannot be loaded", f"{error}") from None
        expected = [1, self.input_size, self.input_size, 3]
        if list(entry["shape"]) != expected or len(result["shape"]) != 2:
            raise InputError(
                "The network of this classifier cannot be used",
                f"Its input is {list(entry['shape'])}, expected {expected}.",
            )
        self._interpreter, self._input, self._output = interpreter, entry["index"], result["index"]

    def logits(self, inputs: np.ndarray) -> np.ndarray:
        """See `Model.logits`."""
        rows = []
        for square in inputs:
            pixels = to_input(square, self.input_size)
            if (self.scale, self.offset) != (1.0, 0.0):
                pixels = pixels * np.float32(self.scale) + np.float32(self.offset)
            with self._lock:
                self._interpreter.set_tensor(self._input, pixels)
                self._interpreter.invoke()
                rows.append(self._interpreter.get_tensor(self._output)[0].astype(np.float64))
        return np.stack(rows)

    def describe(self) -> dict[str, Any]:
        """See `Model.describe`."""
        return {"input_size": self.input_size, "scale": self.scale, "offset": self.offset}

    def arrays(self) -> dict[str, np.ndarray]:
        """See `Model.arrays`."""
        return {}

    def files(self) -> dict[str, bytes]:
        """See `Model.files`: `model.tflite` and what came with it."""
        return {"model.tflite": self.tflite, **self.extra}

    @classmethod
    def from_parts(
        cls, described: Mapping[str, Any], arrays: Mapping[str, Any], files: Mapping[str, bytes]
    ) -> Network:
        """Makes it again of its parts; raises KeyError, TypeError or ValueError if they are odd."""
        extra = {name: data for name, data in files.items() if name != "model.tflite"}
        return cls(files["model.tflite"], extra=extra, **described)


#: kind: class.
MODELS: dict[str, Any] = {made.kind: made for made in (Dense, Neighbours, Network)}


def softmax(logits: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """Turns logits float[n, classes] into probabilities float64, divided by a temperature first."""
    x = np.asarray(logits, np.float64) / temperature
    power = np.exp(x - x.max(axis=1, keepdims=True))
    return power / power.sum(axis=1, keepdims=True)
