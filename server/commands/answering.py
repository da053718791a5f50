"""A trained classifier or a taught project, ready to answer pictures: the same to all commands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..learning.errors import InputError
from ..learning.task import Task
from ..settings import Settings
from .pictures import find_backbone, must_exist, opened_cache, read_labelled

if TYPE_CHECKING:
    import numpy as np

    from ..learning.backbones import Backbone
    from ..learning.classifier import Classifier
    from ..learning.eyes import Eyes

#: What a picture is called that is like none of a project's classes.
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Answer:
    """What a picture was answered.

    Attributes:
        scores: (label, probability), best first; () of a regression.
        value: of a regression, else None.
        unknown: how sure it is that the picture is like none of the classes, 0.5 to 1; None where
            it is like one of them.
    """

    scores: tuple[tuple[str, float], ...]
    value: float | None = None
    unknown: float | None = None

    @property
    def label(self) -> str:
        """The best class, "unknown", or the value as text."""
        if self.value is not None:
            return f"{self.value:.5g}"
        return self.scores[0][0] if self.unknown is None else UNKNOWN

    @property
    def score(self) -> float | None:
        """How sure it is of its label; None of a value."""
        if self.value is not None:
            return None
        return self.scores[0][1] if self.unknown is None else self.unknown


@dataclass(frozen=True)
class Answering:
    """Something that answers.

    Attributes:
        name: for people.
        labels: of its classes.
        eyes: what pictures are looked at through.
        answer: turns what the eyes saw, [n, width], into an answer for each.
    """

    name: str
    labels: list[str]
    eyes: Eyes
    answer: Callable[[np.ndarray], list[Answer]]


def open_classifier(path: Path) -> Classifier:
    """Reads a `.classifier`.

    Raises:
        InputError: it is none.
    """
    from ..formats import classifier

    must_exist(path, "The classifier")
    if path.is_dir() or not classifier.is_classifier(path):
        raise InputError(
            "This is no classifier",
            f"Received {path}",
            "Make one with: python -m server train FOLDER --out FILE",
        )
    return classifier.read(path)


def backbone_of(classifier: Classifier, settings: Settings) -> Backbone | None:
    """Returns the backbone that a classifier needs, None where it needs none.

    Raises:
        InputError: it is not here.
    """
    from ..learning.backbones import list_backbones
    from ..learning.classifier import find_backbone

    return find_backbone(classifier, list_backbones(settings.models).backbones)


def open_answering(
    path: Path, settings: Settings, task: Task, processes: int | None = None
) -> Answering:
    """Opens a `.classifier`, or a taught project, whose nearest neighbours then answer.

    Args:
        path: the file.
        settings: where backbones and the cache are.
        task, processes: for a project whose pictures have to be looked at first.

    Raises:
        InputError: it is neither, or its backbone is not here.
    """
    from ..formats import classifier

    must_exist(path, "The classifier")
    if path.is_file() and classifier.is_classifier(path):
        return _of_classifier(classifier.read(path), settings)
    return _of_project(path, settings, task, processes)


def _of_classifier(classifier: Classifier, settings: Settings) -> Answering:
    from ..learning.eyes import BackboneEyes, ModelEyes
    from ..learning.models import softmax

    labels = classifier.labels
    eyes: Eyes
    if classifier.model.wants == "squares":
        eyes, model = ModelEyes.of(classifier.model), None
    else:
        backbone = backbone_of(classifier, settings)
        if backbone is None:
            raise InputError("The classifier is damaged", "It does not say which backbone it needs")
        eyes, model = BackboneEyes(backbone), classifier.model

    def answer(seen: np.ndarray) -> list[Answer]:
        outputs = seen if model is None else model.logits(seen)
        if classifier.is_regression:
            return [Answer((), value=float(row[0])) for row in outputs]
        return [_ordered(labels, row) for row in softmax(outputs, classifier.temperature)]

    return Answering(classifier.name, labels, eyes, answer)


def _of_project(path: Path, settings: Settings, task: Task, processes: int | None) -> Answering:
    """Fits the nearest neighbours as the page and the server do."""
    import numpy as np

    from ..formats.project import decide
    from ..formats.registry import read_project
    from ..learning.backbones import list_backbones
    from ..learning.eyes import BackboneEyes
    from ..learning.knn import DEFAULT_K, DEFAULT_TOLERANCE, KNN

    with read_project(path) as project, opened_cache(settings) as cache:
        preferred = find_backbone(settings).name
        decision = decide(project, list_backbones(settings.models).backbones, preferred)
        if decision.backbone is None:
            raise InputError("This project cannot be used here", decision.message)
        if not project.samples:
            raise InputError(
                "The project has no examples", f"Received {path}", "Teach it something first."
            )
        if decision.message:
            task.log(decision.message, "warning")
        found = read_labelled(path, project, "vectors", decision.backbone, cache, task, processes)
        for entry in found.skipped:
            task.log(f"An example is left out, {entry['id']}: {entry['reason']}", "warning")
        examples, labels = found.examples, [c.label for c in project.classes]
        assert examples.vectors is not None
        knn = KNN(
            np.asarray(examples.vectors),
            examples.labels,
            examples.groups,
            len(labels),
            project.settings.get("k", DEFAULT_K),
            project.settings.get("tolerance", DEFAULT_TOLERANCE),
        )

    def answer(seen: np.ndarray) -> list[Answer]:
        return [
            _ordered(labels, one.scores, one.none if one.unknown else None)
            for one in knn.predict(seen)
        ]

    return Answering(project.name, labels, BackboneEyes(decision.backbone), answer)


def _ordered(labels: list[str], scores: np.ndarray, unknown: float | None = None) -> Answer:
    order = sorted(range(len(labels)), key=lambda i: -scores[i])
    return Answer(tuple((labels[i], float(scores[i])) for i in order), unknown=unknown)
