"""Many pictures: over processes, in order, in bounded memory, whatever becomes of a process."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
import pytest

from server.learning import backbones, lots
from server.learning.cache import EmbeddingCache
from server.learning.embedding import embed
from server.learning.errors import InputError
from server.learning.eyes import BackboneEyes, Eyelids, ModelEyes
from server.learning.lots import embed_all, look_at
from server.learning.models import Neighbours
from server.learning.pictures import decode_square
from server.learning.task import Cancelled, Task
from tests.conftest import draw

ROOT = Path(__file__).resolve().parent.parent


def pictures(folder, count, size=(64, 48)):
    folder.mkdir(exist_ok=True)
    paths = []
    for i in range(count):
        paths.append(folder / f"{i:04d}.jpg")
        paths[-1].write_bytes(draw((i * 37 % 256, 60, 200), seed=i, size=size))
    return paths


def children():
    """Processes of multiprocessing that this one has started; other tests have others."""
    found = psutil.Process().children()
    return [p for p in found if "spawn_main" in " ".join(p.cmdline())]


@pytest.fixture
def many(tmp_path, monkeypatch):
    """More pictures than are taken to be worth looking at alone, in lots of eight."""
    monkeypatch.setattr(lots, "FEW", 20)
    monkeypatch.setattr(lots, "LOT", 8)
    return pictures(tmp_path / "many", 60)


def test_one_process_and_two_see_what_the_backbone_sees_in_order(many):
    backbone = backbones.get()
    expected = embed(backbone, np.stack([decode_square(path.read_bytes()) for path in many]))
    for processes in (1, 2):
        found, skipped = embed_all(many, backbone, None, Task(), processes)
        assert not skipped and found.dtype == np.float32
        assert np.array_equal(found, expected)
    assert not children()


def test_pictures_that_were_looked_at_before_are_not_looked_at_again(many, tmp_path, monkeypatch):
    backbone = backbones.get()
    told = []
    task = Task(told.append)
    with EmbeddingCache(tmp_path / "cache") as cache:
        first, _ = embed_all(many, backbone, cache, task, 1)
        monkeypatch.setattr(BackboneEyes, "open", None)  # neither here nor in a process
        moved = [path.rename(path.with_suffix(".jpeg")) for path in many]
        second, _ = embed_all(moved, backbone, cache, task, 2)
    assert np.array_equal(first, second)
    logs = [event["text"] for event in told if event["kind"] == "log"]
    assert logs == [f"{len(many)} of {len(many)} pictures were looked at before."]
    progress = [event["fraction"] for event in told if event["kind"] == "progress"]
    assert progress[0] == 0 and progress[-1] == 1


@pytest.mark.parametrize("processes", [1, 2])
def test_what_cannot_be_read_is_left_out_with_a_reason(many, tmp_path, processes):
    def refuse():
        raise InputError("The archive is damaged", "at its end")

    (tmp_path / "empty.jpg").touch()
    (tmp_path / "text.jpg").write_text("no picture")
    (tmp_path / "cut.jpg").write_bytes(draw()[:2000])
    bad = [tmp_path / n for n in ("gone.jpg", "empty.jpg", "text.jpg", "cut.jpg")]
    sources = [*many[:30], *bad, refuse, tmp_path, *many[30:], lambda: draw(seed=0)]
    found, skipped = embed_all(sources, backbones.get(), None, Task(), processes)
    assert [entry["index"] for entry in skipped] == list(range(30, 36))
    for entry, word in zip(
        skipped,
        ("No such file", "empty", "not a picture", "damaged", "archive", "directory"),
        strict=True,
    ):
        assert word in entry["reason"], entry
    assert np.isnan(found[30:36]).all() and np.isfinite(np.delete(found, range(30, 36), 0)).all()


def test_a_file_that_is_too_large_is_not_read(tmp_path):
    path = tmp_path / "large.jpg"
    with path.open("wb") as file:
        file.truncate(lots.MOST_FILE_BYTES + 1)
    (one,) = look_at([path], Eyelids(), Task(), 1)
    assert one.row is None and "limit" in one.reason and not one.data


def test_a_cancelled_task_ends_the_processes_at_once(many):
    is_cancelled = False
    looks = look_at(
        many * 10, BackboneEyes(backbones.get()), Task(cancelled=lambda: is_cancelled), 2
    )
    next(looks)
    assert len(children()) == 2
    is_cancelled = True
    begun = time.monotonic()
    with pytest.raises(Cancelled):
        list(looks)
    assert time.monotonic() - begun < 2
    assert not children()


def test_whoever_stops_listening_ends_the_processes(many):
    looks = look_at(many * 20, Eyelids(), Task(), 2)
    next(looks)
    looks.close()
    assert not children()


@dataclass(frozen=True)
class Fragile:
    """Eyes that end their process at a picture that is wholly red."""

    fingerprint: str = ""

    def open(self):
        def see(square):
            if square[0, 0].tolist() == [255, 0, 0]:
                os._exit(9)
            return square.reshape(-1, 3).mean(axis=0)

        return see


def test_a_picture_that_ends_its_process_costs_only_itself(many, tmp_path):
    deadly = tmp_path / "deadly.png"
    from PIL import Image

    Image.new("RGB", (224, 224), (255, 0, 0)).save(deadly)
    sources = [*many[:50], deadly, *many[50:]]
    found = list(look_at(sources, Fragile(), Task(), 2))
    assert [one.index for one in found] == list(range(len(sources)))
    assert [one.index for one in found if one.row is None] == [50]
    assert "ended suddenly" in found[50].reason
    expected = decode_square(many[50].read_bytes()).reshape(-1, 3).mean(axis=0)
    assert np.array_equal(found[51].row, expected)


@dataclass(frozen=True)
class Closed:
    """Eyes that cannot be opened."""

    fingerprint: str = ""

    def open(self):
        raise InputError("The backbone cannot be loaded", "It is damaged", "Convert it again")


@pytest.mark.parametrize("processes", [1, 2])
def test_eyes_that_cannot_be_opened_are_told_of(many, processes):
    with pytest.raises(InputError, match="cannot be loaded: It is damaged") as refused:
        list(look_at(many, Closed(), Task(), processes))
    assert refused.value.hint == "Convert it again"
    assert not children()


@dataclass(frozen=True)
class Stillborn:
    """Eyes over which a process ends before it has begun."""

    fingerprint: str = ""

    def open(self):
        os._exit(3)


def test_processes_that_never_begin_are_not_started_forever(many):
    with pytest.raises(RuntimeError, match="status 3"):
        list(look_at(many, Stillborn(), Task(), 2))
    assert not children()


def test_few_pictures_are_looked_at_here(tmp_path, monkeypatch):
    monkeypatch.setattr(lots, "Crew", None)
    few = pictures(tmp_path / "few", 70)
    assert all(one.row is not None for one in look_at(few, Eyelids(), Task(), 8))


def test_a_model_that_wants_squares_sees_through_its_own_eyes(tmp_path):
    squares = np.random.default_rng(0).integers(0, 256, (4, 224, 224, 3), np.uint8)
    from server.learning.neighbours import raw_pixels

    model = Neighbours(raw_pixels(squares, 8), np.arange(4) % 2, 2, 1, "cosine", 9.0, pixels=8)
    paths = pictures(tmp_path / "few", 3)
    rows = [one.row for one in look_at(paths, ModelEyes.of(model), Task(), 1)]
    expected = model.logits(np.stack([decode_square(path.read_bytes()) for path in paths]))
    assert np.array_equal(np.stack(rows), expected)


def test_sources_are_taken_only_as_far_ahead_as_is_needed():
    taken = 0

    def endless():
        nonlocal taken
        data = draw(size=(16, 16))
        while True:
            taken += 1
            yield lambda: data

    looks = look_at(endless(), Eyelids(), Task(), 1)
    next(looks)
    assert taken <= lots.AHEAD * lots.LOT
    looks.close()


def test_large_files_make_small_lots(tmp_path):
    data = draw(size=(16, 16)) + bytes(lots.LOT_BYTES)
    begun = []

    def source(i):
        return lambda: begun.append(i) or data

    looks = look_at((source(i) for i in range(100)), Eyelids(), Task(), 1)
    next(looks)
    assert len(begun) <= lots.AHEAD
    looks.close()


def test_a_large_array_is_a_file_and_a_small_one_is_not(tmp_path, monkeypatch):
    paths = pictures(tmp_path / "few", 3)
    small, _ = embed_all(paths, backbones.get(), None, Task(), 1)
    monkeypatch.setattr(lots, "MOST_IN_MEMORY", 1000)
    large, _ = embed_all(paths, backbones.get(), None, Task(), 1)
    assert isinstance(large, np.memmap) and not isinstance(small, np.memmap)
    assert np.array_equal(small, large)


def test_two_thousand_pictures_need_hardly_more_memory_than_two_hundred():
    code = (
        "import resource, sys\n"
        "from server.learning.eyes import Eyelids\n"
        "from server.learning.lots import look_at\n"
        "from server.learning.task import Task\n"
        "from tests.conftest import draw\n"
        "small = draw(size=(224, 224))\n"
        "sources = (lambda: small + bytes(60_000) for _ in range(int(sys.argv[1])))\n"
        "for one in look_at(sources, Eyelids(), Task(), 1):\n"
        "    assert one.row is not None\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
    )

    def kilobytes(count):
        result = subprocess.run(
            [sys.executable, "-c", code, str(count)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        return int(result.stdout)

    few, many = kilobytes(200), kilobytes(2000)
    # The files of 2,000 have 140 MB together, 126 MB more than those of 200.
    assert many - few < 20_000, (few, many)
