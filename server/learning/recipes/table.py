"""All recipes, in the order they are shown in. Imports neither TensorFlow nor scikit-learn."""

from __future__ import annotations

import difflib

from ..errors import InputError
from . import Recipe
from .convnet_options import OPTIONS as CONVNET
from .finetune_options import OPTIONS as FINETUNE
from .options import Option

_KNN = (
    Option("k", "int", None, "How many of the nearest examples vote; chosen on the validation"
           " pictures where it is not given.", 1, 500),
    Option("metric", "choice", None, "How far apart two pictures are; chosen likewise.",
           choices=("cosine", "l1", "l2")),
    Option("sharpness", "float", None, "How much more a nearer example counts; chosen likewise.",
           1e-3, 1e4),
    Option("pixels", "bool", False, "Compare the raw pixels of the pictures, 32 by 32, instead of"
           " what the backbone sees in them. It shows why one does not."),
)  # fmt: skip

_LINEAR = (
    Option("c", "float", None, "Inverse strength of the penalty on large weights; chosen by"
           " cross-validation where it is not given.", 1e-6, 1e6),
)  # fmt: skip

_HEAD = (
    Option("epochs", "int", 50, "How often every picture is seen.", 1, 2000),
    Option("batch", "int", 16, "How many pictures are learned from at once.", 1, 4096),
    Option("rate", "float", 0.001, "How far the weights are moved after each batch (Adam).",
           1e-6, 1.0),
    Option("units", "int", 100, "How many units the hidden layer has; 0 leaves it out.", 0, 4096),
    Option("dropout", "float", 0.0, "Share of the hidden units that is switched off at random"
           " while it learns, against learning by heart.", 0.0, 0.9),
    Option("patience", "int", 0, "Stop when the validation pictures have not got better for so"
           " many epochs and keep the best; 0 never stops early.", 0, 1000),
)  # fmt: skip

_REGRESSION = (
    Option("method", "choice", None, "Ridge regression or a small network; the better on the"
           " validation pictures where it is not given.", choices=("ridge", "head")),
    Option("alpha", "float", None, "Strength of the ridge's penalty on large weights; chosen by"
           " cross-validation where it is not given.", 1e-9, 1e9),
    Option("epochs", "int", 100, "How often the network sees every picture.", 1, 2000),
    Option("batch", "int", 16, "How many pictures it learns from at once.", 1, 4096),
    Option("rate", "float", 0.001, "How far its weights are moved after each batch (Adam).",
           1e-6, 1.0),
    Option("units", "int", 64, "How many units its hidden layer has.", 1, 4096),
    Option("patience", "int", 20, "Stop it when the validation pictures have not got better for so"
           " many epochs and keep the best; 0 never stops early.", 0, 1000),
)  # fmt: skip

_ROWS = (
    Recipe(
        "knn",
        "Nearest neighbours",
        "Compares a picture with all examples and lets the nearest vote. Learns in no time, shows"
        " which examples decided.",
        "vectors",
        "knn",
        _KNN,
    ),
    Recipe(
        "linear",
        "Logistic regression",
        "Draws straight borders between the classes. Fast, small, hard to beat with few pictures.",
        "vectors",
        "linear",
        _LINEAR,
    ),
    Recipe(
        "head",
        "Small network",
        "One hidden layer on what the backbone sees, with the settings of Teachable Machine, so"
        " that results compare.",
        "vectors",
        "head",
        _HEAD,
    ),
    Recipe(
        "convnet",
        "Network from scratch",
        "Learns to see from your pictures alone. Needs hundreds of them, and shows what a"
        " pretrained backbone is worth.",
        "pictures",
        "convnet",
        CONVNET,
        needs_tensorflow=True,
    ),
    Recipe(
        "finetune",
        "Tuned backbone",
        "Teaches the last blocks of the backbone itself. Slow; pays with many pictures unlike"
        " photographs.",
        "pictures",
        "finetune",
        FINETUNE,
        needs_tensorflow=True,
    ),
    Recipe(
        "regression",
        "A number",
        "Learns a value instead of a class, from classes that are named by numbers.",
        "vectors",
        "regression",
        _REGRESSION,
        is_regression=True,
    ),
)

#: name: recipe.
RECIPES: dict[str, Recipe] = {row.name: row for row in _ROWS}


def get(name: str) -> Recipe:
    """Returns the recipe of a name.

    Raises:
        InputError: there is none.
    """
    if name not in RECIPES:
        close = difflib.get_close_matches(str(name), list(RECIPES), 1)
        raise InputError(
            "There is no such recipe",
            f"Received {name!r:.60}; expected one of {', '.join(RECIPES)}.",
            f"Did you mean {close[0]}?" if close else "",
        )
    return RECIPES[name]
