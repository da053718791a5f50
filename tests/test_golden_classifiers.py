"""The golden answers of trained classifiers: up to date, and true by a plain computation."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from tools import make_golden

GOLDEN = Path(__file__).parent / "golden" / "classifiers.json"
CASES = {case["name"]: case for case in json.loads(GOLDEN.read_text("utf-8"))["cases"]}


def rows_of(array: dict[str, Any]) -> list[list[float]]:
    height, width = array["shape"]
    return [array["data"][i * width : (i + 1) * width] for i in range(height)]


def dense(case: dict[str, Any], vector: list[float]) -> list[float]:
    for i, activation in enumerate(case["model"]["activations"]):
        kernel = rows_of(case["arrays"][f"layer{i}.kernel"])
        bias = case["arrays"][f"layer{i}.bias"]["data"]
        sums = [
            math.fsum(x * row[o] for x, row in zip(vector, kernel, strict=True)) + b
            for o, b in enumerate(bias)
        ]
        vector = [max(0.0, s) if activation == "relu" else s for s in sums]
    return vector


DISTANCES = {
    "cosine": lambda a, b: 1 - math.fsum(x * y for x, y in zip(a, b, strict=True)),
    "l1": lambda a, b: math.fsum(abs(x - y) for x, y in zip(a, b, strict=True)),
    "l2": lambda a, b: math.dist(a, b),
}


def neighbours(case: dict[str, Any], vector: list[float]) -> list[float]:
    model, labels = case["model"], case["arrays"]["labels"]["data"]
    examples = rows_of(case["arrays"]["vectors"])
    distances = [round(DISTANCES[model["metric"]](vector, row), 12) for row in examples]
    order = sorted(range(len(labels)), key=lambda i: (distances[i], i))[: model["k"]]
    votes = [0.0] * model["classes"]
    for i in order:
        votes[labels[i]] += math.exp(-model["sharpness"] * (distances[i] - distances[order[0]]))
    e, present = 1 / (len(labels) + 1), set(labels)
    return [
        math.log((1 - e) * vote / sum(votes) + e / len(present) if c in present else 1e-12)
        for c, vote in enumerate(votes)
    ]


ORACLES = {"dense": dense, "neighbours": neighbours}


def test_golden_file_is_what_the_code_writes_today():
    assert make_golden.classifiers() == GOLDEN.read_bytes()


@pytest.mark.parametrize("name", CASES)
def test_golden_answers_follow_from_a_plain_computation(name):
    case = CASES[name]
    for query in case["queries"]:
        logits = ORACLES[case["model"]["kind"]](case, query["vector"])
        assert query["logits"] == pytest.approx(logits, abs=1e-6)
        powers = [math.exp((x - max(logits)) / case["temperature"]) for x in logits]
        expected = [power / sum(powers) for power in powers]
        assert query["probabilities"] == pytest.approx(expected, abs=1e-6)
