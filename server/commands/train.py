"""`train`: from a folder of pictures to a judged classifier in a file."""

from __future__ import annotations

import argparse
import shlex
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..learning.errors import InputError
from ..settings import Settings
from . import DONE, SOME_SKIPPED
from .console import Console
from .pictures import (
    Labelled,
    add_json,
    add_no_cache,
    add_processes,
    find_backbone,
    finder,
    opened_cache,
    opened_project,
    read_labelled,
    report_skipped,
)
from .reports import check_target, percent, save, summary, write_report

if TYPE_CHECKING:
    from ..formats.project import ProjectData
    from ..learning.backbones import Backbone
    from ..learning.classifier import Classifier
    from ..learning.recipes import Recipe
    from ..learning.task import Task

ALL = "all"
DEFAULT_RECIPE = "linear"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what `train` takes."""
    parser.add_argument(
        "dir",
        metavar="DIR",
        type=Path,
        help="folder with one folder of pictures for each class, or a project file (.showtell,"
        " .tm, .zip, KNN .json)",
    )
    parser.add_argument(
        "--out", metavar="FILE", type=Path, required=True, help="the classifier to write"
    )
    parser.add_argument(
        "--recipe",
        metavar="R",
        default=DEFAULT_RECIPE,
        help=f"knn, linear, head, convnet, finetune, regression, or {ALL} for the best of all"
        f" but the regression (default: {DEFAULT_RECIPE})",
    )
    parser.add_argument(
        "--option",
        metavar="K=V",
        action="append",
        default=[],
        help="an option of the recipe, such as seed=2 (docs/training.md); may be repeated",
    )
    parser.add_argument("--backbone", metavar="NAME", help="whose eyes to look through")
    parser.add_argument("--name", metavar="N", help="of the classifier (default: DIR's)")
    parser.add_argument(
        "--report", metavar="FILE", type=Path, help="also write the report as an HTML page"
    )
    add_processes(parser)
    add_no_cache(parser)
    add_json(parser)


@dataclass(frozen=True)
class Trained:
    """One row of the leaderboard: what a recipe has become, or why nothing."""

    recipe: str
    classifier: Classifier | None
    seconds: float
    error: InputError | None = None

    def judgement(self, part: str) -> dict[str, Any] | None:
        """Returns how good it is on "validation" or "test", None where that was not judged."""
        report = self.classifier.report if self.classifier else None
        return (report or {}).get(part)


def run(options: argparse.Namespace, console: Console, settings: Settings) -> int:
    """Trains, saves and tells how good it is."""
    recipes = _recipes(options.recipe, read_options(options.option))
    for target in (options.out, options.report):
        check_target(target)
    task = console.task()
    with (
        opened_project(options.dir) as project,
        opened_cache(settings, not options.no_cache) as cache,
    ):
        for note in project.notes:
            console.tell(note)
        backbone = _backbone(options.backbone, project, settings)
        read: dict[str, Labelled] = {}
        rows: list[Trained] = []
        for recipe, chosen in recipes:
            wants = _wants(recipe, chosen)
            if wants not in read:
                read[wants] = read_labelled(
                    options.dir, project, wants, backbone, cache, task, options.processes
                )
                if len(read) == 1:
                    report_skipped(console, read[wants].skipped)
            name = options.name or project.name
            rows.append(_train(recipe, chosen, read[wants], task, name, _command(options)))
            if rows[-1].error and len(recipes) == 1:
                raise rows[-1].error
        best, by = choose(rows)
        assert best.classifier is not None
        task.progress("save", 0.0)
        save(best.classifier, options.out)
        report = best.classifier.report or {}
        write_report(report, options.report, finder(project, options.dir))
    console.stop_drawing()
    skipped = next(iter(read.values())).skipped
    if len(rows) > 1:
        console.print(leaderboard(rows))
        console.print(f"\nThe best by {by} is {best.recipe}.\n")
    console.print(summary(report))
    console.print(f"\nSaved {options.out} ({options.out.stat().st_size:,} bytes).")
    if options.report:
        console.print(f"Its report is {options.report}.")
    console.document(
        {
            "file": str(options.out),
            "recipe": best.recipe,
            "chosen_by": by or None,
            "leaderboard": [as_row(row) for row in rows] if len(rows) > 1 else None,
            "skipped": skipped,
            "report": report,
        }
    )
    return SOME_SKIPPED if skipped else DONE


def read_options(given: list[str]) -> dict[str, str]:
    """Reads `K=V` texts.

    Raises:
        InputError: one has no "=".
    """
    found = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not sign or not name.strip():
            raise InputError(
                "An option is not complete",
                f"Received --option {text!r:.60}; expected NAME=VALUE",
                "For instance: --option seed=2",
            )
        found[name.strip()] = value.strip()
    return found


def _recipes(name: str, given: Mapping[str, str]) -> list[tuple[Recipe, dict[str, Any]]]:
    """Returns recipes with their options checked.

    With "all" an option is for those recipes that have it, and the regression is left out: it
    answers numbers, which no accuracy compares with classes.
    """
    from ..learning.recipes.options import read_options as check
    from ..learning.recipes.table import RECIPES, get

    if name != ALL:
        recipe = get(name)
        recipe.read_options(given)
        return [(recipe, dict(given))]
    rows = [recipe for recipe in RECIPES.values() if not recipe.is_regression]
    every = {option.name: option for recipe in rows for option in recipe.options}
    check(list(every.values()), {k: v for k, v in given.items() if k not in every})
    found = []
    for recipe in rows:
        own = {option.name for option in recipe.options}
        chosen = {k: v for k, v in given.items() if k in own}
        recipe.read_options(chosen)
        found.append((recipe, chosen))
    return found


def _wants(recipe: Recipe, given: Mapping[str, str]) -> str:
    pixels = recipe.read_options(given).get("pixels")
    return "pictures" if recipe.wants == "pictures" or pixels else "vectors"


def _backbone(name: str | None, project: ProjectData, settings: Settings) -> Backbone:
    """Returns the backbone that is asked for, else the project's own, else the usual one."""
    from ..learning.backbones import list_backbones

    if name is None and project.backbone is not None:
        for backbone in list_backbones(settings.models).backbones:
            if backbone.fingerprint == project.backbone.fingerprint:
                return backbone
    return find_backbone(settings, name)


def _train(
    recipe: Recipe,
    given: Mapping[str, str],
    read: Labelled,
    task: Task,
    name: str,
    command: str,
) -> Trained:
    from ..learning.training import train

    begun = time.perf_counter()
    try:
        made = train(
            recipe.name,
            read.examples,
            given,
            task,
            name=name,
            class_refs=read.class_refs,
            command=command,
            embed_seconds=read.embed_seconds,
            skipped=read.skipped,
        )
    except InputError as error:
        return Trained(recipe.name, None, time.perf_counter() - begun, error)
    return Trained(recipe.name, made, time.perf_counter() - begun)


def choose(rows: list[Trained]) -> tuple[Trained, str]:
    """Chooses the best of what was trained.

    The validation pictures decide, of equals those that lost less there (log loss): what the test
    pictures say would no longer be honest if they had chosen.

    Returns:
        The row, and by what it was chosen; an empty text where there was no choice.

    Raises:
        InputError: nothing could be trained; the first reason.
    """
    made = [row for row in rows if row.classifier is not None]
    if not made:
        for row in rows:
            if row.error is not None:
                raise row.error
    if len(made) == 1:
        return made[0], "" if len(rows) == 1 else "being the only one that could be trained"
    for part, by in (
        ("validation", "accuracy on the validation pictures"),
        ("test", "accuracy on the test pictures, which flatters it a little"),
    ):
        judged = [(row, row.judgement(part)) for row in made]
        if all(found is not None for _, found in judged):
            return max(judged, key=lambda one: _merit(one[1] or {}))[0], by
    return made[0], "order alone, for no pictures were put aside to judge by"


def _merit(judgement: Mapping[str, Any]) -> tuple[float, float]:
    loss = judgement.get("log_loss")
    return judgement["accuracy"], -(float("inf") if loss is None else loss)


def leaderboard(rows: list[Trained]) -> str:
    """Draws the table of all recipes."""
    lines = [f"{'recipe':12}{'validation':>12}{'test':>8}   {'interval':18}{'seconds':>8}{'kB':>8}"]
    for row in rows:
        if row.error is not None:
            lines.append(f"{row.recipe:12}not trained: {row.error.title}")
            continue
        entry = as_row(row)
        low, high = entry["interval"] or (None, None)
        between = "" if low is None else f"{percent(low)} to {percent(high)}"
        lines.append(
            f"{row.recipe:12}{percent(entry['validation_accuracy']):>12}"
            f"{percent(entry['accuracy']):>8}   {between:18}{entry['seconds']:>8.1f}"
            f"{(entry['bytes'] or 0) / 1000:>8,.0f}"
        )
    return "\n".join(lines)


def as_row(row: Trained) -> dict[str, Any]:
    """Returns a row of the leaderboard as JSON values."""
    test, validation = row.judgement("test") or {}, row.judgement("validation") or {}
    report = (row.classifier.report if row.classifier else None) or {}
    return {
        "recipe": row.recipe,
        "accuracy": test.get("accuracy"),
        "interval": test.get("interval"),
        "validation_accuracy": validation.get("accuracy"),
        "seconds": round(row.seconds, 3),
        "bytes": report.get("bytes"),
        "problem": f"{row.error}" if row.error else None,
    }


def _command(options: argparse.Namespace) -> str:
    """Returns the line that repeats this training."""
    words = ["python", "-m", "server", "train", str(options.dir), "--out", str(options.out)]
    words += ["--recipe", options.recipe]
    for text in options.option:
        words += ["--option", text]
    for flag in ("backbone", "name"):
        if getattr(options, flag):
            words += [f"--{flag}", getattr(options, flag)]
    return shlex.join(words)
