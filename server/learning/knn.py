"""Exact cosine nearest neighbours with calibrated votes, as docs/knn.md defines them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: Candidates for the sharpness of the votes, 1 to 512.
BETA_GRID = tuple(2.0 ** (j / 2) for j in range(19))
DEFAULT_BETA = 16.0
DEFAULT_K = 10
DEFAULT_TOLERANCE = 1.5
#: With fewer examples beta is not fitted.
MIN_EXAMPLES = 4
#: Losses this close count as equal, so that rounding does not choose beta.
LOSS_SLACK = 1e-4
#: From this similarity on two pictures are nearly the same: they say nothing of how a class varies.
NEARLY_SAME = 0.97
#: The quantile of the distances within a class that counts as ordinary; measured, see docs.
QUANTILE = 0.5
#: The least distance that counts as ordinary: what another moment of one thing differs by.
MIN_DISTANCE = 0.16
#: The ordinary distance where no class has two examples.
LONE_DISTANCE = 0.5

#: At most so many similarities (float32) are held at a time.
_BLOCK = 1 << 24
_WILSON_Z = 1.959963984540054


@dataclass(frozen=True)
class Prediction:
    """What the classifier answers for one picture.

    Attributes:
        label: index of the best class.
        scores: float64[classes], sum 1.
        unknown: whether it is like none of the classes.
        novelty: distance in units of what is ordinary for the class, 1 is the border; None for an
            embedding of length 0.
        none: `novelty` as a number 0 to 1 for a bar on a screen.
        neighbours: indices of the examples that voted, nearest first.
        similarities: float32, their cosines.
        weights: float64, their shares of the vote, sum 1.
    """

    label: int
    scores: np.ndarray
    unknown: bool
    novelty: float | None
    none: float
    neighbours: np.ndarray
    similarities: np.ndarray
    weights: np.ndarray


@dataclass(frozen=True)
class Evaluation:
    """What leaving one out says about the examples.

    Attributes:
        n: how many examples were classified (those without any neighbour are not).
        correct: how many got the class they were taught as.
        accuracy: `correct / n`, or None where n is 0.
        interval: its 95 % Wilson score interval.
        confusion: int64[classes, classes], rows taught, columns answered.
        answered: int64[N], the class each example got, -1 where none.
        scores: float64[N], the score of the class it was taught as; nan where none.
        novelty: float64[N]; nan where it has no neighbour, 0 without a tolerance.
    """

    n: int
    correct: int
    accuracy: float | None
    interval: tuple[float, float]
    confusion: np.ndarray
    answered: np.ndarray
    scores: np.ndarray
    novelty: np.ndarray


def wilson_interval(correct: float, n: float) -> tuple[float, float]:
    """Returns the 95 % score interval of a proportion; (0, 1) for n = 0.

    Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference,
    Journal of the American Statistical Association 22 (1927).
    """
    if n == 0:
        return 0.0, 1.0
    z2 = _WILSON_Z**2
    p = correct / n
    centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = _WILSON_Z * np.sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return max(0.0, float(centre - half)), min(1.0, float(centre + half))


def none_share(novelty: float) -> float:
    """Turns a novelty of 0 or more into 0 to 1, one half at the border: r^8 / (1 + r^8)."""
    with np.errstate(over="ignore"):
        power = np.float64(novelty) ** 8
    return float(1.0 - 1.0 / (1.0 + power))


def nearest(similarities: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Finds the k largest numbers of every row.

    Args:
        similarities: float[rows, N]; -inf never counts as found.
        k: how many, at most N.

    Returns:
        Indices int64[rows, k], largest first, ties to the lower index, -1 where fewer were found;
        and their values, -inf there.
    """
    rows, n = similarities.shape
    if k < n:
        least = np.partition(similarities, n - k, axis=1)[:, n - k]
    else:
        least = np.full(rows, -np.inf, similarities.dtype)
    row, column = np.nonzero(similarities >= least[:, None])
    values = similarities[row, column]
    # Sorted by row, then value downwards, then index: more than k of a row only where values tie.
    order = np.lexsort((column, -values, row))
    row, column, values = row[order], column[order], values[order]
    rank = np.arange(len(row)) - np.searchsorted(row, row, side="left")
    kept = (rank < k) & (values > -np.inf)
    index = np.full((rows, k), -1, np.int64)
    found = np.full((rows, k), -np.inf, similarities.dtype)
    index[row[kept], rank[kept]] = column[kept]
    found[row[kept], rank[kept]] = values[kept]
    return index, found


class KNN:
    """A fitted classifier.

    Args:
        vectors: float32[N, D], unit rows, N at least 1.
        labels: int[N], class of each example.
        groups: int[N] or any sortable values: examples of one recording burst share one. None
            makes each example a group of its own.
        classes: number of classes, those without examples included.
        k: how many neighbours vote, at least 1.
        tolerance: how far beyond the ordinary a picture may be and still be known; None rejects
            nothing.

    Attributes:
        beta: sharpness of the votes.
        distances: float64[classes], Q: the ordinary distance; nan for classes without examples.
        counts: int64[classes].
    """

    def __init__(
        self,
        vectors: np.ndarray,
        labels: np.ndarray,
        groups: np.ndarray | None,
        classes: int,
        k: int = DEFAULT_K,
        tolerance: float | None = DEFAULT_TOLERANCE,
    ):
        self.vectors = np.ascontiguousarray(vectors, np.float32)
        self.labels = np.asarray(labels, np.int64)
        n = len(self.labels)
        if self.vectors.ndim != 2 or len(self.vectors) != n or n == 0:
            raise ValueError(
                f"expected one row per label and at least one, got vectors {self.vectors.shape}"
                f" and {n} labels"
            )
        if self.labels.min() < 0 or self.labels.max() >= classes:
            raise ValueError(f"expected labels 0 to {classes - 1}, got {self.labels.max()}")
        if k < 1 or (tolerance is not None and not tolerance > 0):
            raise ValueError(f"expected k >= 1 and tolerance > 0, got {k} and {tolerance}")
        if groups is None:
            self.groups = np.arange(n)
        else:
            self.groups = np.unique(np.asarray(groups), return_inverse=True)[1].reshape(-1)
            if len(self.groups) != n:
                raise ValueError(f"expected {n} groups, got {len(self.groups)}")
        self.classes = classes
        self.k = k
        self.tolerance = tolerance
        self.counts = np.bincount(self.labels, minlength=classes)
        self._populated = self.counts > 0
        self._leave_one_out()
        self.beta = self._fit_beta()
        self.distances = self._fit_distances()

    # Fitting

    def _leave_one_out(self) -> None:
        """Finds every example's neighbours among those it may be compared with."""
        n = len(self.labels)
        k = min(self.k, n)
        self._loo_index = np.full((n, k), -1, np.int64)
        self._loo_similarity = np.full((n, k), -np.inf, np.float32)
        self._own = np.full(n, np.nan)  # d_i: distance to the nearest allowed of its own class
        # Does the class of example i reach beyond the group of example i?
        pair = self.labels * n + self.groups
        _, inverse, size = np.unique(pair, return_inverse=True, return_counts=True)
        beyond = self.counts[self.labels] > size[inverse.reshape(-1)]
        step = max(1, _BLOCK // n)
        for start in range(0, n, step):
            rows = slice(start, min(start + step, n))
            similarities = self.vectors[rows] @ self.vectors.T
            same = self.groups[rows, None] == self.groups[None, :]
            same &= beyond[rows, None]
            similarities[same] = -np.inf
            here = np.arange(rows.start, rows.stop)
            similarities[here - start, here] = -np.inf
            self._loo_index[rows], self._loo_similarity[rows] = nearest(similarities, k)
            own = self.labels[rows, None] == self.labels[None, :]
            own &= similarities < NEARLY_SAME
            best = np.where(own, similarities, -np.inf).max(axis=1).astype(np.float64)
            self._own[rows] = np.where(np.isfinite(best), 1.0 - best, np.nan)

    def _votes(self, similarities: np.ndarray, beta: float) -> np.ndarray:
        """Returns each neighbour's share of the vote, float64[rows, k]; 0 where there is none."""
        s = similarities.astype(np.float64)
        weights = np.exp(beta * (s - s[:, :1]))
        return weights / weights.sum(axis=1, keepdims=True)

    def _fit_beta(self) -> float:
        n = len(self.labels)
        c = int(self._populated.sum())
        if c < 2 or n < MIN_EXAMPLES:
            return DEFAULT_BETA
        usable = self._loo_index[:, 0] >= 0
        similarities = self._loo_similarity[usable]
        index = self._loo_index[usable]
        agrees = (self.labels[index] == self.labels[usable, None]) & (index >= 0)
        e = 1.0 / n
        losses = []
        for beta in BETA_GRID:
            share = (self._votes(similarities, beta) * agrees).sum(axis=1)
            losses.append(-np.log((1 - e) * share + e / c).mean())
        return BETA_GRID[int(np.argmax(np.array(losses) <= min(losses) + LOSS_SLACK))]

    def _fit_distances(self) -> np.ndarray:
        distances = np.full(self.classes, np.nan)
        for c in np.flatnonzero(self.counts > 1):
            own = self._own[(self.labels == c) & ~np.isnan(self._own)]
            ordinary = float(np.quantile(own, QUANTILE)) if len(own) else 0.0
            distances[c] = max(MIN_DISTANCE, ordinary)
        known = distances[~np.isnan(distances)]
        distances[self.counts == 1] = known.max() if len(known) else LONE_DISTANCE
        return distances

    # Answering

    def _scores(self, index: np.ndarray, shares: np.ndarray, n: int) -> np.ndarray:
        """Adds up votes per class and shrinks them: float64[rows, classes]."""
        rows = len(index)
        votes = np.zeros((rows, self.classes))
        row, rank = np.nonzero(index >= 0)
        np.add.at(votes, (row, self.labels[index[row, rank]]), shares[row, rank])
        e = 1.0 / (n + 1)
        c = int(self._populated.sum())
        return np.where(self._populated, (1 - e) * votes + e / c, 0.0)

    def _novelty(self, index: np.ndarray, similarities: np.ndarray) -> np.ndarray:
        if self.tolerance is None:
            return np.zeros(len(index))
        ordinary = self.distances[self.labels[index[:, 0]]]
        distance = np.maximum(0.0, 1.0 - similarities[:, 0].astype(np.float64))
        return distance / (self.tolerance * ordinary)

    def predict(self, queries: np.ndarray) -> list[Prediction]:
        """Classifies embeddings.

        Args:
            queries: float32[n, D] or one [D], unit rows or all zero.

        Returns:
            One `Prediction` each.
        """
        queries = np.atleast_2d(np.asarray(queries, np.float32))
        if queries.shape[1] != self.vectors.shape[1]:
            raise ValueError(
                f"expected queries of {self.vectors.shape[1]} numbers, got {queries.shape[1]}"
            )
        k = min(self.k, len(self.labels))
        step = max(1, _BLOCK // len(self.labels))
        result = []
        for start in range(0, len(queries), step):
            block = queries[start : start + step]
            index, similarities = nearest(block @ self.vectors.T, k)
            shares = self._votes(similarities, self.beta)
            scores = self._scores(index, shares, len(self.labels))
            novelty = self._novelty(index, similarities)
            for i, query in enumerate(block):
                if not query.any():
                    result.append(self._nothing_seen())
                    continue
                r = float(novelty[i])
                result.append(
                    Prediction(
                        label=int(np.argmax(scores[i])),
                        scores=scores[i],
                        unknown=r > 1,
                        novelty=r,
                        none=none_share(r),
                        neighbours=index[i],
                        similarities=similarities[i],
                        weights=shares[i],
                    )
                )
        return result

    def _nothing_seen(self) -> Prediction:
        scores = self._populated / self._populated.sum()
        empty = np.zeros(0)
        return Prediction(
            label=int(np.argmax(scores)),
            scores=scores,
            unknown=True,
            novelty=None,
            none=1.0,
            neighbours=empty.astype(np.int64),
            similarities=empty.astype(np.float32),
            weights=empty,
        )

    def evaluate(self) -> Evaluation:
        """Classifies every example from the others: see "Leave one out" in docs/knn.md."""
        n = len(self.labels)
        usable = np.flatnonzero(self._loo_index[:, 0] >= 0)
        answered = np.full(n, -1, np.int64)
        own_score = np.full(n, np.nan)
        novelty = np.full(n, np.nan)
        confusion = np.zeros((self.classes, self.classes), np.int64)
        if len(usable):
            index, similarities = self._loo_index[usable], self._loo_similarity[usable]
            scores = self._scores(index, self._votes(similarities, self.beta), n - 1)
            answered[usable] = scores.argmax(axis=1)
            own_score[usable] = scores[np.arange(len(usable)), self.labels[usable]]
            novelty[usable] = self._novelty(index, similarities)
            np.add.at(confusion, (self.labels[usable], answered[usable]), 1)
        correct = int(np.trace(confusion))
        return Evaluation(
            n=len(usable),
            correct=correct,
            accuracy=correct / len(usable) if len(usable) else None,
            interval=wilson_interval(correct, len(usable)),
            confusion=confusion,
            answered=answered,
            scores=own_score,
            novelty=novelty,
        )
