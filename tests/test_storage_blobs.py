"""Pictures as files named by their hash: stored once, durable, removed only when unused."""

import hashlib
import os
import stat
import threading
from pathlib import Path

import pytest

from server.storage import BlobStore
from server.storage.blobs import TEMPORARY_SECONDS


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "blobs")


def files(blobs: BlobStore) -> set[str]:
    return {path.name for path in blobs.folder.rglob("*") if path.is_file()}


def never(_sha256: str) -> bool:
    return False


def always(_sha256: str) -> bool:
    return True


def test_a_file_is_found_under_the_hash_of_its_content(blobs):
    (sha256,) = blobs.put([b"picture"])
    assert sha256 == hashlib.sha256(b"picture").hexdigest()
    assert blobs.read(sha256) == b"picture"
    assert blobs.path(sha256).parent.name == sha256[:2]
    assert files(blobs) == {sha256}


def test_the_same_content_is_stored_once_and_not_written_again(blobs):
    first, second = blobs.put([b"same", b"same"])
    before = blobs.path(first).stat().st_mtime_ns
    assert blobs.put([b"same"]) == [first] == [second]
    assert blobs.path(first).stat().st_mtime_ns == before
    assert files(blobs) == {first}


def test_only_the_servers_user_may_read_a_picture(blobs):
    (sha256,) = blobs.put([b"picture"])
    assert blobs.path(sha256).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ["", "../etc/passwd", "A" * 64, "0" * 63, "0" * 65])
def test_what_is_no_hash_never_becomes_a_path(blobs, name):
    with pytest.raises(ValueError, match="64 lower-case"):
        blobs.path(name)


def test_every_file_is_synced_before_it_gets_its_name_and_the_folder_after(blobs, monkeypatch):
    events = []
    real_sync, real_replace = os.fsync, Path.replace

    def sync(descriptor: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        events.append(("sync", "folder" if is_folder else "file"))
        real_sync(descriptor)

    def replace(self: Path, target: Path) -> Path:
        events.append(("rename", "file"))
        return real_replace(self, target)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(Path, "replace", replace)
    blobs.put([b"picture"])
    assert events[:2] == [("sync", "file"), ("rename", "file")]
    assert events[2:] == [("sync", "folder")] * 2  # of the hash's two digits, and above


def test_a_failed_write_leaves_nothing_behind(blobs, monkeypatch):
    def fail(_descriptor: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="no space"):
        blobs.put([b"picture"])
    assert files(blobs) == set()


def test_an_unused_file_is_removed_and_a_used_one_is_kept(blobs):
    used, unused = blobs.put([b"used", b"unused"])
    assert not blobs.remove(used, always)
    assert blobs.remove(unused, never)
    assert files(blobs) == {used}
    assert not blobs.remove(unused, never)


def test_a_file_that_becomes_used_during_its_removal_is_restored(blobs):
    (sha256,) = blobs.put([b"picture"])
    answers = iter([False, True])  # somebody commits a use between the two looks
    assert not blobs.remove(sha256, lambda _: next(answers))
    assert blobs.read(sha256) == b"picture"


def test_a_read_during_a_removal_that_is_taken_back_finds_the_picture(blobs):
    (sha256,) = blobs.put([b"picture"])
    moved, reading = threading.Event(), threading.Event()

    def used(_: str) -> bool:
        if not blobs.has(sha256):
            moved.set()
            reading.wait(10)
            return True
        return False

    remover = threading.Thread(target=blobs.remove, args=(sha256, used))
    remover.start()
    assert moved.wait(10)
    threading.Timer(0.005, reading.set).start()
    assert blobs.read(sha256) == b"picture"
    remover.join(10)


def test_a_sweep_removes_old_temporary_files_and_leaves_young_ones(blobs):
    blobs.put([b"picture"])
    old, young = (blobs.folder / "tmp" / name for name in ("old", "young"))
    for path in (old, young):
        path.write_bytes(b"half")
    now = young.stat().st_mtime
    os.utime(old, (now - TEMPORARY_SECONDS - 1,) * 2)
    assert blobs.sweep(always, now=now) == 1
    assert not old.exists() and young.exists()
    assert blobs.sweep(always, now=now + TEMPORARY_SECONDS + 1) == 0
    assert not young.exists()


def test_a_sweep_finishes_removals_that_a_crash_cut_short(blobs):
    used, unused = blobs.put([b"used", b"unused"])
    trash = blobs.folder / "trash"
    trash.mkdir()
    for sha256 in (used, unused):
        blobs.path(sha256).rename(trash / f"{sha256}.1")
    blobs.sweep(lambda sha256: sha256 == used)
    assert files(blobs) == {used}
    assert blobs.read(used) == b"used"


def test_a_sweep_looks_again_at_each_orphan(blobs):
    kept, orphan = blobs.put([b"kept", b"orphan"])
    blobs.sweep(lambda sha256: sha256 == kept, [kept, orphan])
    assert set(blobs.hashes()) == {kept}


def test_no_picture_is_lost_when_uploads_and_removals_race(blobs):
    """Uploaders store, commit, look again; removers remove what seems unused, all at once."""
    data = [bytes([i]) for i in range(4)]
    committed: dict[str, int] = {}
    lock = threading.Lock()
    problems: list[str] = []
    stop = threading.Event()

    def used(sha256: str) -> bool:
        with lock:
            return committed.get(sha256, 0) > 0

    def upload() -> None:
        for turn in range(150):
            content = data[turn % len(data)]
            (sha256,) = blobs.put([content])
            with lock:
                committed[sha256] = committed.get(sha256, 0) + 1
            if not blobs.has(sha256):
                blobs.put([content])
            try:
                if blobs.read(sha256) != content:
                    problems.append("wrong content")
            except FileNotFoundError:
                problems.append("lost")
            with lock:
                committed[sha256] -= 1
            blobs.remove(sha256, used)

    def sweep() -> None:
        while not stop.is_set():
            blobs.sweep(used, list(blobs.hashes()))

    sweeper = threading.Thread(target=sweep)
    sweeper.start()
    uploaders = [threading.Thread(target=upload) for _ in range(4)]
    for thread in uploaders:
        thread.start()
    for thread in uploaders:
        thread.join(60)
    stop.set()
    sweeper.join(10)
    assert problems == []
    for sha256 in list(blobs.hashes()):
        blobs.remove(sha256, used)
    assert files(blobs) == set()
