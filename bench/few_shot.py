"""How well a backbone tells new things apart after a few examples of each, and what it costs.

The protocol: 1, 5, 20 and 50 examples of each class are drawn at random, all other pictures are
the test; mean and standard deviation of 20 draws, the same ones for every backbone and both
classifiers, cosine KNN (k = 3) and logistic regression. Pictures go through the server's own
recipe (docs/preprocessing.md) and LiteRT, so that this is what a person gets.

    python -m bench.few_shot                        every backbone under models/
    python -m bench.few_shot showtell_v2 /elsewhere/mine     those named, or in these folders
    python -m bench.few_shot --pictures /pictures/birds      on pictures of your own
    python -m bench.few_shot --docs                 and bring docs/accuracy.md up to date

A collection is a folder of one folder a class. Without --pictures it is `superheroes` and
`digits` in `../shared/pictures` beside the checkout.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bench import few_shot_protocol as protocol
from bench.few_shot_plot import save_plot
from bench.few_shot_report import print_tables, write_tables
from bench.shared_weights import convert_missing
from server.learning.backbones import DEFAULT_NAME, MODELS, Backbone, list_backbones, load_backbone
from server.learning.embedding import Embedder
from server.learning.errors import InputError
from server.learning.pictures import decode_square

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT.parent / "shared" / "pictures"
DOCS = ROOT / "docs"
DEFAULT_COLLECTIONS = ("superheroes", "digits")
PICTURE_ENDINGS = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp"}
#: Pictures that are embedded before the clock counts.
WARM_UP = 10
#: The backbone runs on the calling thread. That thread's own time does not count what other
#: programs take meanwhile; where it is too coarse (Windows), the wall clock serves.
CLOCK = (
    time.thread_time if time.get_clock_info("thread_time").resolution < 1e-5 else time.perf_counter
)


@dataclass(frozen=True)
class Collection:
    """Hold pictures as squares `uint8 [n, 224, 224, 3]` and the number of each one's class."""

    name: str
    squares: np.ndarray
    labels: np.ndarray


def read_collection(folder: Path) -> Collection:
    """Read a folder of one folder a class.

    Classes are in the order of their folders' names. Folders without pictures and what is hidden
    are no classes. A picture that cannot be read is left out, and said so on standard error.

    Args:
        folder: its name becomes the collection's.

    Raises:
        InputError: it is no folder, or there are fewer than two classes.
    """
    folder = folder.resolve()
    if not folder.is_dir():
        raise InputError(f"There is no folder {folder}", hint="Name one with a folder a class.")
    classes = [
        squares
        for path in sorted(folder.iterdir())
        if path.is_dir() and not path.name.startswith(".")
        if (squares := _read_class(path))
    ]
    if len(classes) < 2:
        raise InputError(
            f"{folder} is no collection of pictures",
            f"{len(classes)} of the folders in it have pictures "
            f"({', '.join(sorted(PICTURE_ENDINGS))}), expected at least 2.",
            "Name a folder that has one folder a class, with the pictures of the class in it.",
        )
    labels = np.repeat(np.arange(len(classes)), [len(squares) for squares in classes])
    return Collection(folder.name, np.concatenate([np.stack(c) for c in classes]), labels)


def _read_class(folder: Path) -> list[np.ndarray]:
    squares = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.suffix.lower() not in PICTURE_ENDINGS:
            continue
        try:
            squares.append(decode_square(path.read_bytes()))
        except InputError as error:
            print(f"Left out {path}: {error}", file=sys.stderr)
    return squares


def embed_timed(embedder: Embedder, squares: np.ndarray) -> tuple[np.ndarray, list[float]]:
    """Embed squares one at a time, after `WARM_UP` of them that do not count.

    Returns:
        `[n, D]`, unit vectors; and the seconds of each, from the stored square to its vector.
    """
    embedder.embed(squares[:WARM_UP])
    vectors, seconds = [], []
    for square in squares:
        begun = CLOCK()
        vectors.append(embedder.embed(square))
        seconds.append(CLOCK() - begun)
    return np.concatenate(vectors), seconds


def measure(backbones: Sequence[Backbone], collections: Sequence[Collection]) -> dict[str, Any]:
    """Measure every backbone on every collection.

    Returns:
        JSON values: `protocol`, `machine`, `collections` `[{name, classes, pictures}]` and
        `backbones` `[{name, title, fingerprint, input_size, embedding_size, bytes, macs,
        milliseconds, accuracy}]`, where `accuracy` is `{collection: {classifier: {examples a
        class: {mean, std, draws}}}}`, with null where a class has too few pictures.
    """
    return {
        "format": "showtell-few-shot",
        "version": 1,
        "protocol": {
            "examples": list(protocol.COUNTS),
            "draws": protocol.DRAWS,
            "seed": protocol.SEED,
            "classifiers": list(protocol.CLASSIFIERS),
            "k": protocol.K,
            "C": protocol.C,
        },
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "collections": [
            {"name": c.name, "classes": int(c.labels.max()) + 1, "pictures": len(c.labels)}
            for c in collections
        ],
        "backbones": [_measure_one(backbone, collections) for backbone in backbones],
    }


def _measure_one(backbone: Backbone, collections: Sequence[Collection]) -> dict[str, Any]:
    print(f"Measuring {backbone.name} ...", file=sys.stderr)
    embedder = Embedder(backbone)
    accuracy, seconds = {}, []
    for collection in collections:
        vectors, times = embed_timed(embedder, collection.squares)
        seconds += times
        accuracies = protocol.few_shots(vectors, collection.labels)
        accuracy[collection.name] = {
            classifier: {str(count): _score(draws) for count, draws in by_count.items()}
            for classifier, by_count in accuracies.items()
        }
    return {
        **{key: getattr(backbone, key) for key in ("name", "title", "fingerprint")},
        **{key: getattr(backbone, key) for key in ("input_size", "embedding_size")},
        **{key: backbone.document.get(key) for key in ("bytes", "macs")},
        "milliseconds": 1000 * float(np.median(seconds)),
        "accuracy": accuracy,
    }


def _score(draws: np.ndarray | None) -> dict[str, Any] | None:
    if draws is None:
        return None
    return {"mean": float(draws.mean()), "std": float(draws.std()), "draws": draws.tolist()}


def record(backbone: Backbone, measured: dict[str, Any]) -> None:
    """Write the means of the KNN into the folder's backbone.json, in place of earlier ones.

    Args:
        backbone: which one.
        measured: its entry in what `measure` returns.
    """
    accuracy = {
        collection: {
            count: round(score["mean"], 4) for count, score in by_name["KNN"].items() if score
        }
        for collection, by_name in measured["accuracy"].items()
    }
    path = backbone.folder / "backbone.json"
    temporary = path.with_suffix(".part")
    text = json.dumps({**backbone.document, "accuracy": accuracy}, indent=2, ensure_ascii=False)
    temporary.write_text(text + "\n", encoding="utf-8")
    temporary.replace(path)


@contextlib.contextmanager
def backbones_named(names: Sequence[str], models: Path) -> Iterator[list[Backbone]]:
    """Load the backbones named, or all, for the time of a `with` block.

    Args:
        names: names of folders in `models`, or paths of backbone folders. None of them means all
            in `models`, and those that the weights in ../shared make.
        models: a folder of backbone folders.

    Raises:
        InputError: one is not there or is damaged, two have the same name, or there is none.
    """
    with tempfile.TemporaryDirectory() as temporary:
        if names:
            found = [load_backbone(_folder_of(name, models)) for name in names]
        else:
            here = list_backbones(models)
            for folder, problem in here.problems:
                print(f"Left out {folder}: {problem}", file=sys.stderr)
            made = convert_missing({b.name for b in here.backbones}, Path(temporary))
            found = [*here.backbones, *map(load_backbone, made)]
            found.sort(key=lambda b: (b.name != DEFAULT_NAME, b.name))
        if not found:
            raise InputError(f"There is no backbone in {models}", hint="python convert_models.py")
        _refuse_twins("backbones", [b.name for b in found])
        yield found


def _folder_of(name: str, models: Path) -> Path:
    for folder in (models / name, Path(name)):
        if (folder / "backbone.json").is_file():
            return folder.resolve()
    here = ", ".join(b.name for b in list_backbones(models).backbones) or "none"
    raise InputError(
        f"There is no backbone {name}",
        f"Expected a folder in {models} (there: {here}) or the path of a backbone folder.",
        f"Convert it: python convert_models.py {name}",
    )


def _refuse_twins(kind: str, names: list[str]) -> None:
    if twins := {name for name in names if names.count(name) > 1}:
        raise InputError(
            f"Several {kind} are called {' and '.join(sorted(twins))}",
            "Results are told apart by the names of the folders.",
            "Name each once, or rename a folder.",
        )


def default_collections() -> list[Path]:
    """Return those of the default collections that are there, and say which are not."""
    folders = [PICTURES / name for name in DEFAULT_COLLECTIONS]
    for folder in folders:
        if not folder.is_dir():
            print(f"Few-shot accuracy: no pictures to measure on in {folder}, which is not there.")
    return [folder for folder in folders if folder.is_dir()]


def run() -> bool:
    """Print the tables of all backbones; tell whether there were pictures."""
    return main([]) == 0


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code: 1 where the default pictures are absent."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.few_shot",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("backbones", nargs="*", metavar="BACKBONE", help="name under models/, or path of a folder")
    add(
        "--pictures",
        nargs="+",
        type=Path,
        metavar="FOLDER",
        help="collections; BACKBONEs come before",
    )
    add("--models", type=Path, default=MODELS, metavar="FOLDER", help="where the names are")
    add("--svg", type=Path, metavar="FILE", help="draw the plot")
    add("--json", type=Path, metavar="FILE", help="write all numbers, those of each draw too")
    add("--record", action="store_true", help="write the KNN's means into each backbone.json")
    add(
        "--docs",
        action="store_const",
        const=DOCS,
        help="write the tables into docs/accuracy.md, and docs/few_shot.svg (all backbones)",
    )
    options = parser.parse_args(arguments)
    for file in filter(None, (options.svg, options.json)):
        if not file.resolve().parent.is_dir():
            parser.error(f"cannot write {file}: there is no folder {file.resolve().parent}")
    if options.docs and (options.pictures or options.backbones):
        parser.error(
            "--docs puts the results of all backbones on the default collections in place of what "
            "docs/accuracy.md says; leave out --pictures and the names, or take --json FILE"
        )
    folders = options.pictures or default_collections()
    if not folders:
        return 1
    if options.docs and len(folders) < len(DEFAULT_COLLECTIONS):
        parser.error(f"--docs needs all of {', '.join(DEFAULT_COLLECTIONS)} in {PICTURES}")
    try:
        _refuse_twins("collections", [folder.resolve().name for folder in folders])
        with backbones_named(options.backbones, options.models) as backbones:
            document = measure(backbones, [read_collection(folder) for folder in folders])
            if options.record:
                for backbone, measured in zip(backbones, document["backbones"], strict=True):
                    record(backbone, measured)
    except InputError as error:
        parser.error(". ".join(filter(None, (str(error).rstrip("."), error.hint))))
    print_tables(document)
    if options.docs:
        write_tables(document, options.docs / "accuracy.md")
        save_plot(document, options.docs / "few_shot.svg")
    if options.svg:
        save_plot(document, options.svg)
    if options.json:
        text = json.dumps(document, indent=1, ensure_ascii=False)
        options.json.write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
