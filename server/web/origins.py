"""Lets pages of other web sites that are listed read the stream of predictions, and nothing else.

https://fetch.spec.whatwg.org/#http-cors-protocol
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..settings import Settings

#: The one route that other sites may read.
_STREAM = re.compile(r"/api/v1/projects/[^/]+/stream")


class StreamOrigins:
    """Knows the web sites that may read the stream.

    Args:
        settings: lists them.
    """

    def __init__(self, settings: Settings):
        self._origins = frozenset(settings.stream_origins)

    def allows(self, method: str, path: str, headers: Mapping[str, str]) -> bool:
        """Tells whether a request comes from a listed site and is for the stream.

        Args:
            method, path: of the request.
            headers: of the request, names in lower case.
        """
        return (
            headers.get("origin") in self._origins
            and method in ("GET", "HEAD", "OPTIONS")
            and _STREAM.fullmatch(path) is not None
        )

    def is_preflight(self, method: str, headers: Mapping[str, str]) -> bool:
        """Tells whether a browser asks first what it may send; it does so without any token."""
        return method == "OPTIONS" and "access-control-request-method" in headers

    def preflight(self, headers: Mapping[str, str], start_response: Any) -> list[bytes]:
        """Answers that a browser may read the stream, with a token in its header."""
        answer = [
            *_allow(headers),
            ("Access-Control-Allow-Methods", "GET"),
            ("Access-Control-Allow-Headers", "Authorization, Last-Event-ID, Cache-Control"),
            ("Access-Control-Max-Age", "600"),
        ]
        if headers.get("access-control-request-private-network") == "true":
            answer.append(("Access-Control-Allow-Private-Network", "true"))
        start_response("204 No Content", answer)
        return []

    def opening(self, headers: Mapping[str, str], start_response: Any) -> Any:
        """Returns a `start_response` that says who may read the answer, whatever it is.

        Cookies are not for other sites: there is no Access-Control-Allow-Credentials.
        """

        def start(status: str, fields: list[tuple[str, str]], *rest: Any) -> Any:
            return start_response(status, [*fields, *_allow(headers)], *rest)

        return start


def _allow(headers: Mapping[str, str]) -> list[tuple[str, str]]:
    return [("Access-Control-Allow-Origin", headers["origin"]), ("Vary", "Origin")]
