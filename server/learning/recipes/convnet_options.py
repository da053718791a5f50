"""What can be chosen for a network from scratch. Imports no TensorFlow, so that all may list it."""

from __future__ import annotations

from .options import Option

#: How training pictures are varied; shared with `finetune_options`.
AUGMENTATION = (
    Option("rotation", "float", 0.0, "Turn each picture by up to so many degrees to either side,"
           " anew each time it is seen.", 0, 25),
    Option("shift", "float", 0.0, "Move it by up to this share of its width and height.", 0, 0.3),
    Option("crop", "float", 0.0, "Look closer at a part of it: take off up to this share of its"
           " width and height.", 0, 0.5),
    Option("flip", "bool", False, "Swap left and right half of the time. Not for writing, nor"
           " where the side matters."),
    Option("brightness", "float", 0.0, "Make it lighter or darker by up to this share.", 0, 0.5),
)  # fmt: skip

OPTIONS = (
    Option("size", "int", 64, "Width and height of what the network sees, in pixels. Twice as many"
           " take four times as long.", 32, 224),
    Option("epochs", "int", 20, "How often every picture is seen.", 1, 500),
    Option("batch", "int", 32, "How many pictures are learned from at once.", 1, 512),
    Option("evaluation_batch", "int", 64, "How many pictures are judged at once; changes the speed"
           " and the memory, not the result.", 1, 1024),
    Option("optimiser", "choice", "rmsprop", "How the weights are moved after each batch.",
           choices=("rmsprop", "adam", "sgd")),
    Option("rate", "float", None, "How far they are moved; 0.001, and 0.01 for sgd, where it is"
           " not given.", 1e-6, 1.0),
    Option("dropout", "bool", True, "Switch off parts of the network at random while it learns,"
           " against learning by heart."),
    *AUGMENTATION,
    Option("squares", "int", 0, "Cut so many random squares out of each large picture to learn"
           " from, besides its middle.", 0, 200),
    Option("square_pixels", "int", 224, "Width and height of these squares, in pixels of the"
           " original picture.", 32, 4096),
    Option("patience", "int", 0, "Stop when the validation pictures have not got better for so"
           " many epochs and keep the best; 0 never stops early.", 0, 100),
)  # fmt: skip
