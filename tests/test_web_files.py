"""Static files and backbones: the right type, small, fresh, and nothing else of the disk."""

import gzip
import os
import re
import time
from pathlib import Path

import pytest

from server.web.files import Compressed, Modules
from tests.conftest import client_of

ROOT = Path(__file__).resolve().parent.parent
SQUEEZE = {"Accept-Encoding": "gzip, deflate, br"}


def test_a_bundled_file_comes_in_the_smallest_form_the_browser_takes(client):
    whole = client.get("/static/vendor/lit.js", headers={"Accept-Encoding": "identity"})
    br = client.get("/static/vendor/lit.js", headers=SQUEEZE)
    gz = client.get("/static/vendor/lit.js", headers={"Accept-Encoding": "gzip"})
    assert (br.headers["Content-Encoding"], gz.headers["Content-Encoding"]) == ("br", "gzip")
    assert len(br.data) < len(gz.data) < len(whole.data) / 2
    assert gzip.decompress(gz.data) == whole.data
    for answer in (whole, br, gz):
        assert answer.mimetype == "text/javascript"
        assert answer.headers["Vary"] == "Accept-Encoding"
    assert len({answer.headers["ETag"] for answer in (whole, br, gz)}) == 3


def test_our_own_files_are_compressed_too(client):
    for path in ("/static/js/core/knn.js", "/static/css/tokens.css"):
        answer = client.get(path, headers=SQUEEZE)
        assert answer.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(answer.data) == (ROOT / path[1:]).read_bytes()


def test_a_file_that_has_not_changed_is_not_sent_again(client):
    first = client.get("/static/js/core/knn.js", headers=SQUEEZE)
    assert first.headers["Cache-Control"] == "no-cache"
    again = client.get(
        "/static/js/core/knn.js", headers={**SQUEEZE, "If-None-Match": first.headers["ETag"]}
    )
    assert (again.status_code, again.data) == (304, b"")


def test_hashed_names_and_versioned_backbones_keep_for_good(client):
    chunk = next((ROOT / "static" / "vendor").glob("chunk-*.js")).name
    assert "immutable" in client.get(f"/static/vendor/{chunk}").headers["Cache-Control"]
    url = "/models/showtell_v2/model.json"
    assert client.get(url).headers["Cache-Control"] == "no-cache"
    assert "immutable" in client.get(url + "?v=28fc").headers["Cache-Control"]


@pytest.mark.parametrize(
    ("path", "mimetype"),
    [
        ("/static/vendor/tfjs-backend-wasm-simd.wasm", "application/wasm"),
        ("/static/js/core/knn_kernel.wasm", "application/wasm"),
        ("/static/css/app.css", "text/css"),
        ("/static/img/favicon.svg", "image/svg+xml"),
        ("/favicon.ico", "image/svg+xml"),
        ("/models/showtell_v2/group1-shard1of1.bin", "application/octet-stream"),
    ],
)
def test_files_have_their_types(client, path, mimetype):
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (200, mimetype)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Content-Disposition" not in answer.headers


@pytest.mark.parametrize(
    "path",
    [
        "/static/../server/settings.py",
        "/static/%2e%2e/server/settings.py",
        "/static/..%2fserver/settings.py",
        "/static//etc/passwd",
        "/static/js",
        "/static/js/core/",
        "/static/vendor/lit.js.br",
        "/static/nothing.js",
        "/models/../server/settings.py",
        "/models/showtell_v2/../README.md",
        "/models/..%2f..%2fserver/settings.py",
        "/models/showtell_v2/backbone.keras",
        "/models/showtell_v2/backbone.tflite",
        "/models/README.md",
        "/models/nothing/model.json",
        "/instance/showtell.sqlite3",
    ],
)
def test_nothing_else_of_the_disk_is_served(client, path):
    assert client.get(path, follow_redirects=True).status_code == 404


def test_a_link_out_of_the_folder_is_not_followed_by_name(make_app, settings, tmp_path):
    import dataclasses

    models = tmp_path / "models"
    (models / "one").mkdir(parents=True)
    (models / "one" / "model.json").write_text("{}")
    values = {**settings.values, "models": (models,)}
    client = client_of(make_app(dataclasses.replace(settings, values=values)))
    assert client.get("/models/one/model.json").data == b"{}"
    assert client.get("/models/one/..%2f..%2fsecret.json").status_code == 404


def test_a_part_of_a_file_may_be_asked_for(client):
    path = "/models/showtell_v2/group1-shard1of1.bin"
    answer = client.get(path, headers={"Range": "bytes=10-19"})
    assert answer.status_code == 206
    assert answer.data == (ROOT / path[1:]).read_bytes()[10:20]


def test_a_changed_file_is_compressed_anew(tmp_path):
    path = tmp_path / "a.js"
    kept = Compressed()

    def get() -> bytes:
        status = path.stat()
        return gzip.decompress(kept.get(path, status.st_mtime_ns, status.st_size))

    path.write_text("one" * 100)
    assert get() == b"one" * 100
    path.write_text("two" * 100)
    os.utime(path, ns=(time.time_ns(), time.time_ns() + 10**9))
    assert get() == b"two" * 100


def test_memory_for_compressed_files_is_bounded(tmp_path):
    kept = Compressed(most=300)
    for i in range(10):
        path = tmp_path / f"{i}.js"
        path.write_bytes(os.urandom(100))
        kept.get(path, path.stat().st_mtime_ns, 100)
    assert kept._bytes <= 300 and len(kept._kept) <= 3


def test_a_page_asks_at_once_for_all_modules_it_will_need(client):
    page = client.get("/").text
    asked = re.findall(r'<link rel="modulepreload" href="([^"]+)">', page)
    assert "/static/js/pages/home.js" in asked
    assert "/static/vendor/lit.js" in asked
    # What only an import of a folder needs is fetched when somebody imports one.
    assert "/static/js/pages/bring_in.js" not in asked
    assert "/static/vendor/fflate.js" not in asked
    assert len(asked) == len(set(asked))
    for address in asked:
        assert client.get(address).status_code == 200


def test_modules_are_found_through_imports_of_every_form(tmp_path):
    files = {
        "a.js": "import { b } from './b.js';\nimport './d/c.js';\nimport('./lazy.js');\n",
        "b.js": "export * from '/static/d/e.js';\n// import './comment.js'\nimport x from 'lit';\n",
        "d/c.js": "import {\n  one,\n  two,\n} from '../b.js';\nimport '../../outside.js';\n",
        "d/e.js": "import a from '../a.js';\n",
        "lazy.js": "",
        "comment.js": "",
    }
    folder = tmp_path / "static"
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (tmp_path / "outside.js").write_text("")
    found = Modules(folder).closure("a.js")
    assert found == ["/static/a.js", "/static/b.js", "/static/d/c.js", "/static/d/e.js"]
