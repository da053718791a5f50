"""Looking at many pictures: in lots, over all cores, each picture once, in bounded memory.

Pictures are read here, a few lots ahead of the processes that look at them; what those see comes
back in the order of the pictures. Nothing is kept that has been handed on, so a hundred thousand
pictures need no more memory than a thousand, but for the array of their vectors, which is a
temporary file when it is large.
"""

from __future__ import annotations

import os
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from .backbones import Backbone
from .cache import EmbeddingCache, picture_key
from .crew import Crew, Job, look
from .errors import InputError
from .eyes import BackboneEyes, Eyes
from .task import Task

#: Where a picture file comes from: a path, or a function that returns its bytes.
Source = Path | Callable[[], bytes]

#: Pictures in a lot; fewer where their files have so many bytes together.
LOT = 32
LOT_BYTES = 4 * 1024 * 1024
#: Starting processes pays from so many pictures on that were never looked at, or so many bytes.
FEW, FEW_BYTES = 128, 16 * 1024 * 1024
#: Lots that are read ahead to find that out.
AHEAD = 16
#: Lots for each process that are read and not yet handed on.
LOTS_EACH = 3
#: Larger arrays are a temporary file that is mapped into memory.
MOST_IN_MEMORY = 64 * 1024 * 1024
#: Of one picture file, as in archives (`formats.archive.ArchiveLimits`).
MOST_FILE_BYTES = 64 * 1024 * 1024


@dataclass
class Look:
    """What came of one picture.

    Attributes:
        index: position of its source.
        data: its file's bytes; empty where it could not be read.
        row: what was seen; None where it could not be looked at.
        reason: why not, one or two sentences; empty where it could.
        key: of the cache; None without one.
        is_new: whether it was looked at now, not found in the cache.
    """

    index: int
    data: bytes = b""
    row: np.ndarray | None = None
    reason: str = ""
    key: bytes | None = None
    is_new: bool = False


@dataclass
class _Lot:
    """Pictures that go through together; `waiting` are positions that are yet to be looked at."""

    looks: list[Look]
    waiting: list[int] = field(default_factory=list)

    @property
    def bytes_waiting(self) -> int:
        return sum(len(self.looks[i].data) for i in self.waiting)

    def fill(self, position: int, seen: np.ndarray | str) -> None:
        """Notes what was seen of a picture, or why nothing."""
        one = self.looks[position]
        if isinstance(seen, str):
            one.reason = seen
        else:
            one.row, one.is_new = seen, True
        self.waiting.remove(position)


def processes_here() -> int:
    """Returns how many processes may compute at the same time: the cores that are ours."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1


def look_at(
    sources: Iterable[Source],
    eyes: Eyes,
    task: Task,
    processes: int | None = None,
    cache: EmbeddingCache | None = None,
) -> Iterator[Look]:
    """Looks at pictures and gives what came of each, in their order.

    Args:
        sources: taken one at a time, so they may be a generator.
        eyes: what to look through.
        task: asked several times a second whether to go on.
        processes: how many look at the same time; None for the cores that are ours. With 1, or
            with few pictures, it happens in this process.
        cache: where to look first, for eyes that have a fingerprint.

    Raises:
        InputError: the eyes cannot be opened.
        Cancelled: the task was cancelled; the processes have ended.
    """
    kept = cache if eyes.fingerprint else None
    wanted = processes_here() if processes is None else max(1, processes)
    for lot in _looked_at(_lots(sources, eyes, kept), eyes, task, wanted):
        if kept is not None:
            new = {one.key: one.row for one in lot.looks if one.is_new and one.key}
            kept.put(eyes.fingerprint, new)
        yield from lot.looks


def embed_all(
    sources: Sequence[Source],
    backbone: Backbone,
    cache: EmbeddingCache | None,
    task: Task,
    processes: int | None = None,
) -> tuple[np.ndarray, list[dict[str, Any]]]:
    """Embeds pictures.

    Args:
        sources: where they are.
        backbone: what to embed with.
        cache: where to look first and to keep what is computed; None for nowhere.
        task: is told the progress of the phase "embed", and in the end how many were looked up.
        processes: see `look_at`.

    Returns:
        float32[n, D], unit rows, nan where a picture was skipped (a large array is a temporary
        file that goes with it); and `{"index", "reason"}` of the skipped ones, in order.

    Raises:
        InputError: the backbone cannot be loaded.
        Cancelled: the task was cancelled.
    """
    vectors = _empty(len(sources), backbone.embedding_size)
    skipped: list[dict[str, Any]] = []
    new = 0
    task.progress("embed", 0.0)
    for one in look_at(sources, BackboneEyes(backbone), task, processes, cache):
        if one.row is None:
            vectors[one.index] = np.nan
            skipped.append({"index": one.index, "reason": one.reason})
        else:
            vectors[one.index] = one.row
            new += one.is_new
        if one.index % LOT == 0:
            task.progress("embed", one.index / len(sources))
    task.progress("embed", 1.0)
    if known := len(sources) - len(skipped) - new:
        task.log(f"{known:,} of {len(sources):,} pictures were looked at before.")
    if cache is not None and cache.problem:
        task.log(cache.problem, "warning")
    return vectors, skipped


def _empty(rows: int, columns: int) -> np.ndarray:
    """Makes room for vectors: float32[rows, columns]."""
    if rows * columns * 4 <= MOST_IN_MEMORY:
        return np.empty((rows, columns), np.float32)
    with tempfile.TemporaryFile() as file:
        return np.memmap(file, np.float32, "w+", shape=(rows, columns))


def _lots(sources: Iterable[Source], eyes: Eyes, cache: EmbeddingCache | None) -> Iterator[_Lot]:
    """Reads pictures, looks them up, and gives them lot by lot."""
    looks: list[Look] = []
    size = 0
    for index, source in enumerate(sources):
        looks.append(one := _read(index, source))
        if cache is not None and one.data:
            one.key = picture_key(one.data)
        size += len(one.data)
        if len(looks) == LOT or size >= LOT_BYTES:
            yield _looked_up(looks, eyes, cache)
            looks, size = [], 0
    if looks:
        yield _looked_up(looks, eyes, cache)


def _read(index: int, source: Source) -> Look:
    try:
        if isinstance(source, Path):
            size = source.stat().st_size
            if size > MOST_FILE_BYTES:
                return Look(
                    index, reason=f"The file has {size:,} bytes; the limit is {MOST_FILE_BYTES:,}."
                )
            data = source.read_bytes()
        else:
            data = source()
    except InputError as error:
        return Look(index, reason=f"{error}")
    except OSError as error:
        return Look(index, reason=f"It cannot be opened: {error.strerror or error}.")
    return Look(index, data) if data else Look(index, reason="The file is empty.")


def _looked_up(looks: list[Look], eyes: Eyes, cache: EmbeddingCache | None) -> _Lot:
    if cache is not None:
        found = cache.get(eyes.fingerprint, [one.key for one in looks if one.key])
        for one in looks:
            if one.key is not None:
                one.row = found.get(one.key)
    return _Lot(looks, [i for i, one in enumerate(looks) if one.row is None and not one.reason])


def _looked_at(lots: Iterator[_Lot], eyes: Eyes, task: Task, processes: int) -> Iterator[_Lot]:
    """Looks at what is waiting in lots, here or in processes of its own, and hands them on."""
    while True:
        ahead: list[_Lot] = []
        pictures = size = 0
        is_worth = False
        for lot in lots:
            task.check()
            if not ahead and not lot.waiting:
                yield lot
                continue
            ahead.append(lot)
            pictures += len(lot.waiting)
            size += lot.bytes_waiting
            is_worth = pictures >= FEW or size >= FEW_BYTES
            if is_worth or processes == 1 or len(ahead) == AHEAD:
                break
        if not ahead:
            return
        if is_worth and processes > 1:
            with Crew(eyes, processes, task) as crew:
                yield from _through(crew, chain(ahead, lots), LOTS_EACH * processes)
            return
        see = eyes.open()
        for lot in ahead:
            for position in list(lot.waiting):
                task.check()
                (seen,) = look(see, [lot.looks[position].data])
                lot.fill(position, seen)
            yield lot


def _through(crew: Crew, lots: Iterator[_Lot], most: int) -> Iterator[_Lot]:
    """Sends lots through processes and gives them back in their order, at most `most` at a time."""
    begun: deque[_Lot] = deque()
    jobs: dict[int, tuple[_Lot, list[int]]] = {}
    number = 0
    is_open = True
    while is_open or begun:
        while is_open and crew.has_room and len(begun) < most:
            lot = next(lots, None)
            if lot is None:
                is_open = False
                break
            begun.append(lot)
            if lot.waiting:
                number += 1
                jobs[number] = lot, list(lot.waiting)
                crew.give(Job(number, [lot.looks[i].data for i in lot.waiting]))
        while begun and not begun[0].waiting:
            yield begun.popleft()
        if not begun:
            continue
        for name, seen in crew.wait():
            # Part of a job whose process has ended: (its name, position in it).
            job, start = name if isinstance(name, tuple) else (name, 0)
            lot, positions = jobs[job]
            for position, row in zip(positions[start:], seen, strict=False):
                lot.fill(position, row)
            if not lot.waiting:
                del jobs[job]
