"""Ranks that all run the program tell each other where they are, when one of them has waited for long.

Ranks wait for each other within commands, and at the end of the program. Who has waited for `PATIENCE` tells all others
its last steps: the number of each message of commands, a digest of all commands up to it, and the line of the user's
program that it came from. Who hears that compares it with its own steps: at one number, all must have one digest, and
nobody may be further than where the program of another one ended. If that does not hold the job cannot go on, and ends.

Time alone condemns nobody. A rank may compute, read or sleep as long as it likes, and answers nothing meanwhile; that
it is waited for, where and for how long is a warning in the log.
"""

from __future__ import annotations

import collections
import logging
import sys
import time
from collections.abc import Callable
from typing import NamedTuple

import msgspec
import numpy as np

from ramba.errors import RambaError
from ramba.runtime.transport import decoder

PATIENCE = 5.0  # s
KEPT = 32  # steps that are told: ranks are compared more often than that
RULE = (
    "With RAMBA_SPMD=1 all ranks must do the same: seed random numbers; no result may depend on the rank, on time or "
    "on the order of sets."
)
_INNER = ("ramba", "numpy")  # packages whose lines are not the user's

log = logging.getLogger("ramba.mpi")


class Step(NamedTuple):
    """A message of commands that a rank gave itself."""

    number: int
    digest: str  # of all commands up to it
    place: str  # "program.py:12"


class Account(NamedTuple):
    """Where a rank is."""

    steps: list[Step]  # the last ones
    ended: bool  # whether its program has come to its end

    @property
    def number(self) -> int:
        """Of the last step."""
        return self.steps[-1].number if self.steps else 0

    @property
    def place(self) -> str:
        """What it does, in words."""
        where = self.steps[-1].place if self.steps else "its beginning"
        return f"the end of its program (last at {where})" if self.ended else where


_account = msgspec.json.Decoder(Account)


def packed(account: Account) -> np.ndarray:
    """What a rank tells."""
    return np.frombuffer(msgspec.json.encode(account), np.uint8)


@decoder("An account of a rank")
def unpacked(message: np.ndarray) -> Account:
    """What a rank told."""
    return _account.decode(message.tobytes())


class RollCall:
    """One rank's part.

    Parameters
    ----------
    rank, size : int
        Of this rank, and of all.
    send : callable
        Sends a message to a rank.
    """

    def __init__(self, rank: int, size: int, send: Callable[[int, np.ndarray], None]) -> None:
        self.rank = rank
        self._others = [other for other in range(size) if other != rank]
        self._send = send
        self._steps: collections.deque[Step] = collections.deque(maxlen=KEPT)
        self._ended = False
        self._heard: dict[int, Account] = {}
        self._compared = True  # whether what was heard is compared with the steps so far
        self._told = (-1, False)  # the last step that was told to the others, and whether as the end
        self._different: list[int] = []  # ranks whose digest is another one, of which it is not known since when
        self._verdict = ""  # why the job cannot go on
        self.wait()

    @property
    def here(self) -> Account:
        """Where this rank is."""
        return Account(list(self._steps), self._ended)

    def step(self, number: int, digest: str) -> None:
        """Notes a step before it is taken; raises RambaError if the job cannot go on."""
        if self._verdict:
            raise RambaError(self._verdict)
        self._steps.append(Step(number, digest, _place()))
        self._compared = False

    def end(self) -> None:
        """The program is over."""
        self._ended = True
        self._compared = False
        self.wait()

    def wait(self) -> None:
        """Begins to wait."""
        self._since = time.monotonic()
        self._warn = 2 * PATIENCE  # s of waiting after which the log is told

    def look(self) -> bool:
        """To be called while this rank waits; raises RambaError if the job cannot go on. Always False."""
        if not self._compared:
            self._compared = True
            self._verdict = self._verdict or self._difference()
        waited = time.monotonic() - self._since
        if waited >= PATIENCE:
            self.tell()
            if self._different:
                self._verdict = self._verdict or self._apart(self._different, "")
            if waited >= self._warn:
                self._warn *= 2
                self._report(waited)
        if self._verdict:
            raise RambaError(self._verdict)
        return False

    def differ(self, ranks: list[int]) -> None:
        """Others have another digest: as soon as one of them tells its steps, `look` knows since when."""
        self._different = ranks
        self.tell()

    def tell(self) -> None:
        """Tells all others where this rank is, once."""
        here = self.here
        if self._told != (here.number, here.ended):
            self._told = here.number, here.ended
            message = packed(here)
            for other in self._others:
                self._send(other, message)

    def hear(self, rank: int, message: np.ndarray) -> None:
        """Takes what another one told."""
        self._heard[rank] = unpacked(message)
        self._compared = False

    def _difference(self) -> str:
        """Why the job cannot go on, as far as is known; empty if it can."""
        here = self.here
        known = {step.number: step for step in here.steps}
        for rank, there in self._heard.items():
            for theirs in there.steps:
                own = known.get(theirs.number)
                if own is not None and own.digest != theirs.digest:
                    return self._apart([rank], f": rank {self.rank} at {own.place}, rank {rank} at {theirs.place}")
            first, last = (here, there) if here.number < there.number else (there, here)
            if first.ended and first.number < last.number:
                where = f": rank {self.rank} at {here.place}, rank {rank} at {there.place}"
                return self._apart([rank], where)
        return ""

    def _apart(self, ranks: list[int], where: str) -> str:
        return f"Rank {self.rank} computes something else than ranks {ranks}{where}. {RULE}"

    def _report(self, waited: float) -> None:
        """Warns of those that are waited for; of several ranks that wait, the first one does."""
        here = self.here
        waiting = {rank: there for rank, there in self._heard.items() if there.number >= here.number}
        missing = [rank for rank in self._others if rank not in waiting]
        if all(self.rank < rank for rank in waiting):
            others = "".join(f"; rank {rank} is at {there.place}" for rank, there in sorted(waiting.items()))
            whom = f"ranks {missing}, which compute, sleep or wait for something else" if missing else "all others"
            log.warning("Rank %d has waited for %.0f s at %s%s: for %s.", self.rank, waited, here.place, others, whom)


def _place() -> str:
    """The line of the user's program that runs."""
    frame = sys._getframe(1)
    while frame.f_back is not None and str(frame.f_globals.get("__name__", "")).partition(".")[0] in _INNER:
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"
