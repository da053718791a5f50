"""What every format is read into and written from: a project as plain data."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..learning.backbones import DEFAULT_NAME, Backbone
from ..learning.errors import InputError

MAX_LABEL = 100
MAX_NAME = 200
MAX_CLASSES = 1000
#: Where a sample can come from.
SOURCES = ("camera", "file", "video", "drawing", "import", "upload")


@dataclass(frozen=True)
class ClassData:
    """A class: its label, and where the file has them its id (a UUID) and colour ("#rrggbb")."""

    label: str
    id: str | None = None
    color: str | None = None


@dataclass(frozen=True)
class SampleData:
    """An example.

    Attributes:
        class_index: position of its class in the project's list.
        read: returns the bytes of its picture (any picture format); None where there is only a
            vector. Raises InputError where the file turns out to be damaged. It works until the
            project is closed.
        id: a UUID, or None.
        burst: samples recorded in one go share it.
        source: one of `SOURCES`.
        created_at: ISO 8601 in UTC, or None.
        name: where it was in the file, for messages.
        contributor: who showed it, where that was not the project's own page.
    """

    class_index: int
    read: Callable[[], bytes] | None = None
    id: str | None = None
    burst: str | None = None
    source: str = "import"
    created_at: str | None = None
    name: str = ""
    contributor: str | None = None


@dataclass(frozen=True)
class AssetData:
    """A picture or sound that outputs of the project use.

    Attributes:
        id: the UUID by which `settings["outputs"]` names it.
        name: what the person calls it.
        mime: told from its bytes.
        read: returns the bytes; works until the project is closed.
    """

    id: str
    name: str
    mime: str
    read: Callable[[], bytes]


@dataclass(frozen=True)
class BackboneRef:
    """Which backbone made the vectors."""

    name: str
    fingerprint: str
    embedding_size: int


@dataclass
class ProjectData:
    """A project, its pictures not yet in memory.

    Attributes:
        name: at most 200 characters.
        classes: in their order.
        samples: in their order.
        vectors: float32[len(samples), D], unit rows; a row of nan where a sample has none; None
            where no sample has.
        backbone: which made the vectors; None where the file does not say.
        settings: those that the file has.
        assets: pictures and sounds that the outputs in `settings` use.
        notes: sentences about what was left out and why, for the person who imports.
        close: frees the file that `SampleData.read` reads from.
    """

    name: str
    classes: list[ClassData]
    samples: list[SampleData]
    vectors: np.ndarray | None = None
    backbone: BackboneRef | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    assets: list[AssetData] = field(default_factory=list)
    close: Callable[[], None] = lambda: None

    def __enter__(self) -> ProjectData:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def embedded(self) -> np.ndarray:
        """Returns the positions of the samples that have a vector, int64[m]."""
        if self.vectors is None:
            return np.zeros(0, np.int64)
        return np.flatnonzero(~np.isnan(self.vectors).any(axis=1))

    def require_pictures(self) -> None:
        """Raises InputError if no sample has a picture."""
        if not any(sample.read for sample in self.samples):
            raise InputError(
                "There are no pictures to write",
                f"None of the {len(self.samples)} samples of {self.name} has one.",
                "Choose a format of embeddings, or add pictures.",
                kind="mismatch",
            )

    def vectors_by_class(self) -> list[tuple[str, np.ndarray]]:
        """Returns label and float32[n, D] of every class that has vectors, in order.

        Raises:
            InputError: no sample has a vector.
        """
        rows = self.embedded()
        if not len(rows):
            raise InputError(
                "There are no embeddings to write",
                f"None of the {len(self.samples)} samples of {self.name} has one.",
                "Convert the project's backbone, or choose a format with pictures.",
                kind="mismatch",
            )
        labels = np.array([self.samples[i].class_index for i in rows])
        return [
            (c.label, self.vectors[rows[labels == index]])
            for index, c in enumerate(self.classes)
            if (labels == index).any()
        ]


@dataclass(frozen=True)
class Decision:
    """What to do with the vectors of an import.

    Attributes:
        action: "same": keep the vectors, they are `backbone`'s. "re-embed": drop them and embed
            the pictures with `backbone`. "refuse": neither is possible.
        backbone: the one to use; None when refused.
        message: a sentence for the person; empty where there is nothing to say.
    """

    action: str
    backbone: Backbone | None
    message: str = ""


def decide(
    project: ProjectData, available: Sequence[Backbone], preferred: str = DEFAULT_NAME
) -> Decision:
    """Decides whether an import's vectors can be used with the backbones that are here.

    Args:
        project: what was read.
        available: the backbones here, at least one.
        preferred: the name of the one to use where the project does not decide.
    """
    ordered = sorted(available, key=lambda b: b.name != preferred)
    if not ordered:
        return Decision("refuse", None, "There is no backbone here to look at pictures with.")
    reference = project.backbone
    pictures = all(sample.read is not None for sample in project.samples)
    if reference is not None:
        for backbone in ordered:
            if backbone.fingerprint == reference.fingerprint:
                return Decision("same", backbone)
        fallback = next((b for b in ordered if b.name == reference.name), ordered[0])
        if pictures:
            return Decision(
                "re-embed",
                fallback,
                f"The backbone {reference.name} that this project was taught with is not here:"
                f" its pictures are looked at anew by {fallback.title}.",
            )
        return Decision(
            "refuse",
            None,
            f"This project was taught with the backbone {reference.name} (fingerprint"
            f" {reference.fingerprint[:12]}), which is not here, and not all of its examples have"
            f" a picture to look at anew. Convert {reference.name} first.",
        )
    if pictures:
        return Decision("re-embed", ordered[0])
    size = 0 if project.vectors is None else project.vectors.shape[1]
    for backbone in ordered:
        if backbone.embedding_size == size:
            return Decision(
                "same",
                backbone,
                f"The file does not say which backbone made its numbers. They are {size} for each"
                f" example, like those of {backbone.title}, and are taken to be its. If nothing is"
                " recognised, they came from another one.",
            )
    sizes = ", ".join(f"{b.name}: {b.embedding_size}" for b in ordered)
    return Decision(
        "refuse",
        None,
        f"The file has {size} numbers for each example and no pictures, and no backbone here makes"
        f" {size} numbers ({sizes}). Convert the one that made them.",
    )


def clean_text(value: object, longest: int) -> str:
    """Makes a label or name of whatever a file says: composed, without control characters."""
    text = value if isinstance(value, str) else str(value)
    text = unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode())
    text = "".join(" " if unicodedata.category(c) in ("Cc", "Cs") else c for c in text)
    return re.sub(r"\s+", " ", text).strip()[:longest].strip()


def clean_labels(values: Iterable[object]) -> list[str]:
    """Makes different, usable labels of what a file says, in the same order.

    Raises:
        InputError: there are more than 1,000.
    """
    labels: list[str] = []
    seen: set[str] = set()
    for value in values:
        if len(labels) == MAX_CLASSES:
            raise InputError(
                "There are too many classes",
                f"The limit is {MAX_CLASSES:,}.",
                kind="too-large",
            )
        wanted = label = clean_text(value, MAX_LABEL) or f"Class {len(labels) + 1}"
        number = 2
        while label in seen:
            ending = f" ({number})"
            label = wanted[: MAX_LABEL - len(ending)] + ending
            number += 1
        seen.add(label)
        labels.append(label)
    return labels


def natural_key(text: str) -> list[tuple[int, int, str]]:
    """Gives a sort key that puts "Class 2" before "Class 10" and never ties."""
    parts = re.split(r"(\d{1,15})", text.casefold())
    key = [(0, int(p), "") if i % 2 else (1, 0, p) for i, p in enumerate(parts)]
    return [*key, (-1, 0, text)]
