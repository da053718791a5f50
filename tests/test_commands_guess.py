"""`guess` and `guess-dir`: what is in pictures, quickly, and copies that say so."""

import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from server.commands import guess_dir
from server.commands.answering import Answer
from server.commands.guess_dir import Copier, walk
from server.formats.registry import read_project
from server.learning import backbones, knn
from server.learning.embedding import embed
from server.learning.pictures import decode_square
from tests.command_line import COLORS, ROOT, class_folders, environ, process, runner
from tests.conftest import draw
from tests.test_commands_train import project_file


@pytest.fixture
def run(capfd, monkeypatch, tmp_path):
    return runner(capfd, monkeypatch, tmp_path / "data")


@pytest.fixture(scope="module")
def taught(tmp_path_factory):
    """A folder with discs/ and a classifier of them."""
    folder = tmp_path_factory.mktemp("taught")
    class_folders(folder / "discs")
    out = folder / "made.classifier"
    done, _ = process(folder / "data", "train", folder / "discs", "--out", out)
    assert done.status == 0, done.err
    return folder


def test_guess_prints_a_line_for_each_class_the_best_first(run, taught):
    result = run("guess", taught / "made.classifier", taught / "discs" / "red" / "red 0.jpg")
    assert result.status == 0 and result.err == ""
    first, second = result.out.splitlines()
    name, _, score = first.partition(" (score = ")
    assert name == "red" and score.endswith(")") and len(score) == len("0.99621)")
    assert second.startswith("blue (score = 0.")
    assert float(score[:-1]) > 0.5 > float(second[len("blue (score = ") : -1])


def test_guess_of_several_pictures_names_each_and_skips_what_it_cannot_read(run, taught, tmp_path):
    bad = tmp_path / "bad.jpg"
    bad.write_text("no picture")
    good = [taught / "discs" / label / f"{label} 1.jpg" for label in ("red", "blue")]
    result = run("guess", taught / "made.classifier", good[0], bad, good[1], "--top", 1)
    assert result.status == 3
    lines = result.out.splitlines()
    assert lines[0] == str(good[0]) and lines[2] == "" and lines[3] == str(good[1])
    assert lines[1].startswith("red (") and lines[4].startswith("blue (") and len(lines) == 5
    assert result.err.startswith(f"Skipped {bad}: This is not a picture")
    told = run("guess", taught / "made.classifier", good[0], bad, "--json")
    assert told.status == 3
    assert [item["label"] for item in told.json["items"]] == ["red"]
    assert [entry["id"] for entry in told.json["skipped"]] == [str(bad)]
    assert sum(s["score"] for s in told.json["items"][0]["scores"]) == pytest.approx(1)


def test_guess_needs_neither_tensorflow_nor_scikit_learn_and_less_than_a_second(taught, tmp_path):
    code = (
        "import sys\n"
        "from server.__main__ import main\n"
        "status = main(sys.argv[1:])\n"
        "heavy = {'tensorflow', 'tf_keras', 'keras', 'sklearn', 'scipy', 'dask', 'distributed',\n"
        "         'flask', 'sqlalchemy', 'rich', 'jinja2'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "sys.exit(status)\n"
    )
    words = ("guess", taught / "made.classifier", taught / "discs" / "red" / "red 0.jpg")
    results = [process(tmp_path / "data", *words, code=code) for _ in range(2)]
    for result, _ in results:
        assert result.status == 0, result.err
        assert result.out.startswith("red (score = ") and result.err == ""
    # Seconds of computing, which other programs on the machine do not change much.
    assert min(seconds for _, seconds in results) < 1
    assert not (tmp_path / "data").exists()


def test_a_project_answers_like_the_page_and_knows_what_is_unknown(run, tmp_path):
    path = project_file(tmp_path / "discs.showtell")
    red, odd = tmp_path / "red.jpg", tmp_path / "odd.png"
    red.write_bytes(draw(COLORS["red"], 99, size=(224, 224)))
    from PIL import Image

    Image.new("RGB", (224, 224), (0, 255, 80)).save(odd)
    told = run("guess", path, red, odd, "--json")
    assert told.status == 0, told.err
    first, second = told.json["items"]
    backbone = backbones.get()
    pictures = [draw(COLORS[c], i, size=(224, 224)) for c in ("red", "blue") for i in range(8)]
    vectors = [embed(backbone, decode_square(data))[0] for data in pictures]
    expected = knn.KNN(vectors, [0] * 8 + [1] * 8, [i // 4 for i in range(16)], 2).predict(
        embed(backbone, decode_square(red.read_bytes()))
    )[0]
    scores = {entry["label"]: entry["score"] for entry in first["scores"]}
    assert scores["red"] == pytest.approx(expected.scores[0], abs=1e-6)
    assert first["label"] == "red" and not first["unknown"] and not expected.unknown
    assert second["label"] == "unknown" and second["unknown"]
    assert run("guess", path, odd).out.startswith("unknown (score = ")
    copied = run("guess-dir", path, tmp_path, tmp_path / "out", "--json").json
    assert copied["classes"]["unknown"]["pictures"] == 1


def test_guess_refuses_what_it_cannot_use(run, taught, tmp_path):
    made = taught / "made.classifier"
    assert run("guess", made, taught / "discs").status == 2
    assert "guess-dir" in run("guess", made, taught / "discs").err
    assert "is not there" in run("guess", tmp_path / "gone", tmp_path / "x.jpg").err
    assert run("guess", made).status == 2  # argparse
    gone = run("guess", made, tmp_path / "gone.jpg")
    assert gone.status == 3 and "No such file" in gone.err and gone.out == ""


def test_guess_dir_copies_every_picture_below_and_sums_up(run, taught, tmp_path):
    out = tmp_path / "new" / "out"
    discs = shutil.copytree(taught / "discs", tmp_path / "discs")
    (discs / "notes.txt").write_text("no picture")
    (discs / ".hidden.jpg").write_bytes(draw())
    (discs / "red" / "bad.PNG").write_text("no picture")
    result = run("guess-dir", taught / "made.classifier", discs, out)
    assert result.status == 3
    assert result.err.startswith(f"Skipped {Path('red', 'bad.PNG')}: ")
    copies = sorted(path.name for path in out.iterdir())
    assert len(copies) == 28 and {name.partition("-[")[0] for name in copies} == {"blue", "red"}
    assert all(name.endswith("].jpg") or "]-" in name for name in copies)
    lines = result.out.splitlines()
    assert lines[0].split()[:2] == ["blue", "14"] and lines[1].split()[:2] == ["red", "14"]
    assert lines[2].startswith(f"28 pictures copied to {out}") and lines[2].endswith("1 skipped.")
    # The copy is the picture, its time included.
    original = discs / "red" / "red 0.jpg"
    (copy,) = [p for p in out.iterdir() if p.read_bytes() == original.read_bytes()]
    assert copy.stat().st_mtime_ns == original.stat().st_mtime_ns


def test_two_processes_copy_the_same_as_one_and_nothing_is_overwritten(
    run, taught, tmp_path, monkeypatch
):
    from server.learning import lots

    monkeypatch.setattr(lots, "FEW", 10)
    words = ("guess-dir", taught / "made.classifier", taught / "discs")
    alone = run(*words, tmp_path / "1", "--processes", 1, "--json").json
    both = run(*words, tmp_path / "2", "--processes", 2, "--json").json
    assert alone["classes"] == both["classes"] and both["copied"] == 28

    def contents(folder):
        return {path.name: path.read_bytes() for path in folder.iterdir()}

    first = contents(tmp_path / "1")
    assert first == contents(tmp_path / "2")
    again = run(*words, tmp_path / "1", "--json").json
    assert again["copied"] == 28
    second = contents(tmp_path / "1")
    assert len(second) == 56 and first.items() <= second.items()


def test_equal_names_survive_side_by_side(tmp_path):
    copier = Copier(tmp_path, ["a"])
    source = tmp_path / "source.jpg"
    source.touch()
    (tmp_path / "a-[0.50000]-2.jpg").write_text("was there before")
    answer = Answer((("a", 0.5),))
    paths = [copier.copy(source, f"{i}".encode(), answer) for i in range(3)]
    assert [p.name for p in paths] == [
        "a-[0.50000].jpg",
        "a-[0.50000]-3.jpg",
        "a-[0.50000]-4.jpg",
    ]
    assert [p.read_text() for p in paths] == ["0", "1", "2"]
    assert (tmp_path / "a-[0.50000]-2.jpg").read_text() == "was there before"


def test_names_are_free_too_where_there_are_no_links(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError("no links here")

    monkeypatch.setattr(os, "link", refuse)
    test_equal_names_survive_side_by_side(tmp_path)
    assert not list(tmp_path.glob(".*"))


def test_classes_with_odd_names_make_names_of_files(tmp_path):
    labels = ["a/b", "..", "CON", "x" * 100, "\u6f22" * 100]
    copier = Copier(tmp_path, labels)
    source = tmp_path / "source.JPG"
    source.touch()
    for label in labels:
        path = copier.copy(source, b"", Answer(((label, 1.0),)))
        assert path.parent == tmp_path and path.is_file() and path.suffix == ".JPG"
        assert len(path.name.encode()) < 255
    assert (tmp_path / "a_b-[1.00000].JPG").exists()


def test_what_a_killed_run_has_left_is_swept_away(tmp_path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left = tmp_path / f".guess-dir-{ended.pid}.part"
    running = tmp_path / f".guess-dir-{os.getppid()}.part"
    left.touch()
    running.touch()
    Copier(tmp_path, ["a"])
    assert not left.exists() and running.exists()


def test_folders_are_walked_in_order_without_links_and_without_the_copies(tmp_path):
    for name in ("b/2.jpg", "b/10.jpg", "a/deep/1.PNG", "c.webp", "out/copy.jpg", "d.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "link").symlink_to(tmp_path / "b")
    (tmp_path / "link.jpg").symlink_to(tmp_path / "c.webp")
    found = [str(p.relative_to(tmp_path)) for p in walk(tmp_path, tmp_path / "out")]
    assert found == ["c.webp", "a/deep/1.PNG", "b/2.jpg", "b/10.jpg"]
    (tmp_path / "way").symlink_to(tmp_path)
    for other in (tmp_path / "way" / "out", tmp_path / "b" / ".." / "out"):
        assert len(list(walk(tmp_path, other))) == 4
    assert len(list(walk(tmp_path, tmp_path / "gone"))) == 5


def test_folders_that_cannot_be_opened_are_named_and_left_out(tmp_path, monkeypatch):
    folder = class_folders(tmp_path / "discs", each=2)
    real = os.scandir

    def scandir(path):  # whoever runs the tests may be allowed everything
        if os.fspath(path).endswith("red"):
            raise PermissionError(errno.EACCES, "Permission denied", os.fspath(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    told = []
    found = list(walk(folder, tmp_path / "out", lambda path, error: told.append(path)))
    assert [p.parent.name for p in found] == ["blue", "blue"] and told == [folder / "red"]
    with read_project(folder) as project:
        assert [c.label for c in project.classes] == ["blue"]
        assert "A folder is left out, red: Permission denied." in project.notes


def test_guess_dir_refuses_to_copy_onto_the_pictures(run, taught, tmp_path):
    made, discs = taught / "made.classifier", taught / "discs"
    for words in (
        (made, discs, discs),
        (made, discs, made),
        (made, discs / "red" / "red 0.jpg", tmp_path / "out"),
        (made, tmp_path / "gone", tmp_path / "out"),
    ):
        result = run("guess-dir", *words)
        assert result.status == 2 and "Received" in result.err
    assert not (tmp_path / "out").exists()
    assert sum(1 for _ in walk(discs, tmp_path)) == 28


def test_an_empty_folder_is_no_error(run, taught, tmp_path):
    (tmp_path / "empty").mkdir()
    result = run("guess-dir", taught / "made.classifier", tmp_path / "empty", tmp_path / "out")
    assert result.status == 0 and result.out.startswith("0 pictures copied")


def test_ctrl_c_ends_all_processes_quietly_and_leaves_whole_copies(taught, tmp_path):
    many = tmp_path / "many"
    many.mkdir()
    data = (taught / "discs" / "red" / "red 0.jpg").read_bytes()
    for i in range(3000):
        (many / f"{i}.jpg").write_bytes(data)
    out = tmp_path / "out"
    # A shell may have made this ignore Ctrl-C, which the command would inherit.
    code = (
        "import signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from server.__main__ import main\n"
        "if __name__ == '__main__':\n"
        "    sys.exit(main(sys.argv[1:]))\n"
    )
    words = ("guess-dir", taught / "made.classifier", many, out, "--processes", "2")
    started = subprocess.Popen(
        [sys.executable, "-c", code, *map(str, words)],
        cwd=ROOT,
        env=environ(tmp_path / "data"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while not out.exists() or len(list(out.glob("red*"))) < 40:
        assert started.poll() is None and time.monotonic() < deadline
        time.sleep(0.01)
    below = psutil.Process(started.pid).children(recursive=True)
    assert len(below) >= 2
    os.killpg(started.pid, signal.SIGINT)  # as a terminal does: to all of them
    told, error = started.communicate(timeout=20)
    assert started.returncode == 130
    assert error == "Stopped. Nothing half-made was kept.\n" and told == ""
    psutil.wait_procs(below, timeout=10)
    assert not [p for p in below if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]
    copies = list(out.iterdir())
    assert 40 <= len(copies) < 3000
    assert all(path.read_bytes() == data for path in copies)


def test_a_full_disk_is_told_and_leaves_nothing_half_made(run, taught, tmp_path, monkeypatch):
    def refuse(self, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(guess_dir.Path, "write_bytes", refuse)
    result = run("guess-dir", taught / "made.classifier", taught / "discs", tmp_path / "out")
    assert result.status == 2 and "No space left" in result.err
    assert not list((tmp_path / "out").iterdir())
