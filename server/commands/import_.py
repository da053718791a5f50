"""`import`: a classifier of another program's model."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..settings import Settings
from . import DONE
from .console import Console
from .pictures import add_json, must_exist
from .reports import check_target, save


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what `import` takes."""
    parser.add_argument(
        "file",
        metavar="FILE",
        type=Path,
        help="a Teachable Machine image model (.zip), a Keras model (.keras, .h5), or an export of"
        " these kinds",
    )
    parser.add_argument(
        "--out", metavar="CLASSIFIER", type=Path, required=True, help="the classifier to write"
    )
    parser.add_argument("--name", metavar="N", help="of the classifier (default: FILE's)")
    parser.add_argument(
        "--pixels",
        metavar="RANGE",
        help="what a Keras model wants pixels to be: 0..1, 0..255 or x/127-1 (default: -1..1, or"
        " what its first layer says)",
    )
    add_json(parser)


def run(options: argparse.Namespace, console: Console, settings: Settings) -> int:
    """Reads, saves and tells."""
    from ..exports import importing

    must_exist(options.file, "The model")
    check_target(options.out)
    task = console.task()
    made = importing.read(options.file, options.name or "", task, options.pixels)
    save(made, options.out)
    console.stop_drawing()
    console.print(f"Classes: {', '.join(made.labels)}")
    console.print(f"Saved {options.out} ({options.out.stat().st_size:,} bytes).")
    console.document(
        {
            "file": str(options.out),
            "name": made.name,
            "classes": made.labels,
            "kind": made.model.kind,
        }
    )
    return DONE
