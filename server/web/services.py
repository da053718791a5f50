"""What the requests of one application share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flask import current_app

from ..settings import Settings
from ..storage import BlobStore, Database, Projects, Vectors

if TYPE_CHECKING:
    from ..learning.backbones import Backbone
    from .classifiers import Classifiers


@dataclass
class Services:
    """The parts of one application: settings, storage and classifiers."""

    settings: Settings
    database: Database
    blobs: BlobStore
    projects: Projects
    vectors: Vectors
    classifiers: Classifiers = field(init=False)
    #: Called in each server process before its first request, and after its last.
    starting: list[Callable[[], None]] = field(default_factory=list)
    stopping: list[Callable[[], None]] = field(default_factory=list)

    def backbones(self) -> list[Backbone]:
        """Lists the usable backbones; the folders are looked through each time."""
        from ..learning.backbones import list_backbones

        return list_backbones(self.settings.models).backbones

    def default_backbone_name(self) -> str:
        """Returns the name of the backbone for new projects."""
        from ..learning.backbones import DEFAULT_NAME

        if self.settings.backbone:
            return self.settings.backbone
        names = [backbone.name for backbone in self.backbones()]
        return DEFAULT_NAME if DEFAULT_NAME in names or not names else names[0]


def services() -> Services:
    """Returns the services of the application that serves this request."""
    return current_app.extensions["showtell"]


def settings() -> Any:
    """Returns the settings of the application that serves this request."""
    return services().settings
