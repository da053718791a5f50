"""How much each example counts, so that every class counts the same."""

from __future__ import annotations

import numpy as np


def example_weights(labels: np.ndarray, balance: bool) -> np.ndarray:
    """Returns N / (classes with examples * examples of its class), or ones.

    Args:
        labels: int64[N].
        balance: whether classes are to count the same.

    Returns:
        float32[N] of mean 1.
    """
    if not balance or not len(labels):
        return np.ones(len(labels), np.float32)
    counts = np.bincount(labels)
    weight = len(labels) / (np.count_nonzero(counts) * np.maximum(counts, 1))
    return weight[labels].astype(np.float32)
