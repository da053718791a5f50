"""How sure a number is: intervals for shares, means and differences, with bursts counted once."""

from __future__ import annotations

import numpy as np

from .knn import wilson_interval

_Z = 1.959963984540054


def effective_count(groups: np.ndarray | None, n: int) -> float:
    """Returns how many independent pictures n pictures are worth, n at most.

    Neighbouring frames of one burst are nearly one picture and are right or wrong together.
    Taking them as wholly dependent gives `n^2 / sum of squared burst sizes`, which is careful: the
    truth lies between that and n. Without bursts it is n.

    Source: L. Kish, Survey Sampling, Wiley 1965, chapter 8, with an intraclass correlation of 1.

    Args:
        groups: int[n], burst of each; None where each is a picture of its own.
        n: how many.
    """
    if groups is None or n == 0:
        return float(n)
    _, sizes = np.unique(groups, return_counts=True)
    return float(n * n / np.square(sizes, dtype=np.float64).sum())


def share_interval(hits: np.ndarray, groups: np.ndarray | None = None) -> tuple[float, float]:
    """Returns the 95 % Wilson interval of the share of hits; (0, 1) where there is none.

    Args:
        hits: bool[n].
        groups: int[n], burst of each, or None; see `effective_count`.
    """
    n = len(hits)
    if n == 0:
        return 0.0, 1.0
    worth, found = effective_count(groups, n), int(hits.sum())
    low, high = wilson_interval(found * worth / n, worth)
    return (0.0 if found == 0 else low), (1.0 if found == n else high)  # without rounding errors


def t_quantile(freedom: int) -> float:
    """Returns the 0.975 quantile of Student's t, within 0.2 %.

    Exact for 1 and 2 degrees of freedom, beyond that the asymptotic expansion 26.7.5 in
    Abramowitz and Stegun, Handbook of Mathematical Functions (1964).

    Args:
        freedom: degrees of freedom, 1 or more.
    """
    if freedom < 1:
        raise ValueError(f"expected at least 1 degree of freedom, got {freedom}")
    if freedom == 1:
        return float(np.tan(np.pi * 0.475))
    if freedom == 2:
        return float(0.95 * np.sqrt(2 / (1 - 0.95**2)))
    z, v = _Z, freedom
    return (
        z
        + (z**3 + z) / (4 * v)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * v**3)
        + (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / (92160 * v**4)
    )


def mean_interval(
    values: np.ndarray, groups: np.ndarray | None = None
) -> tuple[float, float] | None:
    """Returns the 95 % t interval of the mean of numbers of 0 or more, over bursts.

    The standard error is that of a ratio of burst totals (W. G. Cochran, Sampling Techniques,
    third edition, Wiley 1977, section 9A), which is the ordinary one where every picture is its
    own burst.

    Args:
        values: float64[n], none below 0.
        groups: int[n], burst of each, or None.

    Returns:
        Its ends, 0 at least; None where there are fewer than two bursts.
    """
    n = len(values)
    index = np.arange(n) if groups is None else np.unique(groups, return_inverse=True)[1]
    bursts = int(index.max()) + 1 if n else 0
    if bursts < 2:
        return None
    mean = float(values.mean())
    residuals = np.bincount(index, weights=values - mean)
    error = np.sqrt(bursts / (bursts - 1) * np.square(residuals).sum()) / n
    half = t_quantile(bursts - 1) * error
    return max(0.0, mean - half), mean + half


def difference_interval(
    a: float,
    a_interval: tuple[float, float],
    b: float,
    b_interval: tuple[float, float],
) -> tuple[float, float]:
    """Returns the 95 % interval of the difference a - b of two shares from their own intervals.

    Source: R. G. Newcombe, Interval estimation for the difference between independent proportions,
    Statistics in Medicine 17 (1998), method 10.
    """
    below = np.hypot(a - a_interval[0], b_interval[1] - b)
    above = np.hypot(a_interval[1] - a, b - b_interval[0])
    return max(-1.0, float(a - b - below)), min(1.0, float(a - b + above))
