"""Static files and backbones: compressed, with ETags, found anew when they change."""

from __future__ import annotations

import gzip
import re
from collections import OrderedDict
from pathlib import Path
from threading import Lock

from flask import Blueprint, Response, abort, current_app, request, send_file
from werkzeug.security import safe_join

from ..settings import ROOT

STATIC = ROOT / "static"

#: What a file is; systems disagree about some, and a module of the wrong type does not load.
TYPES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".css": "text/css",
    ".json": "application/json",
    ".wasm": "application/wasm",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
    ".txt": "text/plain",
    ".bin": "application/octet-stream",
}

#: What becomes smaller by compression.
_COMPRESSIBLE = frozenset({".js", ".mjs", ".css", ".json", ".wasm", ".svg", ".txt", ".webmanifest"})
_MOST_COMPRESSED_HERE = 4 * 1024 * 1024
_ENDINGS = (("br", ".br"), ("gzip", ".gz"))

_HASHED_NAME = re.compile(r"-[A-Z0-9]{8}\.js$")
_FOREVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"

#: A module's static imports of other modules of ours.
_IMPORT = re.compile(r"""^\s*(?:import|export)\b[^'"();]*?['"]([^'"]+)['"]""", re.M)

#: The import map of templates/base.html.
_NAMES = {
    "lit": "/static/vendor/lit.js",
    "socket.io-client": "/static/vendor/socket.io.js",
    "fflate": "/static/vendor/fflate.js",
}

blueprint = Blueprint("static_files", __name__)


class Compressed:
    """Keeps files that were compressed here, the least recently used dropped first.

    Args:
        most: bytes to keep.
    """

    def __init__(self, most: int = 16 * 1024 * 1024):
        self._most = most
        self._kept: OrderedDict[tuple[str, int, int], bytes] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def get(self, path: Path, modified: int, size: int) -> bytes:
        """Returns the file compressed with gzip."""
        key = (str(path), modified, size)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        small = gzip.compress(path.read_bytes(), 9, mtime=0)
        with self._lock:
            if key not in self._kept:
                self._kept[key] = small
                self._bytes += len(small)
            while self._bytes > self._most and len(self._kept) > 1:
                self._bytes -= len(self._kept.popitem(last=False)[1])
        return small


_compressed = Compressed()


def serve(folder: Path, name: str, cache: str) -> Response:
    """Answers a file, compressed as the browser accepts it.

    Args:
        folder: nothing outside it is ever served.
        name: path inside the folder, as it came from the network.
        cache: the Cache-Control header.
    """
    # Compressed siblings are representations, not files of their own.
    found = safe_join(str(folder), name)
    path = Path(found) if found else None
    if path is None or path.suffix not in TYPES or not path.is_file():
        abort(404)
    status = path.stat()
    tag = f"{status.st_mtime_ns:x}-{status.st_size:x}"
    encoding, response = None, None
    if path.suffix in _COMPRESSIBLE and "Range" not in request.headers:
        accepted = request.accept_encodings
        for name_of_encoding, ending in _ENDINGS:
            sibling = path.with_name(path.name + ending)
            if accepted[name_of_encoding] > 0 and _is_current(sibling, status.st_mtime_ns):
                encoding = name_of_encoding
                response = send_file(sibling, mimetype=TYPES[path.suffix], etag=False)
                break
        worthwhile = 200 < status.st_size <= _MOST_COMPRESSED_HERE
        if response is None and accepted["gzip"] > 0 and worthwhile:
            encoding = "gzip"
            data = _compressed.get(path, status.st_mtime_ns, status.st_size)
            response = Response(data, mimetype=TYPES[path.suffix])
    if response is None:
        response = send_file(path, mimetype=TYPES[path.suffix], etag=False, conditional=True)
    response.headers.pop("Content-Disposition", None)
    if encoding:
        response.headers["Content-Encoding"] = encoding
    if path.suffix in _COMPRESSIBLE:
        response.headers["Vary"] = "Accept-Encoding"
    response.set_etag(f"{tag}-{encoding}" if encoding else tag)
    response.headers["Cache-Control"] = cache
    return response.make_conditional(request)


def _is_current(sibling: Path, modified: int) -> bool:
    """Tells whether a compressed sibling is there and not older than its file."""
    try:
        return sibling.stat().st_mtime_ns >= modified
    except OSError:
        return False


@blueprint.get("/static/<path:name>")
def static(name: str) -> Response:
    """Serves our own and the bundled files."""
    return serve(STATIC, name, _FOREVER if _HASHED_NAME.search(name) else _ASK_AGAIN)


@blueprint.get("/favicon.ico")
def favicon() -> Response:
    """Serves the icon where browsers look for it without being asked."""
    return serve(STATIC, "img/favicon.svg", _ASK_AGAIN)


@blueprint.get("/models/<name>/<file>")
def model(name: str, file: str) -> Response:
    """Serves a file of a backbone; with its fingerprint as `?v=` for good."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}", name) or file.endswith(".keras"):
        abort(404)
    cache = _FOREVER if request.args.get("v") else _ASK_AGAIN
    for folder in current_app.config["SETTINGS"].models:
        if (Path(folder) / name / file).is_file():
            return serve(Path(folder) / name, file, cache)
    abort(404)


class Modules:
    """Finds all modules that a module imports, so that a page can ask for them at once.

    Args:
        folder: the static folder.
        prefix: its address.
    """

    def __init__(self, folder: Path = STATIC, prefix: str = "/static"):
        self._folder = folder
        self._prefix = prefix
        self._imports: dict[Path, tuple[int, list[Path]]] = {}

    def _imports_of(self, path: Path) -> list[Path]:
        try:
            modified = path.stat().st_mtime_ns
        except OSError:
            return []
        known = self._imports.get(path)
        if known is None or known[0] != modified:
            found = _IMPORT.findall(path.read_text(encoding="utf-8"))
            names = [_NAMES.get(name, name) for name in found]
            paths = [
                self._folder / name.removeprefix(f"{self._prefix}/")
                if name.startswith("/")
                else (path.parent / name).resolve()
                for name in names
                if name.startswith(("/", "."))
            ]
            known = (modified, [p for p in paths if p.is_relative_to(self._folder)])
            self._imports[path] = known
        return known[1]

    def closure(self, entry: str) -> list[str]:
        """Returns the addresses of a module and of all it imports, each once, nearest first."""
        first = (self._folder / entry).resolve()
        seen, queue = {first}, [first]
        for path in queue:
            for found in self._imports_of(path):
                if found not in seen:
                    seen.add(found)
                    queue.append(found)
        return [
            f"{self._prefix}/{path.relative_to(self._folder).as_posix()}"
            for path in queue
            if path.is_file()
        ]
