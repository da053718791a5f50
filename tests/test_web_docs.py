"""docs/api.md: its examples run, and it names every route."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from server.errors import KINDS
from tests.conftest import draw

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")


@pytest.fixture
def pictures(tmp_path):
    folder = tmp_path / "here"
    folder.mkdir()
    for name, color, seed in (
        ("cup1", (210, 40, 40), 1), ("cup2", (210, 40, 40), 2), ("hand1", (40, 60, 210), 3),
        ("hand2", (40, 60, 210), 4), ("query", (210, 40, 40), 5),
    ):  # fmt: skip
        (folder / f"{name}.jpg").write_bytes(draw(color, seed))
    return folder


#: What the examples use of curl, for machines that have none.
CURL = r"""#!{python}
import argparse, sys, urllib.error, urllib.request, uuid
from pathlib import Path
p = argparse.ArgumentParser()
for flag in "sfN":
    p.add_argument(f"-{flag}", action="store_true")
for option in "oXdm":
    p.add_argument(f"-{option}")
for option in "HF":
    p.add_argument(f"-{option}", action="append", default=[])
p.add_argument("url")
a = p.parse_args()
headers = dict(h.split(": ", 1) for h in a.H)
data = a.d.encode() if a.d else None
if a.F:
    edge, data = uuid.uuid4().hex, b""
    for field in a.F:
        name, value = field.split("=", 1)
        file = f'; filename="{value[1:]}"' if value.startswith("@") else ""
        body = Path(value[1:]).read_bytes() if file else value.encode()
        head = f'--{edge}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'
        data += head.encode() + body + b"\r\n"
    data += f"--{edge}--\r\n".encode()
    headers["Content-Type"] = f"multipart/form-data; boundary={edge}"
try:
    request = urllib.request.Request(a.url, data, headers, method=a.X)
    answer = urllib.request.urlopen(request, timeout=float(a.m or 60))
except urllib.error.HTTPError as error:
    if a.f:
        sys.exit(22)
    answer = error
if a.o:
    Path(a.o).write_bytes(answer.read())
else:
    sys.stdout.buffer.write(answer.read())
"""


@pytest.mark.parametrize("tool", ["curl", "stand-in"])
def test_the_examples_of_the_documentation_run_from_top_to_bottom(server, pictures, tool):
    path = os.environ["PATH"]
    if tool == "stand-in" or shutil.which("curl") is None:
        folder = pictures / "bin"
        folder.mkdir()
        (folder / "curl").write_text(CURL.replace("{python}", sys.executable, 1))
        (folder / "curl").chmod(0o755)
        path = f"{folder}{os.pathsep}{path}"
    blocks = re.findall(r"```sh\n(.*?)```", TEXT, re.S)
    script = "\n".join(["set -eu", *blocks]).replace("S=http://127.0.0.1:5000", f"S={server.url}")
    assert server.url in script
    result = subprocess.run(
        ["sh", "-c", script], cwd=pictures, capture_output=True, text=True, timeout=120,
        env={**os.environ, "no_proxy": "*", "PATH": path},
    )  # fmt: skip
    assert result.returncode == 0, result.stderr + result.stdout[-2000:]
    assert '"label":"cup"' in result.stdout
    assert '"status": 412' in result.stdout
    assert (pictures / "sample.jpg").read_bytes()[:2] == b"\xff\xd8"
    assert (pictures / "cups.showtell").stat().st_size > 1000


def test_every_route_appears_in_the_documentation(client):
    document = client.get("/api/openapi.json").json
    written = re.sub(r"\$S|\"", "", TEXT)
    for path, operations in document["paths"].items():
        pattern = re.escape(path).replace(r"\{project_id\}", r"\$P")
        for name, letter in (
            ("sample", "A"),
            ("job", "J"),
            ("classifier", "C"),
            ("asset", "F"),
            ("score", "B"),
            ("class", "K"),
            ("pairing", "R"),
            ("phone", "H"),
        ):
            pattern = pattern.replace(rf"\{{{name}_id\}}", rf"\${letter}")
        for method in operations.keys() - {"parameters"}:
            verb = {"patch": "-X PATCH ", "delete": "-X DELETE ", "put": "-X PUT "}.get(method, "")
            assert re.search(f"{verb}{pattern}(?![/\\w])", written), (method, path)


def test_every_status_of_a_problem_appears_in_the_documentation():
    rows = re.findall(r"^\| ([\d, ]+) \|", TEXT, re.M)
    listed = {int(status) for row in rows for status in row.split(",")}
    assert listed | {503} == {status for status, _ in KINDS.values()}


def test_the_page_about_the_api_lists_every_kind_of_problem(client):
    page = client.get("/api/docs")
    assert page.status_code == 200
    for kind in KINDS:
        assert f'id="problem-{kind}"' in page.text
