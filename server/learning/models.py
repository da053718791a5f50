"""What a trained classifier computes, without TensorFlow: layers, neighbours or a LiteRT file.

Every model turns inputs into logits (or, of a regression, into values). `wants` says which inputs:
"vectors" float32[n, D] unit rows of the backbone, or "squares" uint8[n, 224, 224, 3].
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

import numpy as np

from .errors import InputError
from .neighbours import METRICS, find_nearest, raw_pixels, shrink, vote
from .pictures import to_input

ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "linear": lambda x: x,
    "relu": lambda x: np.maximum(x, 0),
}


class Model(Protocol):
    """What the three kinds have in common."""

    kind: ClassVar[str]
    wants: str

    @property
    def inputs(self) -> int | None:
        """How many numbers a vector that it wants has; None where it wants squares."""
        ...

    @property
    def outputs(self) -> int:
        """How many numbers it answers: one a class, or one."""
        ...

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

    @property
    def inputs(self) -> int:
        """See `Model.inputs`."""
        return self.layers[0].kernel.shape[0]

    @property
    def outputs(self) -> int:
        """See `Model.outputs`."""
        return self.layers[-1].kernel.shape[1]

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
            Layer(
                _numbers(arrays, f"layer{i}.kernel", 2),
                _numbers(arrays, f"layer{i}.bias", 1),
                str(activation),
            )
            for i, activation in enumerate(described["activations"])
        ]
        if not layers:
            raise ValueError("it has no layers")
        for layer in layers:
            if layer.activation not in ACTIVATIONS:
                known = ", ".join(ACTIVATIONS)
                raise ValueError(f"its activation is {layer.activation!r:.40}, expected {known}")
            if layer.bias.shape != layer.kernel.shape[1:]:
                raise ValueError(f"its bias is {layer.bias.shape}, its kernel {layer.kernel.shape}")
        for before, after in itertools.pairwise(layers):
            if before.kernel.shape[1] != after.kernel.shape[0]:
                raise ValueError(
                    f"its layers {before.kernel.shape} and {after.kernel.shape} do not fit"
                )
        return cls(layers)


def _numbers(arrays: Mapping[str, Any], name: str, ndim: int) -> np.ndarray:
    """Returns an array that came from a file as float32, if it is one of finite numbers."""
    if name not in arrays:
        raise ValueError(f"it has no {name}")
    array = np.asarray(arrays[name])
    if array.dtype != np.float32 or array.ndim != ndim or 0 in array.shape:
        raise ValueError(
            f"its {name} is {array.dtype}{list(array.shape)}, expected float32 with {ndim} axes"
        )
    if not np.isfinite(array).all():
        raise ValueError(f"its {name} has numbers that are not finite")
    return array


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

    @property
    def inputs(self) -> int | None:
        """See `Model.inputs`."""
        return self.vectors.shape[1] if self.pixels is None else None

    @property
    def outputs(self) -> int:
        """See `Model.outputs`."""
        return self.classes

    def logits(self, inputs: np.ndarray) -> np.ndarray:
        """See `Model.logits`: logarithms of the shrunk votes, e = 1 / (N + 1) as in docs/knn.md."""
        queries = inputs if self.pixels is None else raw_pixels(inputs, self.pixels)
        n = len(self.labels)
        index, distances = find_nearest(self.metric, queries, self.vectors, min(self.k, n))
        return np.log(self.votes(index, distances))

    def votes(self, index: np.ndarray, distances: np.ndarray) -> np.ndarray:
        """Adds up what neighbours say.

        Args:
            index: int64[n, k], positions of the neighbours; -1 where there is none.
            distances: float64[n, k]; inf where there is none.

        Returns:
            Probabilities float64[n, classes], none under `TINY`.
        """
        share = vote(self.labels, self.classes, self.sharpness, index, distances)
        present = np.bincount(self.labels, minlength=self.classes) > 0
        return shrink(share, present, len(self.labels))

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
        labels = np.asarray(arrays["labels"])
        if labels.dtype != np.int64:
            raise ValueError(f"its labels are {labels.dtype}, expected int64")
        made = cls(_numbers(arrays, "vectors", 2), labels, **described)
        if made.labels.shape != made.vectors.shape[:1]:
            raise ValueError(f"it has {len(made.vectors)} vectors and labels {labels.shape}")
        counts = {"classes": made.classes, "k": made.k}
        if made.pixels is not None:
            counts["pixels"] = made.pixels
            if made.vectors.shape[1] != made.pixels**2 * 3:
                raise ValueError(f"its vectors are not pictures of {made.pixels} pixels")
        for name, value in counts.items():
            if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value < 2**31:
                raise ValueError(f"its {name} is {value!r:.40}, expected a whole number above 0")
        if labels.min() < 0 or labels.max() >= made.classes:
            raise ValueError(f"its labels are not those of {made.classes} classes")
        if made.metric not in METRICS:
            known = ", ".join(METRICS)
            raise ValueError(f"its metric is {made.metric!r:.40}, expected one of {known}")
        if not 0 < made.sharpness < 1e6:
            raise ValueError(f"its sharpness is {made.sharpness!r:.40}")
        return made


class Network:
    """A whole network as a LiteRT file: pixels in, logits out. One thread; any thread may call.

    Args:
        tflite: the file: input float32[1, size, size, 3], one output float32[1, classes] of logits.
        input_size: width and height of its input, in pixels.
        extra: further files that belong to it: `model.keras`, `tfjs/model.json`,
            `tfjs/group1-shard1of1.bin` (a TF.js graph model of the same function).
        scale, offset: its input is `(x / 127.5 - 1) * scale + offset`.

    Attributes:
        outputs: see `Model.outputs`.

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
            raise _unusable(f"It is no LiteRT file of one input and one output: {error}") from error
        expected = [1, self.input_size, self.input_size, 3]
        shape = interpreter.get_output_details()[0]["shape"]
        found = list(entry["shape"])
        if found != expected or entry["dtype"] != np.float32:
            raise _unusable(f"Its input is {entry['dtype'].__name__}{found}, expected {expected}.")
        if len(shape) != 2 or shape[0] != 1 or result["dtype"] != np.float32:
            raise _unusable(f"Its output is {list(shape)}, expected [1, classes] of float32.")
        self._interpreter, self._input, self._output = interpreter, entry["index"], result["index"]
        self.outputs = int(shape[1])

    @property
    def inputs(self) -> None:
        """See `Model.inputs`."""
        return None

    def logits(self, inputs: np.ndarray) -> np.ndarray:
        """See `Model.logits`."""
        rows = np.empty((len(inputs), self.outputs))
        for row, square in zip(rows, inputs, strict=True):
            pixels = to_input(square, self.input_size)
            if (self.scale, self.offset) != (1.0, 0.0):
                pixels = pixels * np.float32(self.scale) + np.float32(self.offset)
            with self._lock:
                self._interpreter.set_tensor(self._input, pixels)
                self._interpreter.invoke()
                row[:] = self._interpreter.get_tensor(self._output)[0]
        return rows

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
        if "model.tflite" not in files:
            raise ValueError("it has no model.tflite")
        size, scale, offset = (described[key] for key in ("input_size", "scale", "offset"))
        if not isinstance(size, int) or not 1 <= size <= 4096:
            raise ValueError(f"its input_size is {size!r:.40}, expected 1 to 4096")
        if not all(np.isfinite(float(number)) for number in (scale, offset)):
            raise ValueError(f"its scale and offset are {scale!r:.40} and {offset!r:.40}")
        extra = {name: data for name, data in files.items() if name != "model.tflite"}
        return cls(files["model.tflite"], size, extra, float(scale), float(offset))


def _unusable(detail: str) -> InputError:
    return InputError(
        "The network of this classifier cannot be used",
        detail,
        "Train it again, or save it again where it comes from.",
    )


#: kind: class.
MODELS: dict[str, Any] = {made.kind: made for made in (Dense, Neighbours, Network)}


def softmax(logits: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """Turns logits float[n, classes] into probabilities float64, divided by a temperature first."""
    x = np.asarray(logits, np.float64) / temperature
    power = np.exp(x - x.max(axis=1, keepdims=True))
    return power / power.sum(axis=1, keepdims=True)
