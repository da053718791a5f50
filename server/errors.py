"""Problem details for every error under /api/ (RFC 9457), from one helper."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

#: The kinds of problem: name, status, title. The name is the last part of the problem's `type`.
KINDS: dict[str, tuple[int, str]] = {
    "bad-request": (400, "The request could not be understood"),
    "token-needed": (401, "An access token is needed"),
    "foreign-origin": (403, "This request came from another web site"),
    "not-for-phones": (403, "A phone that was let in may not do this"),
    "not-found": (404, "There is nothing at this address"),
    "method-not-allowed": (405, "This address does not offer that method"),
    "timeout": (408, "The request took too long to arrive"),
    "conflict": (409, "This does not fit with what is there"),
    "no-examples": (409, "There is nothing to compare with yet"),
    "backbone-missing": (409, "The backbone of this project is not here"),
    "stale": (412, "The project has changed in the meantime"),
    "too-large": (413, "This is larger than the server accepts"),
    "unsupported-media": (415, "This kind of file cannot be read"),
    "foreign-host": (421, "This server does not go by that name"),
    "invalid": (422, "Something in the request is not as expected"),
    "condition-needed": (428, "This change must name the revision it is for"),
    "too-many": (429, "There were too many requests in a short time"),
    "server-error": (500, "Something went wrong in the server"),
    "hook-failed": (502, "The address of this hook was not told"),
    "unavailable": (503, "The server cannot do this at the moment"),
}

MEDIA_TYPE = "application/problem+json"


class Problem(Exception):
    """An error to be answered with problem details.

    Args:
        kind: a key of `KINDS`, which gives status and title.
        detail: what happened, in a sentence for this very case.
        received: the value that was received.
        expected: what was expected instead.
        hint: how to mend it.
        headers: HTTP headers for the answer.
        extra: further members, such as `errors` or `revision`.
    """

    def __init__(
        self,
        kind: str,
        detail: str = "",
        *,
        received: Any = None,
        expected: Any = None,
        hint: str = "",
        title: str = "",
        status: int | None = None,
        headers: dict[str, str] | None = None,
        **extra: Any,
    ):
        default_status, default_title = KINDS[kind]
        super().__init__(detail or title or default_title)
        self.kind = kind
        self.status = status or default_status
        self.title = title or default_title
        self.detail = detail
        self.received = received
        self.expected = expected
        self.hint = hint
        self.headers = headers or {}
        self.extra = extra

    def as_dict(self) -> dict[str, Any]:
        """Returns the members of the problem details object, empty ones left out."""
        members = {
            "type": f"/api/docs#problem-{self.kind}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail or self.title + ".",
            "received": self.received,
            "expected": self.expected,
            "hint": self.hint or None,
            **self.extra,
        }
        return {name: value for name, value in members.items() if value is not None}


def kind_of_status(status: int) -> str:
    """Returns the first kind with that status, else the closest general one."""
    for kind, (code, _) in KINDS.items():
        if code == status:
            return kind
    return "server-error" if status >= 500 else "bad-request"


def problem_of_status(status: int, detail: str = "", headers: Any = None) -> Problem:
    """Makes a problem from a bare HTTP status, as raised by the frameworks underneath."""
    kind = kind_of_status(status)
    known = KINDS[kind][0] == status
    title = "" if known else HTTPStatus(status).phrase
    return Problem(kind, detail, title=title, status=status, headers=headers)
