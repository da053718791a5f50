"""`report`: how good a classifier is, from the report within its file."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..learning.errors import InputError
from ..settings import Settings
from . import DONE
from .answering import open_classifier
from .console import Console
from .pictures import add_json, finder, opened_project
from .reports import check_target, summary, write_report


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what `report` takes."""
    parser.add_argument("file", metavar="FILE", type=Path, help="a .classifier")
    parser.add_argument(
        "--out", metavar="FILE", type=Path, help="write it as an HTML page instead of text"
    )
    parser.add_argument(
        "--pictures",
        metavar="DIR",
        type=Path,
        help="what it was trained on, so that the page shows pictures",
    )
    add_json(parser)


def run(options: argparse.Namespace, console: Console, settings: Settings) -> int:
    """Shows or writes it."""
    check_target(options.out)
    classifier = open_classifier(options.file, settings, console.task())
    report = classifier.report
    if report is None:
        raise InputError(
            "This classifier has no report",
            f"{options.file} was not trained here",
            "Judge it on pictures of your own: python -m server evaluate FILE DIR",
        )
    if options.pictures and options.out:
        with opened_project(options.pictures) as project:
            write_report(report, options.out, finder(project, options.pictures))
    else:
        write_report(report, options.out, lambda name: None)
    console.print(f"The report is {options.out}." if options.out else summary(report))
    console.document({"file": str(options.file), "report": dict(report)})
    return DONE
