"""Zips and folders of pictures with one folder a class."""

import io
from pathlib import Path

import pytest
from PIL import Image

from server.formats.pictures import folder_names
from server.formats.registry import read_project
from server.learning.errors import InputError
from server.learning.pictures import decode_square
from tests.format_samples import (
    SHARED,
    back_fixture,  # noqa: F401
    jpeg,
    labels_of,
    written,
    zip_of,
)


def test_zip_of_pictures_round_trip(back):
    p = back(written("zip"))
    assert [c.label for c in p.classes] == ["10", "a_b_ ü=1", "cats"]
    assert labels_of(p) == ["10", "a_b_ ü=1", "a_b_ ü=1", "cats", "cats"]
    assert p.samples[-1].read() == jpeg(120) and p.notes == []


def test_zip_with_a_folder_around_everything_litter_and_other_files(back):
    png = io.BytesIO()
    Image.new("RGB", (30, 20), "red").save(png, "PNG")
    p = back(
        zip_of(
            {
                "mine/Class 10/a.png": png.getvalue(),
                "mine/Class 2/deep/er/10.JPG": jpeg(10),
                "mine/Class 2/9.jpg": jpeg(9),
                "mine/Class 2/notes.txt": "hello",
                "__MACOSX/mine/Class 2/._9.jpg": "x",
                "mine/.DS_Store": "x",
            }
        )
    )
    assert [c.label for c in p.classes] == ["Class 2", "Class 10"]
    assert [s.name for s in p.samples][:2] == ["mine/Class 2/9.jpg", "mine/Class 2/deep/er/10.JPG"]
    assert decode_square(p.samples[2].read())[0, 0].tolist() == [255, 0, 0]
    assert p.notes == ["Files left out, being no pictures: 1 (mine/Class 2/notes.txt)."]


def test_loose_pictures_beside_folders_are_named(back):
    p = back(zip_of({"a/1.jpg": jpeg(1), "2.jpg": jpeg(2)}))
    assert labels_of(p) == ["a"] and "in no folder: 1 (2.jpg" in p.notes[0]


@pytest.mark.parametrize(
    "files", [{}, {"1.jpg": b"x"}, {"a/b.txt": "x"}, {"inner.zip": zip_of({})}]
)
def test_zip_without_classes_says_how_to_make_one(back, files):
    with pytest.raises(InputError, match="no classes") as caught:
        back(zip_of(files))
    assert "folder with the name" in caught.value.hint


def test_folder_on_disk_is_read_like_a_zip(tmp_path):
    for name in ("cats/1.jpg", "dogs/1.jpg", "dogs/.hidden.jpg"):
        (tmp_path / "pets" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "pets" / name).write_bytes(jpeg(5))
    (tmp_path / "pets" / "cats" / "link.jpg").symlink_to("/etc/passwd")
    with read_project(tmp_path / "pets") as p:
        assert p.name == "pets" and labels_of(p) == ["cats", "dogs"]
        assert p.samples[0].read() == jpeg(5)


def test_folder_names_are_different_and_valid_on_every_system():
    labels = ["a", "A", "a/b", "a:b", "..", "con", "CON.txt", " x. ", "", "a (2)", "\x07"]
    names = folder_names(labels)
    assert len({n.casefold() for n in names}) == len(labels)
    for name in names:
        assert name.strip(". ") == name and not set(name) & set('<>:"/\\|?*\x07')
        assert name.split(".")[0].lower() not in ("con", "")
    assert folder_names(["Käse 1"]) == ["Käse 1"]


def draw_tm_samples():
    files = {"Class 2/.DS_Store": b"x", "__MACOSX/Class 2/._.DS_Store": b"x"}
    picture = io.BytesIO()
    Image.effect_noise((300, 280), 50).convert("RGB").save(picture, "PNG")
    for label, count in (("Class 2", 11), ("Class 1", 11)):
        files |= {f"{label}/{i}.png": picture.getvalue() for i in range(count)}
    return zip_of(files)


@pytest.mark.parametrize("real", [True, False])
def test_downloaded_samples_of_teachable_machine(back, real):
    path = SHARED / "teachable-machine-samples.zip"
    p = back(path.read_bytes() if real and path.exists() else draw_tm_samples())
    assert [c.label for c in p.classes] == ["Class 1", "Class 2"] and p.notes == []
    assert labels_of(p).count("Class 1") == 11 and len(p.samples) == 22
    assert [Path(s.name).stem for s in p.samples][:11] == [str(i) for i in range(11)]
    assert decode_square(p.samples[0].read()).std() > 5
