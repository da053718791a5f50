"""Keep the libraries' chatter off the terminal, and show it when something breaks."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def quiet() -> Iterator[Callable[..., None]]:
    """Send what is written to standard output and error into a file; give a function to speak.

    The function takes a text and, as `end`, what follows it, a line's end if it is not given.

    TensorFlow's C++ parts write to the file descriptors themselves, so these are redirected. If
    the block raises anything unexpected, the last lines of the file are shown.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    saved_out, saved_error = os.dup(1), os.dup(2)
    with (
        tempfile.TemporaryFile() as log,
        os.fdopen(os.dup(saved_out), "w", encoding="utf-8") as voice,
    ):
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)

        def say(line: str, end: str = "\n") -> None:
            print(line, end=end, file=voice, flush=True)

        try:
            yield say
        except Exception:
            sys.stderr.flush()
            log.seek(0)
            os.write(saved_error, log.read()[-4000:])
            raise
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os.dup2(saved_out, 1)
            os.dup2(saved_error, 2)
            os.close(saved_out)
            os.close(saved_error)
