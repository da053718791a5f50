"""What a classifier is trained and judged on: pictures that are read when they are needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from .backbones import Backbone
from .errors import InputError
from .pictures import CAPTURE_SIZE, decode_square


@dataclass(frozen=True)
class Examples:
    """Labelled pictures, not in memory.

    Attributes:
        ids: a name for each that a person can find it by: sample id, or path within a folder.
        labels: int64[N], class of each.
        groups: int64[N]: those of one recording burst share a number.
        classes: labels of the classes, in their order.
        read: returns the bytes of a picture file by its position. Raises InputError. None where
            there are only vectors.
        vectors: float32[N, D], unit rows made by `backbone`, or None.
        backbone: whose vectors they are, or are to be.
        class_ids: ids of the classes in a project, or None.
    """

    ids: Sequence[str]
    labels: np.ndarray
    groups: np.ndarray
    classes: Sequence[str]
    read: Callable[[int], bytes] | None = None
    vectors: np.ndarray | None = None
    backbone: Backbone | None = None
    class_ids: Sequence[str] | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def subset(self, rows: np.ndarray) -> Examples:
        """Returns some of them, in the order of `rows` (int[n])."""
        read = self.read
        return replace(
            self,
            ids=[self.ids[i] for i in rows],
            labels=self.labels[rows],
            groups=self.groups[rows],
            read=None if read is None else lambda i: read(int(rows[i])),
            vectors=None if self.vectors is None else self.vectors[rows],
        )

    def squares(self, rows: np.ndarray) -> np.ndarray:
        """Reads and decodes some pictures.

        Args:
            rows: int[n], their positions.

        Returns:
            uint8[n, 224, 224, 3].

        Raises:
            InputError: there are no pictures, or one of them cannot be read.
        """
        if self.read is None:
            raise InputError(
                "There are no pictures to look at",
                "Only what the backbone has seen in them is kept; this needs the pictures.",
                "Record them again, or use knn, linear or head on the embedding.",
            )
        squares = np.empty((len(rows), CAPTURE_SIZE, CAPTURE_SIZE, 3), np.uint8)
        for square, row in zip(squares, rows, strict=True):
            try:
                square[:] = decode_square(self.read(int(row)))
            except InputError as error:
                detail = f"{self.ids[row]}: {error.title}. {error.detail}".strip()
                raise InputError("A picture cannot be read", detail, error.hint) from error
        return squares

    def values(self) -> np.ndarray:
        """Returns the number that each example's class is named by, float64[N].

        Raises:
            InputError: a class is not named by a number.
        """
        numbers = []
        for label in self.classes:
            try:
                number = float(str(label).replace(",", "."))
            except ValueError:
                number = float("nan")
            if not np.isfinite(number):
                raise InputError(
                    "A regression needs classes that are named by numbers",
                    f"Received the class {label!r}; expected a number such as 0, 0.5 or 100.",
                    "Rename the classes to the values that their pictures stand for.",
                )
            numbers.append(number)
        return np.array(numbers)[self.labels]
