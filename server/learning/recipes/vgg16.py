"""VGG16 as a trunk to tune, where the file with its weights is there. Nothing is downloaded.

K. Simonyan and A. Zisserman, Very deep convolutional networks for large-scale image recognition,
2015. The weights were made for pixels 0..255 in the order blue, green, red, less their mean; both
are done inside the network here, which reads -1..1 in red, green, blue like all others.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ..backbones import MODELS, Backbone
from ..errors import InputError

FILE = "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"
SIZE = 224
#: Mean of the pictures that it was trained on, red, green, blue.
MEAN = (123.68, 116.779, 103.939)
#: (convolutions, filters) of each block.
BLOCKS = ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512))


def find_weights(backbone: Backbone) -> Path:
    """Returns where the file is: in a folder of backbones, or one below it.

    Args:
        backbone: the folder that it is in is searched besides those of SHOWTELL_MODELS.

    Raises:
        InputError: it is in none; says where it is to be put.
    """
    named = os.environ.get("SHOWTELL_MODELS", "").split(os.pathsep)
    folders = [Path(name).expanduser() for name in named if name.strip()] or [MODELS]
    for folder in dict.fromkeys([*folders, backbone.folder.parent]):
        for path in (folder / FILE, folder / "vgg16" / FILE):
            if path.is_file():
                return path
    raise InputError(
        "The weights of VGG16 are not here",
        f"There is no {FILE} in {', '.join(folder.name for folder in folders)}.",
        f"Download the file of that name that Keras publishes and put it into {folders[0].name},"
        " or tune the backbone: --option network=backbone.",
        kind="mismatch",
    )


def build(size: int = SIZE) -> Any:
    """Builds it with random weights, up to the average of its last feature map.

    Args:
        size: width and height of its input in pixels, at least 32.

    Returns:
        A functional tf_keras model, float32[n, size, size, 3] in -1..1 to float32[n, 512].
    """
    import tf_keras
    from tf_keras import layers

    image = tf_keras.Input((size, size, 3), name="image")
    x = layers.Rescaling(127.5, [127.5 - mean for mean in MEAN], name="preprocess")(image)
    for block, (count, filters) in enumerate(BLOCKS, 1):
        for number in range(1, count + 1):
            name = f"block{block}_conv{number}"
            x = layers.Conv2D(filters, 3, padding="same", activation="relu", name=name)(x)
        x = layers.MaxPooling2D(2, name=f"block{block}_pool")(x)
    x = layers.GlobalAveragePooling2D(name="embedding")(x)
    return tf_keras.Model(image, x, name="trunk")


def fill(model: Any, path: Path) -> None:
    """Fills a model of `build` from the file that Keras publishes.

    Raises:
        InputError: the file is damaged or another one.
    """
    from ...conversion.errors import ConversionError
    from ...conversion.keras_models import assign
    from ...conversion.weights import read_h5

    try:
        assign(model, read_h5(path)[0], path.name)
    except ConversionError as error:
        raise InputError("The weights of VGG16 cannot be used", f"{error}") from None
    first = model.get_layer("block1_conv1")
    kernel, bias = first.get_weights()
    first.set_weights([kernel[:, :, ::-1], bias])  # it reads blue first


def load(backbone: Backbone, size: int = SIZE) -> Any:
    """Returns VGG16 with its weights: see `find_weights`, `build`, `fill`.

    Raises:
        InputError: there are none, or they cannot be used.
    """
    path = find_weights(backbone)
    model = build(size)
    fill(model, path)
    return model
