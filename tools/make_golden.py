"""Writes tests/golden/: inputs and answers that the Python and the JavaScript tests both read.

    python tools/make_golden.py [--check] [NAME ...]

With --check it writes nothing and fails where a file is not what it would write. Answers come
from `server/learning`; the tests hold them against independent, slower computations.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from server.learning.backbones import get  # noqa: E402
from server.learning.embedding import embed  # noqa: E402
from server.learning.knn import KNN, Prediction  # noqa: E402
from server.learning.models import Dense, Layer, Model, Neighbours, softmax  # noqa: E402
from server.learning.pictures import decode_square, encode_jpeg, resample  # noqa: E402

GOLDEN = ROOT / "tests" / "golden"


def _short(values: np.ndarray | float | None) -> object:
    """Writes float32 with as many digits as tell it apart, nan and None as null."""
    if values is None:
        return None
    if isinstance(values, np.ndarray):
        return [_short(value) for value in values]
    if np.isnan(values):
        return None
    return float(str(values)) if isinstance(values, np.float32) else round(float(values), 9)


def _unit(vectors: np.ndarray) -> np.ndarray:
    return (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype(np.float32)


def _clusters(seed: int, counts: list[int], size: int, spread: float, burst: int = 1):
    """Draws unit vectors around one centre a class, `burst` near-copies of each draw."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(len(counts), size))
    labels = np.repeat(np.arange(len(counts)), counts)
    base = centres[labels] + spread * random.normal(size=(len(labels), size))
    copies = np.repeat(base, burst, axis=0)
    copies += 0.05 * random.normal(size=copies.shape) * (burst > 1)
    order = random.permutation(len(copies))
    groups = np.repeat(np.arange(len(base)), burst)
    queries = centres + spread * random.normal(size=centres.shape)
    far = random.normal(size=(2, size))
    return (
        _unit(copies)[order],
        np.repeat(labels, burst)[order],
        groups[order],
        _unit(np.concatenate([queries, far])),
    )


def _tied():
    """Makes vectors whose cosines are exact in float32 and often equal."""
    half = [
        [1, 1, 1, 1, 0, 0, 0, 0],
        [1, 1, 0, 0, 1, 1, 0, 0],
        [1, 1, 1, 1, 0, 0, 0, 0],
        [0, 0, 1, 1, 1, 1, 0, 0],
        [1, -1, 1, -1, 0, 0, 0, 0],
        [0, 0, 0, 0, 1, 1, 1, 1],
        [1, 1, 0, 0, 0, 0, 1, 1],
        [0, 0, 1, 1, 0, 0, 1, 1],
    ]
    vectors = np.array(half, np.float32) / 2
    queries = np.array([[1, 1, 1, 1, 0, 0, 0, 0], [0, 1, 0, 1, 0, 1, 0, 1]], np.float32) / 2
    return vectors, np.array([1, 0, 0, 2, 1, 2, 0, 1]), np.arange(8), queries


def _knn_cases() -> list[dict]:
    """Lists the inputs: name, vectors, labels, groups, queries, classes, k, tolerance."""

    def case(name, data, classes, k=10, tolerance=1.5, groups=True, extra=None):
        vectors, labels, bursts, queries = data
        if extra is not None:
            queries = np.concatenate([queries, extra]).astype(np.float32)
        groups = bursts if groups else np.arange(len(labels))
        return {
            "name": name,
            "classes": classes,
            "k": k,
            "tolerance": tolerance,
            "vectors": vectors,
            "labels": labels,
            "groups": groups,
            "queries": queries,
        }

    one = _unit(np.array([[1.0, 2, 3, 4, 0, 0, 0, 1], [4.0, 3, 2, 1, 1, 0, 0, 0]]))
    three = _clusters(1, [6, 9, 7], 8, 0.9)
    holes = _clusters(2, [5, 6, 4], 8, 0.8)
    lone = _clusters(3, [1, 8, 5], 8, 0.7)
    bursts = _clusters(4, [2, 3, 1], 32, 0.6, burst=6)
    mixed = _clusters(5, [3, 3], 8, 0.9, burst=4)
    still = _clusters(8, [2, 1], 16, 0.05, burst=5)
    moved = mixed[1].copy()
    moved[0] = 1 - moved[0]
    return [
        case("three classes", three, 3),
        case("three classes, k 3, tolerance 0.8", three, 3, k=3, tolerance=0.8),
        case("rejection off, and a zero query", three, 3, tolerance=None, extra=np.zeros((1, 8))),
        case("k larger than the number of examples", three, 3, k=100),
        case("ties go to the lower index", _tied(), 3, k=3),
        case("all tied at k 1", _tied(), 3, k=1),
        case("classes without examples", (holes[0], holes[1] * 2, holes[2], holes[3]), 6),
        case("a class with one example", lone, 3),
        case("bursts", bursts, 3),
        case("the same without bursts", bursts, 3, groups=False),
        case("frames that are nearly the same", still, 2),
        case("a burst across two classes", (mixed[0], moved, mixed[2], mixed[3]), 2),
        case("one class", (three[0][:5], np.zeros(5, int), three[2][:5], three[3]), 2),
        case("one example", (one[:1], np.array([1]), np.array([0]), one), 3),
        case("two examples", (one, np.array([0, 1]), np.array([0, 1]), one), 2),
        case("a zero query", lone, 3, extra=np.zeros((1, 8))),
        case("32 numbers, five classes", _clusters(6, [9, 8, 10, 7, 9], 32, 1.1), 5),
    ]


def _answer(prediction: Prediction) -> dict:
    return {
        "label": prediction.label,
        "scores": _short(prediction.scores),
        "unknown": prediction.unknown,
        "novelty": _short(prediction.novelty),
        "none": _short(prediction.none),
        "neighbours": prediction.neighbours.tolist(),
        "similarities": _short(prediction.similarities),
        "weights": _short(prediction.weights),
    }


def knn() -> bytes:
    """Makes knn.json."""
    cases = []
    for inputs in _knn_cases():
        fitted = KNN(
            **{name: value for name, value in inputs.items() if name not in ("name", "queries")}
        )
        evaluation = fitted.evaluate()
        cases.append(
            {
                **{n: v for n, v in inputs.items() if not isinstance(v, np.ndarray)},
                "vectors": _short(inputs["vectors"]),
                "labels": inputs["labels"].tolist(),
                "groups": inputs["groups"].tolist(),
                "beta": fitted.beta,
                "distances": _short(fitted.distances),
                "leave_one_out": {
                    "n": evaluation.n,
                    "correct": evaluation.correct,
                    "accuracy": evaluation.accuracy,
                    "interval": [round(x, 9) for x in evaluation.interval],
                    "confusion": evaluation.confusion.tolist(),
                    "answered": evaluation.answered.tolist(),
                    "scores": _short(evaluation.scores),
                    "novelty": _short(evaluation.novelty),
                },
                "queries": [
                    {"vector": _short(query), **_answer(answer)}
                    for query, answer in zip(
                        inputs["queries"], fitted.predict(inputs["queries"]), strict=True
                    )
                ],
            }
        )
    note = (
        "Every number follows from vectors, labels, groups, classes, k and tolerance by"
        " docs/knn.md; null stands for 'has none'. Compare indices exactly, numbers within"
        " absolute_tolerance."
    )
    return _json({"note": note, "absolute_tolerance": 2e-5, "cases": cases})


def _classifier_cases() -> list[tuple[str, Model, float, np.ndarray]]:
    """Lists name, model, temperature and queries of trained classifiers."""
    random = np.random.default_rng(21)

    def layer(inputs: int, outputs: int, activation: str = "linear") -> Layer:
        kernel = random.normal(0, 1.5, (inputs, outputs)).astype(np.float32)
        return Layer(kernel, random.normal(size=outputs).astype(np.float32), activation)

    queries = _unit(random.normal(size=(6, 16)))
    queries[5] = 0
    vectors, labels, _, near = _clusters(22, [7, 9, 8], 16, 0.8)
    tied, tied_labels, _, exact = _tied()

    def neighbours(metric: str, k=5, classes=3, sharpness=12.5) -> Neighbours:
        return Neighbours(vectors, labels, classes, k, metric, sharpness)

    # Examples among the queries: their own distance is 0. By l2 a query of length 0 is as far from
    # every example as rounding says: no two computations have to agree about that.
    near = np.concatenate([near, vectors[:2]])
    blank = np.concatenate([near, np.zeros((1, 16), np.float32)])
    return [
        ("one layer", Dense([layer(16, 3)]), 1.0, queries),
        ("two layers, relu between", Dense([layer(16, 9, "relu"), layer(9, 4)]), 1.0, queries),
        ("a temperature", Dense([layer(16, 9, "relu"), layer(9, 2)]), 2.75, queries),
        ("logits far apart", Dense([layer(16, 3)]), 0.004, queries),
        ("a value", Dense([layer(16, 5, "relu"), layer(5, 1)]), 1.0, queries),
        ("cosine", neighbours("cosine"), 1.0, blank),
        ("l1 and a temperature", neighbours("l1", sharpness=2.5), 1.6, blank),
        ("l2", neighbours("l2", k=1), 1.0, near),
        ("a class without examples", neighbours("l2", classes=5), 1.0, near),
        ("more neighbours than examples", neighbours("cosine", k=100), 1.0, near),
        ("ties", Neighbours(tied, tied_labels, 3, 3, "cosine", 20.0), 1.0, exact),
    ]


def classifiers() -> bytes:
    """Makes classifiers.json: what trained models answer."""
    cases = []
    for name, model, temperature, queries in _classifier_cases():
        logits = model.logits(queries)
        answers = zip(queries, logits, softmax(logits, temperature), strict=True)
        cases.append(
            {
                "name": name,
                "model": {"kind": model.kind, **model.describe()},
                "arrays": {
                    key: {"shape": list(array.shape), "data": _short(array.reshape(-1))}
                    if array.dtype == np.float32
                    else {"shape": list(array.shape), "data": array.tolist()}
                    for key, array in model.arrays().items()
                },
                "temperature": temperature,
                "queries": [
                    {"vector": _short(vector), "logits": _short(row), "probabilities": _short(p)}
                    for vector, row, p in answers
                ],
            }
        )
    note = "model and arrays: as a .classifier keeps them (server/learning/models.py)."
    return _json({"note": note, "absolute_tolerance": 1e-6, "cases": cases})


def resample_cases() -> bytes:
    """Makes resample.json: small noise pictures, their centre squares and what becomes of them."""
    random = np.random.default_rng(7)
    cases = []
    for width, height, size in [
        (7, 5, 3),
        (5, 8, 8),
        (16, 16, 8),
        (17, 31, 5),
        (9, 9, 9),
        (3, 4, 10),
        (1, 1, 4),
        (40, 2, 1),
        (64, 45, 7),
        (30, 33, 28),
        (14, 14, 8),
        (15, 15, 14),
    ]:
        picture = random.integers(0, 256, (height, width, 3), np.uint8)
        m = min(width, height)
        left, top = (width - m) // 2, (height - m) // 2
        resampled = resample(picture[top : top + m, left : left + m], size)
        cases.append(
            {
                "width": width,
                "height": height,
                "rgb": base64.b64encode(picture.tobytes()).decode(),
                "crop": {"left": left, "top": top, "size": m},
                "size": size,
                "values": [round(float(x), 5) for x in resampled.reshape(-1)],
                "rounded": base64.b64encode(
                    np.floor(resampled + np.float32(0.5)).astype(np.uint8).tobytes()
                ).decode(),
            }
        )
    note = (
        "rgb: base64 of height x width x 3 bytes. values: the crop resampled to size x size x 3."
        " rounded: base64 of floor(values + 0.5). A value within 1e-3 of a half may round either"
        " way."
    )
    return _json({"note": note, "absolute_tolerance": 1e-3, "cases": cases})


def draw_photograph() -> Image.Image:
    """Draws a picture with soft slopes, hard edges, fine stripes and saturated colours."""
    y, x = np.mgrid[0:236, 0:330].astype(np.float64)
    red = 90 + 80 * np.sin(x / 31) + 60 * (y / 236)
    green = 120 + 90 * np.cos((x + y) / 47)
    blue = 200 - 140 * (y / 236) + 30 * np.sin(y / 5) * (x > 210)
    rgb = np.stack([red, green, blue], axis=2).clip(0, 255).astype(np.uint8)
    image = Image.fromarray(rgb)
    draw = ImageDraw.Draw(image)
    draw.ellipse((70, 40, 190, 160), fill=(230, 60, 40), outline=(20, 20, 20), width=3)
    draw.polygon([(200, 190), (250, 60), (300, 200)], fill=(250, 220, 30))
    draw.rectangle((95, 150, 170, 222), fill=(30, 90, 200))
    for column in range(110, 160, 4):
        draw.line((column, 155, column, 215), fill=(255, 255, 255))
    return image


def photograph() -> bytes:
    """Makes photograph.png."""
    file = io.BytesIO()
    draw_photograph().save(file, "PNG", optimize=True)
    return file.getvalue()


def stored() -> bytes:
    """Makes stored.jpg, the square of photograph.png as it would be stored."""
    return encode_jpeg(decode_square((GOLDEN / "photograph.png").read_bytes()))


def embedding() -> bytes:
    """Makes embedding.json: the default backbone's unit vectors of two pictures."""
    backbone = get()
    files = ("photograph.png", "stored.jpg")
    squares = [decode_square((GOLDEN / file).read_bytes()) for file in files]
    cases = [
        {
            "file": file,
            "square_sha256": hashlib.sha256(square.tobytes()).hexdigest(),
            "embedding": _short(vector),
        }
        for file, square, vector in zip(
            files, squares, embed(backbone, np.stack(squares)), strict=True
        )
    ]
    note = (
        "square_sha256: of the 224 x 224 x 3 bytes after the recipe. embedding: of it, unit"
        " length. The browser agrees with a cosine of 0.9999 for stored.jpg, 0.995 for the other."
    )
    return _json(
        {
            "note": note,
            "backbone": backbone.name,
            "fingerprint": backbone.fingerprint,
            "cases": cases,
        }
    )


def _json(document: dict) -> bytes:
    """Writes one line a case, so that a change can be read in a diff."""
    head = {name: value for name, value in document.items() if name != "cases"}
    lines = [json.dumps(head)[:-1] + ', "cases": [']
    cases = [json.dumps(case, separators=(",", ":")) for case in document["cases"]]
    return "\n".join([*lines, ",\n".join(cases), "]}\n"]).encode()


#: name on the command line -> (file, what makes it), in the order in which they need each other.
FILES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "knn": ("knn.json", knn),
    "classifiers": ("classifiers.json", classifiers),
    "resample": ("resample.json", resample_cases),
    "photograph": ("photograph.png", photograph),
    "stored": ("stored.jpg", stored),
    "embedding": ("embedding.json", embedding),
}


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(FILES))
    parser.add_argument("--check", action="store_true", help="write nothing, only compare")
    options = parser.parse_args(arguments)
    GOLDEN.mkdir(parents=True, exist_ok=True)
    stale = []
    for name in options.names or FILES:
        file, make = FILES[name]
        content = make()
        path = GOLDEN / file
        if not path.exists() or path.read_bytes() != content:
            stale.append(file)
            if not options.check:
                path.write_bytes(content)
    print(("Out of date: " if options.check else "Written: ") + (", ".join(stale) or "nothing"))
    return 1 if options.check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
