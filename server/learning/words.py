"""How numbers are told to people, alike in a report's sentences, file and terminal."""

from __future__ import annotations

from collections.abc import Sequence


def percent(share: float | None) -> str:
    """Writes a share 0 to 1 as "96 %", near its ends with a decimal: 99.6 % is not 100 %."""
    if share is None:
        return "–"
    rounded = round(100 * share)
    if (rounded in (0, 100)) and 0 < share < 1:
        text = f"{100 * share:.1f}"
        if text == "100.0":
            return "over 99.9 %"
        return "under 0.1 %" if text == "0.0" else f"{text} %"
    return f"{rounded} %"


def between(interval: Sequence[float]) -> str:
    """Writes the interval of a share as "between 91 % and 98 %"."""
    low, high = (percent(end) for end in interval)
    return f"about {low}" if low == high else f"between {low} and {high}"


def number(value: float | None) -> str:
    """Writes a number with three digits that count, "–" for None."""
    return "–" if value is None else f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def count(n: int, one: str, many: str | None = None) -> str:
    """Writes "1 picture", "1,200 pictures"."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def listing(names: Sequence[str], most: int = 5) -> str:
    """Writes "a, b and c", "a, b and 4 more"."""
    shown = list(names[:most])
    if len(names) > most:
        shown.append(f"{len(names) - most} more")
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)
