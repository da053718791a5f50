"""Find the weights: a named file, Keras' own cache folder, Keras' own download address.

Imports no TensorFlow, so that a serving process may call `fetch` in the background.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .errors import ConversionError
from .folders import part_of, remove_leftovers
from .names import BASE_ADDRESS, KNOWN_SHA256, Choice, published_file

LARGEST_FILE = 300_000_000
TIMEOUT_SECONDS = 20
HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"
Report = Callable[[str], None]
Received = Callable[[int, "int | None"], None]


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
    received: Received = lambda received, total: None,
) -> Source:
    """Return the weights' file for a family of Keras.

    Args:
        choice: family, alpha and size.
        weights: a file that was named; then nothing else is looked at.
        top: with the 1,000-class output or without; None takes what the cache has, else with.
        mirror: an address to ask in place of Keras' own.
        report: is told each step in one line.
        received: is told the bytes that have arrived and how many it will be, None if not known.

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
            _warn(cached, report)
            return Source("keras-cache", cached, url, md5)
    return fetch(choice, top=top is not False, mirror=mirror, report=report, received=received)


def fetch(
    choice: Choice,
    *,
    top: bool = True,
    mirror: str | None = None,
    report: Report = lambda line: None,
    received: Received = lambda received, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Source:
    """Download a family's weights from Keras' own address into Keras' own cache folder.

    Args:
        choice: family, alpha and size.
        top: with the 1,000-class output.
        mirror: an address to ask in place of Keras' own (same folders and file names below it).
        report: is told each step in one line.
        received: is told the bytes that have arrived and how many it will be, None if not known.
        cancelled: is asked between two blocks; True ends the download.

    Raises:
        ConversionError: no network, a wrong hash, or not a weights file; says what to do.
    """
    file_name, url, md5 = published_file(choice, top)
    if mirror:
        url = f"{mirror.rstrip('/')}/{url.removeprefix(BASE_ADDRESS)}"
    if not url.startswith(("https://", "http://")):
        raise ConversionError(
            f"{url} is not an address: it should start with https://.",
            title="The address to fetch from cannot be used",
            hint="Ask whoever runs the server to look at its settings. For whoever runs the "
            "server: SHOWTELL_MIRROR is a web address, such as https://school.example/weights.",
        )
    folder = keras_cache()
    target = folder / file_name
    report(f"Downloading {url}")
    part = part_of(target)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        remove_leftovers(target)
        part.touch()
    except OSError as error:
        raise ConversionError(
            f"Keras' cache folder {folder} cannot be written ({error.strerror}). Make it "
            "writable, or name another with KERAS_HOME=FOLDER.",
            title="The folder for downloads cannot be written",
            detail=f"{folder}: {error.strerror}.",
            hint="Ask whoever runs the server to look at that folder. For whoever runs the "
            "server: make it writable, or name another with KERAS_HOME=FOLDER.",
        ) from None
    try:
        with part.open("wb") as file:
            _download(url, file, received, cancelled)
        _check(part, md5, url, KNOWN_SHA256.get(file_name))
        part.replace(target)
    except (OSError, http.client.HTTPException) as error:
        raise _unreachable(choice, url, target, error) from None
    finally:
        part.unlink(missing_ok=True)
    if md5 is None and file_name not in KNOWN_SHA256:
        report("Keras publishes no hash for this file; its SHA-256 goes into backbone.json.")
    return Source("download", target, url, md5)


def _download(url: str, file, received: Received, cancelled: Callable[[], bool]) -> None:
    request = urllib.request.Request(url, headers={"User-Agent": "show-and-tell"})
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:
        announced = response.headers.get("Content-Length") or ""
        total = int(announced) if announced.isdecimal() else None
        arrived = 0
        received(arrived, total)
        # Not `read`, which waits for a whole block: on a slow line that is no progress for long.
        while block := response.read1(1 << 16):
            if cancelled():
                raise ConversionError("The download was cancelled. Nothing was kept.")
            arrived += len(block)
            if arrived > LARGEST_FILE:
                raise ConversionError(f"{url} sends more than {LARGEST_FILE // 10**6} MB.")
            file.write(block)
            received(arrived, total)
    if total is not None and total != arrived:
        raise OSError(f"the connection broke after {arrived:,} of {total:,} bytes")


def _digest(path: Path, name: str) -> str:
    digest = hashlib.new(name, usedforsecurity=False)
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _check(path: Path, md5: str | None, what: str, sha256: str | None = None) -> None:
    """Refuse a file of the wrong hash or one that is not HDF5."""
    hashes = (
        ("MD5", md5, "Keras publishes"),
        ("SHA-256", sha256, "the file of that name is known to have"),
    )
    for name, expected, who in hashes:
        if expected is None:
            continue
        found = _digest(path, name.replace("-", ""))
        if found != expected:
            raise ConversionError(
                f"{what} has the {name} {found}, but {who} {expected}: the file is damaged or "
                "another one. Try again; remove it first if it lies here. If it is the one that "
                "you want, convert it with --weights FILE. Nothing was written.",
                title="The weights are not the published ones",
                detail=f"{what} has the {name} {found}; {who} {expected}.",
                hint="Try again. For whoever runs the server: if it stays so, the address has "
                "another file or something on the way changes it. A file of your own can be "
                "converted with --weights FILE.",
            )
    with path.open("rb") as file:
        if file.read(len(HDF5_SIGNATURE)) != HDF5_SIGNATURE:
            raise ConversionError(
                f"{what} is not a Keras weights file (HDF5). Something between here and there, "
                "such as a login page, may have answered in its place. Nothing was written.",
                title="What arrived is no weights file",
                detail=f"{what} is not a Keras weights file (HDF5).",
                hint="Sign in to the network, then try again. Something between here and there, "
                "such as a login page, may have answered in its place.",
            )


def _warn(path: Path, report: Report) -> None:
    """Say that a file in the cache is not the known one; somebody put it there on purpose."""
    known = KNOWN_SHA256.get(path.name)
    if known and (found := _digest(path, "sha256")) != known:
        report("WARNING: this is not the known file of that name. Its SHA-256 is")
        report(f"  {found}, known is")
        report(f"  {known}")


def _unreachable(choice: Choice, url: str, target: Path, error: BaseException) -> ConversionError:
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
    hint = (
        "Try again later: that server was reached but does not give the file. For whoever runs "
        "the server: if it is one of your own (SHOWTELL_MIRROR), put the file there. "
        if isinstance(error, urllib.error.HTTPError)
        else "Connect this computer to the internet and try again. For whoever runs the server: "
        "SHOWTELL_MIRROR names a server of your own that has the file. "
    )
    hint += (
        "Or open that address on another computer, carry the file over, and run: "
        f"python convert_models.py {choice.name} --weights {target.name}"
    )
    if choice.family == "mobilenet_v2" and choice.alpha == 0.35:
        lines += [
            "  - An image model exported from Teachable Machine (TensorFlow.js, a zip) carries",
            "    these very weights:",
            "      python convert_models.py --from-teachable-machine ZIP",
        ]
        hint += (
            ". An image model exported from Teachable Machine (TensorFlow.js, a zip) carries these "
            "very weights: python convert_models.py --from-teachable-machine ZIP"
        )
    return ConversionError(
        "\n".join([*lines, "Nothing was written."]),
        title="The weights could not be fetched",
        detail=f"Asked was {url}. The answer: {reason}.",
        hint=hint,
    )
