"""A trained classifier as one file: a zip of `classifier.json`, its numbers and its report.

classifier.json       format, version, name, recipe, classes, backbone, temperature, options
weights.safetensors   arrays of the model, where it has some
report.json           how good it is, where it was judged
model.tflite, ...     files of a whole network
"""

from __future__ import annotations

import json
import math
import os
import secrets
import zipfile
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from ..learning.classifier import BackboneRef, Classifier, ClassRef
from ..learning.errors import InputError
from ..learning.models import MODELS, Model
from .archive import Archive, ArchiveLimits

FORMAT = "showtell-classifier"
VERSION = 1
EXTENSION = ".classifier"
MIME = "application/vnd.showtell.classifier+zip"
#: A KNN of 100,000 examples or a VGG16 fits in; what claims to grow more than a report does not.
LIMITS = ArchiveLimits(entries=100, entry_bytes=512 * 1024**2, total_bytes=1024**3, inflation=60)
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
    """Writes a classifier to a file open for writing.

    Numbers are stored as they are, since they hardly shrink; text is packed.
    """
    from safetensors.numpy import save as to_bytes

    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_DOCUMENT, _json(document(classifier)))
        if classifier.report is not None:
            archive.writestr(_REPORT, _json(classifier.report))
        arrays = classifier.model.arrays()
        if arrays:
            archive.writestr(_WEIGHTS, to_bytes(dict(arrays)), zipfile.ZIP_STORED)
        for name, data in classifier.model.files().items():
            how = zipfile.ZIP_DEFLATED if name.endswith(".json") else zipfile.ZIP_STORED
            archive.writestr(name, data, how)


def _json(value: Any) -> bytes:
    # Names of files may have bytes that are no text.
    text = json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False)
    return text.encode("utf-8", "replace")


def save(classifier: Classifier, path: Path) -> None:
    """Writes a classifier to a path, whole or not at all.

    Raises:
        OSError: the disk is full, or the folder cannot be written to.
    """
    path = Path(path)
    # Beside it, so that taking its name is one step; made by open(), so that the umask counts.
    temporary = path.with_name(f".{path.name[:100]}.{secrets.token_hex(8)}.part")
    try:
        with temporary.open("xb") as file:
            write(classifier, file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def is_classifier(path: Path) -> bool:
    """Tells by its content whether a file is a classifier."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _DOCUMENT in archive.namelist()
    except (zipfile.BadZipFile, OSError):
        return False


def read(path: Path, limits: ArchiveLimits = LIMITS) -> Classifier:
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
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            what = f"it lacks {error}" if isinstance(error, KeyError) else f"{error}"
            raise InputError(
                "The classifier is damaged",
                f"{path.name}: {what:.300}.",
                "Save it again where it comes from, or train it again.",
            ) from error


def _parse(data: bytes) -> dict[str, Any]:
    def refuse(word: str) -> None:
        raise ValueError(f"{word} is no number of JSON")

    value = json.loads(data.decode("utf-8"), parse_constant=refuse)
    if not isinstance(value, dict):
        raise ValueError(f"a {type(value).__name__} is where an object is expected")
    return value


def _read(archive: Archive) -> Classifier:
    described = _parse(archive.read(_DOCUMENT))
    if described.get("format") != FORMAT or described.get("version") != VERSION:
        raise InputError(
            "This classifier is of a version that is not known here",
            f"It says {described.get('format')!r:.40} version {described.get('version')!r:.20};"
            f" expected {FORMAT!r} version {VERSION}.",
            "Update Show & Tell, or save it again where it comes from.",
            kind="unsupported-media",
        )
    names = archive.names()
    own = (_DOCUMENT, _WEIGHTS, _REPORT)
    files = {name: archive.read(name) for name in names if name not in own}
    described_model = dict(described["model"])
    kind = described_model.pop("kind")
    if kind not in MODELS:
        raise ValueError(f"its model is {kind!r:.40}, expected one of {', '.join(MODELS)}")
    model = MODELS[kind].from_parts(described_model, _arrays(archive), files)
    classifier = Classifier(
        name=str(described["name"]),
        recipe=str(described["recipe"]),
        classes=[_class(c) for c in described["classes"]],
        model=model,
        backbone=BackboneRef(**described["backbone"]) if described["backbone"] else None,
        temperature=float(described["temperature"]),
        created_at=str(described["created_at"]),
        options=dict(described["options"]),
        report=_parse(archive.read(_REPORT)) if _REPORT in names else None,
        is_regression=described["is_regression"] is True,
    )
    _check(classifier, model)
    return classifier


def _arrays(archive: Archive) -> dict[str, Any]:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    if _WEIGHTS not in archive:
        return {}
    try:
        return load(archive.read(_WEIGHTS))
    except SafetensorError as error:
        raise ValueError(f"{_WEIGHTS} cannot be read ({error})") from error


def _class(entry: dict[str, Any]) -> ClassRef:
    made = ClassRef(**entry)
    if not isinstance(made.label, str) or not made.label:
        raise ValueError(f"a class is called {made.label!r:.40}, expected text")
    if not all(value is None or isinstance(value, str) for value in (made.id, made.color)):
        raise ValueError(f"the class {made.label!r:.40} has an id or colour that is no text")
    return made


def _check(classifier: Classifier, model: Model) -> None:
    """Raises ValueError where the parts of a classifier contradict each other."""
    if not 0 < classifier.temperature < math.inf:
        raise ValueError(f"its temperature is {classifier.temperature}, expected above 0")
    expected = 1 if classifier.is_regression else len(classifier.classes)
    if model.outputs != expected:
        raise ValueError(f"its model answers {model.outputs} numbers, expected {expected}")
    backbone = classifier.backbone
    if model.wants == "vectors":
        if backbone is None:
            raise ValueError("it does not say whose vectors it wants")
        if model.inputs != backbone.embedding_size:
            raise ValueError(
                f"its model wants {model.inputs} numbers, its backbone has"
                f" {backbone.embedding_size}"
            )
    if backbone and not all(isinstance(v, str) for v in (backbone.name, backbone.fingerprint)):
        raise ValueError("its backbone has a name or fingerprint that is no text")
