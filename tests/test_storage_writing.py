"""Files that are written whole or not at all."""

import errno

import pytest

from server.storage.writing import write_whole


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    def full(_descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("server.storage.writing.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(tmp_path / "file", b"data")
    assert list(tmp_path.iterdir()) == []


def test_a_file_replaces_the_old_one_and_is_for_its_owner_alone(tmp_path):
    path = tmp_path / "folder" / "file"
    write_whole(path, b"old")
    write_whole(path, b"new", tmp_path / "elsewhere")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in path.parent.iterdir()] == ["file"]
    assert not any((tmp_path / "elsewhere").iterdir())
