"""Finding a browser, and what is said where there is none."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools import find_browser

ROOT = Path(__file__).resolve().parent.parent


def program(path, text="exit 0"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def bare(tmp_path, monkeypatch):
    """A machine without any browser: an empty PATH and an empty home."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("SHOWTELL_BROWSER", raising=False)
    monkeypatch.delenv("PLAYWRIGHT_BROWSERS_PATH", raising=False)
    return tmp_path


def run(*arguments):
    return subprocess.run(
        [sys.executable, str(ROOT / "tools" / "find_browser.py"), *arguments],
        capture_output=True,
        text=True,
        env=dict(os.environ),
    )


def test_the_named_browser_comes_first(bare, monkeypatch):
    program(bare / "bin" / "chromium")
    mine = program(bare / "mine")
    monkeypatch.setenv("SHOWTELL_BROWSER", mine)
    assert find_browser.find() == mine


def test_a_named_browser_that_is_none_is_not_replaced_silently(bare, monkeypatch):
    program(bare / "bin" / "chromium")
    monkeypatch.setenv("SHOWTELL_BROWSER", str(bare / "gone"))
    assert find_browser.find() is None
    process = run("--install")
    assert process.returncode == 1 and "which is no program" in process.stderr
    assert process.stdout == ""


@pytest.mark.parametrize("command", find_browser.COMMANDS)
def test_each_usual_command_is_found(bare, command):
    path = program(bare / "bin" / command)
    assert find_browser.find() == path


def test_chromium_comes_before_chrome_and_edge(bare):
    for command in reversed(find_browser.COMMANDS):
        program(bare / "bin" / command)
    assert find_browser.find() == str(bare / "bin" / "chromium")


def test_playwrights_newest_is_found(bare, monkeypatch):
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(bare / "pw"))
    program(bare / "pw" / "chromium-1000" / "chrome-linux" / "chrome")
    newest = program(bare / "pw" / "chromium-1100" / "chrome-linux64" / "chrome")
    assert find_browser.find() == newest


def test_a_file_that_cannot_be_run_is_no_browser(bare, monkeypatch):
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(bare / "pw"))
    path = bare / "pw" / "chromium-1000" / "chrome-linux" / "chrome"
    program(path)
    path.chmod(0o644)
    assert find_browser.find() is None


def test_the_path_is_printed(bare):
    path = program(bare / "bin" / "google-chrome")
    process = run()
    assert (process.returncode, process.stdout.strip()) == (0, path)


def test_without_a_browser_it_fails_and_says_what_to_install(bare):
    process = run()
    assert process.returncode == 1 and process.stdout == ""
    assert "apt-get install chromium" in process.stderr
    assert "playwright install chromium" in process.stderr


def test_an_unknown_option_prints_the_usage(bare):
    process = run("--instal")
    assert process.returncode == 2 and "--install" in process.stderr


def test_installing_takes_the_package_manager_and_prints_the_new_path(bare):
    # A package manager that does what apt-get does: `install` puts the program on the PATH.
    target = bare / "bin" / "chromium"
    log = bare / "log"
    script = (
        f'echo "$@" >> {log}; case "$*" in *install*) printf "#!/bin/sh\\n" > {target};'
        f" {find_tool('chmod')} 755 {target};; esac"
    )
    program(bare / "bin" / "apt-get", script)
    program(bare / "bin" / "sudo", 'shift; exec "$@"')
    program(bare / "bin" / "env", 'shift; exec "$@"')
    program(bare / "bin" / "true")
    process = run("--install")
    assert process.stdout.strip() == str(target), process.stderr
    assert [line.split()[1] for line in log.read_text().splitlines()] == ["update", "install"]


def test_nothing_can_be_installed_is_a_failure_with_advice(bare, monkeypatch):
    program(bare / "bin" / "apt-get", "exit 100")
    program(bare / "bin" / "sudo", 'shift; exec "$@"')
    program(bare / "bin" / "env", 'shift; exec "$@"')
    program(bare / "bin" / "true")
    # Playwright is told to fetch from an address on which nothing listens.
    monkeypatch.setenv("PLAYWRIGHT_DOWNLOAD_HOST", "http://127.0.0.1:9")
    process = run("--install")
    assert process.returncode == 1 and "No Chromium" in process.stderr


def find_tool(name):
    return next(p for p in (f"/bin/{name}", f"/usr/bin/{name}") if Path(p).exists())
