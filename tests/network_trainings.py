"""Trains real networks in processes of their own and brings back what came of it.

TensorFlow takes seconds to import and belongs into no process that serves or tests; so all that
needs it is done here, once, and the tests ask for the `results`.
"""

from __future__ import annotations

import atexit
import dataclasses
import json
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from hashlib import sha256
from pathlib import Path

import numpy as np

from server.learning import tensorflow
from server.learning.backbones import get
from server.learning.errors import InputError
from server.learning.examples import Examples
from server.learning.models import softmax
from server.learning.pictures import decode_square, to_input
from server.learning.recipes import augmentation, convnet, finetune, table, vgg16
from server.learning.splits import Split
from server.learning.task import Cancelled, Task
from tests.conftest import draw

COLOURS = ((210, 50, 40), (40, 60, 210))
TINY = {"size": 32, "epochs": 3, "batch": 8, "rate": 0.0005}
#: What moves pixels, all at once.
VARIED = {"rotation": 20, "shift": 0.1, "crop": 0.2, "flip": True, "brightness": 0.2}


def examples(each: int = 16) -> Examples:
    """Makes discs of two colours, red ones first."""
    files = [draw(COLOURS[i // each], seed=i, size=(96, 72)) for i in range(2 * each)]
    labels = np.repeat([0, 1], each)
    names = [f"{i}.jpg" for i in range(2 * each)]
    return Examples(names, labels, np.arange(2 * each), ["red", "blue"], read=files.__getitem__)


def split(count: int) -> Split:
    """Splits them: every fourth steers, every fourth judges."""
    rows = np.arange(count)
    return Split(rows[rows % 4 < 2], rows[rows % 4 == 2], rows[rows % 4 == 3])


def options(recipe: str, **given) -> dict:
    return table.get(recipe).read_options(given)


def judged(fitted, pictures: Examples, rows: np.ndarray) -> float:
    squares = np.stack([decode_square(pictures.read(int(i))) for i in rows])
    return float((fitted.model.logits(squares).argmax(1) == pictures.labels[rows]).mean())


def kept(fitted, folder: Path) -> Path:
    """Writes the files of a network; returns where."""
    for name, data in fitted.model.files().items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def keras_answers(folder: Path, inputs: np.ndarray) -> list:
    import tf_keras

    model = tf_keras.models.load_model(folder / "model.keras", compile=False)
    return softmax(model.predict_on_batch(inputs)).tolist()


def train_varied(seed: int, task: Task):
    """Trains with everything varied."""
    pictures = examples()
    given = options("convnet", **TINY, **VARIED, seed=seed)
    return convnet.fit(pictures, split(len(pictures)), given, task)


def digest(fitted) -> dict[str, str]:
    return {name: sha256(data).hexdigest() for name, data in fitted.model.files().items()}


def elsewhere(folder: Path) -> dict:
    """Trains what `twice` trains, to be run in another process."""
    return digest(train_varied(1, Task()))


def twice(folder: Path) -> dict:
    """Trains twice with the same seed."""
    events: list[dict] = []
    first, again = train_varied(1, Task(events.append)), train_varied(1, Task())
    pictures = examples()
    rows = split(len(pictures)).test
    squares = np.stack([decode_square(pictures.read(int(i))) for i in rows])
    place = kept(first, folder)
    inputs = to_input(squares, TINY["size"])
    np.save(place / "inputs.npy", inputs)
    return {
        "digests": [digest(first), digest(again)],
        "same curves": first.curves == again.curves,
        "accuracy": judged(first, pictures, rows),
        "curves": first.curves,
        "events": events,
        "epochs": first.epochs,
        "keras": keras_answers(place, inputs),
        "litert": softmax(first.model.logits(squares)).tolist(),
    }


def stopped(folder: Path) -> dict:
    """Cancels a training of another seed in the middle of its second epoch."""
    events: list[dict] = []
    temporary = Path(tempfile.gettempdir())

    def cancelled() -> bool:
        told = [e for e in events if e["kind"] == "progress" and e["phase"] == "fit"]
        return bool(told) and told[-1]["fraction"] > 0.4

    outcome = "ended"
    try:
        train_varied(2, Task(events.append, cancelled))
    except Cancelled:
        outcome = "cancelled"
    return {
        "outcome": outcome,
        "metrics": [e for e in events if e["kind"] == "metrics"],
        "fraction": [e["fraction"] for e in events if e["kind"] == "progress"][-1],
        "left": [path.name for path in temporary.glob("show-and-tell-*")],
    }


def repeated(folder: Path) -> dict:
    """Trains a network of 9 million weights step by step, again and again, and weighs itself."""
    megabytes = []
    pictures = np.zeros((8, 96, 96, 3), np.float32)
    for _ in range(4):
        tensorflow.start(1)
        model = convnet.build(96, 2, dropout=False)
        tensorflow.compile_classifier(model, tensorflow.optimiser("rmsprop", None))
        model.train_on_batch(pictures, np.arange(8) % 2)
        tensorflow.release(model)
        del model
        tensorflow.finish()
        status = Path("/proc/self/status")
        lines = status.read_text().splitlines() if status.exists() else []
        megabytes += [int(x.split()[1]) / 1024 for x in lines if x.startswith("VmRSS")]
    return {"megabytes": megabytes}


def closed(folder: Path) -> dict:
    """Trains for an epoch and looks who still holds the pixels."""
    tensorflow.start(1)
    pixels = np.zeros((8, 32, 32, 3), np.uint8)
    batches = tensorflow.feed(
        pixels, np.arange(8) % 2, 4, lambda some, random: augmentation.to_range(some), seed=1
    )
    model = convnet.build(32, 2, dropout=False)
    tensorflow.compile_classifier(model, tensorflow.optimiser("sgd", None))
    before = sys.getrefcount(pixels)
    tensorflow.train(model, batches, None, Task(), epochs=1)
    return {"held": [before, sys.getrefcount(pixels)]}


def diverged(folder: Path) -> dict:
    """Hands the callback a loss that is no number any more."""
    reporter = tensorflow._reporter()(Task(), tensorflow.WHOLE, epochs=3)
    try:
        reporter.on_epoch_end(1, {"loss": float("nan"), "accuracy": 0.5})
    except InputError as error:
        return {"title": error.title, "detail": error.detail, "hint": error.hint}
    return {"title": "nothing was wrong"}


def patient(folder: Path) -> dict:
    """Follows a validation loss that can only get worse: its labels are the wrong ones."""
    pictures = examples()
    rows = split(len(pictures))
    labels = pictures.labels.copy()
    labels[rows.validation] = 1 - labels[rows.validation]
    given = options("convnet", **{**TINY, "epochs": 30, "patience": 2})
    fitted = convnet.fit(dataclasses.replace(pictures, labels=labels), rows, given, Task())
    return {"curves": fitted.curves, "epochs": fitted.epochs}


def without_validation(folder: Path) -> dict:
    """Trains on everything, cut into squares, as when a training is finalised."""
    pictures = examples(8)
    none = np.empty(0, np.int64)
    everything = Split(np.arange(len(pictures)), none, none)
    given = options("convnet", **{**TINY, "squares": 2, "square_pixels": 48, "patience": 3})
    fitted = convnet.fit(pictures, everything, given, Task())
    return {"curves": fitted.curves, "accuracy": judged(fitted, pictures, everything.train)}


def varied(folder: Path) -> dict:
    """Moves a batch of pictures in each way by itself."""
    tensorflow.start(1)
    names = [option.name for option in augmentation_options()]
    still = dict.fromkeys(names, 0.0) | {"flip": False}
    random = np.random.default_rng(4)
    pixels = random.integers(0, 256, (40, 8, 8, 3), dtype=np.uint8)
    inputs = augmentation.to_range(pixels)
    flipped = augmentation.vary(pixels, still | {"flip": True}, np.random.default_rng(1))
    mirrored = [
        bool(np.allclose(a, b[:, ::-1], atol=1e-5)) for a, b in zip(flipped, inputs, strict=True)
    ]
    same = [bool(np.allclose(a, b, atol=1e-5)) for a, b in zip(flipped, inputs, strict=True)]

    disc = np.zeros((1, 64, 64, 3), np.uint8)
    disc[:, 8:16, 28:36] = 255  # above the middle
    bright = disc.repeat(200, 0)
    turned = augmentation.vary(bright, still | {"rotation": 25.0}, np.random.default_rng(2))
    moved = augmentation.vary(bright, still | {"shift": 0.1}, np.random.default_rng(2))
    closer = augmentation.vary(bright, still | {"crop": 0.5}, np.random.default_rng(2))
    once, again = (
        augmentation.vary(pixels, still | VARIED, np.random.default_rng(3)) for _ in range(2)
    )
    return {
        "mirrored": mirrored,
        "same": same,
        "turned": centres(turned).tolist(),
        "moved": centres(moved).tolist(),
        "areas": (closer > 0).sum((1, 2, 3)).tolist(),
        "repeatable": bool(np.array_equal(once, again)),
        "range": [float(once.min()), float(once.max())],
    }


def augmentation_options():
    from server.learning.recipes.convnet_options import AUGMENTATION

    return AUGMENTATION


def centres(pictures: np.ndarray) -> np.ndarray:
    """Returns where the bright spot of each picture is, float[n, 2] of x and y from its middle."""
    weight = (pictures[..., 0] + 1) / 2
    place = np.arange(pictures.shape[1]) - (pictures.shape[1] - 1) / 2
    total = weight.sum((1, 2))
    x = (weight * place).sum((1, 2)) / total
    y = (weight * place[:, None]).sum((1, 2)) / total
    return np.stack([x, y], 1)


def changed(before, after) -> list[str]:
    """Names the layers of a network whose weights, rounded alike, are others in another one."""

    def rounded(layer) -> bytes:
        return b"".join(w.astype(np.float16).tobytes() for w in layer.get_weights())

    return [x.name for x in before.layers if rounded(x) != rounded(after.get_layer(x.name))]


def tuned(folder: Path) -> dict:
    """Tunes the last two blocks of the built-in backbone."""
    import tf_keras

    pictures = dataclasses.replace(examples(8), backbone=get())
    rows = split(len(pictures))
    inputs = to_input(np.stack([decode_square(pictures.read(int(i))) for i in rows.test]), 224)
    events: list[dict] = []
    given = {"epochs": 8, "tune_epochs": 1, "blocks": 2, "batch": 4}
    fitted = finetune.fit(pictures, rows, options("finetune", **given), Task(events.append))
    place = kept(fitted, folder)
    original = tf_keras.models.load_model(get().folder / "backbone.keras", compile=False)
    whole = tf_keras.models.load_model(place / "model.keras", compile=False)
    return {
        "size": fitted.model.input_size,
        "files": sorted(fitted.model.files()),
        "curves": fitted.curves,
        "events": events,
        "accuracy": judged(fitted, pictures, rows.test),
        "keras": keras_answers(place, inputs),
        "litert": [
            softmax(fitted.model.logits(decode_square(pictures.read(int(i)))[None]))[0].tolist()
            for i in rows.test
        ],
        "changed": changed(original, whole),
        "blocks": [[layer.name for layer in b] for b in finetune.blocks_of(original)],
    }


def tuned_twice(folder: Path) -> dict:
    """Tunes a backbone of random weights that still has its batch normalisation, twice."""
    import tf_keras

    from server.conversion import keras_models, writers
    from server.conversion.names import read_name

    tensorflow.start(1)
    made = keras_models.build(read_name("mobilenet_v1_0.25_32"), top=False, seed=5)
    keras_models.randomise_batch_norm(made, 5)
    named = keras_models.with_named_outputs(made, "tiny")
    folder.mkdir(parents=True)
    writers.write_keras(named, folder / "backbone.keras")
    backbone = dataclasses.replace(get(), folder=folder, name="tiny")
    pictures = dataclasses.replace(examples(8), backbone=backbone)
    given = options("finetune", epochs=2, tune_epochs=2, blocks=3, batch=4, **VARIED)
    runs = [finetune.fit(pictures, split(len(pictures)), given, Task()) for _ in range(2)]
    place = kept(runs[0], folder)
    before = tf_keras.models.load_model(folder / "backbone.keras", compile=False)
    after = tf_keras.models.load_model(place / "model.keras", compile=False)
    return {
        "digests": [digest(run) for run in runs],
        "changed": changed(before, after),
        "blocks": [[layer.name for layer in b] for b in finetune.blocks_of(before)],
    }


def large(folder: Path) -> dict:
    """Fills VGG16 from a file in Keras' layout and compares it with Keras' own, then trains it."""
    from tf_keras.applications import vgg16 as reference

    tensorflow.start(1)
    size = 32
    own = reference.VGG16(
        include_top=False, weights=None, pooling="avg", input_shape=(size, size, 3)
    )
    folder.mkdir(parents=True, exist_ok=True)
    own.save_weights(folder / vgg16.FILE)
    pixels = np.random.default_rng(1).integers(0, 256, (4, size, size, 3)).astype(np.float32)
    expected = own.predict_on_batch(reference.preprocess_input(pixels.copy()))
    model = vgg16.build(size)
    vgg16.fill(model, folder / vgg16.FILE)
    found = model.predict_on_batch(augmentation.to_range(pixels))
    damaged = folder / "damaged.h5"
    damaged.write_bytes((folder / vgg16.FILE).read_bytes()[:5000])
    try:
        vgg16.fill(model, damaged)
        refused = ""
    except InputError as error:
        refused = error.title
    headed = finetune.add_head(model, 2)
    finetune.thaw(headed, model, 1)
    learning = [layer.name for layer in headed.layers if layer.trainable and layer.weights]
    return {
        "difference": float(np.abs(found - expected).max() / np.abs(expected).max()),
        "refused": refused,
        "learning": learning,
        "blocks": len(finetune.blocks_of(model)),
    }


#: What is trained together in one process.
GROUPS = (
    (twice, stopped, diverged, patient, without_validation, varied, closed, repeated),
    (elsewhere, tuned, tuned_twice, large),
)


@cache
def results() -> tuple[dict, Path]:
    """Trains all in two processes, once; returns what came of each by name, and their folder."""
    folder = Path(tempfile.mkdtemp(prefix="trainings-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    root = Path(__file__).resolve().parent.parent
    runs = []
    for number in range(len(GROUPS)):
        temporary = folder / f"temporary{number}"  # of its own: what is left in it is looked at
        temporary.mkdir()
        environment = {
            "PYTHONPATH": str(root),
            "TF_NUM_INTRAOP_THREADS": "1",
            "TMPDIR": str(temporary),
        }
        runs.append(
            subprocess.Popen(
                [sys.executable, __file__, str(folder), str(number)],
                cwd=root,
                env=os.environ | environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
    found = {}
    for run in runs:
        output, errors = run.communicate(timeout=600)
        assert run.returncode == 0, errors
        found |= json.loads(output.splitlines()[-1])
    return found, folder


if __name__ == "__main__":
    place, group = Path(sys.argv[1]), GROUPS[int(sys.argv[2])]
    print(json.dumps({train.__name__: train(place / train.__name__) for train in group}))
