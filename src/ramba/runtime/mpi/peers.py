"""Ranks that all run the program: each is a worker, and the driver of itself.

Every rank gives itself the commands that a driver would give; since all run the same program, the workers' messages to
each other fit together. What a worker would tell the driver it tells all ranks. Ranks compare from time to time what
they were commanded: a program that does not do the same everywhere ends with an error.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import os
import sys
from types import TracebackType

import numpy as np

from ramba.errors import RambaError
from ramba.kernels.group import Waiting
from ramba.runtime import messages
from ramba.runtime.member import Member, work_off
from ramba.runtime.messages import Call, Command, Configure, Drop, Fence, Get
from ramba.runtime.mpi.guard import InterruptGuard
from ramba.runtime.mpi.session import Session
from ramba.runtime.transport import TAG_BITS, Facts, Transport

COMPARED = 1 << 29  # added to the number of a comparison, for its tag
OFTEN = 8  # messages of commands between comparisons
_LAST_MEETING = 60.0  # s for the other ranks to come to the end of the program


class Face:
    """What the driver or the worker of one rank sees of the other ranks: see `Transport`."""

    def __init__(self, base: Transport, drives: bool, handed: dict[tuple[int, int], np.ndarray]) -> None:
        self.rank = base.size if drives else base.rank
        self.size = base.size
        self._base = base
        self._drives = drives
        self._handed = handed  # between the two of this rank, by sender and tag

    def buffer(self, to: int, nbytes: int) -> np.ndarray:
        """Memory to write a message in."""
        return self._base.buffer(to, nbytes)

    def post(self, to: int, tag: int, message: np.ndarray | None) -> None:
        """Sends bytes. A driver's messages to other ranks are dropped: they have drivers of their own."""
        if self._drives:
            if to == self._base.rank and message is not None:
                self._handed[self.size, tag] = message
        elif to != self.size:
            self._base.post(to, tag, message)
        else:
            for rank in range(self.size):
                if rank != self.rank:
                    self._base.post(rank, tag, message)
            if message is not None:
                self._handed[self.rank, tag] = message

    def collect(self, source: int, tag: int) -> np.ndarray | None:
        """A message that has arrived, or None."""
        if source == (self._base.rank if self._drives else self.size):
            return self._handed.pop((source, tag), None)
        return self._base.collect(source, tag)

    def wait(self) -> None:
        """Returns when something may have arrived."""
        self._base.wait()

    def forget(self, below: int) -> None:
        """Nothing: driver and worker share what has arrived, and the other one may still want it."""


class PeerLink:
    """All ranks, commanded by each of them alike: see `Link`."""

    def __init__(self) -> None:
        self._session = _joined()
        base = self._session.transport
        handed: dict[tuple[int, int], np.ndarray] = {}
        self.transport: Transport = Face(base, True, handed)
        self.members: list[Facts] = [self._session.facts] * base.size
        self._member = Member(Face(base, False, handed))
        self._digest = hashlib.blake2b(digest_size=16)
        self._messages = 0

    def command(self, message: bytes) -> None:
        """Obeys."""
        commands = messages.commands(message)
        self._messages += 1
        for command in commands:
            if not isinstance(command, Drop | Configure):  # frees follow the garbage collector
                self._digest.update(messages.encode((command,)))
        asked = any(isinstance(command, Get | Fence | Call) for command in commands)
        if asked or self._messages % OFTEN == 0:
            work_off(self._compare(), self._member.transport)
        for command in commands:
            work_off(self._obey(command), self._member.transport)

    def _obey(self, command: Command) -> Waiting[None]:
        yield from self._member.one(command)

    def _compare(self) -> Waiting[None]:
        """Raises RambaError if other ranks were commanded something else."""
        group = self._member.group
        group.tag = (self._messages + COMPARED) << TAG_BITS
        rows = yield from group.gather(np.frombuffer(self._digest.digest(), np.uint8))
        others = [rank for rank in range(group.size) if not np.array_equal(rows[rank], rows[group.rank])]
        if others:
            raise RambaError(
                f"Rank {group.rank} computes something else than ranks {others}. With RAMBA_SPMD=1 all ranks must do "
                "the same: seed random numbers; no result may depend on the rank, on time or on the order of sets."
            )

    def cancel(self) -> None:
        """Nothing runs while the program runs."""

    def recover(self) -> None:
        """There is nobody to replace a rank."""
        raise RambaError("Under MPI a lost rank cannot be replaced.")

    def close(self) -> None:
        """Forgets all arrays."""
        self._member.reset()
        self._session.transport.renew()


def _joined() -> Session:
    """The session of this rank, begun at first use."""
    global _session, _before
    if _session is None:
        _session = Session(InterruptGuard(), driven=False)
        _before, sys.excepthook = sys.excepthook, _fail
        atexit.register(_end)
    return _session


def _fail(kind: type[BaseException], problem: BaseException, trace: TracebackType | None) -> None:
    """An exception that nobody caught ends the job: the others would wait for this rank for ever."""
    _before(kind, problem, trace)
    sys.stderr.flush()
    if _session is not None:
        _session.abort()


def _end() -> None:
    """At the end of the program: waits for the other ranks; aborts if they do not come."""
    if _session is None or _session.facts.pid != os.getpid():
        return
    with contextlib.suppress(Exception):
        if _session.leave(_LAST_MEETING):
            _session.finalize()
            return
    _session.abort()


_session: Session | None = None
_before = sys.excepthook

__all__ = ["Face", "PeerLink"]
