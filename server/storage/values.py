"""What names, labels, colours, ids and times look like, wherever they come from."""

from __future__ import annotations

import re
import time
import unicodedata
import uuid
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from ..errors import Problem

MAX_LABEL = 100
MAX_NAME = 200
MAX_CLASSES = 1000

#: Given to classes in their order; told apart by most people with colour-blindness too.
COLORS = (
    "#e4572e", "#2e86ab", "#f2b134", "#6a994e", "#8e5ea2", "#d1495b", "#00a39b", "#7f6a52",
)  # fmt: skip

DEFAULT_SETTINGS: dict[str, Any] = {
    "k": 10,
    "tolerance": 1.5,
    "smoothing_ms": 200,
    "mirror": True,
}

#: Settings that a project need not have.
OPTIONAL_SETTINGS = ("play", "outputs")

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_COLOR = re.compile(r"#[0-9a-f]{6}")


def merged_settings(there: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """Returns settings after a change; None takes an optional one away."""
    after = {**there, **patch}
    return {k: v for k, v in after.items() if v is not None or k not in OPTIONAL_SETTINGS}


def new_id() -> str:
    """Makes a UUID."""
    return str(uuid.uuid4())


def is_id(value: object) -> bool:
    """Tells whether a value is a UUID in lower-case hex with dashes."""
    return isinstance(value, str) and _UUID.fullmatch(value) is not None


def clean_id(value: str, what: str) -> str:
    """Checks an id that came from outside.

    Raises:
        Problem: it is not a UUID.
    """
    if not is_id(value):
        raise Problem(
            "invalid",
            f"The {what} is not a UUID.",
            received=value,
            expected="a UUID in lower case, such as 1b4e28ba-2fa1-41d2-883f-0016d3cca427",
        )
    return value


def clean_text(value: object, what: str, longest: int) -> str:
    """Trims a name, brings it to Unicode's composed form and checks it.

    Raises:
        Problem: it is empty, too long, or has control characters.
    """
    expected = f"1 to {longest} characters, without control characters"
    if not isinstance(value, str):
        raise Problem("invalid", f"The {what} is not a text.", received=value, expected=expected)
    text = unicodedata.normalize("NFC", value).strip()
    bad = any(unicodedata.category(c) in ("Cc", "Cs") for c in text)
    if not 1 <= len(text) <= longest or bad:
        shown = text.encode("utf-8", "replace").decode()[:longest]
        raise Problem("invalid", f"The {what} cannot be used.", received=shown, expected=expected)
    return text


def clean_label(value: object) -> str:
    """Checks the label of a class; see `clean_text`."""
    return clean_text(value, "label", MAX_LABEL)


def clean_color(value: object) -> str:
    """Checks a colour.

    Raises:
        Problem: it is not "#" and six hexadecimal digits.
    """
    text = value.lower() if isinstance(value, str) else value
    if not isinstance(text, str) or not _COLOR.fullmatch(text):
        raise Problem(
            "invalid", "The colour cannot be used.", received=value, expected="such as #2e86ab"
        )
    return text


def now_ms() -> int:
    """Returns the time in milliseconds since 1970, UTC."""
    return time.time_ns() // 1_000_000


def iso(milliseconds: int) -> str:
    """Writes a time as ISO 8601 in UTC, with milliseconds."""
    moment = datetime.fromtimestamp(milliseconds // 1000, timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03d}Z"


def parse_time(text: str) -> int:
    """Reads an ISO 8601 time; without an offset it is UTC.

    Returns:
        Milliseconds since 1970, UTC.

    Raises:
        Problem: it is no time, or not between the years 1970 and 9999.
    """
    try:
        # Python 3.10 reads neither "Z" nor one or two digits of a second's fraction.
        padded = re.sub(r"\.(\d+)", lambda m: "." + m[1][:6].ljust(6, "0"), text.strip())
        moment = datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", padded))
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=timezone.utc)
        milliseconds = round(moment.timestamp() * 1000)
        if milliseconds < 0:
            raise ValueError
        return milliseconds
    except (ValueError, OverflowError):
        raise Problem(
            "invalid",
            "The time cannot be read.",
            received=text,
            expected="ISO 8601, such as 2026-01-31T09:30:00.000Z",
        ) from None
