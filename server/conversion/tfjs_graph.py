"""Mend what tensorflowjs wrote: names, operations TF.js lacks, and float16 without loss.

Works on the parsed `model.json` and on numpy arrays; imports no TensorFlow.
"""

from __future__ import annotations

import base64
import json
import math
from pathlib import Path

import numpy as np

from .errors import ConversionError

HARD_SWISH = "_FusedHardSwish"
# What every backend of TF.js fuses. Anything else would load and then fail at the first picture.
FUSED = frozenset({"NoOp", "BiasAdd", "Relu", "Relu6", "Elu", "Prelu", "LeakyRelu", "Sigmoid"})
SHARD_BYTES = 4 * 1024 * 1024
_FLOAT = {"type": "DT_FLOAT"}
_KINDS = {"float32": "<f4", "int32": "<i4", "bool": "?"}

Tensors = dict[str, np.ndarray]


def mend(folder: Path) -> None:
    """Rewrite `model.json` and its shards in place: same function, loadable, lossless float16.

    Args:
        folder: has `model.json` and shards as tensorflowjs writes them, not quantised.

    Raises:
        ConversionError: the graph uses a fused activation that TF.js does not know.
    """
    path = folder / "model.json"
    document = json.loads(path.read_text())
    manifest = document["weightsManifest"]
    tensors = unpack(manifest, folder)
    name_ends(document)
    drop_hints(document)
    unfuse_hard_swish(document, tensors)
    widen_biases(document, tensors)
    for entry in manifest:
        for name in entry["paths"]:
            (folder / name).unlink()
    document["weightsManifest"] = pack(tensors, folder)
    document["generatedBy"] = "Show & Tell"
    path.write_text(json.dumps(document, sort_keys=True, separators=(",", ":")))


def name_ends(document: dict) -> None:
    """Rename the graph's input and output nodes, in place, to what the signature calls them.

    The converter leaves `serving_default_image` and `Identity`; a caller in the browser would
    have to know which `Identity_1` is which.
    """
    signature = document["signature"]
    ends = [signature[part] for part in ("inputs", "outputs")]
    new = {entry["name"].split(":")[0]: key for end in ends for key, entry in end.items()}

    def renamed(reference: str) -> str:
        name, colon, index = reference.partition(":")
        return new.get(name, name) + colon + index

    for node in document["modelTopology"]["node"]:
        node["name"] = renamed(node["name"])
        if "input" in node:
            node["input"] = [renamed(reference) for reference in node["input"]]
    for end in ends:
        for entry in end.values():
            entry["name"] = renamed(entry["name"])


def drop_hints(document: dict) -> None:
    """Remove, in place, what only TensorFlow's own optimiser reads."""
    for node in document["modelTopology"]["node"]:
        node.pop("device", None)
        for key in [key for key in node.get("attr", {}) if key.startswith("_")]:
            del node["attr"][key]


def unfuse_hard_swish(document: dict, tensors: Tensors) -> None:
    """Split fused hard swish, in place, into operations that every backend of TF.js has.

    TensorFlow's optimiser fuses `x * relu6(x + 3) / 6` (Howard et al., 2019) into convolutions,
    but no backend of TF.js knows the fused form.

    Args:
        document: a parsed `model.json`.
        tensors: its constants by node name; those of the split are added.

    Raises:
        ConversionError: another activation is fused that TF.js does not know.
    """
    three, sixth = "hard_swish/three", "hard_swish/sixth"
    nodes: list[dict] = []
    for node in document["modelTopology"]["node"]:
        fused = _fused(node)
        unknown = set(fused) - FUSED - {HARD_SWISH}
        if unknown:
            raise ConversionError(
                f"The graph fuses {', '.join(sorted(unknown))} into {node['name']}, which TF.js "
                "cannot run. Nothing was written."
            )
        nodes.append(node)
        if HARD_SWISH not in fused:
            continue
        for name, value in ((three, 3), (sixth, 1 / 6)):
            if name not in tensors:
                tensors[name] = np.array(value, np.float32)
                nodes.insert(0, _constant(name, ()))
        name, linear = node["name"], f"{node['name']}/linear"
        node["name"] = linear
        node["attr"]["fused_ops"]["list"]["s"] = [
            base64.b64encode(op.encode()).decode() for op in fused if op != HARD_SWISH
        ]
        nodes += [
            _operation(f"{name}/shifted", "AddV2", [linear, three]),
            _operation(f"{name}/clipped", "Relu6", [f"{name}/shifted"]),
            _operation(f"{name}/gate", "Mul", [f"{name}/clipped", sixth]),
            _operation(name, "Mul", [linear, f"{name}/gate"]),
        ]
    document["modelTopology"]["node"] = nodes


def widen_biases(document: dict, tensors: Tensors) -> None:
    """Give fused nodes with a scalar bias a vector, in place; TF.js takes no scalar there.

    The converter makes them where a bias is all zero and a constant is added behind it, as in the
    hard sigmoid of a squeeze-and-excite block.
    """
    for node in list(document["modelTopology"]["node"]):
        if "BiasAdd" not in _fused(node):
            continue
        kernel, bias = (tensors.get(reference) for reference in node["input"][1:3])
        if kernel is None or bias is None or bias.ndim:
            continue
        depthwise = "Depthwise" in node["op"]
        channels = int(np.prod(kernel.shape[2:])) if depthwise else kernel.shape[-1]
        name = f"{node['name']}/bias"
        tensors[name] = np.full(channels, bias, np.float32)
        node["input"][2] = name
        document["modelTopology"]["node"].insert(0, _constant(name, (channels,)))


def _fused(node: dict) -> list[str]:
    names = node.get("attr", {}).get("fused_ops", {}).get("list", {}).get("s", [])
    return [base64.b64decode(name).decode() for name in names]


def _operation(name: str, operation: str, inputs: list[str]) -> dict:
    return {"name": name, "op": operation, "input": inputs, "attr": {"T": _FLOAT}}


def _constant(name: str, shape: tuple[int, ...]) -> dict:
    sizes = {"dim": [{"size": str(length)} for length in shape]} if shape else {}
    value = {"tensor": {"dtype": "DT_FLOAT", "tensorShape": sizes}}
    return {"name": name, "op": "Const", "attr": {"dtype": _FLOAT, "value": value}}


def unpack(manifest: list[dict], folder: Path) -> Tensors:
    """Read all tensors of a manifest, by name and in its order.

    Args:
        manifest: `weightsManifest` of a `model.json`, not quantised.
        folder: where the shards lie.
    """
    tensors: Tensors = {}
    for group in manifest:
        data = b"".join((folder / name).read_bytes() for name in group["paths"])
        offset = 0
        for entry in group["weights"]:
            kind = np.dtype(_KINDS[entry["dtype"]])
            count = int(np.prod(entry["shape"], dtype=np.int64))
            values = np.frombuffer(data, kind, count, offset).reshape(entry["shape"])
            tensors[entry["name"]] = values
            offset += values.nbytes
    return tensors


def pack(tensors: Tensors, folder: Path) -> list[dict]:
    """Write the shards: as float16 what float16 holds exactly, as it is the rest.

    The backbone's weights were rounded before; the few other constants, such as 1/6, keep their
    precision. So the TF.js file holds exactly the numbers that the Keras file holds.

    Args:
        tensors: by name.
        folder: where `group1-shard1of1.bin` and so on are written.

    Returns:
        The manifest for `model.json`.
    """
    names = {np.dtype(kind): name for name, kind in _KINDS.items()}
    weights, parts = [], []
    for name, values in tensors.items():
        entry = {"name": name, "shape": list(values.shape), "dtype": names[values.dtype]}
        if _fits_float16(values):
            entry["quantization"] = {"dtype": "float16", "original_dtype": entry["dtype"]}
            values = values.astype("<f2")
        weights.append(entry)
        parts.append(values.tobytes())
    data = b"".join(parts)
    count = max(1, math.ceil(len(data) / SHARD_BYTES))
    paths = [f"group1-shard{number}of{count}.bin" for number in range(1, count + 1)]
    for number, path in enumerate(paths):
        (folder / path).write_bytes(data[number * SHARD_BYTES : (number + 1) * SHARD_BYTES])
    return [{"paths": paths, "weights": weights}]


def join_shards(folder: Path) -> None:
    """Make one shard, `group1-shard1of1.bin`, of those that `model.json` names, in place.

    Args:
        folder: has `model.json` with one group, and its shards.
    """
    path = folder / "model.json"
    document = json.loads(path.read_text())
    (group,) = document["weightsManifest"]
    shards = [folder / name for name in group["paths"]]
    if len(shards) == 1:
        return
    joined = folder / "group1-shard1of1.bin"
    with joined.open("wb") as file:
        for shard in shards:
            file.write(shard.read_bytes())
            shard.unlink()
    group["paths"] = [joined.name]
    path.write_text(json.dumps(document, sort_keys=True, separators=(",", ":")))


def _fits_float16(values: np.ndarray) -> bool:
    if values.dtype != np.float32:
        return False
    with np.errstate(over="ignore"):
        return bool(np.array_equal(values.astype(np.float16).astype(np.float32), values))
