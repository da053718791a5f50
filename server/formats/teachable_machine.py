"""Projects of Teachable Machine (.tm) and of GenAI-TM: pictures in a flat zip."""

from __future__ import annotations

import json
import re
import zipfile
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from ..learning.errors import InputError
from .archive import DEFAULT_ARCHIVE_LIMITS, Archive, ArchiveLimits, damaged
from .pictures import file_ending, folder_names, is_picture_name, left_out
from .project import ClassData, ProjectData, SampleData, clean_labels

_MANIFEST = "manifest.json"
_METADATA = "metadata.json"
_MOST_JSON = 4 * 1024 * 1024
#: "<class>-!-<number>.jpg" and "samples/<class>_<number>.png".
_TM_SAMPLE = re.compile(r"(?P<label>.*)-!-(?P<number>\d+)\.\w+", re.S)
_GENAI_SAMPLE = re.compile(r"samples/(?P<label>.*)_(?P<number>\d+)\.\w+", re.S)
_KINDS = {"image": "", "pose": "Poses were taught in this file; their pictures are read."}


def _json(archive: Archive, name: str) -> dict[str, Any]:
    try:
        document = json.loads(archive.read(name, _MOST_JSON))
    except (ValueError, RecursionError) as error:
        raise damaged(f"{name} is no JSON ({error}).") from error
    if not isinstance(document, dict):
        raise damaged(f"{name} holds {type(document).__name__}; expected an object.")
    return document


def _project(
    archive: Archive, name: str, pattern: re.Pattern[str], order: list[str], notes: list[str]
) -> ProjectData:
    """Collects the samples whose names match; `order` lists labels that come first."""
    index = {label: i for i, label in enumerate(dict.fromkeys(order))}
    found: list[tuple[int, int, str]] = []
    others = []
    for file in archive.names():
        match = pattern.fullmatch(file)
        if match is None or not is_picture_name(file):
            others.append(file)
            continue
        label = index.setdefault(match["label"], len(index))
        found.append((label, int(match["number"][:18]), file))
    if not found:
        raise InputError(
            "There are no pictures in this project",
            f"The archive has {len(others)} files, none of them named as a sample.",
            "Save the project in the program it comes from once more, with samples.",
        )
    others = [o for o in others if o not in (_MANIFEST, _METADATA)]
    return ProjectData(
        name=name,
        classes=[ClassData(label) for label in clean_labels(index)],
        samples=[
            SampleData(label, partial(archive.read, file), name=file)
            for label, _, file in sorted(found)
        ],
        notes=[*notes, *left_out(others)],
        close=archive.close,
    )


def read(path: Path, name: str = "", limits: ArchiveLimits = DEFAULT_ARCHIVE_LIMITS) -> ProjectData:
    """Reads a Teachable Machine project.

    Classes come in the order in which the archive names them first. Of the manifest only the kind
    is looked at: it may hold the token with which its author publishes.

    Args:
        path: the .tm file.
        name: the project's name.
        limits: how large it may be.

    Raises:
        InputError: it is a project of sounds, or damaged, or has no pictures.
    """
    archive = Archive(path, limits)
    try:
        kind = _json(archive, _MANIFEST).get("type")
        if not isinstance(kind, str) or kind not in _KINDS:
            raise InputError(
                "This is not a project of pictures",
                f"Its manifest says {kind!r:.40}; expected one of {', '.join(_KINDS)}.",
                kind="unsupported-media",
            )
        notes = [_KINDS[kind]] if _KINDS[kind] else []
        return _project(archive, name or path.stem, _TM_SAMPLE, [], notes)
    except BaseException:
        archive.close()
        raise


def read_genai(
    path: Path, name: str = "", limits: ArchiveLimits = DEFAULT_ARCHIVE_LIMITS
) -> ProjectData:
    """Reads the samples of a GenAI-TM project: metadata.json names the classes in order.

    Args:
        path: the zip.
        name: the project's name.
        limits: how large it may be.

    Raises:
        InputError: it is damaged, or has no pictures.
    """
    archive = Archive(path, limits)
    try:
        labels = _json(archive, _METADATA).get("labels")
        if not isinstance(labels, list):
            raise damaged(f"{_METADATA} has no list of labels.")
        order = [label for label in labels if isinstance(label, str)]
        return _project(archive, name or path.stem, _GENAI_SAMPLE, order, [])
    except BaseException:
        archive.close()
        raise


def write(project: ProjectData, file: BinaryIO) -> None:
    """Writes a Teachable Machine project: 224-pixel JPEGs, then the manifest with its defaults.

    Args:
        project: whose pictures are read one at a time; samples without one are left out.
        file: open for writing; need not be seekable.

    Raises:
        InputError: no sample has a picture.
    """
    project.require_pictures()
    names = folder_names(c.label for c in project.classes)
    counts: Counter[int] = Counter()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        # The order of first appearance is the order of the classes.
        for sample in sorted(project.samples, key=lambda s: s.class_index):
            if sample.read is None:
                continue
            data = sample.read()
            number = counts[sample.class_index]
            counts[sample.class_index] += 1
            archive.writestr(f"{names[sample.class_index]}-!-{number}.{file_ending(data)}", data)
        manifest = {
            "type": "image",
            "version": "2.4.10",
            "appdata": {
                "publishResults": {},
                "trainEpochs": 50,
                "trainBatchSize": 16,
                "trainLearningRate": 0.001,
            },
        }
        archive.writestr(_MANIFEST, json.dumps(manifest))
