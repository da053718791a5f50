"""Classifiers kept ready: embeddings computed once, fitted anew after each change of a project."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import Problem

if TYPE_CHECKING:
    import numpy as np

    from ..learning.backbones import Backbone
    from ..learning.knn import KNN
    from ..storage.vectors import Example, TrainingSet
    from .services import Services

#: Embeddings are kept after so many, so that an interruption costs little.
_BATCH = 64


@dataclass(frozen=True)
class Ready:
    """A project's examples as vectors of one backbone, and the classifier fitted to them.

    Attributes:
        revision: of the project.
        backbone: that made the vectors.
        classes: (id, label) in their order.
        examples: those that have a vector, in their order.
        vectors: float32[n, D], unit rows.
        unusable: examples without a picture whose vectors are from another backbone.
        knn: fitted, None without examples.
    """

    revision: int
    backbone: Backbone
    classes: list[tuple[str, str]]
    examples: list[Example]
    vectors: np.ndarray
    unusable: int
    knn: KNN | None


class Classifiers:
    """Gives the classifier of a project, from memory where nothing has changed.

    Args:
        services: where projects, pictures and backbones are.
        most_bytes: of vectors to keep in memory; the least recently used go first.
    """

    def __init__(self, services: Services, most_bytes: int):
        self._services = services
        self._most = most_bytes
        self._kept: OrderedDict[tuple[str, str], Ready] = OrderedDict()
        self._lock = threading.Lock()
        self._building: dict[str, threading.Lock] = {}

    def backbone(self, name: str) -> Backbone:
        """Returns the backbone of a name, or the one that has replaced it.

        Raises:
            Problem: neither is here.
        """
        from ..learning.backbones import REPLACED

        return self._find("name", name, REPLACED.get(name))

    def backbone_of_fingerprint(self, fingerprint: str) -> Backbone:
        """Returns the backbone of a fingerprint; raises like `backbone`."""
        return self._find("fingerprint", fingerprint)

    def _find(self, attribute: str, *wanted: str | None) -> Backbone:
        """Returns the backbone of the first value that one of those here has."""
        here = {getattr(backbone, attribute): backbone for backbone in self._services.backbones()}
        found = next((here[value] for value in wanted if value in here), None)
        if found is None:
            raise Problem(
                "backbone-missing",
                f"There is no usable backbone with the {attribute} {wanted[0]!r} here.",
                received=wanted[0],
                expected=list(here),
                hint="Convert it with convert_models.py, or switch the project to one that is"
                " here.",
            )
        return found

    def ready(self, project_id: str, backbone: Backbone | None = None) -> Ready:
        """Returns a project's vectors and fitted classifier.

        Args:
            project_id: the project.
            backbone: whose vectors; without it, the project's own.

        Raises:
            Problem: there is no such project, or its backbone is not here.
        """
        revision, name = self._services.projects.head(project_id)
        backbone = backbone or self.backbone(name)
        key = (project_id, backbone.fingerprint)
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None and kept.revision == revision:
                self._kept.move_to_end(key)
                return kept
            building = self._building.setdefault(project_id, threading.Lock())
        with building:
            with self._lock:
                kept = self._kept.get(key)
            # Another request may have built it meanwhile, even for a newer revision.
            if kept is not None and kept.revision >= revision:
                return kept
            made = self._build(project_id, backbone)
            self._keep(key, made)
            return made

    def forget(self, project_id: str) -> None:
        """Drops what is kept of a project."""
        with self._lock:
            for key in [key for key in self._kept if key[0] == project_id]:
                del self._kept[key]
            self._building.pop(project_id, None)

    def _keep(self, key: tuple[str, str], made: Ready) -> None:
        with self._lock:
            self._kept[key] = made
            self._kept.move_to_end(key)
            total = sum(ready.vectors.nbytes for ready in self._kept.values())
            while total > self._most and len(self._kept) > 1:
                total -= self._kept.popitem(last=False)[1].vectors.nbytes

    def _build(self, project_id: str, backbone: Backbone) -> Ready:
        import numpy as np

        from ..learning.knn import KNN

        found = self._services.vectors.training_set(project_id, backbone.fingerprint)
        size = 4 * backbone.embedding_size
        computed = self._embed_missing(found, backbone, size)
        examples, rows = [], []
        for example in found.examples:
            vector = example.vector
            if vector is None or len(vector) != size:
                vector = computed.get(example.sha256 or "")
            if vector is not None:
                examples.append(example)
                rows.append(vector)
        vectors = np.frombuffer(b"".join(rows), "<f4").reshape(-1, backbone.embedding_size)
        index = {class_id: i for i, (class_id, _, _) in enumerate(found.classes)}
        knn = None
        if examples:
            knn = KNN(
                vectors,
                np.array([index[example.class_id] for example in examples]),
                np.array([example.group for example in examples]),
                len(found.classes),
                found.settings["k"],
                found.settings["tolerance"],
            )
        return Ready(
            found.revision,
            backbone,
            [(class_id, label) for class_id, label, _ in found.classes],
            examples,
            vectors,
            len(found.examples) - len(examples),
            knn,
        )

    def _embed_missing(self, found: TrainingSet, backbone: Backbone, size: int) -> dict[str, bytes]:
        """Embeds stored pictures that have no vector of this backbone yet, and keeps the result."""
        missing = sorted(
            {
                example.sha256
                for example in found.examples
                if example.sha256 and (example.vector is None or len(example.vector) != size)
            }
        )
        computed: dict[str, bytes] = {}
        for start in range(0, len(missing), _BATCH):
            part: dict[str, bytes] = {}
            for sha256 in missing[start : start + _BATCH]:
                try:
                    data = self._services.blobs.read(sha256)
                except FileNotFoundError:
                    continue  # deleted since, or lost; the others still count
                part[sha256] = self._embed(backbone, data)
            self._services.vectors.put(backbone.fingerprint, part)
            computed |= part
        return computed

    def _embed(self, backbone: Backbone, data: bytes) -> bytes:
        from ..learning.embedding import embed
        from ..learning.pictures import decode_square

        return embed(backbone, decode_square(data))[0].astype("<f4").tobytes()


def no_examples(ready: Ready) -> Problem:
    """Says why a project cannot predict yet."""
    if ready.unusable:
        return Problem(
            "no-examples",
            f"The project's {ready.unusable} examples are vectors without pictures, and not from"
            f" the backbone {ready.backbone.name}.",
            hint="Add examples as pictures, or switch to the backbone the vectors are from.",
        )
    return Problem(
        "no-examples",
        "The project has no examples yet.",
        expected="at least one sample",
        hint="Add samples with POST /api/v1/projects/{id}/samples, or show some on its page.",
    )


def as_number(value: Any) -> float | None:
    """Returns a float for JSON, None for what is not a number."""
    number = None if value is None else float(value)
    return None if number is None or number != number else number
