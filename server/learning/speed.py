"""How long a backbone takes for one picture, on this machine."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass
from statistics import median

import numpy as np

from .backbones import Backbone
from .embedding import Embedder
from .errors import InputError

WARM_UP = 1
FEWEST, MOST = 3, 50
#: Seconds after which no further picture is begun.
SECONDS = 0.4

#: Time that this thread computed: what else a busy machine does meanwhile is no property of a
#: backbone. Windows counts it in steps of 16 ms, too coarse for one picture.
_clock = time.perf_counter if os.name == "nt" else time.thread_time

_lock = threading.Lock()
_measured: dict[str, Speed] = {}


@dataclass(frozen=True)
class Speed:
    """The median time that one picture takes, and how many were looked at."""

    milliseconds: float
    pictures: int


def measure(backbone: Backbone) -> Speed:
    """Measures a backbone: a stored square in, a unit vector out, LiteRT on one thread.

    Raises:
        InputError: its LiteRT file cannot be loaded or run.
    """
    # One of its own: loaded backbones stay in memory, and most will only be looked at in a list.
    embedder = Embedder(backbone)
    random = np.random.default_rng(0)
    square = random.integers(0, 256, (224, 224, 3), dtype=np.uint8)
    try:
        for _ in range(WARM_UP):
            embedder.embed(square)
    except (ValueError, RuntimeError) as error:
        raise InputError(
            f"The backbone {backbone.name} cannot be run",
            f"backbone.tflite: {error}.",
            f"Convert it again: python convert_models.py {backbone.name}",
            kind="mismatch",
        ) from error
    seconds: list[float] = []
    begun = time.perf_counter()
    while len(seconds) < FEWEST or (len(seconds) < MOST and time.perf_counter() - begun < SECONDS):
        start = _clock()
        embedder.embed(square)
        seconds.append(_clock() - start)
    return Speed(round(median(seconds) * 1000, 3), len(seconds))


def speed_of(backbone: Backbone) -> Speed:
    """Returns the speed of a backbone, measured the first time that a process asks.

    One at a time is measured: two at once would slow each other down.

    Raises:
        InputError: its LiteRT file cannot be loaded or run.
    """
    with _lock:
        if backbone.fingerprint not in _measured:
            _measured[backbone.fingerprint] = measure(backbone)
        return _measured[backbone.fingerprint]
