"""Trained classifiers: rows and files come and go together."""

import errno
import io

import numpy as np
import pytest
from sqlalchemy.exc import IntegrityError

from server.errors import Problem
from server.formats.classifier import write
from server.learning.classifier import BackboneRef, Classifier, ClassRef
from server.learning.models import Dense, Layer
from server.storage import BlobStore, ClassifierStore, Database, JobStore, Projects
from server.storage.values import new_id

REPORT = {
    "test": {"n": 10, "accuracy": 0.9, "interval": [0.6, 0.98]},
    "seconds": {"embed": 1.0, "fit": 0.5, "evaluate": 0.1},
}


def classifier(report=REPORT, name="Discs", seed=0):
    random = np.random.default_rng(seed)
    kernel = random.standard_normal((4, 2)).astype(np.float32)
    return Classifier(
        name,
        "linear",
        [ClassRef("red", new_id(), "#ff0000"), ClassRef("blue")],
        Dense([Layer(kernel, np.zeros(2, np.float32))]),
        BackboneRef("eyes", "a" * 64, 4),
        0.7,
        "2026-01-01T00:00:00+00:00",
        {"c": 1.0},
        report,
    )


def file_of(made):
    file = io.BytesIO()
    write(made, file)
    return file.getvalue()


@pytest.fixture
def store(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/test.sqlite3")
    database.prepare()
    yield ClassifierStore(database, BlobStore(tmp_path / "classifiers"))
    database.close()


@pytest.fixture
def project(store, tmp_path):
    projects = Projects(store.database, BlobStore(tmp_path / "blobs"))
    return projects.create({"name": "P", "backbone": "b", "classes": []})[0]["id"], projects


def test_a_classifier_is_kept_with_what_its_file_says(store, project):
    data = file_of(classifier())
    kept = store.add(data, project_id=project[0], job_id="j", revision=7)
    assert kept == store.get(kept["id"])
    assert (kept["name"], kept["recipe"], kept["revision"]) == ("Discs", "linear", 7)
    assert kept["bytes"] == len(data) and store.read(kept["id"]) == data
    assert [c["label"] for c in kept["classes"]] == ["red", "blue"]
    assert kept["backbone"] == {"name": "eyes", "fingerprint": "a" * 64, "embedding_size": 4}
    assert kept["model"] == {"kind": "dense", "activations": ["linear"]}
    assert kept["temperature"] == 0.7 and kept["is_regression"] is False
    assert kept["accuracy"] == 0.9 and kept["interval"] == [0.6, 0.98] and kept["seconds"] == 0.5
    assert kept["report"] == REPORT
    (listed,), total = store.page(0, 10, project[0])
    assert total == 1 and listed == {k: v for k, v in kept.items() if k != "report"}


def test_one_without_a_report_has_no_accuracy(store):
    kept = store.add(file_of(classifier(None)), project_id=None, job_id=None, revision=None)
    assert kept["report"] is kept["accuracy"] is kept["interval"] is kept["seconds"] is None


def test_a_job_done_again_replaces_what_it_had_made(store):
    identity = new_id()
    for seed in (1, 2):
        data = file_of(classifier(seed=seed))
        store.add(data, project_id=None, job_id="j", revision=1, id=identity)
    assert store.ids() == {identity} and store.read(identity) == data
    assert len(store.orphans()) == 1
    store.drop_orphans()
    assert store.orphans() == [] and store.read(identity) == data


def test_deleting_removes_the_file_unless_another_has_the_same(store):
    data = file_of(classifier())
    first, second = (
        store.add(data, project_id=None, job_id=None, revision=None)["id"] for _ in range(2)
    )
    jobs = JobStore(store.database)
    job = jobs.create("export", classifier_id=first, format="onnx")
    store.delete(first)
    assert store.read(second) == data
    assert jobs.get(job)["classifier_id"] is None
    with pytest.raises(Problem, match="no classifier"):
        store.get(first)
    store.delete(second)
    assert list(store.blobs.hashes()) == []


def test_a_full_disk_leaves_neither_row_nor_file(store, monkeypatch):
    def full(_descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("server.storage.blobs.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        store.add(file_of(classifier()), project_id=None, job_id=None, revision=None)
    assert store.ids() == set()
    assert [path for path in store.blobs.folder.rglob("*") if path.is_file()] == []


def test_a_project_that_is_gone_gets_no_classifier_and_keeps_no_file(store):
    with pytest.raises(IntegrityError):
        store.add(file_of(classifier()), project_id=new_id(), job_id=None, revision=1)
    assert list(store.blobs.hashes()) == []


def test_a_deleted_projects_classifiers_go_and_their_files_are_found(store, project):
    identity, projects = project
    store.add(file_of(classifier()), project_id=identity, job_id=None, revision=1)
    projects.delete(identity)
    assert store.ids() == set() and len(store.orphans()) == 1
    store.drop_orphans()
    assert list(store.blobs.hashes()) == []
