"""`export`: a classifier in a format of other programs, compared with it before it is kept."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ..learning.errors import InputError
from ..settings import Settings
from . import DONE
from .answering import backbone_of, open_classifier
from .console import Console
from .pictures import add_json, must_exist

if TYPE_CHECKING:
    import numpy as np

#: More pictures than these add nothing to the comparison.
MOST_PICTURES = 120


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what `export` takes."""
    parser.add_argument(
        "file", metavar="FILE", type=Path, help="a .classifier, or a project such as a .showtell"
    )
    parser.add_argument(
        "--format",
        metavar="F",
        required=True,
        help="tfjs, keras, h5, savedmodel, tflite, tflite-float16, tflite-int8, onnx, labels,"
        " header, html, npz or classifier (docs/exports.md)",
    )
    parser.add_argument(
        "--out",
        metavar="PATH",
        type=Path,
        help="file to write, or folder for a file named by itself (default: the folder you are in)",
    )
    parser.add_argument(
        "--pictures",
        metavar="DIR",
        type=Path,
        help="pictures to compare the answers on, best like those it is meant for (default: drawn"
        " ones)",
    )
    add_json(parser)


def run(options: argparse.Namespace, console: Console, settings: Settings) -> int:
    """Writes, compares and tells."""
    from .. import exports
    from .reports import check_target, percent

    task = console.task()
    classifier = open_classifier(options.file, settings, task)
    out = options.out or Path()
    if not out.is_dir():
        check_target(out)
    backbone = backbone_of(classifier, settings)
    squares = _squares(options.pictures) if options.pictures else []
    made = exports.make(options.format, classifier, backbone, squares, task, out)
    console.stop_drawing()
    for note in made.notes:
        console.print(note)
    agreement = made.agreement or {}
    if "max_difference" in agreement:
        same = agreement["same_answers"]  # None of values
        told = f" {percent(same)} of the answers are the same," if same is not None else ""
        console.print(
            f"Loaded again and compared on {agreement['pictures']} pictures:{told} the"
            f" {'values' if same is None else 'scores'} differ by at most"
            f" {agreement['max_difference']:.2g}."
        )
    console.print(f"Saved {made.path} ({Path(made.path).stat().st_size:,} bytes).")
    console.document(
        {
            "file": str(options.file),
            "format": options.format,
            "out": str(made.path),
            "agreement": agreement,
            "notes": list(made.notes),
        }
    )
    return DONE


def _squares(folder: Path) -> list[np.ndarray]:
    """Decodes pictures of a folder, taken evenly from all of them."""
    from ..learning.pictures import decode_square
    from .guess_dir import walk

    must_exist(folder, "The folder of pictures")
    paths = [folder] if folder.is_file() else list(walk(folder, folder))
    if not paths:
        raise InputError("There are no pictures in the folder", f"Received {folder}")
    step = max(1, len(paths) // MOST_PICTURES)
    squares = []
    for path in paths[::step][:MOST_PICTURES]:
        try:
            squares.append(decode_square(path.read_bytes()))
        except InputError:
            continue  # what cannot be read is no picture to compare on
    if not squares:
        raise InputError("None of the pictures can be read", f"Received {folder}")
    return squares
