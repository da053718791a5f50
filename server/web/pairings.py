"""Pairings: codes that let a phone in, each once and for ten minutes. Kept in memory only."""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from ..errors import Problem
from ..storage.values import new_id

#: Seconds that a code may be used.
VALID_SECONDS = 600
#: Open codes that are kept; the oldest make room.
MOST_OPEN = 200
#: Crockford's base 32: no letter that looks like another or like a digit.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
#: Characters of a code: 50 bits, which nobody guesses in ten minutes at the rate below.
LENGTH = 10
#: Wrong codes in a minute: from one address, and from all together.
MOST_WRONG, MOST_WRONG_IN_ALL = 10, 300
_MINUTE = 60.0
_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1", "-": "", " ": ""})


@dataclass(frozen=True)
class Pairing:
    """A code that was shown.

    Attributes:
        role: `player` recognises and plays, `teacher` adds samples.
        player: 1 to 4, None for a teacher.
        ends: when it ends, by the clock of `Pairings`.
    """

    id: str
    code: str
    project_id: str
    role: str
    player: int | None
    address: str
    ends: float


def clean_code(text: str) -> str:
    """Brings a code that was typed to the form it was made in: case, dashes, look-alikes."""
    return text.strip().upper().translate(_LOOKALIKES)


class Limiter:
    """Counts wrong tries in the last minute.

    Args:
        most: tries of one who asks.
        most_in_all: tries of all together.
        clock: tells the time in seconds.
    """

    def __init__(self, most: int, most_in_all: int, clock: Callable[[], float] = time.monotonic):
        self._most, self._most_in_all, self._clock = most, most_in_all, clock
        self._tries: deque[tuple[float, str]] = deque()

    def _recent(self) -> deque[tuple[float, str]]:
        while self._tries and self._tries[0][0] <= self._clock() - _MINUTE:
            self._tries.popleft()
        return self._tries

    def check(self, who: str) -> None:
        """Refuses who has tried too often.

        Raises:
            Problem: with Retry-After.
        """
        recent = self._recent()
        own = [at for at, other in recent if other == who]
        waits = []
        if len(own) >= self._most:
            waits.append(own[-self._most])
        if len(recent) >= self._most_in_all:
            waits.append(recent[-self._most_in_all][0])
        if waits:
            seconds = max(1, round(max(waits) + _MINUTE - self._clock()))
            raise Problem(
                "too-many",
                "There were too many wrong codes in the last minute.",
                expected=f"at most {self._most}",
                hint=f"Wait {seconds} seconds, then scan the code that the big screen shows.",
                headers={"Retry-After": str(seconds)},
            )

    def note(self, who: str) -> None:
        """Counts a wrong try."""
        self._recent().append((self._clock(), who))


class Pairings:
    """Makes codes and takes each once.

    Args:
        clock: tells the time in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._lock = threading.Lock()
        self._open: dict[str, Pairing] = {}
        self._wrong = Limiter(MOST_WRONG, MOST_WRONG_IN_ALL, clock)

    def make(self, project_id: str, role: str, player: int | None, page: str) -> Pairing:
        """Makes a code.

        Args:
            project_id: what the phone may see.
            role: `player` or `teacher`.
            player: 1 to 4, None for a teacher.
            page: address of the page /phone, as the phone reaches it.
        """
        code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        ends = self._clock() + VALID_SECONDS
        made = Pairing(new_id(), code, project_id, role, player, f"{page}#{code}", ends)
        with self._lock:
            self._drop_old()
            while len(self._open) >= MOST_OPEN:
                del self._open[next(iter(self._open))]
            self._open[made.id] = made
        return made

    def get(self, pairing_id: str) -> Pairing:
        """Returns an open pairing.

        Raises:
            Problem: there is none of that id: it was used, is over or never was.
        """
        with self._lock:
            self._drop_old()
            found = self._open.get(pairing_id)
        if found is None:
            raise Problem(
                "not-found",
                "There is no such pairing: its code was used, or its ten minutes are over.",
                received=pairing_id,
                hint="Make a new one.",
            )
        return found

    def claim(self, code: str, who: str) -> Pairing:
        """Takes a code, which is then used up.

        Args:
            code: as it was scanned or typed.
            who: address it came from, to count wrong ones.

        Raises:
            Problem: no open pairing has that code, or too many wrong ones were tried.
        """
        wanted = clean_code(code).encode("utf-8", "replace")
        with self._lock:
            self._wrong.check(who)
            self._drop_old()
            found = None
            for pairing in self._open.values():  # all of them: the time tells nothing
                if hmac.compare_digest(pairing.code.encode(), wanted):
                    found = pairing
            if found is None:
                self._wrong.note(who)
                raise Problem(
                    "not-found",
                    "This code is not known: it was used already, or its ten minutes are over.",
                    received=code[:40],
                    expected=f"the {LENGTH} letters and digits that the big screen shows",
                    hint="Scan the code that the big screen shows now.",
                )
            del self._open[found.id]
        return found

    def give_back(self, pairing: Pairing) -> None:
        """Opens a pairing again whose phone could not be let in after all."""
        with self._lock:
            self._open[pairing.id] = pairing

    def forget_project(self, project_id: str) -> None:
        """Drops the codes of a project that was deleted."""
        with self._lock:
            for pairing in [p for p in self._open.values() if p.project_id == project_id]:
                del self._open[pairing.id]

    def seconds_left(self, pairing: Pairing) -> float:
        """Returns how long a code may still be used."""
        return max(0.0, pairing.ends - self._clock())

    def _drop_old(self) -> None:
        now = self._clock()
        for pairing in [p for p in self._open.values() if p.ends <= now]:
            del self._open[pairing.id]
