"""How often each recipe is right on pictures it has not seen, with each backbone.

The protocol: `superheroes` in ../shared/pictures beside the checkout is dealt out to five folds,
each class over all of them. A recipe learns from four folds, of which it keeps 15 % to steer by,
and answers the fifth; the same folds for all recipes and backbones, so that differences are not
the luck of a draw. Pictures are embedded once. Recipes that train a network on the pixels take
minutes, so some answer fewer folds; the table says how many pictures each was asked.

    python -m bench.recipes [BACKBONE ...]     those named, or all (see bench/few_shot.py)
    python -m bench.recipes --without convnet,finetune
    python -m bench.recipes --all              every fold with every backbone (an hour or more)
    python -m bench.recipes --docs             and write the table into docs/training.md
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from bench.few_shot import PICTURES, ROOT, backbones_named
from bench.table import show
from server.learning.backbones import MODELS, Backbone
from server.learning.embedding import embed
from server.learning.errors import InputError
from server.learning.examples import Examples
from server.learning.knn import wilson_interval
from server.learning.recipes.table import RECIPES
from server.learning.splits import Split, folds, split
from server.learning.task import Task
from server.learning.training import answer

COLLECTION = "superheroes"
FOLDS, SEED = 5, 1
PAGE = ROOT / "docs" / "training.md"
BEGIN = "<!-- written by python -m bench.recipes --docs: begin -->"
END = "<!-- written by python -m bench.recipes --docs: end -->"
NOTHING = "–"


@dataclass(frozen=True)
class Row:
    """What is measured.

    Attributes:
        name: in the table.
        recipe: a key of `RECIPES`.
        options: those that are not as usual.
        needs_backbone: whether there is a row for each backbone.
        folds: how many of the five are answered.
        only: the names of the backbones that it is measured with; all where None.
    """

    name: str
    recipe: str
    options: Mapping[str, Any]
    needs_backbone: bool = True
    folds: int = FOLDS
    only: Sequence[str] | None = None


ROWS = (
    Row("knn", "knn", {}),
    Row("linear", "linear", {}),
    Row("head", "head", {}),
    Row("head, dropout 0.3", "head", {"dropout": 0.3}),
    Row("finetune", "finetune", {"epochs": 10, "tune_epochs": 3}, folds=1, only=["showtell_v2"]),
    Row("knn on raw pixels", "knn", {"pixels": True}, needs_backbone=False),
    Row("convnet", "convnet", {}, needs_backbone=False),
    Row(
        "convnet, varied",
        "convnet",
        {"rotation": 15, "shift": 0.1, "flip": True, "brightness": 0.2},
        needs_backbone=False,
    ),
)


@dataclass(frozen=True)
class Result:
    """What was measured of a row with a backbone.

    Attributes:
        row, backbone: which; the second is "–" for those that need none.
        accuracies: of each fold.
        correct, asked: over all folds.
        seconds: the median of one training, without reading and embedding where it needs vectors.
    """

    row: Row
    backbone: str
    accuracies: tuple[float, ...]
    correct: int
    asked: int
    seconds: float

    def cells(self) -> list[str]:
        """Returns its line of the table."""
        low, high = wilson_interval(self.correct, self.asked)
        spread = f" ± {100 * np.std(self.accuracies):.1f}" if len(self.accuracies) > 1 else ""
        return [
            self.row.name,
            self.backbone,
            f"{100 * self.correct / self.asked:.1f}{spread}",
            f"{100 * low:.1f} to {100 * high:.1f}",
            f"{self.asked}",
            f"{self.seconds:.2f}" if self.seconds < 10 else f"{self.seconds:.0f}",
        ]


HEADER = ["recipe", "backbone", "% right ± sd", "95 % interval", "asked", "s a training"]


def read_examples(folder: Path) -> Examples:
    """Reads the names of a folder of one folder a class; pictures stay where they are.

    Raises:
        InputError: it is not there.
    """
    if not folder.is_dir():
        raise InputError(f"There is no folder {folder}", hint="It is beside the checkout.")
    classes = sorted(path.name for path in folder.iterdir() if path.is_dir())
    files = [
        (path, c) for c, name in enumerate(classes) for path in sorted((folder / name).iterdir())
    ]
    return Examples(
        ids=[f"{path.parent.name}/{path.name}" for path, _ in files],
        labels=np.array([c for _, c in files]),
        groups=np.arange(len(files)),
        classes=classes,
        read=lambda i: files[i][0].read_bytes(),
    )


def embed_all(examples: Examples, backbone: Backbone) -> Examples:
    """Returns the examples with the vectors of a backbone."""
    every = np.arange(len(examples))
    parts = np.array_split(every, max(1, len(every) // 32))
    vectors = np.concatenate([embed(backbone, examples.squares(part)) for part in parts])
    return replace(examples, vectors=vectors, backbone=backbone)


def measure(row: Row, examples: Examples) -> Result:
    """Trains a recipe on the other folds and asks it for each."""
    recipe = RECIPES[row.recipe]
    options = recipe.read_options({**row.options, "seed": SEED})
    fold = folds(examples.labels, examples.groups, most=FOLDS, seed=SEED)
    accuracies, seconds, correct, asked = [], [], 0, 0
    for f in range(row.folds):
        learned, held = np.flatnonzero(fold != f), np.flatnonzero(fold == f)
        parts = split(
            examples.labels[learned],
            examples.groups[learned],
            validation=options["validation"],
            test=0,
            seed=SEED,
        )
        parts = Split(learned[parts.train], learned[parts.validation], held)
        begun = time.perf_counter()
        model = recipe.fit(examples, parts, options, Task()).model
        seconds.append(time.perf_counter() - begun)
        right = answer(model, examples, held, Task()).argmax(axis=1) == examples.labels[held]
        accuracies.append(float(right.mean()))
        correct, asked = correct + int(right.sum()), asked + len(held)
    backbone = examples.backbone.name if row.needs_backbone and examples.backbone else NOTHING
    return Result(row, backbone, tuple(accuracies), correct, asked, float(np.median(seconds)))


def measure_all(
    backbones: Sequence[Backbone],
    folder: Path,
    without: Sequence[str] = (),
    everything: bool = False,
) -> list[Result]:
    """Measures every row, those with vectors with each backbone.

    Args:
        backbones: which.
        folder: of one folder a class.
        without: recipes that are left out.
        everything: whether slow recipes answer every fold with every backbone too.
    """
    examples = read_examples(folder)
    rows = [row for row in ROWS if row.recipe not in without]
    if everything:
        rows = [replace(row, folds=FOLDS, only=None) for row in rows]
    results = []
    seen = [embed_all(examples, backbone) for backbone in backbones]
    for row in rows:
        for with_vectors in seen if row.needs_backbone else [examples]:
            backbone = with_vectors.backbone
            if row.only and (backbone is None or backbone.name not in row.only):
                continue
            results.append(measure(row, with_vectors))
            print(*results[-1].cells(), sep="  ", file=sys.stderr)
    return results


def markdown(results: Sequence[Result]) -> str:
    """Writes the results as a table of Markdown."""
    lines = [HEADER, ["---", "---", *["--:"] * 4], *(result.cells() for result in results)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def write_table(results: Sequence[Result], page: Path) -> None:
    """Puts the table into a page, between its marks.

    Raises:
        ValueError: the page has not both marks, in their order.
    """
    text = page.read_text(encoding="utf-8")
    begin, end = text.find(BEGIN), text.find(END)
    if not 0 <= begin < end:
        raise ValueError(f"{page.name} has no {BEGIN} before a {END}")
    text = f"{text[: begin + len(BEGIN)]}\n{markdown(results)}\n{text[end:]}"
    page.write_text(text, encoding="utf-8")


def run() -> bool:
    """Prints the table of all backbones; tells whether there were pictures."""
    return main([]) == 0


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line; returns the exit code: 1 where the pictures are absent."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.recipes",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("backbones", nargs="*", metavar="BACKBONE", help="name under models/, or path of a folder")
    add(
        "--without", default="", metavar="RECIPES", help="recipes to leave out, with commas between"
    )
    add("--all", action="store_true", help="every fold with every backbone, also of slow recipes")
    add("--docs", action="store_true", help="write the table into docs/training.md")
    options = parser.parse_args(arguments)
    folder = PICTURES / COLLECTION
    if not folder.is_dir():
        print(f"Recipes: no pictures to measure on in {folder}, which is not there.")
        return 1
    try:
        with backbones_named(options.backbones, MODELS) as backbones:
            results = measure_all(backbones, folder, options.without.split(","), options.all)
    except InputError as error:
        parser.error(". ".join(filter(None, (str(error).rstrip("."), error.hint))))
    show(
        f"Recipes on {COLLECTION}, {FOLDS} folds",
        HEADER,
        [result.cells() for result in results],
        "Wilson interval over all that were asked; a training is one fold's, vectors ready.",
    )
    if options.docs:
        write_table(results, PAGE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
