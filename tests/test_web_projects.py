"""The API of projects."""

import uuid

import pytest


def labels(project):
    return [entry["label"] for entry in project["classes"]]


def test_a_project_is_made_from_a_name_and_labels_in_their_order(client):
    answer = client.post("/api/v1/projects", json={"name": " Signs ", "labels": ["10", "2", "1"]})
    assert answer.status_code == 201
    project = answer.json
    assert project["name"] == "Signs"
    assert labels(project) == ["10", "2", "1"]
    assert answer.headers["Location"] == f"/api/v1/projects/{project['id']}"
    assert answer.headers["ETag"] == '"1"'
    assert client.get(answer.headers["Location"]).json == project
    assert project["backbone"] == "showtell_v2"


def test_a_project_may_bring_ids_colours_settings_and_backbone(client):
    identity, class_id = str(uuid.uuid4()), str(uuid.uuid4())
    document = {
        "id": identity,
        "name": "P",
        "classes": [{"id": class_id, "label": "a", "color": "#ABCDEF"}, {"label": "b"}],
        "settings": {"k": 3, "tolerance": None, "mirror": False},
        "backbone": "some_other_one",
    }
    project = client.post("/api/v1/projects", json=document).json
    assert project["id"] == identity
    assert project["classes"][0] == {
        "id": class_id, "label": "a", "color": "#abcdef", "count": 0, "covers": []
    }  # fmt: skip
    assert project["settings"] == {"k": 3, "tolerance": None, "smoothing_ms": 200, "mirror": False}
    assert project["backbone"] == "some_other_one"


def test_the_same_request_may_be_sent_twice(client):
    document = {"id": str(uuid.uuid4()), "name": "P", "labels": ["a"]}
    first = client.post("/api/v1/projects", json=document)
    second = client.post("/api/v1/projects", json=document)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json == second.json
    other = client.post("/api/v1/projects", json={**document, "name": "Q"})
    assert other.status_code == 409


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": 5}, "name"),
        ({"name": "P", "labels": ["a", ""]}, "labels"),
        ({"name": "P", "labels": ["a\0"]}, "labels"),
        ({"name": "P", "labels": ["a"], "classes": []}, "classes"),
        ({"name": "P", "classes": [{"color": "#000000"}]}, "classes"),
        ({"name": "P", "classes": [{"label": "a", "color": "red"}]}, "classes"),
        ({"name": "P", "id": "1"}, "id"),
        ({"name": "P", "settings": {"k": 0}}, "settings"),
        ({"name": "P", "settings": {"k": 2.5}}, "settings"),
        ({"name": "P", "settings": {"tolerance": 0}}, "settings"),
        ({"name": "P", "settings": {"tolerance": "nan"}}, "settings"),
        ({"name": "P", "settings": {"mirror": "yes"}}, "settings"),
        ({"name": "P", "backbone": "../x"}, "backbone"),
        ({"name": "P", "backbone": "x\n"}, "backbone"),
        ({"name": "P", "colour": 1}, "colour"),
    ],
)
def test_a_document_that_cannot_be_used_is_refused_by_field(client, document, field):
    answer = client.post("/api/v1/projects", json=document)
    assert answer.status_code == 422
    assert field in answer.json["errors"]["json"]
    assert client.get("/api/v1/projects").json["total"] == 0


def test_two_classes_of_one_label_are_refused(client):
    answer = client.post("/api/v1/projects", json={"name": "P", "labels": ["a", " a"]})
    assert answer.status_code == 422
    assert answer.json["received"] == "a"


def test_labels_differ_by_case(client):
    answer = client.post("/api/v1/projects", json={"name": "P", "labels": ["a", "A"]})
    assert answer.status_code == 201


def test_lists_are_paged(client):
    for i in range(5):
        client.post("/api/v1/projects", json={"name": f"P{i}"})
    pages = [client.get(f"/api/v1/projects?page={i}&page_size=2").json for i in (1, 2, 3, 4)]
    assert [len(page["items"]) for page in pages] == [2, 2, 1, 0]
    assert {page["total"] for page in pages} == {5}
    ids = [item["id"] for page in pages for item in page["items"]]
    assert len(set(ids)) == 5


@pytest.mark.parametrize(
    "query", ["page=0", "page=-1", "page=x", "page_size=0", "page_size=10001", "page_size=1.5"]
)
@pytest.mark.parametrize("path", ["projects", "backbones", "projects/{}/samples"])
def test_a_page_that_cannot_be_is_refused(client, project, path, query):
    answer = client.get(f"/api/v1/{path.format(project['id'])}?{query}")
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"


def test_the_largest_page_is_allowed(client, project):
    assert client.get("/api/v1/projects?page_size=10000").status_code == 200


def test_a_change_for_another_revision_gets_412_with_the_current_one(client, project):
    url = f"/api/v1/projects/{project['id']}"
    assert client.patch(url, json={"name": "New"}, headers={"If-Match": '"1"'}).status_code == 200
    for tag in ('"1"', '"99"', '"abc"', 'W/"x"', '"1", "99"'):
        answer = client.patch(url, json={"name": "Newer"}, headers={"If-Match": tag})
        assert answer.status_code == 412
        assert answer.json["revision"] == 2
        assert answer.headers["ETag"] == '"2"'
    assert client.get(url).json["name"] == "New"
    for tag in ('"2"', "*", '"1", "4"'):
        assert client.patch(url, json={"name": "N"}, headers={"If-Match": tag}).status_code == 200


def test_a_project_that_has_not_changed_is_not_sent_again(client, project):
    url = f"/api/v1/projects/{project['id']}"
    assert client.get(url, headers={"If-None-Match": '"1"'}).status_code == 304
    assert client.get(url, headers={"If-None-Match": '"2"'}).status_code == 200


def test_classes_are_replaced_as_a_whole_and_leaving_one_out_needs_if_match(client, project):
    url = f"/api/v1/projects/{project['id']}"
    red, blue = project["classes"]
    renamed = [{"id": blue["id"], "label": "navy"}, {"id": red["id"], "label": "red"}]
    after = client.patch(url, json={"classes": renamed})
    assert after.status_code == 200 and labels(after.json) == ["navy", "red"]
    only = {"classes": [{"id": red["id"], "label": "red"}]}
    refused = client.patch(url, json=only)
    assert refused.status_code == 428
    assert "'navy'" in refused.json["detail"]
    done = client.patch(url, json=only, headers={"If-Match": after.headers["ETag"]})
    assert done.status_code == 200 and labels(done.json) == ["red"]


def test_a_class_without_a_label_keeps_the_one_it_has(client, project):
    red, blue = project["classes"]
    answer = client.patch(
        f"/api/v1/projects/{project['id']}",
        json={"classes": [{"id": blue["id"]}, {"id": red["id"], "color": "#010203"}]},
    )
    assert answer.status_code == 200
    assert labels(answer.json) == ["blue", "red"]
    assert answer.json["classes"][1]["color"] == "#010203"
    new = client.patch(
        f"/api/v1/projects/{project['id']}",
        json={"classes": [{"id": blue["id"]}, {"id": red["id"]}, {"color": "#000000"}]},
    )
    assert new.status_code == 422


def test_a_deleted_project_is_gone(client, project):
    url = f"/api/v1/projects/{project['id']}"
    assert client.delete(url, headers={"If-Match": '"5"'}).status_code == 412
    answer = client.delete(url, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.data) == (204, b"")
    assert client.get(url).status_code == 404
    assert client.delete(url).status_code == 404


@pytest.mark.parametrize(
    "name", ["nope", "3f2b8c1e-5a7d-4c0e-9d43-1b6a2f80c7d5", "%2e%2e", "A" * 36]
)
def test_what_is_no_project_is_not_found(client, name):
    for method, url in (
        ("get", f"/api/v1/projects/{name}"),
        ("delete", f"/api/v1/projects/{name}"),
        ("get", f"/api/v1/projects/{name}/samples"),
        ("get", f"/api/v1/projects/{name}/evaluation"),
    ):
        assert getattr(client, method)(url).status_code == 404
    assert client.patch(f"/api/v1/projects/{name}", json={"name": "x"}).status_code == 404


def test_backbones_are_listed_with_their_address_and_the_default(client):
    answer = client.get("/api/v1/backbones").json
    assert answer["total"] == len(answer["items"]) >= 1
    (default,) = [item for item in answer["items"] if item["is_default"]]
    assert default["name"] == "showtell_v2"
    assert default["url"] == "/models/showtell_v2/"
    model = client.get(default["url"] + "model.json")
    assert model.status_code == 200 and model.mimetype == "application/json"


def test_health_is_told(client):
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json["status"] == "ok" and answer.json["version"]
