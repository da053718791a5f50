"""A network of at most one hidden layer and its training by Adam, in NumPy.

TensorFlow takes longer to start than this takes to train, and a head is two matrices.

Sources: D. P. Kingma and J. Ba, Adam: a method for stochastic optimization, ICLR 2015 (the form
before section 2.1, with Keras's epsilon of 1e-7); Y. LeCun et al., Efficient backprop, 1998, for
initial weights whose variance is 1 / inputs; N. Srivastava et al., Dropout, JMLR 15 (2014).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..models import Layer
from ..task import Task

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-7
#: Examples that are judged at a time.
_BLOCK = 4096


@dataclass(frozen=True)
class Part:
    """Examples to learn from or to be judged on.

    Attributes:
        inputs: float32[n, D].
        targets: int64[n], classes; of a regression float32[n], values.
        weights: float32[n], how much each counts.
    """

    inputs: np.ndarray
    targets: np.ndarray
    weights: np.ndarray

    def __len__(self) -> int:
        return len(self.targets)


#: (outputs [n, C], targets, weights) -> (summed loss, correct answers, gradient of the loss of each
#: by its outputs [n, C]).
Loss = Callable[[np.ndarray, np.ndarray, np.ndarray], "tuple[float, int, np.ndarray]"]


def cross_entropy(
    outputs: np.ndarray, targets: np.ndarray, weights: np.ndarray
) -> tuple[float, int, np.ndarray]:
    """Judges logits: -log softmax(logits)[target], each times its weight. See `Loss`."""
    shifted = outputs - outputs.max(axis=1, keepdims=True)
    rows = np.arange(len(targets))
    gradient = np.exp(shifted)
    total = gradient.sum(axis=1, keepdims=True)
    loss = (np.log(total[:, 0]) - shifted[rows, targets]) * weights
    correct = int((outputs.argmax(axis=1) == targets).sum())
    gradient /= total
    gradient[rows, targets] -= 1
    gradient *= weights[:, None]
    return float(loss.sum(dtype=np.float64)), correct, gradient


def squared_error(
    outputs: np.ndarray, targets: np.ndarray, weights: np.ndarray
) -> tuple[float, int, np.ndarray]:
    """Judges values: (value - target)^2, each times its weight. See `Loss`."""
    off = outputs[:, 0] - targets
    loss = np.square(off) * weights
    return float(loss.sum(dtype=np.float64)), 0, (2 * off * weights)[:, None]


class Perceptron:
    """Weights, and room to compute their gradients.

    Args:
        inputs, units, outputs: sizes; without units there is no hidden layer.
        output_bias: whether the last layer has one (Teachable Machine's has not).
        random: draws the weights: truncated normal of variance 1 / inputs of the layer.
        dtype: float64 for the checking of gradients.

    Attributes:
        theta: all weights, one after the other.
        gradient: likewise.
    """

    def __init__(
        self,
        inputs: int,
        units: int,
        outputs: int,
        output_bias: bool,
        random: np.random.Generator,
        dtype: Any = np.float32,
    ):
        self.units, self.output_bias = units, output_bias
        shapes = [(inputs, units), (units,)] if units else []
        shapes.append((units or inputs, outputs))
        if output_bias:
            shapes.append((outputs,))
        size = sum(int(np.prod(shape)) for shape in shapes)
        self.theta, self.gradient = np.zeros(size, dtype), np.zeros(size, dtype)
        self._weights, self._gradients = _views(self.theta, shapes), _views(self.gradient, shapes)
        for weights in self._weights:
            if weights.ndim == 2:
                weights[:] = _truncated_normal(random, weights.shape)
        self._outputs = outputs

    def outputs(self, x: np.ndarray) -> np.ndarray:
        """Returns what it answers, [n, outputs]."""
        return self._forward(x, None)[1]

    def _forward(self, x: np.ndarray, kept: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        """Returns what the last layer reads, and what it answers."""
        hidden = x
        if self.units:
            hidden = x @ self._weights[0]
            hidden += self._weights[1]
            np.maximum(hidden, 0, out=hidden)
            if kept is not None:
                hidden *= kept
        last = self._weights[2 if self.units else 0]
        answer = hidden @ last
        if self.output_bias:
            answer += self._weights[-1]
        return hidden, answer

    def backward(
        self,
        x: np.ndarray,
        targets: np.ndarray,
        weights: np.ndarray,
        loss: Loss,
        kept: np.ndarray | None = None,
    ) -> tuple[float, int]:
        """Computes the gradient of the mean loss of a batch.

        Args:
            x: [n, inputs].
            targets, weights: see `Part`.
            loss: what it is judged by.
            kept: [n, units], what each hidden unit is multiplied by (dropout), or None.

        Returns:
            The summed loss, and how many answers were right.
        """
        hidden, answer = self._forward(x, kept)
        summed, correct, d_answer = loss(answer, targets, weights)
        d_answer *= 1 / len(x)
        place = 2 if self.units else 0
        np.matmul(hidden.T, d_answer, out=self._gradients[place])
        if self.output_bias:
            np.sum(d_answer, axis=0, out=self._gradients[-1])
        if self.units:
            d_hidden = d_answer @ self._weights[2].T
            if kept is not None:
                d_hidden *= kept
            d_hidden *= hidden > 0
            np.matmul(x.T, d_hidden, out=self._gradients[0])
            np.sum(d_hidden, axis=0, out=self._gradients[1])
        return summed, correct

    def layers(self, input_scale: float = 1.0) -> list[Layer]:
        """Returns it as layers that read inputs which are not yet multiplied by `input_scale`."""
        weights = [w.astype(np.float32) for w in self._weights]
        weights[0] = weights[0] * np.float32(input_scale)
        bias = weights[-1] if self.output_bias else np.zeros(self._outputs, np.float32)
        if not self.units:
            return [Layer(weights[0], bias)]
        return [Layer(weights[0], weights[1], "relu"), Layer(weights[2], bias)]


def _views(flat: np.ndarray, shapes: list[tuple[int, ...]]) -> list[np.ndarray]:
    views, at = [], 0
    for shape in shapes:
        size = int(np.prod(shape))
        views.append(flat[at : at + size].reshape(shape))
        at += size
    return views


def _truncated_normal(random: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Draws normal numbers of variance 1 / inputs; those beyond two deviations are drawn again."""
    drawn = random.standard_normal(shape)
    while (outside := np.abs(drawn) > 2).any():
        drawn[outside] = random.standard_normal(int(outside.sum()))
    # Cutting at two deviations takes the deviation down to this.
    return drawn / (0.87962566103423978 * np.sqrt(shape[0]))


class Adam:
    """Moves weights against their gradient.

    Args:
        theta: the weights, changed in place.
        rate: how far.
    """

    def __init__(self, theta: np.ndarray, rate: float):
        self._theta, self._rate, self._step = theta, rate, 0
        self._mean, self._square = np.zeros_like(theta), np.zeros_like(theta)
        self._room = np.empty_like(theta)

    def move(self, gradient: np.ndarray) -> None:
        """Makes one step."""
        self._step += 1
        room = self._room
        self._mean += np.multiply(np.subtract(gradient, self._mean, out=room), 1 - BETA1, out=room)
        np.square(gradient, out=room)
        self._square += np.multiply(np.subtract(room, self._square, out=room), 1 - BETA2, out=room)
        np.sqrt(self._square, out=room)
        room += EPSILON
        np.divide(self._mean, room, out=room)
        room *= self._rate * np.sqrt(1 - BETA2**self._step) / (1 - BETA1**self._step)
        self._theta -= room


@dataclass(frozen=True)
class Trained:
    """What a training was: numbers of each epoch, and after how many the weights were kept."""

    curves: list[dict[str, float]]
    epochs: int


def train(
    network: Perceptron,
    training: Part,
    validation: Part,
    options: Mapping[str, Any],
    loss: Loss,
    task: Task,
    random: np.random.Generator,
) -> Trained:
    """Trains a network, telling the numbers of every epoch and asking at each batch whether to go
    on.

    As Keras does, an epoch's loss and accuracy are the means over its batches while they are
    learned from; the validation pictures are judged after it, all counting the same.

    Args:
        network: changed in place.
        training, validation: the second may be empty.
        options: epochs, batch, rate, patience, and dropout where there is one.
        loss: what is made small.
        task: who is told.
        random: the order of the pictures, and what is dropped.
    """
    adam = Adam(network.theta, options["rate"])
    n, batch, epochs = len(training), options["batch"], options["epochs"]
    patience = options["patience"] if len(validation) else 0
    dropout = options.get("dropout", 0.0) if network.units else 0.0
    rows = np.empty((min(batch, n), training.inputs.shape[1]), training.inputs.dtype)
    curves: list[dict[str, float]] = []
    best_loss, best_epoch, best = np.inf, epochs, network.theta.copy()
    for epoch in range(1, epochs + 1):
        order = random.permutation(n)
        summed, correct = 0.0, 0
        for start in range(0, n, batch):
            task.check()
            chosen = order[start : start + batch]
            x = np.take(training.inputs, chosen, axis=0, out=rows[: len(chosen)])
            kept = None
            if dropout:
                drawn = random.random((len(chosen), network.units), np.float32)
                kept = (drawn >= dropout) / np.float32(1 - dropout)
            of_batch, right = network.backward(
                x, training.targets[chosen], training.weights[chosen], loss, kept
            )
            adam.move(network.gradient)
            summed += of_batch
            correct += right
        values = {"loss": summed / n, "accuracy": correct / n}
        if len(validation):
            val_loss, val_accuracy = judge(network, validation, loss)
            values |= {"val_loss": val_loss, "val_accuracy": val_accuracy}
        if loss is squared_error:
            values = {name: v for name, v in values.items() if name.endswith("loss")}
        task.metrics(epoch, epochs, **values)
        task.progress("fit", epoch / epochs)
        curves.append({"epoch": epoch, **values})
        if patience:
            if values["val_loss"] < best_loss:
                best_loss, best_epoch = values["val_loss"], epoch
                best[:] = network.theta
            elif epoch - best_epoch >= patience:
                break
    if patience:
        network.theta[:] = best
    return Trained(curves, best_epoch)


def judge(network: Perceptron, part: Part, loss: Loss) -> tuple[float, float]:
    """Returns the mean loss, all counting the same, and the share of right answers."""
    summed, correct = 0.0, 0
    for start in range(0, len(part), _BLOCK):
        targets = part.targets[start : start + _BLOCK]
        outputs = network.outputs(part.inputs[start : start + _BLOCK])
        of_block, right, _ = loss(outputs, targets, np.ones(len(targets), outputs.dtype))
        summed += of_block
        correct += right
    return summed / len(part), correct / len(part)
