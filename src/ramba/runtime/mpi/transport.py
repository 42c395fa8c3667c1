"""A member of a group, over MPI."""

from __future__ import annotations

import collections
import time

import numpy as np

from ramba.errors import ProtocolError
from ramba.runtime.mpi.channel import Arrival, Channel
from ramba.runtime.mpi.commands import Commands
from ramba.runtime.mpi.frame import Kind
from ramba.runtime.mpi.rollcall import RollCall
from ramba.runtime.mpi.waiting import BUSY, Waiter
from ramba.runtime.pool import Pool
from ramba.runtime.transport import TAG_BITS, Cancelled, Listener, Poison

_BYTE = np.dtype(np.uint8)
_EPOCH = 1 << 56  # of a tag: the number of the driver's session
_ATTENTION = 1e-3  # s: nobody wakes the thread that waits for letters
_POOLED = 64 << 10  # bytes from which a message takes its memory from the pool


def rank_of(member: int, size: int) -> int:
    """The MPI rank of a member: the driver's is 0."""
    return 0 if member == size else member + 1


def member_of(rank: int, size: int) -> int:
    """The number of the member at an MPI rank."""
    return size if rank == 0 else rank - 1


class MpiTransport:
    """One member's end: see `Transport`.

    Parameters
    ----------
    channel : Channel
        To the other ranks. Everything that arrives passes through here.
    commands : Commands
        What to do with commands and cancellations.
    waiter : Waiter
        How to wait.
    """

    def __init__(self, channel: Channel, rank: int, size: int, commands: Commands, waiter: Waiter) -> None:
        self.channel = channel
        self.rank = rank
        self.size = size
        self.greetings: list[np.ndarray] = []
        self.listener: Listener | None = None
        self._letters: collections.deque[tuple[int, bytes]] = collections.deque()  # to be sent, by members
        self._commands = commands
        self._waiter = waiter
        self._epoch = 0  # added to all tags
        self._arrived: dict[tuple[int, int], np.ndarray] = {}  # by source and tag
        self._failed: collections.defaultdict[int, set[int]] = collections.defaultdict(set)  # commands, by source
        self._news = False  # whether anything came since the last `wait`

    def rank_of(self, member: int) -> int:
        """The MPI rank of a member."""
        return rank_of(member, self.size)

    def member_of(self, rank: int) -> int:
        """The number of the member at an MPI rank."""
        return member_of(rank, self.size)

    def buffer(self, to: int, nbytes: int) -> np.ndarray:
        """Memory to write a message in."""
        return self.channel.buffer(self.rank_of(to), nbytes)

    def post(self, to: int, tag: int, message: np.ndarray | None) -> None:
        """Sends bytes, or (None) the news that there will be none."""
        if to == self.rank and message is not None:
            self._arrived[to, tag + self._epoch] = message
            self._news = True
            return
        kind = Kind.FAILED if message is None else Kind.DATA
        self.channel.send(self.rank_of(to), kind, tag + self._epoch, message)

    def collect(self, source: int, tag: int) -> np.ndarray | None:
        """A message that has arrived, or None."""
        tag += self._epoch
        message = self._arrived.pop((source, tag), None)
        if message is None:
            self.poll()
            message = self._arrived.pop((source, tag), None)
        if message is None and self._will_not_come(source, tag):
            raise Poison(source)
        return message

    def wait(self, seconds: float | None = None) -> None:
        """Returns when something may have arrived since the last call; raises `Cancelled` on a worker."""
        deadline = float("inf") if seconds is None else time.perf_counter() + seconds
        commands = self._commands
        self._waiter.wait_until(
            lambda: self._anything_new() or commands.unwanted() or time.perf_counter() > deadline, BUSY
        )
        self._raise_if_unwanted()

    def examine(self) -> None:
        """Raises `Cancelled` if the driver does not want what this rank does."""
        self.poll()
        self._raise_if_unwanted()

    def _raise_if_unwanted(self) -> None:
        if self._commands.unwanted():
            self._commands.tell()
            raise Cancelled

    def forget(self, below: int) -> None:
        """Drops messages that nobody collected, of tags below this one."""
        below += self._epoch
        for key in [key for key in self._arrived if key[1] < below]:
            del self._arrived[key]
        for source, commands in self._failed.items():
            self._failed[source] = {command for command in commands if command >= below >> TAG_BITS}

    def renew(self) -> None:
        """A session is over: the next one counts from zero, and nothing of this one shall be taken for its own."""
        self._epoch += _EPOCH
        self.forget(0)

    def tell(self, to: int | None, letter: bytes) -> None:
        """Sends a letter, when the thread that does what concerns MPI comes to it."""
        self._letters.append((self.size if to is None else to, letter))
        self._waiter.ring()

    def attend(self) -> float | None:
        """Takes what has come."""
        self.poll()
        return _ATTENTION

    def poll(self) -> None:
        """Takes what has arrived, and helps along what is on its way."""
        if self._letters:
            with self.channel.guard:
                while self._letters:
                    to, letter = self._letters.popleft()
                    self.channel.send(self.rank_of(to), Kind.LETTER, 0, np.frombuffer(letter, _BYTE))
        self.channel.poll(self._take)

    def _take(self, arrival: Arrival) -> None:
        source = self.member_of(arrival.source)
        match arrival.kind:
            case Kind.DATA:
                self._arrived[source, arrival.tag] = arrival.content
            case Kind.FAILED:
                self._failed[source].add(arrival.tag >> TAG_BITS)
            case Kind.HELLO:
                self.greetings.append(arrival.content)
            case Kind.LETTER:
                if self.listener is None or self.size not in (source, self.rank):
                    raise ProtocolError(f"Member {source} sent a letter that nobody expects.")
                self.listener.heard(source, arrival.content.tobytes())
            case _:
                self._commands.take(arrival)
        self._news = True

    def _will_not_come(self, source: int, tag: int) -> bool:
        failed = tag >> TAG_BITS in self._failed[source]
        return failed and not self.channel.announced(self.rank_of(source), tag)

    def _anything_new(self) -> bool:
        self.poll()
        news, self._news = self._news, False
        return news


class PeerTransport(MpiTransport):
    """Where all ranks are workers, and nobody drives: a member's number is its rank."""

    def __init__(self, channel: Channel, rank: int, size: int, commands: Commands, waiter: Waiter) -> None:
        super().__init__(channel, rank, size, commands, waiter)
        self.roll = RollCall(rank, size, lambda to, message: channel.send(to, Kind.WHERE, 0, message))
        self._waits_on = False  # whether the last wait ended with nothing new, so that the next one goes on with it

    def wait(self, seconds: float | None = None) -> None:
        """Returns when something may have arrived since the last call; raises RambaError if nothing can."""
        deadline = float("inf") if seconds is None else time.perf_counter() + seconds
        if not self._waits_on:
            self.roll.wait()
        self._waits_on = True

        def over() -> bool:
            self._waits_on = not self._anything_new()
            return not self._waits_on or self.roll.look() or time.perf_counter() > deadline

        self._waiter.wait_until(over, BUSY)

    def _take(self, arrival: Arrival) -> None:
        if arrival.kind is Kind.WHERE:
            self.roll.hear(arrival.source, arrival.content)
        else:
            super()._take(arrival)

    def rank_of(self, member: int) -> int:
        """The MPI rank of a member."""
        return member

    def member_of(self, rank: int) -> int:
        """The number of the member at an MPI rank."""
        return rank


_pool = Pool()


def pooled(nbytes: int) -> np.ndarray:
    """Memory for a message, recycled if it is long: the first touch of fresh memory costs as much as the message."""
    if nbytes < _POOLED:
        return np.empty(nbytes, _BYTE)
    return _pool.take(nbytes).array(_BYTE, (nbytes,))
