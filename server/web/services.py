"""What the requests of one application share."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import current_app

from ..settings import Settings
from ..storage import (
    AssetStore,
    BlobStore,
    ClassifierStore,
    Database,
    JobStore,
    PhoneStore,
    Projects,
    Vectors,
)
from ..storage.hooks import Hooks
from ..storage.scores import Scores
from .hooks import Pace
from .pairings import Pairings

if TYPE_CHECKING:
    from ..jobs.engine import Engine
    from ..jobs.files import PreparedExports, Uploads
    from ..learning.backbones import Backbone
    from .classifiers import Classifiers
    from .fetching import Fetches
    from .phone_pass import PhonePass
    from .phones import PhoneLine
    from .stream import Hub
    from .trained import Predictors


@dataclass
class Services:
    """The parts of one application.

    Attributes:
        trained: the classifiers that jobs made.
        predictors: some of them, loaded.
        jobs: rows of jobs; `engine` runs them.
        prepared: exports that are kept ready.
        uploads: files that wait for their job.
        assets: pictures and sounds of outputs.
        stream: passes on what open pages see.
        scores: what was reached in games.
        hooks: addresses that classes have; `pace` counts how often they are called.
        phones: rows of phones; `phone_pass` knows their cookies, `phone_line` their connections,
            `pairings` the codes that let them in.
    """

    settings: Settings
    database: Database
    blobs: BlobStore
    projects: Projects
    vectors: Vectors
    jobs: JobStore
    trained: ClassifierStore
    prepared: PreparedExports
    uploads: Uploads
    classifiers: Classifiers = field(init=False)
    fetches: Fetches = field(init=False)
    predictors: Predictors = field(init=False)
    assets: AssetStore = field(init=False)
    engine: Engine = field(init=False)
    stream: Hub = field(init=False)
    hooks: Hooks = field(init=False)
    scores: Scores = field(init=False)
    pace: Pace = field(default_factory=Pace)
    phones: PhoneStore = field(init=False)
    phone_pass: PhonePass = field(init=False)
    phone_line: PhoneLine = field(init=False)
    pairings: Pairings = field(default_factory=Pairings)
    #: Called in each server process before its first request, and after its last.
    starting: list[Callable[[], None]] = field(default_factory=list)
    stopping: list[Callable[[], None]] = field(default_factory=list)
    #: Called when the server is told to stop, before it waits for its requests; perhaps twice.
    leaving: list[Callable[[], None]] = field(default_factory=list)
    _backbones: tuple[Any, list[Backbone]] = (None, [])

    def backbones(self) -> list[Backbone]:
        """Lists the usable backbones; one that was converted meanwhile is there at once."""
        from ..learning.backbones import list_backbones

        seen = _seen(self.settings.models)
        if self._backbones[0] != seen:
            self._backbones = seen, list_backbones(self.settings.models).backbones
        return self._backbones[1]

    def default_backbone_name(self) -> str:
        """Returns the name of the backbone for new projects."""
        from ..learning.backbones import DEFAULT_NAME

        if self.settings.backbone:
            return self.settings.backbone
        names = [backbone.name for backbone in self.backbones()]
        return DEFAULT_NAME if DEFAULT_NAME in names or not names else names[0]


def _seen(folders: tuple[Path, ...]) -> list[tuple[str, int]]:
    """Tells states of the folders with backbones apart, much more quickly than by reading them."""
    found = []
    for folder in folders:
        for path in sorted(folder.glob("*/backbone.json")):
            with suppress(OSError):
                # Files of a backbone come and go under names, which changes its folder's time.
                times = (path.stat().st_mtime_ns, path.parent.stat().st_mtime_ns)
                found.append((str(path), max(times)))
    return found


def services() -> Services:
    """Returns the services of the application that serves this request."""
    return current_app.extensions["showtell"]


def settings() -> Any:
    """Returns the settings of the application that serves this request."""
    return services().settings
