"""TF.js in a headless browser: the committed default, and all that can go wrong."""

import os
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from server.conversion.browser_check import run_tfjs
from server.conversion.errors import ConversionError
from server.conversion.golden import golden_pictures
from server.conversion.parity import compare, run_litert
from tools import find_browser

ROOT = Path(__file__).resolve().parent.parent
DEFAULT = ROOT / "models" / "showtell_v2"
VENDOR = ROOT / "static" / "vendor"


@pytest.fixture(scope="module")
def browser():
    found = find_browser.find()
    assert found, find_browser.ADVICE
    assert (VENDOR / "tf.js").is_file(), "run `make test`, which bundles static/vendor"
    return found


@pytest.fixture(scope="module")
def pictures():
    return golden_pictures(224)


def test_the_default_gives_the_same_embedding_in_the_browser_and_in_python(browser, pictures):
    outputs, facts = run_tfjs(DEFAULT, pictures, browser=browser, vendor=VENDOR)
    assert facts["backend"] == "wasm" and facts["version"].startswith("4.")
    expected, _ = run_litert(DEFAULT / "backbone.tflite", pictures)
    assert set(outputs) == {"embedding"}
    assert compare(expected, outputs, "TF.js") > 0.999999
    np.testing.assert_allclose(outputs["embedding"], expected["embedding"], atol=1e-3)


def test_a_model_that_tfjs_cannot_run_is_told_in_its_own_words(browser, pictures, tmp_path):
    folder = tmp_path / "broken"
    shutil.copytree(DEFAULT, folder)
    text = (folder / "model.json").read_text()
    (folder / "model.json").write_text(text.replace('"op":"Relu6"', '"op":"Swirl"'))
    shard = folder / "group1-shard1of1.bin"
    shard.write_bytes(shard.read_bytes()[:1000])
    with pytest.raises(ConversionError, match=r"TF\.js could not run the model: "):
        run_tfjs(folder, pictures, browser=browser, vendor=VENDOR)
    shard.unlink()
    with pytest.raises(ConversionError, match="should have 432 values but has 0"):
        run_tfjs(folder, pictures, browser=browser, vendor=VENDOR)


def a_program(path, text):
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_a_browser_that_ends_early_is_told_with_its_last_words(pictures, tmp_path):
    program = a_program(tmp_path / "browser", "echo missing library >&2; exit 127")
    with pytest.raises(ConversionError, match=r"(?s)ended with 127 .*missing library"):
        run_tfjs(DEFAULT, pictures, browser=program, vendor=VENDOR)


def test_a_browser_that_never_answers_is_ended_with_its_children(pictures, tmp_path):
    program = a_program(tmp_path / "browser", f"sleep 600 & echo $! > {tmp_path}/child; wait")
    with pytest.raises(ConversionError, match=r"no answer within 1 s"):
        run_tfjs(DEFAULT, pictures, browser=program, vendor=VENDOR, timeout=1)
    child = Path(f"/proc/{(tmp_path / 'child').read_text().strip()}/stat")
    # Ended: gone, or a zombie that its new parent has not collected yet.
    assert not child.exists() or child.read_text().split()[2] == "Z"


def test_a_browser_that_cannot_be_started_is_told(pictures, tmp_path):
    with pytest.raises(ConversionError, match="could not be started"):
        run_tfjs(DEFAULT, pictures, browser=str(tmp_path / "none"), vendor=VENDOR)


CHECKING = """
import os, signal, sys, threading
from pathlib import Path
import numpy as np
from server.conversion import child
from server.conversion.browser_check import run_tfjs
from server.conversion.folders import browser_profile, part_of

out, program = map(Path, sys.argv[1:])
part_of(out / "mobilenet_v2_0.35_224").mkdir()
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
lifeline = threading.Thread(
    target=child._lifeline, args=("mobilenet_v2_0.35_224", out), daemon=True
)
lifeline.start()
run_tfjs(
    out, np.zeros((1, 8, 8, 3)), browser=str(program), vendor=out, own_session=False,
    profile=part_of(browser_profile(out / "mobilenet_v2_0.35_224")),
)
"""


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


def wait_for(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def test_a_browser_that_hears_no_signal_ends_with_the_server_and_leaves_no_profile(tmp_path):
    out, temporary, pids = tmp_path / "models", tmp_path / "temporary", tmp_path / "pids"
    out.mkdir()
    temporary.mkdir()
    text = f"trap '' TERM\nsleep 600 &\necho $$ $! > {pids}.part\nmv {pids}.part {pids}\nwait"
    process = subprocess.Popen(
        [sys.executable, "-c", CHECKING, out, a_program(tmp_path / "browser", text)],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(temporary)},
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        wait_for(pids.exists)
        assert len(list(out.iterdir())) == len(list(temporary.iterdir())) == 1
        process.stdin.close()  # as when the server is killed
        process.wait(10)
        wait_for(lambda: not any(is_running(pid) for pid in pids.read_text().split()))
        assert [*out.iterdir(), *temporary.iterdir()] == []
    finally:
        process.kill()
        process.wait()
