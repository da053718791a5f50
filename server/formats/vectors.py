"""What formats of vectors without pictures share."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..learning.embedding import unit_length
from ..learning.errors import InputError
from .project import ClassData, ProjectData, SampleData, clean_labels

_MOST_JSON = 256 * 1024 * 1024
_MOST_ROWS = 200_000
_MOST_SIZE = 65_536


def damaged(detail: str) -> InputError:
    """Makes the error of a file whose content contradicts itself."""
    return InputError("The file is damaged", detail, "Save it again where it comes from.")


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number that can be compared")


def read_json(path: Path) -> Any:
    """Reads a JSON file.

    Raises:
        InputError: it is no JSON, too large, or has numbers that are not finite.
    """
    size = path.stat().st_size
    if size > _MOST_JSON:
        raise InputError(
            "The file is too large",
            f"It has {size:,} bytes; the limit for JSON is {_MOST_JSON:,}.",
            "Save fewer examples.",
            kind="too-large",
        )
    try:
        return json.loads(path.read_bytes(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise damaged(f"It is no JSON ({error}).") from error


def unit_rows(vectors: np.ndarray, what: str) -> np.ndarray:
    """Scales rows to unit length.

    Raises:
        InputError: a number is not finite.
    """
    if not np.isfinite(vectors).all():
        raise damaged(f"{what} has numbers that are not finite.")
    return unit_length(vectors)


def matrix(numbers: object, shape: object, what: str) -> np.ndarray:
    """Makes float32[n, D] of a list of numbers and its shape.

    Args:
        numbers: n * D numbers.
        shape: `[n, D]`.
        what: names the class in messages.

    Raises:
        InputError: they do not fit.
    """
    if (
        not isinstance(shape, list)
        or len(shape) != 2
        or not all(type(length) is int for length in shape)
        or not (0 <= shape[0] <= _MOST_ROWS and 1 <= shape[1] <= _MOST_SIZE)
    ):
        raise damaged(f"{what} has the shape {shape!r:.60}; expected [examples, numbers each].")
    if not isinstance(numbers, list) or len(numbers) != shape[0] * shape[1]:
        found = f"{len(numbers):,} numbers" if isinstance(numbers, list) else "no list"
        raise damaged(f"{what} has {found}; its shape {shape} asks for {shape[0] * shape[1]:,}.")
    try:
        # Through float64, so that text and nested lists are refused instead of guessed at.
        array = np.array(numbers, dtype=np.float64) if numbers else np.zeros(0)
    except (ValueError, TypeError, OverflowError) as error:
        raise damaged(f"{what} has values that are no numbers.") from error
    if array.ndim != 1 or any(isinstance(v, str | bool) for v in numbers):
        raise damaged(f"{what} has values that are no numbers.")
    with np.errstate(over="ignore"):
        return array.astype(np.float32).reshape(shape)


def project_of(name: str, labels: Sequence[object], parts: Sequence[np.ndarray]) -> ProjectData:
    """Makes a project without pictures: one float32[n, D] for each label.

    Raises:
        InputError: there is no example, or the D differ.
    """
    sizes = sorted({part.shape[1] for part in parts if len(part)})
    if len(sizes) != 1:
        found = "no examples" if not sizes else f"examples of {sizes[0]} and of {sizes[1]} numbers"
        raise damaged(f"It has {found}; expected examples of one size.")
    notes = []
    samples: list[SampleData] = []
    kept = []
    for index, part in enumerate(parts):
        if not len(part):
            continue
        unit = unit_rows(part, f"The class {str(labels[index])[:60]!r}")
        rows = np.flatnonzero(unit.any(axis=1))
        if len(rows) < len(unit):
            notes.append(f"Examples left out, being all zero: {len(unit) - len(rows)}.")
        kept.append(unit[rows])
        samples += [
            SampleData(index, name=f"example {len(samples) + i + 1}") for i in range(len(rows))
        ]
    if not samples:
        raise damaged("All its examples are zero.")
    notes.append("The file has numbers but no pictures: its examples cannot be looked at.")
    return ProjectData(
        name=name,
        classes=[ClassData(label) for label in clean_labels(labels)],
        samples=samples,
        vectors=np.concatenate(kept),
        notes=notes,
    )
