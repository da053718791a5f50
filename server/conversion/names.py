"""The families of backbones Keras publishes, and how a NAME on the command line is read."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from .errors import ConversionError

BASE_ADDRESS = "https://storage.googleapis.com/tensorflow/keras-applications/"
SAFE_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
SMALLEST_SIZE, LARGEST_SIZE = 32, 512
SMALLEST_ALPHA, LARGEST_ALPHA = 0.05, 4.0


@dataclass(frozen=True)
class Family:
    """Describe one family of `tf_keras.applications`.

    Args:
        title: how people call it.
        architecture: the function of `tf_keras.applications` that builds it.
        alphas, sizes: the widths and input sizes that Keras publishes weights for.
        folder: where the files lie below Keras' download address.
        file_name: (alpha, size, with top) to the published file name.
        md5: file name to the hash that Keras publishes; empty where it publishes none.
        arguments: further arguments for the building function.
        any_size: whether the published file is the same for every input size.
    """

    title: str
    architecture: str
    alphas: tuple[float, ...]
    sizes: tuple[int, ...]
    folder: str
    file_name: Callable[[float, int, bool], str]
    md5: dict[str, str]
    arguments: dict[str, object]
    any_size: bool = False


@dataclass(frozen=True)
class Choice:
    """Name one backbone: a family of Keras (or None for a model of one's own), width and size."""

    name: str
    family: str | None = None
    alpha: float | None = None
    size: int | None = None

    @property
    def keras(self) -> Family:
        """Return the family's entry in the table."""
        assert self.family is not None
        return FAMILIES[self.family]


def _v1_file(alpha: float, size: int, top: bool) -> str:
    width = {1.0: "1_0", 0.75: "7_5", 0.5: "5_0", 0.25: "2_5"}[alpha]
    return f"mobilenet_{width}_{size}_tf{'' if top else '_no_top'}.h5"


def _v2_file(alpha: float, size: int, top: bool) -> str:
    stem = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels"
    return f"{stem}_{float(alpha)}_{size}{'' if top else '_no_top'}.h5"


def _v3_file(kind: str) -> Callable[[float, int, bool], str]:
    def file_name(alpha: float, size: int, top: bool) -> str:
        ending = "" if top else "_no_top_v2"
        return f"weights_mobilenet_v3_{kind}_224_{float(alpha)}_float{ending}.h5"

    return file_name


def _v3(title: str, kind: str, md5: dict[float, tuple[str, str]], minimalistic: bool) -> Family:
    file_name = _v3_file(kind)
    hashes = {}
    for alpha, (with_top, without) in md5.items():
        hashes[file_name(alpha, 224, True)] = with_top
        hashes[file_name(alpha, 224, False)] = without
    return Family(
        title=title,
        architecture="MobileNetV3Large" if kind.startswith("large") else "MobileNetV3Small",
        alphas=tuple(md5),
        sizes=(224,),
        folder="mobilenet_v3",
        file_name=file_name,
        md5=hashes,
        arguments={"include_preprocessing": False, "minimalistic": minimalistic},
        any_size=True,
    )


# The hashes are those that Keras publishes beside the file names (md5: with top, without).
FAMILIES: dict[str, Family] = {
    "mobilenet_v1": Family(
        title="MobileNet",
        architecture="MobileNet",
        alphas=(0.25, 0.5, 0.75, 1.0),
        sizes=(128, 160, 192, 224),
        folder="mobilenet",
        file_name=_v1_file,
        md5={},
        arguments={},
    ),
    "mobilenet_v2": Family(
        title="MobileNetV2",
        architecture="MobileNetV2",
        alphas=(0.35, 0.5, 0.75, 1.0, 1.3, 1.4),
        sizes=(96, 128, 160, 192, 224),
        folder="mobilenet_v2",
        file_name=_v2_file,
        md5={},
        arguments={},
    ),
    "mobilenet_v3_small": _v3(
        "MobileNetV3 Small",
        "small",
        {
            0.75: ("cb65d4e5be93758266aa0a7f2c6708b7", "ebdb5cc8e0b497cd13a7c275d475c819"),
            1.0: ("8768d4c2e7dee89b9d02b2d03d65d862", "d3e8ec802a04aa4fc771ee12a9a9b836"),
        },
        minimalistic=False,
    ),
    "mobilenet_v3_large": _v3(
        "MobileNetV3 Large",
        "large",
        {
            0.75: ("765b44a33ad4005b3ac83185abf1d0eb", "40af19a13ebea4e2ee0c676887f69a2e"),
            1.0: ("59e551e166be033d707958cf9e29a6a7", "07fb09a5933dd0c8eaafa16978110389"),
        },
        minimalistic=False,
    ),
    "mobilenet_v3_small_minimalistic": _v3(
        "MobileNetV3 Small minimalistic",
        "small_minimalistic",
        {1.0: ("99cd97fb2fcdad2bf028eb838de69e37", "cde8136e733e811080d9fcd8a252f7e4")},
        minimalistic=True,
    ),
    "mobilenet_v3_large_minimalistic": _v3(
        "MobileNetV3 Large minimalistic",
        "large_minimalistic",
        {1.0: ("675e7b876c45c57e9e63e6d90a36599c", "ec5221f64a2f6d1ef965a614bdae7973")},
        minimalistic=True,
    ),
}

# Keras publishes no hash for MobileNetV2. This SHA-256 is stated by several public projects that
# have nothing to do with each other; of the other files no hash is known from two such places.
KNOWN_SHA256: dict[str, str] = {
    "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224.h5": (
        "3e195a2857356cfc092cbbb460beb2a5bce279015d7792598b8d3d9e451902e3"
    ),
}

# What people also write, after lower-casing and dropping everything but letters and digits.
_SPELLINGS = {re.sub(r"[^a-z0-9]", "", key): key for key in FAMILIES} | {
    "mobilenet": "mobilenet_v1"
}
_NAME = re.compile(r"(?P<family>.*?)(?:[_-](?P<alpha>\d\.\d+))?(?:[_-](?P<size>\d{2,3}))?")


def read_name(name: str, alpha: float | None = None, size: int | None = None) -> Choice:
    """Read a NAME such as `mobilenet_v2_0.35_224`, `MobileNetV3Small` or `my_own_eyes`.

    Args:
        name: a family, optionally followed by `_alpha` and `_size`; anything else names a model
            of one's own (lower-case letters, digits, `_`, `-`, `.`).
        alpha: width multiplier, overrules the one in the name. Default 1.0.
        size: input size in pixels, overrules the one in the name. Default 224.

    Raises:
        ConversionError: the name, alpha or size cannot be used.
    """
    match = _NAME.fullmatch(name.strip())
    family = _SPELLINGS.get(re.sub(r"[^a-z0-9]", "", match["family"].lower())) if match else None
    if family is None:
        if not SAFE_NAME.fullmatch(name):
            raise ConversionError(
                f"The name {name!r} cannot be a folder's name. Use lower-case letters, digits, "
                f"'_', '-' and '.', or one of Keras' families: {', '.join(FAMILIES)}."
            )
        choice = Choice(name, None, alpha, size)
    else:
        alpha = alpha if alpha is not None else float(match["alpha"] or 1.0)
        size = size if size is not None else int(match["size"] or 224)
        choice = Choice(f"{family}_{alpha:.2f}_{size}", family, alpha, size)
    if choice.alpha is not None and not SMALLEST_ALPHA <= choice.alpha <= LARGEST_ALPHA:
        raise ConversionError(
            f"alpha {choice.alpha} is out of range: expected {SMALLEST_ALPHA} to {LARGEST_ALPHA}."
        )
    if choice.size is not None and not SMALLEST_SIZE <= choice.size <= LARGEST_SIZE:
        raise ConversionError(
            f"size {choice.size} is out of range: expected {SMALLEST_SIZE} to {LARGEST_SIZE} "
            "pixels."
        )
    return choice


def published_file(choice: Choice, top: bool) -> tuple[str, str, str | None]:
    """Return (file name, address, md5 or None) of the weights that Keras publishes.

    Raises:
        ConversionError: Keras publishes no weights for this width or size; says which it does.
    """
    family = choice.keras
    size = 224 if family.any_size else choice.size
    if choice.alpha not in family.alphas or size not in family.sizes:
        raise ConversionError(
            f"Keras publishes no {family.title} weights for alpha {choice.alpha:g} and size "
            f"{choice.size}. It has alpha {', '.join(f'{a:g}' for a in family.alphas)} and size "
            f"{', '.join(str(s) for s in family.sizes)}. Choose one of these, or name a file "
            "with --weights."
        )
    file_name = family.file_name(choice.alpha, size, top)
    return file_name, f"{BASE_ADDRESS}{family.folder}/{file_name}", family.md5.get(file_name)


def renamed(choice: Choice, name: str) -> Choice:
    """Return the same choice under another folder name.

    Raises:
        ConversionError: the name cannot be a folder's name.
    """
    if not SAFE_NAME.fullmatch(name):
        raise ConversionError(
            f"The name {name!r} cannot be a folder's name. Use lower-case letters, digits, '_', "
            "'-' and '.'."
        )
    return replace(choice, name=name)
