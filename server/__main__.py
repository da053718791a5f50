"""The command line: `python -m server [--host H] [--port N] ...` serves; `train`, `guess` and the
other commands (docs/commands.md) do one thing and end."""

from __future__ import annotations

import argparse
import errno
import os
import socket
import sys
from collections.abc import Sequence

from . import __version__
from .commands import COMMANDS, INTERRUPTED, overview
from .commands import run as run_command
from .settings import SETTINGS, SettingError, Settings

#: Set before NumPy and LiteRT are loaded. On a busy machine more threads than one are slower, by
#: far; and what the libraries have to say about themselves helps nobody.
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "2",
}


def parser() -> argparse.ArgumentParser:
    """Makes the parser of the command line from the table of settings."""
    made = argparse.ArgumentParser(
        prog="python -m server",
        description="Serve Show & Tell. Every option is also an environment variable.",
        epilog=overview(),
        formatter_class=argparse.RawTextHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument("--version", action="version", version=f"Show & Tell {__version__}")
    for setting in SETTINGS:
        default = setting.default
        shown = "" if default in (None, "", (), False) else f" Default: {_shown(default)}."
        names = setting.variable + (f" or {setting.also}" if setting.also else "")
        text = f"{setting.help}{shown}\n[{names}]".replace("%", "%%")
        option = f"--{setting.name.replace('_', '-')}"
        if setting.kind == "yes or no":
            made.add_argument(option, action="store_const", const="1", help=text)
        else:
            made.add_argument(option, metavar=setting.kind.split()[0].upper(), help=text)
    return made


def _shown(default: object) -> str:
    if isinstance(default, tuple):
        return os.pathsep.join(map(str, default))
    return str(default)


def listen(settings: Settings) -> socket.socket:
    """Binds the address, so that a port in use is known before anything else happens.

    Raises:
        SettingError: the address cannot be bound; says why and what to do.
    """
    host, port = settings.host.strip("[]"), settings.port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # elsewhere it would let two servers share a port
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.listen(1024)
    except OSError as error:
        bound.close()
        reasons = {
            errno.EADDRINUSE: f"Port {port} is in use by another program, perhaps by another Show &"
            f" Tell. Stop that, or choose another port: PORT={_free_port(family, host)} make run",
            errno.EACCES: f"Port {port} may be opened by an administrator only. Choose one above"
            " 1023: PORT=5000",
            errno.EADDRNOTAVAIL: f"This computer has no address {host}. Use 127.0.0.1 for this"
            " computer alone or 0.0.0.0 for all its addresses.",
        }
        reason = reasons.get(error.errno or 0, f"Cannot listen on {host}:{port}: {error}.")
        raise SettingError(reason) from None
    return bound


def _free_port(family: int, host: str) -> int:
    """Returns a port that is free now."""
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        try:
            probe.bind((host, 0))
        except OSError:
            return 5001
        return probe.getsockname()[1]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command that is named first, or serves until it is told to stop.

    Args:
        arguments: of the command line, without the program.

    Returns:
        The exit status: of a command see docs/commands.md; of serving 0 after a stop that was
        asked for, 1 if it could not start.
    """
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    if arguments and arguments[0] in COMMANDS:
        try:
            return run_command(arguments[0], arguments[1:])
        except KeyboardInterrupt:  # before it had begun
            return INTERRUPTED
    given = vars(parser().parse_args(arguments))
    try:
        settings = Settings.from_environ(**given)
        for warning in settings.warnings:
            print(warning, file=sys.stderr)
        with listen(settings) as bound:
            from .web.run import serve

            return serve(settings, bound)
    except (SettingError, RuntimeError, OSError) as error:
        print(f"Show & Tell cannot start. {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
