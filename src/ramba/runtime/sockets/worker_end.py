"""A worker's end: commands come down the tree, and with them cancellations; a new epoch ends what it does."""

from __future__ import annotations

import collections
import logging
import threading

import msgspec
import numpy as np

from ramba.errors import ProtocolError
from ramba.runtime.sockets import tree
from ramba.runtime.sockets.office import Letter
from ramba.runtime.sockets.transport import SocketTransport
from ramba.runtime.sockets.wire import Header, Kind, Peer, Report
from ramba.runtime.transport import Abandoned, Cancelled

log = logging.getLogger("ramba.sockets")


class WorkerEnd(SocketTransport):
    """A transport that also hands out commands."""

    def __init__(self, rank: int, size: int) -> None:
        self._commands: collections.deque[bytes] = collections.deque()
        self._begun = 0  # commands of this epoch
        self._cancelled = 0  # the last command that was cancelled, and with it all before
        self._told = 0  # the last command whose cancellation was handed out
        self._leaving = False
        self._changed = threading.Event()  # whether the member's thread is in the newest epoch
        self._children = tree.children(rank, size)
        self._parent = tree.parent(rank, size)
        super().__init__(rank, size)

    def admit(self, peers: list[Peer], reach: list[int]) -> None:
        """Learns who belongs to the group, and ends what the member does for the old one."""
        self._changed.clear()
        super().admit(peers, reach)
        self.bell.ring()

    def changed(self, patience: float) -> bool:
        """Waits until the member's thread is in the newest epoch; whether it is."""
        return self._changed.wait(patience)

    def leave(self) -> None:
        """There will be no more commands. From any thread."""
        self._leaving = True
        self.bell.ring()

    def next_command(self) -> bytes | None:
        """The next command, or None at the end. Raises Abandoned once when the group is formed anew."""
        while True:
            self._follow_epoch()
            if self._leaving:
                return None
            if self._commands:
                self._begun += 1
                return self._commands.popleft()
            self.bell.sleep(60)

    def examine(self) -> None:
        """Raises Abandoned or Cancelled; also while kernels run."""
        super().examine()
        self._follow_epoch()
        if self._told < self._begun <= self._cancelled:
            self._told = self._begun
            raise Cancelled
        if self._leaving:
            raise Abandoned

    def _follow_epoch(self) -> None:
        newest = self.newest
        if self.era is newest or not newest.peers:
            return
        first = not self.era.epoch
        self.begin()
        self._commands.clear()
        self._begun = self._cancelled = self._told = 0
        self._changed.set()
        if not first:
            raise Abandoned

    def arrived(self, header: Header, message: np.ndarray | None) -> None:
        """Hands commands on before anything else."""
        if header.kind not in (Kind.COMMAND, Kind.CANCEL):
            super().arrived(header, message)
            return
        if header.source != self._parent:
            raise ProtocolError(f"Member {header.source} sent a command to member {self.rank}.")
        for child in self._children:
            self.office.send(Letter(self.newest.epoch, child, header.kind, message, {"tag": header.tag}))
        if message is None:
            self._cancelled = max(self._cancelled, header.tag)
        else:
            self._commands.append(message.tobytes())
        self.bell.ring()

    def unreachable(self, number: int, why: str) -> None:
        """The driver decides what that means."""
        log.warning("Worker %d has lost member %d: %s.", self.rank, number, why)
        if number != self.size:
            self._report(number, f"{why} from worker {self.rank}")

    def violated(self, problem: ProtocolError) -> None:
        """The driver must know."""
        self._report(-1, str(problem))

    def _report(self, lost: int, why: str) -> None:
        content = np.frombuffer(msgspec.msgpack.encode(Report(lost, why)), np.uint8)
        self.office.send(Letter(self.newest.epoch, self.size, Kind.REPORT, content, {}))
