"""`convert`: what `convert_models.py` does."""

from __future__ import annotations

import argparse
import sys

from ..settings import ROOT


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds nothing: `main` reads the arguments."""


def main(arguments: list[str]) -> int:
    """Runs `convert_models.py`, which tells all by itself.

    Args:
        arguments: as it takes them.
    """
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    import convert_models

    return convert_models.main(arguments)
