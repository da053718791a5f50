"""Archives that are the same bytes each time, and the words that go into them."""

from __future__ import annotations

import io
import re
import textwrap
import unicodedata
import zipfile
from collections.abc import Mapping
from pathlib import Path

from ..learning.classifier import Classifier

_EPOCH = (1980, 1, 1, 0, 0, 0)
_PACKED = (".json", ".txt", ".html", ".py", ".js", ".h", ".csv", ".md")


def slug(name: str) -> str:
    """Returns a file name without surprises: ASCII letters, digits and dashes, at most 60."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-") or "classifier"


def write_zip(path: Path, files: Mapping[str, bytes | str | Path]) -> None:
    """Writes a zip in the order given, with one fixed time for all.

    Args:
        path: where.
        files: name in the zip to bytes, text or a file.
    """
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name, _EPOCH)
            info.external_attr = 0o644 << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            data = content.read_bytes() if isinstance(content, Path) else content
            archive.writestr(info, data)


def folder_files(folder: Path, prefix: str) -> dict[str, Path]:
    """Returns the files of a folder and those below, sorted, by their names in a zip."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {f"{prefix}{path.relative_to(folder).as_posix()}": path for path in paths}


def unpacked_again(data: bytes) -> bytes:
    """Returns a zip written anew with fixed times, its entries sorted by name."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = {name: archive.read(name) for name in sorted(archive.namelist())}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in entries.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def labels_text(classifier: Classifier) -> str:
    """Returns `labels.txt`: a label a line, in the order of the scores."""
    return "".join(f"{' '.join(label.split())}\n" for label in classifier.labels)


def paragraphs(*texts: str) -> str:
    """Returns texts as a README: each wrapped at 80 characters, an empty line between.

    A text that begins with four spaces is code and stays as it is.
    """
    wrapped = [
        text.rstrip("\n") if text.startswith("    ") else textwrap.fill(" ".join(text.split()), 80)
        for text in texts
        if text
    ]
    return "\n\n".join(wrapped) + "\n"


def code(text: str) -> str:
    """Returns a program as an indented block for `paragraphs`."""
    return textwrap.indent(textwrap.dedent(text).strip("\n"), "    ")
