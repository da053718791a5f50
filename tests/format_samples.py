"""What the tests of the formats share: a project, and the way out and back in."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from server.formats.project import BackboneRef, ClassData, ProjectData, SampleData
from server.formats.registry import read_project, write_project
from server.learning.pictures import encode_jpeg

#: Real files of the neighbours, beside the checkout; tests draw what they hold where they are not.
SHARED = Path(__file__).resolve().parent.parent.parent / "shared" / "formats"


def jpeg(value):
    return encode_jpeg(np.full((224, 224, 3), value, np.uint8))


def project(pictures=True, vectors=True, size=8):
    """Makes a project with an empty class, unusual labels, two bursts and five samples."""
    labels = ["cats", "a/b: ü=1", "empty", "10"]
    of_class = [3, 0, 1, 0, 1]
    random = np.random.default_rng(0)
    rows = random.normal(size=(5, size))
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    ids = [f"00000000-0000-4000-8000-00000000000{i}" for i in range(9)]
    return ProjectData(
        name="Größe 1",
        classes=[
            ClassData(label, ids[i].replace("0000-4", "1111-4"), f"#00000{i}")
            for i, label in enumerate(labels)
        ],
        samples=[
            SampleData(
                c,
                (lambda i=i: jpeg(40 * i)) if pictures else None,
                id=ids[i],
                burst="b1" if i < 3 else None,
                source="camera",
                created_at=f"2026-01-0{i + 1}T10:00:00.000Z",
            )
            for i, c in enumerate(of_class)
        ],
        vectors=rows if vectors else None,
        backbone=BackboneRef("eyes", "ab" * 32, size) if vectors else None,
        settings={"k": 5, "tolerance": None, "smoothing_ms": 0, "mirror": False},
    )


class Unseekable(io.RawIOBase):
    """A stream to a browser: it can only be written to."""

    def __init__(self):
        self.data = bytearray()

    def writable(self):
        return True

    def write(self, data):
        self.data += data
        return len(data)


def written(name, of=None):
    stream = Unseekable()
    write_project(name, of or project(), stream)
    return bytes(stream.data)


@pytest.fixture(name="back")
def back_fixture(tmp_path):
    """Reads bytes as a project; the name has no extension, so that only the content speaks."""
    opened = []

    def read(data, file_name="My file.x"):
        path = tmp_path / f"upload{len(opened)}"
        path.write_bytes(data)
        opened.append(read_project(path, file_name))
        return opened[-1]

    yield read
    for p in opened:
        p.close()


def zip_of(files):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data if isinstance(data, str | bytes) else json.dumps(data))
    return stream.getvalue()


def labels_of(p):
    return [p.classes[s.class_index].label for s in p.samples]
