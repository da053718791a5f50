"""The API under /api/v1, described by OpenAPI."""

from __future__ import annotations

from flask import Flask, Response, json, request
from flask_smorest import Api

from ... import __version__
from . import (
    assets,
    backbones,
    classifiers,
    fetches,
    files,
    hooks,
    jobs,
    phones,
    predictions,
    projects,
    samples,
    scores,
    stream,
    system,
    trainings,
)
from .schemas import ProblemSchema

DESCRIPTION = """
Projects, their classes and samples, what they predict, and what is trained on them.

* A list answers `{"items": [..], "total": n}` and takes `page` and `page_size`.
* Errors are problem details (RFC 9457, `application/problem+json`): what was received, what was
  expected and how to mend it.
* A project has a `revision`, which is also its `ETag`. A change that carries `If-Match` is done
  only at that revision; otherwise it gets 412 and changes nothing.
* Ids are UUIDs, made by whoever creates the thing, so that every request can be sent again.
"""


class ShowTellApi(Api):
    """flask-smorest with the problem details of this server."""

    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        """Leaves errors to server/web/problems.py, which serves every route."""


def install(app: Flask) -> None:
    """Registers all routes of the API and its description at /api/openapi.json."""
    app.config.update(
        API_TITLE="Show & Tell",
        API_VERSION="v1",
        OPENAPI_VERSION="3.0.3",
        API_SPEC_OPTIONS={
            "info": {"description": DESCRIPTION, "version": __version__},
            "components": {
                "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            },
        },
    )
    api = ShowTellApi(app)
    api.DEFAULT_ERROR_RESPONSE_NAME = None
    rooms = (
        *(system, projects, samples, predictions, files, backbones, fetches),
        *(trainings, jobs, classifiers, stream, hooks, assets, phones, scores),
    )
    for room in rooms:
        api.register_blueprint(room.blueprint)

    written: list[bytes] = []

    @app.get("/api/openapi.json")
    def openapi() -> Response:
        if not written:
            document = api.spec.to_dict()
            written.append(json.dumps(document, indent=1).encode())
        response = Response(written[0], mimetype="application/json")
        response.add_etag()
        return response.make_conditional(request)
