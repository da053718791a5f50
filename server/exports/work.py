"""What every exporter gets and gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ..learning.backbones import Backbone
from ..learning.classifier import Classifier
from ..learning.pictures import to_input
from ..learning.task import Task
from .graph import Graph
from .packing import labels_text
from .whole import graph_of

#: Pictures [n, S, S, 3] in -1..1 to answers [n, outputs].
Runner = Callable[[np.ndarray], np.ndarray]
FORMAT, VERSION = "showtell-export", 1


@dataclass(frozen=True)
class Made:
    """An export that was loaded again and agrees.

    Attributes:
        path: where it is.
        file_name: what to call it for a person.
        agreement: `max_difference` of any score, `same_answers` (share of the pictures with the
            same best class; None of a regression) and `pictures`, how many. Empty where nothing
            computes.
        notes: sentences for a person, such as what could not be checked.
    """

    path: Path
    file_name: str
    agreement: Mapping[str, Any]
    notes: Sequence[str] = ()


@dataclass
class Work:
    """One export in the making.

    Attributes:
        classifier: what is exported.
        backbone: the one it needs, or None.
        pictures: uint8[n, 224, 224, 3], real ones, on which the export must agree.
        real: False where there were none and drawn ones stand in for them.
        task: is told and asked.
        folder: for files on the way; it is removed afterwards.
        notes: sentences for a person; exporters add to them.
    """

    classifier: Classifier
    backbone: Backbone | None
    pictures: np.ndarray
    real: bool
    task: Task
    folder: Path
    notes: list[str] = field(default_factory=list)

    @cached_property
    def graph(self) -> Graph:
        """The whole network, picture to answer."""
        return graph_of(self.classifier, self.backbone)

    @cached_property
    def expected(self) -> np.ndarray:
        """The classifier's own answers, float64[n, outputs]."""
        rows = []
        for start in range(0, len(self.pictures), 8):
            self.task.check()
            rows.append(self.classifier.look(self.pictures[start : start + 8], self.backbone))
        return np.concatenate(rows)

    @property
    def output(self) -> str:
        """What the answer is called in formats that have names."""
        return "value" if self.classifier.is_regression else "probabilities"

    def step(self, fraction: float) -> None:
        """Tells how far it is; raises if it is cancelled."""
        self.task.progress("convert", fraction)

    def inputs(self, size: int, chunk: int = 8) -> Iterator[np.ndarray]:
        """Gives the pictures as the network sees them, some at a time."""
        for start in range(0, len(self.pictures), chunk):
            self.task.check()
            yield to_input(self.pictures[start : start + chunk], size)

    def run(self, runner: Runner, chunk: int = 8) -> np.ndarray:
        """Computes the answers of an export on the pictures.

        Args:
            runner: the export, loaded again.
            chunk: how many pictures it is given at once.
        """
        batches = self.inputs(self.graph.size, chunk)
        return np.concatenate([np.asarray(runner(x), np.float64) for x in batches])

    def document(self, agreement: Mapping[str, Any], **more: Any) -> dict[str, Any]:
        """Returns `metadata.json`."""
        classifier = self.classifier
        backbone = classifier.backbone
        return {
            "format": FORMAT,
            "version": VERSION,
            "name": classifier.name,
            "recipe": classifier.recipe,
            "created_at": classifier.created_at,
            "labels": classifier.labels,
            "output": self.output,
            "input": {"size": self.graph.size, "channels": "RGB", "range": [-1, 1]},
            "backbone": {"name": backbone.name, "fingerprint": backbone.fingerprint}
            if backbone
            else None,
            "agreement": dict(agreement),
            **more,
        }

    @property
    def labels(self) -> str:
        """The text of `labels.txt`."""
        return labels_text(self.classifier)
