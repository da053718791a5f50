"""Print the benchmarks' tables: all of them, or the sections named."""

import argparse
import importlib
import platform
import subprocess
import sys
import time

from bench.browser import ROOT

SECTIONS = {
    "startup": "seconds to the first page",
    "bytes": "bytes to the first prediction",
    "page": "frames a second and long tasks on the teach page",
    "play": "a game played by camera: milliseconds to the action, drawing, against the naive way",
    "frame": "camera picture to label, against @teachablemachine/image",
    "knn": "nearest neighbours, against @tensorflow-models/knn-classifier",
    "predictions": "predictions a second over HTTP",
    "few_shot": "few-shot accuracy and cost of each backbone",
    "calibration": "rejection of other things, and confidence",
    "commands": "the command line, and embedding of many pictures",
    "convnet": "a network from scratch: dropout, variation, batches, threads",
    "recipes": "accuracy of each recipe with each backbone",
}
NEED_PEERS = {"frame", "knn", "play"}


def main() -> int:
    """Run the sections named on the command line, or all; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    lines = ", ".join(f"{name} ({what})" for name, what in SECTIONS.items())
    parser.add_argument("section", nargs="*", metavar="SECTION", help=lines)
    names = parser.parse_args().section or list(SECTIONS)
    if unknown := set(names) - set(SECTIONS):
        parser.error(f"no section {', '.join(sorted(unknown))}; there are {', '.join(SECTIONS)}")
    if NEED_PEERS & set(names) and not (ROOT / "bench/peers/node_modules/.installed").exists():
        install = (
            "sh tools/with_node.sh npm ci --prefix bench/peers --ignore-scripts --legacy-peer-deps"
        )
        subprocess.run(
            [*install.split(), "--no-audit", "--no-fund", "--loglevel=error"], cwd=ROOT, check=True
        )
        (ROOT / "bench/peers/node_modules/.installed").touch()
    print(f"{platform.platform()}, Python {platform.python_version()}, {time.strftime('%Y-%m-%d')}")
    for name in names:
        importlib.import_module(f"bench.{name}").run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
