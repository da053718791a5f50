"""`listen`: what the open pages of a project see, one line of JSON each, as they see it."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPSHandler, OpenerDirector, ProxyHandler, Request, build_opener

from ..learning.errors import InputError
from ..settings import Settings
from . import DONE, INTERRUPTED
from .console import Console
from .pictures import positive

#: The server sends a sign of life every 15 seconds.
SILENCE_SECONDS = 40
#: Seconds between tries to reach a server that has gone.
WAITS = (0.2, 0.5, 1.0, 2.0, 5.0)
_PAGE = 200


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what `listen` takes."""
    parser.add_argument("project", metavar="PROJECT", help="name or id of a project")
    parser.add_argument(
        "--server",
        metavar="URL",
        help="address of the server (default: where the settings say that it serves)",
    )
    parser.add_argument(
        "--token",
        metavar="TOKEN",
        help="its access token, where it asks for one (default: that of the settings, or the one"
        " kept in the data folder)",
    )
    parser.add_argument(
        "--count", metavar="N", type=positive, help="end after N lines (default: go on)"
    )
    parser.add_argument(
        "--changes", action="store_true", help="write a line only when the label changes"
    )


def run(options: argparse.Namespace, console: Console, settings: Settings) -> int:
    """Listens and tells."""
    try:
        server = Server(*_where(options, settings))
        project = server.find(options.project)
        _write(server.predictions(project, console), options.count, options.changes)
    except KeyboardInterrupt:  # the usual way to end it
        return INTERRUPTED
    return DONE


def _where(options: argparse.Namespace, settings: Settings) -> tuple[str, str, Path | None]:
    """Returns the server's address, the token, and a certificate to trust."""
    if options.server is None:
        host = settings.host.strip("[]")
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
        shown = f"[{host}]" if ":" in host else host
        address = f"{settings.scheme}://{shown}:{settings.port}"
    else:
        address = options.server if "://" in options.server else f"http://{options.server}"
        try:
            parts = urlsplit(address)
            is_address = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        except ValueError:
            is_address = False
        if not is_address:
            raise InputError(
                "This is no address of a server",
                f"Received {options.server}",
                "Give it as the browser shows it, such as http://127.0.0.1:5000",
            )
        address = f"{parts.scheme}://{parts.netloc}"
    token = options.token or settings.token
    if not token and options.server is None:  # it is for no other server
        try:
            token = (settings.data / "token").read_text().strip()
        except (OSError, ValueError):
            token = ""
    own = settings.tls_cert or settings.data / "tls" / "certificate.pem"
    return address, token, own if own.is_file() else None


class Server:
    """A Show & Tell server somewhere.

    Args:
        address: scheme, host and port.
        token: its access token, "" for none.
        certificate: file of a certificate to trust besides those the system does.
    """

    def __init__(self, address: str, token: str, certificate: Path | None):
        self.address = address
        self._token = token
        self._opener = _opener(certificate if address.startswith("https") else None)

    def open(self, path: str, accept: str) -> Any:
        """Sends a GET.

        Raises:
            HTTPError: the server refuses.
            OSError: it is not there.
        """
        headers = {"Accept": accept}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        return self._opener.open(
            Request(self.address + path, headers=headers), timeout=SILENCE_SECONDS
        )

    def _json(self, path: str) -> dict[str, Any]:
        try:
            with self.open(path, "application/json") as answer:
                return json.load(answer)
        except HTTPError as error:
            raise self._refused(error) from None
        except (OSError, HTTPException) as error:
            hint = "Start it with: make run. Give another address with --server"
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                hint = (
                    "Nobody vouches for its certificate. If you trust it, save it from"
                    f" {self.address}/certificate.pem and name the file in SSL_CERT_FILE"
                )
            raise InputError(
                "The server does not answer", f"{self.address}: {_reason(error)}", hint
            ) from None
        except ValueError:
            raise InputError(
                "This is no Show & Tell server", self.address, "Give its address with --server"
            ) from None

    def _refused(self, error: HTTPError) -> InputError:
        """Says why the server refuses."""
        with error:
            try:
                problem = json.load(error)
                detail = str(problem["detail"])
            except (ValueError, KeyError, TypeError, OSError):
                return InputError(
                    "This is no Show & Tell server",
                    f"{self.address} answered {error.code}",
                    "Give its address with --server",
                )
        if error.code == 401:
            return InputError(
                "The server asks for its access token",
                "The one that was sent is wrong" if self._token else "None was sent",
                "Give it with --token; the server prints it in its address when it starts",
            )
        return InputError(
            str(problem.get("title", "Refused")), detail, str(problem.get("hint", ""))
        )

    def find(self, wanted: str) -> str:
        """Returns the id of the project with a name or an id.

        Raises:
            InputError: there is none, or several; or the server does not answer.
        """
        there: list[dict[str, Any]] = []
        page, total = 1, 1
        while (page - 1) * _PAGE < total:
            part = self._json(f"/api/v1/projects?page={page}&page_size={_PAGE}")
            try:
                there += [{"id": item["id"], "name": item["name"]} for item in part["items"]]
                total = part["total"]
            except (KeyError, TypeError):
                raise InputError("This is no Show & Tell server", self.address) from None
            page += 1
        for fits in (
            lambda item: item["id"] == wanted.lower(),
            lambda item: item["name"] == wanted,
            lambda item: item["name"].casefold() == wanted.casefold(),
        ):
            found = [item for item in there if fits(item)]
            if len(found) == 1:
                return found[0]["id"]
            if found:
                ids = ", ".join(item["id"] for item in found)
                raise InputError(
                    f"{len(found)} projects are called {wanted!r}", "", f"Give the id of one: {ids}"
                )
        names = ", ".join(repr(item["name"]) for item in there[:8])
        more = ", ..." if len(there) > 8 else ""
        raise InputError(
            "There is no such project",
            f"Received {wanted!r}",
            f"There are {names}{more}"
            if there
            else "The server has none yet: make one in the browser and save it",
        )

    def predictions(self, project: str, console: Console) -> Iterator[dict[str, Any]]:
        """Gives what is seen, for ever: a connection that is lost is made anew.

        Args:
            project: its id.
            console: is told of lost connections.

        Raises:
            InputError: the server refuses; or it was never there.
        """
        tries = 0
        while True:
            try:
                with self.open(f"/api/v1/projects/{project}/stream", "text/event-stream") as answer:
                    if tries:
                        console.warn("Connected again.")
                    tries = 0
                    yield from events(answer)
            except HTTPError as error:
                if error.code != 503:
                    raise self._refused(error) from None
                problem = self._refused(error)
                why = problem.detail or problem.title
            except (OSError, HTTPException) as error:
                why = _reason(error)
            else:
                why = "it has ended the connection"
            if not tries:
                console.warn(f"The server is not to be heard ({why.rstrip('.')}). Trying again ...")
            time.sleep(WAITS[min(tries, len(WAITS) - 1)])
            tries += 1


def _opener(certificate: Path | None) -> OpenerDirector:
    # A proxy of the environment is for the internet, not for this room.
    handlers: list[Any] = [ProxyHandler({})]
    if certificate is not None:
        import ssl

        context = ssl.create_default_context()
        context.load_verify_locations(certificate)
        handlers.append(HTTPSHandler(context=context))
    return build_opener(*handlers)


def _reason(error: Exception) -> str:
    """Says why a connection failed, in few words."""
    inner = error.reason if isinstance(error, URLError) else error
    if isinstance(inner, TimeoutError):
        return "no sign of life"
    return getattr(inner, "strerror", None) or f"{inner}" or type(inner).__name__


def events(lines: Any) -> Iterator[dict[str, Any]]:
    """Reads the predictions of an event stream.

    Args:
        lines: of the answer, as bytes.
    """
    name, data = b"", b""
    for line in lines:
        field, _, value = line.rstrip(b"\r\n").partition(b":")
        if field == b"event":
            name = value.strip()
        elif field == b"data":
            data = value
        elif not line.strip():
            if name == b"prediction":
                yield json.loads(data)
            name, data = b"", b""


def _write(predictions: Iterator[dict[str, Any]], most: int | None, only_changes: bool) -> None:
    """Writes predictions, one a line, each at once."""
    # A label that the terminal cannot show is written as \\u....
    is_ascii = (sys.stdout.encoding or "ascii").lower().replace("-", "") != "utf8"
    before: object = object()
    written = 0
    for prediction in predictions:
        said = prediction.get("value") if prediction.get("label") is None else prediction["label"]
        if only_changes and said == before:
            continue
        before = said
        print(json.dumps(prediction, ensure_ascii=is_ascii, separators=(", ", ": ")), flush=True)
        written += 1
        if written == most:
            return
