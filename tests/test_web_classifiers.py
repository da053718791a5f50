"""Trained classifiers over the API: read, predict, take away, bring in, delete."""

import io

import numpy as np
import pytest
from safetensors.numpy import load

from server.errors import Problem
from server.formats.classifier import read, write
from server.jobs.work import export
from server.learning.backbones import get
from server.learning.classifier import Classifier, ClassRef
from server.learning.models import Neighbours
from server.learning.pictures import decode_square
from server.storage.values import new_id
from server.web.api import job_schemas
from server.web.trained import Predictors
from tests.conftest import draw
from tests.job_servers import BLUE, RED, ask, begin, done, form, teach, texts

NOBODY = "11111111-2222-4333-8444-555555555555"
QUERIES = [("red.jpg", draw(RED, 77)), ("blue.jpg", draw(BLUE, 78))]


@pytest.fixture(scope="module")
def trained(job_server, discs):
    """Gives the id of a classifier of a recipe on the shared server, trained once."""
    made = {}

    def of(recipe):
        if recipe not in made:
            options = {"epochs": 5} if recipe == "head" else {}
            job = done(job_server, begin(job_server, discs, recipe, **options)["id"])
            made[recipe] = job["classifier_id"]
        return made[recipe]

    return of


@pytest.fixture
def file_of(job_server, tmp_path):
    """Reads the file of a classifier."""

    def load_file(classifier_id):
        status, data, _ = ask(job_server, f"/classifiers/{classifier_id}/file")
        assert status == 200
        path = tmp_path / "x.classifier"
        path.write_bytes(data)
        return read(path)

    return load_file


def predict(server, classifier_id, files=QUERIES):
    body, kind = form({}, files)
    return ask(server, f"/classifiers/{classifier_id}/predict", body, kind=kind)


def test_a_classifier_is_listed_and_read_with_its_report(job_server, discs, trained):
    identity = trained("linear")
    status, found, _ = ask(job_server, f"/classifiers/{identity}")
    assert status == 200 and job_schemas.TrainedClassifierSchema().validate(found) == {}
    assert found["project_id"] == discs and found["recipe"] == "linear"
    assert [entry["label"] for entry in found["classes"]] == ["red", "blue"]
    project = ask(job_server, f"/projects/{discs}")[1]
    for entry, taught in zip(found["classes"], project["classes"], strict=True):
        assert (entry["id"], entry["color"]) == (taught["id"], taught["color"])
    assert found["revision"] == project["revision"]
    assert found["backbone"]["fingerprint"] == get().fingerprint
    assert found["accuracy"] == found["report"]["test"]["accuracy"] == 1
    listed = ask(job_server, f"/projects/{discs}/classifiers")[1]["items"]
    assert {k: v for k, v in found.items() if k != "report"} in listed
    times = [entry["created_at"] for entry in listed]
    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize("recipe", ["linear", "head", "knn"])
def test_it_predicts_what_its_file_answers_in_python(job_server, trained, file_of, recipe):
    status, answer, _ = predict(job_server, trained(recipe))
    assert status == 200 and answer["total"] == 2
    assert [item["label"] for item in answer["items"]] == ["red", "blue"]
    squares = np.stack([decode_square(data) for _, data in QUERIES])
    expected = file_of(trained(recipe)).look(squares, get())
    for item, (name, _), row in zip(answer["items"], QUERIES, expected, strict=True):
        assert job_schemas.TrainedAnswerSchema().validate(item) == {}
        assert item["file"] == name and item["value"] is None
        assert [entry["score"] for entry in item["scores"]] == pytest.approx(list(row), abs=1e-12)


def test_it_names_each_file_that_is_no_picture(job_server, trained):
    status, problem, _ = predict(job_server, trained("linear"), [*QUERIES, ("x.jpg", b"nothing")])
    assert status == 415 and problem["errors"][0]["file"] == "x.jpg"


@pytest.mark.parametrize("recipe", ["head", "knn"])
def test_its_weights_are_the_numbers_of_its_model(job_server, trained, file_of, recipe):
    status, data, headers = ask(job_server, f"/classifiers/{trained(recipe)}/weights")
    assert status == 200 and headers["ETag"]
    arrays, expected = load(data), file_of(trained(recipe)).model.arrays()
    assert arrays.keys() == expected.keys()
    for name, array in expected.items():
        assert arrays[name].dtype == array.dtype and np.array_equal(arrays[name], array)
    status, problem, _ = ask(job_server, f"/classifiers/{trained(recipe)}/tfjs/model.json")
    assert status == 404 and "weights" in problem["hint"]


def test_its_report_comes_for_programs_and_for_people(job_server, trained):
    identity = trained("linear")
    report = ask(job_server, f"/classifiers/{identity}/report")[1]
    assert report == ask(job_server, f"/classifiers/{identity}")[1]["report"]
    status, page, headers = ask(job_server, f"/classifiers/{identity}/report?format=html")
    assert status == 200 and headers["Content-Type"].startswith("text/html")
    assert "attachment" in headers["Content-Disposition"]
    assert b"<!doctype html>" in page[:100].lower() and b"red" in page
    assert ask(job_server, f"/classifiers/{identity}/report?format=pdf")[0] == 422


def test_its_formats_are_listed_and_one_is_made_once_then_kept(job_server, trained):
    identity = trained("knn")
    items = {
        item["format"]: item
        for item in ask(job_server, f"/classifiers/{identity}/exports")[1]["items"]
    }
    for item in items.values():
        assert job_schemas.ExportFormatSchema().validate(item) == {}
        assert item["available"] == (item["reason"] is None)
    assert items["labels"]["available"] and not items["tfjs"]["available"]
    assert "ready" in items["labels"] and items["classifier"]["ready"]

    status, job, headers = ask(job_server, f"/classifiers/{identity}/exports", {"format": "labels"})
    assert status == 202 and headers["Location"].endswith(job["id"])
    assert (job["kind"], job["format"], job["classifier_id"]) == ("export", "labels", identity)
    done(job_server, job["id"])
    status, labels, headers = ask(job_server, f"/classifiers/{identity}/export?format=labels")
    assert status == 200 and labels.decode().split() == ["red", "blue"]
    assert "labels" in headers["Content-Disposition"] or ".txt" in headers["Content-Disposition"]
    exports = ask(job_server, "/jobs?kind=export")[1]["total"]
    assert ask(job_server, f"/classifiers/{identity}/export?format=labels")[1] == labels
    assert ask(job_server, "/jobs?kind=export")[1]["total"] == exports  # it was kept


def test_an_export_that_is_not_there_is_made_and_waited_for(job_server, trained):
    identity = trained("linear")
    status, data, headers = ask(job_server, f"/classifiers/{identity}/export?format=npz")
    assert status == 200 and data[:2] == b"PK" and headers["Content-Type"] == "application/zip"
    (job, *_) = ask(job_server, "/jobs?kind=export")[1]["items"]
    assert job["format"] == "npz" and job["state"] == "done"
    status, file, headers = ask(job_server, f"/classifiers/{identity}/export?format=classifier")
    assert file == ask(job_server, f"/classifiers/{identity}/file")[1]
    assert "Discs.classifier" in headers["Content-Disposition"]


def test_a_format_that_cannot_be_is_refused_with_the_reason(job_server, trained):
    identity = trained("knn")
    for answer in (
        ask(job_server, f"/classifiers/{identity}/export?format=tfjs"),
        ask(job_server, f"/classifiers/{identity}/exports", {"format": "tfjs"}),
    ):
        assert answer[0] == 409 and "layers" in answer[1]["detail"]
    assert ask(job_server, f"/classifiers/{identity}/export?format=floppy")[0] == 422
    assert ask(job_server, f"/classifiers/{identity}/export")[0] == 422
    assert ask(job_server, f"/classifiers/{NOBODY}/export?format=labels")[0] == 404


def test_a_classifier_taken_out_comes_in_again_and_answers_the_same(job_server, discs, trained):
    data = ask(job_server, f"/classifiers/{trained('head')}/file")[1]
    body, kind = form({"project_id": discs, "name": "Back"}, [("mine.classifier", data)])
    status, job, _ = ask(job_server, "/classifiers", body, kind=kind)
    assert status == 202 and job["kind"] == "import"
    finished = done(job_server, job["id"])
    identity = finished["classifier_id"]
    found = ask(job_server, f"/classifiers/{identity}")[1]
    assert found["project_id"] == discs and found["job_id"] == job["id"]
    assert predict(job_server, identity)[1] == predict(job_server, trained("head"))[1]

    # Deleted, it is gone with its file and what was made of it; the other stays.
    ask(job_server, f"/classifiers/{identity}/export?format=labels")
    made = job_server.data / "exports-cache" / f"{identity}.labels"
    assert made.exists()
    assert ask(job_server, f"/classifiers/{identity}", method="DELETE")[0] == 204
    assert ask(job_server, f"/classifiers/{identity}")[0] == 404
    assert predict(job_server, identity)[0] == 404
    assert not made.exists()
    assert predict(job_server, trained("head"))[0] == 200
    assert "Embedded" not in texts(job_server, job["id"])


# Without workers


def stored(app, **changes):
    """Puts a small classifier of raw pixels into an application; returns its id."""
    vectors = np.eye(2, 3 * 4 * 4, dtype=np.float32)
    model = Neighbours(vectors, np.array([0, 1]), 2, 1, "l2", 1.0, pixels=4)
    values = {"classes": [ClassRef("a"), ClassRef("b")], "model": model, **changes}
    file = io.BytesIO()
    write(Classifier("Small", "knn", **values), file)
    shared = app.extensions["showtell"]
    added = shared.trained.add(file.getvalue(), project_id=None, job_id=None, revision=None)
    return added["id"]


def test_one_that_was_not_trained_here_has_no_report_and_needs_no_project(app, client):
    identity = stored(app)
    found = client.get(f"/api/v1/classifiers/{identity}").json
    assert found["report"] is found["project_id"] is found["backbone"] is None
    answer = client.get(f"/api/v1/classifiers/{identity}/report")
    assert answer.status_code == 409 and "no report" in answer.json["detail"]
    files = {"file": (io.BytesIO(draw()), "x.jpg")}
    answer = client.post(f"/api/v1/classifiers/{identity}/predict", data=files)
    assert answer.json["items"][0]["class_id"] is None


def test_one_whose_backbone_is_not_here_says_so(app, client, taught):
    from server.learning.classifier import BackboneRef
    from server.learning.models import Dense, Layer

    layer = Layer(np.ones((8, 2), np.float32), np.zeros(2, np.float32))
    identity = stored(app, model=Dense([layer]), backbone=BackboneRef("eyes", "0" * 64, 8))
    files = {"file": (io.BytesIO(draw()), "x.jpg")}
    answer = client.post(f"/api/v1/classifiers/{identity}/predict", data=files)
    assert answer.status_code == 409 and "backbone-missing" in answer.json["type"]


def test_a_damaged_file_is_told(app, client):
    identity = stored(app)
    shared = app.extensions["showtell"]
    shared.trained.file(identity).write_bytes(b"no zip")
    answer = client.get(f"/api/v1/classifiers/{identity}/weights")
    assert 400 <= answer.status_code < 500 and answer.mimetype == "application/problem+json"


def test_few_classifiers_are_kept_loaded(app):
    shared = app.extensions["showtell"]
    predictors = Predictors(shared, most=2)
    ids = [stored(app, classes=[ClassRef(new_id()), ClassRef("b")]) for _ in range(3)]
    first = [predictors.get(identity) for identity in ids]
    assert predictors.get(ids[2]) is first[2] and predictors.get(ids[1]) is first[1]
    again = predictors.get(ids[0])
    assert again is not first[0] and again.labels == first[0].labels
    assert predictors.get(ids[2]) is not first[2]  # the least recently used had to go


def test_what_belongs_to_no_classifier_is_swept(app):
    from server.web.sweep import sweep_files

    shared = app.extensions["showtell"]
    kept = stored(app)
    (lost,) = shared.trained.blobs.put([b"nobody's"])
    shared.prepared.keep(kept, "npz", {"data": b"x", "file_name": "x.zip", "agreement": {}})
    shared.prepared.keep(new_id(), "npz", {"data": b"x", "file_name": "x.zip", "agreement": {}})
    sweep_files(shared)
    assert not shared.trained.blobs.has(lost) and shared.trained.file(kept).exists()
    assert shared.prepared.find(kept, "npz")
    assert len(list(shared.prepared.folder.iterdir())) == 2


def test_what_answers_a_value_is_taken_out_too(job_server):
    project = teach(job_server, **{"1": RED, "2": BLUE})
    job = done(job_server, begin(job_server, project, "regression")["id"])
    path = f"/classifiers/{job['classifier_id']}/exports"
    status, export, _ = ask(job_server, path, {"format": "npz"})
    assert status == 202, export
    done(job_server, export["id"])
    assert "the values differ by at most" in texts(job_server, export["id"])


def test_an_export_of_a_classifier_that_is_deleted_meanwhile_leaves_no_file(app):
    services = app.extensions["showtell"]
    identity = stored(app)

    class Meanwhile:
        job = {"classifier_id": identity, "format": "labels"}

        def phase(self, phase, fraction):
            pass

        def call(self, name, *arguments, payload):
            services.trained.delete(identity)
            return {"data": b"red", "file_name": "x.txt", "agreement": {}, "notes": []}

    work = Meanwhile()
    work.services = services
    with pytest.raises(Problem, match="deleted meanwhile"):
        export(work)
    assert services.prepared.find(identity, "labels") is None
