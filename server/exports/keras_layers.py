"""What each layer of Keras is in a `Graph`: a table of functions that make nodes of its numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..learning.errors import InputError
from .graph import Node, fresh, shape_of

#: Pixels along one side, at most.
LARGEST_SIDE = 1024
#: Gives a layer's numbers: called with where the layer is (class and name of each model around it
#: and of itself) and the names of the weights it should have, in Keras' order.
Weights = Callable[["Place", Sequence[str]], Sequence[np.ndarray]]


class Place:
    """Where a layer is: names of the models around it, and its path in a `.keras` file.

    Attributes:
        name: the layer's own.
        path: `layers/functional/layers/conv2d_3`.
    """

    def __init__(self, name: str, path: str):
        self.name = name
        self.path = path


def refuse(detail: str) -> InputError:
    """Makes the error for a model that is not understood here."""
    return InputError(
        "This model cannot be read here",
        detail,
        "Known are sequential and functional Keras models of ordinary layers that look at one"
        " colour picture and answer with one score a class.",
    )


class Reader:
    """Collects nodes. One use."""

    def __init__(self, weights: Weights, keras: int):
        self.weights = weights
        self.keras = keras
        self.nodes: list[Node] = []
        self.taken: set[str] = set()
        self.shapes: dict[str, tuple[int, ...]] = {}
        self.raw_pixels = False

    def add(self, name: str, kind: str, inputs: Sequence[str], **given: Any) -> str:
        found = fresh(name, self.taken)
        self.taken.add(found)
        weights = {
            k: np.ascontiguousarray(v, np.float32)
            for k, v in given.items()
            if isinstance(v, np.ndarray)
        }
        options = {k: v for k, v in given.items() if not isinstance(v, np.ndarray)}
        node = Node(found, kind, tuple(inputs), options, weights)
        self.shapes[found] = shape_of(node, self.shapes)
        self.nodes.append(node)
        return found

    def shape(self, name: str) -> tuple[int, ...]:
        return self.shapes[name]

    def channels(self, name: str) -> int:
        return self.shape(name)[-1]

    def read(self, place: Place, names: Sequence[str]) -> list[np.ndarray]:
        found = list(self.weights(place, names))
        if len(found) != len(names):
            raise refuse(f"Layer {place.name!r:.60} has {len(found)} arrays, not {len(names)}.")
        for name, values in zip(names, found, strict=True):
            if not np.isfinite(values).all():
                raise refuse(f"{place.name!r:.60}/{name} holds numbers that are not finite.")
        return found


def _pair(value: Any, least: int = 1) -> tuple[int, int]:
    values = [value, value] if isinstance(value, int) else list(value)
    if len(values) != 2 or not all(type(v) is int and least <= v <= LARGEST_SIDE for v in values):
        raise refuse(f"Received {str(value)[:60]} for a size, expected two whole numbers.")
    return values[0], values[1]


def _padding(config: Mapping[str, Any]) -> str:
    padding = config.get("padding", "valid")
    if padding not in ("same", "valid"):
        raise refuse(f"The padding {padding!r:.40} is not known, expected same or valid.")
    return padding


def _channels_last(config: Mapping[str, Any]) -> None:
    if config.get("data_format") not in (None, "channels_last"):
        raise refuse(f"A layer has its channels first ({config.get('name')!r:.60}).")


def _name_of(activation: Any) -> str:
    """Keras writes a name, or an object with one."""
    if isinstance(activation, Mapping):
        activation = activation.get("config", activation.get("class_name"))
        if isinstance(activation, Mapping):
            activation = activation.get("name")
    return "linear" if activation is None else str(activation)


def _activate(r: Reader, name: str, activation: Any, source: str) -> str:
    """Adds what a layer's `activation` asks for."""
    wanted = _name_of(activation)
    if wanted == "linear":
        return source
    simple = ("relu", "relu6", "sigmoid", "tanh", "elu", "softmax")
    if wanted in simple:
        return r.add(f"{name}_{wanted}", "Activation", [source], function=wanted)
    composite = {
        "hard_sigmoid": _hard_sigmoid,
        "hard_silu": _hard_swish,
        "hard_swish": _hard_swish,
        "silu": _swish,
        "swish": _swish,
    }
    if wanted in composite:
        return composite[wanted](r, name, source)
    known = ", ".join(("linear", *simple, *composite))
    raise refuse(f"Layer {name!r:.60} has the activation {wanted!r:.40}; known are {known}.")


def _affine(r: Reader, name: str, source: str, scale: Any, shift: Any) -> str:
    channels = r.channels(source)
    vectors = [np.broadcast_to(np.asarray(v, np.float64), (channels,)) for v in (scale, shift)]
    return r.add(name, "Affine", [source], scale=vectors[0], shift=vectors[1])


def _hard_sigmoid(r: Reader, name: str, source: str) -> str:
    # Keras 2: clip(x / 5 + 1 / 2, 0, 1); Keras 3: relu6(x + 3) / 6.
    before = _affine(r, f"{name}_gate_in", source, 1.2 if r.keras == 2 else 1.0, 3.0)
    clipped = r.add(f"{name}_gate", "Activation", [before], function="relu6")
    return _affine(r, f"{name}_gate_out", clipped, 1 / 6, 0.0)


def _hard_swish(r: Reader, name: str, source: str) -> str:
    before = _affine(r, f"{name}_gate_in", source, 1.0, 3.0)
    clipped = r.add(f"{name}_gate", "Activation", [before], function="relu6")
    gate = _affine(r, f"{name}_gate_out", clipped, 1 / 6, 0.0)
    return r.add(f"{name}_hard_swish", "Multiply", [source, gate])


def _swish(r: Reader, name: str, source: str) -> str:
    gate = r.add(f"{name}_gate", "Activation", [source], function="sigmoid")
    return r.add(f"{name}_swish", "Multiply", [source, gate])


def _with_bias(config: Mapping[str, Any], *names: str) -> list[str]:
    return [*names, *(["bias"] if config.get("use_bias", True) else [])]


def _conv(r: Reader, config: Mapping[str, Any], inputs: Sequence[str], place: Place) -> str:
    if config.get("groups", 1) != 1:
        raise refuse(f"Layer {place.name!r:.60} is a grouped convolution.")
    _channels_last(config)
    kernel, *bias = r.read(place, _with_bias(config, "kernel"))
    made = r.add(
        place.name,
        "Conv2D",
        inputs,
        kernel=kernel,
        bias=bias[0] if bias else np.zeros(kernel.shape[-1:]),
        **_windows(config),
    )
    return _activate(r, place.name, config.get("activation"), made)


def _windows(config: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "strides": _pair(config.get("strides", 1)),
        "padding": _padding(config),
        "dilation": _pair(config.get("dilation_rate", 1)),
    }


def _depthwise(r: Reader, config: Mapping[str, Any], inputs: Sequence[str], place: Place) -> str:
    _channels_last(config)
    kernel, *bias = r.read(place, _with_bias(config, "depthwise_kernel"))
    made = r.add(
        place.name,
        "DepthwiseConv2D",
        inputs,
        kernel=kernel,
        bias=bias[0] if bias else np.zeros(kernel.shape[2] * kernel.shape[3]),
        **_windows(config),
    )
    return _activate(r, place.name, config.get("activation"), made)


def _separable(r: Reader, config: Mapping[str, Any], inputs: Sequence[str], place: Place) -> str:
    _channels_last(config)
    names = _with_bias(config, "depthwise_kernel", "pointwise_kernel")
    deep, point, *bias = r.read(place, names)
    zeros = np.zeros(deep.shape[2] * deep.shape[3])
    windows = _windows(config)
    made = r.add(
        f"{place.name}_depthwise", "DepthwiseConv2D", inputs, kernel=deep, bias=zeros, **windows
    )
    made = r.add(
        place.name,
        "Conv2D",
        [made],
        kernel=point,
        bias=bias[0] if bias else np.zeros(point.shape[-1:]),
        strides=(1, 1),
        padding="valid",
        dilation=(1, 1),
    )
    return _activate(r, place.name, config.get("activation"), made)


def _dense(r: Reader, config: Mapping[str, Any], inputs: Sequence[str], place: Place) -> str:
    kernel, *bias = r.read(place, _with_bias(config, "kernel"))
    zeros = np.zeros(kernel.shape[-1:])
    made = r.add(place.name, "Dense", inputs, kernel=kernel, bias=bias[0] if bias else zeros)
    return _activate(r, place.name, config.get("activation"), made)


def _batch_norm(r: Reader, config: Mapping[str, Any], inputs: Sequence[str], place: Place) -> str:
    """Ioffe and Szegedy, 2015, at inference: a scale and a shift for each channel."""
    axis = config.get("axis", -1)
    axis = axis[0] if isinstance(axis, list) and len(axis) == 1 else axis
    if axis not in (-1, len(r.shape(inputs[0]))):
        raise refuse(f"Layer {place.name!r:.60} normalises along the axis {str(axis)[:20]}.")
    names = [n for n, key in (("gamma", "scale"), ("beta", "center")) if config.get(key, True)]
    found = r.read(place, [*names, "moving_mean", "moving_variance"])
    values = dict(zip([*names, "mean", "variance"], found, strict=True))
    deviation = np.sqrt(values["variance"].astype(np.float64) + float(config["epsilon"]))
    scale = values.get("gamma", 1.0) / deviation
    return _affine(r, place.name, inputs[0], scale, values.get("beta", 0) - values["mean"] * scale)


def _layer_norm(r: Reader, config: Mapping[str, Any], inputs: Sequence[str], place: Place) -> str:
    axis = config.get("axis", -1)
    axis = axis[0] if isinstance(axis, list) and len(axis) == 1 else axis
    if axis not in (-1, len(r.shape(inputs[0]))) or config.get("rms_scaling"):
        raise refuse(f"Layer {place.name!r:.60} normalises along the axis {str(axis)[:20]}.")
    names = [n for n, key in (("gamma", "scale"), ("beta", "center")) if config.get(key, True)]
    values = dict(zip(names, r.read(place, names) if names else [], strict=True))
    made = r.add(place.name, "LayerNormalization", inputs, epsilon=float(config["epsilon"]))
    gain, bias = values.get("gamma", np.ones(1)), values.get("beta", np.zeros(1))
    if (gain == 1).all() and (bias == 0).all():
        return made
    return _affine(r, f"{place.name}_affine", made, gain, bias)


def _unit_length(r: Reader, config: Mapping[str, Any], inputs: Sequence[str], place: Place) -> str:
    if config.get("axis", -1) not in (-1, [-1], len(r.shape(inputs[0])), [len(r.shape(inputs[0]))]):
        raise refuse(f"Layer {place.name!r:.60} scales along another axis than the last.")
    return r.add(place.name, "UnitLength", inputs)


def _relu(r: Reader, config: Mapping[str, Any], inputs: Sequence[str], place: Place) -> str:
    top = config.get("max_value")
    slopes = [config.get(key) or 0 for key in ("negative_slope", "threshold")]
    if any(slopes) or top not in (None, 6):
        raise refuse(f"Layer {place.name!r:.60} is a ReLU with a slope, a threshold or a top.")
    function = "relu" if top is None else "relu6"
    return r.add(place.name, "Activation", inputs, function=function)


def _rescaling(r: Reader, config: Mapping[str, Any], inputs: Sequence[str], place: Place) -> str:
    if r.nodes[-1].kind == "Input" and inputs[0] == r.nodes[-1].name:
        r.raw_pixels = float(np.max(np.abs(config["scale"]))) < 0.1
    return _affine(r, place.name, inputs[0], config["scale"], config.get("offset", 0.0))


def _merge(kind: str) -> Callable[..., str]:
    def make(r: Reader, config: Mapping[str, Any], inputs: Sequence[str], place: Place) -> str:
        return r.add(place.name, kind, inputs)

    return make


def _concatenate(r: Reader, config: Mapping[str, Any], inputs: Sequence[str], place: Place) -> str:
    if config.get("axis", -1) not in (-1, len(r.shape(inputs[0]))):
        raise refuse(f"Layer {place.name!r:.60} joins along another axis than the last.")
    return r.add(place.name, "Concatenate", inputs)


def _pad(r: Reader, config: Mapping[str, Any], inputs: Sequence[str], place: Place) -> str:
    _channels_last(config)
    padding = config["padding"]
    if isinstance(padding, int):
        padding = [padding, padding]
    sides = [_pair(side, 0) for side in padding]
    if len(sides) != 2:
        raise refuse(f"Layer {place.name!r:.60} pads {len(sides)} axes.")
    return r.add(place.name, "ZeroPadding2D", inputs, padding=sides)


def _pool(kind: str) -> Callable[..., str]:
    def make(r: Reader, config: Mapping[str, Any], inputs: Sequence[str], place: Place) -> str:
        _channels_last(config)
        pool = _pair(config.get("pool_size", 2))
        strides = _pair(config.get("strides") or pool)
        return r.add(place.name, kind, inputs, pool=pool, strides=strides, padding=_padding(config))

    return make


def _global(kind: str) -> Callable[..., str]:
    def make(r: Reader, config: Mapping[str, Any], inputs: Sequence[str], place: Place) -> str:
        _channels_last(config)
        return r.add(place.name, kind, inputs, keepdims=bool(config.get("keepdims", False)))

    return make


def _reshape(r: Reader, config: Mapping[str, Any], inputs: Sequence[str], place: Place) -> str:
    target = list(config["target_shape"])
    if not all(type(n) is int for n in target) or len(target) > 3 or target.count(-1) > 1:
        raise refuse(f"Layer {place.name!r:.60} makes the shape {str(target)[:60]}.")
    if -1 in target:
        rest = -int(np.prod(target))
        target[target.index(-1)] = int(np.prod(r.shape(inputs[0]))) // max(1, rest)
    return r.add(place.name, "Reshape", inputs, shape=tuple(target))


def _call(r: Reader, config: Mapping[str, Any], inputs: Sequence[str], place: Place) -> str:
    """Additions and multiplications that Keras 2 writes as calls, as MobileNetV3 has them."""
    function, other = config["function"], config.get("_operand")
    kinds = {
        "__operators__.add": "Add",
        "math.add": "Add",
        "math.multiply": "Multiply",
        "__operators__.mul": "Multiply",
    }
    if function in ("nn.relu6", "nn.relu"):
        return r.add(place.name, "Activation", inputs, function=function[3:])
    if function not in kinds:
        raise refuse(
            f"The model calls the function {function!r:.60}; known are {', '.join(kinds)},"
            " nn.relu and nn.relu6."
        )
    if len(inputs) == 2:
        return r.add(place.name, kinds[function], inputs)
    if not isinstance(other, (int, float)) or isinstance(other, bool):
        raise refuse(f"Layer {place.name!r:.60} computes with {str(other)[:60]}.")
    scale, shift = (1.0, other) if kinds[function] == "Add" else (other, 0.0)
    return _affine(r, place.name, inputs[0], scale, shift)


def _nothing(r: Reader, config: Mapping[str, Any], inputs: Sequence[str], place: Place) -> str:
    return inputs[0]


#: What does something only while a model is trained.
_TRAINING_ONLY = (
    "Dropout", "SpatialDropout2D", "GaussianNoise", "GaussianDropout", "AlphaDropout",
    "ActivityRegularization", "RandomFlip", "RandomRotation", "RandomZoom", "RandomTranslation",
    "RandomContrast", "RandomBrightness",
)  # fmt: skip

#: class of a layer: function of reader, the layer's description, names of its inputs, its place.
LAYERS: dict[str, Callable[[Reader, Mapping[str, Any], Sequence[str], Place], str]] = {
    "Conv2D": _conv,
    "DepthwiseConv2D": _depthwise,
    "SeparableConv2D": _separable,
    "Dense": _dense,
    "BatchNormalization": _batch_norm,
    "LayerNormalization": _layer_norm,
    "UnitNormalization": _unit_length,
    "ReLU": _relu,
    "Activation": lambda r, config, inputs, place: _activate(
        r, place.name, config["activation"], inputs[0]
    ),
    "Softmax": lambda r, config, inputs, place: _activate(r, place.name, "softmax", inputs[0]),
    "Rescaling": _rescaling,
    "Add": _merge("Add"),
    "Multiply": _merge("Multiply"),
    "Concatenate": _concatenate,
    "ZeroPadding2D": _pad,
    "MaxPooling2D": _pool("MaxPooling2D"),
    "AveragePooling2D": _pool("AveragePooling2D"),
    "GlobalAveragePooling2D": _global("GlobalAveragePooling2D"),
    "GlobalMaxPooling2D": _global("GlobalMaxPooling2D"),
    "Flatten": _merge("Flatten"),
    "Reshape": _reshape,
    "TFOpLambda": _call,
    **dict.fromkeys(_TRAINING_ONLY, _nothing),
}
