"""`evaluate`: how good a classifier is on other labelled pictures."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..settings import Settings
from . import DONE, SOME_SKIPPED
from .answering import backbone_of, open_classifier
from .console import Console
from .pictures import (
    add_json,
    add_no_cache,
    add_processes,
    finder,
    opened_cache,
    opened_project,
    read_labelled,
    report_skipped,
)
from .reports import check_target, summary, write_report

if TYPE_CHECKING:
    from ..learning.classifier import Classifier


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what `evaluate` takes."""
    parser.add_argument(
        "file", metavar="FILE", type=Path, help="a .classifier, or a project such as a .showtell"
    )
    parser.add_argument(
        "dir",
        metavar="DIR",
        type=Path,
        help="folder with one folder of pictures for each class, named like the classifier's, or a"
        " project file",
    )
    parser.add_argument(
        "--report", metavar="FILE", type=Path, help="also write the report as an HTML page"
    )
    add_processes(parser)
    add_no_cache(parser)
    add_json(parser)


def run(options: argparse.Namespace, console: Console, settings: Settings) -> int:
    """Judges and tells."""
    from ..learning.training import evaluate

    check_target(options.report)
    task = console.task()
    classifier = open_classifier(options.file, settings, task, options.processes)
    wants = "pictures" if classifier.model.wants == "squares" else "vectors"
    backbone = backbone_of(classifier, settings)
    words = ["python", "-m", "server", "evaluate", str(options.file), str(options.dir)]
    with (
        opened_project(options.dir) as project,
        opened_cache(settings, not options.no_cache) as cache,
    ):
        for note in project.notes:
            console.tell(note)
        read = read_labelled(options.dir, project, wants, backbone, cache, task, options.processes)
        report_skipped(console, read.skipped)
        report = evaluate(
            classifier,
            read.examples,
            task,
            command=shlex.join(words),
            embed_seconds=read.embed_seconds,
            skipped=read.skipped,
        )
        if known := _known(classifier, read.examples.ids):
            warning = (
                f"{known:,} of these pictures have the names of pictures that were put aside when"
                " it was trained. If they are the same, it was trained on others of them, and the"
                " numbers flatter it."
            )
            console.warn(warning)
            report["notes"].append(warning)
        write_report(report, options.report, finder(project, options.dir))
    console.stop_drawing()
    console.print(summary(report))
    if options.report:
        console.print(f"\nIts report is {options.report}.")
    console.document({"file": str(options.file), "skipped": read.skipped, "report": report})
    return SOME_SKIPPED if read.skipped else DONE


def _known(classifier: Classifier, ids: Sequence[str]) -> int:
    """Counts pictures that judged the classifier when it was trained: others of the same folder
    then were what it learned from."""
    judged = (classifier.report or {}).get("test") or {}
    names = {item["id"] for item in judged.get("items") or judged.get("points") or ()}
    return len(names.intersection(ids))
