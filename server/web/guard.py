"""Decides at the door who may come in: host names, origins, the access token.

This is WSGI middleware around everything, because Flask's hooks do not run for Socket.IO.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import socket
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from ..errors import Problem
from ..settings import Settings, is_loopback
from .origins import StreamOrigins
from .phone_pass import IS_GUEST, PHONE, PhonePass, read_cookie

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

#: Names that always mean this computer.
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})

#: What needs no token, because it tells nothing about anyone: whether the server is well, our own
#: code and looks, the page by which a phone asks to be let in, and the one about the certificate.
OPEN_PATHS = frozenset({"/healthz", "/favicon.ico", "/phone", "/certificate", "/certificate.pem"})
OPEN_FOLDERS = ("/static/",)
#: Where a phone shows its code.
CLAIM = "/api/v1/phones/claim"


def split_host(value: str) -> tuple[str, int | None] | None:
    """Splits a Host header into its name in lower case and its port; None if it is malformed."""
    if not value or any(c in value for c in "/\\@?# \t\"'<>,;"):
        return None
    try:
        parts = urlsplit(f"//{value}")
        return ((parts.hostname or "").rstrip("."), parts.port) if parts.hostname else None
    except ValueError:
        return None


class HostCheck:
    """Knows the names under which this server may be reached.

    A web site can point its own name at 127.0.0.1 and so make a browser send it our answers (DNS
    rebinding). Such a request carries the site's name in its Host header.

    Args:
        settings: the address bound and the names allowed besides.
    """

    def __init__(self, settings: Settings):
        self._names = set(LOOPBACK_NAMES) | {settings.host.lower().strip("[]")}
        self._names |= set(settings.allowed_hosts)
        self._any_address = not settings.loopback
        if self._any_address:
            name = socket.gethostname().lower()
            short = name.partition(".")[0]
            self._names |= {name, short, f"{short}.local"}

    def allows(self, host: str) -> bool:
        """Tells whether a Host header names this server."""
        parts = split_host(host)
        if parts is None:
            return False
        name = parts[0]
        if name in self._names or is_loopback(name):
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        # An address cannot be rebound; it is ours if we listen on more than loopback.
        return self._any_address


def check_origin(method: str, headers: Mapping[str, str], host: str, socket_: bool) -> None:
    """Refuses what another web site makes a browser send.

    Args:
        method: of the request.
        headers: of the request, names in lower case; looked at are `origin` and `sec-fetch-*`.
        host: the request's Host header.
        socket_: whether it opens a Socket.IO connection, which even a GET does.

    Raises:
        Problem: it comes from another web site.
    """
    origin = headers.get("origin")
    site = headers.get("sec-fetch-site", "")
    own = origin is not None and urlsplit(origin).netloc.lower() == host.lower()
    if method not in SAFE_METHODS or socket_:
        foreign = not own if origin is not None else site not in ("", "same-origin", "none")
    else:
        # Reading: a link from elsewhere may open a page, but no other site may embed or fetch.
        navigation = headers.get("sec-fetch-mode") == "navigate"
        framed = headers.get("sec-fetch-dest") in ("iframe", "frame", "embed", "object")
        foreign = site in ("cross-site", "same-site") and (not navigation or framed)
    if foreign:
        raise Problem(
            "foreign-origin",
            "A page of another web site made this request.",
            received=origin or site,
            expected=f"a request from a page of {host}, or from a program that sends no Origin",
        )


class TokenCheck:
    """Asks for the access token where there is one.

    Args:
        settings: the token, the port and whether answers go over TLS.
    """

    def __init__(self, settings: Settings):
        self._token = settings.token
        # Cookies are shared by all ports of a host; two servers must not take turns.
        self.cookie = f"showtell-{settings.port}"
        # The cookie proves knowledge of the token without telling it.
        self._proof = hashlib.sha256(f"showtell cookie {self._token}".encode()).hexdigest()
        self._secure = settings.scheme == "https"

    @property
    def needed(self) -> bool:
        """Whether there is a token at all."""
        return bool(self._token)

    def is_token(self, value: str) -> bool:
        """Compares a value with the token in constant time."""
        return hmac.compare_digest(value.encode(), self._token.encode())

    def allows(self, headers: Mapping[str, str]) -> bool:
        """Tells whether the headers carry the token or the cookie it was exchanged for."""
        if not self._token:
            return True
        scheme, _, value = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and self.is_token(value.strip()):
            return True
        value = read_cookie(headers, self.cookie)
        return value is not None and hmac.compare_digest(value.encode(), self._proof.encode())

    def set_cookie(self) -> str:
        """Returns the Set-Cookie header for who has shown the token."""
        secure = "; Secure" if self._secure else ""
        age = 60 * 60 * 24 * 365
        return (
            f"{self.cookie}={self._proof}; Path=/; Max-Age={age}; HttpOnly; SameSite=Strict{secure}"
        )


def is_open(method: str, path: str) -> bool:
    """Tells whether a request needs no token; a path that leads upwards always does."""
    if method == "POST":
        return path == CLAIM
    return path in OPEN_PATHS or (path.startswith(OPEN_FOLDERS) and ".." not in path)


class Guard:
    """Lets a request through to the application or answers it with a problem.

    Args:
        inner: the WSGI application behind.
        settings: what is allowed.
        refuse: makes the WSGI response for a problem: `refuse(environ, problem)`.
        phones: knows phones by their cookie; None where there are none.
    """

    def __init__(
        self,
        inner: Callable[..., Iterable[bytes]],
        settings: Settings,
        refuse: Callable[[dict[str, Any], Problem], Callable[..., Iterable[bytes]]],
        phones: PhonePass | None = None,
    ):
        self._inner = inner
        self._hosts = HostCheck(settings)
        self._origins = StreamOrigins(settings)
        self.token = TokenCheck(settings)
        self._refuse = refuse
        self._phones = phones

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Serves one request."""
        path = environ.get("PATH_INFO", "")
        host = environ.get("HTTP_HOST", "")
        method = environ.get("REQUEST_METHOD", "GET")
        headers = {
            name[5:].replace("_", "-").lower(): value
            for name, value in environ.items()
            if name.startswith("HTTP_")
        }
        try:
            if not self._hosts.allows(host):
                raise Problem(
                    "foreign-host",
                    "The Host header does not name this server.",
                    received=host,
                    hint="If this name is meant to reach it, list it in SHOWTELL_ALLOWED_HOSTS.",
                )
            is_socket = path.startswith("/socket.io")
            if self._origins.allows(method, path, headers):
                if self._origins.is_preflight(method, headers):
                    return self._origins.preflight(headers, start_response)
                start_response = self._origins.opening(headers, start_response)
            else:
                check_origin(method, headers, host, is_socket)
            if self.token.needed and not path.startswith(OPEN_FOLDERS):
                clean = self._token_in_address(environ)
                if clean is not None:
                    return self._exchange(clean, headers, start_response)
            self._recognise(environ, method, path, headers)
        except Problem as problem:
            return self._refuse(environ, problem)(environ, start_response)
        return self._inner(environ, start_response)

    def _recognise(
        self, environ: dict[str, Any], method: str, path: str, headers: Mapping[str, str]
    ) -> None:
        """Notes in the environment who asks, and refuses who may not."""
        if path.startswith(OPEN_FOLDERS) and is_open(method, path):
            return
        phones = self._phones
        phone = phones.find(headers) if phones else None
        has_access = self.token.allows(headers)
        environ[PHONE] = phone
        if phones and phone and (not has_access or phones.acts(phone, headers)):
            environ[IS_GUEST] = True
            if not is_open(method, path):
                phones.check(phone, method, path)
        elif not has_access and not is_open(method, path):
            raise Problem(
                "token-needed",
                "This server is open to the network and asks for its access token.",
                hint="Open the address with ?token=... that was printed at its start, or"
                " send the header 'Authorization: Bearer TOKEN'.",
                headers={"WWW-Authenticate": 'Bearer realm="Show & Tell"'},
            )

    def _token_in_address(self, environ: Mapping[str, Any]) -> str | None:
        """Returns the address without the token if it carries the right one."""
        query = environ.get("QUERY_STRING", "")
        if "token=" not in query or environ.get("REQUEST_METHOD") not in ("GET", "HEAD"):
            return None
        pairs = parse_qsl(query, keep_blank_values=True)
        if not any(name == "token" and self.token.is_token(value) for name, value in pairs):
            return None
        rest = urlencode([pair for pair in pairs if pair[0] != "token"])
        # Two slashes at the start would lead to another host.
        path = "/" + environ.get("PATH_INFO", "").lstrip("/\\")
        quoted = path.encode("latin-1", "replace").decode("utf-8", "replace")
        return quote(quoted) + (f"?{rest}" if rest else "")

    def _exchange(self, location: str, headers: Mapping[str, str], start: Any) -> list[bytes]:
        """Gives the cookie and sends the browser on, so that the token leaves the address bar."""
        answer = [
            ("Set-Cookie", self.token.set_cookie()),
            ("Cache-Control", "no-store"),
            ("Referrer-Policy", "no-referrer"),
            ("Content-Type", "text/html; charset=utf-8"),
        ]
        if headers.get("sec-fetch-site") == "cross-site":
            # After a redirect the browser would still count the visit as the other site's and
            # keep the cookie back; a page of our own starts a visit of its own.
            body = f'<meta http-equiv="refresh" content="0;url={location}">'.encode()
            start("200 OK", [*answer, ("Content-Length", str(len(body)))])
            return [body]
        start("303 See Other", [*answer, ("Location", location), ("Content-Length", "0")])
        return []
