"""The driver's end: sends commands and cancellations down the tree, and raises what went wrong with the group."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable

import numpy as np

from ramba.errors import ProtocolError, RambaError
from ramba.runtime.sockets import tree
from ramba.runtime.sockets.office import Letter
from ramba.runtime.sockets.transport import NAP, SocketTransport
from ramba.runtime.sockets.wire import Header, Kind, decode_report


class Bell:
    """Wakes one thread; rung several times before, it rings once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lock.acquire()

    def ring(self) -> None:
        """Something came."""
        if self._lock.locked():
            with contextlib.suppress(RuntimeError):  # another thread was quicker
                self._lock.release()

    def sleep(self, seconds: float) -> bool:
        """Until it rings; signals are handled meanwhile."""
        return self._lock.acquire(timeout=seconds)


class DriverEnd(SocketTransport):
    """A transport whose `wait` fails with the group."""

    def __init__(self, size: int, suspect: Callable[[int, str], None]) -> None:
        self.failure: RambaError | None = None
        self.bell = Bell()
        self._suspect = suspect  # told on the I/O thread about members that do not answer
        self._children = tree.children(size, size)
        super().__init__(size, size)

    def command(self, message: bytes) -> None:
        """To every worker, in order."""
        content = np.frombuffer(message, np.uint8)
        self.office.send_all([Letter(self.era.epoch, child, Kind.COMMAND, content, {}) for child in self._children])

    def cancel(self) -> None:
        """Results of all commands so far are not wanted any more."""
        self.office.send_all([Letter(self.era.epoch, child, Kind.CANCEL, None, {}) for child in self._children])

    def wait(self) -> None:
        """Sleeps until something may have arrived, or the group fails."""
        self.examine()
        while not self.bell.sleep(NAP):
            self.examine()
        self.examine()

    def fail(self, problem: RambaError) -> None:
        """The group is broken; the first reason is the one that counts. From any thread."""
        if self.failure is None:
            self.failure = problem
        self.bell.ring()

    def examine(self) -> None:
        """Raises what is wrong with the group."""
        super().examine()
        if self.office.closed:
            raise RambaError("The workers were shut down.")
        if self.failure is not None:
            raise self.failure.with_traceback(None)

    def arrived(self, header: Header, message: np.ndarray | None) -> None:
        """Takes reports of workers as well."""
        if header.kind is not Kind.REPORT or message is None:
            super().arrived(header, message)
            self.bell.ring()
            return
        report = decode_report(message)
        if 0 <= report.lost < self.size:
            self._suspect(report.lost, report.why)
        else:
            self.fail(ProtocolError(report.why))

    def unreachable(self, number: int, why: str) -> None:
        """A worker does not answer."""
        self._suspect(number, why)

    def violated(self, problem: ProtocolError) -> None:
        """No message of this epoch can be trusted to be complete."""
        self.fail(problem)
