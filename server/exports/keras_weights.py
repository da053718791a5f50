"""The numbers of Keras' files: `.keras`, `.h5` and TensorFlow.js' layers models. No Keras here.

HDF5 can make a file speak of other files on the disk. Links and stores outside it are refused.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from ..formats.archive import Archive, ArchiveLimits
from ..learning.errors import InputError
from .graph import Graph
from .keras_layers import Place, Weights, refuse
from .keras_reading import read_graph

LARGEST_NUMBERS = 150_000_000
#: Of a model, not of a project: few files, of which one may be large.
LIMITS = ArchiveLimits(entries=10_000, entry_bytes=640 * 1024**2, total_bytes=1024**3)
_H5_ERRORS = (OSError, RuntimeError, KeyError, ValueError, TypeError, AttributeError)
_LARGEST_DESCRIPTION = 16_000_000


class _Group:
    """A group of an HDF5 file of a stranger: only what lies in the file itself is opened."""

    def __init__(self, group: Any, budget: list[int]):
        self._group = group
        self._budget = budget

    def _own(self, path: str) -> Any:
        import h5py

        item = self._group
        for part in path.split("/"):
            if not isinstance(item, h5py.Group) or part not in item:
                return None
            if not isinstance(item.get(part, getlink=True), h5py.HardLink):
                raise refuse(f"Its {path!r:.60} is a link to somewhere else.")
            item = item[part]
        return item

    def group(self, path: str) -> _Group | None:
        """Returns a group below, None if there is none."""
        import h5py

        item = self._own(path)
        return _Group(item, self._budget) if isinstance(item, h5py.Group) else None

    def array(self, path: str) -> np.ndarray | None:
        """Reads an array below, None if there is none."""
        import h5py

        item = self._own(path)
        if not isinstance(item, h5py.Dataset):
            return None
        if item.external or item.is_virtual:
            raise refuse(f"Its {path!r:.60} lies in another file.")
        self._budget[0] -= item.size
        if self._budget[0] < 0:
            raise refuse(f"It has more than {LARGEST_NUMBERS:,} numbers.")
        if item.dtype.kind not in "fiu":
            raise refuse(f"Its {path!r:.60} holds {item.dtype}, expected numbers.")
        return np.asarray(item[()], np.float32)

    def names(self, attribute: str) -> list[str]:
        """Reads a list of names; Keras splits long ones into name0, name1, ..."""
        attributes = self._group.attrs
        if attribute in attributes:
            return [_text(item) for item in attributes[attribute]]
        found, number = [], 0
        while f"{attribute}{number}" in attributes:
            found += [_text(item) for item in attributes[f"{attribute}{number}"]]
            number += 1
        return found

    def text(self, attribute: str) -> str:
        """Reads a text, empty if there is none."""
        return _text(self._group.attrs[attribute]) if attribute in self._group.attrs else ""


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _parse(text: str | bytes, what: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise refuse(f"{what} is not JSON ({error!s:.80}).") from None
    if not isinstance(document, dict):
        raise refuse(f"{what} is not an object.")
    return document


def _by_name(found: Mapping[str, Mapping[str, np.ndarray]]) -> Weights:
    """Looks numbers up by the layer's name and their own.

    Args:
        found: by the weights' path, which may begin with models around the layer. Names of layers
            may have slashes themselves.
    """

    def weights(place: Place, names: Sequence[str]) -> list[np.ndarray]:
        stored = found.get(place.name)
        if stored is None:
            paths = [path for path in found if path.endswith(f"/{place.name}")]
            if len(paths) > 1:
                raise refuse(f"It has {len(paths)} layers of the name {place.name!r:.60}.")
            stored = found[paths[0]] if paths else {}
        # Keras 2 calls the kernel of a depthwise layer depthwise_kernel, Keras 3 kernel.
        aliases = {"depthwise_kernel": "kernel"}
        values = [stored.get(n, stored.get(aliases.get(n, n))) for n in names]
        missing = [n for n, v in zip(names, values, strict=True) if v is None]
        if missing:
            raise refuse(f"Layer {place.name!r:.60} has no {', '.join(missing)} in the file.")
        return [v for v in values if v is not None]

    return weights


def read_keras(file: BinaryIO | bytes | Path, output: str | None = None) -> tuple[Graph, bool]:
    """Reads a `.keras` file of Keras 3 or of Keras 2.

    Args:
        file: it, its bytes, or where it is.
        output: which output counts, of a model that names several.

    Returns:
        Like `read_graph`.

    Raises:
        InputError: it is damaged, or has a part that is not known here.
    """
    import tempfile

    if isinstance(file, Path):
        return _read_keras(file, output)
    data = file if isinstance(file, bytes) else file.read()
    with tempfile.TemporaryDirectory(prefix="show-and-tell-") as folder:
        path = Path(folder) / "model.keras"
        path.write_bytes(data)
        return _read_keras(path, output)


def _read_keras(path: Path, output: str | None) -> tuple[Graph, bool]:
    with Archive(path, LIMITS) as archive:
        for name in ("config.json", "model.weights.h5"):
            if name not in archive:
                raise refuse(f"{path.name} has no {name}, so it is no .keras file.")
        config = archive.read("config.json")
        if len(config) > _LARGEST_DESCRIPTION:
            raise refuse(f"config.json has {len(config):,} bytes.")
        described = _parse(config, "config.json")
        data = archive.read("model.weights.h5")
    # Keras 3 calls the module of a model keras..., Keras 2 tf_keras... or keras.engine...
    module = str(described.get("module", ""))
    keras = 3 if module.startswith("keras.src.models") or module == "keras" else 2
    return _with_h5(
        io.BytesIO(data),
        path.name,
        lambda root: read_graph(described, _by_path(root), keras, output),
    )


def _by_path(root: _Group) -> Weights:
    """Looks numbers up by the layer's place, as `.keras` files have them."""

    def weights(place: Place, names: Sequence[str]) -> list[np.ndarray]:
        found = [root.array(f"{place.path}/vars/{i}") for i in range(len(names))]
        missing = [n for n, values in zip(names, found, strict=True) if values is None]
        if missing:
            raise refuse(f"Layer {place.name!r:.60} has no {', '.join(missing)} in the file.")
        return [values for values in found if values is not None]

    return weights


def _with_h5(file: Any, name: str, read: Any) -> tuple[Graph, bool]:
    import h5py

    try:
        with h5py.File(file, "r") as opened:
            return read(_Group(opened, [LARGEST_NUMBERS]))
    except _H5_ERRORS as error:
        raise refuse(f"{name} cannot be read as HDF5 ({error!s:.120}).") from None


def read_h5(path: Path) -> tuple[Graph, bool]:
    """Reads a whole model in Keras' older file format, HDF5.

    Returns:
        Like `read_graph`.

    Raises:
        InputError: it is damaged, holds weights without a model, or has a part that is not known
            here.
    """

    def read(root: _Group) -> tuple[Graph, bool]:
        text = root.text("model_config")
        if not text:
            raise refuse(f"{path.name} has weights but no model; save the whole model.")
        described = _parse(text, "model_config")
        version = root.text("keras_version")
        stored = root.group("model_weights")
        if stored is None:
            raise refuse(f"{path.name} has a model but no weights.")
        found: dict[str, dict[str, np.ndarray]] = {}
        for layer in stored.names("layer_names"):
            group = stored.group(layer)
            for weight in group.names("weight_names") if group else []:
                # Of a model within the model, the weight's own path names the layer.
                owner, _, leaf = weight.rpartition("/")
                values = group.array(weight) if group else None
                if values is not None:
                    _put(found, owner or layer, leaf.split(":")[0], values)
        return read_graph(described, _by_name(found), 3 if version.startswith("3") else 2)

    return _with_h5(path, path.name, read)


def _put(
    found: dict[str, dict[str, np.ndarray]], layer: str, leaf: str, values: np.ndarray
) -> None:
    if leaf in found.setdefault(layer, {}):
        raise refuse(f"It has two layers of the name {layer!r:.60}.")
    found[layer][leaf] = values


def read_layers_model(model: Mapping[str, Any], data: bytes) -> Graph:
    """Reads a layers model of TensorFlow.js, as Teachable Machine exports it.

    Args:
        model: the parsed `model.json`.
        data: its weights, one file after the other.

    Raises:
        InputError: it is damaged, or has a part that is not known here.
    """
    try:
        topology = model["modelTopology"]
        described = topology.get("model_config", topology)
        groups = model["weightsManifest"]
        found = _manifest([spec for group in groups for spec in group["weights"]], data)
    except (KeyError, TypeError, AttributeError) as error:
        raise refuse(f"model.json is damaged ({type(error).__name__}: {error!s:.80}).") from None
    graph, _ = read_graph(described, _by_name(found), 2)
    return graph


def _manifest(specs: Sequence[Any], data: bytes) -> dict[str, dict[str, np.ndarray]]:
    found: dict[str, dict[str, np.ndarray]] = {}
    offset = 0
    for spec in specs:
        name, shape, kind = spec["name"], spec["shape"], spec["dtype"]
        if not isinstance(name, str) or kind != "float32" or "quantization" in spec:
            raise refuse(f"The weight {name!r:.60} is not stored as float32.")
        if not isinstance(shape, list) or not all(type(n) is int and n >= 0 for n in shape):
            raise refuse(f"The weight {name!r:.60} has the shape {str(shape)[:60]}.")
        count = math.prod(shape)
        if offset + 4 * count > len(data):
            raise refuse(
                f"The weights end after {len(data):,} bytes; {name!r:.60} should lie at {offset:,}"
                f" to {offset + 4 * count:,}."
            )
        values = np.frombuffer(data, "<f4", count, offset).reshape(shape)
        layer, _, leaf = name.rpartition("/")
        _put(found, layer, leaf, values)
        offset += 4 * count
    if offset != len(data):
        raise refuse(f"The weights have {len(data):,} bytes, model.json describes {offset:,}.")
    return found


__all__ = ["InputError", "read_h5", "read_keras", "read_layers_model"]
