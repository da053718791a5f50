"""What the cookie of a phone opens: what the phone page needs for its one project, nothing else."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from werkzeug.http import parse_cookie

from ..errors import Problem
from ..settings import Settings
from ..storage import PhoneStore, Projects
from ..storage.values import parse_time

#: Where the guard puts into a request's environment whose cookie it carries, and whether it may
#: do only what a phone may. No header can set these: those begin with HTTP_.
PHONE, IS_GUEST = "showtell.phone", "showtell.is_guest"

#: A page that has full access says by this header that it is a phone all the same: on one's own
#: computer, which asks for no token, a phone is a page like any other.
ACTS_AS = "x-showtell-phone"

_AGE = 60 * 60 * 24 * 90
_ID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def read_cookie(headers: Mapping[str, str], name: str) -> str | None:
    """Returns the value of a cookie, None without it.

    All servers of a computer share its cookies, whatever their port: one that another has written
    against the rules must not hide ours, as it would from http.cookies.
    """
    text = headers.get("cookie", "")
    if name not in text:
        return None
    return parse_cookie(text.encode("ascii", "replace").decode()).get(name)


def phone_of(environ: Mapping[str, Any]) -> dict[str, Any] | None:
    """Returns the phone whose cookie a request carries; see `PhoneStore.get`."""
    return environ.get(PHONE)


def is_guest(environ: Mapping[str, Any]) -> bool:
    """Tells whether a request may do only what a phone may."""
    return bool(environ.get(IS_GUEST))


class PhonePass:
    """Knows phones by their cookie and what they may do.

    Args:
        settings: the port and whether answers go over TLS.
        phones: rows of phones.
        projects: to ask whose a sample is.
    """

    def __init__(self, settings: Settings, phones: PhoneStore, projects: Projects):
        self._phones = phones
        self._projects = projects
        # Cookies are shared by all ports of a host; two servers must not take turns.
        self.cookie = f"showtell-phone-{settings.port}"
        self._secure = settings.scheme == "https"

    def new_secret(self) -> str:
        """Makes what a cookie holds."""
        return secrets.token_urlsafe(32)

    def cookie_options(self) -> dict[str, Any]:
        """Returns how Flask is to set the cookie."""
        return {
            "max_age": _AGE, "httponly": True, "samesite": "Strict", "secure": self._secure,
            "path": "/",
        }  # fmt: skip

    def find(self, headers: Mapping[str, str]) -> dict[str, Any] | None:
        """Returns the phone whose cookie the headers carry, None without one or once removed."""
        secret = read_cookie(headers, self.cookie)
        if secret is None or not 20 <= len(secret) <= 100:
            return None
        from sqlalchemy.exc import SQLAlchemyError

        try:
            return self._phones.by_secret(secret)
        except SQLAlchemyError as error:  # no handler of errors stands before the door
            raise Problem("unavailable", "The database does not answer.") from error

    def acts(self, phone: Mapping[str, Any], headers: Mapping[str, str]) -> bool:
        """Tells whether a request with full access is made in the name of its phone."""
        named = headers.get(ACTS_AS, "")
        return hmac.compare_digest(named.encode("utf-8", "replace"), phone["id"].encode())

    def check(self, phone: Mapping[str, Any], method: str, path: str) -> None:
        """Refuses what a phone may not do.

        Args:
            phone: as `find` returns it.
            method, path: of the request.

        Raises:
            Problem: it is none of the phone's business.
        """
        for methods, pattern, allows in SCOPE:
            if method in methods:
                match = pattern.fullmatch(path)
                if match is not None and allows(self, phone, match):
                    return
        raise Problem(
            "not-for-phones",
            f"This phone was let in to {DOES[phone['role']]} one project, and may do no more.",
            received=f"{method} {path[:200]}",
            hint="Open the page on the computer that runs Show & Tell, or with its access token.",
        )

    def owns_sample(self, phone: Mapping[str, Any], sample_id: str) -> bool:
        """Tells whether a phone has added a sample itself."""
        found = self._sample(sample_id)
        return (
            found is not None
            and found["project_id"] == phone["project_id"]
            and found["contributor"] == phone["name"]
            # Not what an earlier phone of that name has added.
            and parse_time(found["created_at"]) >= parse_time(phone["created_at"])
        )

    def sees_sample(self, phone: Mapping[str, Any], sample_id: str) -> bool:
        """Tells whether a sample is of a phone's project."""
        found = self._sample(sample_id)
        return found is not None and found["project_id"] == phone["project_id"]

    def _sample(self, sample_id: str) -> dict[str, Any] | None:
        try:
            return self._projects.sample(sample_id)
        except Problem:
            return None


#: What a phone was let in for, in words.
DOES = {"player": "play with", "teacher": "help to teach"}

Allows = Callable[[PhonePass, Mapping[str, Any], "re.Match[str]"], bool]
_GET = frozenset({"GET", "HEAD"})
_ANY = frozenset({"GET", "HEAD", "POST"})


def _always(_: PhonePass, __: Mapping[str, Any], ___: re.Match[str]) -> bool:
    return True


def _own_project(_: PhonePass, phone: Mapping[str, Any], match: re.Match[str]) -> bool:
    return match["id"] == phone["project_id"]


def _teaches(own: PhonePass, phone: Mapping[str, Any], match: re.Match[str]) -> bool:
    return phone["role"] == "teacher" and _own_project(own, phone, match)


def _sees(own: PhonePass, phone: Mapping[str, Any], match: re.Match[str]) -> bool:
    return own.sees_sample(phone, match["id"])


def _taught(own: PhonePass, phone: Mapping[str, Any], match: re.Match[str]) -> bool:
    return phone["role"] == "teacher" and own.owns_sample(phone, match["id"])


def _itself(_: PhonePass, phone: Mapping[str, Any], match: re.Match[str]) -> bool:
    return match["id"] == phone["id"]


#: Methods, path, and who of the phones may: everything that the phone page asks for. Pages and
#: static files need no cookie at all; see `guard.is_open`.
SCOPE: tuple[tuple[frozenset[str], re.Pattern[str], Allows], ...] = (
    (_GET, re.compile(r"/models/[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+"), _always),
    (_GET, re.compile(r"/api/v1/backbones"), _always),
    (_GET, re.compile(r"/api/v1/phones/me"), _always),
    (_GET, re.compile(rf"/api/v1/projects/(?P<id>{_ID})(?:/samples|/embeddings)?"), _own_project),
    (_GET, re.compile(rf"/api/v1/samples/(?P<id>{_ID})/image"), _sees),
    (frozenset({"POST"}), re.compile(rf"/api/v1/projects/(?P<id>{_ID})/samples"), _teaches),
    (frozenset({"DELETE"}), re.compile(rf"/api/v1/samples/(?P<id>{_ID})"), _taught),
    (frozenset({"DELETE"}), re.compile(rf"/api/v1/phones/(?P<id>{_ID})"), _itself),
    (_ANY, re.compile(r"/socket\.io/"), _always),
)
