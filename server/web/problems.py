"""Turns every error into problem details under /api/, and into a page elsewhere."""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask, Response, json, render_template, request
from werkzeug.exceptions import HTTPException

from ..errors import MEDIA_TYPE, Problem, problem_of_status

_log = logging.getLogger(__name__)

#: Kinds of `InputError` of the rooms below, and the kinds of problem they become.
INPUT_KINDS = {
    "unsupported-media": "unsupported-media",
    "too-large": "too-large",
    "invalid": "invalid",
    "mismatch": "conflict",
}


def is_api(path: str) -> bool:
    """Tells whether errors at that path are for programs."""
    return path.startswith(("/api/v1", "/api/openapi", "/socket.io", "/healthz"))


def wants_json() -> bool:
    """Tells whether this request's error is for a program."""
    if is_api(request.path):
        return True
    return request.path.startswith("/api/") and "text/html" not in request.headers.get("Accept", "")


def respond(problem: Problem) -> Response:
    """Makes the response for a problem."""
    details = problem.as_dict()
    if wants_json():
        body = json.dumps(details, ensure_ascii=False)
        response = Response(body, problem.status, mimetype=MEDIA_TYPE)
    else:
        page = render_template("error.html", problem=details)
        response = Response(page, problem.status, mimetype="text/html")
    response.headers.update(problem.headers)
    response.headers["Cache-Control"] = "no-store"
    return response


def from_http(error: HTTPException) -> Problem | Response:
    """Makes a problem of an error that Flask, Werkzeug or webargs raised."""
    if error.response is not None or error.code is None or error.code < 400:
        return error.get_response()  # type: ignore[return-value]
    passed_on = ("allow", "retry-after")
    headers = {name: value for name, value in error.get_headers() if name.lower() in passed_on}
    data: dict[str, Any] = getattr(error, "data", None) or {}
    messages = data.get("messages") or data.get("errors")
    if error.code == 422 and messages:
        return Problem(
            "invalid",
            "; ".join(_sentences(messages)),
            errors=messages,
            hint="The description of the API is at /api/docs.",
        )
    details = {
        404: f"There is nothing at {request.path}.",
        405: f"{request.path} does not offer {request.method}.",
        413: "The request carries more than this server accepts.",
    }
    problem = problem_of_status(error.code, details.get(error.code, error.description or ""))
    problem.headers = headers
    if error.code == 405:
        problem.received, problem.expected = request.method, headers.get("Allow")
    if error.code == 413:
        problem.received = request.content_length
        problem.expected = f"at most {request.max_content_length} bytes"
        problem.hint = "Send fewer or smaller files, or raise SHOWTELL_MAX_UPLOAD."
    return problem


def _sentences(messages: Any, path: str = "") -> list[str]:
    """Flattens webargs' nested messages: `json.name: Missing data for required field.`"""
    if isinstance(messages, dict):
        return [
            sentence
            for key, value in messages.items()
            for sentence in _sentences(value, f"{path}.{key}" if path else str(key))
        ]
    texts = messages if isinstance(messages, list) else [messages]
    return [f"{path}: {text}" if path else str(text) for text in texts]


def from_input(error: Any) -> Problem:
    """Makes a problem of an `InputError`."""
    return Problem(
        INPUT_KINDS[error.kind], error.detail or error.title, title=error.title, hint=error.hint
    )


def install(app: Flask) -> None:
    """Registers the handlers of every error."""

    @app.errorhandler(Problem)
    def _problem(problem: Problem) -> Response:
        return respond(problem)

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Response:
        made = from_http(error)
        return respond(made) if isinstance(made, Problem) else made

    @app.errorhandler(Exception)
    def _any(error: Exception) -> Response:
        # Imported by whatever raised it, if it was raised: NumPy and Pillow come with it.
        import sys

        learning = sys.modules.get("server.learning.errors")
        if learning is not None and isinstance(error, learning.InputError):
            return respond(from_input(error))
        if isinstance(error, RecursionError) and request.is_json:
            return respond(
                Problem(
                    "invalid",
                    "The JSON of this request is nested too deeply.",
                    expected="what the description of the API at /api/docs shows",
                )
            )
        _log.exception("%s %s failed", request.method, request.path)
        return respond(
            Problem(
                "server-error",
                "The server has met a fault of its own; nothing of this request was kept.",
                hint="The terminal that runs the server shows what happened.",
            )
        )
