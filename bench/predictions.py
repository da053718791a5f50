"""Predictions a second that the server answers over HTTP, picture in, label out."""

import io
import statistics
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import requests
from PIL import Image

from bench.running import server
from bench.table import show

EXAMPLES = 60


def run(requests_each: int = 200) -> None:
    """Print predictions a second for one picture a request (1 and 4 clients) and 20 a request."""
    pictures = [_picture(i) for i in range(EXAMPLES)]
    with server() as address:
        api = f"{address}/api/v1"
        project = requests.post(
            f"{api}/projects", json={"name": "bench", "labels": ["a", "b", "c"]}
        ).json()
        base = f"{api}/projects/{project['id']}"
        for number, label in enumerate("abc"):
            files = [
                ("file", (f"{i}.jpg", p, "image/jpeg")) for i, p in enumerate(pictures[number::3])
            ]
            requests.post(f"{base}/samples", data={"label": label}, files=files).raise_for_status()

        def ask(number: int, count: int = 1) -> float:
            files = [
                ("file", ("p.jpg", pictures[(number + i) % EXAMPLES], "image/jpeg"))
                for i in range(count)
            ]
            started = time.perf_counter()
            answer = requests.post(f"{base}/predict", files=files, timeout=60)
            answer.raise_for_status()
            assert answer.json()["total"] == count
            return time.perf_counter() - started

        ask(0)
        rows = []
        for clients, count in ((1, 1), (4, 1), (1, 20)):
            total = max(10, requests_each // count)
            started = time.perf_counter()
            with ThreadPoolExecutor(clients) as pool:
                times = list(pool.map(lambda n, c=count: ask(n, c), range(total)))
            seconds = time.perf_counter() - started
            rows.append(
                [
                    f"{clients} client(s), {count} picture(s) a request",
                    total * count / seconds,
                    1000 * statistics.median(times),
                ]
            )
    show(
        f"Server predictions ({EXAMPLES} examples, 640 x 480 JPEG in, embedded default)",
        ["", "pictures/s", "median ms a request"],
        rows,
        "The clients run on the same cores as the server.",
    )


def _picture(seed: int) -> bytes:
    random = np.random.default_rng(seed)
    coarse = Image.fromarray(random.integers(0, 256, (6, 8, 3), dtype=np.uint8))
    jpeg = io.BytesIO()
    coarse.resize((640, 480), Image.Resampling.BICUBIC).save(jpeg, "JPEG")
    return jpeg.getvalue()
