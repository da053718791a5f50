"""Where weights come from: a file, Keras' cache, an address; and what is said without any."""

import hashlib
import io
import os
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import h5py
import pytest

from server.conversion import names
from server.conversion.errors import ConversionError
from server.conversion.names import read_name
from server.conversion.sources import fetch, find_weights

ROOT = Path(__file__).resolve().parent.parent
V2 = read_name("mobilenet_v2_0.35_224")
V2_FILE = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_224.h5"
V2_NO_TOP = V2_FILE.replace(".h5", "_no_top.h5")


def an_h5():
    memory = io.BytesIO()
    with h5py.File(memory, "w") as file:
        file["numbers"] = list(range(10_000))
    return memory.getvalue()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty Keras cache folder."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    return tmp_path / "keras" / "models"


@pytest.fixture
def mirror():
    """A web server on the loopback address; give its address and the table of its answers."""
    answers, asked = {}, []

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_GET(self):
            asked.append(self.path)
            status, body, length = answers.get(self.path.split("/")[-1], (404, b"", None))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body) if length is None else length))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=lambda: server.serve_forever(0.01), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}", answers, asked
    server.shutdown()
    server.server_close()


def unreachable():
    """An address of the loopback on which nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


def test_a_named_file_comes_first(cache, tmp_path):
    cache.mkdir(parents=True)
    (cache / V2_FILE).write_bytes(an_h5())
    named = tmp_path / "mine.h5"
    named.write_bytes(an_h5())
    source = find_weights(V2, weights=named)
    assert (source.kind, source.path, source.url) == ("file", named, None)


def test_a_named_file_that_is_not_there_is_said():
    with pytest.raises(ConversionError, match="There is no file gone"):
        find_weights(V2, weights=Path("gone.h5"))


def test_keras_own_cache_comes_second_with_the_top_if_it_is_there(cache):
    cache.mkdir(parents=True)
    (cache / V2_NO_TOP).write_bytes(an_h5())
    assert find_weights(V2, mirror=unreachable()).path.name == V2_NO_TOP
    (cache / V2_FILE).write_bytes(an_h5())
    source = find_weights(V2, mirror=unreachable())
    assert (source.kind, source.path.name) == ("keras-cache", V2_FILE)
    assert find_weights(V2, top=False, mirror=unreachable()).path.name == V2_NO_TOP


def test_a_download_goes_into_keras_own_cache(cache, mirror):
    address, answers, asked = mirror
    answers[V2_FILE] = (200, an_h5(), None)
    lines = []
    source = find_weights(V2, mirror=address, report=lines.append)
    assert asked == [f"/mobilenet_v2/{V2_FILE}"]
    assert source.kind == "download" and source.url == f"{address}{asked[0]}"
    assert source.path == cache / V2_FILE and source.path.read_bytes() == an_h5()
    assert [path.name for path in cache.iterdir()] == [V2_FILE]
    assert "no hash" in lines[-1]
    assert find_weights(V2, mirror=address).kind == "keras-cache"


def test_a_published_hash_is_checked(cache, mirror, monkeypatch):
    address, answers, _ = mirror
    small = read_name("MobileNetV3Small")
    file_name = "weights_mobilenet_v3_small_224_1.0_float.h5"
    answers[file_name] = (200, an_h5(), None)
    with pytest.raises(ConversionError, match="Keras publishes 8768d4c2e7dee89b9d02b2d03d65d862"):
        fetch(small, mirror=address)
    assert list(cache.iterdir()) == []
    right = hashlib.md5(an_h5(), usedforsecurity=False).hexdigest()
    monkeypatch.setitem(names.FAMILIES["mobilenet_v3_small"].md5, file_name, right)
    assert fetch(small, mirror=address).published_md5 == right


WIDE = read_name("mobilenet_v2_1.00_224")
WIDE_FILE = V2_FILE.replace("0.35", "1.0")


def test_a_download_that_is_not_the_known_file_is_refused(cache, mirror, monkeypatch):
    address, answers, _ = mirror
    answers[WIDE_FILE] = (200, an_h5(), None)
    found = hashlib.sha256(an_h5()).hexdigest()
    with pytest.raises(ConversionError, match=f"SHA-256 {found}.*3e195a2857.*--weights") as raised:
        fetch(WIDE, mirror=address)
    assert found in raised.value.detail and "--weights" in raised.value.hint
    assert list(cache.iterdir()) == []
    monkeypatch.setitem(names.KNOWN_SHA256, WIDE_FILE, found)
    lines = []
    assert fetch(WIDE, mirror=address, report=lines.append).path.name == WIDE_FILE
    assert not any("no hash" in line for line in lines)


def test_ones_own_file_under_a_known_name_is_used_and_one_in_the_cache_with_a_warning(
    cache, tmp_path
):
    cache.mkdir(parents=True)
    for folder in (cache, tmp_path):
        (folder / WIDE_FILE).write_bytes(an_h5())
    lines = []
    own = find_weights(WIDE, weights=tmp_path / WIDE_FILE, report=lines.append)
    assert own.kind == "file" and lines == []
    assert find_weights(WIDE, report=lines.append).kind == "keras-cache"
    assert any(line.startswith("WARNING") for line in lines)
    assert any(names.KNOWN_SHA256[WIDE_FILE] in line for line in lines)


def test_bytes_are_told_as_they_arrive(cache, mirror):
    address, answers, _ = mirror
    answers[V2_FILE] = (200, an_h5() * 20, None)
    size, told = len(an_h5()) * 20, []
    find_weights(V2, mirror=address, received=lambda count, total: told.append((count, total)))
    assert told[0] == (0, size) and told[-1] == (size, size) and len(told) > 3
    assert told == sorted(told)


def test_what_a_killed_download_left_goes_with_the_next_one(cache, mirror):
    address, answers, _ = mirror
    answers[V2_FILE] = (200, an_h5(), None)
    cache.mkdir(parents=True)
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        pass
    left = cache / f".{V2_FILE}.part-{gone.pid}"
    foreign = cache / f".{V2_FILE}.part-{os.getppid()}"  # somebody else's, who still runs
    for path in (left, foreign):
        path.write_bytes(b"half")
    fetch(V2, mirror=address)
    assert sorted(path.name for path in cache.iterdir()) == sorted([V2_FILE, foreign.name])


def test_a_damaged_file_in_the_cache_is_refused(cache):
    cache.mkdir(parents=True)
    (cache / V2_FILE).write_bytes(b"\x89HD")
    with pytest.raises(ConversionError, match="in Keras' cache is not a Keras weights file"):
        find_weights(V2, mirror=unreachable())


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((404, b"", None), "HTTP Error 404"),
        ((500, b"", None), "HTTP Error 500"),
        ((200, an_h5()[:5000], 90_000), "5,000 of 90,000"),
        ((200, b"<html>Please log in</html>", None), "login page"),
    ],
)
def test_a_failed_download_leaves_nothing(cache, mirror, answer, words):
    address, answers, _ = mirror
    answers[V2_FILE] = answer
    with pytest.raises(ConversionError, match=words):
        fetch(V2, mirror=address)
    assert list(cache.iterdir()) == []


def test_a_download_can_be_cancelled(cache, mirror):
    address, answers, _ = mirror
    answers[V2_FILE] = (200, an_h5(), None)
    with pytest.raises(ConversionError, match="cancelled"):
        fetch(V2, mirror=address, cancelled=lambda: True)
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize("address", ["file:///etc", "ftp://127.0.0.1", "weights"])
def test_only_web_addresses_are_asked(cache, address):
    with pytest.raises(ConversionError, match="is not an address"):
        fetch(V2, mirror=address)


def test_without_network_and_file_it_says_what_to_do_and_leaves_nothing(tmp_path):
    address = unreachable()
    out = tmp_path / "models"
    command = [sys.executable, "convert_models.py", V2.name, "--mirror", address, "--out", str(out)]
    environment = os.environ | {"KERAS_HOME": str(tmp_path / "keras")}
    process = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert process.returncode == 1
    assert not out.exists()
    assert list((tmp_path / "keras" / "models").iterdir()) == []
    for words in (
        "no weights for mobilenet_v2_0.35_224",
        f"{address}/mobilenet_v2/{V2_FILE}",
        str(tmp_path / "keras" / "models" / V2_FILE),
        "refused",
        f"--weights {V2_FILE}",
        "--from-teachable-machine ZIP",
        "Nothing was written.",
    ):
        assert words in process.stderr, process.stderr
    assert "Traceback" not in process.stderr


def test_looking_for_weights_imports_no_tensorflow():
    code = (
        "import sys, server.conversion.sources, server.conversion.weights, server.conversion.names;"
        "import server.conversion.teachable_machine, server.conversion.browser_check;"
        "print([m for m in sys.modules if m.split('.')[0] in"
        " ('tensorflow', 'tf_keras', 'keras', 'tensorflowjs', 'h5py')])"
    )
    process = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert process.stdout.strip() == "[]"
