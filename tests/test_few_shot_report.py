"""Tables of `bench/few_shot_report.py`, and the page of the docs that holds them."""

import re
from pathlib import Path

import pytest

from bench.few_shot_report import BEGIN, END, markdown, print_tables, tables, write_tables
from server.learning.backbones import DEFAULT_NAME, MODELS, load_backbone

PAGE = Path(__file__).resolve().parent.parent / "docs" / "accuracy.md"


def a_document(names=(DEFAULT_NAME, "other"), collections=("birds", "cups")):
    """Make a document as `bench.few_shot.measure` does, with numbers that can be found again."""

    def scores(number):
        first = {"mean": 0.5 + number / 100, "std": 0.0125, "draws": []}
        return {"1": first, "5": {"mean": 0.98765, "std": 0.1, "draws": []}, "20": None}

    return {
        "protocol": {
            "examples": [1, 5, 20],
            "draws": 20,
            "classifiers": ["KNN", "logistic regression"],
            "k": 3,
            "C": 100.0,
        },
        "machine": "Linux x86_64, 2 cores",
        "collections": [{"name": c, "classes": 4, "pictures": 1234} for c in collections],
        "backbones": [
            {
                "name": name,
                "input_size": 128,
                "embedding_size": 1280,
                "bytes": 1_934_474,
                "macs": 48_779_264 if number == 0 else None,
                "milliseconds": 1.234,
                "accuracy": {
                    c: {"KNN": scores(number), "logistic regression": scores(number + 10)}
                    for c in collections
                },
            }
            for number, name in enumerate(names)
        ],
    }


def test_costs_are_in_round_units_and_what_is_not_known_is_a_dash():
    costs = tables(a_document())[0]
    assert costs.header[1:3] == ["pixels", "embedding"]
    assert costs.header[3:] == ["MB in the page", "million MACs", "ms a picture"]
    assert costs.rows == [
        [DEFAULT_NAME, "128", "1,280", "1.93", "49", "1.2"],
        ["other", "128", "1,280", "1.93", "–", "1.2"],
    ]


def test_each_collection_has_a_row_for_each_classifier_and_backbone():
    _, birds, cups = tables(a_document())
    assert birds.title == "birds: 4 classes, 1,234 pictures" and cups.title.startswith("cups")
    assert birds.header == ["classifier", "backbone", "1", "5", "20"]
    assert birds.rows == [
        ["KNN", DEFAULT_NAME, "0.500 ± 0.013", "0.988 ± 0.100", "–"],
        ["KNN", "other", "0.510 ± 0.013", "0.988 ± 0.100", "–"],
        ["logistic regression", DEFAULT_NAME, "0.600 ± 0.013", "0.988 ± 0.100", "–"],
        ["logistic regression", "other", "0.610 ± 0.013", "0.988 ± 0.100", "–"],
    ]


def test_the_printed_tables_are_aligned_and_say_how_they_were_made(capsys):
    print_tables(a_document())
    printed = capsys.readouterr().out
    lines = [line for line in printed.splitlines() if line.startswith(("KNN", "logistic"))]
    assert len({len(line) for line in lines}) == 1 and len(lines) == 8
    assert "20 draws" in printed and "k = 3" in printed and "C = 100." in printed


def test_markdown_has_a_heading_and_a_table_each_and_marks_the_built_in_backbone():
    text = markdown(a_document())
    assert text.count("### ") == 3
    assert f"| KNN | `{DEFAULT_NAME}` (built in) | 0.500 ± 0.013 | 0.988 ± 0.100 | – |" in text
    for block in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        assert len({line.count("|") for line in block.splitlines()}) == 1
    assert "`other` (built in)" not in text


def test_writing_tables_keeps_the_rest_of_the_page_and_can_be_repeated(tmp_path):
    page = tmp_path / "accuracy.md"
    page.write_text(PAGE.read_text())
    write_tables(a_document(), page)
    once = page.read_text()
    assert once.partition(BEGIN)[0] == PAGE.read_text().partition(BEGIN)[0]
    assert once.partition(END)[2] == PAGE.read_text().partition(END)[2]
    assert markdown(a_document()) in once
    write_tables(a_document(), page)
    assert page.read_text() == once


@pytest.mark.parametrize("text", ["", BEGIN, f"{END}\n{BEGIN}\n", f"{BEGIN}{BEGIN}{END}"])
def test_a_page_without_its_marks_is_left_alone(tmp_path, text):
    page = tmp_path / "accuracy.md"
    page.write_text(text)
    with pytest.raises(ValueError, match="put the lines back"):
        write_tables(a_document(), page)
    assert page.read_text() == text


def test_the_page_holds_what_is_recorded_of_the_built_in_backbone():
    recorded = load_backbone(MODELS / DEFAULT_NAME).document["accuracy"]
    assert set(recorded) == {"superheroes", "digits"}
    for collection, means in recorded.items():
        part = PAGE.read_text().partition(f"### {collection}:")[2]
        rows = [[cell.strip() for cell in line.split("|")] for line in part.splitlines()]
        header = next(row for row in rows if "classifier" in row)
        row = next(row for row in rows if row[1:3] == ["KNN", f"`{DEFAULT_NAME}` (built in)"])
        for count, mean in means.items():
            shown = row[header.index(count)].split(" ± ")[0]
            assert float(shown) == pytest.approx(mean, abs=0.001), (collection, count)
