"""`.showtell`, this project's own file: see docs/formats.md."""

from __future__ import annotations

import json
import re
import zipfile
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from safetensors import SafetensorError
from safetensors import numpy as safetensors

from ..learning.errors import InputError
from .archive import DEFAULT_ARCHIVE_LIMITS, Archive, ArchiveLimits, damaged
from .class_settings import CHECKS, ShapeError, of_classes
from .media import KINDS, MAX_BYTES, MAX_FILES, recognise
from .project import (
    MAX_NAME,
    SOURCES,
    AssetData,
    BackboneRef,
    ClassData,
    ProjectData,
    SampleData,
    clean_labels,
    clean_text,
)
from .vectors import unit_rows

FORMAT = "showtell"
VERSION = 1
_PROJECT, _VECTORS = "project.json", "vectors.safetensors"
_MOST_JSON = 256 * 1024 * 1024
_MOST_VECTORS = 1024**3
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_COLOR = re.compile(r"#[0-9a-f]{6}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)?")
#: Settings that are kept: name -> whether a value is one.
_SETTINGS = {
    "k": lambda v: type(v) is int and 1 <= v <= 1000,
    "tolerance": lambda v: v is None or (type(v) in (int, float) and 0 < v <= 100),
    "smoothing_ms": lambda v: type(v) in (int, float) and 0 <= v <= 10_000,
    "mirror": lambda v: type(v) is bool,
}


def write(project: ProjectData, file: BinaryIO) -> None:
    """Writes everything: classes, settings, pictures, embeddings.

    Args:
        project: whose pictures are read one at a time.
        file: open for writing; need not be seekable.
    """
    ids = [sample.id or f"{number:06d}" for number, sample in enumerate(project.samples)]
    reference = project.backbone
    document = {
        "format": FORMAT,
        "version": VERSION,
        "name": project.name,
        "settings": project.settings,
        "backbone": reference and {**reference.__dict__},
        "classes": [{"id": c.id, "label": c.label, "color": c.color} for c in project.classes],
        "samples": [
            {
                "id": sample.id,
                "class": sample.class_index,
                "burst": sample.burst,
                "source": sample.source,
                "created_at": sample.created_at,
                **({"contributor": sample.contributor} if sample.contributor else {}),
                "file": f"samples/{name}.jpg" if sample.read else None,
            }
            for name, sample in zip(ids, project.samples, strict=True)
        ],
    }
    if project.assets:
        document["assets"] = [
            {"id": a.id, "name": a.name, "file": _asset_file(a)} for a in project.assets
        ]
    rows = project.embedded()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        text = json.dumps(document, ensure_ascii=False, indent=1)
        archive.writestr(_PROJECT, text, compress_type=zipfile.ZIP_DEFLATED)
        if len(rows):
            tensors = {
                "vectors": np.ascontiguousarray(project.vectors[rows], np.float32),
                "rows": rows.astype(np.int32),
            }
            archive.writestr(_VECTORS, safetensors.save(tensors))
        for name, sample in zip(ids, project.samples, strict=True):
            if sample.read is not None:
                archive.writestr(f"samples/{name}.jpg", sample.read())
        for asset in project.assets:
            archive.writestr(_asset_file(asset), asset.read())


def _asset_file(asset: AssetData) -> str:
    return f"assets/{asset.id}{KINDS[asset.mime].extension}"


def read(path: Path, name: str = "", limits: ArchiveLimits = DEFAULT_ARCHIVE_LIMITS) -> ProjectData:
    """Reads a `.showtell` file.

    Args:
        path: the file.
        name: the project's name where the file has none.
        limits: how large it may be.

    Raises:
        InputError: it is damaged, hostile, or of a version that is not known here.
    """
    archive = Archive(path, limits)
    try:
        return _read(archive, name or path.stem)
    except BaseException:
        archive.close()
        raise


def _read(archive: Archive, fallback_name: str) -> ProjectData:
    document = _document(archive)
    classes = _classes(document)
    notes: list[str] = []
    samples = []
    kept = []
    entries = _list(document, "samples")
    seen: set[str] = set()
    for position, entry in enumerate(entries):
        sample = _sample(archive, entry, len(classes), position, seen)
        samples.append(sample)
        kept.append(entry.get("file"))
    reference = _backbone(document.get("backbone"))
    vectors = _vectors(archive, len(samples), reference)
    missing = [
        i
        for i, sample in enumerate(samples)
        if sample.read is None and (vectors is None or np.isnan(vectors[i]).any())
    ]
    if missing:
        gone = set(missing)
        keep = [i for i in range(len(samples)) if i not in gone]
        samples = [samples[i] for i in keep]
        vectors = None if vectors is None else vectors[keep]
        notes.append(f"Examples left out, having neither picture nor numbers: {len(missing)}.")
    return ProjectData(
        name=clean_text(document.get("name") or "", MAX_NAME) or fallback_name,
        classes=classes,
        samples=samples,
        vectors=vectors,
        backbone=reference,
        settings=_settings(document.get("settings"), {c.id for c in classes if c.id}, notes),
        notes=notes,
        assets=_assets(archive, document.get("assets"), notes),
        close=archive.close,
    )


def _document(archive: Archive) -> dict[str, Any]:
    try:
        document = json.loads(archive.read(_PROJECT, _MOST_JSON))
    except (ValueError, RecursionError) as error:
        raise damaged(f"{_PROJECT} is no JSON ({error}).") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise damaged(f'{_PROJECT} does not say "format": "{FORMAT}".')
    version = document.get("version")
    if version != VERSION:
        raise InputError(
            "This file is of a version that is not known here",
            f"It is version {version!r:.40}; this program reads version {VERSION}.",
            "Update Show & Tell.",
            kind="unsupported-media",
        )
    return document


def _list(document: dict[str, Any], name: str) -> list[Any]:
    value = document.get(name)
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise damaged(f"{_PROJECT} has no list of {name}.")
    return value


def _matching(pattern: re.Pattern[str], value: object) -> str | None:
    return value if isinstance(value, str) and pattern.fullmatch(value) else None


def _classes(document: dict[str, Any]) -> list[ClassData]:
    entries = _list(document, "classes")
    labels = clean_labels(entry.get("label", "") for entry in entries)
    ids = [_matching(_UUID, entry.get("id")) for entry in entries]
    return [
        ClassData(
            label=label,
            id=id_ if ids.count(id_) == 1 else None,
            color=_matching(_COLOR, entry.get("color")),
        )
        for label, id_, entry in zip(labels, ids, entries, strict=True)
    ]


def _sample(
    archive: Archive, entry: dict[str, Any], classes: int, position: int, seen: set[str]
) -> SampleData:
    index = entry.get("class")
    if type(index) is not int or not 0 <= index < classes:
        raise damaged(f"Sample {position + 1} is of class {index!r:.40}; there are {classes}.")
    file = entry.get("file")
    if file is not None and (not isinstance(file, str) or file not in archive):
        raise damaged(f"Sample {position + 1} has the file {file!r:.80}, which is not there.")
    id_ = _matching(_UUID, entry.get("id"))
    if id_ in seen:
        id_ = None
    if id_ is not None:
        seen.add(id_)
    burst = entry.get("burst")
    source = entry.get("source")
    contributor = entry.get("contributor")
    return SampleData(
        class_index=index,
        read=None if file is None else partial(archive.read, file),
        id=id_,
        burst=clean_text(burst, 100) or None if isinstance(burst, str) else None,
        source=source if source in SOURCES else "import",
        created_at=_matching(_TIME, entry.get("created_at")),
        name=file or f"sample {position + 1}",
        contributor=clean_text(contributor, 40) or None if isinstance(contributor, str) else None,
    )


def _backbone(value: object) -> BackboneRef | None:
    if value is None:
        return None
    if (
        not isinstance(value, dict)
        or not isinstance(value.get("name"), str)
        or not isinstance(value.get("fingerprint"), str)
        or type(value.get("embedding_size")) is not int
    ):
        raise damaged(f"{_PROJECT} describes its backbone without name, fingerprint and size.")
    return BackboneRef(
        clean_text(value["name"], 100), value["fingerprint"][:64], value["embedding_size"]
    )


def _settings(value: object, classes: set[str], notes: list[str]) -> dict[str, Any]:
    """Keeps the settings that are some; what was said of classes that are not there is left out."""
    if not isinstance(value, dict):
        return {}
    found = {
        name: value[name] for name, fits in _SETTINGS.items() if name in value and fits(value[name])
    }
    for name, check in CHECKS.items():
        if value.get(name) is None:
            continue
        try:
            check(value[name])
        except ShapeError as error:
            notes.append(f"A setting was left out. {error}")
        else:
            found[name] = of_classes(name, value[name], classes)
    return found


def _assets(archive: Archive, value: object, notes: list[str]) -> list[AssetData]:
    """Reads the list of pictures and sounds; what is none of them is left out, and said."""
    found: list[AssetData] = []
    seen: set[str] = set()
    entries = value if isinstance(value, list) else []
    if len(entries) > MAX_FILES:  # also of those that are none: each is unpacked to be looked at
        notes.append(f"Files of outputs left out: more than {MAX_FILES}.")
    for position, entry in enumerate(entries[:MAX_FILES]):
        if not isinstance(entry, dict):
            raise damaged(f"File {position + 1} of the outputs is not described.")
        id_, file = _matching(_UUID, entry.get("id")), entry.get("file")
        if id_ is None or id_ in seen or not isinstance(file, str) or file not in archive:
            raise damaged(f"File {position + 1} of the outputs, {file!r:.80}, is not there.")
        seen.add(id_)
        name = entry.get("name")
        name = clean_text(name if isinstance(name, str) else "", MAX_NAME) or file
        read = partial(archive.read, file, MAX_BYTES)
        try:
            kind = recognise(read(), name)
        except InputError as error:
            notes.append(f"Left out of the outputs: {error}")
            continue
        found.append(AssetData(id_, name, kind.mime, read))
    return found


def _vectors(archive: Archive, count: int, reference: BackboneRef | None) -> np.ndarray | None:
    if _VECTORS not in archive:
        return None
    try:
        tensors = safetensors.load(archive.read(_VECTORS, _MOST_VECTORS))
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise damaged(f"{_VECTORS} cannot be read ({error}).") from error
    vectors, rows = tensors.get("vectors"), tensors.get("rows")
    if (
        vectors is None
        or rows is None
        or vectors.dtype != np.float32
        or vectors.ndim != 2
        or rows.dtype != np.int32
        or rows.shape != (len(vectors),)
        or (len(rows) and not (rows.min() >= 0 and rows.max() < count))
        or len(np.unique(rows)) != len(rows)
        or (reference is not None and vectors.shape[1] != reference.embedding_size)
    ):
        raise damaged(f"{_VECTORS} does not fit {_PROJECT}.")
    result = np.full((count, vectors.shape[1]), np.nan, np.float32)
    result[rows] = unit_rows(vectors, _VECTORS)
    return result
