"""One table of settings: name, default, how to read it, help. Each is `SHOWTELL_<NAME>`."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "SHOWTELL_"

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off"}
_UNITS = {"": 1, "B": 1, "K": 1024, "KB": 1024, "M": 1024**2, "MB": 1024**2, "G": 1024**3}
_UNITS["GB"] = 1024**3


class SettingError(ValueError):
    """Says that a setting has a value that cannot be used, and what would be one."""


def _text(value: str) -> str:
    return value.strip()


def _flag(value: str) -> bool:
    word = value.strip().lower()
    if word not in _TRUE | _FALSE:
        raise ValueError("1 or 0, yes or no, on or off")
    return word in _TRUE


def _number(low: float, high: float, kind: type = int) -> Callable[[str], Any]:
    def read(value: str) -> Any:
        expected = f"a {'whole ' if kind is int else ''}number from {low:g} to {high:g}"
        try:
            number = kind(value.strip().replace("_", ""))
        except ValueError:
            raise ValueError(expected) from None
        if not low <= number <= high:
            raise ValueError(expected)
        return number

    return read


def _size(value: str) -> int:
    text = value.strip().upper().replace(" ", "").replace("_", "")
    digits = text.rstrip("BKMG")
    unit = text[len(digits) :]
    try:
        number = float(digits)
        if unit not in _UNITS or not number > 0:
            raise ValueError
        return int(number * _UNITS[unit])
    except (ValueError, OverflowError):
        raise ValueError("a number of bytes above 0, such as 33554432, 32M or 1G") from None


def _path(value: str) -> Path:
    if not value.strip():
        raise ValueError("the path of a folder")
    return Path(value.strip()).expanduser().absolute()


def _paths(value: str) -> tuple[Path, ...]:
    return tuple(_path(part) for part in value.split(os.pathsep) if part.strip())


def _words(value: str) -> tuple[str, ...]:
    return tuple(word.strip().lower() for word in value.split(",") if word.strip())


def _origins(value: str) -> tuple[str, ...]:
    expected = "web sites such as http://localhost:8000, without a path, separated by commas"
    found = []
    for word in _words(value):
        try:
            parts = urlsplit(word)
            host, port = parts.hostname, parts.port
        except ValueError:
            raise ValueError(expected) from None
        usual = {"http": 80, "https": 443}.get(parts.scheme)
        is_bare = word == f"{parts.scheme}://{parts.netloc}" and "@" not in word
        if usual is None or not host or "*" in host or not is_bare:
            raise ValueError(expected)
        # As browsers write it: an address of IPv6 in brackets, no port where it is the usual one.
        shown = f"[{host}]" if ":" in host else host
        found.append(f"{parts.scheme}://{shown}" + ("" if port in (None, usual) else f":{port}"))
    return tuple(found)


def _level(value: str) -> str:
    word = value.strip().lower()
    if word not in ("debug", "info", "warning", "error"):
        raise ValueError("debug, info, warning or error")
    return word


@dataclass(frozen=True)
class Setting:
    """One row of the table: its name, default, reader of the text, and help."""

    name: str
    default: Any
    read: Callable[[str], Any]
    help: str
    kind: str
    #: Another name of the environment that also sets it; the SHOWTELL_ name wins.
    also: str = ""

    @property
    def variable(self) -> str:
        """The name of the environment variable."""
        return PREFIX + self.name.upper()


SETTINGS: tuple[Setting, ...] = (
    Setting("host", "127.0.0.1", _text, "Address to listen on. Any other than this computer's"
            " own (0.0.0.0 for all) needs a token.", "address", also="HOST"),
    Setting("port", 5000, _number(1, 65535), "Port to listen on.", "number", also="PORT"),
    Setting("data", ROOT / "instance", _path, "The one folder that holds database, pictures and"
            " caches.", "folder"),
    Setting("database", "", _text, "Database address of SQLAlchemy, for instance"
            " postgresql+psycopg://user@host/name. Empty: SQLite in the data folder.", "address"),
    Setting("blobs", None, _path, "Folder of the stored pictures. Empty: blobs/ in the data"
            " folder.", "folder"),
    Setting("models", (ROOT / "models",), _paths, f"Folders with backbones, separated by"
            f" {os.pathsep!r}.", "folders"),
    Setting("mirror", "", _text, "Address from which backbones are fetched, in place of Keras'"
            " own; it has the same folders and file names.", "address"),
    Setting("backbone", "", _text, "Name of the backbone that new projects use. Empty: the best"
            " one that is here.", "name"),
    Setting("token", "", _text, "Access token. Empty: none on this computer's own address, a"
            " random one on any other.", "text"),
    Setting("allowed_hosts", (), _words, "Further names under which browsers may reach the server,"
            " separated by commas.", "names"),
    Setting("stream_origins", (), _origins, "Web sites whose pages may read the stream of"
            " predictions, such as http://localhost:8000, separated by commas.", "addresses"),
    Setting("tls", False, _flag, "Serve over HTTPS with a certificate made for this computer.",
            "yes or no"),
    Setting("tls_cert", None, _path, "Certificate file (PEM) to use instead; implies tls.", "file"),
    Setting("tls_key", None, _path, "Key file (PEM) that belongs to tls_cert.", "file"),
    Setting("max_upload", 512 * 1024**2, _size, "Most bytes that one request may carry.", "bytes"),
    Setting("max_picture", 32 * 1024**2, _size, "Most bytes of one picture file.", "bytes"),
    Setting("max_pixels", 64_000_000, _number(50_176, 1_000_000_000), "Most pixels of one"
            " picture.", "number"),
    Setting("max_files", 500, _number(1, 10_000), "Most files in one request.", "number"),
    Setting("max_samples", 100_000, _number(1, 10_000_000), "Most samples in one project.",
            "number"),
    Setting("request_seconds", 300.0, _number(1, 3600, float), "Longest time a request may take to"
            " arrive.", "seconds"),
    Setting("threads", 64, _number(4, 1000), "Requests and open pages served at the same time.",
            "number"),
    Setting("cache_bytes", 512 * 1024**2, _size, "Memory for classifiers kept ready to predict.",
            "bytes"),
    Setting("workers", None, _number(1, 64), "Processes that train, embed and export. Empty: one"
            " for each core, at most 4.", "number"),
    Setting("scheduler", "", _text, "Address of a Dask scheduler whose workers are used instead,"
            " such as tcp://10.0.0.5:8786.", "address"),
    Setting("idle_seconds", 300.0, _number(1, 86_400, float), "Seconds without a job after which"
            " the workers are ended; the next job starts them again.", "seconds"),
    Setting("log_level", "warning", _level, "What is told in the terminal: debug, info, warning or"
            " error.", "word"),
)  # fmt: skip

BY_NAME: dict[str, Setting] = {setting.name: setting for setting in SETTINGS}


@dataclass(frozen=True)
class Settings:
    """All settings of one server, read as attributes: `settings.port`.

    Args:
        values: name to value, of the type that the table's reader gives; the rest has its default.
        warnings: what was odd in the environment, each as one sentence.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in self.values:
            if name not in BY_NAME:
                raise SettingError(f"There is no setting {name!r}.{_suggest(name, BY_NAME)}")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in BY_NAME:
            raise AttributeError(name)
        return self.values.get(name, BY_NAME[name].default)

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
        """Reads the environment.

        Args:
            environ: name to text; without it, the process' own.
            overrides: name to value (text is read like the environment's); they win. None is
                "not given".

        Raises:
            SettingError: a value cannot be used; says which, and what was expected.
        """
        environ = os.environ if environ is None else environ
        values: dict[str, Any] = {}
        for setting in SETTINGS:
            for variable in (setting.variable, setting.also):
                # An empty variable is one that was not set: `SHOWTELL_TOKEN= make run`.
                if variable and environ.get(variable, "").strip():
                    values[setting.name] = _read(setting, environ[variable], variable)
                    break
        for name, value in overrides.items():
            if value is None:
                continue
            if name not in BY_NAME:
                raise SettingError(f"There is no setting {name!r}.{_suggest(name, BY_NAME)}")
            given = _read(BY_NAME[name], value, name) if isinstance(value, str) else value
            values[name] = given
        return cls(values, tuple(_odd(environ)))

    @property
    def loopback(self) -> bool:
        """Whether only this computer can reach the server."""
        return is_loopback(self.host)

    @property
    def scheme(self) -> str:
        """`https` or `http`."""
        return "https" if self.tls or self.tls_cert else "http"

    @property
    def database_url(self) -> str:
        """The database's address, SQLite in the data folder unless set."""
        return self.database or f"sqlite:///{(self.data / 'showtell.sqlite3').as_posix()}"

    @property
    def blob_folder(self) -> Path:
        """Where pictures are stored."""
        return self.blobs or self.data / "blobs"


def is_loopback(host: str) -> bool:
    """Tells whether an address or name means this computer only."""
    import ipaddress

    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _read(setting: Setting, text: str, variable: str) -> Any:
    try:
        return setting.read(text)
    except ValueError as error:
        raise SettingError(
            f"{variable} is {text!r}, expected {error}. It means: {setting.help}"
        ) from None


def _suggest(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), 1, 0.6)
    return f" Did you mean {close[0]!r}?" if close else ""


def _odd(environ: Mapping[str, str]) -> Iterable[str]:
    known = {setting.variable: setting.name.upper() for setting in SETTINGS}
    for name in sorted(environ):
        if name.startswith(PREFIX) and name not in known:
            # Compared without the prefix, which alone would make any two look alike.
            meant = _suggest(name.removeprefix(PREFIX), known.values())
            meant = meant.replace("'", f"'{PREFIX}", 1)
            yield f"{name} is no setting of Show & Tell and has no effect.{meant}"
