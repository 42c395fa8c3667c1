"""A member of a group, over MPI."""

from __future__ import annotations

import collections
from collections.abc import Callable

import numpy as np

from ramba.runtime.mpi.channel import Arrival, Channel, Kind
from ramba.runtime.mpi.patience import BUSY, wait_until
from ramba.runtime.pool import Pool
from ramba.runtime.transport import TAG_BITS, Poison

_BYTE = np.dtype(np.uint8)
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
    aside : callable
        Takes what is not for this class: greetings, commands, cancellations.
    """

    def __init__(self, channel: Channel, rank: int, size: int, aside: Callable[[Arrival], None]) -> None:
        self.channel = channel
        self.rank = rank
        self.size = size
        self._aside = aside
        self._arrived: dict[tuple[int, int], np.ndarray] = {}  # by source and tag
        self._failed: collections.defaultdict[int, set[int]] = collections.defaultdict(set)  # commands, by source
        self._news = False  # whether anything came since the last `wait`

    def buffer(self, to: int, nbytes: int) -> np.ndarray:
        """Memory to write a message in."""
        return np.empty(nbytes, _BYTE) if nbytes < _POOLED else pooled(nbytes)

    def post(self, to: int, tag: int, message: np.ndarray | None) -> None:
        """Sends bytes, or (None) the news that there will be none."""
        kind = Kind.FAILED if message is None else Kind.DATA
        self.channel.send(rank_of(to, self.size), kind, tag, message)

    def collect(self, source: int, tag: int) -> np.ndarray | None:
        """A message that has arrived, or None."""
        message = self._arrived.pop((source, tag), None)
        if message is None:
            self.poll()
            message = self._arrived.pop((source, tag), None)
        if message is None and tag >> TAG_BITS in self._failed[source]:
            if (rank_of(source, self.size), tag) not in self.channel.coming():
                raise Poison(source)
        return message

    def wait(self) -> None:
        """Returns when something may have arrived since the last call."""
        wait_until(self._anything_new, BUSY)

    def forget(self, below: int) -> None:
        """Drops messages that nobody collected, of tags below this one."""
        for key in [key for key in self._arrived if key[1] < below]:
            del self._arrived[key]
        for source, commands in self._failed.items():
            self._failed[source] = {command for command in commands if command >= below >> TAG_BITS}

    def poll(self) -> None:
        """Takes what has arrived, and helps along what is on its way."""
        for arrival in self.channel.poll():
            source = member_of(arrival.source, self.size)
            match arrival.kind:
                case Kind.DATA:
                    self._arrived[source, arrival.tag] = arrival.content
                    self._news = True
                case Kind.FAILED:
                    self._failed[source].add(arrival.tag >> TAG_BITS)
                    self._news = True
                case _:
                    self._aside(arrival)

    def _anything_new(self) -> bool:
        self.poll()
        news, self._news = self._news, False
        return news


_pool = Pool()


def pooled(nbytes: int) -> np.ndarray:
    """Memory for a long message, recycled: the first touch of fresh memory costs as much as the message."""
    return _pool.take(nbytes).array(_BYTE, (nbytes,))
