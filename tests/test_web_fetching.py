"""The child process of a fetch: what it tells, how it ends, and that nothing of it stays."""

import json
import sys
import threading
import time

import pytest

from server.conversion.folders import remove_leftovers
from server.errors import Problem
from server.settings import Settings
from server.web import fetching
from server.web.fetching import Fetch, Fetches

TELL = """
import json, os, signal, sys
from pathlib import Path

def tell(fraction, phase="download"):
    print(json.dumps({"event": "progress", "phase": phase, "fraction": fraction,
        "received_bytes": int(fraction * 1000), "total_bytes": 1000, "message": "Downloading"}),
        flush=True)
"""


class Heard:
    """Collects what is announced; waits for a state."""

    def __init__(self):
        self.all = []
        self._changed = threading.Condition()

    def __call__(self, fetch):
        with self._changed:
            self.all.append(fetch)
            self._changed.notify_all()

    def wait_for(self, condition):
        with self._changed:
            assert self._changed.wait_for(lambda: self.all and condition(self.all[-1]), 60)
            return self.all[-1]


@pytest.fixture
def begin():
    """Starts children that run some Python: `begin(code, clear_up)`; gives fetch and ear."""
    begun = []

    def start(code, clear_up=lambda process_id: None):
        heard = Heard()
        begun.append(Fetch("eyes", [sys.executable, "-c", TELL + code], heard, clear_up))
        return begun[-1], heard

    yield start
    for fetch in begun:
        fetch.cancel()


def test_progress_never_falls_and_the_end_is_told(begin):
    fetch, heard = begin("tell(.2); tell(.1); tell(.6, 'convert'); print('{\"event\": \"done\"}')")
    last = heard.wait_for(lambda state: state["state"] == "done")
    assert last == fetch.snapshot() and last["fraction"] == 1 and last["ended_at"]
    fractions = [state["fraction"] for state in heard.all]
    assert fractions == sorted(fractions) and 0.6 in fractions
    assert not fetch.is_running


def test_many_steps_are_few_announcements(begin):
    begun = time.monotonic()
    _, heard = begin('[tell(i / 5000) for i in range(5000)]; print(\'{"event": "done"}\')')
    heard.wait_for(lambda state: state["state"] == "done")
    passed = time.monotonic() - begun
    # One at the start, one at the end, and five a second between.
    assert len(heard.all) <= 3 + passed / fetching.QUIET_SECONDS


def test_a_problem_is_handed_on(begin):
    problem = {"title": "No", "detail": "It is not there.", "hint": "Look elsewhere."}
    code = f"print(json.dumps({{'event': 'failed', **{problem!r}}})); sys.exit(1)"
    _, heard = begin(code)
    last = heard.wait_for(lambda state: state["state"] == "failed")
    assert last["problem"] == problem and last["message"] == "No"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("sys.exit('out of memory')", "out of memory"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "-9"),
        ("print('no JSON'); print('[1]'); print('{}')", "ended with 0"),
    ],
)
def test_a_child_that_ends_unexpectedly_is_a_failure_that_says_so(begin, caplog, code, words):
    swept = []
    _, heard = begin(code, swept.append)
    last = heard.wait_for(lambda state: state["state"] != "running")
    assert last["state"] == "failed" and words in last["problem"]["detail"]
    assert last["problem"]["hint"] and swept
    assert "a fetch ended with" in caplog.text


def test_a_fault_in_following_is_a_failure_and_ends_the_child(begin, caplog):
    code = 'print(\'{"event": "progress", "phase": "convert"}\', flush=True); signal.pause()'
    fetch, heard = begin(code)
    last = heard.wait_for(lambda state: state["state"] != "running")
    assert last["state"] == "failed" and "fault" in last["problem"]["detail"]
    assert "could not follow a fetch" in caplog.text
    assert fetch._process.poll() is not None


def test_a_page_that_cannot_be_told_and_a_sweep_that_fails_leave_no_fetch_running(caplog):
    def fail(_):
        raise RuntimeError("no page")

    fetch = Fetch("eyes", [sys.executable, "-c", TELL + "tell(.5); sys.exit(1)"], fail, fail)
    fetch._follower.join(60)
    assert fetch.snapshot()["state"] == "failed" and fetch.snapshot()["fraction"] == 0.5
    assert "could not announce" in caplog.text and "could not remove" in caplog.text


def test_a_child_that_cannot_be_started_is_a_problem_and_no_fetch(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    fetches = Fetches(Settings({"models": (tmp_path,)}), lambda fetch: None)
    with pytest.raises(Problem, match=r"MobileNetV2 0\.35 could not be started") as raised:
        fetches.start("mobilenet_v2_0.35_224", lambda: False)
    assert raised.value.status == 503 and raised.value.hint
    assert fetches.get("mobilenet_v2_0.35_224") is None


def test_a_child_that_hears_no_signal_is_killed_and_cleared_up_after(begin, tmp_path):
    code = f"""
signal.signal(signal.SIGTERM, signal.SIG_IGN)
part = Path({str(tmp_path)!r}) / f".eyes.part-{{os.getpid()}}"
part.mkdir()
(part / "model.json").write_text("half")
tell(.7, "convert")
while True:
    signal.pause()
"""
    fetch, heard = begin(code, lambda process_id: remove_leftovers(tmp_path / "eyes", process_id))
    heard.wait_for(lambda state: state["phase"] == "convert")
    assert len(list(tmp_path.iterdir())) == 1
    begun = time.monotonic()
    fetch.cancel()
    assert time.monotonic() - begun < 2
    assert fetch.snapshot()["state"] == "cancelled" and list(tmp_path.iterdir()) == []
    fetch.cancel()  # a second time changes nothing
    assert [state["state"] for state in heard.all].count("cancelled") == 1


def test_what_a_child_has_started_ends_with_it(begin, tmp_path):
    note = tmp_path / "pid"
    code = f"""
import subprocess
other = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
Path({str(note)!r}).write_text(str(other.pid))
tell(.95, "check")
signal.pause()
"""
    fetch, heard = begin(code)
    heard.wait_for(lambda state: state["phase"] == "check")
    fetch.cancel()
    state = f"/proc/{note.read_text()}/stat"
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            with open(state, encoding="utf-8") as file:  # noqa: PTH123
                if file.read().split()[2] == "Z":
                    return
        except OSError:
            return
        time.sleep(0.01)
    raise AssertionError("it still runs")


def test_a_server_that_stops_starts_no_fetch(tmp_path):
    fetches = Fetches(Settings({"models": (tmp_path,)}), lambda fetch: None)
    fetches.stop()
    with pytest.raises(Problem) as raised:
        fetches.start("mobilenet_v2_0.35_224", lambda: False)
    assert raised.value.status == 503
    assert fetches.get("mobilenet_v2_0.35_224") is None


def test_the_serving_side_imports_no_tensorflow():
    import subprocess

    code = (
        "import sys, server.web.fetching, server.conversion.child, server.conversion.catalogue;"
        "import server.web.api.fetches, server.learning.speed, server.conversion.table;"
        "print(json.dumps([m for m in sys.modules if m.split('.')[0] in"
        " ('tensorflow', 'tf_keras', 'keras', 'tensorflowjs')]))"
    )
    process = subprocess.run(
        [sys.executable, "-c", f"import json; {code}"],
        cwd=fetching.ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(process.stdout) == []
