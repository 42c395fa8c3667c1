"""The driver's end of the ranks of an MPI job."""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import sys
import time
from types import TracebackType

from ramba.errors import RambaError
from ramba.interrupts import InterruptGuard
from ramba.runtime.mpi import launcher
from ramba.runtime.mpi.frame import unpacked
from ramba.runtime.mpi.session import Session, library
from ramba.runtime.mpi.waiting import watch_until
from ramba.runtime.sockets import versions
from ramba.runtime.transport import Facts, Transport

_MEETING = 60.0  # s for all ranks to import Ramba, once MPI has started
_LAST_MEETING = 3.0  # s for all ranks to end, after the driver failed

log = logging.getLogger("ramba.mpi")


class MpiLink:
    """All worker ranks: see `Link`.

    They live as long as the job. So `close` only makes them forget what they hold, and another link may follow; when
    the driver's process ends, so do they. `recover` cannot help: MPI ends the job when a rank is lost.
    """

    replaces = False
    one_driver = True
    fixed = "Under MPI the number of ranks is fixed when the job is started: mpiexec -n says it."

    def __init__(self) -> None:
        self._session, self.members = _job()
        self.transport: Transport = self._session.transport
        self._closed = False

    @property
    def sent(self) -> int:
        """Messages of this session and those before."""
        return self._session.commands.number

    def command(self, message: bytes) -> None:
        """Sends a command to every worker, in order; returns at once."""
        self._session.commands.send(message)

    def cancel(self, first: int = 1, last: int | None = None) -> None:
        """Asks the workers to stop what they do. They look when they wait, and every 50 ms while a kernel runs."""
        self._session.commands.cancel(first, last)

    def recover(self) -> None:
        """There is nobody to replace a rank."""
        raise RambaError("Under MPI a lost rank cannot be replaced.")

    def close(self) -> None:
        """Cancels what runs, and lets the workers forget everything."""
        with self._session.guard:
            if not self._closed:
                self._closed = True
                self._session.commands.cancel()
                self._session.commands.end(farewell=False)
                self._session.transport.renew()
                listener, self._session.transport.listener = self._session.transport.listener, None
                if listener is not None:
                    listener.lost(RambaError("The workers were shut down."))


def meet() -> None:
    """Starts MPI on the driver, when Ramba is imported, and waits for the workers. Later calls do nothing.

    Raises
    ------
    VersionMismatchError
        If a worker runs another Ramba or Python.
    """
    global _session, _members, _before
    if _session is not None:
        return
    begin = time.perf_counter()
    _session = Session(InterruptGuard())
    _before = sys.excepthook
    sys.excepthook = _note_failure
    atexit.register(_end)
    transport = _session.transport

    def all_here() -> bool:
        transport.poll()
        return len(transport.greetings) == transport.size

    if not watch_until(all_here, _MEETING):
        raise RambaError(f"Only {len(transport.greetings)} of {transport.size} worker ranks imported Ramba.")
    _members = sorted(unpacked(greeting) for greeting in transport.greetings)
    for facts in _members:
        versions.compare(facts.versions, f"Worker {facts.rank} (rank {facts.rank + 1} on {facts.host})")
    seconds = time.perf_counter() - begin
    log.info("%d workers met in %.2f s over %s.", len(_members), seconds, library())
    for facts in _members:
        log.debug("Rank %d is process %d on %s: %d threads.", facts.rank + 1, facts.pid, facts.host, facts.threads)


def _job() -> tuple[Session, list[Facts]]:
    if _session is None or len(_members) < _session.size:
        raise RambaError("This process is not the driver of an MPI job.")
    return _session, _members


def _note_failure(kind: type[BaseException], problem: BaseException, trace: TracebackType | None) -> None:
    """Python's hook for exceptions that nobody caught: prints it as always, and remembers it for the end."""
    global _failed
    _failed = not (hasattr(sys, "ps1") or sys.flags.interactive)  # the program goes on at a prompt
    _before(kind, problem, trace)


def _end() -> None:
    """At the driver's end: so end the workers, whatever they are doing.

    Python has waited for the program's threads and called its exit handlers by then; its exit status is the job's.
    After an exception nobody waits long: what does not end by itself is aborted.
    """
    here = launcher.place()
    if here is None or _session is None:  # a forked child of the driver's
        return
    with contextlib.suppress(BaseException):  # an interrupt, too, shall end the job
        _session.commands.cancel()
        _session.commands.end(farewell=True)
        if _session.leave(_LAST_MEETING if _failed else None):
            _session.finalize()
            return
    with contextlib.suppress(Exception):
        sys.stdout.flush()
        sys.stderr.flush()
    _session.abort()
    os._exit(1)


_session: Session | None = None
_members: list[Facts] = []
_failed = False
_before = sys.excepthook
