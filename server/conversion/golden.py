"""Eight pictures made by arithmetic: what every conversion is checked on."""

from __future__ import annotations

import numpy as np

COUNT = 8


def golden_pictures(size: int) -> np.ndarray:
    """Draw the golden pictures: shapes, gradients, stripes, texture and noise.

    Args:
        size: side length in pixels.

    Returns:
        float32 array `[8, size, size, 3]` in -1..1; the same on every machine.
    """
    y, x = np.mgrid[0:size, 0:size].astype(np.float64) / size
    random = np.random.default_rng(20)
    disc = ((x - 0.5) ** 2 + (y - 0.45) ** 2 < 0.09).astype(float)
    square = ((abs(x - 0.4) < 0.22) & (abs(y - 0.6) < 0.25)).astype(float)
    ring = (abs(np.hypot(x - 0.55, y - 0.5) - 0.3) < 0.06).astype(float)
    cells = random.random((9, 9, 3))
    rows = np.minimum((y * 9).astype(int), 8)
    columns = np.minimum((x * 9).astype(int), 8)
    waves = np.sin(21 * x + 9 * np.sin(5 * y)) * 0.5 + 0.5
    pictures = [
        np.stack([x, y, 1 - x], axis=-1),
        np.stack([disc * 0.9, 0.2 + 0.3 * y, 0.8 - disc * 0.6], axis=-1),
        np.stack([0.9 - square * 0.7, 0.85 - square * 0.2, 0.6 * x + 0.3 * square], axis=-1),
        np.stack([ring, 0.5 * ring + 0.4 * x, 1 - ring], axis=-1),
        np.stack([(np.sin(40 * (x + y)) > 0) * 1.0, (np.sin(25 * x) > 0) * 1.0, y], axis=-1),
        cells[rows, columns],
        np.stack([waves, waves**2, 1 - waves * y], axis=-1),
        np.clip(0.5 + 0.25 * random.standard_normal((size, size, 3)) * waves[..., None], 0, 1),
    ]
    pixels = np.floor(np.clip(np.stack(pictures), 0, 1) * 255 + 0.5)
    return (pixels / 127.5 - 1).astype(np.float32)
