"""Vary pictures while a network learns: turned, moved, cut, mirrored, lighter, darker.

All variations of a picture but the brightness are one affine map, so that it is resampled once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

#: Options (`convnet_options.AUGMENTATION`) that move pixels.
_MOVING = ("rotation", "shift", "crop", "flip")


def transforms(
    count: int, size: int, options: Mapping[str, Any], random: np.random.Generator
) -> np.ndarray:
    """Draws a map from pixels of the result to pixels of the picture for each of some pictures.

    A result pixel p shows the picture at c + z R F (p - c) + t, with c the centre, F the mirror,
    R the turn, z = 1 minus what is cut off, and t the shift and the place of the cut.

    Args:
        count: how many.
        size: width and height in pixels.
        options: `rotation` in degrees; `shift`, `crop` as shares; `flip`.
        random: where chance comes from.

    Returns:
        float32[count, 8], rows (a0, a1, a2, b0, b1, b2, 0, 0): x' = a0 x + a1 y + a2 and
        y' = b0 x + b1 y + b2, as TensorFlow's ImageProjectiveTransformV3 takes them.
    """
    turn = np.deg2rad(options["rotation"]) * random.uniform(-1, 1, count)
    zoom = 1 - options["crop"] * random.uniform(0, 1, count)
    shift = options["shift"] * size * random.uniform(-1, 1, (2, count))
    place = (1 - zoom) * size / 2 * random.uniform(-1, 1, (2, count))
    mirror = np.where(random.uniform(0, 1, count) < 0.5, -1.0, 1.0) if options["flip"] else 1.0
    cosine, sine = zoom * np.cos(turn), zoom * np.sin(turn)
    a = np.stack([cosine * mirror, -sine])
    b = np.stack([sine * mirror, cosine])
    centre = (size - 1) / 2
    offset = centre + shift + place
    rows = np.zeros((count, 8), np.float32)
    rows[:, 0:2], rows[:, 2] = a.T, offset[0] - centre * a.sum(0)
    rows[:, 3:5], rows[:, 5] = b.T, offset[1] - centre * b.sum(0)
    return rows


def vary(pixels: np.ndarray, options: Mapping[str, Any], random: np.random.Generator) -> np.ndarray:
    """Varies a batch and turns it into what a network reads. Imports TensorFlow if pixels move.

    What comes in from outside a picture is its own reflection at the edge.

    Args:
        pixels: uint8[n, S, S, 3].
        options: a value for each of `convnet_options.AUGMENTATION`.
        random: where chance comes from; the same state gives the same result.

    Returns:
        float32[n, S, S, 3], values -1 to 1.
    """
    size = pixels.shape[1]
    values = pixels.astype(np.float32)
    if any(options[name] for name in _MOVING):
        import tensorflow as tf

        moved = tf.raw_ops.ImageProjectiveTransformV3(
            images=values,
            transforms=transforms(len(values), size, options, random),
            output_shape=[size, size],
            fill_value=0.0,
            interpolation="BILINEAR",
            fill_mode="REFLECT",
        )
        values = moved.numpy()
    if options["brightness"]:
        factor = 1 + options["brightness"] * random.uniform(-1, 1, len(values))
        values = np.clip(values * factor.astype(np.float32)[:, None, None, None], 0, 255)
    return to_range(values)


def to_range(pixels: np.ndarray) -> np.ndarray:
    """Turns pixels 0..255 of any kind into float32 -1..1, as `pictures.to_input` does."""
    values = np.divide(pixels, np.float32(127.5), dtype=np.float32)
    values -= np.float32(1)
    return values
