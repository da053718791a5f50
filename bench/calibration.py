"""How often "none of these" is right, and whether a confidence is a probability.

Classes are taught as people teach them: as single pictures ("files"), or as held buttons
("bursts": a picture wanders, turns, and changes its size and light for a second). Then the
classifier sees further moments of what was taught ("near"), pictures of the taught classes that
it never saw ("other pictures"), and things of other kinds. What is ordinary for a class
(`QUANTILE` and `MIN_DISTANCE` in server/learning/knn.py) was chosen from this table.

    python -m bench.calibration [BACKBONE ...]      about a minute a backbone

Pictures come from `../shared/pictures` beside the checkout: `superheroes` and `digits` are
taught, `imagenet-sample` is unknown.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from bench.table import show
from server.learning.backbones import DEFAULT_NAME, Backbone, get
from server.learning.embedding import embed, unit_length
from server.learning.knn import KNN
from server.learning.pictures import decode_square

PICTURES = Path(__file__).resolve().parent.parent.parent / "shared" / "pictures"
FRAMES, TAUGHT_FRAMES = 24, 12
#: How far a held thing wanders: pixels, pixels, degrees, size, light, contrast.
WANDER = np.array([10, 10, 5, 0.05, 0.06, 0.04])
#: How it is taught: kind, and how many pictures or bursts a class.
WAYS = (
    *(("files", 5), ("files", 20), ("files", 50), ("bursts", 1), ("bursts", 3), ("bursts", 8)),
    ("leafed through", 7),
)
#: Collection and number of classes taught.
TASKS = (("superheroes", 2), ("digits", 3))
BURSTS_A_CLASS = 25


@dataclass
class Class:
    """The embeddings of a class: `still [n, D]`, and `burst [m, FRAMES, D]` of pictures `of`."""

    still: np.ndarray
    burst: np.ndarray
    of: np.ndarray


def frames(square: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Make a burst of one picture: a slow random walk in place, angle, size and light."""
    padded = Image.fromarray(np.pad(square, ((60, 60), (60, 60), (0, 0)), mode="reflect"))
    centre, state, result = 112 + 60, np.zeros(6), []
    for step in random.normal(size=(FRAMES, 6)):
        state = 0.9 * state + 0.45 * step
        dx, dy, angle, zoom, light, contrast = state * WANDER
        cos, sin = np.array([np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))]) / np.exp(zoom)
        x, y = 112 + dx, 112 + dy
        affine = (cos, sin, centre - cos * x - sin * y, -sin, cos, centre + sin * x - cos * y)
        moved = padded.transform((224, 224), Image.Transform.AFFINE, affine, Image.BILINEAR)
        pixels = (np.asarray(moved, np.float32) - 128) * np.exp(contrast) + 128 * np.exp(light)
        pixels += 2 * random.normal(size=pixels.shape)
        result.append(pixels.clip(0, 255).round().astype(np.uint8))
    return np.stack(result)


def read(backbone: Backbone, random: np.random.Generator) -> tuple[dict, np.ndarray]:
    """Embed everything: `{collection: [Class]}` and the unknown pictures."""
    collections: dict[str, list[Class]] = {}
    for name, _ in TASKS:
        collections[name] = []
        for folder in sorted(p for p in (PICTURES / name).iterdir() if p.is_dir()):
            squares = np.stack([decode_square(f.read_bytes()) for f in sorted(folder.iterdir())])
            of = random.permutation(len(squares))[:BURSTS_A_CLASS]
            bursts = [embed(backbone, frames(squares[i], random)) for i in of]
            collections[name].append(Class(embed(backbone, squares), np.stack(bursts), of))
    files = sorted((PICTURES / "imagenet-sample").iterdir())[::3]
    unknown = np.stack([decode_square(f.read_bytes()) for f in files])
    return collections, embed(backbone, unknown)


def lesson(
    classes: list[Class], kind: str, count: int, random: np.random.Generator
) -> tuple[KNN, tuple[np.ndarray, np.ndarray], np.ndarray]:
    """Teach classes one way; return the classifier, unseen pictures with labels, and near ones."""
    vectors, labels, groups, near, other, other_labels = [], [], [], [], [], []
    for label, c in enumerate(classes):
        if kind == "files":
            order = random.permutation(len(c.still))
            vectors.append(c.still[order[:count]])
            groups += [f"{label} {i}" for i in range(count)]
            unseen = order[count:]
            near.append(c.burst[np.isin(c.of, order[:count]), ::6].reshape(-1, c.still.shape[1]))
        elif kind == "leafed through":
            # Each picture in two frames that are nearly the same, all of one held button press.
            order = random.permutation(len(c.still))
            twice = np.repeat(c.still[order[:count]], 2, axis=0)
            vectors.append(unit_length(twice + 0.002 * random.normal(size=twice.shape)))
            groups += [f"{label}"] * len(twice)
            unseen = order[count:]
            near.append(c.burst[np.isin(c.of, order[:count]), ::6].reshape(-1, c.still.shape[1]))
        else:
            drawn = random.permutation(len(c.of))[:count]
            vectors.append(c.burst[drawn, :TAUGHT_FRAMES].reshape(-1, c.still.shape[1]))
            groups += [f"{label} {i}" for i in range(count) for _ in range(TAUGHT_FRAMES)]
            unseen = np.setdiff1d(np.arange(len(c.still)), c.of[drawn])
            near.append(c.burst[drawn, TAUGHT_FRAMES + 4 :: 2].reshape(-1, c.still.shape[1]))
        unseen = random.permutation(unseen)[:40]
        other.append(c.still[unseen])
        labels += [label] * len(vectors[-1])
        other_labels += [label] * len(unseen)
    knn = KNN(np.concatenate(vectors), np.array(labels), np.array(groups), len(classes))
    return knn, (np.concatenate(other), np.array(other_labels)), np.concatenate(near)


def calibration_error(confidence: np.ndarray, correct: np.ndarray, bins: int = 10) -> float:
    """Return the expected calibration error: mean gap of confidence and accuracy over bins.

    Source: Naeini, Cooper, Hauskrecht, Obtaining well calibrated probabilities using Bayesian
    binning, AAAI 2015.
    """
    index = np.minimum((confidence * bins).astype(int), bins - 1)
    return sum(
        abs(confidence[index == b].sum() - correct[index == b].sum()) for b in range(bins)
    ) / len(confidence)


def auroc(known: np.ndarray, unknown: np.ndarray) -> float:
    """Return how often an unknown picture is the more novel one of a pair."""
    order = np.argsort(np.argsort(np.concatenate([known, unknown]), kind="stable"))
    n, m = len(known), len(unknown)
    return float((order[n:].sum() - m * (m - 1) / 2) / (n * m))


def measure(backbone: Backbone, draws: int = 10, seed: int = 0) -> Iterator[list[object]]:
    """Measure one backbone; give the rows of the table."""
    random = np.random.default_rng(seed)
    collections, unknown = read(backbone, random)
    for name, taught in TASKS:
        for kind, count in WAYS:
            sums: dict[str, list] = defaultdict(list)
            # A later way draws from a source of its own, so that the rows before it stand.
            source = np.random.default_rng(seed + 1) if kind == "leafed through" else random
            for _ in range(draws):
                chosen = source.permutation(len(collections[name]))[:taught]
                classes = [collections[name][i] for i in chosen]
                knn, (other, labels), near = lesson(classes, kind, count, source)
                answers, strange = knn.predict(other), knn.predict(unknown)
                sums["near"] += [p.unknown for p in knn.predict(near)]
                sums["other"] += [p.unknown for p in answers]
                sums["unknown"] += [p.unknown for p in strange]
                sums["confidence"] += [p.scores.max() for p in answers]
                sums["correct"] += [p.label == y for p, y in zip(answers, labels, strict=True)]
                pair = [np.array([p.novelty for p in some]) for some in (answers, strange)]
                sums["auroc"].append(auroc(*pair))
            error = calibration_error(np.array(sums["confidence"]), np.array(sums["correct"]))
            percent = [f"{100 * np.mean(sums[key]):.0f} %" for key in ("near", "other", "unknown")]
            rates = [f"{np.mean(sums[key]):.2f}" for key in ("auroc", "correct", "confidence")]
            yield [f"{name} {taught}, {count} {kind}", *percent, *rates, f"{error:.2f}"]


def run(names: list[str] | None = None) -> bool:
    """Print the table of each backbone named, or the default's; tell whether it could."""
    header = ["taught", "near: unknown", "other pictures: unknown", "imagenet: unknown"]
    header += ["AUROC", "accuracy", "confidence", "ECE"]
    if not PICTURES.is_dir():
        print(f'\n"None of these": no pictures to measure on; {PICTURES} is not there.')
        return False
    for name in names or [DEFAULT_NAME]:
        note = "accuracy, confidence and ECE (expected calibration error): of the other pictures"
        show(f'"None of these" and confidence, {name}', header, list(measure(get(name))), note)
    return True


def main() -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.calibration")
    parser.add_argument("backbone", nargs="*", default=[DEFAULT_NAME])
    return 0 if run(parser.parse_args().backbone) else 1


if __name__ == "__main__":
    sys.exit(main())
