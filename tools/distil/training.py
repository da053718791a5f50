"""The training itself: phases, checkpoints, judging, and the finished student. TensorFlow."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import ImageOps

from . import networks, objective
from .config import Config, Phase, TrainingError
from .pictures import Pictures
from .views import ViewMaker, ahead

REPORT_EVERY = 100
SMOOTHING = 0.98
JUDGED_AT_ONCE = 32
MOST_JUDGED = 500
SETTLING_STEPS = 200
"""Batches over which the statistics of batch normalisation are found anew for averaged weights."""
PROJECTION_VIEWS = 4000
_PROJECTION_SEED_OFFSET = 1_000_003


@dataclass(frozen=True)
class Progress:
    """Say how far the training is.

    Args:
        phase: index.
        step: steps done in the phase.
        done: steps done in all phases, and `total` of them.
        total: steps of all phases.
        losses: name to a smoothed value.
        pictures_per_second: over the last report's steps.
        seconds_left: estimate.
    """

    phase: int
    step: int
    done: int
    total: int
    losses: dict[str, float]
    pictures_per_second: float
    seconds_left: float


class Training:
    """One distillation in one folder; a second one on the same folder goes on where it stopped.

    Args:
        config: what to do.
        teacher: whom to learn from.
        pictures: what to look at together.
        folder: holds `checkpoint.npz`, `log.jsonl` and in the end `student.keras`.
        report: is told the progress, about every hundred steps.
        checkpoint_every: seconds between checkpoints.
    """

    def __init__(
        self,
        config: Config,
        teacher: networks.Teacher,
        pictures: Pictures,
        folder: Path,
        report: Callable[[Progress], None] = lambda progress: None,
        checkpoint_every: float = 60,
    ):
        self.config = config
        self.teacher = teacher
        self.pictures = pictures
        self.folder = folder
        self.report = report
        self.checkpoint_every = checkpoint_every
        self.stopping = False
        self.maker = ViewMaker(pictures, config.views, config.seed)
        self.total = sum(phase.steps for phase in config.phases)
        self._student_choice = networks.choice_of(config.student)
        self._seconds_before = 0.0
        self._begun = time.monotonic()

    @property
    def seconds(self) -> float:
        """Seconds of training so far, those before a restart included."""
        return self._seconds_before + time.monotonic() - self._begun

    def stop(self) -> None:
        """Ask `run` to keep a checkpoint and return after this step, or the end of its phase."""
        self.stopping = True

    def run(self) -> Path | None:
        """Train to the end.

        Returns:
            The path of the finished student, None when `stop` was called before.

        Raises:
            TrainingError: teacher and student cannot be compared as the configuration asks.
        """
        first, step, weights, slots = self._latest()
        for index in range(first, len(self.config.phases)):
            weights = self._phase(index, step if index == first else 0, weights, slots)
            slots = None
            if weights is None:
                return None
        assert weights is not None
        return self._finish(weights)

    def _phase(self, index: int, step: int, weights: Any, slots: Any) -> Any:
        """Run one phase; return the student's weights, None when stopped."""
        import tensorflow as tf
        import tf_keras

        config, phase = self.config, self.config.phases[index]
        # The teacher first: building a model of Keras' clears the names of the one before.
        teacher = self.teacher.build(phase.size)
        student = self._student(phase.size, networks.feature_map(teacher).shape[-1])
        if weights is not None:
            student.set_weights(weights)
        rate = tf_keras.optimizers.schedules.CosineDecay(
            0.0 if phase.warmup else phase.rate,
            max(phase.steps - phase.warmup, 1),
            alpha=0.01,
            warmup_target=phase.rate if phase.warmup else None,
            warmup_steps=phase.warmup,
        )
        optimizer = tf_keras.optimizers.Adam(
            rate, use_ema=True, ema_momentum=config.averaging, ema_overwrite_frequency=None
        )
        optimizer.build(student.trainable_variables)
        if slots is not None:
            for variable, value in zip(optimizer.variables, slots, strict=True):
                variable.assign(value)
        one_step = _step_function(phase, config, teacher, student, optimizer)
        smoothed: dict[str, float] = {}
        reported, checkpointed, steps_then = time.monotonic(), time.monotonic(), step
        offset = sum(p.steps for p in config.phases[:index])
        batches = ahead(
            self.maker, range(offset + step, offset + phase.steps), phase.batch, phase.size
        )
        for batch in batches:
            losses = {k: float(v) for k, v in one_step(tf.constant(batch)).items()}
            step += 1
            if not np.isfinite(sum(losses.values())):
                raise TrainingError(
                    f"The loss is no number any more in step {step} of phase {index}. Begin in a "
                    "new folder with a configuration in which the rate of that phase is lower."
                )
            for name, value in losses.items():
                smoothed[name] = SMOOTHING * smoothed.get(name, value) + (1 - SMOOTHING) * value
            now = time.monotonic()
            if step % REPORT_EVERY == 0 or step == phase.steps:
                speed = (step - steps_then) / max(now - reported, 1e-9)
                self._tell(index, step, offset, smoothed, speed)
                reported, steps_then = now, step
            last = step == phase.steps
            if self.stopping or last or now - checkpointed > self.checkpoint_every:
                if last:
                    optimizer.finalize_variable_values(student.trainable_variables)
                    self._settle(student, phase)
                    # Before the checkpoint: what a kill takes away here is done again.
                    self._log({"phase": index, "step": step, "held_out": self._judge(student)})
                self._keep(index, step, student, optimizer)
                checkpointed = time.monotonic()
            if self.stopping:
                batches.close()
                return None
        return student.get_weights()

    def _student(self, size: int, features: int) -> Any:
        seed = self.config.seed
        return networks.build_student(self._student_choice, size, seed, features)

    def _tell(
        self, index: int, step: int, offset: int, losses: dict[str, float], speed: float
    ) -> None:
        left = _seconds_left(self.config.phases, index, step, speed)
        batch = self.config.phases[index].batch
        progress = Progress(
            index, step, offset + step, self.total, dict(losses), speed * batch, left
        )
        self._log(
            {
                "phase": index,
                "step": step,
                "seconds": round(self.seconds, 1),
                "losses": {name: round(value, 5) for name, value in losses.items()},
            }
        )
        self.report(progress)

    def _log(self, entry: dict[str, Any]) -> None:
        with (self.folder / "log.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")

    def _settle(self, student: Any, phase: Phase) -> None:
        """Find batch normalisation's statistics anew: averaged weights have never met theirs."""
        import tensorflow as tf

        steps = range(self.total, self.total + min(SETTLING_STEPS, 4 * phase.steps))
        forward = tf.function(lambda batch: student(batch, training=True))
        for batch in ahead(self.maker, steps, phase.batch, phase.size):
            forward(tf.constant(batch))

    def _keep(self, index: int, step: int, student: Any, optimizer: Any) -> None:
        """Write a checkpoint under a temporary name, then put it in place of the last one."""
        arrays = {f"weight_{i}": value for i, value in enumerate(student.get_weights())}
        arrays |= {f"slot_{i}": v.numpy() for i, v in enumerate(optimizer.variables)}
        arrays["position"] = np.array([index, step])
        arrays["seconds"] = np.array(self.seconds)
        temporary = self.folder / "checkpoint.part"
        with temporary.open("wb") as file:
            np.savez(file, **arrays)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self.folder / "checkpoint.npz")

    def _latest(self) -> tuple[int, int, Any, Any]:
        """Return phase, step, the student's weights and the optimiser's numbers to go on from."""
        path = self.folder / "checkpoint.npz"
        if not path.is_file():
            return 0, 0, None, None
        with np.load(path) as arrays:
            index, step = map(int, arrays["position"])
            weights = _numbered(arrays, "weight")
            slots = _numbered(arrays, "slot")
            self._seconds_before = float(arrays["seconds"])
        if step >= self.config.phases[index].steps:
            return index + 1, 0, weights, None
        return index, step, weights, slots

    def _judge(self, trained: Any) -> dict[str, float]:
        """Compare the student with the teacher on pictures that were never trained on.

        Returns:
            `cosine`: the mean over centred features. `same_nearest`: how often both name the same
            one of the other pictures as the nearest.
        """
        size = self.config.size
        fitted = [
            np.asarray(ImageOps.fit(picture, (size, size)), np.float32) / 127.5 - 1
            for picture in self.pictures.held_out[:MOST_JUDGED]
        ]
        teacher = self.teacher.build(size)
        wanted = _features(teacher, fitted)
        student = self._student(size, wanted.shape[1])
        student.set_weights(trained.get_weights())
        own = np.concatenate([student(b, training=False).numpy() for b in _batched(fitted)])
        mean = wanted.mean(axis=0)
        a, b = ((x - mean) / np.linalg.norm(x - mean, axis=1, keepdims=True) for x in (own, wanted))
        nearest = []
        for x in (a, b):
            cosines = x @ x.T
            np.fill_diagonal(cosines, -2)
            nearest.append(cosines.argmax(axis=1))
        return {
            "pictures": len(fitted),
            "cosine": round(float((a * b).sum(axis=1).mean()), 4),
            "same_nearest": round(float((nearest[0] == nearest[1]).mean()), 4),
        }

    def _finish(self, weights: Any) -> Path:
        """Add the projection and write the student."""
        config = self.config
        features = networks.feature_map(self.teacher.build(config.size)).shape[-1]
        student = self._student(config.size, features)
        student.set_weights(weights)
        maker = ViewMaker(self.pictures, config.views, config.seed + _PROJECTION_SEED_OFFSET)
        # Twice as many views as numbers, or the smallest components would be noise.
        count = -(-max(PROJECTION_VIEWS, 2 * config.embedding) // JUDGED_AT_ONCE)
        batches = ahead(maker, range(count), JUDGED_AT_ONCE, config.size)
        features = np.concatenate([student(batch, training=False).numpy() for batch in batches])
        projection = networks.principal_components(features, config.embedding, config.whitening)
        self._log({"projection": {"numbers": config.embedding, "kept": round(projection.kept, 4)}})
        finished = networks.with_projection(student, projection)
        path = self.folder / "student.keras"
        temporary = self.folder / "student.part.keras"
        finished.save(temporary, save_format="keras")
        temporary.replace(path)
        return path


def _batched(pictures: list[np.ndarray]) -> Iterator[np.ndarray]:
    for start in range(0, len(pictures), JUDGED_AT_ONCE):
        yield np.stack(pictures[start : start + JUDGED_AT_ONCE])


def _features(model: Any, pictures: list[np.ndarray]) -> np.ndarray:
    import tf_keras

    pooled = tf_keras.layers.GlobalAveragePooling2D()(networks.feature_map(model))
    look = tf_keras.Model(model.input, pooled)
    return np.concatenate([look(b, training=False).numpy() for b in _batched(pictures)])


def _numbered(arrays: Any, name: str) -> list[np.ndarray]:
    count = sum(key.startswith(f"{name}_") for key in arrays.files)
    return [arrays[f"{name}_{i}"] for i in range(count)]


def _seconds_left(
    phases: tuple[Phase, ...], index: int, step: int, steps_per_second: float
) -> float:
    """Estimate the time left: the cost of a step grows with its batch and its pixels."""
    cost_now = phases[index].batch * phases[index].size ** 2
    costs = (phases[index].steps - step) * cost_now
    costs += sum(p.steps * p.batch * p.size**2 for p in phases[index + 1 :])
    return costs / cost_now / max(steps_per_second, 1e-9)


def _step_function(
    phase: Phase, config: Config, teacher: Any, student: Any, optimizer: Any
) -> Callable[[Any], dict[str, Any]]:
    """Return the function that takes a batch, learns from it and gives the losses."""
    import tensorflow as tf
    import tf_keras

    alike = networks.are_alike(teacher, student)
    if not alike and (phase.kind == "blocks" or config.objective.hints):
        raise TrainingError(
            f"{config.student} has other blocks than {config.teacher}, so blocks cannot be "
            "compared: leave out the phases of the kind 'blocks' and set objective.hints to 0."
        )
    ends = networks.block_ends(teacher) if alike else [networks.feature_map(teacher)]
    with_logits = bool(config.objective.logits) and phase.kind == "whole"
    top = networks.top_of(teacher) if with_logits else None
    if with_logits and top is None:
        raise TrainingError("objective.logits needs a teacher with the 1,000 classes; set it to 0.")
    look = tf_keras.Model(teacher.input, [*ends, *([teacher.output] if with_logits else [])])
    variables = student.trainable_variables
    if phase.kind == "blocks":
        blocks = networks.blocks_of(student)
    else:
        own_ends = networks.block_ends(student) if alike else []
        through = tf_keras.Model(student.input, [*own_ends, student.output])

    def losses_of_blocks(batch: Any) -> dict[str, Any]:
        wanted = tf.nest.flatten(look(batch, training=False))
        inputs = [batch, *wanted[:-1]]
        mine = [block(x, training=True) for block, x in zip(blocks, inputs, strict=True)]
        return {"hints": tf.add_n(objective.hint_losses(mine, wanted))}

    def losses_of_whole(batch: Any) -> dict[str, Any]:
        wanted = tf.nest.flatten(look(batch, training=False))
        mine = tf.nest.flatten(through(batch, training=True))
        parts: dict[str, Any] = {}
        if config.objective.hints:
            parts["hints"] = tf.add_n(objective.hint_losses(mine[:-1], wanted[: len(ends)]))
        features = tf.reduce_mean(wanted[len(ends) - 1], axis=(1, 2))
        parts |= objective.feature_losses(mine[-1], features)
        if top is not None:
            # The student's features are meant to be the teacher's: its own top can read them.
            own = top(tf.reshape(mine[-1], (-1, *top.input_shape[1:])))
            parts["logits"] = objective.logits_loss(own, wanted[-1], config.objective.temperature)
        return parts

    kinds = {
        "blocks": (losses_of_blocks, lambda parts: parts["hints"]),
        "whole": (losses_of_whole, lambda parts: objective.weighted(parts, config.objective)),
    }
    losses_of, sum_of = kinds[phase.kind]

    @tf.function
    def one_step(batch: Any) -> dict[str, Any]:
        with tf.GradientTape() as tape:
            parts = losses_of(batch)
            total = sum_of(parts)
        gradients = tape.gradient(total, variables)
        optimizer.apply_gradients(zip(gradients, variables, strict=True))
        return parts

    return one_step
