"""Settings that speak of classes: what one does in games (`play`), what it sets off (`outputs`).

The page writes both; here their shape is checked, wherever they come from. docs/formats.md has it
in words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Container, Mapping
from typing import Any

#: Most bytes of each, as JSON.
MOST_BYTES = 65_536
#: Most outputs of one class.
MOST_OUTPUTS = 20
#: What an output can be.
OUTPUT_KINDS = ("sound", "file", "speech", "picture", "emoji", "text", "hook", "midi", "serial")

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_WORD = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")
_UUID_WORDS = "the id of a class, a UUID in lower case"
_WORD_WORDS = "a word of a-z, 0-9, '-' and '_', at most 40"

Check = Callable[[object, str], None]


class ShapeError(ValueError):
    """A value is not what it should be; says where, what was received and what was expected."""

    def __init__(self, where: str, received: object, expected: str) -> None:
        super().__init__(f"{where}: received {_short(received)}, expected {expected}.")


def check_play(value: object) -> None:
    """Checks what a class does in games.

    Args:
        value: `{bindings: {game: {scheme, map: {class id: action or None}}}, control:
            {smoothing_ms, hold_ms, repeat_ms, repeat_delay_ms, thresholds: {action: {on, off}}},
            calibration: None or {at, game, accuracy, interval, median_ms, p95_ms}}`, each optional.

    Raises:
        ShapeError: it is something else, or of more than `MOST_BYTES`.
    """
    _small(value, "play")
    _fields({"bindings": _BINDINGS, "control": _CONTROL, "calibration": _CALIBRATION})(
        value, "play"
    )


def check_outputs(value: object) -> None:
    """Checks what each class sets off.

    Args:
        value: `{class id: [{kind, ...}]}`.

    Raises:
        ShapeError: it is something else, or of more than `MOST_BYTES`.
    """
    _small(value, "outputs")
    _mapping(_ID, _UUID_WORDS, _outputs)(value, "outputs")


#: By name of the setting.
CHECKS: dict[str, Callable[[object], None]] = {"play": check_play, "outputs": check_outputs}


def of_classes(name: str, value: Mapping[str, Any], ids: Container[str]) -> dict[str, Any]:
    """Returns a checked setting without what it says of classes that are not there.

    Args:
        name: of the setting.
        value: what `CHECKS[name]` lets pass.
        ids: of the classes that there are.
    """
    if name == "outputs":
        return {key: outputs for key, outputs in value.items() if key in ids}
    bindings = {
        game: {**binding, "map": {k: v for k, v in binding.get("map", {}).items() if k in ids}}
        for game, binding in value.get("bindings", {}).items()
    }
    return {**value, "bindings": bindings} if bindings else dict(value)


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= 80 else f"{text[:79]}…"


def _small(value: object, where: str) -> None:
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        size = len(text.encode())
    except (TypeError, ValueError, RecursionError) as error:
        # NaN is JSON for Python alone: a browser could read nothing that has it in it.
        raise ShapeError(where, repr(value), f"JSON ({error})") from error
    if size > MOST_BYTES:
        raise ShapeError(where, f"{size:,} bytes", f"at most {MOST_BYTES:,}")


def _number(low: float, high: float, optional: bool = False) -> Check:
    words = f"a number from {low:g} to {high:g}{' or null' if optional else ''}"

    def check(value: object, where: str) -> None:
        if optional and value is None:
            return
        if type(value) not in (int, float) or not low <= value <= high:  # type: ignore[operator]
            raise ShapeError(where, value, words)

    return check


def _matching(pattern: re.Pattern[str], words: str, optional: bool = False) -> Check:
    def check(value: object, where: str) -> None:
        if optional and value is None:
            return
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise ShapeError(where, value, f"{words}{' or null' if optional else ''}")

    return check


def _fields(known: Mapping[str, Check], needed: tuple[str, ...] = ()) -> Check:
    words = f"an object of {', '.join(known)}"

    def check(value: object, where: str) -> None:
        if not isinstance(value, dict):
            raise ShapeError(where, value, words)
        for key, item in value.items():
            if key not in known:
                raise ShapeError(where, key, words)
            known[key](item, f"{where}.{key}")
        for key in needed:
            if key not in value:
                raise ShapeError(where, list(value), f"also {key}")

    return check


def _mapping(pattern: re.Pattern[str], words: str, inner: Check) -> Check:
    key_check = _matching(pattern, words)

    def check(value: object, where: str) -> None:
        if not isinstance(value, dict):
            raise ShapeError(where, value, f"an object of {words} to its value")
        for key, item in value.items():
            key_check(key, f"a key of {where}")
            inner(item, f"{where}.{key}")

    return check


def _optional(inner: Check) -> Check:
    def check(value: object, where: str) -> None:
        if value is not None:
            inner(value, where)

    return check


def _interval(value: object, where: str) -> None:
    if not isinstance(value, list) or len(value) != 2:
        raise ShapeError(where, value, "two numbers from 0 to 1")
    for item in value:
        _number(0, 1)(item, where)


def _outputs(value: object, where: str) -> None:
    if not isinstance(value, list) or len(value) > MOST_OUTPUTS:
        raise ShapeError(where, value, f"a list of at most {MOST_OUTPUTS} outputs")
    for position, item in enumerate(value):
        kind = item.get("kind") if isinstance(item, dict) else None
        if kind not in OUTPUT_KINDS:
            raise ShapeError(
                f"{where}[{position}]", item, f"an object whose kind is {', '.join(OUTPUT_KINDS)}"
            )


_word = _matching(_WORD, _WORD_WORDS)
_milliseconds = _number(0, 600_000, optional=True)
_BINDINGS = _mapping(
    _WORD,
    "the name of a game",
    _fields(
        {
            "scheme": _word,
            "map": _mapping(_ID, _UUID_WORDS, _matching(_WORD, _WORD_WORDS, optional=True)),
        },
        ("scheme", "map"),
    ),
)
_CONTROL = _fields(
    {
        "smoothing_ms": _number(0, 2000),
        "hold_ms": _number(0, 2000),
        "repeat_ms": _number(0, 5000),
        "repeat_delay_ms": _number(0, 5000),
        "thresholds": _mapping(
            _WORD, "the name of an action", _fields({"on": _number(0, 1), "off": _number(0, 1)})
        ),
    }
)
_CALIBRATION = _optional(
    _fields(
        {
            "at": _matching(_TIME, "an ISO 8601 time with its zone"),
            "game": _word,
            "accuracy": _number(0, 1),
            "interval": _interval,
            "median_ms": _milliseconds,
            "p95_ms": _milliseconds,
        },
        ("at", "game", "accuracy"),
    )
)
