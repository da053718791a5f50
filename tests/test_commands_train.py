"""`train`, `evaluate` and `report`: from folders and project files to a judged classifier."""

import json
import os
import shutil
import zipfile
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from server.commands import train as module
from server.commands.train import Trained, choose
from server.formats import classifier as file
from server.formats.project import BackboneRef, ClassData, ProjectData, SampleData
from server.formats.registry import write_project
from server.learning import backbones, lots
from server.learning.embedding import embed
from server.learning.errors import InputError
from server.learning.pictures import decode_square
from tests.command_line import COLORS, class_folders, process, runner
from tests.conftest import draw

SHARED = Path(__file__).resolve().parent.parent.parent / "shared" / "pictures" / "superheroes"


@pytest.fixture
def run(capfd, monkeypatch, tmp_path):
    return runner(capfd, monkeypatch, tmp_path / "data")


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    return class_folders(tmp_path_factory.mktemp("drawn") / "discs")


@pytest.fixture
def photographs(tmp_path, drawn):
    """Forty photographs of two classes where they are at hand, else drawn pictures."""
    if not SHARED.is_dir():
        return drawn
    for label in ("darth_vader", "elsa"):
        (tmp_path / "heroes" / label).mkdir(parents=True)
        for path in sorted((SHARED / label).iterdir())[:20]:
            shutil.copy(path, tmp_path / "heroes" / label)
    return tmp_path / "heroes"


def project_file(path, each=8, pictures=True, vectors=True):
    """Writes a .showtell in which every four pictures are a burst."""
    backbone = backbones.get()
    samples, squares = [], []
    for index, color in enumerate([COLORS["red"], COLORS["blue"]]):
        for i in range(each):
            data = draw(color, i, size=(224, 224))
            squares.append(decode_square(data))
            read = partial(bytes, data) if pictures else None
            samples.append(SampleData(index, read, burst=f"{index} {i // 4}", source="camera"))
    project = ProjectData(
        name="Discs",
        classes=[
            ClassData("red", "0" * 8 + "-0000-4000-8000-" + "0" * 12, "#ff0000"),
            ClassData("blue"),
        ],
        samples=samples,
        vectors=embed(backbone, np.stack(squares)) if vectors else None,
        backbone=BackboneRef(backbone.name, backbone.fingerprint, backbone.embedding_size),
    )
    with path.open("wb") as out:
        write_project("showtell", project, out)
    return path


def test_a_folder_becomes_a_classifier_that_is_right_and_says_how_good_it_is(
    run, photographs, tmp_path
):
    out = tmp_path / "made.classifier"
    result = run("train", photographs, "--out", out)
    assert result.status == 0, result.err
    made = file.read(out)
    assert made.recipe == "linear" and made.name == photographs.name
    assert made.labels == sorted(p.name for p in photographs.iterdir())
    assert made.report["test"]["accuracy"] >= 0.75
    assert made.report["command"].startswith(f"python -m server train {photographs} --out {out}")
    assert "test pictures right" in result.out and f"Saved {out} (" in result.out
    assert result.err == ""


def test_a_second_training_of_the_same_pictures_embeds_nothing(run, drawn, tmp_path, monkeypatch):
    assert run("train", drawn, "--out", tmp_path / "1.classifier").status == 0
    monkeypatch.setattr(lots, "Crew", None)
    monkeypatch.setattr(lots, "look", None)
    again = run("train", drawn, "--out", tmp_path / "2.classifier", "--recipe", "head")
    assert again.status == 0, again.err
    failed = run("train", drawn, "--out", tmp_path / "3.classifier", "--no-cache")
    assert failed.status == 1 and "has a fault" in failed.err
    assert not (tmp_path / "3.classifier").exists()


def test_options_name_and_backbone_reach_the_training_and_json_tells_all(run, drawn, tmp_path):
    result = run(
        *("train", drawn, "--out", tmp_path / "made.classifier", "--json", "--recipe", "head"),
        *("--option", "epochs=3", "--option", "seed=7", "--name", "My discs"),
        *("--backbone", backbones.DEFAULT_NAME, "--processes", 1),
    )
    told = result.json
    assert told["file"] == str(tmp_path / "made.classifier") and told["recipe"] == "head"
    assert told["leaderboard"] is None and told["skipped"] == []
    report = told["report"]
    assert report["options"]["epochs"] == 3 and report["seed"] == 7
    assert report["name"] == "My discs" and len(report["curves"]) == 3
    assert report["backbone"]["name"] == backbones.DEFAULT_NAME
    for part in ("--option epochs=3", "--option seed=7", "--name 'My discs'", "--recipe head"):
        assert part in report["command"]
    assert file.read(tmp_path / "made.classifier").report == report


def test_pictures_that_cannot_be_read_are_named_and_the_status_is_3(run, tmp_path):
    folder = class_folders(tmp_path / "discs")
    (folder / "red" / "broken.jpg").write_bytes(b"no picture")
    (folder / "red" / "empty.png").touch()
    result = run("train", folder, "--out", tmp_path / "made.classifier")
    assert result.status == 3
    lines = sorted(result.err.splitlines())
    assert lines[0].startswith("Skipped red/broken.jpg: This is not a picture")
    assert lines[1] == "Skipped red/empty.png: The file is empty."
    made = file.read(tmp_path / "made.classifier")
    assert [s["id"] for s in made.report["skipped"]] == ["red/broken.jpg", "red/empty.png"]
    assert sum(map(sum, made.report["counts"].values())) == 28


@pytest.mark.parametrize("pictures", [True, False])
def test_a_project_keeps_its_bursts_ids_and_vectors(run, tmp_path, monkeypatch, pictures):
    path = project_file(tmp_path / "discs.showtell", pictures=pictures)
    monkeypatch.setattr(lots, "look", None)  # its vectors are there already
    result = run("train", path, "--out", tmp_path / "made.classifier", "--recipe", "knn")
    assert result.status == 0, result.err
    made = file.read(tmp_path / "made.classifier")
    assert made.report["split"]["by"] == "burst" and made.report["split"]["groups"] == 4
    assert made.classes[0].color == "#ff0000" and made.classes[0].id.endswith("0" * 12)


def test_a_project_whose_vectors_are_missing_is_looked_at(run, tmp_path):
    path = project_file(tmp_path / "discs.showtell", vectors=False)
    result = run("train", path, "--out", tmp_path / "made.classifier", "--json")
    assert result.status == 0, result.err
    assert result.json["report"]["test"]["n"] > 0


def test_pixels_are_compared_without_a_backbone(run, drawn, tmp_path):
    result = run(
        *("train", drawn, "--out", tmp_path / "made.classifier", "--recipe", "knn"),
        *("--option", "pixels=true"),
    )
    assert result.status == 0, result.err
    made = file.read(tmp_path / "made.classifier")
    assert made.model.wants == "squares" and made.backbone is None


def test_numbers_are_learned_by_the_regression(run, tmp_path):
    folder = class_folders(tmp_path / "dial", labels=("0", "50", "100"))
    for label, color in (("0", (0, 0, 0)), ("50", (120, 60, 60)), ("100", (255, 120, 120))):
        for i, path in enumerate(sorted((folder / label).iterdir())):
            path.write_bytes(draw(color, i, size=(120, 90)))
    out = tmp_path / "made.classifier"
    result = run("train", folder, "--out", out, "--recipe", "regression")
    assert result.status == 0, result.err
    guessed = run("guess", out, folder / "100" / "100 0.jpg", "--json").json["items"][0]
    assert guessed["scores"] == [] and 50 < guessed["value"] < 150
    assert run("guess", out, folder / "0" / "0 0.jpg").out.startswith("value = ")
    copied = run("guess-dir", out, folder, tmp_path / "out", "--json").json
    assert copied["copied"] == 42 and list(copied["classes"]) == ["value"]


def test_all_recipes_make_a_leaderboard_and_the_best_is_saved(run, drawn, tmp_path, monkeypatch):
    """Without the networks, whose own tests take their time."""
    from server.learning.recipes import table

    quick = {name: table.RECIPES[name] for name in ("knn", "linear", "head", "regression")}
    monkeypatch.setattr(table, "RECIPES", quick)
    out = tmp_path / "best.classifier"
    result = run("train", drawn, "--out", out, "--recipe", "all", "--option", "epochs=5")
    assert result.status == 0, result.err
    lines = result.out.splitlines()
    assert lines[0].split() == ["recipe", "validation", "test", "interval", "seconds", "kB"]
    assert [line.split()[0] for line in lines[1:4]] == ["knn", "linear", "head"]
    best = file.read(out).recipe
    assert f"The best by accuracy on the validation pictures is {best}." in result.out
    told = run("train", drawn, "--out", out, "--recipe", "all", "--json").json
    assert [row["recipe"] for row in told["leaderboard"]] == ["knn", "linear", "head"]
    assert told["chosen_by"] == "accuracy on the validation pictures"
    wrong = run("train", drawn, "--out", out, "--recipe", "all", "--option", "epoch=5")
    assert wrong.status == 2 and "Did you mean epochs?" in wrong.err


class Judged:
    """As much of a classifier as is looked at."""

    def __init__(self, **parts):
        self.report = {
            part: value and {"accuracy": value[0], "log_loss": value[1]}
            for part, value in parts.items()
        }


def rows(*judged):
    return [Trained(str(i), one, 1.0) for i, one in enumerate(judged)]


def test_the_validation_pictures_choose_the_best_not_the_test_pictures():
    board = rows(
        Judged(validation=(0.9, 0.3), test=(1.0, 0.1)),
        Judged(validation=(0.95, 0.3), test=(0.8, 0.9)),
        Judged(validation=(0.95, 0.2), test=(0.7, 0.9)),
    )
    best, by = choose(board)
    assert best.recipe == "2" and by == "accuracy on the validation pictures"


def test_without_validation_pictures_the_test_chooses_and_that_is_said():
    board = rows(Judged(validation=None, test=(0.8, 0.1)), Judged(validation=None, test=(0.9, 0.1)))
    best, by = choose(board)
    assert best.recipe == "1" and "flatters" in by


def test_a_recipe_that_cannot_be_trained_does_not_stop_the_others():
    error = InputError("Too few", "two")
    good = rows(Judged(validation=(0.5, 1.0), test=None))
    bad = Trained("bad", None, 0.1, error)
    assert choose([bad, *good])[0] is good[0]
    assert "not trained: Too few" in module.leaderboard([bad, *good])
    with pytest.raises(InputError, match="Too few"):
        choose([bad])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--recipe", "liner"], "Did you mean linear?"),
        (["--option", "c"], "expected NAME=VALUE"),
        (["--option", "c=much"], "expected a number from"),
        (["--option", "d=1"], "There is no such option"),
        (["--backbone", "nothing"], "The backbone nothing is not here"),
        (["--report", "nowhere/r.html"], "The folder of a file is not there"),
    ],
)
def test_what_cannot_be_trained_is_told_without_a_traceback(run, drawn, tmp_path, words, message):
    out = tmp_path / "made.classifier"
    result = run("train", drawn, "--out", out, *words)
    assert result.status == 2 and message in result.err and result.out == ""
    assert "Traceback" not in result.err and not out.exists()


def test_a_device_is_never_replaced_by_a_file(run, drawn, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for words in (["--out", pipe], ["--out", tmp_path / "made.classifier", "--report", pipe]):
        result = run("train", drawn, *words)
        assert result.status == 2 and "a device or a pipe" in result.err
    assert pipe.is_fifo() and not (tmp_path / "made.classifier").exists()


def test_names_that_are_no_text_are_trained_on_and_reported(run, tmp_path):
    folder = class_folders(tmp_path / "discs")
    odd = os.fsencode(folder / "red") + b"/\xff.jpg"
    (folder / "red" / "red 0.jpg").rename(os.fsdecode(odd))
    (folder / "red").rename(os.fsdecode(os.fsencode(folder) + b"/r\xe9d"))
    out, page = tmp_path / "made.classifier", tmp_path / "report.html"
    result = run("train", folder, "--out", out, "--report", page)
    assert result.status == 0, result.err
    assert run("report", out).status == 0 and page.stat().st_size > 1000
    assert (
        len(
            json.loads(
                run("guess", out, os.fsdecode(tmp_path / "discs/blue/blue 1.jpg"), "--json").out
            )["items"]
        )
        == 1
    )


def test_what_is_no_folder_of_classes_is_told(run, drawn, tmp_path):
    out = tmp_path / "made.classifier"
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.txt").write_text("text")
    for path, message in (
        (tmp_path / "gone", "is not there"),
        (tmp_path / "empty", "There are no classes"),
        (drawn / "red", "There are no classes"),
        (tmp_path / "text.txt", "cannot be imported"),
    ):
        result = run("train", path, "--out", out)
        assert result.status == 2 and message in result.err, result.err
    one = class_folders(tmp_path / "one", labels=("red",))
    assert "at least two classes" in run("train", one, "--out", out).err
    missing = run("train", drawn, "--out", tmp_path / "no" / "made.classifier")
    assert missing.status == 2 and "mkdir -p" in missing.err


def test_evaluate_judges_other_pictures_and_writes_the_same_page_as_report(run, drawn, tmp_path):
    out, page = tmp_path / "made.classifier", tmp_path / "page.html"
    assert run("train", drawn, "--out", out, "--report", page).status == 0
    assert "data:image/" in page.read_text()  # pictures are in it
    other = tmp_path / "other"
    for label in ("red", "blue", "green"):
        (other / label).mkdir(parents=True)
        for i in range(5):
            (other / label / f"n{i}.png").write_bytes(draw(COLORS[label], 500 + i, format="PNG"))
    told = run("evaluate", out, other, "--json", "--report", tmp_path / "e.html").json
    assert told["report"]["test"]["n"] == 10
    assert told["report"]["command"] == f"python -m server evaluate {out} {other}"
    assert any("green" in note for note in told["report"]["notes"])
    assert "<html" in (tmp_path / "e.html").read_text()[:300]
    shown = run("evaluate", out, other)
    assert shown.status == 0 and "of 10 test pictures right" in shown.out
    assert "flatter" in run("evaluate", out, drawn).err

    assert "test pictures right" in run("report", out).out
    assert run("report", out, "--json").json["report"] == file.read(out).report
    again = tmp_path / "again.html"
    assert run("report", out, "--out", again, "--pictures", drawn).status == 0
    assert again.read_text() == page.read_text()


def test_evaluate_refuses_what_does_not_fit(run, drawn, tmp_path):
    out = tmp_path / "made.classifier"
    assert run("train", drawn, "--out", out).status == 0
    strangers = class_folders(tmp_path / "strangers", 2, ("cat", "dog"))
    result = run("evaluate", out, strangers)
    assert result.status == 2 and "it knows blue, red" in result.err
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("classifier.json", json.dumps({"format": "other"}))
    assert run("evaluate", archive, drawn).status == 2
    assert "has no report" in run("report", project_file(tmp_path / "discs.showtell")).err


def test_a_project_is_judged_as_it_answers(run, tmp_path):
    from server.commands.answering import open_answering, open_classifier
    from server.learning.task import Task
    from server.settings import Settings

    path = project_file(tmp_path / "discs.showtell")
    classifier = open_classifier(path, Settings(), Task())
    answering = open_answering(path, Settings(), Task())
    random = np.random.default_rng(0)
    rows = random.normal(size=(20, classifier.backbone.embedding_size)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    for scores, answer in zip(classifier.scores(rows), answering.answer(rows), strict=True):
        assert dict(answer.scores) == pytest.approx(dict(zip(["red", "blue"], scores, strict=True)))
    judged = run("evaluate", path, class_folders(tmp_path / "discs", 5), "--json")
    assert judged.status == 0 and judged.json["report"]["test"]["accuracy"] == 1


def test_a_whole_training_is_short_for_the_processor(drawn, tmp_path):
    """From the start of the process to the saved file, in seconds of computing."""
    data, out = tmp_path / "data", tmp_path / "made.classifier"
    first, _ = process(data, "train", drawn, "--out", out)
    again, seconds = process(data, "train", drawn, "--out", out)
    assert (first.status, again.status) == (0, 0), again.err
    assert again.err == "" and first.err == ""
    assert seconds < 4
