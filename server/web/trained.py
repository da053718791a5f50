"""Trained classifiers loaded to predict: NumPy and LiteRT, the least recently used go first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..learning.backbones import Backbone
    from ..learning.classifier import Classifier
    from .services import Services

#: Classifiers that are kept loaded.
MOST = 4


class Predictors:
    """Gives classifiers, from memory where they are there.

    Args:
        services: where their files are.
        most: to keep loaded.
    """

    def __init__(self, services: Services, most: int = MOST):
        self._services = services
        self._most = most
        self._kept: OrderedDict[str, Classifier] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, classifier_id: str) -> Classifier:
        """Returns a classifier.

        Raises:
            Problem: it does not exist.
            InputError: its file is damaged.
        """
        from ..formats.classifier import read

        sha256, _ = self._services.trained.head(classifier_id)
        with self._lock:
            if sha256 in self._kept:
                self._kept.move_to_end(sha256)
                return self._kept[sha256]
        made = read(self._services.trained.blobs.path(sha256))
        with self._lock:
            self._kept[sha256] = made
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return made

    def backbone(self, classifier: Classifier) -> Backbone | None:
        """Returns the backbone that a classifier needs, None where it needs none.

        Raises:
            Problem: (backbone-missing) it is not here.
        """
        if classifier.model.wants == "squares" or classifier.backbone is None:
            return None
        return self._services.classifiers.backbone_of_fingerprint(classifier.backbone.fingerprint)

    def answer(self, classifier: Classifier, squares: Any) -> list[dict[str, Any]]:
        """Classifies squares uint8[n, 224, 224, 3]; returns what the API shows of each."""
        import numpy as np

        scores = classifier.look(squares, self.backbone(classifier))
        if classifier.is_regression:
            return [
                {"label": None, "class_id": None, "scores": [], "value": float(row[0])}
                for row in scores
            ]
        items = []
        for row in scores:
            best = classifier.classes[int(np.argmax(row))]
            named = [
                {"label": c.label, "class_id": c.id, "score": float(score)}
                for c, score in zip(classifier.classes, row, strict=True)
            ]
            items.append({"label": best.label, "class_id": best.id, "scores": named, "value": None})
        return items
