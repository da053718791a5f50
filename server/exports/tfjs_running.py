"""TensorFlow.js models, loaded again: by Node.js or a browser, or by a loader in Python."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ..conversion import browser_check
from ..learning.errors import InputError
from .work import Work

VENDOR = Path(__file__).resolve().parents[2] / "static" / "vendor"
TIMEOUT_SECONDS = 120


def layers_runner(folder: Path) -> Callable[[np.ndarray], np.ndarray]:
    """Loads a layers model with the loader of TensorFlow.js for Python. Imports TensorFlow.

    Args:
        folder: has `model.json` and what it names.

    Returns:
        A function of float32[n, S, S, 3] to float32[n, outputs].
    """
    import tf_keras
    from tensorflowjs.converters import load_keras_model

    tf_keras.backend.clear_session()
    model: Any = load_keras_model(str(folder / "model.json"))
    return lambda x: model.predict_on_batch(x)


def graph_runner(folder: Path, work: Work) -> Callable[[np.ndarray], np.ndarray]:
    """Finds what can run a graph model here: Node.js, else a browser.

    Args:
        folder: has `model.json` and what it names.
        work: whose output is wanted.

    Returns:
        A function of float32[n, S, S, 3] to float32[n, outputs].

    Raises:
        InputError: neither is here, so nothing could be proved.
    """
    from tools import find_browser

    if node := shutil.which("node"):
        return lambda x: _by_node(node, folder, work, x)
    if browser := find_browser.find():
        return lambda x: browser_check.run_tfjs(folder, x, browser=browser, vendor=VENDOR)[0][
            work.output
        ]
    raise InputError(
        "The page cannot be checked here",
        "There is neither Node.js nor a browser on the server's machine.",
        "Install one of them, or choose another format.",
    )


def _by_node(node: str, folder: Path, work: Work, x: np.ndarray) -> np.ndarray:
    program = Path(__file__).with_name("node_check.mjs")
    done = subprocess.run(
        [node, str(program), str(VENDOR), str(folder), work.output],
        input=np.ascontiguousarray(x, "<f4").tobytes(),
        capture_output=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise InputError(
            "TensorFlow.js cannot run the network of the page",
            next((line for line in said if "Error" in line), said[-1] if said else "no reason"),
        )
    return np.frombuffer(done.stdout, "<f4").reshape(len(x), -1)
