"""The formats that a classifier can be taken away in. Imports no TensorFlow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..learning.classifier import Classifier
from ..learning.models import Neighbours, Network

_ZIP = "application/zip"
Check = Callable[[Classifier], "str | None"]


def _always(classifier: Classifier) -> str | None:
    return None


def _computes(classifier: Classifier) -> str | None:
    """What every format with a whole network needs."""
    model = classifier.model
    if isinstance(model, Network) and "model.keras" not in model.extra:
        return "This classifier has its network as a LiteRT file only. Train or import it again."
    return None


def _layers(classifier: Classifier) -> str | None:
    """What formats of ordinary layers need."""
    if isinstance(classifier.model, Neighbours):
        return (
            "Nearest neighbours are no layers. Train a small network (head) or logistic regression"
            " (linear), or take ONNX, LiteRT,"
            " SavedModel or the page, which can do them."
        )
    return _computes(classifier)


def _teachable(classifier: Classifier) -> str | None:
    if classifier.is_regression:
        return "Teachable Machine's files hold classes, not a number. Take Keras or ONNX."
    return _layers(classifier)


def _integers(classifier: Classifier) -> str | None:
    if isinstance(classifier.model, Neighbours):
        return (
            "Nearest neighbours lose too much in 8 bits. Train a small network (head) or logistic"
            " regression (linear)."
        )
    return _computes(classifier)


def _microcontroller(classifier: Classifier) -> str | None:
    if classifier.is_regression:
        return "The header's program names classes, it does not measure. Take LiteRT in 8 bits."
    return _integers(classifier)


@dataclass(frozen=True)
class Export:
    """A row of the table.

    Attributes:
        name: as in `?format=` and `--format`.
        title, description: for people.
        extension: of the file, with its dot.
        mime: its media type.
        module: where its `make(work)` is, in this package.
        check: says why a classifier cannot be written so, or None.
    """

    name: str
    title: str
    description: str
    extension: str
    mime: str
    module: str
    check: Check = _always


#: name: row, in the order in which they are offered.
EXPORTS: dict[str, Export] = {
    row.name: row
    for row in (
        Export(
            "html", "Web page", "One file that looks through the camera, without network or"
            " server. Open it with a double click.", ".html", "text/html", "web_page", _computes,
        ),
        Export(
            "tfjs", "TensorFlow.js", "Teachable Machine's three files, for ml5, p5.js and all else"
            " that reads them.", ".zip", _ZIP, "teachable_machine", _teachable,
        ),
        Export(
            "tflite", "LiteRT", "For Android, iOS and Raspberry Pi, 32 bits.", ".zip", _ZIP,
            "lite", _computes,
        ),
        Export(
            "tflite-float16", "LiteRT, 16 bits", "Half the size, nearly the same answers.",
            ".zip", _ZIP, "lite", _computes,
        ),
        Export(
            "tflite-int8", "LiteRT, 8 bits", "A quarter of the size, for slow processors and"
            " accelerators; its agreement is measured.", ".zip", _ZIP, "lite", _integers,
        ),
        Export(
            "header", "Microcontroller", "A C header with the 8-bit network, for LiteRT for"
            " Microcontrollers.", ".zip", _ZIP, "c_header", _microcontroller,
        ),
        Export(
            "onnx", "ONNX", "For onnxruntime and everything else that reads ONNX.", ".zip", _ZIP,
            "onnx_file", _computes,
        ),
        Export(
            "keras", "Keras 3", "A .keras file, to go on with in Python.", ".zip", _ZIP,
            "keras_files", _layers,
        ),
        Export(
            "h5", "Keras, older format", "An .h5 file that Keras 2 and Keras 3 both load.",
            ".zip", _ZIP, "keras_files", _layers,
        ),
        Export(
            "savedmodel", "TensorFlow SavedModel", "For TensorFlow and TensorFlow Serving.",
            ".zip", _ZIP, "saved_model", _computes,
        ),
        Export(
            "npz", "NumPy", "The numbers as arrays and a short program that computes with NumPy"
            " and LiteRT alone.", ".zip", _ZIP, "arrays",
        ),
        Export(
            "labels", "Labels", "The names of the classes, one a line.", ".txt",
            "text/plain", "plain",
        ),
        Export(
            "classifier", "Show & Tell classifier", "The file itself: whole, with its report.",
            ".classifier", "application/vnd.showtell.classifier+zip", "plain",
        ),
    )
}  # fmt: skip
