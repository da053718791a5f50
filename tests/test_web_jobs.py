"""Jobs over the API, on a real server with real workers."""

import json
import time

import pytest

from server.web.api import job_schemas
from tests.conftest import draw
from tests.job_servers import (
    BLUE,
    LONG,
    RED,
    ask,
    begin,
    done,
    ended,
    form,
    imported_by,
    in_an_epoch,
    job_of,
    serving,
    story,
    teach,
    texts,
    wait_for,
    workers_of,
)
from tests.test_main import websocket

NOBODY = "11111111-2222-4333-8444-555555555555"


def test_the_recipes_are_listed_with_their_options(client):
    items = client.get("/api/v1/recipes").json["items"]
    names = [item["name"] for item in items]
    assert names[:3] == ["knn", "linear", "head"] and "regression" in names
    for item in items:
        assert job_schemas.RecipeSchema().validate(item) == {}
        assert {"seed", "test", "validation"} <= {option["name"] for option in item["options"]}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"recipe": "magic"}, "no such recipe"),
        ({}, "recipe: Missing data"),
        ({"recipe": "head", "options": {"epochs": 0}}, "epochs"),
        ({"recipe": "head", "options": {"epocs": 5}}, "epocs"),
        ({"recipe": "all", "options": {"epocs": 5}}, "epocs"),
        ({"recipe": "all", "options": {"epochs": "many"}}, "epochs"),
        ({"recipe": "regression"}, "red"),
        ({"recipe": "head", "name": ""}, "name"),
    ],
)
def test_a_training_that_cannot_be_is_refused_before_it_is_queued(client, taught, body, words):
    answer = client.post(f"/api/v1/projects/{taught['id']}/trainings", json=body)
    assert answer.status_code == 422 and words in answer.text
    assert client.get("/api/v1/jobs").json == {"items": [], "total": 0}


def test_fewer_than_two_classes_with_examples_cannot_be_trained(client, project, upload):
    url = f"/api/v1/projects/{project['id']}/trainings"
    for recipe in ("head", "convnet", "all"):
        answer = client.post(url, json={"recipe": recipe})
        assert answer.status_code == 409 and "no-examples" in answer.json["type"]
    assert upload(project["id"], [draw(RED)], label="red").status_code == 201
    answer = client.post(url, json={"recipe": "head"})
    assert answer.status_code == 409 and "'red' is the only class" in answer.json["detail"]


def test_a_backbone_that_is_not_here_is_told(client, taught):
    client.patch(f"/api/v1/projects/{taught['id']}", json={"backbone": "other"})
    answer = client.post(f"/api/v1/projects/{taught['id']}/trainings", json={"recipe": "linear"})
    assert answer.status_code == 409 and "backbone-missing" in answer.json["type"]


def test_jobs_wait_in_a_server_that_does_not_run_them_and_can_be_cancelled(client, taught):
    url = f"/api/v1/projects/{taught['id']}/trainings"
    first = client.post(url, json={"recipe": "linear", "name": "Mine"})
    assert first.status_code == 202 and first.headers["Location"].endswith(first.json["id"])
    assert job_schemas.JobSchema().validate(first.json) == {}
    assert first.json["name"] == "Mine" and first.json["options"]["seed"] == 1
    second = client.post(url, json={"recipe": "all", "options": {"seed": 7}}).json
    recipes = [child["recipe"] for child in second["children"]]
    assert recipes[:3] == ["knn", "linear", "head"] and "regression" not in recipes
    assert all(child["options"]["seed"] == 7 for child in second["children"])
    listed = client.get("/api/v1/jobs?state=queued,running").json
    assert [job["id"] for job in listed["items"]] == [second["id"], first.json["id"]]
    assert client.get("/api/v1/jobs?state=done").json["total"] == 0
    assert client.get(f"/api/v1/jobs?project_id={NOBODY}").json["total"] == 0
    assert client.get("/api/v1/jobs?state=lost").status_code == 422
    gone = client.delete(f"/api/v1/jobs/{second['id']}").json
    assert gone["state"] == "cancelled"
    assert {child["state"] for child in gone["children"]} == {"cancelled"}
    again = client.delete(f"/api/v1/jobs/{second['id']}")
    assert again.status_code == 200 and again.json == gone


def test_numbers_as_classes_can_be_learned_as_numbers_too(client, upload):
    project = client.post("/api/v1/projects", json={"name": "N", "labels": ["0", "0.5"]}).json
    for label, color in (("0", RED), ("0.5", BLUE)):
        upload(project["id"], [draw(color, seed) for seed in range(3)], label=label)
    url = f"/api/v1/projects/{project['id']}/trainings"
    job = client.post(url, json={"recipe": "all"}).json
    assert "regression" in [child["recipe"] for child in job["children"]]


# On a server that runs them


def test_a_page_hears_a_training_from_the_queue_to_its_end(job_server, discs):
    with websocket(job_server) as page:
        page.patience(120)
        assert page.receive().startswith("40")
        page.send("42" + json.dumps(["watch", {"project_id": discs}]))
        job = begin(job_server, discs, "head", epochs=5)
        heard = []
        while not any(
            name == "job" and body["id"] == job["id"] and body["state"] == "done"
            for name, body in heard
        ):
            message = page.receive()
            if message == "2":
                page.send("3")
            elif message.startswith("42"):
                heard.append(json.loads(message[2:]))
    jobs = [body for name, body in heard if name == "job" and body["id"] == job["id"]]
    fractions = [body["fraction"] for body in jobs]
    assert fractions == sorted(fractions) and fractions[-1] == 1
    events = [body for name, body in heard if name == "job_event" and body["job_id"] == job["id"]]
    kinds = {event["kind"] for event in events}
    assert kinds == {"log", "metrics", "state"}
    for event in events:
        assert job_schemas.EventSchema().validate(event) == {}

    # Whoever comes late reads the whole story, of which the page has heard a part.
    told = story(job_server, job["id"])
    assert [event["sequence"] for event in told] == list(range(1, len(told) + 1))
    assert all(event in told for event in events)
    epochs = [event for event in told if event["kind"] == "metrics"]
    assert [event["epoch"] for event in epochs] == [1, 2, 3, 4, 5]
    assert {"loss", "accuracy"} <= set(epochs[0]) and epochs[0]["epochs"] == 5
    states = [event["state"] for event in told if event["kind"] == "state"]
    assert states == ["queued", "running", "done"]
    after = ask(job_server, f"/jobs/{job['id']}/events?after={len(told) - 1}")[1]
    assert after["total"] == 1 and after["items"] == told[-1:]

    finished = job_of(job_server, job["id"])
    assert job_schemas.JobSchema().validate(finished) == {}
    assert finished["sequence"] == len(told) and finished["attempt"] == 1
    assert finished["accuracy"] == 1 and 0 < finished["interval"][0] < 1
    assert finished["started_at"] <= finished["ended_at"] and finished["problem"] is None


@pytest.mark.parametrize("recipe", ["linear", "head", "knn"])
def test_a_second_training_of_the_same_pictures_embeds_nothing(job_server, discs, recipe):
    begun = done(job_server, begin(job_server, discs, "linear")["id"])  # at the latest now
    again = done(job_server, begin(job_server, discs, recipe)["id"])
    assert "Embedded 0 of 24 pictures" in texts(job_server, again["id"])
    assert again["classifier_id"] != begun["classifier_id"]
    report = ask(job_server, f"/classifiers/{again['classifier_id']}")[1]["report"]
    assert report["recipe"] == recipe and sum(report["counts"]["test"]) >= 2
    assert report["command"].startswith("python -m server train Discs.showtell")
    assert f"--recipe {recipe}" in report["command"]


def test_a_training_is_cancelled_in_an_epoch_within_two_seconds(job_server, discs):
    job = begin(job_server, discs, "head", **LONG)
    in_an_epoch(job_server, job["id"])
    begun = time.monotonic()
    status, answer, _ = ask(job_server, f"/jobs/{job['id']}", method="DELETE")
    assert status == 200 and answer["state"] == "cancelled"
    assert time.monotonic() - begun < 2
    assert answer["classifier_id"] is None and answer["ended_at"]
    assert done(job_server, begin(job_server, discs, "knn")["id"])  # the worker is free again


def test_two_jobs_at_once_use_two_workers(job_server, discs):
    jobs = [begin(job_server, discs, "head", **LONG) for _ in range(3)]
    for job in jobs[:2]:
        in_an_epoch(job_server, job["id"])
    assert job_of(job_server, jobs[2]["id"])["state"] == "queued"
    for job in jobs[::-1]:
        ask(job_server, f"/jobs/{job['id']}", method="DELETE")


def test_all_recipes_are_trained_side_by_side_and_the_whole_can_be_cancelled(job_server, discs):
    job = begin(job_server, discs, "all", **{**LONG, "epochs": 500})
    head = next(child["id"] for child in job["children"] if child["recipe"] == "head")
    in_an_epoch(job_server, head)
    ask(job_server, f"/jobs/{job['id']}", method="DELETE")
    whole = ended(job_server, job["id"])
    states = {child["recipe"]: child["state"] for child in whole["children"]}
    assert states["head"] == "cancelled" and set(states.values()) <= {"cancelled", "done"}
    assert whole["state"] == "cancelled"
    # What one of them has made before stays.
    assert (whole["classifier_id"] is not None) == ("done" in states.values())


def test_deleting_a_project_ends_its_training_and_removes_its_files(job_server):
    project = teach(job_server, 4)
    kept = done(job_server, begin(job_server, project, "knn")["id"])["classifier_id"]
    path = next(
        p for p in (job_server.data / "classifiers").rglob("*")
        if p.is_file() and p.read_bytes() == ask(job_server, f"/classifiers/{kept}/file")[1]
    )  # fmt: skip
    job = begin(job_server, project, "head", **LONG)
    in_an_epoch(job_server, job["id"])
    assert ask(job_server, f"/projects/{project}", method="DELETE")[0] == 204
    assert ask(job_server, f"/jobs/{job['id']}")[0] == 404
    assert ask(job_server, f"/classifiers/{kept}")[0] == 404
    assert not path.exists()
    # Its worker is not busy with it for minutes more.
    other = teach(job_server, 4)
    pair = [begin(job_server, other, "head", epochs=2)["id"] for _ in range(2)]
    for job_id in pair:
        done(job_server, job_id)


def test_a_picture_that_cannot_be_read_is_named_and_the_training_goes_on(job_server):
    project = teach(job_server, 6, green=(40, 180, 60), grey=(128, 128, 128))
    samples = ask(job_server, f"/projects/{project}/samples")[1]["items"]
    broken, lost = samples[0], samples[-1]
    folder = job_server.data / "blobs"
    (folder / broken["sha256"][:2] / broken["sha256"]).write_bytes(b"no picture any more")
    (folder / lost["sha256"][:2] / lost["sha256"]).unlink()
    for recipe, options in (("linear", {}), ("knn", {"pixels": True})):
        job = done(job_server, begin(job_server, project, recipe, **options)["id"])
        report = ask(job_server, f"/classifiers/{job['classifier_id']}")[1]["report"]
        skipped = {entry["id"]: entry["reason"] for entry in report["skipped"]}
        assert set(skipped) == {broken["id"], lost["id"]}
        assert skipped[lost["id"]] == "Its picture is gone" and skipped[broken["id"]]
        assert sum(sum(counts) for counts in report["counts"].values()) == 10
        assert "left out" in texts(job_server, job["id"])


def test_the_serving_process_has_loaded_no_learning_library(job_server, discs):
    """Runs late in this file: after trainings, a kill and exports on the same server."""
    done(job_server, begin(job_server, discs, "linear")["id"])
    heavy = ("tensorflow", "sklearn", "scipy", "keras", "tf_keras", "jax", "onnx")
    for pid in serving(job_server):
        assert imported_by(pid, heavy) == set()
    # The look is able to find them: a worker has trained with them.
    assert any("sklearn" in imported_by(pid, heavy) for pid in workers_of(job_server))


def test_a_refused_upload_and_a_file_that_is_no_model_say_why(job_server, discs):
    body, kind = form({"project_id": discs}, [("model.zip", b"no zip at all")])
    status, job, headers = ask(job_server, "/classifiers", body, kind=kind)
    assert status == 202 and headers["Location"].endswith(job["id"])
    assert job["kind"] == "import" and job["name"] == "model" and job["project_id"] == discs
    failed = ended(job_server, job["id"])
    assert failed["state"] == "failed" and failed["problem"]["title"]
    wait_for(lambda: not list((job_server.data / "uploads").iterdir()))
    body, kind = form({"project_id": NOBODY}, [("x.zip", b"x")])
    assert ask(job_server, "/classifiers", body, kind=kind)[0] == 404
    assert ask(job_server, "/classifiers", {"file": "x"})[0] == 415
