"""Real servers with jobs: how tests teach them, ask them and wait for them."""

from __future__ import annotations

import json
import os
import signal
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.conftest import ServerProcess, draw

RED, BLUE = (210, 40, 40), (40, 60, 210)
#: A training that takes minutes: for what is to be interrupted in the midst of it.
LONG = {"epochs": 2000, "units": 4096, "batch": 1}


def ask(
    server: ServerProcess,
    path: str,
    body: Any = None,
    method: str | None = None,
    kind: str = "application/json",
) -> tuple[int, Any, Any]:
    """Asks the API; returns status, JSON (or bytes) and headers."""
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    headers = {} if data is None else {"Content-Type": kind}
    request = urllib.request.Request(f"{server.url}/api/v1{path}", data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            content = answer.read()
            is_json = "json" in answer.headers.get("Content-Type", "")
            return answer.status, json.loads(content) if is_json else content, answer.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error), error.headers


def form(fields: dict[str, str], files: list[tuple[str, bytes]]) -> tuple[bytes, str]:
    """Writes a multipart body; returns it and its content type."""
    edge = uuid.uuid4().hex
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    for name, data in files:
        head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        parts.append(head.encode() + b"\r\n" + data + b"\r\n")
    return b"".join(parts) + f"--{edge}--\r\n".encode(), f"multipart/form-data; boundary={edge}"


def teach(server: ServerProcess, count: int = 12, **colors: tuple[int, int, int]) -> str:
    """Makes a project of discs in colours, `count` of each; returns its id."""
    colors = colors or {"red": RED, "blue": BLUE}
    made = ask(server, "/projects", {"name": "Discs", "labels": list(colors)})
    assert made[0] == 201, made
    for number, (label, color) in enumerate(colors.items()):
        pictures = [
            (f"{i}.jpg", draw(color, 1000 * number + i, size=(224, 224))) for i in range(count)
        ]
        body, kind = form({"label": label}, pictures)
        answer = ask(server, f"/projects/{made[1]['id']}/samples", body, kind=kind)
        assert answer[0] == 201, answer
    return made[1]["id"]


def begin(server: ServerProcess, project: str, recipe: str, **options: Any) -> dict[str, Any]:
    """Begins a training; returns the job."""
    body = {"recipe": recipe, "options": options}
    status, job, headers = ask(server, f"/projects/{project}/trainings", body)
    assert status == 202, job
    assert headers["Location"] == f"/api/v1/jobs/{job['id']}"
    return job


def wait_for(condition: Callable[[], Any], seconds: float = 120) -> Any:
    """Waits until the condition gives something true; returns that."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.02)
    raise AssertionError("waited in vain")


def job_of(server: ServerProcess, job_id: str) -> dict[str, Any]:
    """Reads a job."""
    return ask(server, f"/jobs/{job_id}")[1]


def ended(server: ServerProcess, job_id: str) -> dict[str, Any]:
    """Waits until a job has ended; returns it."""

    def look() -> dict[str, Any] | None:
        job = job_of(server, job_id)
        return job if job["state"] not in ("queued", "running") else None

    try:
        return wait_for(look)
    except AssertionError:
        raise AssertionError(f"{job_of(server, job_id)}\n{server.output}") from None


def done(server: ServerProcess, job_id: str) -> dict[str, Any]:
    """Waits until a job is done; returns it."""
    job = ended(server, job_id)
    assert job["state"] == "done", (job, server.output, log_of(server))
    return job


def log_of(server: ServerProcess) -> str:
    """Returns what the workers have printed."""
    with suppress(OSError):
        return (server.data / "workers.log").read_text(errors="replace")[-3000:]
    return ""


def story(server: ServerProcess, job_id: str) -> list[dict[str, Any]]:
    """Reads all that a job has told."""
    return ask(server, f"/jobs/{job_id}/events")[1]["items"]


def texts(server: ServerProcess, job_id: str) -> str:
    """Returns the log lines of a job."""
    return "\n".join(e["text"] for e in story(server, job_id) if e["kind"] == "log")


def in_an_epoch(server: ServerProcess, job_id: str) -> list[dict[str, Any]]:
    """Waits until a job has told of an epoch; returns those it has told of."""
    return wait_for(lambda: [e for e in story(server, job_id) if e["kind"] == "metrics"])


def processes() -> dict[int, tuple[int, str]]:
    """Lists all processes: id to parent's id and command line."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(OSError, ValueError, IndexError):
                words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                status = (entry / "stat").read_text().rpartition(")")[2].split()
                if status[0] != "Z":
                    found[int(entry.name)] = (int(status[1]), words)
    return found


def below(parent: int) -> dict[int, str]:
    """Lists the processes below one, by their command lines."""
    every = processes()
    found: dict[int, str] = {}
    todo = [parent]
    while todo:
        one = todo.pop()
        for child, (its_parent, words) in every.items():
            if its_parent == one and child not in found:
                found[child] = words
                todo.append(child)
    return found


def cluster_of(server: ServerProcess) -> list[int]:
    """Returns the process that hosts a server's workers, [] without one."""
    return [pid for pid, words in below(server.process.pid).items() if "jobs.cluster" in words]


def serving(server: ServerProcess) -> list[int]:
    """Returns the process that answers requests."""
    return [
        pid
        for pid, words in below(server.process.pid).items()
        if " -m server " in words and "jobs.cluster" not in words
    ] or [server.process.pid]


def workers_of(server: ServerProcess) -> list[int]:
    """Returns the worker processes of a server."""
    return [
        pid
        for cluster in cluster_of(server)
        for pid, words in below(cluster).items()
        if "spawn_main" in words
    ]


def kill(pids: list[int]) -> None:
    """Ends processes at once."""
    assert pids
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def busiest(pids: list[int]) -> int:
    """Returns the process that has computed most in the last moment."""

    def spent(pid: int) -> int:
        with suppress(OSError):
            return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11])
        return 0

    before = {pid: spent(pid) for pid in pids}
    return wait_for(lambda: next((pid for pid in pids if spent(pid) - before[pid] >= 10), None))


def imported_by(pid: int, names: tuple[str, ...]) -> set[str]:
    """Returns which libraries a process has loaded code of, by the files it has mapped."""
    maps = Path(f"/proc/{pid}/maps").read_text()
    return {name for name in names if f"/site-packages/{name}/" in maps}
