"""Backbone folders: what is there, what it is, and whether it is whole (docs/architecture.md)."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from .errors import InputError

FORMAT = "showtell-backbone"
VERSION = 1
#: The backbone that every checkout has.
DEFAULT_NAME = "showtell_v2"
#: Built-in backbones of earlier times, and the one that took the place of each.
REPLACED = {"showtell_v1": "showtell_v2"}
MODELS = Path(__file__).resolve().parent.parent.parent / "models"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
_HEX64 = re.compile(r"[0-9a-f]{64}")
#: Without these nothing can be embedded, neither in the browser nor here.
_NEEDED_FILES = ("model.json", "backbone.tflite")


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


#: field of backbone.json -> (what is expected, whether a value is that)
_FIELDS = {
    "name": ("letters, digits, '_', '.', '-'", lambda v: bool(_NAME.fullmatch(str(v)))),
    "title": ("text", lambda v: isinstance(v, str)),
    "input_size": ("a whole number above 0", _is_count),
    "embedding_size": ("a whole number above 0", _is_count),
    "pixel_range": ("[-1, 1]", lambda v: v == [-1, 1]),
    "has_top": ("true or false", lambda v: isinstance(v, bool)),
    "fingerprint": ("64 hexadecimal digits", lambda v: bool(_HEX64.fullmatch(str(v)))),
    "files": (
        "{name: {bytes, sha256}}",
        lambda v: (
            isinstance(v, dict)
            and all(isinstance(f, dict) and isinstance(f.get("bytes"), int) for f in v.values())
        ),
    ),
}


@dataclass(frozen=True)
class Backbone:
    """A backbone folder whose files are all there.

    Attributes:
        folder: where it is.
        document: backbone.json as it was read.
    """

    folder: Path
    document: dict[str, Any] = field(repr=False, compare=False)
    name: str
    title: str
    fingerprint: str
    input_size: int
    embedding_size: int
    has_top: bool

    @property
    def model_file(self) -> Path:
        """Where the LiteRT file is."""
        return self.folder / "backbone.tflite"

    @cached_property
    def labels(self) -> list[dict[str, str]]:
        """The classes of the top, `{"id", "name"}` in the order of the logits; [] without a top."""
        if not self.has_top:
            return []
        return json.loads((self.folder / "labels.json").read_text(encoding="utf-8"))

    def describe(self) -> dict[str, Any]:
        """Returns backbone.json's content without the list of files, as JSON values.

        `replaces` are the names of earlier built-in backbones whose projects it serves.
        """
        described = {key: value for key, value in self.document.items() if key != "files"}
        return described | {"replaces": [old for old, new in REPLACED.items() if new == self.name]}

    def verify(self) -> None:
        """Compares the hash of every file with backbone.json.

        Raises:
            InputError: a file has changed.
        """
        for name, entry in self.document["files"].items():
            found = hashlib.sha256((self.folder / name).read_bytes()).hexdigest()
            if found != entry.get("sha256"):
                raise _damaged(self.folder, f"{name} is not the file that was written")


@dataclass(frozen=True)
class Found:
    """What a look through folders found: usable backbones, and folders with their problems."""

    backbones: list[Backbone]
    problems: list[tuple[Path, InputError]]


def _damaged(folder: Path, detail: str) -> InputError:
    return InputError(
        f"The backbone folder {folder.name} cannot be used",
        f"{detail}.",
        f"Convert it again: python convert_models.py {folder.name}",
    )


def load_backbone(folder: Path) -> Backbone:
    """Reads and checks a backbone folder.

    Args:
        folder: the folder with backbone.json.

    Raises:
        InputError: it is incomplete, damaged, or of a version that is not known here.
    """
    folder = Path(folder)
    try:
        document = json.loads((folder / "backbone.json").read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise _damaged(folder, "It has no backbone.json") from error
    except (OSError, ValueError) as error:
        raise _damaged(folder, f"backbone.json cannot be read ({error})") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise _damaged(folder, f'backbone.json does not say "format": "{FORMAT}"')
    if document.get("version") != VERSION:
        raise _damaged(
            folder, f"backbone.json is version {document.get('version')!r}, expected {VERSION}"
        )
    for name, (expected, is_valid) in _FIELDS.items():
        if not is_valid(document.get(name)):
            raise _damaged(
                folder,
                f"backbone.json has {name} {document.get(name)!r:.80}, expected {expected}",
            )
    if document["name"] != folder.name:
        raise InputError(
            f"The backbone folder {folder.name} cannot be used",
            f"Its backbone.json calls it {document['name']}.",
            f"Rename the folder to {document['name']}.",
        )
    _check_files(folder, document)
    return Backbone(
        folder=folder,
        document=document,
        **{key: document[key] for key in ("name", "title", "fingerprint", "input_size")},
        embedding_size=document["embedding_size"],
        has_top=document["has_top"],
    )


def _check_files(folder: Path, document: dict[str, Any]) -> None:
    """Compares the files that are there with those that backbone.json lists, by size."""
    needed = [*_NEEDED_FILES, *(["labels.json"] if document["has_top"] else [])]
    for name in needed:
        if name not in document["files"]:
            raise _damaged(folder, f"backbone.json lists no {name}")
    for name, entry in document["files"].items():
        path = folder / name
        if Path(name).name != name or not path.is_file():
            raise _damaged(folder, f"{name} is missing")
        if path.stat().st_size != entry["bytes"]:
            raise _damaged(
                folder, f"{name} has {path.stat().st_size} bytes, expected {entry['bytes']}"
            )


def list_backbones(folders: Path | Iterable[Path] = MODELS) -> Found:
    """Looks through folders of backbone folders.

    Args:
        folders: one or several; of two backbones of one name the first counts. A folder that does
            not exist holds none.

    Returns:
        The usable ones, the default first, then by name; and what is wrong with the others.
    """
    if isinstance(folders, str | Path):
        folders = [folders]
    found: dict[str, Backbone] = {}
    problems: list[tuple[Path, InputError]] = []
    for parent in map(Path, folders):
        if not parent.is_dir():
            continue
        for folder in sorted(parent.iterdir()):
            if folder.name.startswith(".") or not (folder / "backbone.json").exists():
                continue
            try:
                backbone = load_backbone(folder)
            except InputError as error:
                problems.append((folder, error))
            else:
                found.setdefault(backbone.name, backbone)
    ordered = sorted(found.values(), key=lambda b: (b.name != DEFAULT_NAME, b.name))
    return Found(ordered, problems)


def get(name: str = DEFAULT_NAME, folders: Path | Iterable[Path] = MODELS) -> Backbone:
    """Returns the backbone of a name.

    Raises:
        InputError: (kind "mismatch") there is none, or its folder is damaged.
    """
    found = list_backbones(folders)
    for backbone in found.backbones:
        if backbone.name == name:
            return backbone
    for folder, problem in found.problems:
        if folder.name == name:
            raise InputError(problem.title, problem.detail, problem.hint, kind="mismatch")
    here = ", ".join(backbone.name for backbone in found.backbones) or "none"
    raise InputError(
        f"The backbone {name} is not here",
        f"These are: {here}.",
        f"Convert it: python convert_models.py {name}",
        kind="mismatch",
    )
