"""What the student is asked to do, as losses. TensorFlow."""

from __future__ import annotations

from typing import Any

from .config import Objective


def hint_losses(mine: list[Any], theirs: list[Any]) -> list[Any]:
    """Return each block's mean squared error over the variance of the teacher's block.

    Args:
        mine, theirs: outputs of the blocks, `[n, h, w, channels]`.

    Returns:
        Scalars; 1 is what a block that answers the mean of each channel would get. After "hints"
        (Romero et al., FitNets, 2015), normalised so that blocks of all magnitudes count alike.
    """
    import tensorflow as tf

    losses = []
    for own, wanted in zip(mine, theirs, strict=True):
        variance = tf.reduce_mean(tf.math.reduce_variance(wanted, axis=(0, 1, 2)))
        losses.append(tf.reduce_mean(tf.square(own - wanted)) / (variance + 1e-6))
    return losses


def feature_losses(mine: Any, theirs: Any) -> dict[str, Any]:
    """Compare pooled features.

    Both are centred by the teacher's mean over the batch, since features that come after a ReLU
    all point about the same way, and only differences tell things apart.

    Args:
        mine, theirs: `[n, features]`.

    Returns:
        `cosine`: 1 - mean cosine. `similarity`: mean squared difference of the `[n, n]` matrices
        of cosines (Tung and Mori, similarity-preserving distillation, 2019).
    """
    import tensorflow as tf

    mean = tf.reduce_mean(theirs, axis=0)
    own = tf.math.l2_normalize(mine - mean, axis=1)
    wanted = tf.math.l2_normalize(theirs - mean, axis=1)
    matrices = [tf.matmul(x, x, transpose_b=True) for x in (own, wanted)]
    return {
        "cosine": 1 - tf.reduce_mean(tf.reduce_sum(own * wanted, axis=1)),
        "similarity": tf.reduce_mean(tf.square(matrices[0] - matrices[1])),
    }


def logits_loss(mine: Any, theirs: Any, temperature: float) -> Any:
    """Return the mean divergence of softened classes, times the temperature squared.

    Args:
        mine, theirs: logits `[n, classes]`.
        temperature: logits are divided by it (Hinton et al., 2015).
    """
    import tensorflow as tf

    wanted = tf.nn.log_softmax(theirs / temperature)
    own = tf.nn.log_softmax(mine / temperature)
    divergence = tf.reduce_sum(tf.exp(wanted) * (wanted - own), axis=1)
    return temperature**2 * tf.reduce_mean(divergence)


def weighted(parts: dict[str, Any], weights: Objective) -> Any:
    """Return the sum of the parts, each times its weight."""
    import tensorflow as tf

    return tf.add_n([getattr(weights, name) * value for name, value in parts.items()])
