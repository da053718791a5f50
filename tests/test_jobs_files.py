"""Exports that are kept ready and uploads that wait: bounded, whole, swept."""

import os
import subprocess
import sys
from pathlib import Path

from server.jobs.files import PreparedExports, Uploads
from server.jobs.lock import FolderLock
from server.storage.values import new_id

ROOT = Path(__file__).resolve().parent.parent


def made(size, name="discs-onnx.zip"):
    return {"data": b"x" * size, "file_name": name, "agreement": {"pictures": 3}}


def files(folder):
    return sorted(path.name for path in folder.iterdir())


def test_an_export_is_found_again_with_its_name_and_agreement(tmp_path):
    exports, identity = PreparedExports(tmp_path / "x"), new_id()
    assert exports.find(identity, "onnx") is None
    exports.keep(identity, "onnx", made(10))
    found = exports.find(identity, "onnx")
    assert found.path.read_bytes() == b"x" * 10
    assert found.file_name == "discs-onnx.zip" and found.agreement == {"pictures": 3}
    assert exports.find(identity, "tfjs") is None
    assert found.path.stat().st_mode & 0o077 == 0


def test_there_are_no_more_exports_than_there_is_room_for(tmp_path):
    exports = PreparedExports(tmp_path, most_bytes=25)
    ids = [new_id() for _ in range(3)]
    for i, identity in enumerate(ids):
        exports.keep(identity, "onnx", made(10))
        os.utime(tmp_path / f"{identity}.onnx", (i, i))
    assert exports.find(ids[0], "onnx") is None  # the one that was made longest ago
    assert exports.find(ids[1], "onnx")  # asked for now
    exports.keep(new_id(), "onnx", made(10))
    assert exports.find(ids[2], "onnx") is None
    assert exports.find(ids[1], "onnx")
    exports.keep(ids[0], "onnx", made(100))  # larger than all the room: kept alone
    assert files(tmp_path) == [f"{ids[0]}.onnx", f"{ids[0]}.onnx.json"]


def test_exports_of_classifiers_that_are_gone_are_removed(tmp_path):
    exports, kept, gone = PreparedExports(tmp_path), new_id(), new_id()
    for identity in (kept, gone):
        exports.keep(identity, "onnx", made(5))
        exports.keep(identity, "tfjs", made(5))
    young, old = tmp_path / f".{new_id()}", tmp_path / f".{new_id()}"
    for path in (young, old):
        path.write_bytes(b"half")
    os.utime(old, (0, 0))
    exports.sweep({kept})
    assert files(tmp_path) == sorted(
        [young.name]
        + [f"{kept}.{format}{end}" for format in ("onnx", "tfjs") for end in ("", ".json")]
    )
    exports.forget(kept)
    assert files(tmp_path) == [young.name]
    exports.forget("../*")  # no id: nothing is touched
    assert files(tmp_path) == [young.name]


def test_an_upload_waits_for_its_job_and_is_swept_with_it(tmp_path):
    uploads, waits, gone = Uploads(tmp_path), new_id(), new_id()
    for identity in (waits, gone):
        uploads.keep(identity, b"zip")
    uploads.sweep([waits])
    assert files(tmp_path) == sorted([waits, gone])  # too young: its row may be on its way
    for identity in (waits, gone):
        os.utime(tmp_path / identity, (0, 0))
    uploads.sweep([waits])
    assert uploads.read(waits) == b"zip" and files(tmp_path) == [waits]
    uploads.forget(waits)
    uploads.forget(waits)
    assert files(tmp_path) == []


def test_one_process_at_a_time_has_the_lock_and_a_killed_one_gives_it_back(tmp_path):
    code = (
        "import sys, pathlib\n"
        "from server.jobs.lock import FolderLock\n"
        "lock = FolderLock(pathlib.Path(sys.argv[1]))\n"
        "print(lock.acquire(), flush=True)\n"
        "sys.stdin.read()\n"
    )
    path = tmp_path / "data" / "jobs.lock"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, text=True,
    ) as other:  # fmt: skip
        assert other.stdout.readline() == "True\n"
        mine = FolderLock(path)
        assert mine.acquire() is False
        other.kill()
        other.wait(10)
    assert mine.acquire() is True and mine.acquire() is True
    mine.release()
    third = FolderLock(path)
    assert third.acquire() is True
    third.release()
