"""What one distillation does, as one JSON document that lies beside its output."""

from __future__ import annotations

import dataclasses
import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FORMAT, VERSION = "showtell-training", 1
KINDS = ("blocks", "whole")


class TrainingError(Exception):
    """Say what was wrong with the configuration or the data, and what to do."""


@dataclass(frozen=True)
class Phase:
    """One stretch of training with its own learning rate, from its peak down to nearly nothing.

    Args:
        kind: `blocks` teaches each block of the student alone, on the teacher's own inputs to that
            block; `whole` runs the student from picture to embedding.
        steps: batches.
        batch: pictures in a batch.
        size: side of the pictures in pixels; convolutions do not mind, small ones are cheap.
        rate: highest learning rate (Adam), reached after `warmup` steps.
        warmup: steps.
    """

    kind: str
    steps: int
    batch: int = 32
    size: int = 128
    rate: float = 2e-3
    warmup: int = 100


@dataclass(frozen=True)
class Views:
    """How pictures are cut and changed before teacher and student look at the very same one.

    Args:
        scale: smallest and largest part of a picture's area that a crop takes.
        small_scale: the same for pictures of at most 64 pixels a side.
        small_share: how many of the views come from those small pictures, 0 to 1.
        cutmix, mixup: how many views get a rectangle of another view, or are blended with one.
        colour: how many get another brightness, contrast and tint.
        blur: how many are made blurred.
    """

    scale: tuple[float, float] = (0.08, 1.0)
    small_scale: tuple[float, float] = (0.5, 1.0)
    small_share: float = 0.25
    cutmix: float = 0.3
    mixup: float = 0.15
    colour: float = 0.5
    blur: float = 0.1


@dataclass(frozen=True)
class Objective:
    """How much each part of the loss of a `whole` phase weighs (docs/training_eyes.md).

    Args:
        hints: the blocks' outputs against the teacher's, summed over the blocks.
        cosine: one minus the cosine of the centred features.
        similarity: mean squared difference of the matrices of cosines within a batch.
        logits: divergence of the softened classes, where the teacher has the 1,000-class top.
        temperature: that softens them.
    """

    hints: float = 0.3
    cosine: float = 4.0
    similarity: float = 10.0
    logits: float = 0.0
    temperature: float = 2.0


@dataclass(frozen=True)
class Config:
    """One distillation.

    Args:
        teacher, student: names of backbones as `convert_models.py` reads them.
        size: side of the pictures that the finished student looks at, in pixels.
        embedding: numbers in the embedding: so many principal components of the features.
        whitening: power of the singular values that components are divided by, 0 (plain principal
            components) to 1 (all components equally loud).
        seed: of the student's first weights, of crops and of mixes.
        held_out: part of the pictures that is never trained on, to judge by, 0 to 0.5.
        averaging: decay of the running average of the weights that each phase ends with.
        phases, views, objective: see there.
    """

    teacher: str = "mobilenet_v2_0.35_224"
    student: str = "mobilenet_v2_0.35_224"
    size: int = 224
    embedding: int = 256
    whitening: float = 0.5
    seed: int = 1
    held_out: float = 0.05
    averaging: float = 0.998
    phases: tuple[Phase, ...] = (
        Phase("blocks", 2500, size=128, rate=3e-3),
        Phase("whole", 5000, size=160, rate=2e-3),
        Phase("whole", 2500, size=224, rate=7e-4),
    )
    views: Views = field(default_factory=Views)
    objective: Objective = field(default_factory=Objective)

    def check(self) -> None:
        """Refuse values that cannot be meant.

        Raises:
            TrainingError: names the field, what it is and what it may be.
        """
        shares = {f"views.{name}": getattr(self.views, name) for name in _SHARES}
        limits = {
            "size": (self.size, 32, 512),
            "embedding": (self.embedding, 2, 8192),
            "whitening": (self.whitening, 0, 1),
            "held_out": (self.held_out, 0.001, 0.5),
            "averaging": (self.averaging, 0, 0.99999),
            "number of phases": (len(self.phases), 1, 100),
            **{name: (value, 0, 1) for name, value in shares.items()},
            **{
                f"objective.{name}": (value, 0, 1000)
                for name, value in dataclasses.asdict(self.objective).items()
            },
            "objective.temperature": (self.objective.temperature, 0.01, 1000),
            "seed": (self.seed, 0, 2**31 - 1),
        }
        whole = ["size", "embedding", "seed"]
        for name in ("scale", "small_scale"):
            pair = getattr(self.views, name)
            if not (_is_numbers(pair, 2) and 0 < pair[0] <= pair[1] <= 1):
                raise TrainingError(
                    f"views.{name} is {pair}; expected the smallest and the largest part of a "
                    "picture, two numbers above 0 and at most 1."
                )
        for i, phase in enumerate(self.phases):
            if phase.kind not in KINDS:
                raise TrainingError(
                    f"phases[{i}].kind is {phase.kind!r}; expected one of {', '.join(KINDS)}."
                )
            limits |= {
                f"phases[{i}].steps": (phase.steps, 1, 10**7),
                f"phases[{i}].batch": (phase.batch, 4, 4096),
                f"phases[{i}].size": (phase.size, 32, 512),
                f"phases[{i}].rate": (phase.rate, 1e-8, 1),
                f"phases[{i}].warmup": (phase.warmup, 0, 10**6),
            }
            whole += [f"phases[{i}].{name}" for name in ("steps", "batch", "size", "warmup")]
        for name, (value, low, high) in limits.items():
            if not _is_numbers([value], 1):
                raise TrainingError(f"{name} is {value!r}; expected a number.")
            if name in whole and not isinstance(value, int):
                raise TrainingError(f"{name} is {value}; expected a whole number.")
            if not low <= value <= high:
                raise TrainingError(f"{name} is {value}; expected {low} to {high}.")

    def document(self) -> dict[str, Any]:
        """Return the configuration as JSON values."""
        return {"format": FORMAT, "version": VERSION, **dataclasses.asdict(self)}


def _is_numbers(values: Any, count: int) -> bool:
    return (
        isinstance(values, (list, tuple))
        and len(values) == count
        and all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values)
        and all(math.isfinite(v) for v in values)
    )


_SHARES = ("small_share", "cutmix", "mixup", "colour", "blur")


def from_document(document: Any) -> Config:
    """Read a configuration; fields that are left out take their defaults.

    Args:
        document: what `Config.document` gave, or parts of it.

    Raises:
        TrainingError: an unknown field, or a value that cannot be meant.
    """
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise TrainingError(f'A configuration is a JSON object with "format": "{FORMAT}".')
    if document.get("version") != VERSION:
        raise TrainingError(f"version is {document.get('version')!r}; expected {VERSION}.")
    fields = {k: v for k, v in document.items() if k not in ("format", "version", "run")}
    if not isinstance(fields.get("phases", []), list):
        raise TrainingError(f"phases is {fields['phases']!r:.60}; expected a list of objects.")
    made = _made(Config, fields, "")
    made = dataclasses.replace(
        made,
        phases=tuple(
            phase if isinstance(phase, Phase) else _made(Phase, phase, f"phases[{i}].")
            for i, phase in enumerate(made.phases)
        ),
        **{
            name: value if isinstance(value, kind) else _made(kind, value, f"{name}.")
            for name, kind, value in (
                ("views", Views, made.views),
                ("objective", Objective, made.objective),
            )
        },
    )
    made.check()
    return made


def _made(kind: type, fields: Any, where: str) -> Any:
    names = [f.name for f in dataclasses.fields(kind)]
    if not isinstance(fields, dict):
        raise TrainingError(
            f"{where or 'the configuration '}is {fields!r:.60}; expected an object."
        )
    for name in fields:
        if name not in names:
            raise TrainingError(f"There is no field {where}{name}; there are {', '.join(names)}.")
    values = {k: tuple(v) if isinstance(v, list) else v for k, v in fields.items()}
    try:
        return kind(**values)
    except TypeError as error:
        raise TrainingError(f"{where or 'the configuration'}: {error}.") from None


def read(path: Path) -> Config:
    """Read a configuration's file.

    Raises:
        TrainingError: it cannot be read or holds something else.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TrainingError(f"{path} cannot be read as a configuration: {error}") from None
    return from_document(document)
