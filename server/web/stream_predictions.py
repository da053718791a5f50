"""What a prediction is that a page sends to the stream, member by member."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ..errors import Problem
from ..storage.values import MAX_LABEL, is_id, iso, parse_time

#: Scores in a prediction, the best ones.
MOST_SCORES = 50


def _text(longest: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and 0 < len(value) <= longest


def _optional(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or check(value)


def _is_number(value: Any) -> bool:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_number and math.isfinite(value)


def _is_share(value: Any) -> bool:
    return _is_number(value) and 0 <= value <= 1


def _is_player(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 8


def _is_time(value: Any) -> bool:
    if not isinstance(value, str) or len(value) > 40:
        return False
    try:
        parse_time(value)
    except Problem:
        return False
    return True


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


#: The members of a score: how each is checked, and what was expected.
SCORE: dict[str, tuple[Callable[[Any], bool], str]] = {
    "class_id": (is_id, "a UUID"),
    "label": (_text(MAX_LABEL), f"1 to {MAX_LABEL} characters"),
    "score": (_is_share, "a number from 0 to 1"),
}


def _are_scores(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= MOST_SCORES
        and all(
            isinstance(score, dict)
            and score.keys() == SCORE.keys()
            and all(check(score[name]) for name, (check, _) in SCORE.items())
            for score in value
        )
    )


#: The members of a prediction: how each is checked, and what was expected. Those that may be null
#: may be left out.
PREDICTION: dict[str, tuple[Callable[[Any], bool], str]] = {
    "at": (_is_time, "a time such as 2026-01-31T09:30:00.000Z"),
    "page": (_text(20), "the name of a page, at most 20 characters"),
    "page_id": (_text(40), "at most 40 characters that tell the page from others"),
    "label": (_optional(_text(MAX_LABEL)), f"1 to {MAX_LABEL} characters, or null"),
    "class_id": (_optional(is_id), "a UUID or null"),
    "confidence": (_optional(_is_share), "a number from 0 to 1, or null"),
    "unknown": (_is_flag, "true or false"),
    "none": (_is_share, "a number from 0 to 1"),
    "scores": (_are_scores, f"at most {MOST_SCORES} of {{class_id, label, score}}"),
    "value": (_optional(_is_number), "a number or null"),
    "classifier": (_optional(is_id), "a UUID or null"),
    "action": (_optional(_text(20)), "at most 20 characters, or null"),
    "player": (_optional(_is_player), "1 to 8, or null"),
}


def checked(data: Any) -> dict[str, Any]:
    """Checks a prediction that a page sends.

    Args:
        data: what came.

    Returns:
        It, with every member of `PREDICTION`, in their order; times in one form.

    Raises:
        Problem: it is none; names the first member that is not as expected.
    """
    if not isinstance(data, dict):
        raise Problem("invalid", "This is no prediction.", expected="an object")
    known = {"project_id", *PREDICTION}
    for name in data:
        if name not in known:
            raise Problem(
                "invalid",
                "A prediction has no such member.",
                received=f"{name}"[:40],
                expected=[*known],
            )
    if not is_id(data.get("project_id")):
        raise Problem(
            "invalid",
            "The member project_id is not as expected.",
            received=shortened(data.get("project_id")),
            expected="a UUID",
        )
    result = {"project_id": data["project_id"]}
    for name, (check, expected) in PREDICTION.items():
        value = data.get(name)
        if not check(value):
            raise Problem(
                "invalid",
                f"The member {name} is not as expected.",
                received=shortened(value),
                expected=expected,
            )
        result[name] = value
    result["at"] = iso(parse_time(result["at"]))
    return result


def shortened(value: Any) -> Any:
    """Returns a value that may be shown: a large one is not sent back whole."""
    text = f"{value!r}"
    return value if len(text) <= 100 else f"{text[:100]}…"
