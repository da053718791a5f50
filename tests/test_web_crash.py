"""`kill -9` at any moment: the project opens again with every acknowledged sample."""

import hashlib
import http.client
import io
import json
import random
import threading
import time
import urllib.request
import uuid

import pytest
from PIL import Image

from server.storage import BlobStore, Database, NewSample, Projects, Vectors
from server.storage.blobs import TEMPORARY_SECONDS
from server.web.sweep import Sweeper
from tests.conftest import draw

ROUNDS = 4


def ask(url: str, data: bytes | None = None, method: str | None = None, kind: str = "json"):
    headers = {"Content-Type": kind if "/" in kind else f"application/{kind}"}
    request = urllib.request.Request(url, data, headers, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        body = answer.read()
    return json.loads(body) if body[:1] in b"{[" else body


def form(pictures: list[tuple[str, bytes]]) -> tuple[bytes, str]:
    """Writes a multipart body with ids and pictures, all of the class a."""
    edge = uuid.uuid4().hex
    parts = [f'--{edge}\r\nContent-Disposition: form-data; name="label"\r\n\r\na\r\n'.encode()]
    for identity, data in pictures:
        parts.append(
            f'--{edge}\r\nContent-Disposition: form-data; name="id"\r\n\r\n{identity}\r\n'
            f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="x.jpg"\r\n'
            "Content-Type: image/jpeg\r\n\r\n".encode()
            + data
            + b"\r\n"
        )
    return b"".join(parts) + f"--{edge}--\r\n".encode(), f"multipart/form-data; boundary={edge}"


def test_killed_at_random_moments_while_uploading_nothing_acknowledged_is_lost(start_server):
    pictures = [draw(seed=i, size=(224, 224)) for i in range(8)]
    chance = random.Random(7)
    server = start_server()
    project = ask(f"{server.url}/api/v1/projects", b'{"name": "P", "labels": ["a"]}')
    acknowledged: dict[str, str] = {}
    lock = threading.Lock()

    def upload(url: str, seed: int, first: threading.Event) -> None:
        local = random.Random(seed)
        while True:
            batch = [(str(uuid.uuid4()), local.choice(pictures)) for _ in range(3)]
            body, kind = form(batch)
            try:
                answer = ask(f"{url}/api/v1/projects/{project['id']}/samples", body, kind=kind)
            except (OSError, http.client.HTTPException, ValueError):
                return  # the server is gone
            with lock:
                acknowledged.update({item["id"]: item["sha256"] for item in answer["items"]})
            first.set()

    for turn in range(ROUNDS):
        events = [threading.Event() for _ in range(3)]
        uploaders = [
            threading.Thread(target=upload, args=(server.url, turn * 10 + i, event))
            for i, event in enumerate(events)
        ]
        for thread in uploaders:
            thread.start()
        assert events[0].wait(60), server.output
        threading.Event().wait(chance.uniform(0, 0.15))  # the random moment
        server.kill()
        for thread in uploaders:
            thread.join(30)
        server = start_server()
        opened = ask(f"{server.url}/api/v1/projects/{project['id']}")
        listed = ask(f"{server.url}/api/v1/projects/{project['id']}/samples?page_size=10000")
        there = {item["id"]: item["sha256"] for item in listed["items"]}
        assert opened["sample_count"] == len(there)
        assert acknowledged.items() <= there.items()
        for sha256, item in {item["sha256"]: item for item in listed["items"]}.items():
            data = ask(server.url + item["image"])
            assert hashlib.sha256(data).hexdigest() == sha256
            assert Image.open(io.BytesIO(data)).size == (224, 224)
    assert len(acknowledged) >= 3 * ROUNDS
    evaluation = ask(f"{server.url}/api/v1/projects/{project['id']}/evaluation")
    assert evaluation["total"] == len(there)


@pytest.fixture
def store(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/test.sqlite3")
    database.prepare()
    yield database, BlobStore(tmp_path / "blobs")
    database.close()


def test_the_sweep_removes_what_a_crash_left_and_nothing_else(store, tmp_path):
    database, blobs = store
    projects, vectors = Projects(database, blobs), Vectors(database)
    project, _ = projects.create({"name": "P", "backbone": "b", "classes": [{"label": "a"}]})
    (item,), _ = projects.add_samples(project["id"], [NewSample(b"kept", label="a")])
    # Stored, but its row was never committed; written half; moved aside by a deletion.
    blobs.put([b"orphan"])
    (blobs.folder / "tmp" / "half").write_bytes(b"ha")
    (aside,) = blobs.put([b"aside"])
    (blobs.folder / "trash").mkdir(exist_ok=True)
    blobs.path(aside).rename(blobs.folder / "trash" / f"{aside}.x")
    vectors.put("f" * 64, {item["sha256"]: b"1234"})
    from sqlalchemy import text

    with database.write() as connection:
        connection.execute(text("INSERT INTO embedding VALUES ('gone', 'f', '1')"))
    sweeper = Sweeper(database, blobs, vectors, projects.used)
    assert sweeper.once() == 1  # the half file may belong to somebody who is still writing
    assert set(blobs.hashes()) == {item["sha256"]}
    with database.read() as connection:
        count = connection.execute(text("SELECT count(*) FROM embedding")).scalar()
    assert count == 1
    assert blobs.sweep(projects.used, now=time.time() + TEMPORARY_SECONDS + 1) == 0
    names = {path.name for path in blobs.folder.rglob("*") if path.is_file()}
    assert names == {item["sha256"]}


def test_the_server_sweeps_in_the_background_after_a_crash(start_server, tmp_path):
    blobs = BlobStore(tmp_path / "data" / "blobs")
    (orphan,) = blobs.put([b"orphan"])
    server = start_server()
    deadline = time.monotonic() + 30
    while blobs.has(orphan):
        assert time.monotonic() < deadline, server.output
        time.sleep(0.02)
