"""A folder that is there whole or not at all."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import ConversionError


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """Give a temporary sibling folder; rename it to the target when the block ends well.

    When the block raises (an interruption included), the temporary folder goes and the target
    stays what it was. What a killed process left behind is removed on the next call.

    Raises:
        ConversionError: the folder cannot be written.
    """
    staging = part_of(target)
    old = target.with_name(f".{target.name}.old-{os.getpid()}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        remove_leftovers(target)
        staging.mkdir()
    except OSError as error:
        raise ConversionError(
            f"The folder {target.parent} cannot be written: {error.strerror}. Name another with "
            "--out FOLDER.",
            title="The folder for backbones cannot be written",
            detail=f"{target.parent}: {error.strerror}.",
            hint="Ask whoever runs the server to look at that folder. For whoever runs the "
            "server: make it writable, or name another with SHOWTELL_MODELS.",
        ) from None
    try:
        yield staging
        if target.exists():
            target.replace(old)
        staging.replace(target)
    except BaseException:
        if old.exists() and not target.exists():
            old.replace(target)
        raise
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def part_of(target: Path) -> Path:
    """Return the name under which this process makes a file or folder until it is whole."""
    return target.with_name(f".{target.name}.part-{os.getpid()}")


def browser_profile(target: Path) -> Path:
    """Return what the profile of the browser that checks a backbone folder is named after.

    Its name is known beforehand, so that it can be swept if the process is killed. It lies in the
    temporary folder, since a browser in a sandbox of its own may write nowhere else.
    """
    return Path(tempfile.gettempdir()) / f"show-and-tell-{target.name}"


def remove_leftovers(target: Path, ended: int | None = None) -> None:
    """Remove what killed processes left half-made beside a file or folder.

    What was moved aside while nothing took its place is put back.

    Args:
        target: what was being made.
        ended: a process that is known to have ended; of others that is found out where it can be.
    """
    pattern = re.compile(rf"\.{re.escape(target.name)}\.(part|old)-(\d+)")
    for path in target.parent.iterdir() if target.parent.is_dir() else ():
        match = pattern.fullmatch(path.name)
        if not match or (int(match[2]) != ended and _is_running(int(match[2]))):
            continue
        if match[1] == "old" and not target.exists():
            path.replace(target)
        elif path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _is_running(pid: int) -> bool:
    if os.name == "nt":  # there, os.kill(pid, 0) would end the process
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return pid != os.getpid()
