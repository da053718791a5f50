"""`.showtell`: what goes out comes back, and what contradicts itself is refused."""

import io
import json
import zipfile

import numpy as np
import pytest

from server.formats.project import ClassData, SampleData
from server.learning.errors import InputError
from server.learning.pictures import as_stored
from tests.format_samples import (
    back_fixture,  # noqa: F401
    jpeg,
    project,
    written,
    zip_of,
)


def test_showtell_round_trip_keeps_everything(back):
    before, after = project(), back(written("showtell"))
    assert (after.name, after.settings, after.backbone) == (
        before.name,
        before.settings,
        before.backbone,
    )
    assert after.classes == before.classes and after.notes == []
    for old, new in zip(before.samples, after.samples, strict=True):
        assert (new.id, new.class_index, new.burst) == (old.id, old.class_index, old.burst)
        assert (new.source, new.created_at) == (old.source, old.created_at)
        assert as_stored(new.read()) == (old.read(), True)
    assert np.abs(after.vectors - before.vectors).max() < 1e-7


def test_showtell_keeps_which_samples_have_a_vector_and_which_a_picture(back):
    p = project()
    p.vectors[1] = np.nan
    p.samples[2] = SampleData(1)
    after = back(written("showtell", p))
    assert np.isnan(after.vectors).all(axis=1).tolist() == [False, True, False, False, False]
    assert [s.read is None for s in after.samples] == [False, False, True, False, False]


def test_showtell_without_vectors_and_without_pictures(back):
    assert back(written("showtell", project(vectors=False))).vectors is None
    after = back(written("showtell", project(pictures=False)))
    assert all(s.read is None for s in after.samples) and after.vectors.shape == (5, 8)
    nothing = back(written("showtell", project(pictures=False, vectors=False)))
    assert nothing.samples == [] and "numbers: 5." in nothing.notes[0]


def bent(change):
    """Changes project.json of a good file."""
    with zipfile.ZipFile(io.BytesIO(written("showtell"))) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    document = json.loads(files["project.json"])
    document.update(change)
    files["project.json"] = json.dumps({k: v for k, v in document.items() if v is not Ellipsis})
    return zip_of(files)


GOOD = {"class": 0, "file": None}


@pytest.mark.parametrize(
    "change",
    [
        {"format": "other"},
        {"version": 2},
        {"version": None},
        {"classes": ...},
        {"classes": [1]},
        {"classes": []},
        {"classes": [{"label": str(i)} for i in range(1001)]},
        {"samples": ...},
        {"samples": [{**GOOD, "class": 4}]},
        {"samples": [{**GOOD, "class": -1}]},
        {"samples": [{**GOOD, "class": True}]},
        {"samples": [{**GOOD, "class": "0"}]},
        {"samples": [{**GOOD, "file": "samples/none.jpg"}]},
        {"samples": [{**GOOD, "file": ["x"]}]},
        {"samples": [GOOD]},
        {"backbone": "eyes"},
        {"backbone": {"name": "eyes", "fingerprint": 1, "embedding_size": 8}},
        {"backbone": {"name": "eyes", "fingerprint": "a", "embedding_size": 9}},
    ],
    ids=lambda change: json.dumps(change, default=str)[:50],
)
def test_showtell_that_contradicts_itself_is_refused(back, change):
    with pytest.raises(InputError) as caught:
        back(bent(change))
    assert caught.value.detail


def test_showtell_values_that_cannot_be_used_fall_back(back):
    with zipfile.ZipFile(io.BytesIO(written("showtell"))) as archive:
        samples = json.loads(archive.read("project.json"))["samples"]
    odd = {"id": samples[1]["id"], "burst": ["x"], "source": "moon", "created_at": "yesterday"}
    samples[0].update(odd)
    classes = [
        {"label": "", "color": "red", "id": "x"},
        {"label": "a\0\n b "},
        {"label": "a b"},
        {},
    ]
    settings_ = {"k": True, "tolerance": -1, "mirror": 1, "smoothing_ms": 1e9, "other": 1}
    p = back(bent({"samples": samples, "classes": classes, "settings": settings_, "name": 5}))
    assert [c.label for c in p.classes] == ["Class 1", "a b", "a b (2)", "Class 4"]
    assert p.classes[0] == ClassData("Class 1") and p.settings == {} and p.name == "5"
    first = p.samples[0]
    assert (first.burst, first.source, first.created_at) == (None, "import", None)
    assert first.id == samples[1]["id"] and p.samples[1].id is None


def test_showtell_with_damaged_vectors_is_refused(back):
    with zipfile.ZipFile(io.BytesIO(written("showtell"))) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    for content in (b"", b"\xff" * 64, files["vectors.safetensors"][:-9]):
        with pytest.raises(InputError, match=r"vectors.safetensors"):
            back(zip_of({**files, "vectors.safetensors": content}))


def test_pictures_are_read_one_at_a_time_and_only_when_asked(back):
    reads = []
    p = project()
    p.samples = [
        SampleData(s.class_index, (lambda i=i: reads.append(i) or jpeg(i)))
        for i, s in enumerate(p.samples)
    ]
    p.vectors = None
    data = written("showtell", p)
    assert reads == [0, 1, 2, 3, 4]
    assert back(data).samples[3].read() == jpeg(3)
