"""What commands read: labelled pictures, backbones, and the cache of embeddings."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..learning.errors import InputError
from ..learning.task import Task
from ..settings import Settings
from .console import Console

if TYPE_CHECKING:
    import numpy as np

    from ..formats.project import ProjectData
    from ..learning.backbones import Backbone
    from ..learning.cache import EmbeddingCache
    from ..learning.classifier import ClassRef
    from ..learning.examples import Examples
    from ..learning.lots import Source


@dataclass
class Labelled:
    """Labelled pictures, and what came of reading them.

    Attributes:
        examples: those that could be read.
        class_refs: their classes, with ids and colours where they are from a project.
        skipped: `{"id", "reason"}` of the others.
        embed_seconds: how long embedding took; None where nothing was embedded.
    """

    examples: Examples
    class_refs: list[ClassRef]
    skipped: list[dict[str, str]]
    embed_seconds: float | None = None


def positive(text: str) -> int:
    """Reads a whole number above 0 from the command line."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return number


def add_json(parser: argparse.ArgumentParser) -> None:
    """Adds `--json`."""
    parser.add_argument(
        "--json", action="store_true", help="write one JSON document to standard output instead"
    )


def add_processes(parser: argparse.ArgumentParser) -> None:
    """Adds `--processes`."""
    parser.add_argument(
        "--processes",
        type=positive,
        metavar="N",
        help="how many processes look at pictures (default: one for each core)",
    )


def add_no_cache(parser: argparse.ArgumentParser) -> None:
    """Adds `--no-cache`."""
    parser.add_argument(
        "--no-cache",
        action="store_true",
        help="look at every picture anew, and keep nothing for the next time",
    )


def must_exist(path: Path, what: str) -> None:
    """Raises InputError where there is nothing at a path."""
    if not path.exists():
        raise InputError(f"{what} is not there", f"Received {path}", "Look at the path.")


def report_skipped(console: Console, skipped: Iterable[dict[str, str]]) -> None:
    """Names pictures that were skipped, each in a line."""
    for entry in skipped:
        console.warn(f"Skipped {entry['id']}: {entry['reason']}")


@contextmanager
def opened_cache(settings: Settings, is_wanted: bool = True) -> Iterator[EmbeddingCache | None]:
    """Opens the cache in the data folder; None where none is wanted."""
    if not is_wanted:
        yield None
        return
    from ..learning.cache import EmbeddingCache

    with EmbeddingCache(settings.data / "cache") as cache:
        yield cache


def find_backbone(settings: Settings, name: str | None = None) -> Backbone:
    """Returns the backbone of a name, or the one that new projects get.

    Raises:
        InputError: it is not here.
    """
    from ..learning.backbones import DEFAULT_NAME, get, list_backbones

    wanted = name or settings.backbone
    if wanted:
        return get(wanted, settings.models)
    here = [backbone.name for backbone in list_backbones(settings.models).backbones]
    return get(DEFAULT_NAME if DEFAULT_NAME in here or not here else here[0], settings.models)


@contextmanager
def opened_project(path: Path) -> Iterator[ProjectData]:
    """Opens a folder with one folder a class, or any project file.

    Raises:
        InputError: there is nothing, or it is none.
    """
    from ..formats.registry import read_project

    must_exist(path, "The folder or file")
    with read_project(path) as project:
        yield project


def class_refs(project: ProjectData) -> list[ClassRef]:
    """Returns the classes of a project as a classifier has them."""
    from ..learning.classifier import ClassRef

    return [ClassRef(c.label, c.id, c.color) for c in project.classes]


def groups_of(project: ProjectData) -> np.ndarray:
    """Numbers the recording bursts, int64[N]; a sample without one is a burst of its own."""
    import numpy as np

    numbers: dict[Any, int] = {}
    keys = (sample.burst or i for i, sample in enumerate(project.samples))
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], np.int64)


def source_of(project: ProjectData, index: int, folder: Path | None) -> Source:
    """Says where a sample's picture is: a file of a folder, or a function that reads it."""
    sample = project.samples[index]
    if folder is not None:
        return folder / sample.name
    if sample.read is None:
        raise InputError(
            "There is an example without a picture",
            f"{sample.name} is only known by the numbers of another backbone.",
            "Convert that backbone, or record it again.",
        )
    return sample.read


def finder(project: ProjectData, path: Path) -> Callable[[str], bytes | None]:
    """Returns a function from the id of an example to its picture, None where it has none; it
    works while the project is open.

    Args:
        project: whose examples.
        path: where it was opened from.
    """
    samples = {sample.id or sample.name: sample for sample in project.samples}

    def find(name: str) -> bytes | None:
        sample = samples.get(name)
        if sample is None or sample.read is None:
            return None
        try:
            return sample.read()
        except (InputError, OSError):
            return None

    return find


def read_labelled(
    path: Path,
    project: ProjectData,
    wants: str,
    backbone: Backbone | None,
    cache: EmbeddingCache | None,
    task: Task,
    processes: int | None,
) -> Labelled:
    """Reads labelled pictures as a recipe wants them; leaves out those that cannot be read.

    Args:
        path: where the project was opened from.
        project: open while the examples are used.
        wants: "vectors" or "pictures".
        backbone: whose vectors; may be None for pictures.
        cache, task, processes: see `lots.embed_all`.

    Raises:
        InputError: an example has neither a picture nor vectors of that backbone, or nothing can
            be read.
    """
    import numpy as np

    from ..learning.examples import Examples

    folder = path if path.is_dir() else None
    everything = list(range(len(project.samples)))
    seconds: float | None = None
    if wants == "vectors":
        assert backbone is not None
        begun = time.perf_counter()
        vectors, skipped = _vectors(project, folder, backbone, cache, task, processes)
        seconds = time.perf_counter() - begun
    else:
        vectors, skipped = None, _unreadable(project, folder, everything, task, processes)
    read = project.samples.__getitem__
    examples = Examples(
        ids=[sample.id or sample.name for sample in project.samples],
        labels=np.array([sample.class_index for sample in project.samples], np.int64),
        groups=groups_of(project),
        classes=[c.label for c in project.classes],
        read=lambda i: read(i).read(),  # type: ignore[misc]
        vectors=vectors,
        backbone=backbone,
        class_ids=[c.id for c in project.classes] if any(c.id for c in project.classes) else None,
    )
    if any(sample.read is None for sample in project.samples):
        examples = replace(examples, read=None)
    reasons = [{"id": project.samples[s["index"]].name, "reason": s["reason"]} for s in skipped]
    if skipped:
        gone = {entry["index"] for entry in skipped}
        kept = np.array([i for i in everything if i not in gone], np.int64)
        if not len(kept):
            raise InputError(
                "None of the pictures can be read",
                f"The first of {len(reasons)}, {reasons[0]['id']}: {reasons[0]['reason']}",
            )
        examples = examples.subset(kept)
    return Labelled(examples, class_refs(project), reasons, seconds)


def _vectors(
    project: ProjectData,
    folder: Path | None,
    backbone: Backbone,
    cache: EmbeddingCache | None,
    task: Task,
    processes: int | None,
) -> tuple[np.ndarray, list[dict[str, Any]]]:
    """Returns float32[N, D] and what was skipped; a project's own vectors are taken where they are
    of that backbone."""
    import numpy as np

    from ..formats.project import decide
    from ..learning.lots import embed_all

    count = len(project.samples)
    have = np.zeros(0, np.int64)
    if project.vectors is not None:
        decision = decide(project, [backbone])
        if decision.action == "refuse":
            raise InputError("This project cannot be used here", decision.message)
        if decision.action == "same":
            have = project.embedded()
            if decision.message:  # they are taken to be its, by their number
                task.log(decision.message, "warning")
    missing = np.setdiff1d(np.arange(count), have)
    if not len(missing):
        assert project.vectors is not None
        return project.vectors, []
    sources = [source_of(project, i, folder) for i in missing.tolist()]
    found, skipped = embed_all(sources, backbone, cache, task, processes)
    if not len(have):
        return found, skipped
    assert project.vectors is not None
    vectors = project.vectors.copy()
    vectors[missing] = found
    return vectors, [{**entry, "index": int(missing[entry["index"]])} for entry in skipped]


def _unreadable(
    project: ProjectData,
    folder: Path | None,
    rows: list[int],
    task: Task,
    processes: int | None,
) -> list[dict[str, Any]]:
    """Finds the pictures that cannot be read, before a long training stumbles over one."""
    from ..learning.eyes import Eyelids
    from ..learning.lots import LOT, look_at

    skipped = []
    sources = (source_of(project, i, folder) for i in rows)
    for one in look_at(sources, Eyelids(), task, processes):
        if one.row is None:
            skipped.append({"index": one.index, "reason": one.reason})
        if one.index % LOT == 0:
            task.progress("read", one.index / len(rows))
    return skipped
