"""The driver's end: sends commands and cancellations down the tree, and raises what went wrong with the group."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from ramba.errors import MemoryError, ProtocolError, RambaError
from ramba.runtime.sockets import tree
from ramba.runtime.sockets.headway import Headway
from ramba.runtime.sockets.io_thread import IOThread, Letter
from ramba.runtime.sockets.transport import NAP, SocketTransport
from ramba.runtime.sockets.wakeup import Bell
from ramba.runtime.sockets.wire import Header, Kind, Peer, decode_report, decode_state


class DriverEnd(SocketTransport):
    """A transport whose `wait` fails with the group."""

    def __init__(self, size: int, suspect: Callable[[int, str, int], None]) -> None:
        self.failure: RambaError | None = None
        self.bell = Bell()
        self.sent = 0  # commands of this epoch
        self._suspect = suspect  # told on the I/O thread about members that do not answer, and in which epoch
        self._headway = Headway(size, self._ask, self._who)
        self._children = tree.children(size, size)
        super().__init__(size, size)

    def open(
        self, number: int, size: int, epoch: int, folder: Path, address: str | None, secure: bool, host: str
    ) -> Peer:
        """Begins to listen in a new epoch."""
        if self.io_thread.failure is not None:
            self.io_thread.close()
            self.io_thread = IOThread(number, self)
        return super().open(number, size, epoch, folder, address, secure, host)

    def begin(self) -> None:
        """Changes over to the newest epoch."""
        super().begin()
        self.sent = 0
        self._children = tree.children(self.size, self.size)
        self._headway = Headway(self.size, self._ask, self._who)

    def command(self, message: bytes) -> None:
        """To every worker, in order; a worker hears a number only once."""
        number, content = self.sent + 1, np.frombuffer(message, np.uint8)
        self._to_all(Kind.COMMAND, content, tag=number)
        self.sent = number

    def cancel(self, first: int, last: int) -> None:
        """Results of these commands are not wanted any more."""
        self._to_all(Kind.CANCEL, None, offset=first, tag=last)

    def wait(self, seconds: float | None = None) -> None:
        """Sleeps until something may have arrived, or the group fails."""
        self.examine()
        # not longer, even if nothing comes: a signal handler that waits, too, may have heard the bell meanwhile
        if self.bell.sleep(NAP if seconds is None else min(NAP, seconds)):
            self._headway.news()
        else:
            self._headway.waits()
        self.examine()

    def _to_all(self, kind: Kind, content: np.ndarray | None, **fields: int) -> None:
        self.io_thread.send_all([Letter(self.era.epoch, child, kind, content, fields) for child in self._children])

    def fail(self, problem: RambaError) -> None:
        """The group is broken; the first reason is the one that counts. From any thread."""
        if self.failure is None:
            self.failure = problem
        self.bell.ring()
        if self.listener is not None:
            self.listener.lost(problem)

    def close(self) -> None:
        """Ends all connections."""
        super().close()
        if self.listener is not None:
            self.listener.lost(RambaError("The workers were shut down."))

    def examine(self) -> None:
        """Raises what is wrong with the group."""
        super().examine()
        if self.io_thread.closed:
            raise RambaError("The workers were shut down.")
        if self.failure is not None:
            raise self.failure.with_traceback(None)

    def arrived(self, header: Header, message: np.ndarray | None) -> None:
        """Takes reports of workers as well."""
        if header.kind is Kind.STATE and message is not None:
            self._headway.heard(header.source, decode_state(message))
            return
        if header.kind is not Kind.REPORT or message is None:
            super().arrived(header, message)
            self.bell.ring()
            return
        report = decode_report(message)
        if 0 <= report.lost < self.newest.size:
            self.unreachable(report.lost, report.why)
        else:
            self.fail(ProtocolError(report.why))

    def unfit(self, header: Header, problem: MemoryError) -> None:
        """Wakes who waits for it."""
        super().unfit(header, problem)
        self.bell.ring()

    def _ask(self) -> None:
        self.io_thread.send_all([Letter(self.era.epoch, rank, Kind.ASK, None, {}) for rank in range(self.size)])

    def _who(self, rank: int) -> str:
        return f"Worker {rank} (process {self.era.peers[rank].pid})"

    def unreachable(self, number: int, why: str) -> None:
        """A worker does not answer."""
        if self.io_thread.connections is not None:
            self._suspect(number, why, self.io_thread.connections.epoch)

    def violated(self, problem: ProtocolError) -> None:
        """No message of this epoch can be trusted to be complete."""
        self.fail(problem)

    def ended(self, problem: RambaError) -> None:
        """The group can be formed anew, with sockets and a thread that are new, too."""
        self.fail(problem)
