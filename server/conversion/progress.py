"""How far a conversion is, as a number that only grows. Imports no TensorFlow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

#: The part of the whole that the download is.
DOWNLOAD = 0.5

#: What `pipeline.convert` has done -> how far the whole is then, the phase that begins, and what is
#: being done from then on. Shares of time measured with MobileNetV2 0.35 on two cores.
STEPS: dict[str, tuple[float, str, str]] = {
    "fetched": (DOWNLOAD, "convert", "Starting TensorFlow and reading the weights"),
    "read": (0.65, "convert", "Folding batch normalisation"),
    "folded": (0.72, "convert", "Writing the model for the browser"),
    "tfjs": (0.82, "convert", "Writing the model for the server"),
    "tflite": (0.88, "convert", "Writing the model for Keras"),
    "keras": (0.91, "check", "Comparing with LiteRT"),
    "litert": (0.93, "check", "Comparing with a browser"),
}


def megabytes(count: int) -> str:
    """Write a number of bytes for people: `1.2 MB`."""
    return f"{count / 1e6:.1f} MB"


class Progress:
    """Turns what a conversion reports into events.

    Args:
        tell: is given each event: `phase`, `fraction` 0 to 1, `received_bytes`, `total_bytes`,
            `message`.
        expected: bytes of the download, for an address that does not say.
    """

    def __init__(self, tell: Callable[[dict[str, Any]], None], expected: int | None = None):
        self._tell = tell
        self._expected = expected
        self._bytes: tuple[int, int | None] = (0, expected)

    def _event(self, phase: str, fraction: float, message: str) -> None:
        received, total = self._bytes
        self._tell(
            {
                "phase": phase,
                "fraction": round(fraction, 4),
                "received_bytes": received,
                "total_bytes": total,
                "message": message,
            }
        )

    def received(self, count: int, total: int | None) -> None:
        """Take in how many bytes have arrived, of how many."""
        total = total or self._expected
        self._bytes = (count, total)
        share = min(count / total, 1.0) if total else 0.0
        of = f" of {megabytes(total)}" if total else ""
        self._event("download", DOWNLOAD * share, f"Downloading: {megabytes(count)}{of}")

    def reached(self, step: str) -> None:
        """Take in that a step is done, a key of `STEPS`."""
        fraction, phase, message = STEPS[step]
        self._event(phase, fraction, message)
