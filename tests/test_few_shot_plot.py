"""The SVG of `bench/few_shot_plot.py`, and the one in the docs."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

from test_few_shot_report import a_document

from bench.few_shot_plot import COLOURS, MARKS, save_plot
from server.learning.backbones import DEFAULT_NAME

DOCS = Path(__file__).resolve().parent.parent / "docs"
SVG = "{http://www.w3.org/2000/svg}"


def texts(path):
    """Return all texts of an SVG, as the reader's own fonts will write them."""
    return ["".join(node.itertext()) for node in ElementTree.parse(path).iter(f"{SVG}text")]


def panels(path):
    groups = ElementTree.parse(path).iter(f"{SVG}g")
    return [group for group in groups if group.get("id", "").startswith("axes_")]


def test_there_is_a_panel_for_each_collection_and_classifier_and_a_line_for_each_backbone(tmp_path):
    file = tmp_path / "plot.svg"
    save_plot(a_document(collections=("birds", "cups", "maps")), file)
    assert len(panels(file)) == 6
    for panel in panels(file):
        styles = " ".join(node.get("style", "") for node in panel.iter(f"{SVG}path")).lower()
        assert COLOURS[0].lower() in styles and COLOURS[1].lower() in styles
        assert COLOURS[2].lower() not in styles
    shown = texts(file)
    for expected in ("birds (4 classes, chance 0.25)", "accuracy, KNN", "examples a class"):
        assert expected in shown
    assert "accuracy, logistic regression" in shown
    assert f"{DEFAULT_NAME} (built in)" in shown and "other" in shown


def test_the_same_numbers_make_the_same_file(tmp_path):
    for name in ("a.svg", "b.svg"):
        save_plot(a_document(), tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_a_collection_too_small_for_any_number_is_an_empty_panel(tmp_path):
    document = a_document(collections=("birds",))
    for backbone in document["backbones"]:
        for scores in backbone["accuracy"]["birds"].values():
            scores.update({"1": None, "5": None, "20": None})
    save_plot(document, tmp_path / "plot.svg")
    assert len(panels(tmp_path / "plot.svg")) == 2


def test_many_backbones_have_a_colour_and_a_mark_of_their_own():
    looks = {(COLOURS[n % len(COLOURS)], MARKS[n % len(MARKS)]) for n in range(35)}
    assert len(looks) == 35


def test_the_docs_show_the_built_in_backbone_on_both_collections():
    shown = texts(DOCS / "few_shot.svg")
    assert f"{DEFAULT_NAME} (built in)" in shown
    assert "superheroes (2 classes, chance 0.5)" in shown
    assert "digits (10 classes, chance 0.1)" in shown
