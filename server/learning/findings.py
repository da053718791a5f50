"""What a diagnosis is made of."""

from __future__ import annotations

from typing import TypedDict

GOOD, WARNING, BAD = "good", "warning", "bad"


class Finding(TypedDict):
    """One thing to know.

    Attributes:
        kind: which rule speaks.
        level: "good", "warning" or "bad".
        text: what is so, in one or two sentences.
        advice: what to try; may be empty.
    """

    kind: str
    level: str
    text: str
    advice: str
