"""Zip archives from outside, read without trusting a name or a size they claim."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from threading import Lock

from ..learning.errors import InputError

#: Folders and files that systems add by themselves.
_LITTER = {"__macosx", ".ds_store", "thumbs.db", "desktop.ini"}
_END, _END_SIZE = b"PK\x05\x06", 22
_ENCRYPTED = 0x1
#: Methods that zipfile's own code or zlib undo; bzip2 and LZMA inflate without a known bound.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
#: What zipfile raises over files that somebody has bent.
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    RuntimeError,
    NotImplementedError,
)


@dataclass(frozen=True)
class ArchiveLimits:
    """How large an archive may be.

    Attributes:
        entries: files in it.
        entry_bytes: bytes of one file, unpacked.
        total_bytes: bytes of all files, unpacked.
        inflation: how many times its packed size a file above 1 MiB may have; pictures, which are
            packed already, hardly grow.
    """

    entries: int = 60_000
    entry_bytes: int = 64 * 1024 * 1024
    total_bytes: int = 4 * 1024**3
    inflation: int = 200


DEFAULT_ARCHIVE_LIMITS = ArchiveLimits()


def damaged(detail: str) -> InputError:
    """Makes the error of an archive that breaks off or contradicts itself."""
    return InputError(
        "The archive is damaged", detail, "Make it again, or download it again.", kind="invalid"
    )


def _too_large(detail: str) -> InputError:
    return InputError("The archive is too large", detail, "Split it.", kind="too-large")


def _unsafe(detail: str) -> InputError:
    return InputError(
        "The archive has entries that are not accepted",
        detail,
        "Pack plain files and folders only.",
        kind="invalid",
    )


def is_litter(name: str) -> bool:
    """Tells whether a path is what macOS and Windows leave in folders, or hidden."""
    return any(p.lower() in _LITTER or p.startswith(".") for p in PurePosixPath(name).parts)


def _shown(name: str) -> str:
    return repr(name if len(name) <= 80 else name[:77] + "...")


def _safe_name(info: zipfile.ZipInfo) -> str:
    """Returns the path of an entry with forward slashes, or refuses it."""
    name = info.filename
    if not info.flag_bits & 0x800:
        # Many programs write UTF-8 without saying so; zipfile has read it as code page 437.
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            name = info.filename
    name = name.replace("\\", "/")
    parts = name.split("/")
    if name.startswith("/") or ".." in parts or (len(name) > 1 and name[1] == ":"):
        raise _unsafe(f"The path {_shown(name)} leads out of the archive.")
    if "\0" in name or len(name) > 1000:
        raise _unsafe(f"The name {_shown(name)} cannot be a file's name.")
    return name


class Archive:
    """An open zip archive; nothing of it is ever written to a disk.

    Args:
        path: the file.
        limits: how large it may be.

    Raises:
        InputError: it is no zip, damaged, encrypted, too large, or has unsafe entries.
    """

    def __init__(self, path: Path, limits: ArchiveLimits = DEFAULT_ARCHIVE_LIMITS):
        self.limits = limits
        self._lock = Lock()
        _check_directory(path, limits)
        try:
            self._zip = zipfile.ZipFile(path)
        except (
            zipfile.BadZipFile,
            NotImplementedError,
            ValueError,
            OSError,
            struct.error,
        ) as error:
            raise damaged(f"Its directory cannot be read ({error}).") from error
        try:
            self._entries = self._checked()
        except BaseException:
            self._zip.close()
            raise

    def _checked(self) -> dict[str, zipfile.ZipInfo]:
        infos = self._zip.infolist()
        if len(infos) > self.limits.entries:
            raise _too_large(f"It has {len(infos):,} files; the limit is {self.limits.entries:,}.")
        entries: dict[str, zipfile.ZipInfo] = {}
        seen: set[str] = set()
        total = 0
        for info in infos:
            name = _safe_name(info)
            if name in seen:
                raise _unsafe(f"The name {_shown(name)} occurs twice.")
            seen.add(name)
            if stat.S_ISLNK(info.external_attr >> 16):
                raise _unsafe(f"{_shown(name)} is a link to another file.")
            if info.flag_bits & _ENCRYPTED:
                raise InputError(
                    "The archive is encrypted",
                    f"{_shown(name)} needs a password.",
                    "Pack it again without a password.",
                    kind="unsupported-media",
                )
            if name.endswith("/"):
                continue
            if info.compress_type not in _METHODS:
                raise InputError(
                    "The archive is packed in a way that is not read here",
                    f"{_shown(name)} uses method {info.compress_type}; expected stored or deflate.",
                    "Pack it again as an ordinary zip.",
                    kind="unsupported-media",
                )
            total += info.file_size
            self._check_size(name, info)
            entries[name] = info
        if total > self.limits.total_bytes:
            raise _too_large(
                f"Its files have {total:,} bytes; the limit is {self.limits.total_bytes:,}."
            )
        return entries

    def _check_size(self, name: str, info: zipfile.ZipInfo) -> None:
        grown = info.file_size > self.limits.inflation * max(1, info.compress_size)
        if info.file_size > 1024 * 1024 and grown:
            raise _too_large(
                f"{_shown(name)} would grow from {info.compress_size:,} bytes to"
                f" {info.file_size:,}."
            )

    def close(self) -> None:
        """Closes the file."""
        self._zip.close()

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[str]:
        """Goes through the names of the files, in the order of the archive."""
        return iter(self._entries)

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def names(self) -> list[str]:
        """Returns the names of the files that a person put there, in the order of the archive."""
        return [name for name in self._entries if not is_litter(name)]

    def read(self, name: str, limit: int | None = None) -> bytes:
        """Unpacks a file.

        Args:
            name: one of the names.
            limit: at most so many bytes; the archive's `entry_bytes` where None.

        Raises:
            InputError: it is missing, larger, or not what the directory says.
        """
        if name not in self._entries:
            raise damaged(f"It has no {name}.")
        info = self._entries[name]
        limit = self.limits.entry_bytes if limit is None else limit
        if info.file_size > limit:
            raise _too_large(
                f"{_shown(name)} has {info.file_size:,} bytes; the limit is {limit:,}."
            )
        try:
            with self._lock, self._zip.open(info) as file:
                data = file.read(limit + 1)
        except _UNREADABLE as error:
            raise damaged(f"{_shown(name)} cannot be unpacked ({error}).") from error
        if len(data) != info.file_size:
            raise damaged(
                f"{_shown(name)} has {len(data):,} bytes; the directory says {info.file_size:,}."
            )
        return data


def _check_directory(path: Path, limits: ArchiveLimits) -> None:
    """Bounds the directory of an archive before zipfile reads it into memory."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - 65_536 - _END_SIZE))
        tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_SIZE:
        raise damaged("It has no directory at its end; it may be cut off.")
    # Entries on this disk, entries, bytes of the directory: 0xffff and 0xffffffff mean ZIP64.
    count, length = struct.unpack_from("<H I", tail, at + 10)
    if count != 0xFFFF and count > limits.entries:
        raise _too_large(f"It has {count:,} files; the limit is {limits.entries:,}.")
    longest = limits.entries * 256
    if length > longest and length != 0xFFFFFFFF:
        raise _too_large(f"Its directory has {length:,} bytes; the limit is {longest:,}.")
    if count == 0xFFFF or length == 0xFFFFFFFF:
        # The true numbers are 64-bit ones elsewhere; the room before the end bounds both.
        real = tail.rfind(b"PK\x06\x06", 0, at)
        if real < 0 or at - real < 56:
            return
        count, length = struct.unpack_from("<Q Q", tail, real + 32)
        if count > limits.entries or length > longest:
            raise _too_large(f"It has {count:,} files; the limit is {limits.entries:,}.")
