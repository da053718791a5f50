"""Milliseconds from a camera picture to a label: ours against @teachablemachine/image.

Both sides: the same Chromium, the same fake camera at 640 x 480, TensorFlow.js 4.22 on its
WebAssembly backend, MobileNetV2 0.35/224 with the same weights. The pages are opened in turn, so
that a busy machine slows both.
"""

import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.browser import ROOT, chromium, result_of, serving
from bench.table import show

SHARED_WEIGHTS = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_224_no_top.h5"


def run(rounds: int = 3, frames: int = 60) -> None:
    """Print milliseconds a frame for each route, and the ratio of the medians to ours."""
    shared = ROOT.parent / "shared" / "weights" / SHARED_WEIGHTS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make = [sys.executable, "-m", "bench.peer_model", name]
        subprocess.run(
            [*make, str(shared)] if shared.exists() else make,
            cwd=ROOT,
            check=True,
            stderr=subprocess.DEVNULL,
        )
        subprocess.run(
            [
                *[sys.executable, "convert_models.py", "mobilenet_v2_0.35_224"],
                *["--weights", str(folder / "backbone.h5"), "--out", str(folder / "models")],
            ],
            cwd=ROOT,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        times: dict[str, list[float]] = {"library": [], "tensor": [], "ours": [], "built_in": []}
        with serving({"/made/": folder}) as address, chromium() as browser:
            for _ in range(rounds):
                peer = result_of(browser, f"{address}/bench/frame_peer.html?frames={frames}")
                times["library"] += peer["library"]
                times["tensor"] += peer["tensor"]
                for key, at in (
                    ("ours", "/made/models/mobilenet_v2_0.35_224/"),
                    ("built_in", "/models/showtell_v2/"),
                ):
                    page = f"{address}/bench/frame_ours.html?frames={frames}&backbone={at}"
                    ours = result_of(browser, page)
                    times[key] += ours["look"]
    reference = statistics.median(times["ours"])
    names = {
        "tensor": "layers model, video to tensor",
        "library": "@teachablemachine/image predict(video)",
        "ours": "ours, same weights",
        "built_in": "ours, built-in eyes",
    }
    rows = []
    for key, title in names.items():
        values = sorted(times[key])
        median = statistics.median(values)
        rows.append(
            [title, values[0], median, values[int(0.9 * len(values))], f"{median / reference:.1f}"]
        )
    show(
        "Camera picture to label, ms a frame (WebAssembly, 640 x 480)",
        ["route", "min", "median", "90 %", "x ours"],
        rows,
        f"{rounds} rounds of {frames} frames, pages in turn; ours includes the way to the Worker "
        "and back and a KNN over 60 examples.",
    )
