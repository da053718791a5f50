"""Projects of Teachable Machine and GenAI-TM."""

import pytest

from server.learning.errors import InputError
from tests.format_samples import (
    back_fixture,  # noqa: F401
    jpeg,
    labels_of,
    written,
    zip_of,
)


def tm_file(kind="image", **files):
    manifest = {
        "type": kind,
        "version": "2.4.10",
        "appdata": {"publishResults": {"tensorflowjs": {"name": "x", "token": "SECRET-TOKEN"}}},
    }
    return zip_of({**files, "manifest.json": manifest})


def test_tm_classes_come_in_order_of_appearance_and_samples_by_number(back):
    names = ["b-!-10.jpg", "b-!-9.jpg", "a-!-b-!-0.jpg", "Class 1-!-0.jpg"]
    p = back(tm_file(**{name: jpeg(i) for i, name in enumerate(names)}), "Hands.tm")
    assert p.name == "Hands"
    assert [c.label for c in p.classes] == ["b", "a-!-b", "Class 1"]
    assert [s.name for s in p.samples] == ["b-!-9.jpg", "b-!-10.jpg", *names[2:]]
    assert p.samples[0].read() == jpeg(1)


def test_tm_publish_token_is_nowhere_in_what_is_read_or_written(back):
    p = back(tm_file(**{"a-!-0.jpg": jpeg(1)}))
    assert "SECRET" not in repr(p)
    for name in ("showtell", "tm", "zip"):
        assert b"SECRET" not in written(name, p)


def test_tm_round_trip(back):
    p = back(written("tm"))
    assert [c.label for c in p.classes] == ["cats", "a_b_ ü=1", "10"]
    assert labels_of(p) == ["cats", "cats", "a_b_ ü=1", "a_b_ ü=1", "10"]
    assert p.samples[0].read() == jpeg(40)


def test_tm_of_poses_is_read_and_of_sounds_refused(back):
    assert "Poses" in back(tm_file("pose", **{"a-!-0.jpg": jpeg(1)})).notes[0]
    for kind in ("audio", None, ["image"]):
        with pytest.raises(InputError, match="not a project of pictures"):
            back(tm_file(kind, **{"a-!-0.zip": b"x"}))
    with pytest.raises(InputError, match="no pictures"):
        back(tm_file())


def test_genai_tm_samples_are_read_in_the_order_of_the_labels(back):
    files = {f"samples/{n}.png": b"x" for n in ("b_1", "b_0", "a_b_0", "extra_0")}
    p = back(zip_of({"metadata.json": {"labels": ["a_b", "none", "b"]}, **files}))
    assert [c.label for c in p.classes] == ["a_b", "none", "b", "extra"]
    assert labels_of(p) == ["a_b", "b", "b", "extra"]
    with pytest.raises(InputError, match="labels"):
        back(zip_of({"metadata.json": {}, **files}))


def test_trained_model_without_samples_says_what_to_do(back):
    files = {"model.json": "{}", "weights.bin": b"", "metadata.json": "{}"}
    with pytest.raises(InputError) as caught:
        back(zip_of(files))
    assert "convert_models.py" in caught.value.hint and caught.value.kind == "unsupported-media"
