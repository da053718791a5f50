"""Named tensors out of Keras' HDF5 files, without building anything and without trusting them."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .errors import ConversionError

# Layers that the MobileNet families are made of. A model file is a program; this is the language
# that is understood here. Lambda (pickled code) and arbitrary TensorFlow calls are not in it.
ALLOWED_LAYERS = frozenset(
    {
        "Activation", "Add", "BatchNormalization", "Conv2D", "Dense", "DepthwiseConv2D",
        "Dropout", "Flatten", "Functional", "GlobalAveragePooling2D", "InputLayer", "Model",
        "Multiply", "ReLU", "Rescaling", "Reshape", "Sequential", "TFOpLambda", "ZeroPadding2D",
    }
)  # fmt: skip
# What layers are described with: how weights are first drawn and kept small, number formats.
ALLOWED_PARTS = frozenset(
    {
        "Constant", "GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform", "L1", "L1L2", "L2",
        "LecunNormal", "LecunUniform", "Ones", "Orthogonal", "Policy", "RandomNormal",
        "RandomUniform", "TruncatedNormal", "VarianceScaling", "Zeros",
    }
)  # fmt: skip
ALLOWED_CALLS = frozenset(
    {"__operators__.add", "math.multiply", "math.add", "nn.relu6", "nn.relu", "identity"}
)
ALLOWED_MODULES = ("keras", "tf_keras", "builtins")


@dataclass(frozen=True)
class Tensor:
    """Describe one stored tensor; `read()` fetches its numbers when its shape was found right."""

    layer: str
    name: str
    shape: tuple[int, ...]
    read: Callable[[], np.ndarray]


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def leaf(name: str) -> str:
    """Return the last part of a weight's name: `Conv1/kernel:0` becomes `kernel`."""
    return name.split("/")[-1].split(":")[0]


def _attribute(group: Any, name: str) -> list[str]:
    """Read a list of names; Keras splits long ones into name0, name1, ..."""
    if name in group.attrs:
        return [_text(item) for item in group.attrs[name]]
    parts: list[str] = []
    index = 0
    while f"{name}{index}" in group.attrs:
        parts += [_text(item) for item in group.attrs[f"{name}{index}"]]
        index += 1
    return parts


@contextmanager
def open_h5(path: Path):
    """Open a Keras HDF5 file and give its group of weights.

    Raises:
        ConversionError: the file is missing, damaged, or not a Keras weights file.
    """
    import h5py

    if not path.is_file():
        raise ConversionError(f"There is no file {path}.")
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise ConversionError(
            f"{path} cannot be read as a Keras weights file (HDF5): it is damaged, incomplete or "
            f"of another kind. Download it again. ({error})"
        ) from None
    with file:
        group = file.get("model_weights", file)
        if not _attribute(group, "layer_names"):
            raise ConversionError(
                f"{path} is an HDF5 file but not one that Keras wrote: it lists no layers."
            )
        yield file, group


def tensors_of_h5(group: Any) -> list[Tensor]:
    """List the tensors of an opened Keras HDF5 file in the file's order.

    Raises:
        ConversionError: the file's table of contents names a tensor that is not there.
    """
    found = []
    for layer in _attribute(group, "layer_names"):
        for weight in _attribute(group[layer], "weight_names") if layer in group else []:
            dataset = group[layer].get(weight)
            if dataset is None or not hasattr(dataset, "shape"):
                raise ConversionError(f"The weights file lacks its own tensor {layer}/{weight}.")
            found.append(Tensor(layer, leaf(weight), tuple(dataset.shape), _reader(dataset)))
    return found


def _reader(dataset: Any) -> Callable[[], np.ndarray]:
    def read() -> np.ndarray:
        try:
            return np.asarray(dataset[()], dtype=np.float32)
        except (OSError, ValueError, TypeError) as error:
            raise ConversionError(
                f"The tensor {dataset.name} of the weights file is damaged: {error}."
            ) from None

    return read


def model_config(file: Any) -> dict | None:
    """Return the architecture stored in a whole-model HDF5 file, None in a weights file.

    Raises:
        ConversionError: the description is not JSON.
    """
    if "model_config" not in file.attrs:
        return None
    try:
        config = json.loads(_text(file.attrs["model_config"]))
    except ValueError as error:
        raise ConversionError(f"The file's description of its model is damaged: {error}.") from None
    if not isinstance(config, dict):
        raise ConversionError("The file's description of its model is not an object.")
    return config


def check_config(node: Any) -> None:
    """Refuse a model description that asks for anything but the known, harmless layers.

    Args:
        node: a Keras `model_config` or a part of it.

    Raises:
        ConversionError: it names a class, module or function that is not on the lists above.
    """
    if isinstance(node, list):
        for item in node:
            check_config(item)
    if not isinstance(node, dict):
        return
    if "class_name" in node:
        _check_object(node)
    for value in node.values():
        check_config(value)


def _check_object(node: dict) -> None:
    kind, config = node["class_name"], node.get("config")
    if kind not in ALLOWED_LAYERS | ALLOWED_PARTS:
        raise ConversionError(
            f"The model has a part of kind {kind!r}. Known and harmless layers are: "
            f"{', '.join(sorted(ALLOWED_LAYERS))}. Nothing was written."
        )
    function = config.get("function") if isinstance(config, dict) else None
    if kind == "TFOpLambda" and function not in ALLOWED_CALLS:
        raise ConversionError(
            f"The model calls the TensorFlow function {function!r}. Allowed are: "
            f"{', '.join(sorted(ALLOWED_CALLS))}. Nothing was written."
        )
    module = node.get("module")
    foreign = module is not None and str(module).split(".")[0] not in ALLOWED_MODULES
    if foreign or node.get("registered_name") not in (None, kind):
        raise ConversionError(
            f"The model needs the foreign class {module}.{node.get('registered_name')}. Only "
            "Keras' own layers can be converted. Nothing was written."
        )
