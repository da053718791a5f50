"""`export` and `import` on the command line; the formats themselves have their own tests."""

import numpy as np
import pytest

from server.formats import classifier as file
from tests.command_line import class_folders, process, runner
from tests.test_commands_train import project_file


@pytest.fixture
def run(capfd, monkeypatch, tmp_path):
    return runner(capfd, monkeypatch, tmp_path / "data")


@pytest.fixture(scope="module")
def taught(tmp_path_factory):
    """A folder with discs/ and a classifier of them, called Discs."""
    folder = tmp_path_factory.mktemp("taught")
    class_folders(folder / "discs", 8)
    out = folder / "made.classifier"
    words = ("train", folder / "discs", "--out", out, "--name", "Discs")
    done, _ = process(folder / "data", *words)
    assert done.status == 0, done.err
    return folder


def test_export_writes_a_file_of_its_own_name_or_the_one_that_is_given(run, taught, tmp_path):
    made = taught / "made.classifier"
    result = run("export", made, "--format", "labels", "--out", tmp_path)
    assert result.status == 0, result.err
    assert (tmp_path / "discs.txt").read_text().split() == ["blue", "red"]
    assert result.out.startswith(f"Saved {tmp_path / 'discs.txt'} (")
    assert run("export", made, "--format", "labels", "--out", tmp_path / "n.txt").status == 0
    assert (tmp_path / "n.txt").read_text() == (tmp_path / "discs.txt").read_text()


def test_export_compares_on_the_pictures_that_are_given_and_tells_how_well(run, taught, tmp_path):
    (taught / "discs" / "red" / "bad.jpg").write_text("no picture")
    words = ("export", taught / "made.classifier", "--format", "npz", "--out", tmp_path)
    told = run(*words, "--pictures", taught / "discs", "--json")
    assert told.status == 0, told.err
    agreement = told.json["agreement"]
    assert agreement["pictures"] == 16 and 0 <= agreement["max_difference"] < 1e-3
    assert agreement["same_answers"] == 1
    out = run(*words, "--pictures", taught / "discs").out
    assert "compared on 16 pictures: 100 % of the answers are the same, the scores differ" in out


def test_a_project_is_exported_as_its_neighbours(run, tmp_path):
    path = project_file(tmp_path / "discs.showtell")
    result = run("export", path, "--format", "npz", "--out", tmp_path, "--json")
    assert result.status == 0, result.err
    assert result.json["agreement"]["same_answers"] == 1


def test_what_cannot_be_exported_is_told(run, taught, tmp_path):
    made = taught / "made.classifier"
    (tmp_path / "empty").mkdir()
    for words, message in (
        (("export", made, "--format", "tfjs2"), "There is no such format"),
        (("export", tmp_path / "empty", "--format", "npz"), "There are no classes"),
        (("export", made, "--format", "npz", "--out", tmp_path / "no" / "x"), "mkdir -p"),
        (("export", made, "--format", "npz", "--pictures", tmp_path / "empty"), "no pictures"),
        (("import", tmp_path / "gone", "--out", tmp_path / "x.classifier"), "is not there"),
        (("import", made, "--out", tmp_path / "no" / "x.classifier"), "mkdir -p"),
    ):
        result = run(*words)
        assert result.status == 2 and message in result.err, result.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty"]


def test_import_makes_a_classifier_that_answers_as_before(run, taught, tmp_path):
    out = tmp_path / "again.classifier"
    told = run("import", taught / "made.classifier", "--out", out, "--name", "Again", "--json")
    assert told.status == 0, told.err
    assert told.json["classes"] == ["blue", "red"] and told.json["name"] == "Again"
    before, after = file.read(taught / "made.classifier"), file.read(out)
    rows = np.random.default_rng(0).random((5, before.backbone.embedding_size), np.float32)
    assert np.array_equal(before.scores(rows), after.scores(rows))


def test_what_cannot_be_imported_is_told(run, tmp_path):
    (tmp_path / "x.h5").write_bytes(b"no model")
    result = run("import", tmp_path / "x.h5", "--out", tmp_path / "x.classifier")
    assert result.status == 2 and not (tmp_path / "x.classifier").exists()
    assert "Traceback" not in result.err
