"""The report: every member of its contract, as JSON, and the example of the docs."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from report_samples import curve, make, make_regression

from server import __version__
from server.learning import metrics, report
from server.learning.models import softmax
from server.learning.words import between, count, listing, number, percent

DOCS = Path(__file__).resolve().parent.parent / "docs" / "evaluation.md"
MEMBERS = [
    *("format", "version", "created_at", "name", "recipe", "title", "options", "seed", "classes"),
    *("is_regression", "backbone", "counts", "split", "finalised", "notes", "seconds", "bytes"),
    *("parameters", "curves", "tries", "test", "validation", "diagnosis", "skipped", "versions"),
    "command",
]


def test_report_has_every_member_of_its_contract_and_only_json_values():
    found = make(curves=curve([1.0, 0.5], [1.1, 0.6], 0.8, 0.7), tries={"rows": [[np.float32(1)]]})
    assert list(found) == MEMBERS
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert (found["format"], found["version"], found["seed"]) == ("showtell-report", 1, 7)
    assert found["backbone"] == {"name": "eyes", "fingerprint": "ab" * 32}
    assert found["counts"] == {"train": [200, 200], "validation": [50, 50], "test": [50, 50]}
    assert found["split"] == {"by": "none", "groups": 600, "warnings": []}
    assert found["seconds"] == {"embed": None, "fit": 2.5, "evaluate": 0.1}
    assert found["tries"] == {"rows": [[1.0]]}


def test_a_part_without_pictures_is_null_and_what_does_not_exist_too():
    found = make(test=None, curves=[{"epoch": 1, "loss": float("nan")}], backbone=None, bytes=None)
    assert (found["test"], found["backbone"], found["bytes"]) == (None, None, None)
    assert found["curves"] == [
        {"epoch": 1, "loss": None, "accuracy": None, "val_loss": None, "val_accuracy": None}
    ]


def test_scores_are_judged_in_the_order_of_the_split():
    found = make(test=((2, 1), (0, 3)), validation=None)
    assert found["test"]["confusion"] == [[2, 1], [0, 3]]
    assert [item["id"] for item in found["test"]["items"]] == [
        f"picture-{400 + i}" for i in range(6)
    ]


def test_scores_that_are_not_one_row_a_picture_are_refused():
    with pytest.raises(ValueError, match="expected 100 scores of test, got 3"):
        make(scores={"validation": None, "test": np.full((3, 2), 0.5)})
    with pytest.raises(ValueError, match="values of a regression"):
        make(is_regression=True, values=None)


def test_bursts_of_the_test_widen_its_interval():
    alone, grouped = make()["test"], make(bursts=10, by="burst")["test"]
    assert grouped["effective_n"] == pytest.approx(10)
    assert grouped["interval"][0] < alone["interval"][0]


def test_a_regression_is_compared_with_the_median_of_what_it_learned():
    values = np.array([0.0, 0.0, 0.0, 9.0])
    found = make_regression([0, 0, 0, 0], values)["test"]
    assert found["baseline_error"] == pytest.approx(9 / 4)
    assert "confusion" not in found


def test_versions_name_what_can_change_the_numbers():
    found = report.versions()
    assert found["showtell"] == __version__
    assert found["numpy"] == np.__version__
    assert found["python"].count(".") == 2


def test_only_json_values_remain():
    made = report.as_json(
        {"a": np.arange(3), 2: (np.float64("inf"), {1}), "c": DOCS, "d": np.bool_(True), "e": None}
    )
    assert made == {"a": [0, 1, 2], "2": [None, [1]], "c": str(DOCS), "d": True, "e": None}


def test_the_example_of_the_docs_is_what_the_code_answers():
    blocks = re.findall(r"```json\n(.*?)```", DOCS.read_text("utf-8"), re.S)
    given, answer = map(json.loads, blocks)
    logits = np.array(given["logits"])
    scores = softmax(logits, given["temperature"])
    found = metrics.evaluate(
        np.array(given["truth"]),
        scores,
        softmax(logits),
        given["temperature"],
        given["ids"],
        given["classes"],
        np.array(given["bursts"]),
    )

    def same(told, computed) -> None:
        if isinstance(told, dict):
            for key, value in told.items():
                same(value, computed[key])
        elif isinstance(told, list):
            assert len(told) == len(computed)
            for pair in zip(told, computed, strict=True):
                same(*pair)
        else:
            assert told == pytest.approx(computed, abs=5e-4)

    same(answer, found)


def test_docs_explain_every_kind_of_finding():
    source = "".join(
        (Path(report.__file__).parent / name).read_text()
        for name in ("diagnosis.py", "diagnosis_curves.py")
    )
    kinds = set(re.findall(r'_finding\(\s*"([a-z-]+)"', source))
    kinds |= set(re.findall(r'"kind": "([a-z-]+)"', source)) | {"overconfident", "underconfident"}
    assert len(kinds) > 15
    text = DOCS.read_text("utf-8")
    assert [kind for kind in sorted(kinds) if f"`{kind}`" not in text] == []


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.964, "96 %"), (1.0, "100 %"), (0.996, "99.6 %"), (0.0, "0 %"), (0.004, "0.4 %"),
     (0.9999, "over 99.9 %"), (0.0001, "under 0.1 %"), (None, "–")],
)  # fmt: skip
def test_shares_are_told_without_rounding_a_mistake_away(share, text):
    assert percent(share) == text


def test_other_numbers_are_told_in_words():
    assert between([0.91, 0.98]) == "between 91 % and 98 %"
    assert between([0.501, 0.502]) == "about 50 %"
    assert (number(1.23456), number(12345.6), number(None)) == ("1.23", "12,346", "–")
    assert (count(1, "class", "classes"), count(1200, "picture")) == ("1 class", "1,200 pictures")
    assert (listing(["a"]), listing(["a", "b", "c"])) == ("a", "a, b and c")
    assert listing(list("abcdefg")) == "a, b, c, d, e and 2 more"
