"""The pictures to learn from: folders and zip files, held in memory."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from .config import TrainingError

ENDINGS = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp"}
SMALL_SIDE = 64
"""Pictures of at most so many pixels a side count as small: they are cut less."""
SHORT_SIDE = 320
"""Larger pictures are shrunk to this shorter side once: no view needs more, memory does."""


@dataclass(frozen=True)
class Pictures:
    """Pictures to train on and pictures to judge by, all RGB.

    Args:
        large, small: to train on.
        held_out: to judge by; large ones where there are any.
        digest: SHA-256 over the names and contents, to tell whether data are the same.
        unreadable: names of the files that were left out.
    """

    large: list[Image.Image]
    small: list[Image.Image]
    held_out: list[Image.Image]
    digest: str
    unreadable: list[str]


def _files(sources: Sequence[Path]) -> Iterator[tuple[str, bytes]]:
    for source in sources:
        if source.is_dir():
            for path in sorted(p for p in source.rglob("*") if p.suffix.lower() in ENDINGS):
                yield path.relative_to(source).as_posix(), path.read_bytes()
        elif zipfile.is_zipfile(source):
            with zipfile.ZipFile(source) as archive:
                for name in sorted(archive.namelist()):
                    if Path(name).suffix.lower() in ENDINGS:
                        yield name, archive.read(name)
        else:
            raise TrainingError(f"{source} is neither a folder of pictures nor a zip of them.")


def _decoded(data: bytes) -> Image.Image | None:
    try:
        with Image.open(io.BytesIO(data)) as opened:
            picture = opened.convert("RGB")
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
    names, hashes, chosen = [], hashlib.sha256(), []
    large: list[Image.Image] = []
    small: list[Image.Image] = []
    judged: dict[bool, list[Image.Image]] = {True: [], False: []}
    unreadable = []
    with ThreadPoolExecutor() as pool:
        contents = []
        for name, data in _files(sources):
            digest = hashlib.sha256(data).digest()
            hashes.update(digest)
            names.append(name)
            chosen.append(int.from_bytes(digest[:4], "big") < held_out * 2**32)
            contents.append(data)
        decoded = pool.map(_decoded, contents, chunksize=64)
        for name, picture, is_judged in zip(names, decoded, chosen, strict=True):
            if picture is None:
                unreadable.append(name)
                continue
            is_small = max(picture.size) <= SMALL_SIDE
            if is_judged:
                judged[is_small].append(picture)
            else:
                (small if is_small else large).append(picture)
    to_judge = judged[False] or judged[True]
    if len(large) + len(small) < 8 or len(to_judge) < 2:
        raise TrainingError(
            f"Found {len(large) + len(small)} pictures to train on and {len(to_judge)} to judge by "
            f"in {', '.join(map(str, sources))}. Expected at least 8 and 2: name more pictures "
            f"({', '.join(sorted(ENDINGS))})."
        )
    return Pictures(large, small, to_judge, hashes.hexdigest(), unreadable)
