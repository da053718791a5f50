"""Fetch and convert one official backbone in a process of its own, for a server that waits.

    python -m server.conversion.child NAME --out FOLDER [--mirror URL]

Each line on standard output is a JSON object: `{"event": "progress", ..}` any number of times, then
`{"event": "done", "folder"}` or `{"event": "failed", "title", "detail", "hint"}`. The end of
standard input means that nobody waits any more; then it ends and leaves nothing half-made.
"""

from __future__ import annotations

import _thread
import argparse
import json
import os
import signal
import sys
import threading
import warnings
from pathlib import Path
from typing import Any

from . import catalogue
from .errors import ConversionError
from .folders import browser_profile, remove_leftovers
from .progress import Progress
from .quiet import quiet
from .sources import keras_cache

ROOT = Path(__file__).resolve().parent.parent.parent
#: Seconds to unwind in when nobody waits any more. TensorFlow's converters hear nothing meanwhile.
PATIENCE = 1.0
#: Before any import of TensorFlow. The server computes on the same cores.
ENVIRONMENT = {
    "TF_USE_LEGACY_KERAS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "CUDA_VISIBLE_DEVICES": "-1",
    "OMP_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
}


def half_made(name: str, out: Path) -> list[Path]:
    """Return the files and folders that a fetch works on; what is half-made lies beside them.

    Args:
        name: of an official backbone.
        out: where its folder is made.
    """
    file_name = catalogue.official(name).published["file"]
    return [keras_cache() / str(file_name), out / name, browser_profile(out / name)]


def _lifeline(name: str, out: Path) -> None:
    """Wait for the end of standard input, then end this process and the browser it started."""
    while os.read(0, 4096):
        pass
    # The browser of the check stays in this process' group (`browser_session`).
    leads_group = hasattr(os, "getpgrp") and os.getpgrp() == os.getpid()
    if os.name == "nt":  # there, os.kill would end this process on the spot
        _thread.interrupt_main(signal.SIGTERM)
    elif leads_group:
        os.killpg(os.getpid(), signal.SIGTERM)
    else:
        os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(PATIENCE)
    # Still here: deep inside a converter that hears no signal, or the browser hears none.
    for target in half_made(name, out):
        remove_leftovers(target, os.getpid())
    if leads_group:
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(143)


def main(arguments: list[str] | None = None) -> int:
    """Fetch and convert; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m server.conversion.child")
    parser.add_argument("name")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--mirror")
    options = parser.parse_args(arguments)
    os.environ.update(ENVIRONMENT)
    if hasattr(os, "nice"):
        os.nice(5)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    # Ctrl-C in the server's terminal is for the server, which then ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_lifeline, args=(options.name, options.out), daemon=True).start()
    with quiet() as say:

        def tell(event: str, **members: Any) -> None:
            say(json.dumps({"event": event, **members}))

        try:
            tell("done", folder=str(_convert(options, tell)))
        except ConversionError as error:
            tell("failed", **error.as_dict())
            return 1
    return 0


def _convert(options: argparse.Namespace, tell: Any) -> Path:
    from tools import find_browser

    from .pipeline import Request, convert

    warnings.simplefilter("ignore")
    entry = catalogue.official(options.name)
    progress = Progress(lambda event: tell("progress", **event), entry.download_bytes)
    return convert(
        Request(
            choice=entry.choice,
            out=options.out,
            top=entry.top,
            mirror=options.mirror or None,
            browser=find_browser.find(),
            vendor=ROOT / "static" / "vendor",
            browser_session=False,
            received=progress.received,
            reached=progress.reached,
        )
    )


if __name__ == "__main__":
    sys.exit(main())
