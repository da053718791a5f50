"""The table of formats, the tables it writes, and what all formats share."""

import csv
import io

import numpy as np
import pytest

from server.formats.project import clean_labels, decide, natural_key
from server.formats.registry import FORMATS, download_name, sniff, write_project
from server.learning.backbones import load_backbone
from server.learning.errors import InputError
from tests.format_samples import (
    back_fixture,  # noqa: F401
    jpeg,
    project,
    written,
)
from tests.test_backbones import make_folder


def test_csv_has_a_row_a_sample_and_reads_back():
    before = project()
    rows = list(csv.reader(io.StringIO(written("csv").decode())))
    assert rows[0][:6] == ["id", "label", "burst", "source", "created_at", "e0"]
    assert [row[1] for row in rows[1:]] == ["10", "cats", "a/b: ü=1", "cats", "a/b: ü=1"]
    assert rows[1][2] == "b1" and rows[4][2] == ""
    numbers = np.array([row[5:] for row in rows[1:]], np.float32)
    assert (numbers == before.vectors).all()


def test_npz_reads_back_without_pickle():
    before = project()
    before.vectors[2] = np.nan
    with np.load(io.BytesIO(written("npz", before)), allow_pickle=False) as arrays:
        assert (arrays["vectors"] == before.vectors[[0, 1, 3, 4]]).all()
        assert arrays["label_names"][arrays["labels"]].tolist() == [
            "10",
            "cats",
            "cats",
            "a/b: ü=1",
        ]
        assert arrays["ids"][0] == before.samples[0].id and arrays["bursts"].tolist()[0] == "b1"
        assert arrays["backbone"].tolist() == ["eyes", "ab" * 32]


@pytest.mark.parametrize("row", [f for f in FORMATS.values() if f.write], ids=lambda f: f.name)
def test_format_that_lacks_what_it_needs_says_so(row):
    empty = project(pictures=False, vectors=False)
    if row.needs_vectors or row.needs_pictures:
        with pytest.raises(InputError) as caught:
            written(row.name, empty)
        assert caught.value.kind == "mismatch" and caught.value.hint
    else:
        assert written(row.name, empty)


def test_content_not_the_name_says_what_a_file_is(tmp_path):
    for row in FORMATS.values():
        if row.write and row.read:
            path = tmp_path / "something.jpg"
            path.write_bytes(written(row.name))
            assert sniff(path) == row.name


@pytest.mark.parametrize("data", [b"", b"hello", jpeg(0), b"\x93NUMPY", b"{}", b"PK", b"\x80\x04"])
def test_other_files_are_refused(back, data):
    with pytest.raises(InputError):
        back(data)


def test_unknown_format_is_named():
    with pytest.raises(InputError, match="'exe'"):
        write_project("exe", project(), io.BytesIO())
    with pytest.raises(InputError, match="'genai-tm'"):
        write_project("genai-tm", project(), io.BytesIO())


def test_download_name_is_a_file_name():
    assert download_name("tm", "Größe: 1/2") == "Größe_ 1_2.tm"
    assert download_name("knn", "..") == "_.json"


def test_backbone_of_an_import_is_kept_replaced_or_missed(tmp_path):
    eyes = load_backbone(make_folder(tmp_path, "eyes", fingerprint="1" * 64, embedding_size=8))
    other = load_backbone(make_folder(tmp_path, "other", fingerprint="ab" * 32, embedding_size=8))
    assert decide(project(), [eyes, other]).backbone == other
    again = decide(project(), [eyes])
    assert (again.action, again.backbone) == ("re-embed", eyes) and "not here" in again.message
    missed = decide(project(pictures=False), [eyes])
    assert missed.action == "refuse" and "Convert eyes first" in missed.message
    assert decide(project(vectors=False), [eyes, other], preferred="other").backbone == other
    assert decide(project(), []).action == "refuse"


def test_vectors_of_an_unnamed_backbone_fit_by_their_length_or_not(tmp_path):
    eyes = load_backbone(make_folder(tmp_path, "eyes", embedding_size=8))
    p = project(pictures=False)
    p.backbone = None
    fitting = decide(p, [eyes])
    assert fitting.action == "same" and "does not say" in fitting.message
    p.vectors = np.ones((5, 3), np.float32)
    assert "no backbone here makes 3 numbers" in decide(p, [eyes]).message


def test_labels_become_usable_and_different():
    long = "x" * 150
    found = clean_labels(["a", "a", "a (2)", " ", "e\u0301", "\ud800", long, long])
    assert found[:3] == ["a", "a (2)", "a (2) (2)"] and found[3:5] == ["Class 4", "é"]
    assert len(set(found)) == 8 and max(map(len, found)) == 100


def test_natural_order_counts_numbers_as_numbers():
    names = ["b", "a10", "a2", "A1", "a", "1"]
    assert sorted(names, key=natural_key) == ["1", "a", "A1", "a2", "a10", "b"]
