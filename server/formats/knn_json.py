"""The JSON in which users of tfjs' knn-classifier and of ml5 keep their examples."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from .project import ProjectData
from .vectors import damaged, matrix, project_of, read_json

#: Rows turned into text at a time.
_ROWS = 256


def _numbers(rows: np.ndarray) -> str:
    """Writes numbers, comma between, with as many digits as float32 has."""
    return ",".join(map(str, rows.reshape(-1)))


def read_knn(path: Path, name: str = "", limits: object = None) -> ProjectData:
    """Reads `[[label, numbers, [n, D]], ...]`.

    Rows are scaled to unit length, as the classifier does when an example is added.

    Args:
        path: the file.
        name: the project's name.
        limits: not needed here.

    Raises:
        InputError: it is something else, or contradicts itself.
    """
    document = read_json(path)
    if not isinstance(document, list) or not document:
        raise damaged("Expected a list of [label, numbers, [examples, numbers each]].")
    labels, parts = [], []
    for entry in document:
        if not isinstance(entry, list) or len(entry) != 3 or not isinstance(entry[0], str | int):
            raise damaged("An entry is not [label, numbers, [examples, numbers each]].")
        label, numbers, shape = entry
        labels.append(str(label))
        parts.append(matrix(numbers, shape, f"The class {str(label)[:60]!r}"))
    return project_of(name or path.stem, labels, parts)


def write_knn(project: ProjectData, file: BinaryIO) -> None:
    """Writes `[[label, numbers, [n, D]], ...]`, which `setClassifierDataset` takes after

        Object.fromEntries(list.map(([label, data, shape]) => [label, tf.tensor(data, shape)]))

    Args:
        project: only its labels and embeddings are written.
        file: open for writing.

    Raises:
        InputError: no sample has an embedding.
    """
    before = "["
    for label, vectors in project.vectors_by_class():
        file.write(f"{before}[{json.dumps(label)},[".encode())
        for start in range(0, len(vectors), _ROWS):
            comma = "," if start else ""
            file.write((comma + _numbers(vectors[start : start + _ROWS])).encode())
        file.write(f"],[{vectors.shape[0]},{vectors.shape[1]}]]".encode())
        before = ",\n"
    file.write(b"]\n")


def _ml5_numbers(tensor: Any, what: str) -> Any:
    """Returns the values of `{"0": v, "1": v, ...}` in the order of the keys."""
    if not isinstance(tensor, dict):
        return tensor
    try:
        return [tensor[key] for key in sorted(tensor, key=int)]
    except ValueError as error:
        raise damaged(f"{what} has a key that is no number.") from error


def read_ml5(path: Path, name: str = "", limits: object = None) -> ProjectData:
    """Reads what ml5's `KNNClassifier.save` writes: `{"dataset": {..}, "tensors": [..]}`.

    The i-th tensor belongs to the i-th key of the dataset, whatever the key is. Labels are the
    ones that the file has, else its keys.

    Args:
        path: the file.
        name: the project's name.
        limits: not needed here.

    Raises:
        InputError: it is something else, or contradicts itself.
    """
    document = read_json(path)
    dataset = document.get("dataset") if isinstance(document, dict) else None
    tensors = document.get("tensors") if isinstance(document, dict) else None
    if not isinstance(dataset, dict) or not isinstance(tensors, list) or not dataset:
        raise damaged('Expected {"dataset": {..}, "tensors": [..]}.')
    if len(dataset) != len(tensors):
        raise damaged(f"It has {len(dataset)} classes and {len(tensors)} tensors.")
    labels, parts = [], []
    for (key, entry), tensor in zip(dataset.items(), tensors, strict=True):
        if tensor is None or not isinstance(entry, dict):
            continue
        label = entry.get("label", key)
        what = f"The class {str(label)[:60]!r}"
        labels.append(label if isinstance(label, str | int) else key)
        parts.append(matrix(_ml5_numbers(tensor, what), entry.get("shape"), what))
    return project_of(name or path.stem, labels, parts)


def write_ml5(project: ProjectData, file: BinaryIO) -> None:
    """Writes what ml5's `KNNClassifier.load` reads.

    It looks classes up by position, so keys are 0, 1, ...; classes without examples are left out.

    Args:
        project: only its labels and embeddings are written.
        file: open for writing.

    Raises:
        InputError: no sample has an embedding.
    """
    classes = project.vectors_by_class()
    dataset = {
        str(index): {
            "kept": True,
            "isDisposedInternal": False,
            "shape": list(vectors.shape),
            "dtype": "float32",
            "size": vectors.size,
            "strides": [vectors.shape[1]],
            "dataId": {},
            "id": index,
            "rankType": "2",
            "label": label,
        }
        for index, (label, vectors) in enumerate(classes)
    }
    file.write(f'{{"dataset":{json.dumps(dataset)},"tensors":['.encode())
    for index, (_, vectors) in enumerate(classes):
        file.write(b",{" if index else b"{")
        flat = vectors.reshape(-1)
        step = _ROWS * vectors.shape[1]
        for start in range(0, len(flat), step):
            values = enumerate(flat[start : start + step], start)
            comma = "," if start else ""
            file.write((comma + ",".join(f'"{i}":{v!s}' for i, v in values)).encode())
        file.write(b"}")
    file.write(b"]}\n")
