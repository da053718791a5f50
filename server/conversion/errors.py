"""What can go wrong in a conversion, in words for the person who started it."""

from __future__ import annotations


class ConversionError(Exception):
    """Tell the person what was received, what was expected and what to do.

    Args:
        text: complete sentences; the command line prints them and exits with 1.
        title: what failed, in a few words, for a page.
        detail: what happened, without what to do; the text if it is not given.
        hint: what to do, for a person who sees the page and not the command line.
    """

    def __init__(
        self,
        text: str,
        *,
        title: str = "The backbone could not be converted",
        detail: str = "",
        hint: str = "",
    ):
        super().__init__(text)
        self.title, self.detail, self.hint = title, detail or text, hint

    def as_dict(self) -> dict[str, str]:
        """Return title, detail and hint."""
        return {"title": self.title, "detail": self.detail, "hint": self.hint}
