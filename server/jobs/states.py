"""How far a job is and how long it will take, as pure functions and numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

#: How often a job is tried; a worker or the server may be ended in the middle of it.
MOST_ATTEMPTS = 3

#: Phases in their order, with the share of the whole that each is thought to take, by kind of job.
WEIGHTS: dict[str, dict[str, float]] = {
    # A training on vectors: what takes long is embedding, where something is not embedded yet.
    "vectors": {"read": 2, "embed": 60, "fit": 30, "evaluate": 6, "save": 2},
    "embedded": {"read": 4, "fit": 80, "evaluate": 12, "save": 4},
    # A training on pixels: the network takes long, and is converted at the end.
    "pictures": {"read": 4, "embed": 4, "fit": 74, "evaluate": 6, "convert": 10, "save": 2},
    "export": {"read": 5, "convert": 70, "evaluate": 20, "save": 5},
    "import": {"read": 10, "convert": 70, "evaluate": 10, "save": 10},
}


@dataclass
class Progress:
    """Turns fractions of phases into a fraction of the whole that never falls.

    Attributes:
        weights: phase to its share; they need not sum to 1.
        phase: the one it is in.
        fraction: of the whole, 0 to 1.
    """

    weights: Mapping[str, float]
    phase: str | None = None
    fraction: float = 0.0

    def advance(self, phase: str, fraction: float) -> bool:
        """Takes in how much of a phase is done, 0 to 1; returns whether the phase is a new one.

        A phase that is not in the table is shown, and moves nothing.
        """
        is_new = phase != self.phase
        self.phase = phase
        if phase in self.weights:
            names: Sequence[str] = list(self.weights)
            before = sum(self.weights[name] for name in names[: names.index(phase)])
            done = before + self.weights[phase] * min(1.0, max(0.0, fraction))
            # The end is told by the state of the job alone.
            self.fraction = max(self.fraction, min(0.99, done / sum(self.weights.values())))
        return is_new


@dataclass
class Pace:
    """Guesses the seconds that are left from how fast the fraction has grown lately.

    The speed is an exponential mean over `memory` seconds of time, so that phases that were
    quick count less and less. Nothing is said before `patience` seconds of growth: the start of
    the workers tells nothing of the work.
    """

    memory: float = 8.0
    patience: float = 1.0
    _start: float = field(default=0.0, init=False)
    _seen: tuple[float, float] | None = field(default=None, init=False)
    _speed: float | None = field(default=None, init=False)

    def left(self, now: float, fraction: float) -> float | None:
        """Returns the seconds left, None where nothing can be said yet.

        Args:
            now: seconds of a steady clock.
            fraction: of the whole, 0 to 1.
        """
        if self._seen is None or (self._speed is None and fraction <= self._seen[1]):
            self._start, self._seen = now, (now, fraction)
            return None
        since, before = self._seen
        passed = now - since
        if passed >= 0.1:
            speed = (fraction - before) / passed
            # At first a plain mean of all since the start, later one that forgets.
            share = min(1.0, max(passed / self.memory, passed / (now - self._start)))
            self._speed = (
                speed if self._speed is None else self._speed + share * (speed - self._speed)
            )
            self._seen = now, fraction
        if now - self._start < self.patience or not self._speed or self._speed <= 0:
            return None
        return round((1.0 - fraction) / self._speed, 1)


def is_long(job: Mapping[str, object]) -> bool:
    """Whether a job takes minutes: it trains a network on pixels."""
    from ..learning.recipes.table import RECIPES

    recipe = RECIPES.get(str(job["recipe"])) if job["kind"] == "training" else None
    return recipe is not None and recipe.needs_tensorflow


def next_of(
    waiting: Sequence[Mapping[str, object]],
    running: Sequence[Mapping[str, object]],
    workers: int = 1,
) -> Mapping[str, object] | None:
    """Chooses the job that is begun next.

    Long jobs leave one worker free, where there are two or more: what takes seconds must not wait
    for minutes. Of the others, whoever has the fewest running comes first, so that one project
    with many jobs does not keep the others waiting; then what is short, files that somebody waits
    for first; then the oldest.

    Args:
        waiting: queued jobs, the oldest first.
        running: those that run.
        workers: how many jobs can run at once.
    """
    busy: dict[object, int] = {}
    for job in running:
        busy[job["project_id"]] = busy.get(job["project_id"], 0) + 1
    is_full = sum(map(is_long, running)) >= max(1, workers - 1)
    return min(
        (job for job in waiting if not (is_full and is_long(job))),
        key=lambda job: (
            busy.get(job["project_id"], 0),
            is_long(job),
            job["kind"] == "training",
        ),
        default=None,
    )
