"""Jobs while workers and servers are killed, disks are full and workers are elsewhere."""

import os
import resource
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager

import pytest

from server.jobs import cluster
from server.jobs.connection import Connection, Running, WorkerLost
from server.learning.backbones import get
from server.settings import Settings
from tests.conftest import ROOT, draw, free_port
from tests.job_servers import (
    LONG,
    ask,
    begin,
    busiest,
    cluster_of,
    done,
    ended,
    in_an_epoch,
    job_of,
    kill,
    processes,
    serving,
    story,
    teach,
    texts,
    wait_for,
    workers_of,
)

#: A training of a second or two.
MEDIUM = {"epochs": 40, "units": 600, "batch": 1}


def test_a_worker_killed_in_an_epoch_is_replaced_and_the_training_done_again(job_server, discs):
    job = begin(job_server, discs, "head", **MEDIUM)
    in_an_epoch(job_server, job["id"])
    kill(workers_of(job_server))
    finished = done(job_server, job["id"])
    assert finished["attempt"] == 2 and finished["accuracy"] == 1
    assert "Try 2 of 3 begins" in texts(job_server, job["id"])
    epochs = [e["epoch"] for e in story(job_server, job["id"]) if e["kind"] == "metrics"]
    assert epochs[-40:] == list(range(1, 41))


def test_a_job_whose_worker_is_killed_each_time_fails_with_a_reason(job_server, discs):
    job = begin(job_server, discs, "head", **LONG)
    for attempt in (1, 2, 3):

        def in_this_try(attempt=attempt):
            job_now = job_of(job_server, job["id"])
            told = story(job_server, job["id"])
            starts = [e["sequence"] for e in told if "Try" in e.get("text", "")]
            first = starts[-1] if starts else 0
            return job_now["attempt"] == attempt and any(
                e["kind"] == "metrics" and e["sequence"] > first for e in told
            )

        wait_for(in_this_try)
        kill([busiest(workers_of(job_server))])
    failed = ended(job_server, job["id"])
    assert failed["state"] == "failed" and failed["attempt"] == 3
    assert "3 times" in failed["problem"]["title"] and failed["problem"]["hint"]
    done(job_server, begin(job_server, discs, "knn")["id"])


def test_a_killed_cluster_is_started_again(job_server, discs):
    job = begin(job_server, discs, "head", **MEDIUM)
    in_an_epoch(job_server, job["id"])
    (old,) = cluster_of(job_server)
    kill([old])
    assert done(job_server, job["id"])["attempt"] == 2
    assert cluster_of(job_server) != [old]


def test_a_worker_over_its_share_of_memory_is_ended_and_that_is_the_reason(tmp_path):
    settings = Settings({"data": tmp_path, "workers": 1})
    connection = Connection(settings, lambda message: None, memory=82 * 1024**2)
    try:
        pictures = [draw(size=(224, 224))] * 300
        with connection.slot(lambda: None) as worker:
            head = {"job": "j", "attempt": 1}
            arguments = (get().fingerprint,)
            running = connection.submit(worker, "embed_lot", head, arguments, (pictures,))
            with pytest.raises(WorkerLost) as lost:
                running.wait(lambda: None)
        assert lost.value.is_memory and "memory" in lost.value.reason
    finally:
        connection.close()


def test_a_task_that_does_not_listen_is_ended_within_two_seconds_with_its_worker(tmp_path):
    settings = Settings({"data": tmp_path, "workers": 1})
    connection = Connection(settings, lambda message: None)
    try:
        with connection.slot(lambda: None) as deaf:
            future = connection._client.submit(time.sleep, 600, workers=[deaf])
            running = Running(connection, deaf, "j", future)
            begun = time.monotonic()
            running.stop()
            assert time.monotonic() - begun < 2
        with connection.slot(lambda: None) as fresh:
            assert fresh != deaf
            head = {"job": "k", "attempt": 1}
            running = connection.submit(fresh, "embed_lot", head, (get().fingerprint, []))
            assert running.wait(lambda: None) == {"result": []}
    finally:
        connection.close()


def test_a_killed_server_finishes_its_training_when_it_is_started_again(start_server):
    first = start_server("--workers", "1")
    project = teach(first, 6)
    job = begin(first, project, "head", **MEDIUM)
    waiting = begin(first, project, "linear")
    in_an_epoch(first, job["id"])
    (child,) = cluster_of(first)
    workers = workers_of(first)
    first.kill()
    wait_for(lambda: not {child, *workers} & processes().keys(), 20)

    second = start_server("--workers", "1")
    finished = done(second, job["id"])
    assert finished["attempt"] == 2 and finished["classifier_id"]
    assert done(second, waiting["id"])["attempt"] == 1
    assert "begins again" in texts(second, job["id"])
    listed = ask(second, f"/projects/{project}/classifiers")[1]["items"]
    assert {c["job_id"] for c in listed} == {job["id"], waiting["id"]} and len(listed) == 2

    # Stopped in good order, a job goes on at the next start without losing a try.
    job = begin(second, project, "head", **LONG)
    in_an_epoch(second, job["id"])
    workers = workers_of(second)
    assert second.stop() == 0
    wait_for(lambda: not set(workers) & processes().keys(), 20)
    third = start_server("--workers", "1")
    in_an_epoch(third, job["id"])
    assert wait_for(lambda: job_of(third, job["id"])["state"] == "running")
    assert job_of(third, job["id"])["attempt"] == 1
    assert ask(third, f"/jobs/{job['id']}", method="DELETE")[1]["state"] == "cancelled"

    # Idle workers are not kept; a second server on the same data runs nothing twice.
    idle = start_server("--workers", "1", "--idle-seconds", "1", data=third.data)
    other = begin(idle, project, "knn")
    done(idle, other["id"])
    assert job_of(third, other["id"])["attempt"] == 1
    assert cluster_of(idle) == []  # the first of the two has done it
    states = [e.get("state") for e in story(idle, other["id"]) if e["kind"] == "state"]
    assert states == ["queued", "running", "done"]


def test_workers_without_work_are_ended_and_started_again(start_server):
    server = start_server("--workers", "1", "--idle-seconds", "1")
    project = teach(server, 3)
    done(server, begin(server, project, "knn")["id"])
    wait_for(lambda: cluster_of(server) == [], 30)
    assert done(server, begin(server, project, "knn")["id"])["attempt"] == 1


@contextmanager
def small_disk(folder, size):
    """Mounts a disk of so many bytes at a folder; gives False where one may not mount any."""
    folder.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "showtell", str(folder)]
    is_mounted = os.name == "posix" and subprocess.run(command, check=False).returncode == 0
    try:
        yield is_mounted
    finally:
        if is_mounted:
            subprocess.run(["umount", "-l", str(folder)], check=True)


def files_below(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("way", ["disk", "limit"])
def test_a_full_disk_fails_the_job_with_that_reason_and_leaves_nothing_half_made(
    start_server, tmp_path, way
):
    size = 2 * 1024**2
    folder = tmp_path / "data" / "classifiers"
    folder.parent.mkdir()
    with ExitStack() as stack:
        # Where nobody may mount a disk, the limit on a file's size stands in for it alone.
        is_disk = way == "disk" and stack.enter_context(small_disk(folder, size))
        server = start_server("--workers", "1")
        project = teach(server, 4)
        if not is_disk:
            for pid in serving(server):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, size))
        large = begin(server, project, "head", epochs=1, units=4096)  # 4 MB of numbers
        failed = ended(server, large["id"])
        assert failed["state"] == "failed" and failed["classifier_id"] is None
        assert failed["problem"]["title"] == "There is no room left on the disk"
        assert "Delete" in failed["problem"]["hint"]
        assert files_below(folder) == []
        assert ask(server, f"/projects/{project}/classifiers")[1]["total"] == 0
        small = done(server, begin(server, project, "knn")["id"])
        assert ask(server, f"/classifiers/{small['classifier_id']}/file")[0] == 200
        server.stop()


@contextmanager
def remote_cluster(tmp_path):
    """Starts a Dask scheduler and two workers as somebody else would; gives its address.

    They share no folder with the server, and find the backbones in their own environment.
    """
    port = free_port()
    environ = {
        **{k: v for k, v in os.environ.items() if not k.startswith("SHOWTELL_")},
        **cluster.environment(2),
        "SHOWTELL_DATA": str(tmp_path / "nowhere"),
        "DASK_DISTRIBUTED__SCHEDULER__HTTP__ROUTES": "[]",
    }
    address = f"tcp://127.0.0.1:{port}"
    commands = [
        ["scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"],
        ["worker", address, "--nworkers", "1", "--nthreads", "1", "--no-dashboard",
         "--host", "127.0.0.1", "--local-directory", str(tmp_path / "remote")],
    ]  # fmt: skip
    started = []
    with (tmp_path / "remote.log").open("wb") as log:
        try:
            for words in commands:
                process = subprocess.Popen(
                    [sys.executable, "-m", "dask", *words],
                    cwd=ROOT, env=environ, stdout=log, stderr=log, start_new_session=True,
                )  # fmt: skip
                started.append(process)
            yield address
        finally:
            for process in started:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(10)


def test_a_remote_cluster_does_the_same_work(start_server, tmp_path):
    with remote_cluster(tmp_path) as address:
        server = start_server("--scheduler", address)
        project = teach(server, 4)
        job = done(server, begin(server, project, "head", epochs=3)["id"])
        assert cluster_of(server) == []  # nothing was started here
        assert "Embedded 8 of 8 pictures" in texts(server, job["id"])
        epochs = [e["epoch"] for e in story(server, job["id"]) if e["kind"] == "metrics"]
        assert epochs == [1, 2, 3]
        long = begin(server, project, "head", **LONG)
        in_an_epoch(server, long["id"])
        assert ask(server, f"/jobs/{long['id']}", method="DELETE")[1]["state"] == "cancelled"
        assert done(server, begin(server, project, "knn")["id"])["attempt"] == 1
        server.stop()
    # Nobody is there any more: that is told, with what to do.
    alone = start_server("--scheduler", address)
    failed = ended(alone, begin(alone, project, "knn")["id"])
    assert failed["state"] == "failed" and address in failed["problem"]["detail"]
    assert "SHOWTELL_SCHEDULER" in failed["problem"]["hint"]
