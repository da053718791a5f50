"""The child process that hosts the workers: `python -m server.jobs.cluster`.

It reads one line of JSON from its standard input (workers, folder, memory) and starts a Dask
cluster on 127.0.0.1, whose connections are encrypted with keys that exist in memory only. It
writes one line of JSON with the cluster's address and those keys. When its standard input closes,
because the server asks for it or is gone, it and its workers end.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

#: Share of the machine's memory that all workers may use together.
MEMORY_SHARE = 0.8
#: What is told to libraries that would each take all cores.
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


def cores() -> int:
    """Returns how many cores this process may use."""
    with suppress(AttributeError, OSError):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def default_workers() -> int:
    """Returns how many workers there are where the setting does not say: at most 4."""
    return max(1, min(cores(), 4))


def environment(workers: int) -> dict[str, str]:
    """Returns what workers find in their environment: the cores are shared out evenly.

    TensorFlow, which long jobs alone use, shares them among the workers that do these at a time
    (`states.next_of`).
    """
    threads = str(max(1, cores() // workers))
    return {
        **dict.fromkeys(THREAD_VARIABLES, threads),
        "TF_NUM_INTRAOP_THREADS": str(max(1, cores() // max(1, workers - 1))),
        # Work is one operation at a time; two threads that wait for each other help nobody.
        "TF_NUM_INTEROP_THREADS": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_ENABLE_ONEDNN_OPTS": "0",  # the same numbers on every machine
        "CUDA_VISIBLE_DEVICES": "",
    }


def configure() -> None:
    """Sets Dask up for work that must not be held back or done twice unseen."""
    import dask

    dask.config.set(
        {
            # The engine counts tries itself.
            "distributed.scheduler.allowed-failures": 0,
            "distributed.scheduler.work-stealing": False,
            "distributed.worker.daemon": True,
            # Nothing is spilled to the disk or made to wait: a worker over its share is ended.
            "distributed.worker.memory.target": False,
            "distributed.worker.memory.spill": False,
            "distributed.worker.memory.pause": False,
            "distributed.worker.memory.terminate": 0.95,
            "distributed.worker.profile.enabled": False,
            "distributed.admin.tick.limit": "60s",
            "distributed.admin.system-monitor.interval": "2s",
            "distributed.worker.preload": ["server.jobs.worker"],
            "distributed.scheduler.http.routes": [],
            "distributed.worker.http.routes": [],
        }
    )


def start(workers: int, folder: Path, memory: int | None) -> tuple[Any, dict[str, Any]]:
    """Starts the workers; returns the cluster and what a client needs to reach it.

    Args:
        workers: how many.
        folder: for their files.
        memory: bytes that each may use; its share of the machine's where None.
    """
    from distributed import LocalCluster
    from distributed.security import Security
    from distributed.system import MEMORY_LIMIT

    security = Security.temporary()
    cluster = LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        protocol="tls",
        security=security,
        dashboard_address="127.0.0.1:0",
        worker_dashboard_address="127.0.0.1:0",
        memory_limit=memory or int(MEMORY_LIMIT * MEMORY_SHARE / workers),
        local_directory=str(folder),
        env=environment(workers),
        silence_logs=40,
    )
    # No pages about the work: they would be open to every program on this computer.
    cluster.scheduler.http_server.stop()
    told = {
        "address": cluster.scheduler_address,
        "ca": security.tls_ca_file,
        "certificate": security.tls_client_cert,
        "key": security.tls_client_key,
    }
    return cluster, told


def main() -> int:
    """Hosts the workers until the standard input closes."""
    asked = json.loads(sys.stdin.readline())
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    folder = Path(asked["folder"])
    # Of a child that was killed; there is one child at a time on a data folder.
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    # TensorFlow and others say much; what a job has to say comes on its own way.
    with folder.with_suffix(".log").open("wb") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    os.environ.update(environment(asked["workers"]))
    # The end is sudden; that something is cleared up then is nothing to tell.
    os.environ["PYTHONWARNINGS"] = "ignore:resource_tracker:UserWarning"
    configure()
    cluster, told = start(asked["workers"], folder, asked["memory"])
    with suppress(OSError), answer:
        print(json.dumps(told), file=answer, flush=True)
    sys.stdin.read()
    # At once: what runs is lost in any case, and a worker in the midst of something would be
    # waited for. Workers end when this process is gone.
    shutil.rmtree(folder, ignore_errors=True)
    del cluster
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
