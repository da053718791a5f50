"""The errors that outside data can cause, told so that a person can act on them."""

from __future__ import annotations

#: What an `InputError` may be about; the web layer maps each kind to a status code.
KINDS = ("unsupported-media", "too-large", "invalid", "mismatch")


class InputError(Exception):
    """Says that something given to us cannot be used.

    Args:
        title: what is wrong, in a few words.
        detail: what was received and what was expected.
        hint: how to mend it, or an empty string.
        kind: one of `KINDS`.
    """

    def __init__(self, title: str, detail: str = "", hint: str = "", kind: str = "invalid"):
        if kind not in KINDS:
            raise ValueError(f"kind is {kind!r}, expected one of {', '.join(KINDS)}")
        super().__init__(": ".join(part for part in (title, detail) if part))
        self.title = title
        self.detail = detail
        self.hint = hint
        self.kind = kind
