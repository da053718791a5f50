"""Files of outputs: rows and bytes come and go together."""

import errno
from pathlib import Path

import pytest

from server.errors import Problem
from server.storage import AssetStore, BlobStore, Database, Projects
from server.storage.assets import NewAsset
from server.storage.values import new_id


@pytest.fixture
def store(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/test.sqlite3")
    database.prepare()
    yield AssetStore(database, BlobStore(tmp_path / "assets"), most=3)
    database.close()


@pytest.fixture
def projects(store, tmp_path):
    return Projects(store.database, BlobStore(tmp_path / "blobs"))


@pytest.fixture
def project_id(projects):
    return projects.create({"name": "P", "backbone": "b", "classes": []})[0]["id"]


def sound(data=b"la", **more):
    return NewAsset("la.wav", "audio/wav", data, **more)


def test_a_file_is_kept_and_read_again(store, project_id):
    (made,) = store.add(project_id, [sound()])
    assert (made["name"], made["mime"], made["bytes"]) == ("la.wav", "audio/wav", 2)
    assert made["url"] == f"/api/v1/assets/{made['id']}/file"
    assert store.read(made["id"]) == b"la"
    assert store.list(project_id) == [made] == [store.get(made["id"])]


def test_an_id_that_is_there_is_answered_with_what_is_there(store, project_id, projects):
    file = sound(id=new_id())
    assert store.add(project_id, [file]) == store.add(project_id, [file])
    assert len(store.list(project_id)) == 1
    other = projects.create({"name": "Q", "backbone": "b", "classes": []})[0]["id"]
    for project, data in ((project_id, b"other"), (other, b"la")):
        with pytest.raises(Problem) as refused:
            store.add(project, [sound(data, id=file.id)])
        assert refused.value.status == 409
    assert store.list(other) == []
    assert set(store.blobs.hashes()) == {
        Path(store.blobs.path(h)).name for h in store.blobs.hashes()
    }
    assert len(list(store.blobs.hashes())) == 1, "what was refused is not kept"


def test_there_are_so_many_files_at_most_and_all_or_none_of_a_list_are_kept(store, project_id):
    with pytest.raises(Problem) as refused:
        store.add(project_id, [sound(bytes([i])) for i in range(4)])
    assert refused.value.status == 413
    assert store.list(project_id) == [] and list(store.blobs.hashes()) == []


def test_no_file_without_a_project(store):
    for ask in (lambda: store.add(new_id(), [sound()]), lambda: store.list(new_id())):
        with pytest.raises(Problem) as refused:
            ask()
        assert refused.value.status == 404
    assert list(store.blobs.hashes()) == []


def test_bytes_go_with_the_last_row_that_has_them(store, project_id):
    one, two = (store.add(project_id, [sound()])[0]["id"] for _ in range(2))
    store.delete(one)
    assert store.read(two) == b"la"
    store.delete(two)
    assert list(store.blobs.hashes()) == []
    with pytest.raises(Problem) as refused:
        store.delete(two)
    assert refused.value.status == 404


def test_files_die_with_their_project(store, project_id, projects):
    (made,) = store.add(project_id, [sound()])
    assert store.orphans() == []
    projects.delete(project_id)
    with pytest.raises(Problem):
        store.get(made["id"])
    assert len(store.orphans()) == 1
    store.drop_orphans()
    assert list(store.blobs.hashes()) == []


def test_a_full_disk_leaves_nothing(store, project_id, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("server.storage.blobs.write_whole", full)
    with pytest.raises(OSError, match="No space"):
        store.add(project_id, [sound()])
    assert store.list(project_id) == [] and list(store.blobs.hashes()) == []
