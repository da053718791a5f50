"""What is done for each kind of job, step by step, in a thread of the serving process."""

from __future__ import annotations

import shlex
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import Problem
from .states import WEIGHTS, Progress
from .tasks import left_out

if TYPE_CHECKING:
    from ..learning.backbones import Backbone
    from ..learning.recipes import Recipe
    from ..storage.vectors import Example, TrainingSet
    from ..web.services import Services

#: Pictures that a worker embeds at a time: half a second of work, so that it can soon do another.
LOT = 32
#: Bytes of pictures in one part of what is sent to a worker.
PART_BYTES = 8 * 1024 * 1024
#: Pictures on which an export is compared with its classifier.
COMPARED = 24


class Work(Protocol):
    """What the steps are given: the job, and ways to tell, to ask and to have work done."""

    job: Mapping[str, Any]
    services: Services
    progress: Progress

    def tick(self) -> None:
        """Tells what there is to tell; raises if the job is to end."""

    def phase(self, phase: str, fraction: float) -> None:
        """Tells how much of a phase is done."""

    def log(self, text: str, level: str = "info") -> None:
        """Tells a person something."""

    def call(self, name: str, *arguments: Any, payload: tuple[Any, ...] = ()) -> Any:
        """Has a task done by a worker and returns its result."""

    def call_all(
        self, calls: Sequence[Callable[[], tuple[str, tuple[Any, ...]]]], done: Callable[..., None]
    ) -> None:
        """Has many tasks done by all workers; `done(i, result)` as they come."""

    def alone(self, key: str) -> Any:
        """Gives a lock that is held while this job does something that others would do too."""


@dataclass(frozen=True)
class Outcome:
    """What a job has made; becomes columns of its row."""

    classifier_id: str | None = None
    accuracy: float | None = None
    interval: Sequence[float] | None = None

    def values(self) -> dict[str, Any]:
        """Returns the columns."""
        return {
            "classifier_id": self.classifier_id,
            "accuracy": self.accuracy,
            "interval": None if self.interval is None else list(self.interval),
        }


# Training


def needs(recipe: Recipe, options: Mapping[str, Any]) -> frozenset[str]:
    """Returns what a recipe is to be given with these options: "vectors", "pictures" or both."""
    # Neighbours of raw pixels are compared with those of the embedding.
    return frozenset({recipe.wants, *(["pictures"] if options.get("pixels") else [])})


def backbone_of(services: Services, project_id: str, wants: frozenset[str]) -> Backbone | None:
    """Returns a project's backbone; a recipe that looks at pixels alone can do without.

    Raises:
        Problem: it is needed and not here.
    """
    _, name = services.projects.head(project_id)
    try:
        return services.classifiers.backbone(name)
    except Problem:
        if "vectors" in wants:
            raise
        return None


def usable(
    found: TrainingSet, wants: frozenset[str], size: int
) -> tuple[list[Example], list[dict[str, str]]]:
    """Sorts a project's examples into those that can be trained on, and the others with a reason.

    Args:
        found: the examples.
        wants: see `needs`.
        size: bytes of a vector of the backbone, 0 without one.
    """
    can, cannot = [], []
    for example in found.examples:
        has_vector = example.vector is not None and len(example.vector) == size
        if example.sha256 or ("pictures" not in wants and has_vector):
            can.append(example)
        else:
            reason = (
                "It came as a vector, without a picture"
                if "pictures" in wants
                else "It came as a vector of another backbone, without a picture"
            )
            cannot.append({"id": example.id, "reason": reason})
    return can, cannot


def check_examples(found: TrainingSet, examples: Sequence[Example]) -> None:
    """Refuses to train on fewer than two classes.

    Raises:
        Problem: (no-examples) says how many there are.
    """
    taught = {example.class_id for example in examples}
    if len(taught) >= 2:
        return
    names = [label for class_id, label, _ in found.classes if class_id in taught]
    raise Problem(
        "no-examples",
        f"{names[0]!r} is the only class with examples that this recipe can use."
        if names
        else "No class has examples that this recipe can use.",
        received=len(taught),
        expected="at least two classes with examples",
        hint="Show at least two classes. A recipe that looks at pixels needs examples with"
        " pictures.",
    )


def train(work: Work) -> Outcome:
    """Trains a recipe on a project's examples and keeps the classifier."""
    from ..learning.recipes.table import RECIPES

    job, services = work.job, work.services
    recipe, project_id = RECIPES[job["recipe"]], job["project_id"]
    wants = needs(recipe, job["options"])
    work.phase("read", 0)
    backbone = backbone_of(services, project_id, wants)
    size = 4 * backbone.embedding_size if backbone else 0
    found = services.vectors.training_set(project_id, backbone.fingerprint if backbone else "")
    examples, skipped = usable(found, wants, size)
    started = time.monotonic()
    payload: tuple[Any, ...] = ()
    if "pictures" in wants:
        work.progress.weights = WEIGHTS["pictures"]
    vectors: Mapping[str, bytes] = {}
    if "vectors" in wants:
        assert backbone is not None
        vectors, unreadable = _embed(work, backbone, examples, size)
        skipped += unreadable
        examples = [example for example in examples if example.id in vectors]
    if "pictures" in wants:
        payload, examples, lost = _pictures(work, examples)
        skipped += lost
    if "vectors" in wants:
        payload = (b"".join(vectors[example.id] for example in examples), *payload)
    if skipped:
        work.log(left_out(len(skipped)), "warning")
    check_examples(found, examples)
    spec = _spec(job, found, examples, wants, backbone)
    spec |= {"skipped": skipped, "embed_seconds": round(time.monotonic() - started, 3)}
    work.phase("fit", 0)
    data = work.call("train_task", spec, payload=payload)
    work.phase("save", 0)
    kept = services.trained.add(
        data,
        project_id=project_id,
        job_id=job["id"],
        revision=found.revision,
        id=classifier_id_of(job["id"]),
    )
    return Outcome(kept["id"], kept["accuracy"], kept["interval"])


def classifier_id_of(job_id: str) -> str:
    """Returns the id of what a job makes: the same one when the job is done again."""
    return str(uuid.uuid5(uuid.UUID(job_id), "classifier"))


def _spec(
    job: Mapping[str, Any],
    found: TrainingSet,
    examples: Sequence[Example],
    wants: frozenset[str],
    backbone: Backbone | None,
) -> dict[str, Any]:
    # Classes without examples cannot be learned; a score for them would mean nothing.
    taught = {example.class_id for example in examples}
    classes = [entry for entry in found.classes if entry[0] in taught]
    index = {class_id: i for i, (class_id, _, _) in enumerate(classes)}
    groups: dict[str, int] = {}
    return {
        "recipe": job["recipe"],
        "options": job["options"],
        "name": job["name"] or found.name,
        "command": command(job, found.name),
        "fingerprint": backbone.fingerprint if backbone else None,
        "wants": sorted(wants),
        "ids": [example.id for example in examples],
        "labels": [index[example.class_id] for example in examples],
        "groups": [groups.setdefault(example.group, len(groups)) for example in examples],
        "classes": [
            {"id": class_id, "label": label, "color": color} for class_id, label, color in classes
        ],
    }


def command(job: Mapping[str, Any], name: str) -> str:
    """Returns the line that repeats a training on the project's saved file."""
    from ..formats.pictures import folder_names

    saved, made = (
        f"./{file}" if file.startswith("-") else file  # else it would be taken for an option
        for (file,) in (folder_names([text]) for text in (name, job["name"] or name))
    )
    words = ["python", "-m", "server", "train", f"{saved}.showtell"]
    words += ["--out", f"{made}.classifier", "--recipe", job["recipe"]]
    for option, value in job["options"].items():
        if value is not None:
            shown = str(value).lower() if isinstance(value, bool) else str(value)
            words += ["--option", f"{option}={shown}"]
    return shlex.join(words)


def _embed(
    work: Work, backbone: Backbone, examples: Sequence[Example], size: int
) -> tuple[dict[str, bytes], list[dict[str, str]]]:
    """Returns the vector of each example, and the examples whose picture cannot be read.

    What is not embedded yet is done in lots by all workers and kept as it comes, so that a job
    that is interrupted goes on there. Two jobs at once do not do the same twice.
    """
    services, fingerprint = work.services, backbone.fingerprint
    with work.alone(f"{work.job['project_id']} {fingerprint}"):
        by_picture = {
            example.sha256: example.vector
            for example in examples
            if example.sha256 and example.vector is not None and len(example.vector) == size
        }
        missing = sorted({e.sha256 for e in examples if e.sha256} - by_picture.keys())
        if missing:  # another job may have embedded them while this one waited
            again = services.vectors.training_set(work.job["project_id"], fingerprint)
            by_picture |= {
                e.sha256: e.vector for e in again.examples if e.vector and len(e.vector) == size
            }
            missing = [sha256 for sha256 in missing if sha256 not in by_picture]
        reasons: dict[str, str] = {}
        if missing:
            _embed_missing(work, fingerprint, missing, by_picture, reasons)
        elif work.progress.weights is not WEIGHTS["pictures"]:
            work.progress.weights = WEIGHTS["embedded"]
    pictures = len({example.sha256 for example in examples if example.sha256})
    work.log(
        f"Embedded {len(missing)} of {pictures} pictures"
        + ("; the others were embedded before." if len(missing) < pictures else ".")
    )
    vectors: dict[str, bytes] = {}
    unreadable: list[dict[str, str]] = []
    for example in examples:
        vector = by_picture.get(example.sha256) if example.sha256 else example.vector
        if vector is not None:
            vectors[example.id] = vector
        else:
            reason = reasons.get(example.sha256 or "", "Its picture is gone")
            unreadable.append({"id": example.id, "reason": reason})
    return vectors, unreadable


def _embed_missing(
    work: Work,
    fingerprint: str,
    missing: Sequence[str],
    vectors: dict[str, bytes | None],
    reasons: dict[str, str],
) -> None:
    lots = [missing[start : start + LOT] for start in range(0, len(missing), LOT)]
    read: dict[int, list[str]] = {}
    count = 0

    def prepare(i: int) -> tuple[str, tuple[Any, ...]]:
        read[i], pictures = [], []
        for sha256 in lots[i]:
            try:
                pictures.append(work.services.blobs.read(sha256))
                read[i].append(sha256)
            except FileNotFoundError:
                reasons[sha256] = "Its picture is gone"
        return "embed_lot", (fingerprint, pictures)

    def done(i: int, result: Sequence[Any]) -> None:
        nonlocal count
        made = {}
        for sha256, answer in zip(read.pop(i), result, strict=True):
            if isinstance(answer, bytes):
                made[sha256] = answer
            else:
                reasons[sha256] = answer["reason"]
        work.services.vectors.put(fingerprint, made)
        vectors.update(made)
        count += len(lots[i])
        work.phase("embed", count / len(missing))

    work.phase("embed", 0)
    work.call_all([lambda i=i: prepare(i) for i in range(len(lots))], done)  # type: ignore[misc]


def _pictures(
    work: Work, examples: Sequence[Example]
) -> tuple[tuple[Any, ...], list[Example], list[dict[str, str]]]:
    """Reads the picture files in parts; returns those examples that have one, and the others."""
    parts: list[list[bytes]] = [[]]
    there, lost, size = [], [], 0
    for i, example in enumerate(examples):
        if i % 100 == 0:
            work.phase("read", i / len(examples))
        try:
            data = work.services.blobs.read(example.sha256 or "")
        except (FileNotFoundError, ValueError):
            lost.append({"id": example.id, "reason": "Its picture is gone"})
            continue
        if size + len(data) > PART_BYTES and parts[-1]:
            parts.append([])
            size = 0
        size += len(data)
        parts[-1].append(data)
        there.append(example)
    return tuple(parts), there, lost


# Files out and in


def export(work: Work) -> Outcome:
    """Makes a file of another format and keeps it ready."""
    job, services = work.job, work.services
    classifier_id, format = job["classifier_id"], job["format"]
    if classifier_id is None:
        raise Problem("not-found", "The classifier has been deleted meanwhile.")
    work.phase("read", 0)
    if services.prepared.find(classifier_id, format) is None:
        data = services.trained.read(classifier_id)
        pictures = sample_pictures(services, services.trained.head(classifier_id)[1])
        work.phase("convert", 0)
        made = work.call("export_task", format, pictures, payload=(data,))
        work.phase("save", 0)
        services.prepared.keep(classifier_id, format, made)
        try:
            services.trained.head(classifier_id)
        except Problem:
            services.prepared.forget(classifier_id)
            raise Problem("not-found", "The classifier has been deleted meanwhile.") from None
        for sentence in (*_agreement(made["agreement"]), *made["notes"]):
            work.log(sentence)
    return Outcome(classifier_id)


def _agreement(found: Mapping[str, Any]) -> list[str]:
    if found.get("max_difference") is None:
        return []
    compared = f"Loaded again and compared on {found['pictures']} pictures:"
    if found["same_answers"] is None:  # values, not classes
        return [f"{compared} the values differ by at most {found['max_difference']:.2g}."]
    return [
        f"{compared} {100 * found['same_answers']:.0f} % of the answers are the same,"
        f" the scores differ by at most {found['max_difference']:.2g}."
    ]


def sample_pictures(services: Services, project_id: str | None) -> list[bytes]:
    """Returns picture files of a project, evenly from its samples; [] without a project."""
    if project_id is None:
        return []
    found = services.vectors.training_set(project_id, "")
    hashes = list(dict.fromkeys(e.sha256 for e in found.examples if e.sha256))
    step = max(1, len(hashes) / COMPARED)
    chosen = [hashes[int(i * step)] for i in range(min(COMPARED, len(hashes)))]
    pictures = []
    for sha256 in chosen:
        try:
            pictures.append(services.blobs.read(sha256))
        except FileNotFoundError:
            continue
    return pictures


def import_(work: Work) -> Outcome:
    """Reads a foreign model and keeps it as a classifier."""
    job, services = work.job, work.services
    work.phase("read", 0)
    data = services.uploads.read(job["id"])
    work.phase("convert", 0)
    made = work.call("import_task", job["options"]["file"], job["name"], payload=(data,))
    work.phase("save", 0)
    kept = services.trained.add(
        made,
        project_id=job["project_id"],
        job_id=job["id"],
        revision=None,
        id=classifier_id_of(job["id"]),
    )
    return Outcome(kept["id"], kept["accuracy"], kept["interval"])


#: kind of job: what is done for it.
STEPS: dict[str, Callable[[Work], Outcome]] = {
    "training": train,
    "export": export,
    "import": import_,
}


def in_parallel(
    calls: int, workers: int, one: Callable[[int], None], stop: threading.Event
) -> None:
    """Runs `one(i)` for each call in as many threads as there are workers; raises the first error.

    Args:
        calls: how many.
        workers: how many at a time.
        one: does one.
        stop: is set when one has failed, so that the others end soon.
    """
    numbers = iter(range(calls))
    lock = threading.Lock()
    errors: list[BaseException] = []

    def loop() -> None:
        while not stop.is_set():
            with lock:
                i = next(numbers, None)
            if i is None:
                return
            try:
                one(i)
            except BaseException as error:
                with lock:
                    errors.append(error)
                stop.set()

    with ThreadPoolExecutor(max(1, min(workers, calls)), thread_name_prefix="lot") as pool:
        for _ in range(max(1, min(workers, calls))):
            pool.submit(loop)
    if errors:
        raise errors[0]
