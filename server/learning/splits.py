"""Who is trained on, who steers, who judges: split by seed, by class and by recording burst.

Neighbouring frames of one held button are nearly the same picture. If some are trained on and
others judge, the judgement is of memory, not of understanding; so a burst stays together.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

#: A burst that has to be cut loses this many frames at each cut: (from so many frames, lost).
_GAPS = ((20, 2), (8, 1), (0, 0))


@dataclass(frozen=True)
class Split:
    """Positions of examples, int64 each, rising, none in two of them.

    Attributes:
        train, validation, test: which are which; the last two may be empty.
        warnings: sentences about what could not be done as it should be.
        by: "burst" where whole bursts stayed together, "moment" where at least one had to be cut
            in time, "none" where every picture stands for itself or nothing was put aside.
    """

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray
    warnings: Sequence[str] = ()
    by: str = "burst"


def split(
    labels: np.ndarray,
    groups: np.ndarray,
    *,
    validation: float,
    test: float,
    seed: int,
    classes: Sequence[str] | None = None,
) -> Split:
    """Splits examples so that every class has its share of each part, counted in pictures.

    Whole bursts go to one part, drawn by the seed. A class of two bursts is trained on one and
    judged on the other; the validation pictures come third. A class of one burst is cut in time:
    first train, then validation, then test, with a gap of a frame or two between. A class of one
    picture is trained on.

    Args:
        labels: int[N], class of each example.
        groups: int[N], recording burst of each; examples of a burst are in the order of time.
        validation, test: shares of the pictures, 0 to below 1, in sum below 1.
        seed: of the draw; the same seed gives the same split.
        classes: labels for the warnings; numbers from 1 where None.

    Returns:
        A split in which every class that has examples has at least one in `train`.
    """
    labels = np.asarray(labels, np.int64)
    groups = np.unique(np.asarray(groups), return_inverse=True)[1].reshape(-1)
    if len(labels) != len(groups):
        raise ValueError(f"expected a group for each label, got {len(groups)} for {len(labels)}")
    if not (validation >= 0 and test >= 0 and validation + test < 1):
        raise ValueError(f"expected shares with a sum below 1, got {validation} and {test}")
    every = np.arange(len(labels))
    none = every[:0]
    if not len(labels) or (validation == 0 and test == 0):
        return Split(every, none, none, by="none")
    maker = _Maker(labels, groups, validation, test, np.random.default_rng(seed))
    part = maker.parts()
    names = [str(i + 1) for i in range(labels.max() + 1)] if classes is None else classes
    alone = len(np.unique(groups)) == len(groups)
    return Split(
        *(np.flatnonzero(part == p) for p in (_TRAIN, _VALIDATION, _TEST)),
        warnings=_warnings(maker, part, names),
        by="moment" if maker.cut_classes else "none" if alone else "burst",
    )


def with_twins(groups: np.ndarray, keys: Sequence[Hashable]) -> np.ndarray:
    """Joins the groups that share a picture, so that no copy is on both sides of a split.

    Args:
        groups: int[N].
        keys: N values, equal where the pictures are the same to the bit.

    Returns:
        int64[N]: examples whose groups were joined, directly or over others, share a number.
    """
    numbers = np.unique(np.asarray(groups), return_inverse=True)[1].reshape(-1)
    leader = list(range(int(numbers.max(initial=-1)) + 1))

    def root(group: int) -> int:
        while leader[group] != group:
            leader[group] = leader[leader[group]]
            group = leader[group]
        return group

    first: dict[Hashable, int] = {}
    for key, group in zip(keys, numbers.tolist(), strict=True):
        one, other = root(first.setdefault(key, group)), root(group)
        leader[max(one, other)] = min(one, other)
    joined = np.array([root(group) for group in range(len(leader))], np.int64)
    return joined[numbers]


def folds(labels: np.ndarray, groups: np.ndarray, *, most: int, seed: int) -> np.ndarray:
    """Deals examples out for cross-validation: whole bursts, every class over all folds.

    A class of one burst is cut in time into as many stretches; a class of one example is in no
    fold, so that it is always trained on.

    Args:
        labels: int[N], class of each example.
        groups: int[N], recording burst of each.
        most: how many folds at most; fewer where no class has so many bursts.
        seed: of the draw.

    Returns:
        int64[N], the fold of each example from 0 on, or -1. Whichever fold is left out, every
        class has an example in the others.
    """
    labels = np.asarray(labels, np.int64)
    groups = np.unique(np.asarray(groups), return_inverse=True)[1].reshape(-1)
    random = np.random.default_rng(seed)
    fold = np.full(len(labels), -1, np.int64)
    # Almost always a burst is of one class. Where not, it goes with its most frequent class.
    owner = _owners(labels, groups)[groups] if len(labels) else labels
    members = [np.flatnonzero(owner == c) for c in range(labels.max(initial=-1) + 1)]
    units = [_units(labels[rows], groups[rows]) for rows in members]
    count = min(most, max((int(unit.max(initial=-1)) + 1 for unit in units), default=0))
    if count < 2:
        return fold
    load = np.zeros(count)
    for rows, unit in zip(members, units, strict=True):
        sizes = np.bincount(unit)
        if len(sizes) < 2:
            continue
        order = random.permutation(len(sizes))
        order = order[np.argsort(-sizes[order], kind="stable")]
        own = np.zeros(count)
        goes = np.empty(len(sizes), np.int64)
        for u in order:
            goes[u] = np.lexsort((load, own))[0]
            own[goes[u]] += sizes[u]
            load[goes[u]] += sizes[u]
        fold[rows] = goes[unit]
    for c in np.unique(labels):
        own_folds = np.unique(fold[labels == c])
        if len(own_folds) == 1 and own_folds[0] >= 0:  # it would be missing from the others
            fold[np.isin(groups, groups[labels == c])] = -1
    return fold


def _owners(labels: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Returns the most frequent class of each burst, the lower of equals: int64[bursts]."""
    classes = int(labels.max()) + 1
    key, count = np.unique(groups * classes + labels, return_counts=True)
    group, label = np.divmod(key, classes)
    owner = np.empty(int(groups.max()) + 1, np.int64)
    order = np.lexsort((-label, count))  # the last one written is the most frequent
    owner[group[order]] = label[order]
    return owner


def _units(labels: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Numbers the bursts of a class; an only burst counts as stretches of time, up to ten."""
    unit = np.unique(groups, return_inverse=True)[1].reshape(-1)
    if len(unit) < 2 or unit.max() > 0:
        return unit
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        unit[rows] = np.arange(len(rows)) * min(10, len(unit)) // len(rows)
    return np.unique(unit, return_inverse=True)[1].reshape(-1)


_TRAIN, _VALIDATION, _TEST, _LEFT_OUT = range(4)


class _Maker:
    """One draw.

    Attributes:
        cut_classes: those whose only burst had to be cut.
    """

    def __init__(
        self,
        labels: np.ndarray,
        groups: np.ndarray,
        validation: float,
        test: float,
        random: np.random.Generator,
    ):
        self.labels, self.groups = labels, groups
        self.validation, self.test = validation, test
        self.random = random
        self.counts = np.bincount(labels)
        self.cut_classes: list[int] = []

    def parts(self) -> np.ndarray:
        """Returns the part of each example, int64[N]."""
        labels, groups = self.labels, self.groups
        pairs = np.unique(np.stack([labels, groups]), axis=1)
        bursts = np.bincount(pairs[0], minlength=len(self.counts))
        self.cut_classes = [
            int(c) for c in np.flatnonzero((bursts == 1) & (self.counts > 1)) if self._can_cut(c)
        ]
        is_cut = np.zeros(groups.max() + 1, bool)
        is_cut[pairs[1][np.isin(pairs[0], self.cut_classes)]] = True
        # Almost always a burst is of one class. Where not, it goes with its most frequent class.
        sizes = np.bincount(groups)
        owner = _owners(labels, groups)
        part_of = np.zeros(len(sizes), np.int64)
        for c in range(len(self.counts)):
            own = np.flatnonzero((owner == c) & ~is_cut)
            own = own[self.random.permutation(len(own))]
            self._share_out(own, sizes[own], part_of)
        self._keep_one_for_training(pairs, is_cut, part_of)
        part = part_of[groups]
        for g in np.flatnonzero(is_cut):
            for c in np.unique(labels[groups == g]):
                rows = np.flatnonzero((groups == g) & (labels == c))
                part[rows] = self._stretches(len(rows))
        return part

    def _can_cut(self, c: int) -> bool:
        """Whether cutting a class in time would put anything aside."""
        return bool((self._stretches(int(self.counts[c])) != _TRAIN).any())

    def _share_out(self, own: np.ndarray, sizes: np.ndarray, part_of: np.ndarray) -> None:
        """Puts bursts of a class, in the order of the draw, to test and to validation."""
        total = int(sizes.sum())
        free = np.ones(len(own), bool)
        # Test first: with two bursts an honest judgement is worth more than good steering.
        for part, share in ((_TEST, self.test), (_VALIDATION, self.validation)):
            target = share * total
            later = part == _TEST and free.sum() > 2 and self.validation * total >= 0.5
            allowed = free.sum() - 1 - later
            needed = target >= 0.5 or (part == _TEST and target > 0)
            if allowed < 1 or not needed:
                continue
            taken, pictures = [], 0
            for i in np.flatnonzero(free):
                if len(taken) == allowed or pictures >= target:
                    break
                if abs(pictures + sizes[i] - target) < abs(pictures - target):
                    taken.append(i)
                    pictures += sizes[i]
            if not taken:  # every burst is more than twice what is wanted, or none is wanted yet
                taken = [np.flatnonzero(free)[np.argmin(sizes[free])]]
            free[taken] = False
            part_of[own[taken]] = part

    def _keep_one_for_training(
        self, pairs: np.ndarray, is_cut: np.ndarray, part_of: np.ndarray
    ) -> None:
        """Brings back a burst for each class that has nothing to be trained on."""
        label, group = pairs
        trained = np.zeros(len(self.counts), bool)
        trained[label[(part_of[group] == _TRAIN) | is_cut[group]]] = True
        for c in np.flatnonzero(~trained & (self.counts > 0)):
            part_of[group[label == c][0]] = _TRAIN

    def _stretches(self, n: int) -> np.ndarray:
        """Cuts n frames in time: int64[n]."""
        gap = next(lost for least, lost in _GAPS if n >= least)
        wanted = [(_VALIDATION, self.validation), (_TEST, self.test)]
        sizes = [
            (part, max(round(share * n), int(part == _TEST and share > 0)))
            for part, share in wanted
        ]
        part = np.zeros(n, np.int64)
        end = n
        for which, size in reversed(sizes):
            if size and end - size - gap >= 1:
                part[end - size : end] = which
                part[end - size - gap : end - size] = _LEFT_OUT
                end -= size + gap
        return part


def _warnings(maker: _Maker, part: np.ndarray, names: Sequence[str]) -> list[str]:
    warnings = []
    if maker.cut_classes:
        which = _listed([names[c] for c in maker.cut_classes])
        several = len(maker.cut_classes) > 1
        gap = int((part == _LEFT_OUT).sum())
        left_out = f" ({gap} between them are left out)" if gap else ""
        warnings.append(
            f"All pictures of {which} come from one recording{' each' if several else ''}, so"
            f" neighbouring frames are on both sides of the split{left_out} and the accuracy is"
            f" too good. Record {'them' if several else 'it'} at least once more, in another place"
            " or light, to learn how good it really is."
        )
    judged = np.bincount(maker.labels[part == _TEST], minlength=len(maker.counts)) > 0
    unjudged = [names[c] for c in np.flatnonzero((maker.counts > 0) & ~judged)]
    if maker.test and unjudged:
        warnings.append(
            f"There are too few pictures of {_listed(unjudged)} to keep one aside, so nothing is"
            " known of how well it is recognised. Add some."
        )
    return warnings


def _listed(names: Sequence[str], most: int = 5) -> str:
    """Lists names as a sentence does."""
    shown = [f"“{name}”" for name in names[:most]]
    if len(names) > most:
        shown.append(f"{len(names) - most} other classes")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
