"""What all commands share: names, help, exit statuses, where they write, and what is documented."""

import errno
import os
import pty
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from server import commands
from server.commands import COMMANDS, parser_of
from server.learning.errors import InputError
from tests.command_line import ROOT, class_folders, environ, process, runner

DOCS = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
OWN_PARSER = [name for name in COMMANDS if name != "convert"]


@pytest.fixture
def run(capfd, monkeypatch, tmp_path):
    return runner(capfd, monkeypatch, tmp_path / "data")


def options(name):
    """The options and arguments of a command, as they are written."""
    found = set()
    for action in parser_of(name)._actions:
        if action.option_strings:
            found.add(max(action.option_strings, key=len))
        else:
            found.add(action.metavar)
    return found - {"--help"}


def section(name):
    """What docs/commands.md says of a command."""
    found = re.search(rf"^## {re.escape(name)}$(.*?)(?=^## |\Z)", DOCS, re.MULTILINE | re.DOTALL)
    assert found, f"docs/commands.md has no section {name}"
    return found[1]


@pytest.mark.parametrize("name", OWN_PARSER)
def test_the_documentation_lists_exactly_the_options_that_there_are(name):
    listed = re.findall(r"^\| `([^`\s]+)", section(name), re.MULTILINE)
    assert sorted(listed) == sorted(options(name))


@pytest.mark.parametrize("name", [*OWN_PARSER, "convert"])
def test_every_command_has_help_of_its_own_and_is_named_by_the_server(name, capsys):
    from server.__main__ import main, parser

    assert re.search(rf"^  {name} ", parser().format_help(), re.MULTILINE)
    assert COMMANDS[name].help in parser().format_help()
    with pytest.raises(SystemExit) as stop:
        main([name, "--help"])
    assert stop.value.code == 0
    shown = capsys.readouterr().out
    assert shown.startswith("usage:") and "--" in shown


def test_bad_usage_has_status_2_and_shows_the_usage(run):
    for words in (["train"], ["guess", "--top", "0", "f", "p"], ["export", "f"], ["report"]):
        result = run(*words)
        assert result.status == 2 and result.err.startswith("usage: python -m server "), words
    assert run("guess", "f", "p", "--nothing").status == 2


def test_convert_does_what_convert_models_does(run):
    listed = run("convert", "--list")
    other = subprocess.run(
        [sys.executable, "convert_models.py", "--list"], cwd=ROOT, capture_output=True, text=True
    )
    assert listed.status == 0 and listed.out == other.stdout != ""


@pytest.fixture
def failing(monkeypatch, capfd, tmp_path):
    """Runs `report` so that it raises what is given."""
    run = runner(capfd, monkeypatch, tmp_path / "data")

    def fail(error):
        def raising(*_):
            raise error

        monkeypatch.setattr("server.commands.report.run", raising)
        return run("report", "x.classifier")

    return fail


@pytest.mark.parametrize(
    ("error", "status", "told"),
    [
        (InputError("It is odd", "Received 1", "Give 2"), 2, "It is odd: Received 1.\nGive 2\n"),
        (KeyboardInterrupt(), 130, "Stopped. Nothing half-made was kept.\n"),
        (PermissionError(errno.EACCES, "Permission denied", "f"), 2, "Permission denied"),
        (MemoryError(), 1, "There is not enough memory"),
        (ZeroDivisionError("of ours"), 1, "has a fault: ZeroDivisionError: of ours (test_comm"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else None,
)
def test_each_way_to_end_has_its_status_and_no_traceback(failing, error, status, told):
    result = failing(error)
    assert result.status == status and result.out == ""
    assert told in result.err and "Traceback" not in result.err


def test_a_fault_shows_its_traceback_to_whoever_asks_for_it(failing, monkeypatch):
    monkeypatch.setenv("SHOWTELL_LOG_LEVEL", "debug")
    assert "Traceback" in failing(ZeroDivisionError("of ours")).err


def test_a_kill_unwinds_and_what_nohup_ignores_stays_ignored(run, monkeypatch):
    seen = []

    def kill(*_):
        seen.append(signal.getsignal(signal.SIGHUP))
        try:
            os.kill(os.getpid(), signal.SIGTERM)
        finally:
            seen.append("unwound")

    monkeypatch.setattr("server.commands.report.run", kill)
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert run("report", "x.classifier").status == commands.TERMINATED
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
    assert seen == [signal.SIG_IGN, "unwound"]
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_a_setting_that_cannot_be_used_is_told(run, monkeypatch):
    monkeypatch.setenv("SHOWTELL_PORT", "http")
    result = run("report", "x.classifier")
    assert result.status == 2 and "SHOWTELL_PORT is 'http'" in result.err


def test_an_unknown_setting_is_told_and_the_command_goes_on(run, monkeypatch):
    monkeypatch.setenv("SHOWTELL_DATE", "x")
    assert "Did you mean 'SHOWTELL_DATA'?" in run("report", "x.classifier").err


def test_naming_a_command_imports_nothing_heavy():
    code = (
        "import sys\n"
        "from server.__main__ import parser\n"
        "from server.commands import COMMANDS, parser_of\n"
        "parser()\n"
        "for name in COMMANDS:\n"
        "    parser_of(name)\n"
        "heavy = {'numpy', 'PIL', 'rich', 'tensorflow', 'sklearn', 'flask', 'jinja2'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def on_a_terminal(data: Path, *words, **more):
    """Runs a command whose standard error is a terminal; returns status, output, what it showed."""
    ours, theirs = pty.openpty()
    started = subprocess.Popen(
        [sys.executable, "-m", "server", *map(str, words)],
        cwd=ROOT,
        env=environ(data, TERM="xterm-256color", COLUMNS="100", **more),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
    )
    os.close(theirs)
    shown = []

    def read():
        while True:
            try:
                data = os.read(ours, 65536)
            except OSError:  # Linux says so when the other side has closed
                return
            if not data:
                return
            shown.append(data)

    reader = threading.Thread(target=read)
    reader.start()
    output = started.communicate(timeout=120)[0]
    reader.join(20)
    os.close(ours)
    return started.returncode, output, b"".join(shown).decode()


def test_a_terminal_shows_progress_and_json_stays_clean(tmp_path):
    import json

    discs = class_folders(tmp_path / "discs", 30)
    words = ("train", discs, "--out", tmp_path / "made.classifier", "--recipe", "head", "--json")
    status, output, shown = on_a_terminal(tmp_path / "data", *words)
    assert status == 0, shown
    assert json.loads(output)["report"]["recipe"] == "head"
    assert "Looking at pictures" in shown and "Learning" in shown and "epoch" in shown
    assert re.search(r"\x1b\[[0-9;]*3\d", shown)  # in colour
    words = ("train", discs, "--out", tmp_path / "made.classifier", "--no-cache")
    status, output, shown = on_a_terminal(tmp_path / "data", *words, NO_COLOR="1")
    assert status == 0 and "Looking at pictures" in shown
    assert not re.search(r"\x1b\[[0-9;]*[34]\d", shown)
    assert "\x1b" not in output and "Saved" in output


def test_a_reader_that_has_gone_is_no_fault(tmp_path):
    discs = class_folders(tmp_path / "discs", 3)
    done, _ = process(tmp_path / "data", "train", discs, "--out", tmp_path / "made.classifier")
    assert done.status == 0, done.err
    words = ("guess", tmp_path / "made.classifier", *sorted(discs.rglob("*.jpg")))
    started = subprocess.Popen(
        [sys.executable, "-m", "server", *map(str, words)],
        cwd=ROOT,
        env=environ(tmp_path / "data"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    started.stdout.close()
    error = started.stderr.read()
    started.stderr.close()
    assert started.wait(60) == commands.PIPE_CLOSED and error == b""
