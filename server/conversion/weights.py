"""Named tensors out of Keras' HDF5 files, without building anything and without trusting them."""

from __future__ import annotations

import json
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


LARGEST_TENSORS = 150_000_000
_H5_ERRORS = (OSError, RuntimeError, KeyError, ValueError, TypeError, AttributeError)


@dataclass(frozen=True)
class Tensor:
    """Hold one stored tensor: the layer it belongs to, its name in it, and its numbers."""

    layer: str
    name: str
    values: np.ndarray


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


def read_h5(path: Path) -> tuple[list[Tensor], dict | None]:
    """Read a Keras HDF5 file.

    Args:
        path: a weights file or a whole model.

    Returns:
        The tensors in the file's order, and in a whole model its description, not yet checked.

    Raises:
        ConversionError: the file is missing, damaged, or not one that Keras wrote.
    """
    import h5py

    if not path.is_file():
        raise ConversionError(f"There is no file {path}. Nothing was written.")
    try:
        with h5py.File(path, "r") as file:
            group = file.get("model_weights", file)
            layers = _attribute(group, "layer_names")
            if not layers:
                raise ConversionError(
                    f"{path.name} is an HDF5 file but not one that Keras wrote: it lists no layers."
                )
            return _tensors(group, layers), _model_config(file)
    except _H5_ERRORS as error:
        raise ConversionError(
            f"{path.name} cannot be read as a Keras weights file (HDF5): it is damaged, "
            f"incomplete or of another kind. Download it again. ({str(error)[:200]})"
        ) from None


def _tensors(group: Any, layers: list[str]) -> list[Tensor]:
    found, size = [], 0
    for layer in layers:
        for weight in _attribute(group[layer], "weight_names"):
            dataset = group[layer][weight]
            size += dataset.size
            if size > LARGEST_TENSORS:
                raise ConversionError(
                    f"The file describes more than {LARGEST_TENSORS:,} weights; a backbone has a "
                    "few million. Nothing was written."
                )
            found.append(Tensor(layer, leaf(weight), np.asarray(dataset[()], dtype=np.float32)))
    return found


def _model_config(file: Any) -> dict | None:
    if "model_config" not in file.attrs:
        return None
    config = json.loads(_text(file.attrs["model_config"]))
    if not isinstance(config, dict):
        raise ValueError("the description of the model is not an object")
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
    kind, config = str(node["class_name"]), node.get("config")
    if kind not in ALLOWED_LAYERS | ALLOWED_PARTS:
        raise ConversionError(
            f"The model has a part of kind {kind!r}. Known and harmless layers are: "
            f"{', '.join(sorted(ALLOWED_LAYERS))}. Nothing was written."
        )
    function = config.get("function") if isinstance(config, dict) else None
    if kind == "TFOpLambda" and str(function) not in ALLOWED_CALLS:
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
