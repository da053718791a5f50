"""`guess-dir`: copies every picture of a folder to a name that says what is in it."""

from __future__ import annotations

import argparse
import os
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..learning.errors import InputError
from ..settings import Settings
from . import DONE, SOME_SKIPPED
from .answering import Answer, open_answering
from .console import Console
from .pictures import add_json, add_processes, must_exist, report_skipped

if TYPE_CHECKING:
    from ..learning.lots import Look

#: Most bytes of the part of a name that a class gives; systems allow 255 in all.
_NAME_BYTES = 200
_PART = ".guess-dir-"
#: Pictures that are answered together.
_BATCH = 32


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what `guess-dir` takes."""
    parser.add_argument(
        "file", metavar="FILE", type=Path, help="a .classifier, or a project such as a .showtell"
    )
    parser.add_argument("dir", metavar="DIR", type=Path, help="folder of pictures, with all below")
    parser.add_argument(
        "out",
        metavar="OUT",
        type=Path,
        help="folder to copy them to as CLASS-[SCORE].jpg; made if it is not there, and nothing in"
        " it is ever overwritten",
    )
    add_processes(parser)
    add_json(parser)


def run(options: argparse.Namespace, console: Console, settings: Settings) -> int:
    """Looks, copies and sums up."""
    import numpy as np

    from ..learning.lots import look_at

    must_exist(options.dir, "The folder of pictures")
    if not options.dir.is_dir():
        raise InputError(
            "A folder is needed",
            f"Received {options.dir}",
            "For single pictures: python -m server guess FILE PICTURE...",
        )
    out = options.out.absolute()
    if out.exists() and (not out.is_dir() or out.samefile(options.dir)):
        raise InputError(
            "The pictures need another folder to be copied to",
            f"Received {options.out}",
            "Name one that is not there yet.",
        )
    task = console.task()
    answering = open_answering(options.file, settings, task, options.processes)
    console.stop_drawing()
    out.mkdir(parents=True, exist_ok=True)
    total = sum(1 for _ in walk(options.dir, out))
    begun = time.perf_counter()
    copier = Copier(out, answering.labels)
    paths: dict[int, Path] = {}  # of pictures that are under way
    skipped: list[dict[str, str]] = []
    waiting: list[Look] = []

    def closed(folder: Path, error: OSError) -> None:
        reason = f"The folder cannot be opened: {error.strerror}"
        skipped.append({"id": str(folder.relative_to(options.dir)), "reason": reason})
        report_skipped(console, skipped[-1:])

    def sources() -> Iterator[Path]:
        for index, path in enumerate(walk(options.dir, out, closed)):
            paths[index] = path
            yield path

    def copy_waiting() -> None:
        if waiting:
            answers = answering.answer(np.stack([one.row for one in waiting]))
            for one, answer in zip(waiting, answers, strict=True):
                copier.copy(paths.pop(one.index), one.data, answer)
            waiting.clear()

    task.progress("embed", 0.0)
    for one in look_at(sources(), answering.eyes, task, options.processes):
        if one.row is None:
            name = str(paths.pop(one.index).relative_to(options.dir))
            skipped.append({"id": name, "reason": one.reason})
            report_skipped(console, skipped[-1:])
        else:
            waiting.append(one)
        if len(waiting) == _BATCH:
            copy_waiting()
            task.progress("embed", one.index / max(1, total))
    copy_waiting()
    console.stop_drawing()
    seconds = time.perf_counter() - begun
    for line in copier.summary():
        console.print(line)
    console.print(
        f"{copier.copied:,} pictures copied to {options.out} in {seconds:.1f} s"
        f" ({copier.copied / seconds:,.0f} a second)"
        + (f", {len(skipped):,} skipped." if skipped else ".")
    )
    console.document(
        {
            "out": str(options.out),
            "copied": copier.copied,
            "classes": copier.as_json(),
            "skipped": skipped,
            "seconds": round(seconds, 3),
            "pictures_per_second": round(copier.copied / seconds, 1),
        }
    )
    return SOME_SKIPPED if skipped else DONE


def walk(
    folder: Path, without: Path, closed: Callable[[Path, OSError], None] | None = None
) -> Iterator[Path]:
    """Goes through the pictures of a folder and of all folders in it, in the order of their names.

    Args:
        folder: where to begin. Links are not followed; hidden files are left out.
        without: a folder that is not entered, by whatever path: the one that is copied to.
        closed: is told of each folder in it that cannot be read, and is left out.

    Raises:
        OSError: the folder itself cannot be read.
    """
    from ..formats.archive import is_litter
    from ..formats.pictures import is_picture_name
    from ..formats.project import natural_key

    folders = []
    with os.scandir(folder) as entries:
        files = []
        for entry in entries:
            if is_litter(entry.name):
                continue
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.name)
            elif entry.is_file(follow_symlinks=False) and is_picture_name(entry.name):
                files.append(entry.name)
    for name in sorted(files, key=natural_key):
        yield folder / name
    for name in sorted(folders, key=natural_key):
        if _is_same(folder / name, without):
            continue
        try:
            os.scandir(folder / name).close()
        except OSError as error:
            if closed is not None:
                closed(folder / name, error)
            continue
        yield from walk(folder / name, without, closed)


def _is_same(one: Path, other: Path) -> bool:
    """Whether two paths lead to the same folder; both may be written in several ways."""
    try:
        return one.samefile(other)
    except FileNotFoundError:
        return False


class Copier:
    """Writes copies under names that say what is in them, whole or not at all.

    Args:
        out: the folder, which exists.
        labels: of the classes.
    """

    def __init__(self, out: Path, labels: list[str]):
        from ..formats.pictures import folder_names

        self._out = out
        self._names = dict(zip(labels, map(_short, folder_names(labels)), strict=True))
        self._part = out / f"{_PART}{os.getpid()}.part"
        self._numbers: dict[str, int] = {}
        self._counts: Counter[str] = Counter()
        self._sums: defaultdict[str, float] = defaultdict(float)
        _sweep(out)

    @property
    def copied(self) -> int:
        """How many pictures were copied."""
        return sum(self._counts.values())

    def copy(self, path: Path, data: bytes, answer: Answer) -> Path:
        """Writes a copy; returns its path.

        Args:
            path: of the picture.
            data: its bytes.
            answer: what was seen.
        """
        if answer.value is not None:
            kind, shown = "value", f"{answer.value:.2f}"
        else:
            kind = answer.label
            shown = f"{self._names.get(kind, kind)}-[{answer.score:.5f}]"
        try:
            self._part.write_bytes(data)
            times = path.stat()
            os.utime(self._part, ns=(times.st_atime_ns, times.st_mtime_ns))
            target = self._take_name(shown, path.suffix)
        finally:
            self._part.unlink(missing_ok=True)
        self._counts[kind] += 1
        self._sums[kind] += answer.value if answer.value is not None else answer.score or 0.0
        return target

    def _take_name(self, stem: str, ending: str) -> Path:
        """Gives the finished copy its name, or the name with the next free number."""
        number = self._numbers.get(stem, 1)
        while True:
            target = self._out / f"{stem}{'' if number == 1 else f'-{number}'}{ending}"
            number += 1
            try:
                _move(self._part, target)
            except FileExistsError:
                continue
            self._numbers[stem] = number
            return target

    def summary(self) -> list[str]:
        """Returns a line for each class, in the order of the classes, and one for the unknown."""
        rows = self.as_json()
        width = max(map(len, rows), default=0)
        what = "mean" if "value" in rows and "value" not in self._names else "mean score"
        return [
            f"{k:{width}}  {v['pictures']:>7,}  {what} {v['mean']:.3f}" for k, v in rows.items()
        ]

    def as_json(self) -> dict[str, dict[str, Any]]:
        """Returns how many pictures of each class there were, and the mean score."""
        order = [*self._names, *(k for k in self._counts if k not in self._names)]
        return {
            kind: {"pictures": self._counts[kind], "mean": self._sums[kind] / self._counts[kind]}
            for kind in order
            if self._counts[kind]
        }


def _short(name: str) -> str:
    """Cuts a name to what a file's name has room for."""
    return name.encode()[:_NAME_BYTES].decode(errors="ignore")


def _move(source: Path, target: Path) -> None:
    """Gives a file another name that must be free; raises FileExistsError where it is not."""
    try:
        os.link(source, target)  # there whole or not at all, and never over another file
    except FileExistsError:
        raise
    except OSError:  # a file system without links: the name is taken first, and then replaced
        target.open("xb").close()
        try:
            source.replace(target)
        except BaseException:
            target.unlink()
            raise


def _sweep(out: Path) -> None:
    """Deletes what copying that was killed has left half-made."""
    if os.name != "posix":
        return
    for left in out.glob(f"{_PART}*.part"):
        number = left.name.removeprefix(_PART).removesuffix(".part")
        if number.isdecimal() and not _is_running(int(number)):
            left.unlink(missing_ok=True)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
