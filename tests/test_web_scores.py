"""Scores over HTTP: kept, listed, deleted; what is wrong is said for each field."""

import pytest

from server.storage.values import new_id
from server.web.pages import GAMES


def played(**more):
    return {
        "id": new_id(), "game": "pong", "score": 140, "level": 2, "name": "Ada",
        "controller": "camera", "seconds": 71.5, **more,
    }  # fmt: skip


@pytest.fixture
def address(project):
    return f"/api/v1/projects/{project['id']}/scores"


def test_a_score_is_kept_listed_and_deleted(client, address):
    sent = played(name="  Ada ", created_at="2026-01-31T09:30:00+01:00")
    answer = client.post(address, json=sent)
    assert answer.status_code == 201
    expected = {**sent, "name": "Ada", "created_at": "2026-01-31T08:30:00.000Z"}
    assert answer.json == expected
    assert client.post(address, json=sent).status_code == 200
    assert client.get(f"{address}?game=pong").json == {"items": [expected], "total": 1}
    assert client.get(f"{address}?game=snake").json == {"items": [], "total": 0}
    assert client.delete(f"{address}/{sent['id']}").status_code == 204
    assert client.delete(f"{address}/{sent['id']}").status_code == 404
    assert client.get(address).json["total"] == 0


@pytest.mark.parametrize("game", GAMES)
def test_every_game_has_scores(client, address, game):
    assert client.post(address, json=played(game=game)).status_code == 201
    assert client.get(f"{address}?game={game}").json["total"] == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", "7"), ("game", "chess"), ("score", -1), ("score", 1_000_000_001), ("score", 1.5),
        ("score", "12"), ("level", 0), ("level", 10_001), ("name", ""), ("name", "x" * 41),
        ("name", "a\x00b"), ("controller", "Camera!"), ("controller", "x" * 21), ("seconds", -1),
        ("seconds", 1e9), ("created_at", "yesterday"), ("cheat", True),
    ],
)  # fmt: skip
def test_what_is_out_of_range_is_refused_by_its_name(client, address, field, value):
    answer = client.post(address, json=played(**{field: value}))
    assert answer.status_code == 422
    assert field in str(answer.json["errors"])
    assert client.get(address).json["total"] == 0


@pytest.mark.parametrize("field", ["id", "game", "score", "level", "name", "controller", "seconds"])
def test_what_is_missing_is_named(client, address, field):
    answer = client.post(address, json={k: v for k, v in played().items() if k != field})
    assert answer.status_code == 422
    assert field in str(answer.json["errors"])


def test_another_score_under_the_same_id_is_a_conflict(client, address):
    sent = played()
    client.post(address, json=sent)
    answer = client.post(address, json={**sent, "score": 141})
    assert answer.status_code == 409
    assert answer.json["received"] == sent["id"]
    assert client.get(address).json["items"][0]["score"] == 140


def test_scores_of_no_project_are_not_found(client, address):
    nowhere = f"/api/v1/projects/{new_id()}/scores"
    assert client.get(nowhere).status_code == 404
    assert client.post(nowhere, json=played()).status_code == 404
    assert client.delete(f"{nowhere}/{new_id()}").status_code == 404
    assert client.get("/api/v1/projects/7/scores").status_code == 404
    assert client.delete(f"{address}/7").status_code == 404
    assert client.get(f"{address}?game=chess").status_code == 422


def test_scores_change_no_revision(client, project, address):
    client.post(address, json=played())
    now = client.get(f"/api/v1/projects/{project['id']}").json
    assert now["revision"] == project["revision"]
