"""A worker's end: commands come down the tree, and with them cancellations; a new epoch ends what it does."""

from __future__ import annotations

import collections
import logging
import threading

import numpy as np

from ramba.errors import ProtocolError, RambaError
from ramba.runtime.sharing_calls import look_between_tiles
from ramba.runtime.sockets import tree
from ramba.runtime.sockets.headway import position
from ramba.runtime.sockets.io_thread import Letter
from ramba.runtime.sockets.transport import NAP, SocketTransport
from ramba.runtime.sockets.wire import Failure, Header, Kind, Peer, State, encode
from ramba.runtime.transport import Abandoned, Cancelled, Unwanted

log = logging.getLogger("ramba.sockets")


class WorkerEnd(SocketTransport):
    """A transport that also hands out commands."""

    def __init__(self, rank: int, size: int) -> None:
        self._commands: collections.deque[bytes] = collections.deque()
        self._received = 0  # commands of this epoch
        self._unwanted = Unwanted()
        self._seen = 0  # of what came, when the member looked last
        self._thread = 0  # of the member
        self._leaving = False
        self._changed = threading.Event()  # whether the member's thread is in the newest epoch
        super().__init__(rank, size)

    def admit(self, peers: list[Peer], reach: list[int]) -> None:
        """Learns who belongs to the group, and ends what the member does for the old one."""
        self._changed.clear()
        super().admit(peers, reach)
        self.io_thread.bell.ring()

    def changed(self, patience: float) -> bool:
        """Waits until the member's thread is in the newest epoch; whether it is."""
        return self._changed.wait(patience)

    def close(self) -> None:
        """Ends all connections; called on the member's thread, which is free again."""
        look_between_tiles(None)
        super().close()

    def leave(self) -> None:
        """There will be no more commands. From any thread."""
        self._leaving = True
        self.io_thread.bell.ring()

    def next_command(self) -> bytes | None:
        """The next command, or None at the end. Raises Abandoned once when the group is formed anew."""
        self._thread = threading.get_ident()
        look_between_tiles(self.examine)
        while True:
            self._follow_epoch()
            if self._leaving:
                return None
            if self._commands:
                self._unwanted.begin(self._unwanted.begun + 1)
                return self._commands.popleft()
            self._seen, seen = self.io_thread.news, self._seen
            if self._seen == seen:
                self.io_thread.attend(60, seen)

    def send(self, letter: Letter) -> None:
        """Sends it on this thread: nothing interrupts it."""
        self.io_thread.send_now(letter)

    def wait(self, seconds: float | None = None) -> None:
        """Sleeps until something may have arrived."""
        self.examine()
        while self.io_thread.news == self._seen:
            self.io_thread.attend(NAP, self._seen)
            self.examine()
        self._seen = self.io_thread.news

    def examine(self) -> None:
        """Raises Abandoned or Cancelled; asked while the member waits, and between tiles while it computes."""
        super().examine()
        self.io_thread.examine()
        self._follow_epoch()
        if self._unwanted.untold:
            self._unwanted.tell()
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
        self._received, self._unwanted = 0, Unwanted()
        self._changed.set()
        if not first:
            raise Abandoned

    def arrived(self, header: Header, message: np.ndarray | None) -> None:
        """Hands commands on before anything else."""
        era = self.newest
        if header.kind is Kind.ASK and header.source == era.size:
            self._answer()
            return
        if header.kind not in (Kind.COMMAND, Kind.CANCEL):
            super().arrived(header, message)
            return
        if header.source != tree.parent(era.number, era.size):
            raise ProtocolError(f"Member {header.source} sent a command to member {era.number}.")
        if message is None:
            self._unwanted.add(header.offset, header.tag)
        elif header.tag <= self._received:
            return  # an interrupted driver did not know that it had been sent
        else:
            self._received = header.tag
            self._commands.append(message.tobytes())
        fields = {"tag": header.tag} | ({"offset": header.offset} if message is None else {})
        for child in tree.children(era.number, era.size):
            self.io_thread.send_now(Letter(era.epoch, child, header.kind, message, fields))

    def unreachable(self, number: int, why: str) -> None:
        """The driver decides what that means."""
        era = self.newest
        log.warning("Worker %d has lost member %d: %s.", era.number, number, why)
        if number != era.size:
            self._report(number, f"{why} from worker {era.number}")

    def violated(self, problem: ProtocolError) -> None:
        """The driver must know."""
        self._report(-1, str(problem))

    def ended(self, problem: RambaError) -> None:
        """The driver must replace this worker, whose own thread learns it when it looks."""
        self._report(self.newest.number, str(problem))

    def _answer(self) -> None:
        """How far the member's own thread is."""
        tiles, waits, calls = position(self._thread)
        state = State(self._received, self._unwanted.begun, self.messages, tiles, waits, calls)
        content = np.frombuffer(encode(state), np.uint8)
        self.io_thread.send(Letter(self.newest.epoch, self.newest.size, Kind.STATE, content, {}))

    def _report(self, lost: int, why: str) -> None:
        content = np.frombuffer(encode(Failure(lost, why)), np.uint8)
        self.io_thread.send(Letter(self.newest.epoch, self.newest.size, Kind.REPORT, content, {}))
