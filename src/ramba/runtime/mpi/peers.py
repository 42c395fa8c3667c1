"""Ranks that all run the program: each is a worker, and the driver of itself.

Every rank gives itself the commands that a driver would give; since all run the same program, the workers' messages to
each other fit together. What a worker would tell the driver it tells all ranks. Ranks compare from time to time what
they were commanded, and when they have waited for long: a program that does not do the same everywhere ends with an
error.
"""

from __future__ import annotations

import atexit
import hashlib
import itertools
import os
import sys
import traceback
from types import TracebackType

import numpy as np

from ramba.errors import RambaError
from ramba.interrupts import InterruptGuard
from ramba.kernels.group import Waiting
from ramba.runtime import messages
from ramba.runtime.member import Member, work_off
from ramba.runtime.messages import Command, Configure, Drop, Question
from ramba.runtime.mpi.session import Session
from ramba.runtime.mpi.transport import PeerTransport
from ramba.runtime.transport import TAG_BITS, Facts, Listener, Transport

COMPARED = 1 << 29  # added to the number of a comparison, for its tag
OFTEN = 8  # messages of commands between comparisons


class Face:
    """What the driver or the worker of one rank sees of the other ranks: see `Transport`."""

    def __init__(self, base: Transport, drives: bool, handed: dict[tuple[int, int], np.ndarray]) -> None:
        self.rank = base.size if drives else base.rank
        self.size = base.size
        self.listener: Listener | None = None
        self._base = base
        self._drives = drives
        self._handed = handed  # between the two of this rank, by sender and tag

    def tell(self, to: int | None, letter: bytes) -> None:
        """No rank drives another one."""
        raise NotImplementedError

    def attend(self) -> float | None:
        """Nothing comes."""
        return None

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

    def wait(self, seconds: float | None = None) -> None:
        """Returns when something may have arrived."""
        self._base.wait(seconds)

    def examine(self) -> None:
        """Raises what stands in the way of going on."""
        self._base.examine()

    def forget(self, below: int) -> None:
        """Nothing: driver and worker share what has arrived, and the other one may still want it."""


class PeerLink:
    """All ranks, commanded by each of them alike: see `Link`."""

    replaces = False
    one_driver = False
    fixed = "Under MPI the number of ranks is fixed when the job is started: mpiexec -n says it."

    def __init__(self) -> None:
        self._session = join()
        base = self._session.transport
        assert isinstance(base, PeerTransport)
        self._roll = base.roll
        handed: dict[tuple[int, int], np.ndarray] = {}
        self.transport: Transport = Face(base, True, handed)
        self.members: list[Facts] = [self._session.facts] * base.size
        self._member = Member(Face(base, False, handed))
        self.sent = 0

    def command(self, message: bytes) -> None:
        """Obeys."""
        commands = messages.commands(message)
        self._member.cancelled = False
        self.sent += 1
        for command in commands:
            if not isinstance(command, Drop | Configure):  # frees follow the garbage collector
                _digest.update(messages.encode((command,)))
        number = next(_numbers)
        self._roll.step(number, _digest.hexdigest())
        asked = any(isinstance(command, Question) for command in commands)
        if asked or number % OFTEN == 0:
            work_off(self._compare(number), self._member.transport)
        for command in commands:
            work_off(self._obey(command), self._member.transport)

    def _obey(self, command: Command) -> Waiting[None]:
        yield from self._member.one(command)

    def _compare(self, number: int) -> Waiting[None]:
        """Raises RambaError if other ranks were commanded something else."""
        group = self._member.group
        group.tag = (number + COMPARED) << TAG_BITS
        rows = yield from group.gather(np.frombuffer(_digest.digest(), np.uint8))
        others = [rank for rank in range(group.size) if not np.array_equal(rows[rank], rows[group.rank])]
        if others:
            self._roll.differ(others)
            while True:  # who waits looks at the roll, and raises
                yield

    def cancel(self, first: int = 1, last: int | None = None) -> None:
        """Nothing runs while the program runs."""

    def recover(self) -> None:
        """There is nobody to replace a rank."""
        raise RambaError("Under MPI a lost rank cannot be replaced.")

    def close(self) -> None:
        """Forgets all arrays."""
        self._member.reset()
        self._session.transport.renew()


def join() -> Session:
    """The session of this rank, begun when Ramba is imported: later, a rank could be waited for that never comes."""
    global _session, _before
    if _session is None:
        _session = Session(InterruptGuard(), driven=False)
        _before, sys.excepthook = sys.excepthook, _fail
        atexit.register(_end)
    return _session


def _fail(kind: type[BaseException], problem: BaseException, trace: TracebackType | None) -> None:
    """An exception that nobody caught ends the job: the others would wait for this rank for ever."""
    if _before is sys.__excepthook__:  # in one piece: all ranks may fail at once
        sys.stderr.write("".join(traceback.format_exception(kind, problem, trace)))
    else:
        _before(kind, problem, trace)
    sys.stderr.flush()
    if _session is not None:
        _session.abort()


def _end() -> None:
    """At the end of the program: waits for the other ranks; aborts if one of them does something else."""
    if _session is None or _session.facts.pid != os.getpid():
        return
    transport = _session.transport
    assert isinstance(transport, PeerTransport)
    transport.roll.end()

    def look() -> bool:
        transport.poll()
        return transport.roll.look()

    try:
        _session.leave(look=look)
        _session.finalize()
    except BaseException as problem:  # an interrupt, too, shall end the job
        sys.stdout.flush()
        sys.stderr.write(f"ramba: the job ends: {problem or type(problem).__name__}\n")
        sys.stderr.flush()
        _session.abort()


_session: Session | None = None
_digest = hashlib.blake2b(digest_size=16)  # of all commands so far, of all links
_numbers = itertools.count(1)  # of messages of commands
_before = sys.excepthook

__all__ = ["Face", "PeerLink", "join"]
