"""One shape of errors: problem details on every route under /api/, a page elsewhere."""

import re
import uuid

import pytest
from flask import Flask

from server.errors import MEDIA_TYPE, Problem

NOBODY = "11111111-2222-4333-8444-555555555555"
OFFICIAL = "mobilenet_v2_1.00_224"
SCORE = {
    "id": NOBODY, "game": "pong", "score": 1, "level": 1, "controller": "camera", "seconds": 1,
    "name": "x",
}  # fmt: skip


def filled(path: str) -> str:
    """Puts something that is not there, or a backbone that is offered, into a route."""
    path = re.sub(r"[<{]\w+_id[>}]", NOBODY, path)
    path = re.sub(r"[<{](path:)?file[>}]", "model.json", path)
    return re.sub(r"[<{]name[>}]", OFFICIAL, path)


def document(method: str, path: str) -> dict:
    """Returns what a route wants to be sent, as arguments of a request."""
    if path.endswith("/export") and "classifiers" in path:
        return {"query_string": {"format": "labels"}}
    for end, body in (
        ("/trainings", {"recipe": "linear"}),
        ("/exports", {"format": "labels"}),
        ("/pairings", {}),
        ("/fire", {}),
        ("/scores", SCORE),
        ("/phones/claim", {"token": "0000000000", "name": "x"}),
    ):
        if method == "POST" and path.endswith(end):
            return {"json": body}
    if method == "PUT":
        return {"json": {"url": "http://127.0.0.1/"}}
    bodies = {"POST": {"name": "x"}, "PATCH": {"label": "x"} if "samples" in path else {}}
    return {"json": bodies[method]} if method in bodies else {}


def routes(app: Flask) -> list[tuple[str, str]]:
    """Lists method and path of every route of the API."""
    found = []
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/v1"):
            path = filled(rule.rule)
            found += [(method, path) for method in sorted(rule.methods - {"HEAD", "OPTIONS"})]
    return found


def assert_problem(answer, status: int) -> dict:
    assert answer.status_code == status, answer.text
    assert answer.mimetype == MEDIA_TYPE
    details = answer.json
    assert details["status"] == status
    assert details["title"] and details["detail"]
    assert details["type"].startswith("/api/docs#problem-")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    return details


def test_there_are_routes_to_test(app):
    assert len(routes(app)) >= 15


def test_every_route_answers_a_wrong_method_with_a_problem(app, client):
    for path in {path for _, path in routes(app)}:
        allowed = {method for method, other in routes(app) if other == path}
        wrong = "PATCH" if "PUT" in allowed else "PUT"
        details = assert_problem(client.open(path, method=wrong), 405)
        assert details["received"] == wrong
        assert allowed <= {part.strip() for part in details["expected"].split(",")}


def test_every_route_about_something_that_is_not_there_answers_404_as_a_problem(app, client):
    for method, path in routes(app):
        if NOBODY in path:
            assert_problem(client.open(path, method=method, **document(method, path)), 404)


def test_every_route_answers_a_fault_of_the_server_with_a_problem_that_tells_no_secret(
    app, client, monkeypatch, caplog
):
    services = app.extensions["showtell"]

    def broken(*_args, **_kwargs):
        raise ZeroDivisionError("the password is swordfish")

    for part in (services.database, services.classifiers, services.fetches):
        for name in ("read", "write", "ready", "get", "start", "cancel"):
            if hasattr(part, name):
                monkeypatch.setattr(part, name, broken)
    monkeypatch.setattr(type(services), "backbones", broken)
    tried = 0
    for method, path in routes(app):
        if path.endswith(("/import", "/recipes")) or (method, path) == (
            "POST",
            "/api/v1/classifiers",
        ):
            continue  # they want a file first, or are a table of the program
        if path.endswith(("/phones/claim", "/phones/me", "/qr.svg")):
            continue  # they ask the memory first, which has nothing of the kind
        answer = client.open(path, method=method, **document(method, path))
        details = assert_problem(answer, 500)
        assert "swordfish" not in str(details)
        tried += 1
    assert tried >= 14
    assert "swordfish" in caplog.text  # the terminal tells


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v1/", "/api/v1", "/api/v2/projects"])
def test_an_unknown_address_of_the_api_answers_with_a_problem(client, path):
    details = assert_problem(client.get(path), 404)
    assert path in details["detail"]


def test_an_unknown_page_answers_with_a_page(client):
    answer = client.get("/nothing", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert answer.mimetype == "text/html"
    assert "There is nothing at this address" in answer.text
    assert 'href="/"' in answer.text


def test_a_page_about_an_error_escapes_what_it_shows(client):
    answer = client.get("/teach/<img src=x onerror=alert(1)>")
    assert answer.status_code == 404
    assert "<img src=x" not in answer.text


@pytest.mark.parametrize(
    ("data", "content_type", "status"),
    [
        ("{", "application/json", 400),
        ("[]", "application/json", 422),
        ("null", "application/json", 422),
        ("5", "application/json", 422),
        ("name=x", "application/x-www-form-urlencoded", 422),
        (b"\xff\xfe", "application/json", 400),
        ('{"name": "\\ud800"}', "application/json", 422),
        ("", "application/json", 422),
    ],
)
def test_a_body_that_is_no_document_is_a_problem(client, data, content_type, status):
    answer = client.post("/api/v1/projects", data=data, content_type=content_type)
    assert_problem(answer, status)


def test_a_problem_may_carry_more_members_and_headers(app, client):
    @app.get("/api/v1/raised")
    def raised():
        raise Problem("stale", "Too late.", revision=5, headers={"ETag": '"5"'})

    answer = client.get("/api/v1/raised")
    assert assert_problem(answer, 412)["revision"] == 5
    assert answer.headers["ETag"] == '"5"'


def test_a_request_that_is_too_large_says_the_limit(make_app, settings):
    import dataclasses

    small = dataclasses.replace(settings, values={**settings.values, "max_upload": 1000})
    client = make_app(small).test_client()
    answer = client.post("/api/v1/projects", json={"name": "x" * 2000})
    details = assert_problem(answer, 413)
    assert "1000" in details["expected"] and details["received"] > 1000


def test_every_error_that_is_described_exists_and_every_route_is_described(app, client):
    document = client.get("/api/openapi.json").json
    described = {
        (method.upper(), filled(path))
        for path, operations in document["paths"].items()
        for method in operations
        if method in ("get", "post", "patch", "delete", "put")
    }
    assert {route for route in described if route[1] != "/healthz"} == set(routes(app))
    for operations in document["paths"].values():
        for method, operation in operations.items():
            if method == "parameters":
                continue
            assert operation["summary"], operation
            assert any(code.startswith("2") for code in operation["responses"])
            assert "application/problem+json" in operation["responses"]["500"]["content"]


def test_the_description_is_a_valid_openapi_document(client):
    document = client.get("/api/openapi.json").json
    assert document["openapi"].startswith("3.0")
    schemas = document["components"]["schemas"]

    def references(node):
        if isinstance(node, dict):
            if "$ref" in node:
                yield node["$ref"]
            for value in node.values():
                yield from references(value)
        elif isinstance(node, list):
            for value in node:
                yield from references(value)

    for reference in references(document):
        kind, name = reference.removeprefix("#/components/").split("/")
        assert name in document["components"][kind], reference
    assert {"Project", "Sample", "Prediction", "Problem"} <= set(schemas)
    operations = [
        operation["operationId"]
        for path in document["paths"].values()
        for method, operation in path.items()
        if method != "parameters" and "operationId" in operation
    ]
    assert len(operations) == len(set(operations))


def test_answers_are_what_the_description_says(client, taught):
    from server.web.api import schemas

    listed = client.get("/api/v1/projects").json["items"][0]
    assert schemas.ProjectSchema().validate(listed) == {}
    sample = client.get(f"/api/v1/projects/{taught['id']}/samples").json["items"][0]
    assert schemas.SampleSchema().validate(sample) == {}
    evaluation = client.get(f"/api/v1/projects/{taught['id']}/evaluation").json
    assert schemas.EvaluationSchema().validate(evaluation) == {}
    backbone = client.get("/api/v1/backbones").json["items"][0]
    assert schemas.BackboneSchema().validate(backbone) == {}
    problem = client.get(f"/api/v1/projects/{uuid.uuid4()}").json
    assert schemas.ProblemSchema().validate(problem) == {}
