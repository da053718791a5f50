"""What can go wrong in a conversion, in words for the person who started it."""

from __future__ import annotations


class ConversionError(Exception):
    """Tell the person what was received, what was expected and what to do.

    The text is complete sentences; the command line prints it and exits with 1.
    """
