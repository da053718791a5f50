"""Train Keras networks: start TensorFlow on purpose, feed it, and hear what it does.

TensorFlow is imported inside functions alone, which only workers and the command line call.
"""

from __future__ import annotations

import math
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from .errors import InputError
from .task import Cancelled, Task

#: Turns uint8[n, S, S, 3] into float32 -1..1, with a source of chance of its own.
Prepare = Callable[[np.ndarray, np.random.Generator], np.ndarray]


@dataclass(frozen=True)
class Work:
    """Which part of all the work a call of `train` is.

    Attributes:
        begin, end: from which to which share of the phase "fit".
        epochs: of the whole work; None where this call is all of it.
        before: epochs that came before it.
    """

    begin: float = 0.0
    end: float = 1.0
    epochs: int | None = None
    before: int = 0


#: The whole of it.
WHOLE = Work()

#: How many threads a training uses where nothing else is said.
THREADS_VARIABLE = "TF_NUM_INTRAOP_THREADS"
#: Progress is told when at least this share of a phase is done since it was told last.
_STEP = 0.005


def threads_wanted(threads: int | None = None) -> int:
    """Returns how many threads to use: as given, as `THREADS_VARIABLE` says, else all cores."""
    if threads is None:
        given = os.environ.get(THREADS_VARIABLE, "")
        threads = int(given) if given.isdecimal() else 0
    return threads if threads > 0 else os.cpu_count() or 1


@contextmanager
def hushed() -> Iterator[None]:
    """Keeps what libraries write to standard error off the terminal, unless something breaks.

    TensorFlow's C++ parts write to the file descriptor itself.
    """
    sys.stderr.flush()
    saved = os.dup(2)
    with tempfile.TemporaryFile() as log:
        os.dup2(log.fileno(), 2)
        try:
            yield
        except (Cancelled, InputError):
            raise
        except Exception:
            sys.stderr.flush()
            log.seek(0)
            os.write(saved, log.read()[-4000:])
            raise
        finally:
            sys.stderr.flush()
            os.dup2(saved, 2)
            os.close(saved)


@cache
def _load(threads: int) -> None:
    """Imports TensorFlow and pins its threads, which it takes once in the life of a process."""
    os.environ["TF_USE_LEGACY_KERAS"] = "1"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with hushed():
        import tensorflow as tf
        import tf_keras  # noqa: F401  (slow, and as talkative)

        tf.get_logger().setLevel("ERROR")
        try:
            tf.config.threading.set_intra_op_parallelism_threads(threads)
            tf.config.threading.set_inter_op_parallelism_threads(threads)
        except RuntimeError:  # it runs already, with the threads it was given then
            return
        tf.config.experimental.enable_op_determinism()


def start(seed: int, threads: int | None = None) -> None:
    """Makes TensorFlow ready for one training; the same seed and threads give the same result.

    Args:
        seed: numbers all that is random in it.
        threads: see `threads_wanted`. The first training of a process decides.
    """
    _load(threads_wanted(threads))
    import tf_keras

    tf_keras.backend.clear_session()  # names and seeds of operations are counted from here
    tf_keras.utils.set_random_seed(seed)


def release(model: Any) -> None:
    """Empties the weights of a model that is needed no more, and those of its optimiser.

    Keras' compiled step outlives its model and holds on to its variables: without this each
    training of 9 million weights left 75 MB behind for the life of the process.
    """
    import tensorflow as tf

    optimiser = getattr(model, "optimizer", None)
    for variable in [*model.weights, *(optimiser.variables if optimiser else ())]:
        empty = tf.zeros([0], variable.dtype)
        tf.raw_ops.AssignVariableOp(resource=variable.handle, value=empty, validate_shape=False)


def finish() -> None:
    """Lets go of what the last training left in memory."""
    import gc

    import tf_keras

    tf_keras.backend.clear_session()
    gc.collect()


def feed(
    values: np.ndarray,
    labels: np.ndarray,
    batch: int,
    prepare: Prepare,
    *,
    weights: np.ndarray | None = None,
    seed: int | None = None,
) -> Any:
    """Makes what Keras' fit, evaluate and predict read batch by batch.

    What is random in a batch follows from the seed, the epoch and the batch, whenever it is made.

    Args:
        values: [n, ...], in memory or mapped from a file.
        labels: int64[n].
        batch: how many at once.
        prepare: turns a batch of values into the network's input.
        weights: float32[n], what each counts; None for 1.
        seed: of the order, new in each epoch, and of `prepare`; None keeps the order.

    Returns:
        A `tf_keras.utils.Sequence`.
    """
    import tf_keras

    class Feed(tf_keras.utils.Sequence):
        def __init__(self) -> None:
            self.arrays = (values, labels, weights)
            self.length = len(labels)
            self.epoch = 0
            self._order()

        def _order(self) -> None:
            self.order = np.arange(self.length)
            if seed is not None:
                np.random.default_rng([seed, self.epoch]).shuffle(self.order)

        def __len__(self) -> int:
            return math.ceil(self.length / batch)

        def __getitem__(self, index: int) -> tuple[np.ndarray, ...]:
            values, labels, weights = self.arrays
            chosen = np.sort(self.order[index * batch : (index + 1) * batch])
            random = np.random.default_rng([seed or 0, self.epoch, index + 1])
            inputs, truth = prepare(values[chosen], random), labels[chosen]
            return (inputs, truth) if weights is None else (inputs, truth, weights[chosen])

        def on_epoch_end(self) -> None:
            self.epoch += 1
            self._order()

        def close(self) -> None:
            """Lets go of the arrays, for TensorFlow keeps what it has once read from."""
            self.arrays = (np.empty(0), np.empty(0), None)

    return Feed()


def plain(values: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Is the `Prepare` of values that are what the network reads already."""
    return values


@cache
def _reporter() -> Any:
    """Makes the callback's class once there is a tf_keras to derive it from."""
    import tf_keras

    class Reporter(tf_keras.callbacks.Callback):
        """Translates what Keras does for a `Task`, and stops it when the task says so."""

        def __init__(self, task: Task, work: Work, epochs: int = 1, patience: int = 0):
            super().__init__()
            self.task, self.work, self.epochs, self.patience = task, work, epochs, patience
            self.curves: list[dict[str, float]] = []
            self.kept = 0
            self._best, self._since = math.inf, 0
            self._weights: list[np.ndarray] | None = None
            self._told = -1.0

        def _tell(self, phase: str, done: float) -> None:
            self.task.check()
            if done - self._told >= _STEP:
                self._told = done
                work = self.work
                self.task.progress(phase, work.begin + (work.end - work.begin) * done)

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            epoch = (batch + 1) / self.params["steps"]
            self._tell("fit", (len(self.curves) + epoch) / self.epochs)

        def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
            self.task.check()

        def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
            self._tell("embed", (batch + 1) / self.params["steps"])

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            values = {name: float(value) for name, value in (logs or {}).items()}
            number = self.work.before + epoch + 1
            if not all(map(math.isfinite, values.values())):
                raise InputError(
                    "The training has lost its way",
                    f"In epoch {number} the loss was no finite number.",
                    "Try a smaller rate.",
                )
            self.curves.append({"epoch": number, **values})
            self.task.metrics(number, self.work.epochs or self.epochs, **values)
            self.kept = epoch + 1
            loss = values.get("val_loss")
            if not self.patience or loss is None:
                return
            if loss < self._best:
                self._best, self._since = loss, epoch
                self._weights = self.model.get_weights()
            elif epoch - self._since >= self.patience:
                self.model.stop_training = True

        def on_train_end(self, logs: Any = None) -> None:
            if self._weights is not None:
                self.model.set_weights(self._weights)
                self.kept = self._since + 1

    return Reporter


def train(
    model: Any,
    training: Any,
    validation: Any | None,
    task: Task,
    *,
    epochs: int,
    patience: int = 0,
    work: Work = WHOLE,
) -> tuple[list[Mapping[str, float]], int]:
    """Trains a compiled Keras model.

    Args:
        model: with the metric "accuracy".
        training: a `feed` with a seed; it is closed in the end.
        validation: a `feed` without one, or None; likewise.
        task: hears of the phase "fit" and of every epoch, and says whether to stop.
        epochs: how many at most.
        patience: after how many epochs without a lower validation loss to stop; the weights with
            the lowest are kept. 0 never stops and keeps the last.
        work: where there is more to the training than this call.

    Returns:
        The curves, `{"epoch", "loss", "accuracy", "val_loss", "val_accuracy"}` an epoch, and how
        many epochs made the weights that were kept.

    Raises:
        Cancelled: somebody has stopped it.
        InputError: the loss has become infinite.
    """
    reporter = _reporter()(task, work, epochs, patience)
    try:
        model.fit(
            training,
            validation_data=validation,
            epochs=epochs,
            shuffle=False,  # a feed has an order of its own
            verbose=0,
            callbacks=[reporter],
        )
    finally:
        training.close()
        if validation is not None:
            validation.close()
    return reporter.curves, reporter.kept


def predict(
    model: Any, inputs: Any, task: Task, begin: float = 0.0, end: float = 1.0
) -> np.ndarray:
    """Runs a Keras model over a `feed`.

    Args:
        model: of one output.
        inputs: what it reads; it is closed in the end.
        task: hears of the phase "embed", from `begin` to `end`, and says whether to stop.

    Returns:
        float32[n, ...].

    Raises:
        Cancelled: somebody has stopped it.
    """
    try:
        return model.predict(inputs, verbose=0, callbacks=[_reporter()(task, Work(begin, end))])
    finally:
        inputs.close()


def compile_classifier(model: Any, optimiser: Any) -> None:
    """Prepares a model that gives logits for `train`."""
    import tf_keras

    loss = tf_keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=optimiser, loss=loss, metrics=["accuracy"])


#: Name to a function of the rate. SGD has the momentum that it nearly always has.
OPTIMISERS: dict[str, tuple[float, Callable[[float], Any]]] = {
    "rmsprop": (1e-3, lambda rate: _optimisers().RMSprop(rate)),
    "adam": (1e-3, lambda rate: _optimisers().Adam(rate)),
    "sgd": (1e-2, lambda rate: _optimisers().SGD(rate, momentum=0.9)),
}


def _optimisers() -> Any:
    import tf_keras

    return tf_keras.optimizers


def optimiser(name: str, rate: float | None) -> Any:
    """Makes an optimiser of `OPTIMISERS`; without a rate, with its own."""
    usual, make = OPTIMISERS[name]
    return make(usual if rate is None else rate)
