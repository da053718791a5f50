"""Read the MobileNetV2 0.35 that every Teachable Machine image export carries. No TensorFlow."""

from __future__ import annotations

import json
import math
import zipfile
import zlib
from pathlib import Path

import numpy as np

from .errors import ConversionError
from .weights import Tensor

LARGEST_JSON = 4_000_000
LARGEST_WEIGHTS = 64_000_000
MOST_ENTRIES = 1000
_HELP = "Export an image model as TensorFlow.js (download) from Teachable Machine; it is a zip of "
_HELP += "model.json, weights.bin and metadata.json."


def read_export(path: Path) -> list[Tensor]:
    """Return the backbone's tensors of a Teachable Machine image export.

    Sizes and paths that the zip or its JSON claim are never trusted: each entry is read up to a
    limit, and every tensor must lie inside the bytes that are really there.

    Args:
        path: the zip.

    Raises:
        ConversionError: not such an export, damaged, or hostile.
    """
    if not path.is_file():
        raise ConversionError(f"There is no file {path}. Nothing was written.")
    try:
        with zipfile.ZipFile(path) as archive:
            model = _json_entry(archive, "model.json", path)
            blob = _entry(archive, "weights.bin", LARGEST_WEIGHTS, path)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise ConversionError(
            f"{path.name} cannot be read as a zip: it is damaged or of another kind ({error}). "
            + _HELP
        ) from None
    return _tensors(model, blob, path)


def _entry(archive: zipfile.ZipFile, name: str, limit: int, path: Path) -> bytes:
    infos = archive.infolist()
    if len(infos) > MOST_ENTRIES:
        raise ConversionError(f"{path.name} has {len(infos):,} entries, expected three. {_HELP}")
    # An export packed by hand often has one folder around its files.
    found = [info for info in infos if info.filename.split("/")[-1] == name]
    if len(found) != 1:
        raise ConversionError(
            f"{path.name} has {len(found)} entries named {name}, expected one. {_HELP}"
        )
    with archive.open(found[0]) as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise ConversionError(
            f"{path.name}: {name} unpacks to more than {limit // 10**6} MB; a real one has about "
            "two. Nothing was written."
        )
    return data


def _json_entry(archive: zipfile.ZipFile, name: str, path: Path) -> dict:
    try:
        document = json.loads(_entry(archive, name, LARGEST_JSON, path))
    except (ValueError, RecursionError) as error:
        raise ConversionError(f"{path.name}: {name} is not JSON ({error}). {_HELP}") from None
    if not isinstance(document, dict):
        raise ConversionError(f"{path.name}: {name} is not an object. {_HELP}")
    return document


def _tensors(model: dict, blob: bytes, path: Path) -> list[Tensor]:
    manifest = model.get("weightsManifest")
    groups = manifest if isinstance(manifest, list) else []
    if len(groups) != 1 or not isinstance(groups[0], dict):
        raise ConversionError(
            f"{path.name}: model.json has {len(groups)} groups of weights, expected one. {_HELP}"
        )
    specifications = groups[0].get("weights")
    if not isinstance(specifications, list):
        raise ConversionError(f"{path.name}: model.json lists no weights. {_HELP}")
    tensors, offset = [], 0
    for number, item in enumerate(specifications):
        name, shape = _name_and_shape(item, number, path)
        size = 4 * math.prod(shape)
        if offset + size > len(blob):
            raise ConversionError(
                f"{path.name}: weights.bin ends after {len(blob):,} bytes, but {name} should lie "
                f"at {offset:,} to {offset + size:,}. The export is incomplete."
            )
        values = np.frombuffer(blob, "<f4", count=size // 4, offset=offset).reshape(shape)
        # Some versions write the enclosing model's name before the layer's.
        *_, layer, leaf = ("", *name.split("/"))
        tensors.append(Tensor(layer, leaf, values.astype(np.float32)))
        offset += size
    if offset != len(blob):
        raise ConversionError(
            f"{path.name}: weights.bin has {len(blob):,} bytes, model.json describes {offset:,}."
        )
    return tensors


def _name_and_shape(item: object, number: int, path: Path) -> tuple[str, tuple[int, ...]]:
    if isinstance(item, dict):
        name, shape = item.get("name"), item.get("shape")
        plain = isinstance(shape, list) and len(shape) <= 8
        if plain and all(type(n) is int and 0 <= n <= 10**6 for n in shape):
            stored_as_floats = item.get("dtype") == "float32" and "quantization" not in item
            if isinstance(name, str) and stored_as_floats:
                return name, tuple(shape)
    raise ConversionError(
        f"{path.name}: tensor {number} of model.json is described as {str(item)[:120]}; expected "
        f"a name, a shape and float32. {_HELP}"
    )
