"""The pictures to learn from: folders and zip files, held in memory."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from PIL import Image, ImageOps

from server.formats.archive import is_litter
from server.formats.pictures import ENDINGS, is_picture_name

from .config import TrainingError

SMALL_SIDE = 64
"""Pictures of at most so many pixels a side count as small: they are cut less."""
SHORT_SIDE = 320
"""Larger pictures are shrunk to this shorter side once: no view needs more, memory does."""
LOT = 512


@dataclass(frozen=True)
class Pictures:
    """Pictures to train on and pictures to judge by, all RGB.

    Args:
        large, small: to train on.
        held_out: to judge by; large ones where there are any.
        digest: SHA-256 over the contents in the order of their names, to tell data apart.
        unreadable: names of the files that were left out.
    """

    large: list[Image.Image]
    small: list[Image.Image]
    held_out: list[Image.Image]
    digest: str
    unreadable: list[str]


def _files(sources: Sequence[Path]) -> Iterator[tuple[str, bytes | None]]:
    """Give each picture's name and bytes, None where it cannot be read."""
    for source in sources:
        if source.is_dir():
            names = (p.relative_to(source).as_posix() for p in source.rglob("*") if p.is_file())
            for name in sorted(filter(_is_wanted, names)):
                try:
                    yield name, (source / name).read_bytes()
                except OSError:
                    yield name, None
        elif zipfile.is_zipfile(source):
            with zipfile.ZipFile(source) as archive:
                for name in sorted(filter(_is_wanted, archive.namelist())):
                    try:
                        yield name, archive.read(name)
                    # A wrong checksum; a password; a way of packing that is not known here.
                    except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError):
                        yield name, None
        else:
            raise TrainingError(f"{source} is neither a folder of pictures nor a zip of them.")


def _is_wanted(name: str) -> bool:
    return is_picture_name(name) and not is_litter(name)


def _decoded(data: bytes | None) -> Image.Image | None:
    if data is None:
        return None
    try:
        with Image.open(io.BytesIO(data)) as opened:
            picture = ImageOps.exif_transpose(opened).convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    factor = SHORT_SIDE / min(picture.size)
    if factor < 1:
        size = (round(picture.width * factor), round(picture.height * factor))
        picture = picture.resize(size, Image.Resampling.BOX, reducing_gap=None)
    return picture


def read_pictures(sources: Sequence[Path], held_out: float) -> Pictures:
    """Read every picture of folders (with all folders in them) and zip files.

    Args:
        sources: folders and zip files.
        held_out: part of the pictures to judge by. Which ones depends on their contents alone, so
            that copies stay on one side and a second run takes the same.

    Raises:
        TrainingError: a source is something else, or there are too few pictures.
    """
    hashes = hashlib.sha256()
    large: list[Image.Image] = []
    small: list[Image.Image] = []
    judged: dict[bool, list[Image.Image]] = {True: [], False: []}
    unreadable = []
    files = _files(sources)
    with ThreadPoolExecutor() as pool:
        # A few hundred at a time: whole collections are never in memory as files too.
        while lot := list(islice(files, LOT)):
            decoded = pool.map(_decoded, [data for _, data in lot])
            for (name, data), picture in zip(lot, decoded, strict=True):
                if data is None or picture is None:
                    unreadable.append(name)
                    continue
                digest = hashlib.sha256(data).digest()
                hashes.update(digest)
                is_small = max(picture.size) <= SMALL_SIDE
                if int.from_bytes(digest[:4], "big") < held_out * 2**32:
                    judged[is_small].append(picture)
                else:
                    (small if is_small else large).append(picture)
    to_judge = judged[False] or judged[True]
    if len(large) + len(small) < 8 or len(to_judge) < 2:
        raise TrainingError(
            f"Found {len(large) + len(small)} pictures to train on and {len(to_judge)} to judge by "
            f"in {', '.join(map(str, sources))}. Expected at least 8 and 2: name more pictures "
            f"({', '.join(ENDINGS)})."
        )
    return Pictures(large, small, to_judge, hashes.hexdigest(), unreadable)
