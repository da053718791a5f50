"""Whether a network is the one that it is called: its answers to the golden pictures.

Keras publishes no hash for MobileNetV2, and one network comes in files of many hashes. So what the
weights do is compared with what those did that docs/accuracy.md was measured with. Kept of their
embeddings is every 40th number. Imports no TensorFlow.

    python -m server.conversion.known FOLDER ...    remember the answers of converted folders
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from .catalogue import OFFICIAL, Accuracy
from .golden import COUNT, golden_pictures
from .parity import cosines, run_litert

STEP = 40
#: Rounding to float16 moves an answer by less (0.9993 at worst), another training by far more.
SAME = 0.999
PATH = Path(__file__).with_name("known_answers.json")


def abridged(embeddings: np.ndarray) -> np.ndarray:
    """Return every 40th number of each embedding: `[n, D]` to `[n, D / 40]`."""
    return embeddings[:, ::STEP]


def answers() -> dict[str, np.ndarray]:
    """Return the remembered answers by backbone, float16 `[8, D / 40]`."""
    kept = json.loads(PATH.read_text(encoding="utf-8"))
    return {
        name: np.frombuffer(base64.b64decode(text), "<f2").reshape(COUNT, -1)
        for name, text in kept.items()
    }


def likeness(name: str, embeddings: np.ndarray) -> float | None:
    """Compare with the remembered answers of a backbone.

    Args:
        name: of the backbone.
        embeddings: of the golden pictures, `[8, D]`.

    Returns:
        The smallest cosine over the pictures, 0 for another length; None if nothing is remembered.
    """
    expected = answers().get(name)
    if expected is None:
        return None
    found = abridged(embeddings)
    return float(cosines(expected, found).min()) if found.shape == expected.shape else 0.0


def judge(
    name: str, embeddings: np.ndarray, hash_is_right: bool, report: Callable[[str], None]
) -> Accuracy:
    """Tell in one line whether this is the known network.

    Args:
        name: of the backbone.
        embeddings: of the golden pictures, `[8, D]`.
        hash_is_right: whether the file has the hash that is published for it.
        report: is told the line.

    Returns:
        The accuracy that was measured with the known network if it is this one, else {}.
    """
    found = likeness(name, embeddings)
    if found is None:
        return {}
    entry = OFFICIAL[name]
    if found >= SAME:
        report(f"Answers as the known {entry.title} does: cosine {found:.4f}")
        return entry.accuracy or {}
    if hash_is_right:
        report(f"The published file, but not the weights of docs/accuracy.md (cosine {found:.4f})")
    else:
        report(f"WARNING: answers otherwise than the known {entry.title}: cosine {found:.4f}")
    report("So its accuracy is not measured; docs/accuracy.md says how to do that.")
    return {}


def remember(folders: list[Path]) -> None:
    """Write the answers of converted folders into the file that is committed."""
    kept = {}
    for folder in folders:
        size = json.loads((folder / "backbone.json").read_text(encoding="utf-8"))["input_size"]
        outputs, _ = run_litert(folder / "backbone.tflite", golden_pictures(size))
        numbers = abridged(outputs["embedding"]).astype("<f2")
        kept[folder.name] = base64.b64encode(numbers.tobytes()).decode()
    PATH.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    remember([Path(argument) for argument in sys.argv[1:]])
