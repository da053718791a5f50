"""What a project answers for pictures: the same as the classifier, also right after a change."""

import io
import json

import numpy as np
import pytest
from safetensors.numpy import load

from server.learning.backbones import REPLACED, get
from server.learning.embedding import embed
from server.learning.knn import KNN
from server.learning.pictures import decode_square
from tests.conftest import client_of, draw

RED, BLUE = (210, 40, 40), (40, 60, 210)


@pytest.fixture
def predict(client):
    def send(project_id, *pictures):
        files = [(io.BytesIO(data), f"query {i}.jpg") for i, data in enumerate(pictures)]
        return client.post(f"/api/v1/projects/{project_id}/predict", data={"file": files})

    return send


def test_pictures_not_taught_get_the_right_label_with_scores_and_neighbours(
    client, taught, predict
):
    answer = predict(taught["id"], draw(RED, 50), draw(BLUE, 51))
    assert answer.status_code == 200
    assert answer.headers["ETag"] == '"3"'
    assert answer.json["total"] == 2
    samples = {
        item["id"]: item
        for item in client.get(f"/api/v1/projects/{taught['id']}/samples").json["items"]
    }
    for item, (label, other) in zip(
        answer.json["items"], [("red", "blue"), ("blue", "red")], strict=True
    ):
        assert item["label"] == label
        assert [score["label"] for score in item["scores"]] == ["red", "blue"]
        scores = {score["label"]: score["score"] for score in item["scores"]}
        assert scores[label] > scores[other]
        assert sum(scores.values()) == pytest.approx(1)
        assert len(item["neighbours"]) == 6
        assert sum(n["weight"] for n in item["neighbours"]) == pytest.approx(1)
        similarities = [n["similarity"] for n in item["neighbours"]]
        assert similarities == sorted(similarities, reverse=True)
        for neighbour in item["neighbours"]:
            assert samples[neighbour["sample_id"]]["label"] == neighbour["label"]
            assert client.get(neighbour["image"]).status_code == 200
    assert [item["file"] for item in answer.json["items"]] == ["query 0.jpg", "query 1.jpg"]


def test_the_answer_is_the_classifiers_own_for_the_stored_pictures(client, taught, predict):
    listed = client.get(f"/api/v1/projects/{taught['id']}/samples").json["items"]
    backbone = get("showtell_v2")
    squares = np.stack([decode_square(client.get(item["image"]).data) for item in listed])
    classes = [entry["id"] for entry in taught["classes"]]
    knn = KNN(
        embed(backbone, squares),
        np.array([classes.index(item["class_id"]) for item in listed]),
        None,
        2,
    )
    query = draw((120, 50, 130), 9)
    (expected,) = knn.predict(embed(backbone, decode_square(query)))
    (item,) = predict(taught["id"], query).json["items"]
    assert [score["score"] for score in item["scores"]] == pytest.approx(expected.scores.tolist())
    assert item["unknown"] == expected.unknown
    assert item["novelty"] == pytest.approx(expected.novelty)
    assert [n["sample_id"] for n in item["neighbours"]] == [
        listed[i]["id"] for i in expected.neighbours
    ]


def test_something_else_is_unknown_and_still_has_its_best_label(client, taught, predict):
    flat = np.zeros((300, 300, 3), np.uint8)
    flat[::2] = (0, 255, 0)
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(flat).save(file, "PNG")
    (item,) = predict(taught["id"], file.getvalue()).json["items"]
    assert item["unknown"] is True and item["none"] > 0.5
    assert item["label"] in ("red", "blue")
    client.patch(f"/api/v1/projects/{taught['id']}", json={"settings": {"tolerance": None}})
    (item,) = predict(taught["id"], file.getvalue()).json["items"]
    assert item["unknown"] is False and item["none"] == 0


def test_every_change_shows_in_the_next_answer(client, taught, predict, upload):
    url = f"/api/v1/projects/{taught['id']}"
    query = draw(RED, 60)

    def label():
        return predict(taught["id"], query).json["items"][0]["label"]

    assert label() == "red"
    reds = client.get(f"{url}/samples?class_id={taught['classes'][0]['id']}").json["items"]
    for item in reds:
        client.patch(f"/api/v1/samples/{item['id']}", json={"label": "blue"})
    assert label() == "blue"
    for item in reds:
        client.patch(f"/api/v1/samples/{item['id']}", json={"label": "red"})
    assert label() == "red"
    classes = [{"id": e["id"], "label": n} for e, n in zip(taught["classes"], "XY", strict=True)]
    client.patch(url, json={"classes": classes})
    assert label() == "X"
    client.patch(url, json={"settings": {"k": 1}})
    assert len(predict(taught["id"], query).json["items"][0]["neighbours"]) == 1
    for item in reds:
        client.delete(f"/api/v1/samples/{item['id']}")
    assert label() == "Y"
    upload(taught["id"], [query], label="X")
    assert label() == "X"


def test_classes_without_examples_score_nothing(client, taught, predict):
    classes = [{"id": entry["id"]} for entry in taught["classes"]] + [{"label": "green"}]
    client.patch(f"/api/v1/projects/{taught['id']}", json={"classes": classes})
    (item,) = predict(taught["id"], draw(RED, 3)).json["items"]
    assert [score["score"] for score in item["scores"]][2] == 0


def test_a_project_without_examples_says_what_to_do(client, project, predict):
    answer = predict(project["id"], draw())
    assert answer.status_code == 409
    assert "/samples" in answer.json["hint"]
    assert client.get(f"/api/v1/projects/{project['id']}/evaluation").status_code == 409


def test_a_backbone_that_is_not_here_is_named_with_those_that_are(client, taught, predict):
    client.patch(f"/api/v1/projects/{taught['id']}", json={"backbone": "of_somebody_else"})
    answer = predict(taught["id"], draw())
    assert answer.status_code == 409
    assert answer.json["received"] == "of_somebody_else"
    assert "showtell_v2" in answer.json["expected"]
    client.patch(f"/api/v1/projects/{taught['id']}", json={"backbone": "showtell_v2"})
    assert predict(taught["id"], draw()).status_code == 200


def test_a_project_of_a_replaced_backbone_is_served_by_the_one_that_replaced_it(
    client, taught, predict
):
    old, new = next(iter(REPLACED.items()))
    client.patch(f"/api/v1/projects/{taught['id']}", json={"backbone": old})
    answer = predict(taught["id"], draw())
    assert answer.status_code == 200
    (entry,) = [b for b in client.get("/api/v1/backbones").json["items"] if b["name"] == new]
    assert old in entry["replaces"]


def test_a_bad_query_is_refused_by_name_and_nothing_is_kept(client, taught, predict):
    answer = predict(taught["id"], draw(), b"no picture")
    assert answer.status_code == 415
    assert answer.json["errors"][0]["file"] == "query 1.jpg"
    predict(taught["id"], draw(seed=77))
    assert len(list(client.application.extensions["showtell"].blobs.hashes())) == 6


def test_the_evaluation_counts_every_example(client, taught):
    answer = client.get(f"/api/v1/projects/{taught['id']}/evaluation")
    assert answer.status_code == 200
    body = answer.json
    assert body["n"] == body["total"] == 6
    confusion = np.array(body["confusion"])
    assert confusion.sum() == 6 and np.trace(confusion) == body["correct"]
    assert body["accuracy"] == body["correct"] / 6
    assert body["ci"][0] <= body["accuracy"] <= body["ci"][1]
    assert body["classes"] == [entry["id"] for entry in taught["classes"]]
    assert {item["taught"] for item in body["items"]} == set(body["classes"])


def test_embeddings_come_as_safetensors_in_the_order_of_the_samples(client, taught):
    default = get("showtell_v2")
    answer = client.get(
        f"/api/v1/projects/{taught['id']}/embeddings?backbone={default.fingerprint}"
    )
    assert answer.status_code == 200
    vectors = load(answer.data)["vectors"]
    length = int.from_bytes(answer.data[:8], "little")
    metadata = json.loads(answer.data[8 : 8 + length])["__metadata__"]
    listed = client.get(f"/api/v1/projects/{taught['id']}/samples").json["items"]
    assert json.loads(metadata["ids"]) == [item["id"] for item in listed]
    assert vectors.dtype == np.float32 and vectors.shape == (6, default.embedding_size)
    stored = decode_square(client.get(listed[2]["image"]).data)
    assert np.allclose(vectors[2], embed(default, stored)[0], atol=1e-6)
    unknown = client.get(f"/api/v1/projects/{taught['id']}/embeddings?backbone={'0' * 64}")
    assert unknown.status_code == 409
    bad = client.get(f"/api/v1/projects/{taught['id']}/embeddings?backbone=../x")
    assert bad.status_code == 422


def test_embeddings_of_an_empty_project_are_empty(client, project):
    answer = client.get(f"/api/v1/projects/{project['id']}/embeddings")
    assert load(answer.data)["vectors"].shape[0] == 0


def test_each_picture_is_embedded_once(client, taught, predict, monkeypatch):
    from server.web.classifiers import Classifiers

    calls = []
    original = Classifiers._embed

    def counted(self, backbone, data):
        calls.append(len(data))
        return original(self, backbone, data)

    monkeypatch.setattr(Classifiers, "_embed", counted)
    predict(taught["id"], draw())
    assert len(calls) == 6
    predict(taught["id"], draw())
    client.patch(f"/api/v1/projects/{taught['id']}", json={"name": "Renamed"})
    predict(taught["id"], draw())
    assert len(calls) == 6


def test_a_deleted_project_leaves_memory(client, taught):
    classifiers = client.application.extensions["showtell"].classifiers
    client.get(f"/api/v1/projects/{taught['id']}/evaluation")
    assert len(classifiers._kept) == 1
    client.delete(f"/api/v1/projects/{taught['id']}")
    assert len(classifiers._kept) == len(classifiers._building) == 0


def test_memory_for_classifiers_is_bounded_and_the_last_used_stay(make_app, settings, tmp_path):
    import dataclasses

    values = {**settings.values, "cache_bytes": 2500}
    app = make_app(dataclasses.replace(settings, values=values))
    client = client_of(app)
    classifiers = app.extensions["showtell"].classifiers
    ids = []
    for _ in range(3):
        project = client.post("/api/v1/projects", json={"name": "P", "labels": ["a"]}).json
        url = f"/api/v1/projects/{project['id']}"
        client.post(f"{url}/samples", data={"label": "a", "file": (io.BytesIO(draw()), "x.jpg")})
        assert client.get(f"{url}/evaluation").status_code == 200
        ids.append(project["id"])
    assert [key[0] for key in classifiers._kept] == ids[1:]
    client.get(f"/api/v1/projects/{ids[1]}/evaluation")
    client.get(f"/api/v1/projects/{ids[0]}/evaluation")
    assert [key[0] for key in classifiers._kept] == [ids[1], ids[0]]
