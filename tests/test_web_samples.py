"""The API of samples: pictures in, moved, out and gone."""

import hashlib
import io
import uuid

import numpy as np
import pytest
from PIL import Image

from tests.conftest import client_of, draw


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)


def stored_square(seed: int = 0) -> bytes:
    return draw(seed=seed, size=(224, 224), quality=90)


def test_pictures_are_added_to_a_class_and_become_squares(client, project, upload):
    answer = upload(project["id"], [draw(seed=1), draw(seed=2, format="PNG")], label="red")
    assert answer.status_code == 201
    assert answer.headers["ETag"] == '"2"'
    assert answer.json["total"] == 2
    for item in answer.json["items"]:
        assert item["label"] == "red"
        assert item["class_id"] == project["classes"][0]["id"]
        assert (item["source"], item["burst"]) == ("upload", None)
        image = client.get(item["image"])
        assert image.mimetype == "image/jpeg"
        assert len(image.data) == item["bytes"]
        assert hashlib.sha256(image.data).hexdigest() == item["sha256"]
        assert pixels(image.data).shape == (224, 224, 3)
    listed = client.get(f"/api/v1/projects/{project['id']}/samples")
    assert listed.json == answer.json
    assert listed.headers["ETag"] == '"2"'


def test_a_square_that_was_stored_before_is_kept_to_the_byte(client, project, upload):
    data = stored_square()
    (item,) = upload(project["id"], [data], label="red").json["items"]
    assert client.get(item["image"]).data == data


def test_a_picture_keeps_for_good_in_the_browser_and_is_never_guessed_at(client, taught):
    item = client.get(f"/api/v1/projects/{taught['id']}/samples").json["items"][0]
    image = client.get(item["image"])
    assert "immutable" in image.headers["Cache-Control"]
    assert "private" in image.headers["Cache-Control"]
    assert image.headers["X-Content-Type-Options"] == "nosniff"
    again = client.get(item["image"], headers={"If-None-Match": image.headers["ETag"]})
    assert again.status_code == 304


def test_each_file_may_have_its_own_class_id_burst_source_and_time(client, project, upload):
    red, blue = (entry["id"] for entry in project["classes"])
    ids = [str(uuid.uuid4()) for _ in range(3)]
    answer = upload(
        project["id"],
        [draw(seed=i) for i in range(3)],
        class_id=[red, blue, red],
        id=ids,
        burst=["b1", "", "b1"],
        source="camera",
        created_at=["2026-01-01T00:00:02Z", "2026-01-01T00:00:01Z", "2026-01-01T00:00:03Z"],
    )
    assert answer.status_code == 201, answer.text
    items = answer.json["items"]
    assert [item["id"] for item in items] == ids
    assert [item["class_id"] for item in items] == [red, blue, red]
    assert [item["burst"] for item in items] == ["b1", None, "b1"]
    assert {item["source"] for item in items} == {"camera"}
    listed = client.get(f"/api/v1/projects/{project['id']}/samples").json["items"]
    assert [item["id"] for item in listed] == [ids[1], ids[0], ids[2]]
    only = client.get(f"/api/v1/projects/{project['id']}/samples?class_id={blue}").json
    assert (only["total"], only["items"][0]["id"]) == (1, ids[1])


def test_a_sample_sent_again_is_answered_with_what_is_there(client, project, upload):
    identity = str(uuid.uuid4())
    first = upload(project["id"], [stored_square()], label="red", id=identity)
    again = upload(project["id"], [stored_square()], label="red", id=identity)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json == again.json
    assert first.headers["ETag"] == again.headers["ETag"]
    other = upload(project["id"], [stored_square(5)], label="red", id=identity)
    assert other.status_code == 409


def test_one_bad_file_refuses_all_and_each_bad_one_is_named(client, project):
    files = [
        (io.BytesIO(draw()), "good.jpg"),
        (io.BytesIO(b"not a picture"), "notes.txt"),
        (io.BytesIO(draw()[:-700]), "cut.jpg"),
    ]
    answer = client.post(
        f"/api/v1/projects/{project['id']}/samples", data={"label": "red", "file": files}
    )
    assert answer.status_code == 422
    assert [entry["file"] for entry in answer.json["errors"]] == ["notes.txt", "cut.jpg"]
    assert [entry["index"] for entry in answer.json["errors"]] == [1, 2]
    assert all(entry["title"] and entry["detail"] for entry in answer.json["errors"])
    after = client.get(f"/api/v1/projects/{project['id']}").json
    assert after == project
    assert list(client.application.extensions["showtell"].blobs.hashes()) == []


@pytest.mark.parametrize(
    ("form", "status", "names"),
    [
        ({"label": "green"}, 422, ["red", "blue"]),
        ({"class_id": str(uuid.uuid4())}, 422, []),
        ({"class_id": "red"}, 422, []),
        ({}, 422, []),
        ({"label": "red", "class_id": str(uuid.uuid4())}, 422, []),
        ({"label": "red", "id": "1"}, 422, []),
        ({"label": "red", "source": "dream"}, 422, ["camera"]),
        ({"label": "red", "created_at": "yesterday"}, 422, []),
        ({"label": "red", "burst": "x" * 101}, 422, []),
        ({"label": ["red", "red", "red"]}, 422, []),
    ],
)
def test_fields_that_cannot_be_used_are_refused(client, project, upload, form, status, names):
    answer = upload(project["id"], [draw(), draw(seed=2)], **form)
    assert answer.status_code == status
    for name in names:
        assert name in str(answer.json["expected"])
    assert client.get(f"/api/v1/projects/{project['id']}").json["sample_count"] == 0


def test_a_request_without_a_file_says_what_it_needs(client, project):
    url = f"/api/v1/projects/{project['id']}/samples"
    empty = client.post(url, data={"label": "red"}, content_type="multipart/form-data")
    assert empty.status_code == 422 and "'file'" in empty.json["expected"]
    json = client.post(url, json={"label": "red"})
    assert json.status_code == 415 and json.json["expected"] == "multipart/form-data"
    wrong = client.post(url, data={"label": "red", "picture": (io.BytesIO(draw()), "x.jpg")})
    assert wrong.status_code == 422 and "picture" in wrong.json["received"]


def test_a_stale_upload_stores_nothing(client, project, upload):
    answer = upload(project["id"], [draw()], label="red", headers={"If-Match": '"9"'})
    assert answer.status_code == 412
    assert answer.json["revision"] == 1
    assert list(client.application.extensions["showtell"].blobs.hashes()) == []


def test_a_sample_is_moved_by_class_id_or_label(client, taught):
    url = f"/api/v1/projects/{taught['id']}/samples"
    item = client.get(url).json["items"][0]
    blue = taught["classes"][1]["id"]
    moved = client.patch(f"/api/v1/samples/{item['id']}", json={"class_id": blue})
    assert moved.status_code == 200
    assert (moved.json["class_id"], moved.json["label"]) == (blue, "blue")
    assert moved.headers["ETag"] == '"4"'
    back = client.patch(
        f"/api/v1/samples/{item['id']}", json={"label": "red"}, headers={"If-Match": '"4"'}
    )
    assert back.json["label"] == "red"
    stale = client.patch(
        f"/api/v1/samples/{item['id']}", json={"label": "blue"}, headers={"If-Match": '"4"'}
    )
    assert stale.status_code == 412
    for wrong in ({}, {"label": "red", "class_id": blue}, {"label": "green"}, {"x": 1}):
        answer = client.patch(f"/api/v1/samples/{item['id']}", json=wrong)
        assert answer.status_code == 422, wrong


def test_a_deleted_sample_is_gone_with_its_picture_and_embedding(client, taught):
    services = client.application.extensions["showtell"]
    url = f"/api/v1/projects/{taught['id']}/samples"
    client.get(f"/api/v1/projects/{taught['id']}/evaluation")  # computes the embeddings
    item = client.get(url).json["items"][0]
    assert services.blobs.has(item["sha256"])
    answer = client.delete(f"/api/v1/samples/{item['id']}", headers={"If-Match": '"3"'})
    assert (answer.status_code, answer.headers["ETag"]) == (204, '"4"')
    assert not services.blobs.has(item["sha256"])
    assert client.get(item["image"]).status_code == 404
    assert client.get(url).json["total"] == 5
    assert client.delete(f"/api/v1/samples/{item['id']}").status_code == 404
    from sqlalchemy import select

    from server.storage.tables import embedding

    with services.database.read() as connection:
        hashes = set(connection.execute(select(embedding.c.sha256)).scalars())
    assert len(hashes) == 5 and item["sha256"] not in hashes


@pytest.mark.parametrize("name", ["nope", "3f2b8c1e-5a7d-4c0e-9d43-1b6a2f80c7d5"])
def test_what_is_no_sample_is_not_found(client, name):
    assert client.get(f"/api/v1/samples/{name}/image").status_code == 404
    assert client.delete(f"/api/v1/samples/{name}").status_code == 404
    assert client.patch(f"/api/v1/samples/{name}", json={"label": "a"}).status_code == 404


def test_a_lost_picture_file_is_told_and_costs_only_itself(client, taught):
    services = client.application.extensions["showtell"]
    items = client.get(f"/api/v1/projects/{taught['id']}/samples").json["items"]
    services.blobs.path(items[0]["sha256"]).unlink()
    answer = client.get(items[0]["image"])
    assert answer.status_code == 404 and "missing" in answer.json["detail"]
    assert client.get(f"/api/v1/projects/{taught['id']}/evaluation").json["total"] == 5


def test_hints_about_limits_come_with_their_numbers(make_app, settings):
    import dataclasses

    small = dataclasses.replace(
        settings,
        values={**settings.values, "max_files": 2, "max_picture": 3000, "max_pixels": 60_000},
    )
    client = client_of(make_app(small))
    project = client.post("/api/v1/projects", json={"name": "P", "labels": ["a"]}).json
    url = f"/api/v1/projects/{project['id']}/samples"

    def send(*pictures: bytes):
        files = [(io.BytesIO(data), f"{i}.png") for i, data in enumerate(pictures)]
        return client.post(url, data={"label": "a", "file": files})

    flat = io.BytesIO()
    Image.new("RGB", (224, 224)).save(flat, "PNG")
    assert send(flat.getvalue()).status_code == 201
    many = send(*[flat.getvalue()] * 3)
    assert many.status_code == 413 and "at most 2" in many.json["expected"]
    heavy = send(draw(format="PNG"))
    assert heavy.status_code == 413 and "3,000" in heavy.json["detail"]
    wide = io.BytesIO()
    Image.new("RGB", (300, 300)).save(wide, "PNG")
    large = send(wide.getvalue())
    assert large.status_code == 413 and "60,000" in large.json["detail"]


@pytest.mark.parametrize("kind", ["truncated", "giant", "animated", "deep", "cmyk", "text", "svg"])
def test_pictures_of_every_odd_kind_are_stored_or_refused_but_never_a_fault(
    client, project, upload, kind
):
    file = io.BytesIO()
    if kind == "truncated":
        file.write(draw()[:-700])
    elif kind == "giant":
        Image.new("1", (30_000, 30_000)).save(file, "PNG")
    elif kind == "animated":
        frames = [Image.new("RGB", (50, 40), color) for color in ("red", "blue")]
        frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    elif kind == "deep":
        Image.fromarray(np.full((40, 40), 40_000, np.uint16)).save(file, "PNG")
    elif kind == "cmyk":
        Image.new("CMYK", (60, 40), (0, 200, 200, 0)).save(file, "JPEG")
    elif kind == "text":
        file.write(b"hello")
    else:
        file.write(b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    answer = upload(project["id"], [file.getvalue()], label="red")
    expected = {"truncated": 422, "giant": 413, "text": 415, "svg": 415}.get(kind, 201)
    assert answer.status_code == expected, answer.text
    if expected == 201:
        mean = pixels(client.get(answer.json["items"][0]["image"]).data).mean((0, 1))
        if kind == "deep":
            assert np.allclose(mean, 40_000 // 256, atol=3)
        else:
            assert mean[0] > 150 > mean[2] + 50
