"""The table of formats, and finding out by its content which one a file is."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ..learning.errors import InputError
from . import knn_json, pictures, showtell, tables, teachable_machine
from .archive import DEFAULT_ARCHIVE_LIMITS, Archive, ArchiveLimits
from .project import MAX_NAME, ProjectData, clean_text

Reader = Callable[[Path, str, ArchiveLimits], ProjectData]
Writer = Callable[[ProjectData, BinaryIO], None]


@dataclass(frozen=True)
class Format:
    """A row of the table.

    Attributes:
        name: as in `?format=`.
        title: for people.
        extension: with its dot.
        mime: media type of what is written.
        read: path, project's name and limits to a project; None where it is only written.
        write: project to a file open for writing; None where it is only read.
        needs_vectors: whether writing needs embeddings; a file with pictures needs none.
        needs_pictures: whether only pictures are written.
    """

    name: str
    title: str
    extension: str
    mime: str
    read: Reader | None = None
    write: Writer | None = None
    needs_vectors: bool = False
    needs_pictures: bool = False


_ZIP = "application/zip"
_JSON = "application/json"

FORMATS: dict[str, Format] = {
    row.name: row
    for row in (
        Format(
            "showtell",
            "Show & Tell project",
            ".showtell",
            "application/vnd.showtell+zip",
            showtell.read,
            showtell.write,
        ),
        Format(
            "zip",
            "Pictures, one folder a class",
            ".zip",
            _ZIP,
            pictures.read,
            pictures.write,
            needs_pictures=True,
        ),
        Format(
            "knn",
            "KNN for TensorFlow.js",
            ".json",
            _JSON,
            knn_json.read_knn,
            knn_json.write_knn,
            needs_vectors=True,
        ),
        Format(
            "ml5",
            "KNN for ml5.js",
            ".json",
            _JSON,
            knn_json.read_ml5,
            knn_json.write_ml5,
            needs_vectors=True,
        ),
        Format(
            "tm",
            "Teachable Machine project",
            ".tm",
            _ZIP,
            teachable_machine.read,
            teachable_machine.write,
            needs_pictures=True,
        ),
        Format("genai-tm", "GenAI-TM project", ".zip", _ZIP, teachable_machine.read_genai),
        Format(
            "csv",
            "Table of embeddings",
            ".csv",
            "text/csv; charset=utf-8",
            write=tables.write_csv,
            needs_vectors=True,
        ),
        Format(
            "npz",
            "Arrays for NumPy",
            ".npz",
            "application/octet-stream",
            write=tables.write_npz,
            needs_vectors=True,
        ),
    )
}

_UNKNOWN_HINT = (
    "Read are: .showtell, Teachable Machine .tm, a zip of pictures with one folder a class, and"
    " the KNN JSON of TensorFlow.js and ml5."
)


def sniff(path: Path, limits: ArchiveLimits = DEFAULT_ARCHIVE_LIMITS) -> str:
    """Finds out which format a file is, by its content; its name does not count.

    Args:
        path: the file, or a folder of pictures.
        limits: how large an archive may be.

    Returns:
        A key of `FORMATS`.

    Raises:
        InputError: none of them.
    """
    if path.is_dir():
        return "zip"
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith(b"PK"):
        return _sniff_archive(path, limits)
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"["):
        return "knn"
    if text.startswith(b"{") and re.search(rb'"(dataset|tensors)"\s*:', text):
        return "ml5"
    raise InputError(
        "This kind of file cannot be imported",
        f"It begins with {head[:12]!r}." if head else "It is empty.",
        _UNKNOWN_HINT,
        kind="unsupported-media",
    )


def _sniff_archive(path: Path, limits: ArchiveLimits) -> str:
    with Archive(path, limits) as archive:
        names = archive.names()
    there = set(names)
    if "project.json" in there:
        return "showtell"
    if "manifest.json" in there and (len(there) == 1 or any("-!-" in n for n in names)):
        return "tm"
    if "metadata.json" in there and any(n.startswith("samples/") for n in names):
        return "genai-tm"
    if {"model.json", "weights.bin"} <= there:
        raise InputError(
            "This is a trained model without its pictures",
            "It has model.json and weights.bin, but no samples.",
            "In Teachable Machine choose 'Download project as file' instead. Its eyes can be read"
            " with: python convert_models.py NAME --from-teachable-machine FILE",
            kind="unsupported-media",
        )
    return "zip"


def read_project(
    path: Path, file_name: str = "", limits: ArchiveLimits = DEFAULT_ARCHIVE_LIMITS
) -> ProjectData:
    """Reads a project from a file of any of the formats.

    Args:
        path: the file, or a folder of pictures. It must stay until the project is closed.
        file_name: what the person called the file; names a project that has no name inside.
        limits: how large an archive may be.

    Raises:
        InputError: it cannot be read, or is not accepted.
    """
    reader = FORMATS[sniff(path, limits)].read
    stem = re.split(r"[/\\]", file_name)[-1].rsplit(".", 1)[0] if file_name else path.stem
    return reader(path, clean_text(stem, MAX_NAME) or "Imported project", limits)


def write_project(name: str, project: ProjectData, file: BinaryIO) -> None:
    """Writes a project in the format of that name.

    Args:
        name: a key of `FORMATS`.
        project: what to write.
        file: open for writing; need not be seekable.

    Raises:
        InputError: the format is not written here, or needs embeddings that are not there.
    """
    writer = FORMATS[name].write if name in FORMATS else None
    if writer is None:
        known = ", ".join(f.name for f in FORMATS.values() if f.write)
        raise InputError(
            "This format is not written here", f"Received {name!r:.40}; expected one of {known}."
        )
    writer(project, file)


def download_name(name: str, project_name: str) -> str:
    """Returns the file name for a download, valid on every system."""
    return pictures.folder_names([project_name])[0] + FORMATS[name].extension
