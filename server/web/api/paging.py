"""Parts of lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def offset_of(page: int, page_size: int) -> int:
    """Returns how many items come before a page; the first page is 1."""
    return (page - 1) * page_size


def page_of(items: Sequence[Any], page: int, page_size: int) -> list[Any]:
    """Returns the items of a page."""
    start = offset_of(page, page_size)
    return list(items[start : start + page_size])
