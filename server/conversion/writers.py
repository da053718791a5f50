"""Write the files of a backbone folder from one Keras model. Imports TensorFlow."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

from . import tfjs_graph

SIGNATURE = "serving_default"
INPUT = "image"
# A zip entry's time; fixed, so that the same model makes the same bytes.
_EPOCH = (1980, 1, 1, 0, 0, 0)


def write_saved_model(model: Any, folder: Path) -> None:
    """Write a SavedModel whose signature takes `image` and gives `embedding` (and `logits`)."""
    import tensorflow as tf

    size = model.input_shape[1]
    specification = tf.TensorSpec([None, size, size, 3], tf.float32, name=INPUT)

    @tf.function(input_signature=[specification])
    def look(image):
        return dict(model(image, training=False))

    module = tf.Module()
    # The variables alone: tracking the Keras layers too would take six times as long.
    module.variables_used = model.weights
    module.look = look
    tf.saved_model.save(module, str(folder), signatures={SIGNATURE: look})


def write_tfjs(saved_model: Path, folder: Path) -> None:
    """Write `model.json` and its float16 shards, the nodes named as the outputs are.

    Args:
        saved_model: what `write_saved_model` wrote.
        folder: an existing folder.
    """
    from tensorflowjs.converters.tf_saved_model_conversion_v2 import convert_tf_saved_model

    convert_tf_saved_model(str(saved_model), str(folder), signature_def=SIGNATURE)
    tfjs_graph.mend(folder)


def write_tflite(saved_model: Path, path: Path, half: bool = True) -> None:
    """Write the LiteRT file: the same signature, weights stored as float16, or else as float32."""
    import tensorflow as tf

    converter = tf.lite.TFLiteConverter.from_saved_model(
        str(saved_model), signature_keys=[SIGNATURE]
    )
    if half:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_types = [tf.float16]
    path.write_bytes(converter.convert())


def write_keras(model: Any, path: Path) -> None:
    """Write the Keras file, its weights compressed without loss.

    float32 numbers that float16 can hold have 13 zero bits; sorted into byte planes (HDF5's
    shuffle) they shrink to less than half. Level 4: level 9 saves 3 % more in ten times the time.
    """
    import h5py

    model.save(path, save_format="keras")
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    metadata = json.loads(entries["metadata.json"])
    metadata["date_saved"] = "1980-01-01@00:00:00"
    entries["metadata.json"] = json.dumps(metadata, sort_keys=True).encode()
    packed = io.BytesIO()
    with (
        h5py.File(io.BytesIO(entries["model.weights.h5"]), "r") as source,
        h5py.File(packed, "w", track_order=False) as target,
    ):

        def copy(name: str, item: Any) -> None:
            if isinstance(item, h5py.Group):
                target.require_group(name)
            elif item.size:
                target.create_dataset(
                    name, data=item[()], shuffle=True, compression=4, chunks=item.shape
                )
            else:
                target.create_dataset(name, data=item[()])
            for key, value in item.attrs.items():
                target[name].attrs[key] = value

        source.visititems(copy)
    entries["model.weights.h5"] = packed.getvalue()
    temporary = path.with_suffix(".part")
    with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(entries):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), entries[name], zipfile.ZIP_DEFLATED)
    temporary.replace(path)


def shard_files(folder: Path) -> list[Path]:
    """List the weight shards in the order in which `model.json` names them."""
    manifest = json.loads((folder / "model.json").read_text())["weightsManifest"]
    return [folder / path for group in manifest for path in group["paths"]]


def fingerprint(folder: Path, input_size: int) -> str:
    """Return the SHA-256 over the weight shards and the input size as decimal text."""
    digest = hashlib.sha256()
    for path in shard_files(folder):
        digest.update(path.read_bytes())
    digest.update(str(input_size).encode())
    return digest.hexdigest()


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file in lower-case hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def remove_folder(folder: Path) -> None:
    """Remove a folder that was only needed on the way."""
    shutil.rmtree(folder)
