"""The official backbones that are offered to people with a network. Imports no TensorFlow."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import ConversionError
from .names import KNOWN_SHA256, Choice, published_file, read_name

Accuracy = dict[str, dict[str, float]]


@dataclass(frozen=True)
class Official:
    """Describe one backbone that is offered.

    Args:
        name: of its folder.
        title: how people call it.
        description: one sentence on what it is good for.
        licence: of the weights.
        download_bytes: of the published file, None where it is not known beforehand.
        bytes: of what a page loads, once converted.
        macs: multiply-adds for one picture.
        input_size: side in pixels.
        embedding_size: numbers.
        has_top: with the 1,000 ImageNet classes.
        accuracy: `{collection: {examples per class: mean}}` as in docs/accuracy.md; None where it
            was never measured.
    """

    name: str
    title: str
    description: str
    licence: str
    download_bytes: int | None
    bytes: int
    macs: int
    input_size: int
    embedding_size: int
    has_top: bool
    accuracy: Accuracy | None = None

    @property
    def choice(self) -> Choice:
        """Return family, alpha and size."""
        return read_name(self.name)

    @property
    def top(self) -> bool | None:
        """Return what to ask for: None takes a file without the classes too if that one is here."""
        return None if self.has_top else False

    @property
    def published(self) -> dict[str, str | None]:
        """Return the file's name, address, and the hashes that it is known to have."""
        file_name, url, md5 = published_file(self.choice, self.has_top)
        return {"file": file_name, "url": url, "md5": md5, "sha256": KNOWN_SHA256.get(file_name)}


OFFICIAL: dict[str, Official] = {
    official.name: official
    for official in (
        Official(
            name="mobilenet_v2_0.35_224",
            title="MobileNetV2 0.35",
            description="Small, quick and right for nearly everything; the eyes that Teachable"
            " Machine has.",
            licence="Apache-2.0",
            download_bytes=2_019_640,
            bytes=870_523,
            macs=58_005_808,
            input_size=224,
            embedding_size=1280,
            has_top=False,
            accuracy={
                "superheroes": {"5": 0.9666, "20": 0.9808, "50": 0.9868},
                "digits": {"1": 0.421, "5": 0.584, "20": 0.6958, "50": 0.7352},
            },
        ),
        Official(
            name="mobilenet_v2_1.00_224",
            title="MobileNetV2 1.0",
            description="Sees fine differences and names 1,000 things by itself, but is larger and"
            " slower.",
            licence="Apache-2.0",
            download_bytes=14_536_120,
            bytes=7_069_720,
            macs=300_774_272,
            input_size=224,
            embedding_size=1280,
            has_top=True,
            accuracy={
                "superheroes": {"5": 0.9543, "20": 0.9792, "50": 0.9857},
                "digits": {"1": 0.4412, "5": 0.6084, "20": 0.7224, "50": 0.7673},
            },
        ),
        Official(
            name="mobilenet_v3_small_1.00_224",
            title="MobileNetV3 Small",
            description="The least work for a small computer; each example takes little room.",
            licence="Apache-2.0",
            download_bytes=None,
            bytes=1_977_636,
            macs=54_896_576,
            input_size=224,
            embedding_size=576,
            has_top=False,
        ),
    )
}


def official(name: str) -> Official:
    """Return the entry of a name, in any spelling that `read_name` knows.

    Raises:
        ConversionError: it is not offered; lists those that are.
    """
    found = OFFICIAL.get(name) or OFFICIAL.get(read_name(name).name)
    if found is None:
        raise ConversionError(
            f"{name} is none of the official backbones: {', '.join(OFFICIAL)}. Others are "
            "converted with python convert_models.py NAME."
        )
    return found
