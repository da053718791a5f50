"""The benchmark of networks from scratch: what it cuts, counts, writes and draws."""

import io
import itertools
import re

import numpy as np
import pytest
from PIL import Image

from bench import convnet, convnet_report
from server.learning.recipes import table
from server.learning.recipes.crops import Cut
from tests.conftest import draw


@pytest.fixture
def document():
    def step(name, runs):
        curve = [0.5, 0.7, 0.9]
        return {
            "name": name,
            "accuracy": convnet.spread(runs),
            "train_accuracy": 0.95,
            "seconds": 12.4,
            "curves": {"accuracy": curve, "val_accuracy": curve[::-1]},
        }

    return {
        "pictures": 10,
        "squares": 20,
        "pixels": 64,
        "size": 48,
        "epochs": 3,
        "seeds": 2,
        "cores": 2,
        "steps": [step("as it is", [0.7, 0.8]), step("with dropout", [0.8, 0.84])],
        "threads": {"one thread": 9.0, "two threads": 6.0, "two at once, a thread each": 10.0},
        "minutes": 1.5,
    }


def test_the_interval_of_a_mean_is_students():
    # Textbook values: mean 3, s = 1.5811, t(4, 97.5 %) = 2.776, half width 1.963.
    found = convnet.spread([1.0, 2.0, 3.0, 4.0, 5.0])
    assert found["mean"] == 3
    assert found["interval"] == pytest.approx([1.037, 4.963], abs=1e-3)


def test_squares_of_a_picture_are_one_group_and_no_larger_than_asked(tmp_path):
    for label, name in enumerate(("one", "two")):
        (tmp_path / name).mkdir()
        for number in range(3):
            (tmp_path / name / f"{number}.jpg").write_bytes(draw(seed=10 * label + number))
    examples = convnet.cut_squares(tmp_path, Cut(4, 50))
    assert len(examples) == 24 and list(examples.classes) == ["one", "two"]
    assert np.bincount(examples.groups).tolist() == [4] * 6
    assert examples.labels.tolist() == [0] * 12 + [1] * 12
    assert examples.ids[5] == "one/1.jpg#1"
    assert Image.open(io.BytesIO(examples.read(23))).size == (50, 50)


def test_every_step_can_be_trained_and_differs_from_the_one_before():
    read = [table.get("convnet").read_options(given) for given in convnet.STEPS.values()]
    for before, after in itertools.pairwise(read):
        assert before != after
    assert {options["epochs"] for options in read} == {20}


def test_the_tables_come_between_their_marks_and_nothing_else_changes(document, tmp_path):
    page = tmp_path / "convnet.md"
    page.write_text(f"before\n\n{convnet_report.BEGIN}\nold\n{convnet_report.END}\nafter\n")
    convnet_report.write_tables(document, page)
    text = page.read_text()
    assert text.startswith("before\n\n<!--") and text.endswith("-->\nafter\n") and "old" not in text
    assert re.search(r"\| as it is \| 75\.0% \| .* \| 95\.0% \| 12 \|", text)
    assert "1.50 times as fast; two trainings at once" in text
    assert "1.20 times as fast as one after the other" in text
    assert "](convnet.svg)" in text


def test_a_page_without_the_marks_is_left_as_it_is(document, tmp_path):
    page = tmp_path / "convnet.md"
    page.write_text("nothing here\n")
    with pytest.raises(ValueError, match="put the lines back"):
        convnet_report.write_tables(document, page)
    assert page.read_text() == "nothing here\n"


def test_the_figure_is_the_same_to_the_byte_and_names_every_step(document, tmp_path):
    first, again = tmp_path / "1.svg", tmp_path / "2.svg"
    convnet_report.save_plot(document, first)
    convnet_report.save_plot(document, again)
    assert first.read_bytes() == again.read_bytes()
    text = first.read_text()
    assert "as it is" in text and "with dropout" in text and "75%" in text


def test_the_docs_have_the_marks():
    text = (convnet.DOCS / "convnet.md").read_text(encoding="utf-8")
    assert text.count(convnet_report.BEGIN) == text.count(convnet_report.END) == 1
