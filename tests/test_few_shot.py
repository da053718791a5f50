"""The command line of `bench/few_shot.py` on drawn pictures, with the real built-in backbone."""

import json
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest

from bench import few_shot, shared_weights
from bench.few_shot_report import BEGIN, END
from server.learning.backbones import DEFAULT_NAME, MODELS, load_backbone
from tests.conftest import draw

COLOURS = {"blue": (40, 60, 210), "green": (40, 180, 70), "red": (210, 40, 40)}


def draw_collection(folder, **counts):
    """Draw a collection of discs, `red=8` of that colour, each class in its folder."""
    for name, count in counts.items():
        (folder / name).mkdir(parents=True)
        for seed in range(count):
            (folder / name / f"{seed}.JPG").write_bytes(draw(COLOURS[name], seed, (90, 80)))
    return folder


@pytest.fixture
def discs(tmp_path):
    return draw_collection(tmp_path / "discs", red=9, blue=7)


@pytest.fixture
def models(tmp_path):
    """A folder of backbones that may be written to, with the built-in one."""
    shutil.copytree(MODELS / DEFAULT_NAME, tmp_path / "models" / DEFAULT_NAME)
    return tmp_path / "models"


def refused(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        few_shot.main([str(argument) for argument in arguments])
    assert stop.value.code == 2
    return capsys.readouterr().err


def test_tables_plot_and_numbers_are_made_of_any_pictures(tmp_path, discs, capsys):
    more = draw_collection(tmp_path / "lights", red=3, green=3, blue=2)
    svg, numbers = tmp_path / "plot.svg", tmp_path / "numbers.json"
    arguments = [DEFAULT_NAME, "--pictures", discs, more, "--svg", svg, "--json", numbers]
    assert few_shot.main([str(argument) for argument in arguments]) == 0
    printed = capsys.readouterr().out
    assert "discs: 2 classes, 16 pictures" in printed
    (row,) = [line for line in printed.splitlines() if line.startswith("KNN")][:1]
    assert row.split()[1] == DEFAULT_NAME and row.split()[-2:] == ["–", "–"]

    document = json.loads(numbers.read_text())
    assert document["collections"] == [
        {"name": "discs", "classes": 2, "pictures": 16},
        {"name": "lights", "classes": 3, "pictures": 8},
    ]
    (measured,) = document["backbones"]
    about = load_backbone(MODELS / DEFAULT_NAME).document
    for key in ("name", "fingerprint", "embedding_size", "bytes", "macs"):
        assert measured[key] == about[key]
    assert 0.01 < measured["milliseconds"] < 1000
    for scores in measured["accuracy"]["discs"].values():
        assert list(scores) == ["1", "5", "20", "50"]
        assert scores["20"] is None and scores["50"] is None
        assert scores["5"]["mean"] == pytest.approx(np.mean(scores["5"]["draws"]))
        assert scores["5"]["std"] == pytest.approx(np.std(scores["5"]["draws"]))
        assert len(scores["5"]["draws"]) == 20 and scores["5"]["mean"] > 0.9
    assert measured["accuracy"]["lights"]["KNN"]["5"] is None

    text = ElementTree.tostring(ElementTree.parse(svg).getroot(), encoding="unicode")
    assert "discs (2 classes, chance 0.5)" in text and DEFAULT_NAME in text


def test_the_module_runs_by_name_and_takes_the_path_of_a_backbone(discs, models):
    command = [sys.executable, "-W", "error", "-m", "bench.few_shot", models / DEFAULT_NAME]
    done = subprocess.run(
        [*command, "--pictures", discs, "--models", discs],
        cwd=few_shot.ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert f"logistic regression, {DEFAULT_NAME}" in done.stdout


def test_without_names_all_that_can_be_used_are_measured(
    tmp_path, discs, models, capsys, monkeypatch
):
    monkeypatch.setattr(shared_weights, "WEIGHTS", tmp_path / "none")
    other = shutil.copytree(models / DEFAULT_NAME, models / "another")
    document = json.loads((other / "backbone.json").read_text())
    (other / "backbone.json").write_text(json.dumps({**document, "name": "another"}))
    (models / "broken").mkdir()
    (models / "broken" / "backbone.json").write_text("{}")
    numbers = tmp_path / "numbers.json"
    arguments = ["--pictures", str(discs), "--models", str(models), "--json", str(numbers)]
    assert few_shot.main(arguments) == 0
    assert f"Left out {models / 'broken'}" in capsys.readouterr().err
    first, second = json.loads(numbers.read_text())["backbones"]
    assert (first["name"], second["name"]) == (DEFAULT_NAME, "another")
    assert first["accuracy"] == second["accuracy"]


def test_record_writes_the_means_of_the_knn_where_the_page_looks(tmp_path, discs, models):
    numbers = tmp_path / "numbers.json"
    arguments = [DEFAULT_NAME, "--models", models, "--pictures", discs, "--json", numbers]
    assert few_shot.main([*map(str, arguments), "--record"]) == 0
    (measured,) = json.loads(numbers.read_text())["backbones"]
    means = {n: s["mean"] for n, s in measured["accuracy"]["discs"]["KNN"].items() if s}
    after = load_backbone(models / DEFAULT_NAME)
    after.verify()
    assert set(after.document["accuracy"]) == {"discs"}
    assert after.document["accuracy"]["discs"] == pytest.approx(means, abs=1e-4)
    before = load_backbone(MODELS / DEFAULT_NAME).document
    assert {**after.document, "accuracy": None} == {**before, "accuracy": None}


@pytest.fixture
def docs(tmp_path, monkeypatch):
    """A folder for the documentation, drawn default collections, no weights but the built-in."""
    monkeypatch.setattr(few_shot, "DOCS", tmp_path / "docs")
    monkeypatch.setattr(few_shot, "PICTURES", tmp_path / "pictures")
    monkeypatch.setattr(shared_weights, "WEIGHTS", tmp_path / "none")
    for name in few_shot.DEFAULT_COLLECTIONS:
        draw_collection(tmp_path / "pictures" / name, red=3, blue=3)
    (tmp_path / "docs").mkdir()
    return tmp_path / "docs"


def test_docs_renews_the_tables_and_the_plot_and_nothing_else(docs, models):
    (docs / "accuracy.md").write_text(f"# Title\n\n{BEGIN}\nold\n{END}\n\nText.\n")
    assert few_shot.main(["--models", str(models), "--docs"]) == 0
    page = (docs / "accuracy.md").read_text()
    assert page.startswith("# Title\n\n") and page.endswith("\n\nText.\n") and "old" not in page
    assert f"| KNN | `{DEFAULT_NAME}` (built in) | " in page
    assert ElementTree.parse(docs / "few_shot.svg").getroot().tag.endswith("svg")


def test_docs_takes_nothing_but_all_backbones_on_both_default_collections(docs, discs, capsys):
    assert "leave out --pictures and the names" in refused(capsys, DEFAULT_NAME, "--docs")
    assert "leave out --pictures" in refused(capsys, "--pictures", discs, "--docs")
    shutil.rmtree(few_shot.PICTURES / "digits")
    assert "needs all of superheroes, digits" in refused(capsys, "--docs")
    assert list(docs.iterdir()) == []


def test_a_picture_that_cannot_be_read_is_left_out_and_named(discs, capsys):
    (discs / "red" / "broken.png").write_bytes(b"no picture")
    (discs / "red" / "notes.txt").write_text("no picture either")
    (discs / ".hidden").mkdir()
    shutil.copy(discs / "red" / "0.JPG", discs / ".hidden")
    collection = few_shot.read_collection(discs)
    assert collection.labels.tolist() == [0] * 7 + [1] * 9
    assert collection.squares.shape == (16, 224, 224, 3)
    assert f"Left out {discs / 'red' / 'broken.png'}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("nowhere", "There is no folder"),
        ("discs/red", "0 of the folders in it have pictures"),
        ("one", "1 of the folders in it have pictures"),
    ],
)
def test_a_folder_that_is_no_collection_is_refused(tmp_path, discs, capsys, folder, expected):
    draw_collection(tmp_path / "one", red=2)
    (tmp_path / "one" / "empty").mkdir()
    message = refused(capsys, DEFAULT_NAME, "--pictures", tmp_path / folder)
    assert expected in message and str(tmp_path / folder) in message


def test_a_backbone_that_is_not_there_is_refused_and_told_which_are(discs, models, capsys):
    message = refused(capsys, "missing", "--models", models, "--pictures", discs)
    assert "no backbone missing" in message and f"there: {DEFAULT_NAME}" in message


def test_a_damaged_backbone_is_refused_with_what_is_wrong(discs, models, capsys):
    (models / DEFAULT_NAME / "backbone.tflite").unlink()
    message = refused(capsys, DEFAULT_NAME, "--models", models, "--pictures", discs)
    assert "backbone.tflite is missing" in message


def test_a_folder_without_backbones_is_refused(tmp_path, discs, capsys, monkeypatch):
    monkeypatch.setattr(shared_weights, "WEIGHTS", tmp_path / "none")
    message = refused(capsys, "--models", discs, "--pictures", discs)
    assert f"There is no backbone in {discs}" in message


def test_two_of_the_same_name_are_refused(tmp_path, discs, models, capsys):
    twice = refused(capsys, DEFAULT_NAME, models / DEFAULT_NAME, "--pictures", discs)
    assert f"Several backbones are called {DEFAULT_NAME}" in twice
    other = draw_collection(tmp_path / "other" / "discs", red=2, blue=2)
    twice = refused(capsys, DEFAULT_NAME, "--pictures", discs, other)
    assert "Several collections are called discs" in twice


@pytest.mark.parametrize("option", ["--svg", "--json"])
def test_a_file_that_cannot_be_written_is_refused_before_measuring(discs, capsys, option):
    file = Path(discs) / "nowhere" / "file"
    message = refused(capsys, DEFAULT_NAME, "--pictures", discs, option, file)
    assert f"there is no folder {file.parent}" in message and "Measuring" not in message


def test_without_the_default_pictures_it_says_which_are_missing(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(few_shot, "PICTURES", tmp_path)
    assert few_shot.main([]) == 1
    printed = capsys.readouterr().out
    for name in few_shot.DEFAULT_COLLECTIONS:
        assert f"no pictures to measure on in {tmp_path / name}" in printed


def test_one_of_the_default_collections_is_enough(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(few_shot, "PICTURES", tmp_path)
    draw_collection(tmp_path / few_shot.DEFAULT_COLLECTIONS[1], red=3, blue=3)
    assert few_shot.main([DEFAULT_NAME]) == 0
    printed = capsys.readouterr().out
    assert "digits: 2 classes, 6 pictures" in printed
    assert f"no pictures to measure on in {tmp_path / 'superheroes'}" in printed


def test_it_is_a_section_of_all_benchmarks():
    listed = subprocess.run(
        [sys.executable, "-m", "bench", "--help"], cwd=few_shot.ROOT, capture_output=True, text=True
    )
    assert "few_shot (few-shot accuracy" in " ".join(listed.stdout.split())
