"""Backbones made of the weights in ../shared/weights, for a benchmark alone."""

import subprocess
import sys
from pathlib import Path

from bench.browser import ROOT

WEIGHTS = ROOT.parent / "shared" / "weights"
_PREFIX = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels"
FILES = {
    "mobilenet_v2_0.35_224": f"{_PREFIX}_0.35_224_no_top.h5",
    "mobilenet_v2_1.00_224": f"{_PREFIX}_1.0_224.h5",
}


def convert_missing(present: set[str], folder: Path) -> list[Path]:
    """Convert those weights whose backbone is not among `present` into `folder`.

    Returns:
        The folders made; none where there is no ../shared.
    """
    made = []
    for name, file in FILES.items():
        if name in present or not (WEIGHTS / file).is_file():
            continue
        command = [sys.executable, "convert_models.py", name, "--weights", str(WEIGHTS / file)]
        subprocess.run([*command, "--out", str(folder)], cwd=ROOT, check=True, stdout=sys.stderr)
        made.append(folder / name)
    return made
