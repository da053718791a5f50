"""Projects out as files and back in, through the API."""

import io
import json
import uuid
import zipfile

import numpy as np
import pytest
from PIL import Image

from server.formats.registry import FORMATS
from server.learning.backbones import get
from server.web.transfer import WRITTEN
from tests.conftest import draw


@pytest.fixture
def export(client):
    def get_(project_id: str, name: str):
        return client.get(f"/api/v1/projects/{project_id}/export?format={name}")

    return get_


@pytest.fixture
def import_(client):
    def send(data: bytes, name: str):
        return client.post("/api/v1/projects/import", data={"file": (io.BytesIO(data), name)})

    return send


def contents(client, project) -> list[tuple[str, str]]:
    """Returns label and hash of every sample, in order."""
    items = client.get(f"/api/v1/projects/{project['id']}/samples").json["items"]
    return [(item["label"], item["sha256"]) for item in items]


def archive(**files: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for name, data in files.items():
            made.writestr(name.replace("__", "/"), data)
    return file.getvalue()


def test_all_formats_that_the_registry_writes_are_offered():
    assert set(WRITTEN) == {name for name, row in FORMATS.items() if row.write}


def test_files_and_the_api_agree_on_what_sources_and_names_may_be():
    from server.formats import project as files
    from server.storage import values
    from server.web.api.schemas import SOURCES

    assert set(files.SOURCES) == set(SOURCES)
    for limit in ("MAX_LABEL", "MAX_NAME", "MAX_CLASSES"):
        assert getattr(files, limit) == getattr(values, limit)


@pytest.mark.parametrize("name", WRITTEN)
def test_a_project_is_exported_in_every_format_under_its_name(client, taught, export, name):
    client.patch(f"/api/v1/projects/{taught['id']}", json={"name": "Größe / 2"})
    answer = export(taught["id"], name)
    assert answer.status_code == 200
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith("attachment")
    assert FORMATS[name].extension in disposition and "Gr%C3%B6%C3%9Fe" in disposition
    assert "/" not in disposition.partition("filename*=UTF-8''")[2]
    assert int(answer.headers["Content-Length"]) == len(answer.data) > 100
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_format_that_is_not_written_is_refused_with_those_that_are(taught, export):
    answer = export(taught["id"], "docx")
    assert answer.status_code == 422
    assert answer.json["received"] == "docx" and "showtell" in answer.json["expected"]


def test_a_showtell_file_brings_everything_back(client, taught, export, import_):
    settings = {"k": 3, "tolerance": None, "smoothing_ms": 0, "mirror": False}
    client.patch(f"/api/v1/projects/{taught['id']}", json={"settings": settings})
    data = export(taught["id"], "showtell").data
    answer = import_(data, "anything.showtell")
    assert answer.status_code == 201, answer.text
    copy = answer.json
    assert copy["id"] != taught["id"]
    assert answer.headers["Location"].endswith(copy["id"])
    assert (copy["name"], copy["settings"], copy["backbone"]) == ("Discs", settings, "showtell_v2")
    assert [(c["label"], c["color"], c["count"]) for c in copy["classes"]] == [
        (c["label"], c["color"], 3) for c in taught["classes"]
    ]
    assert contents(client, copy) == contents(client, taught)
    # The same pictures are still stored once, and survive the deletion of the first project.
    assert len(list(client.application.extensions["showtell"].blobs.hashes())) == 6
    client.delete(f"/api/v1/projects/{taught['id']}")
    query = {"file": (io.BytesIO(draw((210, 40, 40), 99)), "q.jpg")}
    predicted = client.post(f"/api/v1/projects/{copy['id']}/predict", data=query)
    assert predicted.json["items"][0]["label"] == "red"


def test_an_import_after_a_deletion_keeps_the_ids_of_samples(client, taught, export, import_):
    url = f"/api/v1/projects/{taught['id']}"
    before = [item["id"] for item in client.get(f"{url}/samples").json["items"]]
    data = export(taught["id"], "showtell").data
    client.delete(url)
    copy = import_(data, "x.showtell").json
    listed = client.get(f"/api/v1/projects/{copy['id']}/samples").json["items"]
    assert [item["id"] for item in listed] == before


@pytest.mark.parametrize(("name", "file"), [("zip", "Discs.zip"), ("tm", "Discs.tm")])
def test_pictures_come_back_with_their_classes(client, taught, export, import_, name, file):
    answer = import_(export(taught["id"], name).data, file)
    assert answer.status_code == 201, answer.text
    copy = answer.json
    assert copy["name"] == "Discs"
    assert sorted(contents(client, copy)) == sorted(contents(client, taught))


@pytest.mark.parametrize("name", ["knn", "ml5"])
def test_vectors_alone_come_back_and_predict_like_before(client, taught, export, import_, name):
    query = draw((200, 50, 60), 88)

    def predict(project):
        data = {"file": (io.BytesIO(query), "q.jpg")}
        answer = client.post(f"/api/v1/projects/{project['id']}/predict", data=data)
        return answer.json["items"][0]

    before = predict(taught)
    answer = import_(export(taught["id"], name).data, "discs.json")
    assert answer.status_code == 201, answer.text
    copy = answer.json
    assert any("which backbone made its numbers" in note for note in copy["notes"])
    after = predict(copy)
    assert after["label"] == before["label"] == "red"
    for a, b in zip(after["scores"], before["scores"], strict=True):
        assert a["score"] == pytest.approx(b["score"], abs=0.01)
    assert all(neighbour["image"] is None for neighbour in after["neighbours"])
    items = client.get(f"/api/v1/projects/{copy['id']}/samples").json["items"]
    assert {(item["sha256"], item["bytes"]) for item in items} == {(None, 0)}
    assert client.get(f"/api/v1/samples/{items[0]['id']}/image").status_code == 404
    again = import_(export(copy["id"], "showtell").data, "x.showtell")
    assert again.status_code == 201 and again.json["sample_count"] == 6


def test_tables_carry_the_servers_own_embeddings(client, taught, export):
    items = client.get(f"/api/v1/projects/{taught['id']}/samples").json["items"]
    with np.load(io.BytesIO(export(taught["id"], "npz").data), allow_pickle=False) as arrays:
        assert arrays["ids"].tolist() == [item["id"] for item in items]
        labels = arrays["label_names"][arrays["labels"]].tolist()
        assert labels == [item["label"] for item in items]
        assert np.allclose(np.linalg.norm(arrays["vectors"], axis=1), 1, atol=1e-5)
    lines = export(taught["id"], "csv").text.splitlines()
    assert len(lines) == 7 and lines[0].startswith("id,label")


def test_a_project_of_a_backbone_that_is_not_here_still_leaves_with_its_pictures(
    client, taught, export, import_
):
    client.patch(f"/api/v1/projects/{taught['id']}", json={"backbone": "elsewhere"})
    data = export(taught["id"], "showtell").data
    assert export(taught["id"], "knn").status_code == 409
    answer = import_(data, "x.showtell")
    assert answer.status_code == 201
    assert answer.json["backbone"] == "showtell_v2"


def showtell(samples, fingerprint="0" * 64, size=3, vectors=None, pictures=()) -> bytes:
    """Writes a .showtell file by hand, as another computer could have."""
    from safetensors.numpy import save

    document = {
        "format": "showtell", "version": 1, "name": "From elsewhere", "settings": {"k": 4},
        "backbone": {"name": "foreign", "fingerprint": fingerprint, "embedding_size": size},
        "classes": [{"id": None, "label": "a", "color": None}],
        "samples": samples,
    }  # fmt: skip
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("project.json", json.dumps(document))
        if vectors is not None:
            rows = np.arange(len(vectors), dtype=np.int32)
            made.writestr("vectors.safetensors", save({"vectors": vectors, "rows": rows}))
        for name, data in pictures:
            made.writestr(name, data)
    return file.getvalue()


def test_pictures_of_a_foreign_backbone_are_looked_at_anew_and_it_says_so(client, import_):
    sample = {"id": None, "class": 0, "burst": None, "source": "camera", "file": "samples/1.jpg"}
    data = showtell(
        [sample], vectors=np.eye(1, 3, dtype=np.float32), pictures=[("samples/1.jpg", draw())]
    )
    answer = import_(data, "x.showtell")
    assert answer.status_code == 201
    assert answer.json["backbone"] == "showtell_v2"
    assert any("foreign" in note for note in answer.json["notes"])
    assert client.get(f"/api/v1/projects/{answer.json['id']}/evaluation").json["total"] == 1


def test_vectors_of_a_foreign_backbone_without_pictures_are_refused(client, import_):
    sample = {"id": None, "class": 0, "burst": None, "source": "camera", "file": None}
    answer = import_(showtell([sample], vectors=np.eye(1, 3, dtype=np.float32)), "x.showtell")
    assert answer.status_code == 409
    assert "foreign" in answer.json["detail"]
    assert client.get("/api/v1/projects").json["total"] == 0


def test_vectors_in_a_file_are_not_believed_where_there_is_a_picture(client, import_):
    default = get("showtell_v2")
    sample = {"id": None, "class": 0, "burst": None, "source": "camera", "file": "samples/1.jpg"}
    lie = np.eye(1, default.embedding_size, dtype=np.float32)
    picture = draw(size=(224, 224))
    data = showtell(
        [sample], default.fingerprint, default.embedding_size, lie, [("samples/1.jpg", picture)]
    )
    project = import_(data, "x.showtell").json
    from safetensors.numpy import load

    stored = client.get(f"/api/v1/projects/{project['id']}/embeddings").data
    assert not np.allclose(load(stored)["vectors"], lie, atol=0.1)


def test_a_damaged_picture_is_left_out_with_a_note_and_the_rest_comes_in(client, import_):
    data = archive(a__1=b"", **{"a/good.jpg": draw(), "a/bad.jpg": draw()[:-600]})
    answer = import_(data, "mixed.zip")
    assert answer.status_code == 201, answer.text
    assert answer.json["sample_count"] == 1
    assert any("bad.jpg" in note for note in answer.json["notes"])


def test_a_file_with_only_damaged_pictures_makes_no_project(client, import_):
    answer = import_(archive(**{"a/bad.jpg": b"not a picture"}), "bad.zip")
    assert answer.status_code in (415, 422)
    assert "bad.jpg" in answer.json["detail"]
    assert client.get("/api/v1/projects").json["total"] == 0


def hostile() -> dict[str, bytes]:
    made = {
        "no archive": b"hello",
        "empty": b"",
        "cut off": archive(**{"a/1.jpg": draw()})[:-30],
        "path traversal": archive(**{"../../evil/1.jpg": draw(), "a/1.jpg": draw()}),
        "absolute path": archive(**{"/etc/evil.jpg": draw()}),
        "inflation": b"",
        "many entries": b"",
        "twice the same": b"",
        "json bomb": b"[" * 200_000,
        "json lies": json.dumps([["a", [1, 2, 3], [1000000, 1000000]]]).encode(),
        "not finite": b'[["a", [1, NaN, 3], [1, 3]]]',
    }
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a/1.jpg", bytes(60_000_000))
    made["inflation"] = bomb.getvalue()
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w") as file:
        for i in range(100_000):
            file.writestr(zipfile.ZipInfo(f"a/{i}.jpg"), b"")
    made["many entries"] = many.getvalue()
    twice = io.BytesIO()
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(twice, "w") as file:
        file.writestr("a/1.jpg", draw())
        file.writestr("a/1.jpg", draw(seed=2))
    made["twice the same"] = twice.getvalue()
    return made


def test_hostile_files_get_a_4xx_and_leave_nothing_behind(client, import_, tmp_path):
    client.get("/api/v1/projects")
    for name, data in hostile().items():
        answer = import_(data, "evil.zip")
        assert 400 <= answer.status_code < 500, (name, answer.status_code, answer.text)
        assert answer.json["title"] and answer.json["detail"], name
        assert client.get("/api/v1/projects").json["total"] == 0, name
        left = {
            path.name
            for path in tmp_path.rglob("*")
            if path.is_file() and not path.name.startswith("showtell.sqlite3")
        }
        assert left == set(), (name, left)


def test_an_import_that_fails_in_the_middle_leaves_nothing(client, import_, monkeypatch):
    services = client.application.extensions["showtell"]
    data = bytearray(archive(**{"a/1.jpg": draw(seed=1), "a/2.jpg": draw(seed=2)}))
    at = data.find(draw(seed=2)) + 1000
    data[at] ^= 0xFF  # the checksum of the second picture is wrong
    answer = import_(bytes(data), "x.zip")
    assert answer.status_code == 422
    assert client.get("/api/v1/projects").json["total"] == 0
    assert list(services.blobs.hashes()) == []


def test_an_import_needs_exactly_one_file(client):
    assert client.post("/api/v1/projects/import", json={}).status_code == 422
    two = {"file": [(io.BytesIO(b"1"), "1.zip"), (io.BytesIO(b"2"), "2.zip")]}
    answer = client.post("/api/v1/projects/import", data=two)
    assert answer.status_code == 422 and answer.json["received"] == 2


def test_a_picture_is_no_project_and_says_what_would_be(client, import_):
    file = io.BytesIO()
    Image.new("RGB", (300, 300)).save(file, "PNG")
    answer = import_(file.getvalue(), f"{uuid.uuid4()}.png")
    assert answer.status_code == 415
    assert ".showtell" in answer.json["hint"]
