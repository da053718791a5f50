"""The small programs and the READMEs that go into the archives."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .packing import code, paragraphs, write_zip
from .verify import in_words
from .work import Work

_PREDICT = '''\
"""{purpose}

    python predict.py PICTURE...

Needs: {needs}
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps
{imports}
HERE = Path(__file__).resolve().parent
LABELS = (HERE / "labels.txt").read_text(encoding="utf-8").splitlines()
SIZE = {size}


def pixels(path):
    """The centre square of a picture as the network sees it: [1, {size}, {size}, 3], -1 to 1."""
    picture = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
    picture = ImageOps.fit(picture, (SIZE, SIZE), Image.Resampling.BOX)
    return np.asarray(picture, np.float32)[None] / np.float32(127.5) - 1


{load}

for path in sys.argv[1:]:
    answer = {call}
    print(path)
{say}
'''
_CLASSES = """\
    for i in np.argsort(-answer):
        print(f"  {LABELS[i]} (score = {answer[i]:.5f})")\
"""
_VALUE = """\
    print(f"  {answer[0]:.5f}")\
"""


def predict_py(work: Work, *, needs: str, imports: str, load: str, call: str) -> str:
    """Returns `predict.py`, which prints one line a class for each picture, the best first.

    Args:
        work: what is exported.
        needs: which packages it needs, for people.
        imports: lines.
        load: lines that load the model.
        call: an expression of `path` that gives a row of scores.
    """
    is_value = work.classifier.is_regression
    return _PREDICT.format(
        purpose="Measures pictures." if is_value else "Names what is in pictures.",
        needs=needs,
        imports=imports,
        size=work.graph.size,
        load=load.strip("\n"),
        call=call,
        say=_VALUE if is_value else _CLASSES,
    )


def readme(
    work: Work, title: str, agreement: dict[str, Any], files: dict[str, str], *texts: str
) -> str:
    """Returns `README.txt`.

    Args:
        work: what is exported.
        title: of the format.
        agreement: as it was measured.
        files: each file and what it is.
        texts: paragraphs; those that begin with four spaces are code.
    """
    classifier = work.classifier
    size = work.graph.size
    answer = (
        "The answer is one number."
        if classifier.is_regression
        else "The answer is one probability for each class, in the order of labels.txt; their sum"
        " is 1."
    )
    longest = max(map(len, files), default=0)
    return paragraphs(
        f"{classifier.name}: {title}",
        f"Made by Show & Tell. Classes: {', '.join(classifier.labels)}.",
        code("\n".join(f"{name:<{longest}}  {what}" for name, what in files.items())),
        f"The network looks at the centre square of a picture, {size} x {size} pixels, red, green"
        f" and blue, each scaled from 0..255 to -1..1 (x / 127.5 - 1). {answer}",
        in_words(agreement, work.real),
        *work.notes,
        *texts,
    )


def write_archive(
    work: Work,
    title: str,
    agreement: dict[str, Any],
    *,
    contents: Mapping[str, bytes | str | Path],
    described: Mapping[str, str],
    packages: str,
    program: str,
    texts: Sequence[str] = (),
    **facts: Any,
) -> Path:
    """Writes the zip of a network and the Python program that uses it; returns its path.

    Args:
        work: what is exported.
        title: of the format.
        agreement: as it was measured.
        contents: files of the network, by their names in the zip.
        described: what they are, for the README.
        packages: that the program needs, as pip is told.
        program: `predict.py`.
        texts: further paragraphs of the README.
        facts: further members of `metadata.json`.
    """
    files = {
        **described,
        "labels.txt": "the classes",
        "predict.py": "a program that uses it",
        "metadata.json": "the same facts for programs",
    }
    run = f"    pip install {packages}\n    python predict.py picture.jpg"
    document = work.document(agreement, **facts)
    path = work.folder / "export.zip"
    write_zip(
        path,
        {
            "README.txt": readme(work, title, agreement, files, "Try it:", run, *texts),
            "labels.txt": work.labels,
            "metadata.json": json.dumps(document, indent=1, ensure_ascii=False),
            **contents,
            "predict.py": program,
        },
    )
    return path
