"""Find the weights: a named file, Keras' own cache folder, Keras' own download address.

Imports no TensorFlow, so that a serving process may call `fetch` in the background.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .errors import ConversionError
from .names import BASE_ADDRESS, Choice, published_file

LARGEST_FILE = 300_000_000
TIMEOUT_SECONDS = 20
HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"
Report = Callable[[str], None]


@dataclass(frozen=True)
class Source:
    """Say where weights came from.

    Args:
        kind: `file`, `keras-cache`, `download`, `teachable-machine` or `random`.
        path: the file, None for random weights.
        url: the address it was downloaded from or belongs to, else None.
        published_md5: the hash that Keras publishes and that was found right, else None.
    """

    kind: str
    path: Path | None
    url: str | None = None
    published_md5: str | None = None


def keras_cache() -> Path:
    """Return the folder in which Keras keeps downloaded weights."""
    home = os.environ.get("KERAS_HOME")
    return (Path(home) if home else Path.home() / ".keras") / "models"


def find_weights(
    choice: Choice,
    *,
    weights: Path | None = None,
    top: bool | None = None,
    mirror: str | None = None,
    report: Report = lambda line: None,
) -> Source:
    """Return the weights' file for a family of Keras.

    Args:
        choice: family, alpha and size.
        weights: a file that was named; then nothing else is looked at.
        top: with the 1,000-class output or without; None takes what the cache has, else with.
        mirror: an address to ask in place of Keras' own.
        report: is told each step in one line.

    Raises:
        ConversionError: there is no such file, no weights are published for this choice, or no
            network; says what to do.
    """
    if weights is not None:
        if not weights.is_file():
            raise ConversionError(f"There is no file {weights}. Nothing was written.")
        return Source("file", weights)
    for with_top in (True, False) if top is None else (top,):
        file_name, url, md5 = published_file(choice, with_top)
        cached = keras_cache() / file_name
        if cached.is_file():
            _check(cached, md5, f"{cached} in Keras' cache")
            report(f"Weights: {cached}")
            return Source("keras-cache", cached, url, md5)
    return fetch(choice, top=top is not False, mirror=mirror, report=report)


def fetch(
    choice: Choice,
    *,
    top: bool = True,
    mirror: str | None = None,
    report: Report = lambda line: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Source:
    """Download a family's weights from Keras' own address into Keras' own cache folder.

    Args:
        choice: family, alpha and size.
        top: with the 1,000-class output.
        mirror: an address to ask in place of Keras' own (same folders and file names below it).
        report: is told each step in one line.
        cancelled: is asked between two blocks; True ends the download.

    Raises:
        ConversionError: no network, a wrong hash, or not a weights file; says what to do.
    """
    file_name, url, md5 = published_file(choice, top)
    if mirror:
        url = f"{mirror.rstrip('/')}/{url.removeprefix(BASE_ADDRESS)}"
    if not url.startswith(("https://", "http://")):
        raise ConversionError(f"{url} is not an address: it should start with https://.")
    folder = keras_cache()
    target = folder / file_name
    report(f"Downloading {url}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(prefix=f".{file_name}.", suffix=".part", dir=folder)
    except OSError as error:
        raise ConversionError(
            f"Keras' cache folder {folder} cannot be written ({error.strerror}). Make it "
            "writable, or name another with KERAS_HOME=FOLDER."
        ) from None
    try:
        with os.fdopen(handle, "wb") as file:
            _download(url, file, cancelled)
        _check(Path(part), md5, url)
        Path(part).replace(target)
    except (OSError, http.client.HTTPException) as error:
        raise ConversionError(_what_to_do(choice, url, target, error)) from None
    finally:
        Path(part).unlink(missing_ok=True)
    if md5 is None:
        report("Keras publishes no hash for this file; its SHA-256 goes into backbone.json.")
    return Source("download", target, url, md5)


def _download(url: str, file, cancelled: Callable[[], bool]) -> None:
    request = urllib.request.Request(url, headers={"User-Agent": "show-and-tell"})
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:
        announced = response.headers.get("Content-Length")
        received = 0
        while block := response.read(1 << 18):
            if cancelled():
                raise ConversionError("The download was cancelled. Nothing was kept.")
            received += len(block)
            if received > LARGEST_FILE:
                raise ConversionError(f"{url} sends more than {LARGEST_FILE // 10**6} MB.")
            file.write(block)
    if announced is not None and announced.isdecimal() and int(announced) != received:
        raise OSError(f"the connection broke after {received:,} of {int(announced):,} bytes")


def _check(path: Path, md5: str | None, what: str) -> None:
    """Refuse a file of the wrong hash or one that is not HDF5."""
    if md5 is not None:
        digest = hashlib.md5(usedforsecurity=False)
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
        if digest.hexdigest() != md5:
            raise ConversionError(
                f"{what} has the MD5 {digest.hexdigest()}, but Keras publishes {md5}: the file is "
                "damaged or another one. Remove it and try again. Nothing was written."
            )
    with path.open("rb") as file:
        if file.read(len(HDF5_SIGNATURE)) != HDF5_SIGNATURE:
            raise ConversionError(
                f"{what} is not a Keras weights file (HDF5). Something between here and there, "
                "such as a login page, may have answered in its place. Nothing was written."
            )


def _what_to_do(choice: Choice, url: str, target: Path, error: BaseException) -> str:
    if isinstance(error, urllib.error.HTTPError):
        error.close()
        reason: object = error
    else:
        reason = getattr(error, "reason", None) or error
    lines = [
        f"There are no weights for {choice.name} on this machine, and they could not be fetched.",
        f"  looked for  {target}",
        f"  asked       {url}",
        f"  answer      {reason}",
        "Any one of these helps:",
        f"  - Connect to a network and run this again: python convert_models.py {choice.name}",
        "  - On a machine with a network open the address above, carry the file over, and run:",
        f"      python convert_models.py {choice.name} --weights {target.name}",
    ]
    if choice.family == "mobilenet_v2" and choice.alpha == 0.35:
        lines += [
            "  - An image model exported from Teachable Machine (TensorFlow.js, a zip) carries",
            "    these very weights:",
            "      python convert_models.py --from-teachable-machine ZIP",
        ]
    return "\n".join([*lines, "Nothing was written."])
