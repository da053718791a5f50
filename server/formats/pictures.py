"""A zip, or a folder, of pictures with one folder a class."""

from __future__ import annotations

import os
import re
import zipfile
from collections import Counter
from collections.abc import Iterable
from functools import partial
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from ..learning.errors import InputError
from .archive import DEFAULT_ARCHIVE_LIMITS, Archive, ArchiveLimits, is_litter
from .project import ClassData, ProjectData, SampleData, clean_labels, natural_key

ENDINGS = (".jpg", ".jpeg", ".jfif", ".png", ".webp", ".gif", ".bmp")
_RESERVED = {"con", "prn", "aux", "nul"} | {f"{n}{i}" for n in ("com", "lpt") for i in range(10)}


def is_picture_name(name: str) -> bool:
    """Tells by its ending whether a file may be a picture."""
    return name.lower().endswith(ENDINGS)


class Folder:
    """A folder on this computer, read like an `Archive`; links are not followed."""

    def __init__(self, path: Path, limits: ArchiveLimits = DEFAULT_ARCHIVE_LIMITS):
        self.path = path
        self.limits = limits
        #: What could not be looked into.
        self.notes: list[str] = []

    def names(self) -> list[str]:
        """Returns the paths of its files, with forward slashes."""
        found = os.walk(self.path, onerror=self._note)
        files = (Path(folder, name) for folder, _, names in found for name in names)
        names = [
            p.relative_to(self.path).as_posix() for p in files if p.is_file() and not p.is_symlink()
        ]
        return [name for name in names if not is_litter(name)]

    def _note(self, error: OSError) -> None:
        name = Path(error.filename).relative_to(self.path).as_posix()
        if not is_litter(name):
            self.notes.append(f"A folder is left out, {name}: {error.strerror}.")

    def read(self, name: str) -> bytes:
        """Returns a file's bytes."""
        path = self.path / name
        if path.stat().st_size > self.limits.entry_bytes:
            raise InputError(
                "The file is too large",
                f"{name} has {path.stat().st_size:,} bytes; the limit is"
                f" {self.limits.entry_bytes:,}.",
                kind="too-large",
            )
        return path.read_bytes()

    def close(self) -> None:
        """Does nothing: no file stays open."""


def left_out(names: Iterable[str]) -> list[str]:
    """Says which files are no pictures, in one sentence; none where there are none."""
    names = list(names)
    if not names:
        return []
    shown = ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
    return [f"Files left out, being no pictures: {len(names)} ({shown})."]


def read(path: Path, name: str = "", limits: ArchiveLimits = DEFAULT_ARCHIVE_LIMITS) -> ProjectData:
    """Reads a zip or a folder of pictures.

    Args:
        path: the zip or the folder.
        name: the project's name.
        limits: how large it may be.

    Raises:
        InputError: it has no pictures in folders, or the archive is not accepted.
    """
    source = Folder(path, limits) if path.is_dir() else Archive(path, limits)
    try:
        return _read(source, name or path.stem)
    except BaseException:
        source.close()
        raise


def _read(source: Archive | Folder, name: str) -> ProjectData:
    names = source.names()
    pictures = sorted(filter(is_picture_name, names), key=natural_key)
    notes = list(source.notes) if isinstance(source, Folder) else []
    notes += left_out(n for n in names if not is_picture_name(n))
    paths = [PurePosixPath(n).parts for n in pictures]
    # "my pictures/cats/1.jpg": folders around everything are no class.
    while paths and all(len(p) > 2 for p in paths) and len({p[0] for p in paths}) == 1:
        paths = [p[1:] for p in paths]
    kept = [(p[0], n) for p, n in zip(paths, pictures, strict=True) if len(p) > 1]
    if not kept:
        raise InputError(
            "There are no classes in this file",
            f"It has {len(pictures)} pictures and {len(names)} files, none of them a picture in a"
            " folder. Expected one folder for each class, with its pictures inside.",
            "Put the pictures of each class into a folder with the name of the class.",
        )
    loose = [n for p, n in zip(paths, pictures, strict=True) if len(p) == 1]
    if loose:
        notes.append(f"Pictures left out, being in no folder: {len(loose)} ({loose[0]}, ...).")
    folders = sorted({folder for folder, _ in kept}, key=natural_key)
    index = {folder: i for i, folder in enumerate(folders)}
    return ProjectData(
        name=name,
        classes=[ClassData(label) for label in clean_labels(folders)],
        samples=[
            SampleData(index[folder], partial(source.read, file), name=file)
            for folder, file in kept
        ],
        notes=notes,
        close=source.close,
    )


def folder_names(labels: Iterable[str]) -> list[str]:
    """Makes different folder names, valid on every system, of labels."""
    names: list[str] = []
    seen: Counter[str] = Counter()
    for label in labels:
        safe = re.sub(r'[<>:"/\\|?*\x00-\x1f]', "_", label).strip().rstrip(". ").lstrip(".")
        if not safe or safe.split(".")[0].lower() in _RESERVED:
            safe = f"_{safe}"
        name = safe
        while seen[name.casefold()]:
            seen[safe.casefold()] += 1
            name = f"{safe} ({seen[safe.casefold()]})"
        seen[name.casefold()] += 1
        names.append(name)
    return names


def file_ending(data: bytes) -> str:
    """Returns the ending that the content of a picture asks for."""
    for magic, ending in ((b"\x89PNG", "png"), (b"GIF8", "gif"), (b"BM", "bmp")):
        if data.startswith(magic):
            return ending
    return "webp" if data[8:12] == b"WEBP" else "jpg"


def write(project: ProjectData, file: BinaryIO) -> None:
    """Writes the pictures as a zip with one folder a class; samples without one are left out.

    Args:
        project: whose pictures are read one at a time.
        file: open for writing; need not be seekable.

    Raises:
        InputError: no sample has a picture.
    """
    project.require_pictures()
    names = folder_names(c.label for c in project.classes)
    counts: Counter[int] = Counter()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name in names:
            archive.writestr(f"{name}/", b"")
        for sample in project.samples:
            if sample.read is None:
                continue
            counts[sample.class_index] += 1
            data = sample.read()
            number = f"{counts[sample.class_index]:05d}.{file_ending(data)}"
            archive.writestr(f"{names[sample.class_index]}/{number}", data)
