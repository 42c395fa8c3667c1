"""A worker rank: it obeys until the driver says farewell, and never returns to the user's program."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import traceback
from collections.abc import Callable
from types import FrameType
from typing import NoReturn, TypeVar

from ramba.interrupts import Guard
from ramba.runtime import sharing_calls, team
from ramba.runtime.mpi.frame import Kind, packed
from ramba.runtime.mpi.session import Session
from ramba.runtime.mpi.transport import MpiTransport
from ramba.runtime.mpi.waiting import IDLE
from ramba.runtime.transport import Cancelled

_LOOK = 0.05  # s between looks for a cancellation while a kernel runs

M = TypeVar("M")


def work(make: Callable[[MpiTransport], M], serve: Callable[[M, Callable[[], bytes | None]], None]) -> NoReturn:
    """The life of a worker rank.

    Parameters
    ----------
    make : callable
        Makes the member that obeys, anew for each session of the driver's.
    serve : callable
        Lets it obey one command after the other, until there is None.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all ranks: the driver decides what it means
    guard = Guard()
    session: Session | None = None
    try:
        session = Session(guard)
        obedience = Obedience(session, guard)
        session.channel.send(0, Kind.HELLO, 0, packed(session.facts))
        while not session.commands.over:
            serve(make(session.transport), obedience.next_command)
            session.transport.renew()
        session.leave()
        session.finalize()
    except BaseException:
        where = f"rank {session.rank} (process {os.getpid()} on {session.facts.host})" if session else "a rank"
        sys.stderr.write(f"ramba: {where} failed, and with it the job:\n{traceback.format_exc()}")
        sys.stderr.flush()
        if session is not None:
            session.abort()
        os._exit(1)
    sys.stdout.flush()
    sys.stderr.flush()
    # no handler and no finally of the user's program shall run here; but MPICH says goodbye to its launcher in an exit
    # handler of C's, and the launcher kills the job if a rank ends without
    ctypes.CDLL(None).exit(0)
    raise AssertionError("exit came back")


class Obedience:
    """Gives a worker its commands, and stops what it does when the driver cancels it."""

    def __init__(self, session: Session, guard: Guard) -> None:
        self._commands = session.commands
        self._transport = session.transport
        self._waiter = session.waiter
        self._guard = guard
        signal.signal(signal.SIGALRM, self._look)

    def next_command(self) -> bytes | None:
        """Waits for a command; None at the end of a session."""
        signal.setitimer(signal.ITIMER_REAL, 0)
        self._waiter.wait_until(self._ready, IDLE)
        command = self._commands.begin()
        if command is not None:
            signal.setitimer(signal.ITIMER_REAL, _LOOK, _LOOK)
        return command

    def _ready(self) -> bool:
        self._transport.poll()
        return self._commands.ready()

    def _look(self, number: int, frame: FrameType | None) -> None:
        """Between two steps of the interpreter: hands commands on, and ends a kernel that nobody wants any more.

        A kernel that does not run on the thread team goes on to its end; so does what is not a kernel.
        """
        if self._guard.depth:
            return
        self._transport.poll()
        while frame is not None:
            if frame.f_globals.get("__name__") in (team.__name__, sharing_calls.__name__):
                if self._commands.unwanted():
                    self._commands.tell()
                    raise Cancelled
                return
            frame = frame.f_back
