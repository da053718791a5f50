"""What Dask loads into each worker that this server starts, before it works."""

from __future__ import annotations

from typing import Any


def dask_setup(worker: Any) -> None:
    """Closes the worker's web server, which nobody here looks at and no key protects."""
    worker.http_server.stop()
