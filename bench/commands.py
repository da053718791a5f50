"""The command line and the embedding of many pictures, from JPEGs to saved files.

Pictures are `superheroes` in ../shared/pictures beside the checkout where it is there, else as many
drawn ones. Every command is a process of its own, its start included.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from bench.browser import ROOT
from bench.running import server
from bench.table import show

SHARED = ROOT.parent / "shared" / "pictures" / "superheroes"
#: What is asked of each number, where something is.
TARGETS = {
    "train linear, cold": "at most 15 s",
    "train head, cold": "at most 15 s",
    "train linear, cached": "at most 4 s",
    "train head, cached": "at most 4 s",
    "guess, one picture": "at most 1 s",
}
_NOISE = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "", "TF_USE_LEGACY_KERAS": "1"}
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def run(rounds: int = 3, each: int = 300, copies: int = 4) -> None:
    """Print all tables.

    Args:
        rounds: how often each command is run; medians are shown.
        each: how many pictures of each class at most.
        copies: how often `guess-dir` finds each of them, so that its start counts for little.
    """
    with tempfile.TemporaryDirectory(prefix="bench-commands-") as name:
        folder = Path(name)
        source = gather(folder / "pictures", each)
        count = sum(1 for path in source.rglob("*") if path.is_file())
        _commands(folder, source, count, rounds)
        _guess_dir(folder, source, copies, rounds)
        _throughput(source, rounds)
        _dask(source, rounds)
        _remote(folder, source)


def gather(target: Path, each: int) -> Path:
    """Copy pictures of two classes, or draw them; return their folder."""
    for label in ("darth_vader", "elsa"):
        (target / label).mkdir(parents=True)
        found = sorted((SHARED / label).glob("*")) if SHARED.is_dir() else []
        for path in found[:each]:
            shutil.copy(path, target / label)
        if not found:
            for i in range(min(each, 240)):
                (target / label / f"{i}.jpg").write_bytes(_drawn(i, label == "elsa"))
    return target


def _drawn(seed: int, is_cold: bool) -> bytes:
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 256, (6, 8, 3), dtype=np.uint8)
    coarse[:, :, 2 if is_cold else 0] |= 128
    file = io.BytesIO()
    Image.fromarray(coarse).resize((250, 190), Image.Resampling.BICUBIC).save(file, "JPEG")
    return file.getvalue()


def command(data: Path, *words: Any) -> tuple[float, str]:
    """Run a command in a process of its own; return its seconds and standard output."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SHOWTELL_")}
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "server", *map(str, words)],
        cwd=ROOT,
        env={**environment, "SHOWTELL_DATA": str(data)},
        capture_output=True,
        text=True,
    )
    seconds = time.perf_counter() - begun
    if done.returncode:
        raise RuntimeError(f"{words} ended with {done.returncode}: {done.stderr}")
    return seconds, done.stdout


def _commands(folder: Path, source: Path, count: int, rounds: int) -> None:
    seconds: dict[str, list[float]] = {name: [] for name in TARGETS}
    out, data = folder / "made.classifier", folder / "data"
    picture = next(path for path in sorted(source.rglob("*")) if path.is_file())
    for _ in range(rounds):
        for recipe in ("linear", "head"):
            words = ("train", source, "--out", out, "--recipe", recipe)
            shutil.rmtree(data, ignore_errors=True)
            seconds[f"train {recipe}, cold"].append(command(data, *words)[0])
            seconds[f"train {recipe}, cached"].append(command(data, *words)[0])
        seconds["guess, one picture"].append(command(data, "guess", out, picture)[0])
    rows = [
        [name, min(found), statistics.median(found), max(found), TARGETS[name]]
        for name, found in seconds.items()
    ]
    show(
        f"Commands, s ({count} pictures, process start included, {rounds} rounds)",
        ["", "min", "median", "max", "asked"],
        rows,
    )


def _guess_dir(folder: Path, source: Path, copies: int, rounds: int) -> None:
    many = folder / "many"
    for i in range(copies):
        shutil.copytree(source, many / str(i))
    rows = []
    for processes in (1, 2):
        rates, walls = [], []
        for _ in range(rounds):
            out = folder / "copies"
            wall, told = command(
                *(folder / "data", "guess-dir", folder / "made.classifier", many, out, "--json"),
                *("--processes", processes),
            )
            found = json.loads(told)
            shutil.rmtree(out)
            rates.append(found["pictures_per_second"])
            walls.append(found["copied"] / wall)
        rows.append(
            [f"{processes} process(es)", statistics.median(rates), statistics.median(walls)]
        )
    rows.append(["ratio", *(two / one for one, two in zip(rows[0][1:], rows[1][1:], strict=True))])
    show(
        "guess-dir, pictures/s (asked: at least 150 on one core, nearly twice that on two)",
        ["", "at work", "with process start"],
        rows,
    )


def _throughput(source: Path, rounds: int) -> None:
    rows = []
    for name, code, arguments in (
        ("ours, 1 process", _OURS, ["1"]),
        ("ours, 2 processes", _OURS, ["2"]),
        ("model.predict, batches of 32, 1 thread", _KERAS, ["32", "1"]),
        ("model.predict, batches of 32, all threads", _KERAS, ["32", "0"]),
        ("model.predict, one by one, all threads", _KERAS, ["1", "0"]),
    ):
        found = [_rate(code, str(source), *arguments) for _ in range(rounds)]
        files, squares = (statistics.median(column) for column in zip(*found, strict=True))
        rows.append([name, files, "" if "processes" in name else squares])
    base = rows[0][1]
    show(
        "Embedding, pictures/s, JPEG file to vector",
        ["", "file to vector", "square to vector", "ratio"],
        [[*row, row[1] / base] for row in rows],
        "The same backbone (the default). Loading TensorFlow (some seconds) is not counted, nor is"
        " the start of our processes.",
    )


def _rate(code: str, *arguments: str) -> list[float]:
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        env={**os.environ, **_NOISE},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return [float(word) for word in done.stdout.split()[-2:]]


_OURS = """
import os, sys, time
os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))
if __name__ == "__main__":
    from pathlib import Path
    import numpy as np
    from server.learning import backbones, lots
    from server.learning.embedding import embed
    from server.learning.eyes import BackboneEyes
    from server.learning.pictures import decode_square
    from server.learning.task import Task
    paths = sorted(p for p in Path(sys.argv[1]).rglob("*") if p.is_file())
    backbone, processes = backbones.get(), int(sys.argv[2])
    looks = lots.look_at(paths * 4, BackboneEyes(backbone), Task(), processes)
    for _ in range(len(paths)):
        next(looks)
    begun, rest = time.perf_counter(), sum(1 for _ in looks)
    rate = rest / (time.perf_counter() - begun)
    squares = np.stack([decode_square(p.read_bytes()) for p in paths[:200]])
    embed(backbone, squares[:1])
    begun = time.perf_counter()
    embed(backbone, squares)
    print(rate, len(squares) / (time.perf_counter() - begun))
"""

_KERAS = """
import sys, time
from pathlib import Path
import numpy as np
import tensorflow as tf
batch, threads = int(sys.argv[2]), int(sys.argv[3])
tf.config.threading.set_intra_op_parallelism_threads(threads)
tf.config.threading.set_inter_op_parallelism_threads(threads)
import tf_keras
from server.learning import backbones
from server.learning.pictures import decode_square, to_input
paths = sorted(p for p in Path(sys.argv[1]).rglob("*") if p.is_file())[:200]
model = tf_keras.models.load_model(backbones.get().folder / "backbone.keras", compile=False)
def look(squares):
    if batch > 1:
        return model.predict(to_input(squares, model.input_shape[1]), batch_size=batch, verbose=0)
    for square in squares:
        model.predict(to_input(square, model.input_shape[1]), verbose=0)
squares = np.stack([decode_square(p.read_bytes()) for p in paths])
look(squares[: 2 * batch])
begun = time.perf_counter()
look(squares)
from_square = time.perf_counter() - begun
begun = time.perf_counter()
look(np.stack([decode_square(p.read_bytes()) for p in paths]))
print(len(paths) / (time.perf_counter() - begun), len(paths) / from_square)
"""


def _dask(source: Path, rounds: int) -> None:
    """Two Dask workers against one, with the function that the server's jobs run."""
    done = subprocess.run(
        [sys.executable, "-c", _WORKERS, str(source), str(rounds)],
        cwd=ROOT,
        env={**os.environ, **_ONE_THREAD, **_NOISE},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    one, two = (float(word) for word in done.stdout.split()[-2:])
    show(
        "Embedding by Dask workers, pictures/s",
        ["", "pictures/s", "ratio"],
        [["one worker", one, 1.0], ["two workers", two, two / one]],
        "Lots of 32 pictures, their bytes sent to processes of one thread; workers are warm.",
    )


_WORKERS = """
import statistics, sys, time
from pathlib import Path
if __name__ == "__main__":
    from distributed import Client, LocalCluster
    from server.jobs import tasks
    from server.learning import backbones
    data = [p.read_bytes() for p in sorted(Path(sys.argv[1]).rglob("*")) if p.is_file()] * 2
    lots = [data[i : i + 32] for i in range(0, len(data), 32)]
    fingerprint = backbones.get().fingerprint
    for workers in (1, 2):
        how = {"n_workers": workers, "threads_per_worker": 1, "dashboard_address": None}
        with LocalCluster(**how) as cluster, Client(cluster) as client:
            def embed(lots):
                task = ("embed_lot", {"job": "bench", "attempt": 1}, "bench", fingerprint)
                asked = [client.submit(tasks.call, *task, lot, pure=False) for lot in lots]
                answers = client.gather(asked)
                assert all("result" in answer for answer in answers), answers[0]
            embed(lots[: 2 * workers])
            rates = []
            for _ in range(int(sys.argv[2])):
                begun = time.perf_counter()
                embed(lots)
                rates.append(len(data) / (time.perf_counter() - begun))
            print(statistics.median(rates))
"""


def _remote(folder: Path, source: Path) -> None:
    """A training over HTTP, end to end: workers of the server's own, and somebody else's."""
    rows = []
    with server_with("") as address:
        rows.append(["workers of its own", *_trained(address, source)])
    with scheduler(folder / "dask") as remote, server_with(remote) as address:
        rows.append(["a scheduler in another process", *_trained(address, source)])
    show(
        "A training over HTTP, s (100 pictures uploaded, then `linear`)",
        ["", "first, workers start", "again"],
        rows,
        "From the request to the classifier's row, embedding included the first time.",
    )


@contextlib.contextmanager
def server_with(address: str) -> Iterator[str]:
    """Start a server whose jobs run at a scheduler; yield its address."""
    before = os.environ.get("SHOWTELL_SCHEDULER")
    os.environ["SHOWTELL_SCHEDULER"] = address
    try:
        with server() as found:
            yield found
    finally:
        del os.environ["SHOWTELL_SCHEDULER"]
        if before is not None:
            os.environ["SHOWTELL_SCHEDULER"] = before


@contextlib.contextmanager
def scheduler(folder: Path) -> Iterator[str]:
    """Start a Dask scheduler and two workers as somebody else would; yield its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder.mkdir()
    address = f"tcp://127.0.0.1:{port}"
    own = ["--local-directory", str(folder), "--no-dashboard", "--host", "127.0.0.1"]
    started = [_distributed("scheduler", "--host", "127.0.0.1", "--port", str(port))]
    started += [_distributed("worker", address, *own, "--nthreads", "1") for _ in range(2)]
    try:
        yield address
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            process.wait(20)


def _distributed(*words: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, **_ONE_THREAD, "DASK_DISTRIBUTED__WORKER__DAEMON": "True"}
    return subprocess.Popen(
        [sys.executable, "-m", "dask", *words],
        cwd=ROOT,
        env={**environment, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _trained(address: str, source: Path) -> list[float]:
    """Teach a project, train it twice, and return the seconds of each."""
    import requests

    api = f"{address}/api/v1"
    body = {"name": "bench", "labels": ["darth_vader", "elsa"]}
    project = requests.post(f"{api}/projects", json=body, timeout=60).json()["id"]
    for label in body["labels"]:
        files = [
            ("file", (path.name, path.read_bytes(), "image/jpeg"))
            for path in sorted((source / label).iterdir())[:50]
        ]
        url = f"{api}/projects/{project}/samples"
        requests.post(url, data={"label": label}, files=files, timeout=120).raise_for_status()
    return [_job_seconds(api, project) for _ in range(2)]


def _job_seconds(api: str, project: str) -> float:
    import requests

    begun = time.perf_counter()
    url = f"{api}/projects/{project}/trainings"
    asked = requests.post(url, json={"recipe": "linear"}, timeout=60)
    asked.raise_for_status()
    job = asked.json()
    while job["state"] in ("queued", "running"):
        time.sleep(0.01)
        job = requests.get(f"{api}/jobs/{job['id']}", timeout=60).json()
    if job["state"] != "done":
        raise RuntimeError(f"the training ended as {job['state']}: {job['problem']}")
    return time.perf_counter() - begun
