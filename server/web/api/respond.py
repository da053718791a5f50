"""Answers with a revision as ETag, If-Match, and how routes are described."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, jsonify, request

from ...errors import KINDS
from .schemas import ProblemSchema

#: A revision that no project ever has: a tag that cannot be one of ours matches nothing.
NO_REVISION = -1


def answer(body: Any, status: int = 200, revision: int | None = None, **headers: str) -> Response:
    """Makes a JSON answer.

    Args:
        body: JSON values.
        status: of the answer.
        revision: of the project it is about; becomes its ETag.
        headers: further ones, `_` for `-`.
    """
    response = jsonify(body)
    response.status_code = status
    for name, value in headers.items():
        response.headers[name.replace("_", "-")] = value
    if revision is not None:
        response.set_etag(str(revision))
        if request.method == "GET" and status == 200:
            return response.make_conditional(request)
    return response


def no_content(revision: int | None = None) -> Response:
    """Makes an answer without a body."""
    response = Response(status=204)
    response.headers.pop("Content-Type", None)
    if revision is not None:
        response.set_etag(str(revision))
    return response


def expected_revision(current: Callable[[], int]) -> int | None:
    """Reads If-Match.

    Args:
        current: asks for the project's revision, for `*` and for lists of tags.

    Returns:
        The revision the change is for, None if the request does not say.
    """
    header = request.headers.get("If-Match")
    if header is None:
        return None
    tags = request.if_match
    if tags.star_tag:
        return current()
    revisions = [int(tag) for tag in tags.as_set(True) if tag.isdecimal() and len(tag) < 10]
    if len(revisions) == 1:
        return revisions[0]
    now = current() if revisions else NO_REVISION
    return now if now in revisions else NO_REVISION


def problems(*statuses: int) -> Callable[[Any], Any]:
    """Describes the problems a route may answer, in its OpenAPI description."""
    known = dict(KINDS.values())

    def decorate(function: Any) -> Any:
        docs = getattr(function, "_apidoc", {}).copy()
        manual = docs.setdefault("manual_doc", {})
        responses = manual.setdefault("responses", {})
        for status in (*statuses, 500):
            responses[str(status)] = {
                "description": known.get(status, "Problem"),
                "content": {"application/problem+json": {"schema": ProblemSchema}},
            }
        function._apidoc = docs
        return function

    return decorate


IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "schema": {"type": "string"},
    "description": 'The revision that the change is for, such as `"7"`.',
}

FILES = {"type": "array", "items": {"type": "string", "format": "binary"}}


def multipart(required: list[str], **properties: Any) -> dict[str, Any]:
    """Describes a multipart body for OpenAPI."""
    return {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {"type": "object", "required": required, "properties": properties}
            }
        },
    }
