"""What can be chosen for tuning a backbone. Imports no TensorFlow, so that all may list it."""

from __future__ import annotations

from .convnet_options import AUGMENTATION
from .options import Option

OPTIONS = (
    Option("network", "choice", "backbone", "What is tuned: the backbone in use, or VGG16 where"
           " its weights are there (large and slow).", choices=("backbone", "vgg16")),
    Option("epochs", "int", 30, "How often every picture is seen by the new head, while the"
           " network below it stays as it is.", 1, 500),
    Option("tune_epochs", "int", 5, "How often after that, while its last blocks learn too.",
           0, 200),
    Option("blocks", "int", 2, "How many of its last blocks learn too.", 0, 100),
    Option("rate", "float", 0.001, "How far the head's weights are moved after a batch.",
           1e-6, 1.0),
    Option("tune_rate", "float", 0.0001, "How far those of the last blocks are; small, or what the"
           " network knows is lost.", 1e-7, 0.1),
    Option("batch", "int", 16, "How many pictures are learned from at once.", 1, 512),
    Option("evaluation_batch", "int", 32, "How many pictures are judged at once; changes the speed"
           " and the memory, not the result.", 1, 1024),
    *AUGMENTATION,
    Option("patience", "int", 0, "Stop when the validation pictures have not got better for so"
           " many epochs and keep the best; 0 never stops early.", 0, 100),
)  # fmt: skip
