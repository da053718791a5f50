"""Names what is in pictures (or measures them), with NumPy and LiteRT alone.

    python predict.py PICTURE...

Needs: pip install numpy pillow ai-edge-litert
"""

import sys
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from PIL import Image, ImageOps

HERE = Path(__file__).resolve().parent
SQUARE = 224  # every picture is brought to this size first


def weights(n, m):
    """How much each of n pixels weighs in each of m: by area downwards, bilinear upwards."""
    if m < n:
        edges = np.arange(m + 1) * n / m
        left = np.maximum(edges[:-1, None], np.arange(n))
        right = np.minimum(edges[1:, None], np.arange(n) + 1)
        return np.maximum(right - left, 0) * m / n
    position = np.clip((np.arange(m) + 0.5) * n / m - 0.5, 0, n - 1)
    return np.maximum(0, 1 - np.abs(position[:, None] - np.arange(n)))


def resample(pixels, size):
    """Resamples [n, n, 3] to float64 [size, size, 3]."""
    if len(pixels) == size:
        return pixels.astype(np.float64)
    by = weights(len(pixels), size)
    return np.einsum("ij,jkc,lk->ilc", by, pixels, by, optimize=True)


def read_square(path):
    """Reads the centre square of a picture: uint8 [224, 224, 3], transparent parts white."""
    picture = ImageOps.exif_transpose(Image.open(path)).convert("RGBA")
    white = Image.new("RGBA", picture.size, "white")
    pixels = np.asarray(Image.alpha_composite(white, picture).convert("RGB"))
    height, width = pixels.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = resample(pixels[top : top + side, left : left + side], SQUARE)
    return np.floor(square + 0.5).astype(np.uint8)


def unit_length(x):
    return x / max(np.linalg.norm(x), 1e-12)


class Classifier:
    """What was trained: arrays of classifier.npz, and network.tflite."""

    def __init__(self, folder=HERE):
        self.stored = dict(np.load(folder / "classifier.npz", allow_pickle=False))
        self.labels = [str(label) for label in self.stored["label_names"]]
        self.kind = str(self.stored["kind"])
        self.is_regression = bool(self.stored["is_regression"])
        self.network = None
        if (folder / "network.tflite").exists():
            self.network = Interpreter(str(folder / "network.tflite"), num_threads=1)
            self.network.allocate_tensors()
            (self.entry,) = self.network.get_input_details()
            # Some give names of their own world beside it; those are longer.
            outputs = self.network.get_output_details()
            self.result = outputs[int(self.stored["network_output"])]

    def see(self, square):
        """Runs the network on a square; returns one row of numbers."""
        size = self.entry["shape"][1]
        x = (resample(square, size) / 127.5 - 1) * self.stored["scale"] + self.stored["offset"]
        self.network.set_tensor(self.entry["index"], x.astype(np.float32)[None])
        self.network.invoke()
        return self.network.get_tensor(self.result["index"])[0].astype(np.float64)

    def logits(self, square):
        if self.kind == "network":
            return self.see(square)
        if self.kind == "dense":
            x = unit_length(self.see(square))
            for i, activation in enumerate(self.stored["activations"]):
                x = x @ self.stored[f"layer{i}.kernel"] + self.stored[f"layer{i}.bias"]
                x = np.maximum(x, 0) if activation == "relu" else x
            return x
        side = int(self.stored["pixels"])
        x = resample(square, side).ravel() / 255 if side else self.see(square)
        return np.log(np.maximum(self.votes(unit_length(x)), 1e-12))

    def votes(self, x):
        """Lets the k nearest examples vote; e = 1 / (examples + 1) goes to all classes alike."""
        vectors, labels = self.stored["vectors"], self.stored["labels"]
        distances = {
            "cosine": lambda: 1 - vectors @ x,
            "l1": lambda: np.abs(vectors - x).sum(axis=1),
            "l2": lambda: np.sqrt(np.square(vectors - x).sum(axis=1)),
        }[str(self.stored["metric"])]()
        near = np.argsort(distances, kind="stable")[: int(self.stored["k"])]
        weight = np.exp(-self.stored["sharpness"] * (distances[near] - distances[near[0]]))
        share = np.bincount(labels[near], weight / weight.sum(), len(self.labels))
        present = np.bincount(labels, minlength=len(self.labels)) > 0
        e = 1 / (len(labels) + 1)
        return np.where(present, (1 - e) * share + e / present.sum(), 0)

    def __call__(self, square):
        """Classifies uint8 [224, 224, 3]: a probability for each label, or one value."""
        logits = self.logits(square)
        if self.is_regression:
            return logits
        power = np.exp((logits - logits.max()) / self.stored["temperature"])
        return power / power.sum()


if __name__ == "__main__":
    classifier = Classifier()
    for path in sys.argv[1:]:
        answer = classifier(read_square(path))
        print(path)
        if classifier.is_regression:
            print(f"  {answer[0]:.5f}")
            continue
        for i in np.argsort(-answer):
            print(f"  {classifier.labels[i]} (score = {answer[i]:.5f})")
