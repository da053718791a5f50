"""The commands besides serving: `python -m server train`, `guess` and the others.

Each is a module with `add_arguments(parser)` and `run(options, console, settings) -> status`. The
modules import what they need inside functions, so that `guess` answers within a second.
"""

from __future__ import annotations

import argparse
import importlib
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

#: Exit statuses (docs/commands.md).
DONE, FAULT, BAD_INPUT, SOME_SKIPPED, INTERRUPTED, TERMINATED = 0, 1, 2, 3, 130, 143
#: Of a command whose reader has gone, like `head`: as if the signal had ended it.
PIPE_CLOSED = 141


@dataclass(frozen=True)
class Command:
    """A row of the table: its name, its module in this package, and what it does."""

    name: str
    module: str
    help: str


#: name: command, in the order they are shown in.
COMMANDS: dict[str, Command] = {
    row.name: row
    for row in (
        Command("train", "train", "train a classifier on a folder of pictures or a project file"),
        Command("evaluate", "evaluate", "judge a classifier on labelled pictures"),
        Command("guess", "guess", "say what is in pictures"),
        Command("guess-dir", "guess_dir", "copy pictures to names that say what is in them"),
        Command("export", "export", "write a classifier in a format of other programs"),
        Command("import", "import_", "make a classifier of another program's model"),
        Command("convert", "convert", "turn MobileNet weights into a backbone folder"),
        Command("report", "report", "show how good a classifier is"),
        Command("listen", "listen", "write what a project's page sees, as it sees it"),
    )
}


def overview() -> str:
    """Returns the lines that name the commands, for `--help`."""
    width = max(map(len, COMMANDS))
    rows = (f"  {row.name:{width}}  {row.help}" for row in COMMANDS.values())
    return "\n".join(
        [
            "commands, each with its own --help:",
            *rows,
            "",
            "Without a command it serves. See docs/commands.md.",
        ]
    )


def parser_of(name: str) -> argparse.ArgumentParser:
    """Makes the parser of a command."""
    command = COMMANDS[name]
    module = importlib.import_module(f".{command.module}", __name__)
    made = argparse.ArgumentParser(
        prog=f"python -m server {name}",
        description=f"{command.help[0].upper()}{command.help[1:]}.",
        epilog="See docs/commands.md.",
        allow_abbrev=False,
    )
    module.add_arguments(made)
    return made


def run(name: str, arguments: Sequence[str]) -> int:
    """Runs a command.

    Args:
        name: a key of `COMMANDS`.
        arguments: those after its name.

    Returns:
        The exit status.
    """
    module = importlib.import_module(f".{COMMANDS[name].module}", __name__)
    if hasattr(module, "main"):  # it reads its arguments itself
        return module.main(list(arguments))
    options = parser_of(name).parse_args(arguments)

    from ..learning.errors import InputError
    from ..learning.task import Cancelled
    from ..learning.tensorflow import hushed
    from ..settings import SettingError, Settings
    from .console import Console

    console = Console(is_json=getattr(options, "json", False))
    is_debugging = False
    try:
        with _unwinding(), hushed():  # libraries have much to say; the console speaks past them
            settings = Settings.from_environ()
            is_debugging = settings.log_level == "debug"
            for warning in settings.warnings:
                console.warn(warning)
            return module.run(options, console, settings)
    except InputError as error:
        console.problem(error.title, error.detail, error.hint)
        return BAD_INPUT
    except SettingError as error:
        console.problem("A setting cannot be used", f"{error}")
        return BAD_INPUT
    except (KeyboardInterrupt, Cancelled):
        console.problem("Stopped. Nothing half-made was kept.")
        return INTERRUPTED
    except BrokenPipeError:
        console.forget_output()
        return PIPE_CLOSED
    except OSError as error:
        console.problem("A file cannot be used", f"{error}")
        return BAD_INPUT
    except MemoryError:
        console.problem(
            "There is not enough memory",
            hint="Close other programs, or give fewer --processes or fewer pictures.",
        )
        return FAULT
    except Exception as error:
        console.fault(error, is_debugging)
        return FAULT
    finally:
        console.close()


@contextmanager
def _unwinding() -> Iterator[None]:
    """Lets a closed terminal or a `kill` unwind like Ctrl-C, so that nothing half-made stays; what
    is ignored stays so, as below `nohup`."""

    def stop(number: int, frame: object) -> None:
        sys.exit(TERMINATED)

    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
