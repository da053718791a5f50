"""What workers run, here without a worker: answers, outcomes, and what is told of them."""

import errno
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from server.jobs import tasks
from server.jobs.cluster import THREAD_VARIABLES, cores, environment
from server.jobs.work import command
from server.learning.backbones import get
from server.learning.embedding import embed
from server.learning.errors import InputError
from server.learning.pictures import decode_square
from server.learning.task import Task
from tests.conftest import draw

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def told():
    """A reporter, its clock and what it has sent."""
    clock, sent = [0.0], []
    reporter = tasks.Reporter({"job": "j", "attempt": 2}, sent.append, lambda: clock[0])
    return reporter, clock, sent


def test_a_message_names_its_job_and_try(told):
    reporter, _, sent = told
    reporter({"kind": "log", "level": "info", "text": "hello"})
    event = {"kind": "log", "level": "info", "text": "hello"}
    assert sent == [{"job": "j", "attempt": 2, "event": event}]


def test_progress_is_told_ten_times_a_second_and_at_each_new_phase_and_end(told):
    reporter, clock, sent = told
    for step in range(1000):
        clock[0] = step / 1000
        reporter({"kind": "progress", "phase": "fit", "fraction": step / 1000})
    assert len(sent) == 10
    reporter({"kind": "progress", "phase": "fit", "fraction": 1.0})
    reporter({"kind": "progress", "phase": "evaluate", "fraction": 0.0})
    assert len(sent) == 12


@pytest.mark.parametrize(("epochs", "expected"), [(5, 5), (1000, 1000), (5000, 1001), (1999, 1000)])
def test_of_very_many_epochs_some_are_told_the_first_and_the_last_among_them(
    told, epochs, expected
):
    reporter, _, sent = told
    for epoch in range(1, epochs + 1):
        reporter({"kind": "metrics", "epoch": epoch, "epochs": epochs, "loss": 1.0})
    numbers = [message["event"]["epoch"] for message in sent]
    assert len(numbers) == expected
    assert numbers[0] == 1 and numbers[-1] == epochs


def test_a_task_that_will_not_stop_talking_is_cut_short(told):
    reporter, _, sent = told
    for i in range(5000):
        reporter({"kind": "log", "level": "info", "text": str(i)})
    assert len(sent) == tasks.MOST_LINES


HEAD = {"job": "some job", "attempt": 1}


def with_task(monkeypatch, function):
    monkeypatch.setitem(tasks.TASKS, "test", function)
    return tasks.call("test", HEAD, "topic", 5)


def test_a_task_answers_with_its_result(monkeypatch):
    assert with_task(monkeypatch, lambda task, n: n + 1) == {"result": 6}


def test_what_a_person_can_mend_comes_as_a_problem(monkeypatch):
    def refuse(task, n):
        raise InputError("Too few", "Received 1.", "Show more.")

    problem = {"title": "Too few", "detail": "Received 1.", "hint": "Show more."}
    assert with_task(monkeypatch, refuse) == {"problem": problem}


def test_a_fault_comes_with_its_traceback(monkeypatch):
    answer = with_task(monkeypatch, lambda task, n: n / 0)
    assert "ZeroDivisionError" in answer["fault"] and "division by zero" in answer["detail"]


def test_too_little_memory_and_a_full_disk_are_told_as_what_they_are(monkeypatch):
    def hungry(task, n):
        return np.empty(1 << 62, np.uint8)

    assert with_task(monkeypatch, hungry)["problem"]["title"] == "There is not enough memory"

    def write(task, n):
        raise OSError(errno.ENOSPC, "No space left on device")

    problem = with_task(monkeypatch, write)["problem"]
    assert problem["title"] == "There is no room left on the disk"
    assert "No space left" in problem["detail"] and "Delete" in problem["hint"]


def test_a_cancelled_task_ends_at_its_next_look(monkeypatch):
    monkeypatch.setattr(tasks, "_cancelled", set())

    def work(task, n):
        task.progress("fit", 0.1)
        tasks.cancel(HEAD["job"])
        task.progress("fit", 0.2)
        raise AssertionError("went on")

    assert with_task(monkeypatch, work) == {"cancelled": True}
    assert with_task(monkeypatch, lambda task, n: n) == {"cancelled": True}  # before it begins


def test_a_lot_is_embedded_as_the_server_does_it_and_names_what_cannot_be_read():
    backbone = get()
    pictures = [draw(seed=1, size=(224, 224)), b"no picture", draw(seed=2, size=(224, 224))]
    first, odd, last = tasks.embed_lot(Task(), backbone.fingerprint, pictures)
    for answer, picture in ((first, pictures[0]), (last, pictures[2])):
        expected = embed(backbone, decode_square(picture))[0]
        assert np.array_equal(np.frombuffer(answer, "<f4"), expected)
    assert set(odd) == {"reason"} and odd["reason"]


def test_a_backbone_that_the_worker_does_not_have_is_told():
    with pytest.raises(InputError, match="does not have the backbone"):
        tasks.embed_lot(Task(), "0" * 64, [])


def test_the_cores_are_shared_out_among_the_workers():
    for workers in (1, 2, 64):
        shares = environment(workers)
        assert {shares[name] for name in THREAD_VARIABLES} == {str(max(1, cores() // workers))}
    # One worker is kept for short jobs: those that train networks share the cores without it.
    assert environment(2)["TF_NUM_INTRAOP_THREADS"] == str(cores())


def test_importing_the_engine_imports_neither_dask_nor_numpy_nor_tensorflow():
    code = (
        "import sys, server.jobs.engine, server.jobs.work, server.jobs.tasks\n"
        "print(sorted({n.split('.')[0] for n in sys.modules} &"
        " {'dask', 'distributed', 'numpy', 'sklearn', 'tensorflow', 'PIL'}))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("project", "name", "saved", "made"),
    [
        ("Discs", "", "Discs.showtell", "Discs.classifier"),
        ("My test/Heroes", "Best: of all", "My test_Heroes.showtell", "Best_ of all.classifier"),
        ("-x", "", "./-x.showtell", "./-x.classifier"),
    ],
)
def test_the_command_of_a_report_names_the_files_as_they_are_saved(project, name, saved, made):
    job = {"name": name, "recipe": "knn", "options": {"k": None, "pixels": True, "seed": 2}}
    words = shlex.split(command(job, project))
    assert words[:7] == ["python", "-m", "server", "train", saved, "--out", made]
    assert words[7:] == ["--recipe", "knn", "--option", "pixels=true", "--option", "seed=2"]


def test_a_file_that_is_no_model_is_told_by_the_name_it_was_sent_with():
    with pytest.raises(InputError, match=r"mein Modell_1\.h5 is neither"):
        tasks.import_task(Task(), "..\\a/mein Modell?1.h5", "", b"nothing")
