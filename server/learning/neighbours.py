"""Who is near and how they vote: distances, blocks of bounded memory, shares. Pure NumPy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .knn import nearest
from .resampling import resample

#: Probabilities under this count as this, so that logarithms stay finite.
TINY = 1e-12
#: At most so many float32 are held at a time; so small that a stop between blocks comes soon.
_BLOCK = 1 << 22
#: Numbers of a piece that stays in the processor's cache.
_PIECE = 1 << 17


def _cosine(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return 1 - a @ b.T


def _l1(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    distances = np.empty((len(a), len(b)), np.float32)
    step = max(1, _PIECE // b.shape[1])
    piece = np.empty((min(step, len(b)), b.shape[1]), np.float32)
    for start in range(0, len(b), step):
        rows = b[start : start + step]
        room = piece[: len(rows)]
        for query, result in zip(a, distances, strict=True):
            np.abs(np.subtract(rows, query, out=room), out=room)
            room.sum(axis=1, out=result[start : start + step])
    return distances


def _l2(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    square = np.square(a).sum(1)[:, None] + np.square(b).sum(1)[None] - 2 * (a @ b.T)
    return np.sqrt(np.maximum(square, 0))


@dataclass(frozen=True)
class Metric:
    """A distance between rows.

    Attributes:
        all: float32[n, D] and float32[m, D] to float32[n, m]: fast, to find who is near.
        pairs: float64[n, 1, D] and float64[n, k, D] to float64[n, k]: exact, to weigh them.
    """

    all: Callable[[np.ndarray, np.ndarray], np.ndarray]
    pairs: Callable[[np.ndarray, np.ndarray], np.ndarray]


METRICS: dict[str, Metric] = {
    "cosine": Metric(_cosine, lambda a, b: 1 - (a * b).sum(axis=2)),
    "l1": Metric(_l1, lambda a, b: np.abs(a - b).sum(axis=2)),
    "l2": Metric(_l2, lambda a, b: np.sqrt(np.square(a - b).sum(axis=2))),
}


def find_nearest(
    metric: str,
    queries: np.ndarray,
    vectors: np.ndarray,
    k: int,
    exclude: Callable[[slice], np.ndarray] | None = None,
    check: Callable[[], None] = lambda: None,
) -> tuple[np.ndarray, np.ndarray]:
    """Finds the k nearest rows of each query, in blocks of bounded memory.

    Args:
        metric: a key of `METRICS`.
        queries, vectors: float32[n, D] and float32[N, D].
        k: how many, at most N.
        exclude: returns for a slice of the queries bool[rows, N], who may not be their neighbour.
        check: called between blocks; may raise.

    Returns:
        Their positions int64[n, k], nearest first, and their distances float64[n, k]; -1 and inf
        where there are no more. Who is near is found in float32, ties to the lower position; the
        distances are exact.
    """
    index = np.empty((len(queries), k), np.int64)
    distances = np.empty((len(queries), k))
    step = max(1, _BLOCK // max(len(vectors), k * vectors.shape[1]))
    for start in range(0, len(queries), step):
        check()
        rows = slice(start, min(start + step, len(queries)))
        block = np.asarray(queries[rows], np.float32)
        closeness = -METRICS[metric].all(block, vectors)
        if exclude is not None:
            closeness[exclude(rows)] = -np.inf
        index[rows], _ = nearest(closeness, k)
        near = vectors[index[rows]].astype(np.float64)
        exact = METRICS[metric].pairs(block[:, None].astype(np.float64), near)
        distances[rows] = np.where(index[rows] >= 0, exact, np.inf)
    return index, distances


def raw_pixels(squares: np.ndarray, side: int) -> np.ndarray:
    """Shrinks squares uint8[n, 224, 224, 3] to float32[n, side * side * 3] unit rows."""
    rows = np.empty((len(squares), side * side * 3), np.float32)
    for row, square in zip(rows, squares, strict=True):
        row[:] = resample(square, side).reshape(-1) / np.float32(255)
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(length > 0, length, 1)


def vote(
    labels: np.ndarray, classes: int, sharpness: float, index: np.ndarray, distances: np.ndarray
) -> np.ndarray:
    """Adds up the weights exp(-sharpness * (distance - nearest distance)) of neighbours by class.

    Args:
        labels: int64[N].
        classes: how many.
        sharpness: above 0.
        index, distances: as `find_nearest` returns them.

    Returns:
        Shares float64[n, classes], rows of sum 1, or 0 where there is no neighbour.
    """
    closest = distances.min(axis=1, keepdims=True, initial=np.inf)
    weights = np.exp(-sharpness * (distances - np.where(np.isfinite(closest), closest, 0)))
    total = weights.sum(axis=1, keepdims=True)
    weights /= np.where(total > 0, total, 1)
    share = np.zeros((len(index), classes))
    row, column = np.nonzero(index >= 0)
    np.add.at(share, (row, labels[index[row, column]]), weights[row, column])
    return share


def shrink(share: np.ndarray, present: np.ndarray, n: int) -> np.ndarray:
    """Makes probabilities of shares of a vote of n examples, so that none is quite sure.

    (1 - e) * share + e / present classes, e = 1 / (n + 1), as in docs/knn.md; none under `TINY`.

    Args:
        share: float64[rows, classes].
        present: bool[classes], those that have examples.
        n: how many examples there are.
    """
    e = 1.0 / (n + 1)
    even = e / max(1, int(present.sum()))
    return np.maximum(np.where(present, (1 - e) * share + even, 0.0), TINY)
