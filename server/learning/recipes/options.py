"""What can be chosen for a training: one table a recipe, read and checked in one place."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import InputError

_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}


@dataclass(frozen=True)
class Option:
    """One row: what it is called, what it may be, and what it does.

    Attributes:
        name: as in `--option name=value`.
        kind: "int", "float", "choice" or "bool".
        default: used where it is not given; None where the recipe decides.
        help: one sentence for people.
        low, high: of numbers, both allowed.
        choices: of "choice".
    """

    name: str
    kind: str
    default: Any
    help: str
    low: float | None = None
    high: float | None = None
    choices: Sequence[str] = ()

    def expected(self) -> str:
        """Says what it may be."""
        if self.kind in ("int", "float"):
            number = "a whole number" if self.kind == "int" else "a number"
            words = f"{number} from {self.low:g} to {self.high:g}"
        else:
            words = "true or false" if self.kind == "bool" else f"one of {', '.join(self.choices)}"
        return words if self.default is not None else f"{words}, or auto"

    def read(self, value: Any) -> Any:
        """Reads a value, or the text of one; None and "auto" where the recipe decides.

        Raises:
            InputError: it is not what is expected.
        """
        if self.default is None and (value is None or value == "auto"):
            return None
        found = _READERS[self.kind](self, value)
        if found is None:
            raise InputError(
                "An option has a value that cannot be used",
                f"Received {self.name} = {value!r:.60}; expected {self.expected()}.",
                self.help,
            )
        return found

    def describe(self) -> dict[str, Any]:
        """Returns the row as JSON values."""
        members = ("name", "kind", "default", "help", "low", "high")
        return {m: getattr(self, m) for m in members} | {"choices": list(self.choices)}


def _number(option: Option, value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    assert option.low is not None and option.high is not None
    return number if option.low <= number <= option.high else None


def _int(option: Option, value: Any) -> int | None:
    number = _number(option, value)
    return int(number) if number is not None and number == int(number) else None


def _choice(option: Option, value: Any) -> str | None:
    return value if value in option.choices else None


def _bool(option: Option, value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    return word in _TRUE if word in _TRUE | _FALSE else None


_READERS = {"int": _int, "float": _number, "choice": _choice, "bool": _bool}

#: What every recipe has.
COMMON = (
    Option("seed", "int", 1, "Numbers everything random; the same seed gives the same result.",
           0, 2**31 - 1),
    Option("test", "float", 0.2, "Share of the pictures that is kept for the last judgement and"
           " never looked at before.", 0.0, 0.8),
    Option("validation", "float", 0.15, "Share of the pictures by which the training is steered.",
           0.0, 0.5),
    Option("balance", "bool", True, "Let every class count the same, however many pictures it"
           " has."),
    Option("finalise", "bool", False, "After it was judged, train once more on every picture."),
)  # fmt: skip


def read_options(table: Sequence[Option], given: Mapping[str, Any]) -> dict[str, Any]:
    """Checks what was chosen and fills in the rest.

    Args:
        table: the recipe's own options and the common ones.
        given: name to value, or to the text of one.

    Returns:
        A value for every option, in the order of the table.

    Raises:
        InputError: an option is unknown or has a value that cannot be used.
    """
    by_name = {option.name: option for option in table}
    for name in given:
        if name not in by_name:
            close = difflib.get_close_matches(str(name), list(by_name), 1)
            raise InputError(
                "There is no such option",
                f"Received {name!r:.60}; expected one of {', '.join(by_name)}.",
                f"Did you mean {close[0]}?" if close else "",
            )
    return {
        option.name: option.read(given[option.name]) if option.name in given else option.default
        for option in table
    }
