"""`make models`: several backbones in turn, the line that shows a download, the table."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import convert_models
from server.conversion.catalogue import OFFICIAL
from server.conversion.errors import ConversionError
from server.conversion.official import Meter, fetch_all
from server.conversion.table import rows, table
from server.learning.backbones import DEFAULT_NAME
from tests.conftest import free_port

ROOT = Path(__file__).resolve().parent.parent
NARROW, WIDE, SMALL = OFFICIAL


class Terminal:
    """What was written, as a terminal would get it."""

    def __init__(self):
        self.text = ""

    def __call__(self, text, end="\n"):
        self.text += text + end


def test_where_somebody_watches_a_download_is_one_line_that_changes():
    terminal, clock = Terminal(), iter([0.0, 0.05, 0.2, 0.21])
    meter = Meter(terminal, True, lambda: next(clock))
    meter.line("Downloading")
    for count in (0, 500_000, 1_000_000, 2_000_000):
        meter.received(count, 2_000_000)
    meter.line("Read")
    lines = terminal.text.split("\n")
    assert lines[0] == "Downloading" and lines[2] == "Read"
    shown = [part.strip() for part in lines[1].split("\r")[1:]]
    # Not the half million: it came too soon after the beginning to be seen.
    assert shown == ["0.0 MB of 2.0 MB, 0 %", "1.0 MB of 2.0 MB, 50 %", "2.0 MB of 2.0 MB, 100 %"]


def test_where_nobody_watches_there_are_whole_lines_only():
    terminal = Terminal()
    meter = Meter(terminal, False)
    meter.line("Downloading")
    meter.received(5, 10)
    meter.line("Read")
    assert terminal.text == "Downloading\nRead\n"


def test_a_server_that_tells_no_length_still_shows_progress():
    terminal = Terminal()
    Meter(terminal, True).received(3_000_000, None)
    assert terminal.text.strip() == "3.0 MB"


def test_one_that_fails_keeps_no_other_away(tmp_path, capfd):
    def convert(entry, meter):
        if entry.name == WIDE:
            raise ConversionError("There is no network.")
        if entry.name == SMALL:
            raise ZeroDivisionError("a fault")
        return tmp_path / entry.name

    assert fetch_all([], [tmp_path], convert) == [WIDE, SMALL]
    out, err = capfd.readouterr()
    assert f"Done: {tmp_path / NARROW}" in out
    assert "There is no network." in err and "a fault" in err


def test_only_those_named_are_fetched_and_none_that_is_here(tmp_path, capfd):
    here = tmp_path / NARROW
    shutil.copytree(ROOT / "models" / DEFAULT_NAME, here)
    about = (here / "backbone.json").read_text().replace(f'"{DEFAULT_NAME}"', f'"{NARROW}"')
    (here / "backbone.json").write_text(about)
    asked = []

    def convert(entry, meter):
        asked.append(entry.name)
        return tmp_path

    assert fetch_all([NARROW, "MobileNetV3Small"], [tmp_path], convert) == []
    assert asked == [SMALL]
    assert f"{NARROW} is here already." in capfd.readouterr().out
    with pytest.raises(ConversionError, match="none of the official"):
        fetch_all(["mobilenet_v1"], [tmp_path], convert)


def test_the_table_lists_those_that_are_here_with_their_speed_and_those_that_could_be():
    models = ROOT / "models"
    found = {row[0]: row for row in rows([models])[0]}
    assert {DEFAULT_NAME, *OFFICIAL} <= found.keys()
    here, page, size, numbers, milliseconds, *accuracies = found[DEFAULT_NAME][1:]
    about = json.loads((models / DEFAULT_NAME / "backbone.json").read_text(encoding="utf-8"))
    assert here == "yes" and page == f"{about['bytes'] / 1e6:.1f} MB"
    assert (size, numbers) == (str(about["input_size"]), str(about["embedding_size"]))
    assert float(milliseconds) > 0
    assert all(0.5 < float(mean) < 1 for mean in accuracies)


def test_the_table_of_an_empty_folder_offers_all(tmp_path):
    lines = table([tmp_path]).splitlines()
    assert len({len(line) for line in lines[:4]}) == 1  # aligned
    for line, entry in zip(lines[1:4], OFFICIAL.values(), strict=True):
        cells = line.split()
        assert cells[:2] == [entry.name, "no"]
        assert cells[-2:] == (["0.981", "0.696"] if entry.name == NARROW else cells[-2:])
    assert lines[3].split()[-3:] == ["-", "-", "-"]


def test_the_table_names_what_is_damaged_and_lists_the_rest(tmp_path):
    blank, broken = tmp_path / DEFAULT_NAME, tmp_path / "broken"
    shutil.copytree(ROOT / "models" / DEFAULT_NAME, blank)
    (blank / "backbone.tflite").write_bytes(bytes((blank / "backbone.tflite").stat().st_size))
    about = json.loads((blank / "backbone.json").read_text(encoding="utf-8"))
    (blank / "backbone.json").write_text(json.dumps({**about, "fingerprint": "0" * 64}))
    broken.mkdir()
    (broken / "backbone.json").write_text("{}")
    lines = table([tmp_path]).splitlines()
    assert lines[1].split()[:2] == [DEFAULT_NAME, "yes"] and lines[1].split()[-3] == "-"
    problems = lines[lines.index("Cannot be used:") + 1 :]
    assert [line.split(": ")[0] for line in problems] == [str(broken), str(blank)]
    assert "cannot be loaded" in problems[1] and "Convert it again" in problems[1]
    assert "Cannot be used" not in table([ROOT / "models"])


def run(tmp_path, *arguments, **environ):
    clean = {k: v for k, v in os.environ.items() if not k.startswith("SHOWTELL_")}
    return subprocess.run(
        [sys.executable, "convert_models.py", *arguments],
        cwd=ROOT,
        env={
            **clean,
            "KERAS_HOME": str(tmp_path / "keras"),
            "SHOWTELL_MIRROR": f"http://127.0.0.1:{free_port()}",
            "SHOWTELL_MODELS": str(tmp_path / "models"),
            **environ,
        },
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_without_a_network_each_is_tried_each_says_why_and_the_end_is_a_failure(tmp_path):
    process = run(tmp_path, "--official")
    assert process.returncode == 1
    for entry in OFFICIAL.values():
        assert f"{entry.name}:\n" in process.stdout
        assert f"no weights for {entry.name}" in process.stderr
    assert f"Not fetched: {', '.join(OFFICIAL)}" in process.stderr
    assert "\r" not in process.stdout and "Traceback" not in process.stderr
    assert process.stdout.count(" no ") >= 3  # the table comes all the same
    assert not (tmp_path / "models").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--official", "inception"), "inception is none of the official backbones"),
        (("--official", NARROW, "inception"), "inception is none of the official backbones"),
    ],
)
def test_what_cannot_be_meant_is_said_before_anything_is_asked(tmp_path, arguments, words):
    process = run(tmp_path, *arguments)
    assert process.returncode == 1 and words in process.stderr
    assert "Downloading" not in process.stdout


@pytest.mark.parametrize(
    ("arguments", "refused"),
    [
        ((NARROW,), "NAME before it"),
        (("--alpha", "0.5", "--size", "96"), "--alpha, --size"),
        (("--title", "Eyes", "--licence", "none"), "--title, --licence"),
        (("--seed", "0"), "--seed"),
        (("--random",), "--random"),
        (("--weights", "some.h5"), "--weights"),
        (("--from-teachable-machine", "some.zip"), "--from-teachable-machine"),
    ],
)
def test_what_official_backbones_say_themselves_is_a_usage_error(capsys, arguments, refused):
    with pytest.raises(SystemExit) as stop:
        convert_models.main([*arguments, "--official"])
    assert stop.value.code == 2
    assert capsys.readouterr().err.endswith(f"leave out {refused}\n")


def test_a_setting_that_cannot_be_used_is_said(tmp_path):
    process = run(tmp_path, "--table", PORT="http")
    assert process.returncode == 1 and "PORT" in process.stderr


def test_make_models_hands_the_names_on():
    command = ["make", "-n", "models", f"MODELS={NARROW} {SMALL}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert f"convert_models.py --official {NARROW} {SMALL}" in done.stdout
