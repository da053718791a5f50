"""How well a backbone tells new things apart after a few examples.

The protocol: cosine k nearest neighbours with k = 3; the examples of each class are drawn at
random, all other pictures are the test; the mean of 20 draws. Pictures go through the server's
own recipe (docs/preprocessing.md) and LiteRT, so that this is what a person gets.

    python -m bench.accuracy                    every backbone under models/
    python -m bench.accuracy showtell_v1        those named
    python -m bench.accuracy showtell_v1 --record   and write the means into backbone.json

The collections are folders of one folder a class, read from `../shared/pictures` beside the
checkout, or from the folder that `--pictures` names.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.shared_weights import convert_missing
from bench.table import show
from server.learning.backbones import load_backbone
from server.learning.embedding import embed
from server.learning.pictures import decode_square

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT.parent / "shared" / "pictures"
COLLECTIONS = {"superheroes": (5, 20, 50), "digits": (1, 5, 20, 50)}
PICTURE_ENDINGS = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp"}
BATCH = 64


@dataclass(frozen=True)
class Collection:
    """Hold pictures as squares `uint8 [n, 224, 224, 3]` and the number of each one's class."""

    name: str
    squares: np.ndarray
    labels: np.ndarray


def few_shot(
    embeddings: np.ndarray,
    labels: np.ndarray,
    per_class: int,
    draws: int = 20,
    k: int = 3,
    seed: int = 0,
) -> tuple[float, float]:
    """Return mean and standard deviation of the accuracy after a few examples a class.

    Args:
        embeddings: `[n, D]`, unit vectors.
        labels: `[n]`, whole numbers.
        per_class: how many examples of each class are drawn; all others are the test.
        draws: how often.
        k: neighbours that vote; a tie goes to the class whose voters are more similar in sum.
        seed: of the draws.

    Raises:
        ValueError: a class has no picture left to test with.
    """
    classes, labels = np.unique(np.asarray(labels), return_inverse=True)
    counts = np.bincount(labels)
    if per_class < 1 or counts.min() <= per_class:
        raise ValueError(
            f"per_class is {per_class}; expected 1 to {counts.min() - 1}, since the smallest class "
            f"has {counts.min()} pictures."
        )
    members = [np.flatnonzero(labels == c) for c in range(len(classes))]
    random = np.random.default_rng(seed)
    accuracies = []
    for _ in range(draws):
        drawn = np.concatenate([random.permutation(m)[:per_class] for m in members])
        test = np.setdiff1d(np.arange(len(labels)), drawn)
        similarity = embeddings[test] @ embeddings[drawn].T
        nearest = np.argsort(-similarity, axis=1, kind="stable")[:, :k]
        votes = np.zeros((len(test), len(classes)))
        rows = np.arange(len(test))
        for column in nearest.T:
            # A thousandth of the similarity breaks ties and can never outweigh a vote.
            votes[rows, labels[drawn[column]]] += 1 + similarity[rows, column] / 1000
        accuracies.append(float((votes.argmax(axis=1) == labels[test]).mean()))
    return float(np.mean(accuracies)), float(np.std(accuracies))


def read_collection(folder: Path) -> Collection:
    """Read a folder of one folder a class.

    Args:
        folder: its name becomes the collection's.
    """
    squares, labels = [], []
    for number, class_folder in enumerate(sorted(p for p in folder.iterdir() if p.is_dir())):
        for path in sorted(class_folder.iterdir()):
            if path.suffix.lower() in PICTURE_ENDINGS:
                squares.append(decode_square(path.read_bytes()))
                labels.append(number)
    return Collection(folder.name, np.stack(squares), np.array(labels))


def measure(folder: Path, collections: list[Collection]) -> tuple[dict, float]:
    """Measure one backbone.

    Args:
        folder: a backbone folder.
        collections: those of `COLLECTIONS` that are there.

    Returns:
        `{collection: {examples per class: (mean, std)}}`, and milliseconds to embed a picture.
    """
    backbone = load_backbone(folder)
    results: dict[str, dict[int, tuple[float, float]]] = {}
    seconds, pictures = 0.0, 0
    for collection in collections:
        parts = []
        for start in range(0, len(collection.squares), BATCH):
            begun = time.perf_counter()
            parts.append(embed(backbone, collection.squares[start : start + BATCH]))
            seconds += time.perf_counter() - begun
        pictures += len(collection.squares)
        vectors = np.concatenate(parts)
        results[collection.name] = {
            count: few_shot(vectors, collection.labels, count)
            for count in COLLECTIONS[collection.name]
        }
    return results, 1000 * seconds / max(pictures, 1)


def record(folder: Path, results: dict) -> None:
    """Write the means into the folder's backbone.json."""
    path = folder / "backbone.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    document["accuracy"] = {
        name: {str(count): round(mean, 4) for count, (mean, _) in by_count.items()}
        for name, by_count in results.items()
    }
    temporary = path.with_suffix(".part")
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)


def run(
    names: list[str] | None = None,
    *,
    pictures: Path = PICTURES,
    models: Path = ROOT / "models",
    keep: bool = False,
) -> bool:
    """Print the table for the backbones named, or for all; tell whether there were pictures.

    "All" are those of `models`, and those that the weights in ../shared make.
    """
    present = [name for name in COLLECTIONS if (pictures / name).is_dir()]
    if not present:
        print(f"\nAccuracy: no pictures to measure on ({' or '.join(COLLECTIONS)} in {pictures}).")
        return False
    with tempfile.TemporaryDirectory() as temporary:
        folders = [models / name for name in names or []]
        if not folders:
            folders = sorted(path.parent for path in models.glob("[!.]*/backbone.json"))
            folders += convert_missing({path.name for path in folders}, Path(temporary))
        _print_table(folders, [read_collection(pictures / name) for name in present], keep)
    return True


def _print_table(folders: list[Path], collections: list[Collection], keep: bool) -> None:
    header = ["backbone", *(f"{c.name} {n}" for c in collections for n in COLLECTIONS[c.name])]
    rows = []
    for folder in folders:
        results, milliseconds = measure(folder, collections)
        if keep:
            record(folder, results)
        means = [
            f"{mean:.3f} ± {deviation:.3f}"
            for collection in collections
            for mean, deviation in results[collection.name].values()
        ]
        rows.append([folder.name, *means, f"{milliseconds:.1f}"])
    show(
        "Accuracy after a few examples a class (k = 3, mean ± deviation of 20 draws)",
        [*header, "ms a picture"],
        rows,
        "Pictures: " + ", ".join(f"{c.name} {len(c.labels):,}" for c in collections) + ".",
    )


def main(arguments: list[str] | None = None) -> int:
    """Print the table; exit with 1 where there are no pictures."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.accuracy",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="folders under models/")
    parser.add_argument("--pictures", type=Path, default=PICTURES, metavar="FOLDER")
    parser.add_argument("--models", type=Path, default=ROOT / "models", metavar="FOLDER")
    parser.add_argument("--record", action="store_true", help="write the means to backbone.json")
    options = parser.parse_args(arguments)
    for name in options.names:
        if not (options.models / name / "backbone.json").is_file():
            parser.error(f"there is no backbone {name} in {options.models}")
    found = run(
        options.names, pictures=options.pictures, models=options.models, keep=options.record
    )
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main())
