"""A trained classifier as one file: a zip of `classifier.json`, its numbers and its report.

    classifier.json       format, version, name, recipe, classes, backbone, temperature, options
    weights.safetensors   arrays of the model, where it has some
    report.json           how good it is, where it was judged
    model.tflite, ...     files of a whole network
"""

from __future__ import annotations

import json
import os
import tempfile
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from ..learning.classifier import BackboneRef, Classifier, ClassRef
from ..learning.errors import InputError
from ..learning.models import MODELS
from .archive import DEFAULT_ARCHIVE_LIMITS, Archive, ArchiveLimits

FORMAT = "showtell-classifier"
VERSION = 1
EXTENSION = ".classifier"
MIME = "application/vnd.showtell.classifier+zip"
_DOCUMENT, _WEIGHTS, _REPORT = "classifier.json", "weights.safetensors", "report.json"


def document(classifier: Classifier) -> dict[str, Any]:
    """Returns `classifier.json`."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "name": classifier.name,
        "recipe": classifier.recipe,
        "created_at": classifier.created_at,
        "classes": [asdict(c) for c in classifier.classes],
        "backbone": asdict(classifier.backbone) if classifier.backbone else None,
        "temperature": classifier.temperature,
        "is_regression": classifier.is_regression,
        "options": dict(classifier.options),
        "model": {"kind": classifier.model.kind, **classifier.model.describe()},
    }


def write(classifier: Classifier, file: BinaryIO) -> None:
    """Writes a classifier to a file open for writing."""
    from safetensors.numpy import save

    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_DOCUMENT, _json(document(classifier)))
        if classifier.report is not None:
            archive.writestr(_REPORT, _json(classifier.report))
        arrays = classifier.model.arrays()
        if arrays:
            archive.writestr(_WEIGHTS, save(dict(arrays)))
        for name, data in classifier.model.files().items():
            archive.writestr(name, data)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False)


def save(classifier: Classifier, path: Path) -> None:
    """Writes a classifier to a path, whole or not at all.

    Raises:
        OSError: the disk is full, or the folder cannot be written to.
    """
    path = Path(path)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            write(classifier, file)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644 & ~_umask())
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def is_classifier(path: Path) -> bool:
    """Tells by its content whether a file is a classifier."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _DOCUMENT in archive.namelist()
    except (zipfile.BadZipFile, OSError):
        return False


def read(path: Path, limits: ArchiveLimits = DEFAULT_ARCHIVE_LIMITS) -> Classifier:
    """Reads a classifier.

    Raises:
        InputError: it is none, is damaged, or is of a newer version.
    """
    with Archive(path, limits) as archive:
        if _DOCUMENT not in archive:
            raise InputError(
                "This is no classifier",
                f"{path.name} has no {_DOCUMENT}.",
                "Make one with: python -m server train FOLDER --out FILE",
                kind="unsupported-media",
            )
        try:
            return _read(archive)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InputError(
                "The classifier is damaged",
                f"{path.name}: {error}.",
                "Save it again where it comes from, or train it again.",
            ) from error


def _read(archive: Archive) -> Classifier:
    from safetensors.numpy import load

    described = json.loads(archive.read(_DOCUMENT))
    if described.get("format") != FORMAT or described.get("version") != VERSION:
        raise InputError(
            "This classifier is of a version that is not known here",
            f"It says {described.get('format')!r:.40} version {described.get('version')!r:.20},"
            f" expected {FORMAT!r} version {VERSION}.",
            "Update Show & Tell.",
        )
    names = archive.names()
    arrays = load(archive.read(_WEIGHTS)) if _WEIGHTS in names else {}
    own = (_DOCUMENT, _WEIGHTS, _REPORT)
    files = {name: archive.read(name) for name in names if name not in own}
    model: Mapping[str, Any] = dict(described["model"])
    kind = model.pop("kind")  # type: ignore[attr-defined]
    if kind not in MODELS:
        raise ValueError(f"its model is {kind!r}, expected one of {', '.join(MODELS)}")
    backbone = described["backbone"]
    temperature = float(described["temperature"])
    if not 0 < temperature < 1e6:
        raise ValueError(f"its temperature is {temperature}")
    return Classifier(
        name=str(described["name"]),
        recipe=str(described["recipe"]),
        classes=[ClassRef(**c) for c in described["classes"]],
        model=MODELS[kind].from_parts(model, arrays, files),
        backbone=BackboneRef(**backbone) if backbone else None,
        temperature=temperature,
        created_at=str(described["created_at"]),
        options=dict(described["options"]),
        report=json.loads(archive.read(_REPORT)) if _REPORT in names else None,
        is_regression=bool(described["is_regression"]),
    )
