"""Exact separable resampling: area average downwards, half-pixel bilinear upwards.

The formulas are those of docs/preprocessing.md; `static/js/core/resample.js` computes the same.
"""

from __future__ import annotations

from functools import lru_cache
from math import gcd

import numpy as np

#: Above this many source pixels an output pixel, summing slices beats gathering one tap at a time.
_MANY_TAPS = 5


@lru_cache(maxsize=256)
def _taps(n: int, m: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Lists which source pixels each output pixel sums, and how much each weighs.

    Args:
        n: source length in pixels.
        m: output length in pixels.

    Returns:
        Indices int[m, T], weights float32[m, T] and the factor the sum is multiplied by. Area
        weights are whole numbers, so that their sums are exact in float32 for small pictures.
    """
    i = np.arange(m, dtype=np.int64)
    if m < n:
        step = gcd(n, m)
        n_, m_ = n // step, m // step
        # In units of 1/m_ of a source pixel, output i covers [i*n_, (i+1)*n_), pixel j [j*m_, ...).
        first = i * n_ // m_
        taps = int(((((i + 1) * n_ - 1) // m_) - first).max()) + 1
        index = first[:, None] + np.arange(taps)
        left = np.maximum(index * m_, (i * n_)[:, None])
        right = np.minimum((index + 1) * m_, ((i + 1) * n_)[:, None])
        weights = np.maximum(right - left, 0).astype(np.float32)
        return np.minimum(index, n - 1), weights, 1.0 / n_
    position = (i + 0.5) * n / m - 0.5
    low = np.floor(position)
    fraction = position - low
    index = np.stack([low, low + 1], axis=1).astype(np.int64).clip(0, n - 1)
    return index, np.stack([1 - fraction, fraction], axis=1).astype(np.float32), 1.0


@lru_cache(maxsize=64)
def _column_taps(n: int, m: int) -> tuple[np.ndarray, np.ndarray]:
    """Spreads `_taps` over the three colours of a row of pixels: int[T, 3 m], float32[T, 3 m]."""
    index, weights, _ = _taps(n, m)
    spread = index.T[:, :, None] * 3 + np.arange(3)
    return np.ascontiguousarray(spread.reshape(len(spread), -1)), np.repeat(weights.T, 3, axis=1)


def _sum_of_taps(pixels: np.ndarray, index: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Adds up weighted slices of the second axis of [b, n, ...]: `index` int[T, m], `weights`
    float32[T, m, ...]."""
    # Two buffers for all taps: fresh memory for each would cost more than the sums.
    shape = (len(pixels), index.shape[1], *pixels.shape[2:])
    result, part = np.empty(shape, np.float32), np.empty(shape, np.float32)
    picked = part if pixels.dtype == np.float32 else np.empty(shape, pixels.dtype)
    np.take(pixels, index[0], axis=1, out=picked, mode="clip")
    np.multiply(picked, weights[0], out=result)
    for t in range(1, len(index)):
        np.take(pixels, index[t], axis=1, out=picked, mode="clip")
        np.multiply(picked, weights[t], out=part)
        result += part
    return result


def _along_rows(pixels: np.ndarray, m: int) -> np.ndarray:
    """Resamples the second axis of [b, n, width] to m, without the final factor."""
    b, n, width = pixels.shape
    index, weights, _ = _taps(n, m)
    if index.shape[1] <= _MANY_TAPS:
        if m > n:  # each is used more than once: turned into float once only
            pixels = pixels.astype(np.float32, copy=False)
        return _sum_of_taps(pixels, index.T, weights.T[:, :, None])
    result = np.empty((b, m, width), np.float32)
    for i in range(m):
        used = int(np.count_nonzero(weights[i]))
        start = int(index[i, 0])
        rows = pixels[:, start : start + used].astype(np.float32)
        np.einsum("t,btw->bw", weights[i, :used], rows, out=result[:, i])
    return result


def _along_columns(pixels: np.ndarray, m: int) -> np.ndarray:
    """Resamples the third axis of [b, height, n, 3] to m, without the final factor."""
    b, height, n, _ = pixels.shape
    if _taps(n, m)[0].shape[1] <= _MANY_TAPS:
        index, weights = _column_taps(n, m)
        rows = pixels.reshape(b * height, n * 3).astype(np.float32, copy=False)
        return _sum_of_taps(rows, index, weights).reshape(b, height, m, 3)
    turned = np.ascontiguousarray(pixels.transpose(0, 2, 1, 3)).reshape(b, n, height * 3)
    turned = _along_rows(turned, m).reshape(b, m, height, 3)
    return np.ascontiguousarray(turned.transpose(0, 2, 1, 3))


def resample(rgb: np.ndarray, size: int) -> np.ndarray:
    """Resamples pictures to a square.

    Args:
        rgb: [height, width, 3] or [n, height, width, 3], uint8 or float, values 0 to 255.
        size: width and height of the result in pixels.

    Returns:
        float32[..., size, size, 3], not rounded. Height and width are resampled each by its own
        ratio, so that a square stays undistorted.
    """
    if rgb.ndim not in (3, 4) or rgb.shape[-1] != 3 or 0 in rgb.shape[-3:]:
        raise ValueError(f"expected pictures [height, width, 3], got shape {rgb.shape}")
    if size < 1:
        raise ValueError(f"expected a size of at least 1 pixel, got {size}")
    pixels = rgb if rgb.ndim == 4 else rgb[None]
    b, height, width, _ = pixels.shape
    factor = 1.0
    if height != size:
        pixels = _along_rows(pixels.reshape(b, height, width * 3), size)
        pixels = pixels.reshape(b, size, width, 3)
        factor *= _taps(height, size)[2]
    if width != size:
        pixels = _along_columns(pixels, size)
        factor *= _taps(width, size)[2]
    result = pixels.astype(np.float32, copy=height == width == size)  # never what was given
    if factor != 1.0:
        result *= np.float32(factor)
    return result if rgb.ndim == 4 else result[0]
