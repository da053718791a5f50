"""What workers run: plain values and bytes in, plain values and bytes out.

A worker knows no database and no files of the server; backbones are found by fingerprint in its
own SHOWTELL_MODELS, so that it may be on another computer.
"""

from __future__ import annotations

import re
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..learning.backbones import Backbone
    from ..learning.task import Task

#: Epochs that are told of a training at most; of more, every so many.
MOST_EPOCHS = 1000
#: Log lines that are told of one job at most.
MOST_LINES = 500
#: Seconds between two words about progress in one phase.
QUIET_SECONDS = 0.1

_cancelled: set[str] = set()


def cancel(job_id: str) -> None:
    """Lets the work for a job in this process end at its next look."""
    _cancelled.add(job_id)


def kill(dask_worker: Any) -> None:
    """Ends a worker's process at once; run by its nanny, which then starts another."""
    import os
    import signal

    os.kill(dask_worker.pid, getattr(signal, "SIGKILL", signal.SIGTERM))


def hello() -> str:
    """Returns the version of this program on the worker."""
    from .. import __version__

    return __version__


class Reporter:
    """Sends what a task tells to the server, not more than a person can follow.

    Args:
        head: members of every message: job and attempt.
        send: sends one message.
        clock: seconds of a steady clock.
    """

    def __init__(
        self,
        head: Mapping[str, Any],
        send: Callable[[dict[str, Any]], None],
        clock: Callable[[], float] = time.monotonic,
    ):
        self._head = dict(head)
        self._send = send
        self._clock = clock
        self._phase: str | None = None
        self._told = float("-inf")
        self._lines = 0
        self._lock = threading.Lock()

    def __call__(self, event: Mapping[str, Any]) -> None:
        with self._lock:
            if self._is_worth_it(event):
                self._send({**self._head, "event": dict(event)})

    def _is_worth_it(self, event: Mapping[str, Any]) -> bool:
        if event["kind"] == "progress":
            now = self._clock()
            is_due = now - self._told >= QUIET_SECONDS or event["fraction"] >= 1
            if event["phase"] == self._phase and not is_due:
                return False
            self._phase, self._told = event["phase"], now
        elif event["kind"] == "metrics":
            every = -(-int(event["epochs"]) // MOST_EPOCHS)
            return (event["epoch"] - 1) % every == 0 or event["epoch"] == event["epochs"]
        elif event["kind"] == "log":
            self._lines += 1
            return self._lines <= MOST_LINES
        return True


def call(name: str, head: Mapping[str, Any], topic: str, *arguments: Any) -> dict[str, Any]:
    """Runs a task in a worker.

    Args:
        name: a key of `TASKS`.
        head: `{"job", "attempt"}`.
        topic: under which the server listens.
        arguments: of the task.

    Returns:
        `{"result": ...}`, `{"cancelled": True}`, `{"problem": {title, detail, hint}}` or
        `{"fault": traceback, "detail": one line}`.
    """
    from ..learning.errors import InputError
    from ..learning.task import Cancelled, Task

    def send(message: dict[str, Any]) -> None:
        from distributed import get_worker

        with suppress(ValueError):  # not in a worker
            get_worker().log_event(topic, message)

    job = head["job"]
    task = Task(Reporter(head, send), lambda: job in _cancelled)
    try:
        task.check()
        return {"result": TASKS[name](task, *arguments)}
    except Cancelled:
        return {"cancelled": True}
    except InputError as error:
        return {"problem": {"title": error.title, "detail": error.detail, "hint": error.hint}}
    except MemoryError:
        return {"problem": NO_MEMORY}
    except OSError as error:
        if error.errno is None:
            return _fault(error)
        return {"problem": no_room(error)}
    except Exception as error:
        return _fault(error)


def _fault(error: Exception) -> dict[str, Any]:
    return {"fault": traceback.format_exc(), "detail": f"{type(error).__name__}: {error}"[:300]}


NO_MEMORY = {
    "title": "There is not enough memory",
    "detail": "The work needed more memory than its process may use.",
    "hint": "Close other programs, train on fewer pictures, or start the server with fewer"
    " workers: SHOWTELL_WORKERS=1",
}


def no_room(error: OSError) -> dict[str, str]:
    """Says that something could not be written."""
    import errno

    is_full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    reason = f"{error.strerror or error}"
    return {
        "title": "There is no room left on the disk" if is_full else "A file could not be used",
        "detail": f"What was made could not be kept: {reason}." if is_full else f"{reason}.",
        "hint": "Delete what is not needed any more, then start it again; nothing half-made stays."
        if is_full
        else "Look at the folder's permissions and at the disk, then start it again.",
    }


_backbones: dict[str, Backbone] = {}


def find_backbone(fingerprint: str) -> Backbone:
    """Returns the backbone of a fingerprint in this worker's SHOWTELL_MODELS.

    Raises:
        InputError: (kind "mismatch") it is not here.
    """
    from ..learning.backbones import list_backbones
    from ..learning.errors import InputError
    from ..settings import Settings

    if fingerprint not in _backbones:
        for backbone in list_backbones(Settings.from_environ().models).backbones:
            _backbones[backbone.fingerprint] = backbone
    if fingerprint not in _backbones:
        raise InputError(
            "The worker does not have the backbone",
            f"Received the fingerprint {fingerprint[:12]}; it has"
            f" {', '.join(b.name for b in _backbones.values()) or 'none'}.",
            "Convert it on the worker's computer, and name its folder with SHOWTELL_MODELS there.",
            kind="mismatch",
        )
    return _backbones[fingerprint]


def embed_lot(task: Task, fingerprint: str, pictures: Sequence[bytes]) -> list[Any]:
    """Embeds pictures.

    Args:
        task: asked before each picture.
        fingerprint: of the backbone.
        pictures: files.

    Returns:
        For each, its vector (float32 bytes), or `{"reason"}` where it cannot be read.
    """
    from ..learning.embedding import embed
    from ..learning.errors import InputError
    from ..learning.pictures import decode_square

    backbone = find_backbone(fingerprint)
    made: list[Any] = []
    for data in pictures:
        task.check()
        try:
            made.append(embed(backbone, decode_square(data))[0].astype("<f4").tobytes())
        except InputError as error:
            made.append({"reason": error.title})
    return made


def train_task(task: Task, spec: Mapping[str, Any], *payload: Any) -> bytes:
    """Trains a classifier.

    Args:
        task: told and asked.
        spec: recipe, options, name, command, embed_seconds, skipped, fingerprint (or None), wants
            ("vectors", "pictures" or both), ids, labels, groups, classes (`[{id, label, color}]`).
        payload: where it wants vectors, first their bytes, float32[n, D]; where it wants pictures,
            lists of picture files.

    Returns:
        The .classifier file.
    """
    import numpy as np

    from ..formats.classifier import write
    from ..learning.classifier import ClassRef
    from ..learning.examples import Examples
    from ..learning.training import train

    fingerprint = spec["fingerprint"]
    backbone = find_backbone(fingerprint) if fingerprint else None
    labels = np.array(spec["labels"], np.int64)
    vectors, read, skipped = None, None, list(spec["skipped"])
    keep = np.arange(len(labels))
    if "vectors" in spec["wants"]:
        assert backbone is not None
        vectors = np.frombuffer(payload[0], "<f4").reshape(len(labels), backbone.embedding_size)
        payload = payload[1:]
    if "pictures" in spec["wants"]:
        pictures = [data for part in payload for data in part]
        keep, found = _readable(task, pictures, spec["ids"])
        skipped += found
        read = pictures.__getitem__
    classes = spec["classes"]
    examples = Examples(
        ids=spec["ids"],
        labels=labels,
        groups=np.array(spec["groups"], np.int64),
        classes=[entry["label"] for entry in classes],
        read=read,
        vectors=vectors,
        backbone=backbone,
        class_ids=[entry["id"] for entry in classes],
    )
    if len(keep) < len(labels):
        examples = examples.subset(keep)
    made = train(
        spec["recipe"],
        examples,
        spec["options"],
        task,
        name=spec["name"],
        class_refs=[ClassRef(entry["label"], entry["id"], entry["color"]) for entry in classes],
        command=spec["command"],
        embed_seconds=spec["embed_seconds"],
        skipped=skipped,
    )
    file = BytesIO()
    write(made, file)
    return file.getvalue()


def _readable(task: Task, pictures: Sequence[bytes], ids: Sequence[str]) -> tuple[Any, list[Any]]:
    """Returns the positions of pictures that can be read, and why the others cannot."""
    import numpy as np

    from ..learning.errors import InputError
    from ..learning.pictures import decode_square

    keep, skipped = [], []
    for i, data in enumerate(pictures):
        task.progress("read", i / len(pictures))
        try:
            decode_square(data)
            keep.append(i)
        except InputError as error:
            skipped.append({"id": ids[i], "reason": error.title})
    if skipped:
        task.log(left_out(len(skipped)), "warning")
    return np.array(keep, np.int64), skipped


def left_out(count: int) -> str:
    """Says how many pictures were left out."""
    what = "1 picture" if count == 1 else f"{count} pictures"
    return f"{what} could not be read and {'is' if count == 1 else 'are'} left out."


def export_task(task: Task, format: str, pictures: Sequence[bytes], data: bytes) -> dict[str, Any]:
    """Writes a classifier in another format and compares the file with the classifier.

    Args:
        task: told and asked.
        format: a key of `server.exports.table.EXPORTS`.
        pictures: files to compare on.
        data: the .classifier file.

    Returns:
        `{"data", "file_name", "agreement", "notes"}`.
    """
    from .. import exports
    from ..learning.errors import InputError
    from ..learning.pictures import decode_square

    squares = []
    for picture in pictures:
        with suppress(InputError):
            squares.append(decode_square(picture))
    with tempfile.TemporaryDirectory(prefix="showtell-export-") as name:
        classifier = _classifier(data, Path(name))
        reference = classifier.backbone
        backbone = find_backbone(reference.fingerprint) if reference else None
        out = Path(name) / "out"
        out.mkdir()
        made = exports.make(format, classifier, backbone, squares, task, out)
        return {
            "data": Path(made.path).read_bytes(),
            "file_name": made.file_name,
            "agreement": dict(made.agreement),
            "notes": list(made.notes),
        }


def _classifier(data: bytes, folder: Path) -> Any:
    from ..formats.classifier import read

    path = folder / "in.classifier"
    path.write_bytes(data)
    return read(path)


def import_task(task: Task, file_name: str, name: str, data: bytes) -> bytes:
    """Reads a foreign model.

    Args:
        task: told and asked.
        file_name: as it was sent.
        name: for people.
        data: the file.

    Returns:
        The .classifier file.
    """
    from ..exports.importing import read
    from ..formats.classifier import write

    # As the person calls it, for messages; only what every disk takes.
    safe = re.sub(r"[^\w.() -]", "_", re.split(r"[/\\]", file_name)[-1])[-60:].lstrip(".")
    with tempfile.TemporaryDirectory(prefix="showtell-import-") as folder:
        path = Path(folder) / (safe or "file")
        path.write_bytes(data)
        file = BytesIO()
        write(read(path, name, task), file)
        return file.getvalue()


#: name: function of a Task and further arguments.
TASKS: dict[str, Callable[..., Any]] = {
    "embed_lot": embed_lot,
    "train_task": train_task,
    "export_task": export_task,
    "import_task": import_task,
}
