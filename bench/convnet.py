"""What dropout, variation and batch sizes do for a network from scratch; and its threads.

Squares are cut at random places out of the pictures of two classes, so that no two show the same.
All squares of a picture are on one side of the split, which is another one for each seed.

    python -m bench.convnet            prints the tables
    python -m bench.convnet --docs     and brings docs/convnet.md and docs/convnet.svg up to date
"""

from __future__ import annotations

import argparse
import io
import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from bench.convnet_report import print_tables, save_plot, write_tables
from server.learning.examples import Examples
from server.learning.pictures import decode_upright
from server.learning.recipes import table
from server.learning.recipes.crops import Cut, random_squares
from server.learning.splits import split
from server.learning.task import Task

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT.parent / "shared" / "pictures" / "superheroes"
DOCS = ROOT / "docs"
#: A square of 64 pixels of each picture, which has 300 x 168 for the most part: a piece of a face,
#: of a cape, of what is behind them.
CUT = Cut(squares=1, pixels=64)
#: Half of them judge: with few to learn from, much is learned by heart, and that is the subject.
TEST = 0.5
SEEDS = (1, 2, 3, 4, 5)
#: 97.5 % quantile of Student's t, by how many numbers its mean is of.
T = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776, 6: 2.571, 8: 2.365, 10: 2.262}
EPOCHS = 20
PLAIN = {
    "size": 48,
    "epochs": EPOCHS,
    "dropout": False,
    "batch": 16,
    "evaluation_batch": 16,
    "test": TEST,
}
DROPOUT = PLAIN | {"dropout": True}
ROTATION = DROPOUT | {"rotation": 25}
BATCHES = ROTATION | {"batch": 64, "evaluation_batch": 32}
EVERYTHING = BATCHES | {"shift": 0.1, "crop": 0.2, "flip": True, "brightness": 0.2}
#: Each step keeps what the one before it has brought.
STEPS = {
    "as it is": PLAIN,
    "with dropout": DROPOUT,
    "and turned by up to 25 degrees": ROTATION,
    "and batches of 64, judged by 32": BATCHES,
    "and shifted, cut, mirrored, lit": EVERYTHING,
}
#: Of the trainings whose threads are compared.
TIMED = PLAIN | {"size": 64, "epochs": 10, "batch": 32}


@dataclass(frozen=True)
class Run:
    """Hold what one training came to: accuracies 0 to 1, seconds, and its curves."""

    accuracy: float
    train_accuracy: float
    seconds: float
    curves: list[dict[str, float]]


def cut_squares(folder: Path, cut: Cut = CUT) -> Examples:
    """Cut random squares out of the pictures of a folder of one folder a class.

    The squares of a picture are one group, which a split keeps together.

    Args:
        folder: has a folder a class.
        cut: how many squares of each picture, and how large.
    """
    squares: list[bytes] = []
    labels, groups, ids = [], [], []
    folders = sorted(path for path in folder.iterdir() if path.is_dir())
    files = [(label, file) for label, path in enumerate(folders) for file in sorted(path.iterdir())]
    for group, (label, file) in enumerate(files):
        picture = decode_upright(file.read_bytes())
        for number, square in enumerate(
            random_squares(picture, cut, np.random.default_rng([1, group]))
        ):
            buffer = io.BytesIO()
            Image.fromarray(np.ascontiguousarray(square)).save(buffer, "PNG", compress_level=1)
            squares.append(buffer.getvalue())
            labels.append(label)
            groups.append(group)
            ids.append(f"{path_of(file)}#{number}")
    names = [path.name for path in folders]
    return Examples(ids, np.array(labels), np.array(groups), names, read=squares.__getitem__)


def path_of(file: Path) -> str:
    """Return the name of a picture with that of its class."""
    return f"{file.parent.name}/{file.name}"


def train(examples: Examples, given: dict[str, Any], seed: int) -> Run:
    """Train once and judge on squares of pictures that it has never seen."""
    recipe = table.get("convnet")
    options = recipe.read_options(given | {"seed": seed})
    rows = split(
        examples.labels,
        examples.groups,
        validation=options["validation"],
        test=options["test"],
        seed=seed,
    )
    begun = time.perf_counter()
    fitted = recipe.fit(examples, rows, options, Task())
    seconds = time.perf_counter() - begun
    answers = fitted.model.logits(examples.squares(rows.test)).argmax(1)
    curves = [dict(curve) for curve in fitted.curves]
    accuracy = float((answers == examples.labels[rows.test]).mean())
    return Run(accuracy, curves[-1]["accuracy"], seconds, curves)


def spread(values: list[float]) -> dict[str, Any]:
    """Return mean, standard deviation, 95 % interval of the mean (Student's t), and the values."""
    mean, deviation = statistics.fmean(values), statistics.stdev(values)
    half = T[len(values)] * deviation / len(values) ** 0.5
    return {"mean": mean, "std": deviation, "interval": [mean - half, mean + half], "runs": values}


def measure(examples: Examples, seeds: tuple[int, ...] = SEEDS) -> list[dict[str, Any]]:
    """Train every step with every seed; return the rows of the table and of the figure."""
    rows = []
    for name, given in STEPS.items():
        print(f"Training {name} ...", file=sys.stderr, flush=True)
        runs = [train(examples, given, seed) for seed in seeds]
        curves = {
            key: np.mean([[epoch[key] for epoch in run.curves] for run in runs], axis=0).tolist()
            for key in ("accuracy", "val_accuracy")
        }
        rows.append(
            {
                "name": name,
                "options": given,
                "accuracy": spread([run.accuracy for run in runs]),
                "train_accuracy": statistics.fmean(run.train_accuracy for run in runs),
                "seconds": statistics.median(run.seconds for run in runs),
                "curves": curves,
            }
        )
    return rows


def time_threads() -> dict[str, float]:
    """Time trainings in processes of their own; return seconds by name.

    The seconds of a training are from its first picture to its last file, without the import of
    TensorFlow; of two at once, those of the slower one.
    """
    one, two = (max(_train_elsewhere(threads, 1)) for threads in (1, 2))
    both = max(_train_elsewhere(1, 2))
    return {"one thread": one, "two threads": two, "two at once, a thread each": both}


def _train_elsewhere(threads: int, count: int) -> list[float]:
    runs = [
        subprocess.Popen(
            [sys.executable, "-m", "bench.convnet", "--timed"],
            cwd=ROOT,
            env=os.environ | {"TF_NUM_INTRAOP_THREADS": str(threads)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(count)
    ]
    for run in runs:  # all have imported TensorFlow before any begins
        assert run.stdout is not None
        assert run.stdout.readline() == "ready\n"
    for run in runs:
        assert run.stdin is not None
        run.stdin.write("go\n")
        run.stdin.flush()
    return [json.loads(run.communicate()[0].splitlines()[-1]) for run in runs]


def _timed() -> None:
    """Is one of those processes: says that it is ready, waits, trains, prints the seconds."""
    from server.learning import tensorflow

    examples = cut_squares(PICTURES)
    tensorflow.start(1)
    train(examples, TIMED | {"epochs": 1}, 1)  # imports what only converting needs
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(train(examples, TIMED, 1).seconds))


def run() -> bool:
    """Print the tables; tell whether there were pictures."""
    return main([]) == 0


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code: 1 where the pictures are absent."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.convnet",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--timed", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all numbers")
    parser.add_argument("--docs", action="store_true", help="renew docs/convnet.md and its figure")
    options = parser.parse_args(arguments)
    if not PICTURES.is_dir():
        print(f"Network from scratch: no pictures to cut, {PICTURES} is not there.")
        return 1
    if options.timed:
        _timed()
        return 0
    begun = time.perf_counter()
    examples = cut_squares(PICTURES)
    document = {
        "pictures": len(np.unique(examples.groups)),
        "squares": len(examples),
        "pixels": CUT.pixels,
        "size": PLAIN["size"],
        "epochs": EPOCHS,
        "seeds": len(SEEDS),
        "cores": os.cpu_count(),
        "steps": measure(examples),
        "threads": time_threads(),
    }
    document["minutes"] = (time.perf_counter() - begun) / 60
    print_tables(document)
    if options.json:
        options.json.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    if options.docs:
        write_tables(document, DOCS / "convnet.md")
        save_plot(document, DOCS / "convnet.svg")
    return 0


if __name__ == "__main__":
    sys.exit(main())
