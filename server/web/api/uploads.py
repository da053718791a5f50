"""Reads the pictures of a multipart request, all or none."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import request
from werkzeug.datastructures import FileStorage

from ...errors import Problem
from ..services import settings

T = TypeVar("T")

#: Decoding a picture may take its pixels' memory many times over; so many at the same time.
_decoders = threading.BoundedSemaphore(4)


@dataclass(frozen=True)
class Upload:
    """One file of a request: its name as sent, its content."""

    name: str
    data: bytes


def uploaded(field: str = "file") -> list[Upload]:
    """Returns the files of the request.

    Args:
        field: the name of the form's field.

    Raises:
        Problem: it is no multipart request, has no file, too many, or a file in another field.
    """
    if request.mimetype != "multipart/form-data":
        raise Problem(
            "unsupported-media",
            "The request carries no form with files.",
            received=request.mimetype or "no Content-Type",
            expected="multipart/form-data",
            hint=f"With curl: -F {field}=@picture.jpg",
        )
    storages = request.files.getlist(field)
    if not storages:
        received = sorted(set(request.files) | set(request.form)) or "an empty form"
        raise Problem(
            "invalid",
            f"The form has no file in the field {field!r}.",
            received=received,
            expected=f"one or more files in the field {field!r}",
        )
    most = settings().max_files
    if len(storages) > most:
        raise Problem(
            "too-large",
            f"The form has {len(storages):,} files.",
            received=len(storages),
            expected=f"at most {most:,} in one request",
            hint="Send them in several requests.",
        )
    return [_read(storage) for storage in storages]


def _read(storage: FileStorage) -> Upload:
    name = (storage.filename or "file").replace("\\", "/").rpartition("/")[2][:200] or "file"
    return Upload(name, storage.stream.read())


def parallel(field: str, count: int) -> list[str | None]:
    """Returns the values of a field: one for each file, or one for all of them.

    Raises:
        Problem: there are neither none, one nor as many as files.
    """
    values = request.form.getlist(field)
    if len(values) in (0, 1) and field != "id":
        return [values[0] or None if values else None] * count
    if len(values) in (0, count):
        return [value or None for value in values] or [None] * count
    raise Problem(
        "invalid",
        f"The field {field!r} comes {len(values)} times with {count} files.",
        received=len(values),
        expected=f"none or {count}" if field == "id" else f"none, one or {count}",
    )


def each(uploads: list[Upload], read: Callable[[bytes], T]) -> list[T]:
    """Decodes each file.

    Args:
        uploads: the files.
        read: decodes one; raises `InputError` where it cannot.

    Raises:
        Problem: one or more files cannot be used; names each of them and why.
    """
    from ...learning.errors import InputError
    from ..problems import INPUT_KINDS

    results: list[T] = []
    errors: list[dict[str, Any]] = []
    kinds: set[str] = set()
    for index, upload in enumerate(uploads):
        try:
            with _decoders:
                results.append(read(upload.data))
        except InputError as error:
            kinds.add(INPUT_KINDS[error.kind])
            errors.append(
                {
                    "file": upload.name,
                    "index": index,
                    "title": error.title,
                    "detail": error.detail,
                    "hint": error.hint,
                }
            )
    if errors:
        raise _unreadable(errors, kinds, len(uploads))
    return results


def _unreadable(errors: list[dict[str, Any]], kinds: set[str], count: int) -> Problem:
    names = ", ".join(repr(entry["file"]) for entry in errors[:5])
    more = f" and {len(errors) - 5} more" if len(errors) > 5 else ""
    only = errors[0] if len(errors) == 1 else None
    why = f"{only['title']}. {only['detail']}" if only else "cannot be read."
    return Problem(
        next(iter(kinds)) if len(kinds) == 1 else "invalid",
        f"{names}{more}: {why}" + (" Nothing was stored." if count > 1 else ""),
        received=[entry["file"] for entry in errors],
        expected="pictures: JPEG, PNG, WebP, GIF or BMP",
        hint=only["hint"] if only else "Leave these files out, or save them as JPEG.",
        errors=errors,
    )


def picture_limits() -> Any:
    """Returns the limits on one picture."""
    from ...learning.pictures import Limits

    return Limits(bytes=settings().max_picture, pixels=settings().max_pixels)
