"""Embeddings as tables for other programs: CSV and NumPy's .npz."""

from __future__ import annotations

import csv
import io
from typing import BinaryIO

import numpy as np

from .project import ProjectData


def write_csv(project: ProjectData, file: BinaryIO) -> None:
    """Writes one row a sample: id, label, burst, source, created_at, then e0, e1, ...

    Args:
        project: samples without an embedding are left out.
        file: open for writing; the text is UTF-8.

    Raises:
        InputError: no sample has an embedding.
    """
    project.vectors_by_class()
    text = io.StringIO()
    writer = csv.writer(text)
    size = project.vectors.shape[1]
    writer.writerow(
        ["id", "label", "burst", "source", "created_at", *(f"e{i}" for i in range(size))]
    )
    for row in project.embedded():
        sample = project.samples[row]
        label = project.classes[sample.class_index].label
        about = [sample.id, label, sample.burst, sample.source, sample.created_at]
        writer.writerow([*(value or "" for value in about), *map(str, project.vectors[row])])
        file.write(text.getvalue().encode("utf-8", "replace"))
        text.seek(0)
        text.truncate()


def write_npz(project: ProjectData, file: BinaryIO) -> None:
    """Writes arrays that `numpy.load(..., allow_pickle=False)` reads.

    `vectors` float32[n, D], `labels` int64[n] into `label_names`, `label_names`, `ids` and
    `bursts` (text), `backbone` (name and fingerprint).

    Args:
        project: samples without an embedding are left out.
        file: open for writing.

    Raises:
        InputError: no sample has an embedding.
    """
    project.vectors_by_class()
    rows = project.embedded()
    samples = [project.samples[row] for row in rows]
    reference = project.backbone
    np.savez(
        file,
        vectors=project.vectors[rows],
        labels=np.array([s.class_index for s in samples], np.int64),
        label_names=np.array([c.label for c in project.classes], np.str_),
        ids=np.array([s.id or "" for s in samples], np.str_),
        bursts=np.array([s.burst or "" for s in samples], np.str_),
        backbone=np.array(
            [reference.name, reference.fingerprint] if reference else ["", ""], np.str_
        ),
    )
