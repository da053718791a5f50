"""A trained classifier or a taught project, ready to answer pictures: the same to all commands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from ..learning.errors import InputError
from ..learning.task import Task
from ..settings import Settings
from .pictures import find_backbone, must_exist, opened_cache, read_labelled

if TYPE_CHECKING:
    import numpy as np

    from ..learning.backbones import Backbone
    from ..learning.classifier import Classifier, ClassRef
    from ..learning.eyes import Eyes
    from ..learning.knn import KNN

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


def open_classifier(
    path: Path, settings: Settings, task: Task, processes: int | None = None
) -> Classifier:
    """Reads a `.classifier`, or makes one of a taught project: the nearest neighbours that answer
    on its page, but for the "unknown".

    Args:
        path: the file.
        settings, task, processes: see `open_answering`.

    Raises:
        InputError: it is neither, or its backbone is not here.
    """
    from ..formats import classifier
    from ..learning.classifier import BackboneRef, Classifier
    from ..learning.models import Neighbours

    must_exist(path, "The classifier")
    if path.is_file() and classifier.is_classifier(path):
        return classifier.read(path)
    taught = _teach(path, settings, task, processes)
    knn = taught.knn
    return Classifier(
        name=taught.name,
        recipe="knn",
        classes=taught.classes,
        model=Neighbours(knn.vectors, knn.labels, knn.classes, knn.k, "cosine", sharpness=knn.beta),
        backbone=BackboneRef.of(taught.backbone),
        created_at=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        options={"k": knn.k, "metric": "cosine", "sharpness": knn.beta},
    )


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


@dataclass(frozen=True)
class _Taught:
    """A project's examples, fitted."""

    name: str
    classes: list[ClassRef]
    backbone: Backbone
    knn: KNN


def _teach(path: Path, settings: Settings, task: Task, processes: int | None) -> _Taught:
    """Fits the nearest neighbours of a project as the page and the server do."""
    import numpy as np

    from ..formats.project import decide
    from ..formats.registry import read_project
    from ..learning.backbones import list_backbones
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
        examples = found.examples
        assert examples.vectors is not None
        knn = KNN(
            np.asarray(examples.vectors),
            examples.labels,
            examples.groups,
            len(project.classes),
            project.settings.get("k", DEFAULT_K),
            project.settings.get("tolerance", DEFAULT_TOLERANCE),
        )
    return _Taught(project.name, found.class_refs, decision.backbone, knn)


def _of_project(path: Path, settings: Settings, task: Task, processes: int | None) -> Answering:
    from ..learning.eyes import BackboneEyes

    taught = _teach(path, settings, task, processes)
    labels = [c.label for c in taught.classes]

    def answer(seen: np.ndarray) -> list[Answer]:
        return [
            _ordered(labels, one.scores, one.none if one.unknown else None)
            for one in taught.knn.predict(seen)
        ]

    return Answering(taught.name, labels, BackboneEyes(taught.backbone), answer)


def _ordered(labels: list[str], scores: np.ndarray, unknown: float | None = None) -> Answer:
    order = sorted(range(len(labels)), key=lambda i: -scores[i])
    return Answer(tuple((labels[i], float(scores[i])) for i in order), unknown=unknown)
