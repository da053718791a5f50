"""Teach a small network to see like another one, from pictures without any labels.

    python -m tools.train_backbone --teacher-weights FILE.h5 --out FOLDER PICTURES...

PICTURES are folders of pictures, or zip files of them. The same command goes on where it was
stopped or killed. What it did lies in FOLDER: `training.json` (everything that was decided, to be
given again as --config), `log.jsonl`, `student.keras`. Turn the last into a backbone with

    python convert_models.py NAME --weights FOLDER/student.keras

See docs/training_eyes.md.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import platform
import signal
import sys
from pathlib import Path

# The models are Keras 2. Before any import of TensorFlow.
os.environ["TF_USE_LEGACY_KERAS"] = "1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from tools.distil.config import Config, TrainingError, read


def parser() -> argparse.ArgumentParser:
    """Return the description of the command line."""
    result = argparse.ArgumentParser(
        prog="python -m tools.train_backbone",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = result.add_argument
    add("pictures", nargs="+", type=Path, metavar="PICTURES", help="folders, or zip files")
    add("--out", type=Path, required=True, metavar="FOLDER", help="new, or one to go on in")
    add("--teacher-weights", type=Path, required=True, metavar="FILE", help="Keras weights (.h5)")
    add("--config", type=Path, metavar="FILE", help="a training.json (default: the built-in one)")
    add("--teacher", metavar="NAME", help="family, width and size, as for convert_models.py")
    add("--student", metavar="NAME", help="the same, for the network that learns")
    add("--embedding", type=int, metavar="N", help="numbers that the student gives")
    add("--seed", type=int, metavar="N")
    add("--threads", type=int, metavar="N", help="processor cores to use (default: all)")
    add("--checkpoint-every", type=float, default=60, metavar="S", help="seconds (default 60)")
    return result


def config_of(options: argparse.Namespace) -> Config:
    """Return the configuration that is named, else the default, with the options' values.

    Raises:
        TrainingError: it cannot be meant, or differs from the one that the folder was begun with.
    """
    config = read(options.config) if options.config else Config()
    given = {k: getattr(options, k) for k in ("teacher", "student", "embedding", "seed")}
    config = dataclasses.replace(config, **{k: v for k, v in given.items() if v is not None})
    config.check()
    begun = options.out / "training.json"
    if begun.is_file() and read(begun) != config:
        raise TrainingError(
            f"{begun} was begun with another configuration. Give it as --config to go on, or name "
            "another --out."
        )
    return config


def main(arguments: list[str] | None = None) -> int:
    """Train; return the exit status: 0 done, 1 refused, 130 stopped and resumable."""
    options = parser().parse_args(arguments)
    try:
        return _train(options)
    except TrainingError as error:
        print(error, file=sys.stderr)
        return 1


def _train(options: argparse.Namespace) -> int:
    config = config_of(options)
    import tensorflow as tf

    if options.threads:
        tf.config.threading.set_intra_op_parallelism_threads(options.threads)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    for card in tf.config.list_physical_devices("GPU"):
        tf.config.experimental.set_memory_growth(card, True)

    from server.conversion.writers import sha256
    from tools.distil.networks import Teacher, choice_of
    from tools.distil.pictures import read_pictures
    from tools.distil.training import Training

    teacher = Teacher(choice_of(config.teacher), options.teacher_weights)
    if not options.teacher_weights.is_file():
        raise TrainingError(f"There is no file {options.teacher_weights}.")
    pictures = read_pictures(options.pictures, config.held_out)
    print(
        f"{len(pictures.large):,} pictures and {len(pictures.small):,} small ones to train on, "
        f"{len(pictures.held_out):,} to judge by, {len(pictures.unreadable)} unreadable"
    )
    options.out.mkdir(parents=True, exist_ok=True)
    facts = {
        "sources": [path.name for path in options.pictures],
        "pictures": len(pictures.large) + len(pictures.small),
        "held_out": len(pictures.held_out),
        "pictures_sha256": pictures.digest,
        "teacher_file": options.teacher_weights.name,
        "teacher_sha256": sha256(options.teacher_weights),
        "tensorflow": tf.__version__,
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "devices": [device.device_type for device in tf.config.list_physical_devices()],
    }
    facts |= _hours_before(options.out, facts)
    _write(options.out, config, facts)
    training = Training(
        config, teacher, pictures, options.out, _say, checkpoint_every=options.checkpoint_every
    )
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda *_: training.stop())
    student = training.run()
    facts["hours"] = round(training.seconds / 3600, 2)
    _write(options.out, config, facts)
    if student is None:
        print("Stopped; the same command goes on from here.")
        return 130
    print(f"Done: {student}")
    return 0


def _hours_before(folder: Path, facts: dict) -> dict:
    """Return the hours of the training that is gone on with.

    Raises:
        TrainingError: it was begun with other pictures, or another teacher.
    """
    path = folder / "training.json"
    if not path.is_file():
        return {}
    begun = json.loads(path.read_text(encoding="utf-8")).get("run", {})
    for key, what in (("pictures_sha256", "pictures"), ("teacher_sha256", "teacher's weights")):
        if begun.get(key, facts[key]) != facts[key]:
            raise TrainingError(
                f"{folder} was begun with other {what}. Name the same as then, or another --out."
            )
    return {"hours": begun["hours"]} if "hours" in begun else {}


def _write(folder: Path, config: Config, facts: dict) -> None:
    text = json.dumps({**config.document(), "run": facts}, indent=2, ensure_ascii=False) + "\n"
    temporary = folder / "training.json.part"
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(folder / "training.json")


def _say(progress) -> None:
    """Print how far the training is."""
    losses = "  ".join(f"{name} {value:.4f}" for name, value in progress.losses.items())
    share = 100 * progress.done / progress.total
    speed = f"{progress.pictures_per_second:4.0f} pictures/s"
    left = f"{progress.seconds_left / 60:4.0f} min left"
    where = f"phase {progress.phase} step {progress.step:>6,}"
    print(f"{where}  {share:5.1f} %  {left}  {speed}  {losses}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
