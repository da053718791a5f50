"""Random squares out of large pictures, and the pixels of many pictures in bounded memory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from ..errors import InputError
from ..examples import Examples
from ..pictures import decode_square, decode_upright
from ..resampling import resample
from ..task import Task

#: Above this many bytes pixels are read from the disk when they are needed.
IN_MEMORY = 256 * 1024 * 1024
#: Pictures that are decoded between two looks at whether to stop.
_AT_ONCE = 16


@dataclass(frozen=True)
class Cut:
    """How many random squares are cut out of each picture, and their width in its own pixels."""

    squares: int = 0
    pixels: int = 224


#: No squares, the middle of each picture alone.
WHOLE = Cut()


@dataclass(frozen=True)
class Pixels:
    """Pictures as a network sees them.

    Attributes:
        values: uint8[n, S, S, 3], in memory or mapped from a file.
        labels: int64[n].
        rows: int64[n], which example each is of: of one there are several if it was cut.
        skipped: positions of examples that could not be read, and why.
    """

    values: np.ndarray
    labels: np.ndarray
    rows: np.ndarray
    skipped: Sequence[tuple[int, str]] = ()

    def __len__(self) -> int:
        return len(self.labels)


def random_squares(
    picture: np.ndarray, cut: Cut, random: np.random.Generator
) -> Iterator[np.ndarray]:
    """Cuts squares out of a picture at random places.

    Args:
        picture: uint8[height, width, 3].
        cut: how many, and how large; a side that is shorter makes the squares smaller.
        random: where chance comes from.

    Yields:
        uint8[s, s, 3]. None where the picture is no larger than one square: they would all be
        its middle.
    """
    height, width = picture.shape[:2]
    side = min(cut.pixels, height, width)
    if height == width == side:
        return
    for _ in range(cut.squares):
        top = int(random.integers(0, height - side + 1))
        left = int(random.integers(0, width - side + 1))
        yield picture[top : top + side, left : left + side]


def _shrunk(square: np.ndarray, size: int) -> np.ndarray:
    return np.floor(resample(square, size) + np.float32(0.5)).astype(np.uint8)


def views(data: bytes, size: int, cut: Cut, seed: Sequence[int]) -> list[np.ndarray]:
    """Decodes a picture to its middle, as it is seen when it is judged, and to random squares.

    Args:
        data: a picture file.
        size: width and height of the result in pixels.
        cut: what to cut out of the picture as it was taken.
        seed: numbers that chance starts from.

    Returns:
        uint8[size, size, 3] each, the middle first.

    Raises:
        InputError: it cannot be read.
    """
    found = [_shrunk(decode_square(data), size)]
    if cut.squares:
        random = np.random.default_rng(seed)
        found += [_shrunk(s, size) for s in random_squares(decode_upright(data), cut, random)]
    return found


@contextmanager
def read_pixels(
    examples: Examples,
    rows: np.ndarray,
    size: int,
    task: Task,
    *,
    cut: Cut = WHOLE,
    seed: int = 0,
    threads: int = 1,
    begin: float = 0.0,
    end: float = 1.0,
) -> Iterator[Pixels]:
    """Decodes examples for the time of a `with` block; what is large lies in a temporary file.

    Args:
        examples: have `read`.
        rows: int[n], which of them, in this order.
        size: width and height in pixels.
        task: hears of the phase "read", from `begin` to `end`, and says whether to stop.
        cut: random squares to take besides the middle of each.
        seed: of their places; they depend on it and on the example alone.
        threads: how many decode.

    Raises:
        InputError: there are only vectors, or no picture can be read.
        OSError: there is no room for the temporary file.
        Cancelled: somebody has stopped it.
    """
    if examples.read is None:
        raise InputError(
            "There are no pictures to learn from",
            "The examples are vectors alone; this recipe looks at the pictures themselves.",
            "Choose a recipe that learns from vectors, such as linear or head.",
        )
    expected = len(rows) * (1 + cut.squares) * size * size * 3
    # Windows would not remove a file that somebody still has mapped.
    with tempfile.TemporaryDirectory(prefix="show-and-tell-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "pixels" if expected > IN_MEMORY else None
        kept: list[np.ndarray] = []
        of: list[int] = []
        skipped: list[tuple[int, str]] = []
        look = partial(_look, examples, size, cut, seed)
        with (
            ThreadPoolExecutor(threads) as pool,
            path.open("wb") if path else _nothing() as file,
        ):
            for start in range(0, len(rows), _AT_ONCE):
                task.progress("read", begin + (end - begin) * start / len(rows))
                some = [int(row) for row in rows[start : start + _AT_ONCE]]
                for row, result in zip(some, pool.map(look, some), strict=True):
                    if isinstance(result, InputError):
                        skipped.append((row, str(result)))
                        task.log(f"Left out {examples.ids[row]}: {result}", "warning")
                        continue
                    of += [row] * len(result)
                    if file:
                        file.writelines(np.ascontiguousarray(view).data for view in result)
                    else:
                        kept += result
        if len(rows) and not of:
            raise InputError(
                "None of the pictures can be read",
                f"{len(skipped)} were tried; the first: {skipped[0][1]}",
            )
        shape = (len(of), size, size, 3)
        values = np.memmap(path, np.uint8, "r", shape=shape) if path else np.empty(shape, np.uint8)
        for i, view in enumerate(kept):
            values[i] = view
        kept.clear()
        positions = np.array(of, np.int64)
        yield Pixels(values, examples.labels[positions], positions, skipped)


def _look(
    examples: Examples, size: int, cut: Cut, seed: int, row: int
) -> list[np.ndarray] | InputError:
    assert examples.read is not None
    try:
        return views(examples.read(row), size, cut, [seed, row])
    except InputError as error:
        return error


@contextmanager
def _nothing() -> Iterator[None]:
    yield None


def notes_of(parts: Sequence[Pixels]) -> list[str]:
    """Says how many pictures could not be read, if any."""
    count = sum(len(part.skipped) for part in parts)
    if not count:
        return []
    words = ("picture", "was") if count == 1 else ("pictures", "were")
    return [f"{count} {words[0]} could not be read and {words[1]} left out."]
