"""Classifiers and pictures that the tests of the exports share. Imports no TensorFlow."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from server.learning import backbones
from server.learning.backbones import Backbone
from server.learning.classifier import BackboneRef, Classifier, ClassRef
from server.learning.embedding import embed
from server.learning.models import Dense, Layer, Neighbours
from server.learning.neighbours import raw_pixels
from server.learning.pictures import decode_square

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
PEERS = Path(__file__).resolve().parent / "peers"


def pictures(count: int) -> list[bytes]:
    """Returns picture files: real ones where they are, else drawn ones."""
    real = sorted((SHARED / "pictures" / "superheroes").rglob("*.jpg"))
    if len(real) >= count:
        return [real[i].read_bytes() for i in np.linspace(0, len(real) - 1, count).astype(int)]
    random, made = np.random.default_rng(3), []
    for _ in range(count):
        coarse = random.integers(0, 256, (7, 7, 3), dtype=np.uint8)
        file = io.BytesIO()
        Image.fromarray(coarse).resize((300, 240), Image.Resampling.BICUBIC).save(file, "PNG")
        made.append(file.getvalue())
    return made


def squares(count: int) -> np.ndarray:
    """Returns pictures as they are stored, uint8[count, 224, 224, 3]."""
    return np.stack([decode_square(data) for data in pictures(count)])


def dense(backbone: Backbone, seen: np.ndarray, values: bool = False) -> Classifier:
    """Makes a head of two layers that answers each picture in its own way.

    Args:
        backbone: under it.
        seen: uint8[n, 224, 224, 3], whose answers are to differ.
        values: a regression in the place of three classes.
    """
    random = np.random.default_rng(5)
    vectors = embed(backbone, seen)
    exits = 1 if values else 3
    first = random.normal(0, 1, (backbone.embedding_size, 20)) * 4
    hidden = np.maximum((vectors - vectors.mean(axis=0)) @ first, 0)
    second = random.normal(0, 1, (20, exits))
    second *= 2 / max(1e-3, float(np.std(hidden @ second)))
    layers = [
        Layer(first.astype("f4"), (-vectors.mean(axis=0) @ first).astype("f4"), "relu"),
        Layer(second.astype("f4"), random.normal(0, 0.1, exits).astype("f4")),
    ]
    return Classifier(
        "Häuser & <Bäume>",
        "head",
        [ClassRef(label) for label in ("0", "50", "100")]
        if values
        else [ClassRef("tree", color="#228833"), ClassRef("Haus </script>"), ClassRef("ни то")],
        Dense(layers),
        BackboneRef.of(backbone),
        temperature=1.0 if values else 1.3,
        created_at="2026-01-01T00:00:00Z",
        is_regression=values,
    )


def neighbours(backbone: Backbone | None, seen: np.ndarray, metric: str) -> Classifier:
    """Makes nearest neighbours of some of the pictures; on raw pixels without a backbone."""
    random = np.random.default_rng(6)
    examples = seen[::2]
    vectors = raw_pixels(examples, 20) if backbone is None else embed(backbone, examples)
    noise = random.normal(0, 0.02, (40, *vectors.shape)).reshape(-1, vectors.shape[1])
    vectors = np.tile(vectors, (40, 1)) + noise
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    labels = np.arange(len(vectors)) % len(examples) % 2 + 1
    return Classifier(
        "neighbours",
        "knn",
        [ClassRef("empty"), ClassRef("one"), ClassRef("two")],
        Neighbours(
            vectors.astype(np.float32),
            labels,
            3,
            7,
            metric,
            9.0,
            None if backbone else 20,
        ),
        BackboneRef.of(backbone) if backbone else None,
        temperature=0.8,
        created_at="2026-01-01T00:00:00Z",
    )


def default_backbone() -> Backbone:
    """Returns the backbone that every checkout has."""
    return backbones.get()


def peers() -> Path:
    """Returns the folder of the packages that exported files are made for, installing them once."""
    modules, lock = PEERS / "node_modules", (PEERS / "package-lock.json").read_text()
    marker = modules / ".installed"
    if not marker.is_file() or marker.read_text() != lock:
        command: Any = ["sh", "tools/with_node.sh", "npm", "ci", "--prefix", str(PEERS)]
        command += ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run(command, cwd=ROOT, check=True)
        marker.write_text(lock)
    return modules
