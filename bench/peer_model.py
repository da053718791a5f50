"""Write a layers model laid out as Teachable Machine's exports are, and the weights it was made of.

Run as a program, since it needs TensorFlow: `python -m bench.peer_model FOLDER [WEIGHTS.h5]`.
FOLDER gets peer/ (model.json, shards, metadata.json) and backbone.h5, MobileNetV2 0.35/224
without its top: the same weights for both sides. Without WEIGHTS they are random but seeded,
which changes no timing.
"""

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

CLASSES = 3


def write(folder: Path, weights: Path | None) -> None:
    """Build MobileNetV2 0.35 + pooling + Dense 100 relu + softmax and save it for tfjs-layers."""
    import tensorflowjs as tfjs
    import tf_keras as keras

    keras.utils.set_random_seed(0)
    backbone = keras.applications.MobileNetV2(
        input_shape=(224, 224, 3), alpha=0.35, include_top=False, weights=None
    )
    if weights:
        backbone.load_weights(weights)
    backbone.save_weights(folder / "backbone.h5")
    # Rebuilt flat: tfjs-layers then reads it whatever the nesting of the version that saved it.
    pooled = keras.layers.GlobalAveragePooling2D()(backbone.output)
    hidden = keras.layers.Dense(100, activation="relu")(pooled)
    answer = keras.layers.Dense(CLASSES, activation="softmax", use_bias=False)(hidden)
    tfjs.converters.save_keras_model(keras.Model(backbone.input, answer), str(folder / "peer"))
    metadata = {
        "tfjsVersion": "1.3.1",
        "tmVersion": "2.4.10",
        "packageVersion": "0.8.5",
        "packageName": "@teachablemachine/image",
        "timeStamp": "2026-01-01T00:00:00.000Z",
        "userMetadata": {},
        "modelName": "bench",
        "labels": [f"Class {i + 1}" for i in range(CLASSES)],
        "imageSize": 224,
    }
    (folder / "peer" / "metadata.json").write_text(json.dumps(metadata))


if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
