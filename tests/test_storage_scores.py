"""Scores: kept once, best first, bounded, gone with their project."""

import pytest

from server.errors import Problem
from server.storage import BlobStore, Database, Projects
from server.storage import scores as module
from server.storage.scores import Scores
from server.storage.values import new_id


@pytest.fixture
def database(tmp_path):
    made = Database(f"sqlite:///{tmp_path}/test.sqlite3")
    made.prepare()
    yield made
    made.close()


@pytest.fixture
def scores(database):
    return Scores(database)


@pytest.fixture
def projects(database, tmp_path):
    return Projects(database, BlobStore(tmp_path / "blobs"))


@pytest.fixture
def project_id(projects):
    return projects.create({"name": "P", "backbone": "b", "classes": []})[0]["id"]


def played(score=100, game="pong", **more):
    return {
        "id": new_id(), "game": game, "score": score, "level": 2, "name": "Ada",
        "controller": "camera", "seconds": 61.5, **more,
    }  # fmt: skip


def test_scores_of_a_game_come_best_first_and_equal_ones_in_their_order(scores, project_id):
    for at, score in enumerate((30, 100, 30, 70)):
        scores.add(project_id, played(score, created_at=1000 + at))
    scores.add(project_id, played(999, game="snake"))
    items, total = scores.page(project_id, "pong", 0, 10)
    assert total == 4
    assert [entry["score"] for entry in items] == [100, 70, 30, 30]
    assert items[2]["created_at"] < items[3]["created_at"]
    assert items[0] == {
        "id": items[0]["id"], "game": "pong", "score": 100, "level": 2, "name": "Ada",
        "controller": "camera", "seconds": 61.5, "created_at": "1970-01-01T00:00:01.001Z",
    }  # fmt: skip
    assert [entry["game"] for entry in scores.page(project_id, None, 0, 10)[0]] == [
        *["pong"] * 4,
        "snake",
    ]
    assert [entry["score"] for entry in scores.page(project_id, "pong", 1, 2)[0]] == [70, 30]


def test_a_score_that_is_sent_again_is_there_once(scores, project_id):
    sent = played()
    first, made = scores.add(project_id, sent)
    again, made_again = scores.add(project_id, sent)
    assert (made, made_again) == (True, False)
    assert first == again
    assert scores.page(project_id, None, 0, 10)[1] == 1


def test_another_score_with_the_same_id_is_refused(scores, projects, project_id):
    sent = played()
    scores.add(project_id, sent)
    other = projects.create({"name": "Q", "backbone": "b", "classes": []})[0]["id"]
    for where, what in ((project_id, {**sent, "score": 101}), (other, sent)):
        with pytest.raises(Problem) as caught:
            scores.add(where, what)
        assert caught.value.status == 409
        assert caught.value.received == sent["id"]


def test_of_each_game_only_the_best_stay(scores, project_id, monkeypatch):
    monkeypatch.setattr(module, "KEPT", 3)
    scores.add(project_id, played(1, game="snake"))
    for score in (50, 10, 40, 30, 20):
        scores.add(project_id, played(score))
    items, total = scores.page(project_id, "pong", 0, 10)
    assert [entry["score"] for entry in items] == [50, 40, 30] and total == 3
    assert scores.page(project_id, "snake", 0, 10)[1] == 1


def test_a_score_can_be_deleted_once(scores, project_id):
    kept, _ = scores.add(project_id, played())
    scores.delete(project_id, kept["id"])
    assert scores.page(project_id, None, 0, 10) == ([], 0)
    with pytest.raises(Problem) as caught:
        scores.delete(project_id, kept["id"])
    assert caught.value.status == 404


def test_scores_belong_to_a_project_and_go_with_it(scores, projects, project_id, database):
    for ask in (
        lambda: scores.add(new_id(), played()),
        lambda: scores.page(new_id(), None, 0, 10),
        lambda: scores.delete(new_id(), new_id()),
    ):
        with pytest.raises(Problem) as caught:
            ask()
        assert caught.value.status == 404
    scores.add(project_id, played())
    projects.delete(project_id, None)
    with database.read() as connection:
        assert connection.execute(module.select(module.score.c.id)).all() == []
