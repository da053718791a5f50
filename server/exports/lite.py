"""LiteRT (TFLite) in 32, 16 and 8 bits. Imports TensorFlow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from ..learning.errors import InputError
from . import tf_graph
from .snippets import predict_py, write_archive
from .verify import FLOAT, HALF, SAME_ANSWERS, WORST_VALUE, agreement, require
from .work import Work

_TITLES = {
    "tflite": "LiteRT, 32 bits",
    "tflite-float16": "LiteRT, 16 bits",
    "tflite-int8": "LiteRT, 8 bits",
}


def convert(work: Work, name: str) -> bytes:
    """Converts the whole network.

    Args:
        work: what is exported; the pictures show the range of the numbers for 8 bits.
        name: "tflite", "tflite-float16" or "tflite-int8".

    Returns:
        The file: `image` [1, S, S, 3] in, `probabilities` [1, classes] or `value` [1, 1] out.
    """
    import tensorflow as tf

    if name == "tflite-int8" and not work.real:
        raise InputError(
            "There are no pictures to measure the ranges on",
            "8 bits are fitted to real pictures, and none came with the classifier.",
            "Export it with a folder of pictures, or take 16 bits.",
        )
    folder = work.folder / f"saved-{name}"
    tf_graph.save(work.graph, folder, work.output, batch=1)
    work.step(0.3)
    converter = tf.lite.TFLiteConverter.from_saved_model(
        str(folder), signature_keys=[tf_graph.SIGNATURE]
    )
    _SETTINGS[name](tf, converter, work)
    return converter.convert()


def _half(tf: Any, converter: Any, work: Work) -> None:
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_types = [tf.float16]


def _integers(tf: Any, converter: Any, work: Work) -> None:
    def examples() -> Iterator[list[np.ndarray]]:
        for batch in work.inputs(work.graph.size, 1):
            yield [batch]

    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = examples
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.int8
    converter.inference_output_type = tf.int8


_SETTINGS: dict[str, Callable[[Any, Any, Work], None]] = {
    "tflite": lambda tf, converter, work: None,
    "tflite-float16": _half,
    "tflite-int8": _integers,
}


class Loaded:
    """A LiteRT file, loaded again.

    Args:
        data: the file.
    """

    def __init__(self, data: bytes):
        from ai_edge_litert.interpreter import Interpreter

        self._interpreter = Interpreter(model_content=data, num_threads=1)
        self._interpreter.allocate_tensors()
        (self.entry,) = self._interpreter.get_input_details()
        (self.exit,) = self._interpreter.get_output_details()

    def __call__(self, batch: np.ndarray) -> np.ndarray:
        """Computes float32[n, S, S, 3] to float32[n, outputs], quantising where it must."""
        return np.stack([self._one(x) for x in batch])

    def _one(self, x: np.ndarray) -> np.ndarray:
        if self.entry["dtype"] == np.int8:
            scale, zero = self.entry["quantization"]
            x = np.clip(np.round(x / scale + zero), -128, 127).astype(np.int8)
        self._interpreter.set_tensor(self.entry["index"], x[None])
        self._interpreter.invoke()
        answer = self._interpreter.get_tensor(self.exit["index"])[0]
        if self.exit["dtype"] == np.int8:
            scale, zero = self.exit["quantization"]
            answer = (answer.astype(np.float32) - zero) * np.float32(scale)
        return np.array(answer)


def check(work: Work, name: str, loaded: Loaded) -> dict[str, Any]:
    """Compares a file with the classifier: 8 bits by their answers, the others by their numbers."""
    if name != "tflite-int8":
        tolerance = FLOAT if name == "tflite" else HALF
        return require(work, work.run(loaded), tolerance, _TITLES[name])
    measured = agreement(work, work.run(loaded))
    same = measured["same_answers"]
    if same is not None and same < SAME_ANSWERS:
        note = (
            f"WARNING: in 8 bits only {same:.0%} of {measured['pictures']} pictures get the same"
            " answer as from the classifier. Take 16 bits if you can."
        )
        work.notes.append(note)
        work.task.log(note, "warning")
    span = float(np.ptp(work.expected))
    if same is None and measured["max_difference"] > WORST_VALUE * span:
        note = (
            f"WARNING: in 8 bits the value differs by up to {measured['max_difference']:.3g}, in a"
            f" range of {span:.3g}. Take 16 bits if you can."
        )
        work.notes.append(note)
        work.task.log(note, "warning")
    return measured


_LOAD = """
model = Interpreter(str(HERE / "model.tflite"))
model.allocate_tensors()
entry, result = model.get_input_details()[0], model.get_output_details()[0]


def look(x):
    model.set_tensor(entry["index"], x)
    model.invoke()
    return model.get_tensor(result["index"])[0]
"""
_LOAD_INT8 = """
model = Interpreter(str(HERE / "model.tflite"))
model.allocate_tensors()
entry, result = model.get_input_details()[0], model.get_output_details()[0]


def look(x):
    scale, zero = entry["quantization"]
    x = np.clip(np.round(x / scale + zero), -128, 127).astype(np.int8)
    model.set_tensor(entry["index"], x)
    model.invoke()
    scale, zero = result["quantization"]
    return (model.get_tensor(result["index"])[0].astype(np.float32) - zero) * scale
"""

_PACKAGES = "ai-edge-litert pillow"


def make(work: Work, name: str) -> tuple[Path, dict[str, Any]]:
    """Writes one of the three: see `server.exports.make`."""
    data = convert(work, name)
    work.step(0.6)
    loaded = Loaded(data)
    measured = check(work, name, loaded)
    more: dict[str, Any] = {}
    if name == "tflite-int8":
        for key, details in (("input", loaded.entry), ("output", loaded.exit)):
            scale, zero = details["quantization"]
            more[f"{key}_quantization"] = {"scale": float(scale), "zero_point": int(zero)}
    program = predict_py(
        work,
        needs=f"pip install {_PACKAGES}",
        imports="from ai_edge_litert.interpreter import Interpreter\n",
        load=_LOAD_INT8 if name == "tflite-int8" else _LOAD,
        call="look(pixels(path))",
    )
    texts = []
    if more:
        entry, result = more["input_quantization"], more["output_quantization"]
        texts.append(
            f"Input and output are int8. Input: round((x / 127.5 - 1) / {entry['scale']:.8g}) +"
            f" {entry['zero_point']}. Output: (q - {result['zero_point']}) *"
            f" {result['scale']:.8g}."
        )
    path = write_archive(
        work,
        _TITLES[name],
        measured,
        contents={"model.tflite": data},
        described={"model.tflite": f"the network, {len(data):,} bytes"},
        packages=_PACKAGES,
        program=program,
        texts=texts,
        **more,
    )
    return path, measured
