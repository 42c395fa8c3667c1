"""One member's end: messages by sender and tag, and memory to write them in.

What belongs to one epoch is an `Era`. The thread that owns the sockets puts messages into the newest one, which begins
with the sockets that they come through; the member's own thread changes over when it says so itself, so nothing it does
for the old group reaches the new one.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from ramba.errors import MemoryError, ProtocolError, RambaError
from ramba.runtime.sockets.io_thread import IOThread, Letter
from ramba.runtime.sockets.security import Keys
from ramba.runtime.sockets.shared import SMALLEST, Mappings, Place, Segments
from ramba.runtime.sockets.wire import Header, Kind, Peer
from ramba.runtime.transport import TAG_BITS, Listener, Poison

NAP = 1.0  # s after which a sleeper looks whether something else became of the group


class Era:
    """What a member has of one epoch."""

    def __init__(self, transport: SocketTransport, number: int, size: int, epoch: int, host: str) -> None:
        self.epoch = epoch
        self.host = host
        self.number = number  # of this member
        self.size = size  # workers; also the number of the driver
        self.peers: list[Peer] = []
        # messages by sender and tag, or why there was no room for one
        self.inbox: dict[tuple[int, int], np.ndarray | MemoryError] = {}
        self.failed: set[tuple[int, int]] = set()  # commands that failed, by sender
        self.segments = Segments(lambda to, segment: transport.note(self, to, Kind.RETIRE, segment=segment))
        self.mappings = Mappings(
            lambda to, segment, offset, nbytes: transport.note(
                self, to, Kind.RELEASE, segment=segment, offset=offset, nbytes=nbytes
            )
        )

    def beside(self, number: int) -> bool:
        """Whether a member can read memory of this one."""
        peer, me = self.peers[number], self.peers[self.number]
        return peer.host == self.host and peer.shares and me.shares


class SocketTransport:
    """See `Transport`. Its methods are for one thread, those that say otherwise excepted."""

    def __init__(self, rank: int, size: int) -> None:
        self.rank = rank  # in the era of the member's own thread, like the size
        self.size = size
        self.messages = 0  # sent
        self.bytes = 0
        self.listener: Listener | None = None
        self.era = Era(self, rank, size, 0, "")
        self.newest = self.era  # where the I/O thread puts what comes
        self.io_thread = IOThread(rank, self)
        self._pid = os.getpid()

    def open(
        self, number: int, size: int, epoch: int, folder: Path, address: str | None, secure: bool, host: str
    ) -> Peer:
        """Begins to listen in a new epoch, as this member; how others reach it. From any thread."""
        era = Era(self, number, size, epoch, host)

        def begun() -> None:
            self.newest = era

        return self.io_thread.open(number, epoch, folder, address, Keys() if secure else None, host, begun)

    def wait_alone(self) -> None:
        """Ends all connections of this epoch: nobody misses those who were there. From any thread."""
        self.io_thread.part()

    def admit(self, peers: list[Peer], reach: list[int]) -> None:
        """Learns who belongs to the group, and connects to some of them at once. From any thread."""
        self.newest.peers = peers
        self.io_thread.admit(peers, reach)

    def begin(self) -> None:
        """The member's own thread changes over to the newest epoch."""
        old, self.era = self.era, self.newest
        self.rank, self.size = self.era.number, self.era.size
        old.inbox.clear()
        old.segments.close()

    def buffer(self, to: int, nbytes: int) -> np.ndarray:
        """Memory to write a message in."""
        if nbytes >= SMALLEST and self.era.beside(to):
            return self.era.segments.take(nbytes)
        return np.empty(nbytes, np.uint8)

    def post(self, to: int, tag: int, message: np.ndarray | None) -> None:
        """Sends bytes, or (None) the news that there will be none."""
        if message is None:
            self.send(Letter(self.era.epoch, to, Kind.POISON, None, {"tag": tag}))
            return
        self.messages += 1
        self.bytes += message.nbytes
        if message.nbytes < SMALLEST or not self.era.beside(to):
            self.send(Letter(self.era.epoch, to, Kind.DATA, message, {"tag": tag}))
            return
        place = self.era.segments.send(message, to)
        if place is None:
            copy = self.era.segments.take(message.nbytes)
            copy[:] = message
            place = self.era.segments.send(copy, to)
        assert place is not None
        fields = {"tag": tag, "nbytes": message.nbytes, **place._asdict()}
        self.send(Letter(self.era.epoch, to, Kind.SHARED, None, fields))

    def tell(self, to: int | None, letter: bytes) -> None:
        """Sends a letter; there may be no such member any more."""
        era = self.newest
        if to is None or to < era.size:
            receiver = era.size if to is None else to
            self.io_thread.send(Letter(era.epoch, receiver, Kind.LETTER, np.frombuffer(letter, np.uint8), {}))

    def attend(self) -> float | None:
        """No need: the thread that owns the sockets reads."""
        return None

    def send(self, letter: Letter) -> None:
        """Hands a letter to the thread that owns the sockets."""
        self.io_thread.send(letter)

    def note(self, era: Era, to: int, kind: Kind, **fields: int) -> None:
        """Sends what is not urgent. From any thread, and from finalizers."""
        self.io_thread.send_later(Letter(era.epoch, to, kind, None, fields))

    def collect(self, source: int, tag: int) -> np.ndarray | None:
        """A message that has arrived, or None."""
        # asked in this order: what was sent before the failure came before the news of it
        failed = (source, tag >> TAG_BITS) in self.era.failed
        message = self.era.inbox.pop((source, tag), None)
        if message is None and failed:
            raise Poison(source)
        if isinstance(message, MemoryError):
            raise message
        return message

    def wait(self, seconds: float | None = None) -> None:
        """Sleeps until something may have arrived."""
        raise NotImplementedError

    def examine(self) -> None:
        """Raises what stands in the way of going on."""
        if self._pid != os.getpid():
            raise RuntimeError("The workers belong to the process that this one was forked from.")

    def forget(self, below: int) -> None:
        """Drops messages that nobody collected."""
        inbox, failed = self.era.inbox, self.era.failed
        for key in [key for key in list(inbox) if key[1] < below]:
            del inbox[key]
        for command in [command for command in list(failed) if command[1] < below >> TAG_BITS]:
            failed.remove(command)

    def close(self) -> None:
        """Ends all connections."""
        self.io_thread.close()
        self.era.segments.close()
        self.era.inbox.clear()

    # ---- what follows is called on the thread that owns the sockets

    def arrived(self, header: Header, message: np.ndarray | None) -> None:
        """A message or a note."""
        era, source = self.newest, header.source
        match header.kind:
            case Kind.DATA if message is not None:
                self._deliver(era, header, message)
            case Kind.SHARED:
                try:
                    shared = self._mapped(era, header)
                except ConnectionError as problem:
                    self.unreachable(source, str(problem))
                else:
                    self._deliver(era, header, shared)
            case Kind.POISON:
                era.failed.add((source, header.tag >> TAG_BITS))
            case Kind.RELEASE:
                era.segments.released(_place(header))
            case Kind.RETIRE:
                era.mappings.retire(source, header.segment)
            case Kind.LETTER if message is not None and self.listener is not None and era.size in (source, era.number):
                self.listener.heard(source, message.tobytes())
            case Kind.BEAT:
                pass
            case _:
                raise ProtocolError(f"Member {source} sent {header.kind.name} to member {era.number}.")

    def unfit(self, header: Header, problem: MemoryError) -> None:
        """Who waits for the message is told; without a command or a report, nobody knows how to go on."""
        if header.kind is not Kind.DATA:
            raise ProtocolError(f"{header.kind.name} of member {header.source}: {problem}")
        self._deliver(self.newest, header, problem)

    def _mapped(self, era: Era, header: Header) -> np.ndarray | MemoryError:
        """A shared message, or why this member has no room for it; who waits for it is told."""
        try:
            process = era.peers[header.source].pid
            return era.mappings.open(header.source, process, _place(header), header.nbytes)
        except MemoryError as problem:
            place = {"segment": header.segment, "offset": header.offset, "nbytes": header.nbytes}
            self.note(era, header.source, Kind.RELEASE, **place)
            return problem

    def _deliver(self, era: Era, header: Header, message: np.ndarray | MemoryError) -> None:
        key = header.source, header.tag
        if key in era.inbox:
            raise ProtocolError(f"Member {header.source} sent two messages with tag {header.tag}.")
        era.inbox[key] = message

    def unreachable(self, number: int, why: str) -> None:
        """A connection is broken."""
        raise NotImplementedError

    def violated(self, problem: ProtocolError) -> None:
        """Something came that must not be."""
        raise NotImplementedError

    def ended(self, problem: RambaError) -> None:
        """Nothing can be sent or received any more."""
        raise NotImplementedError


def _place(header: Header) -> Place:
    return Place(header.segment, header.descriptor, header.offset)
