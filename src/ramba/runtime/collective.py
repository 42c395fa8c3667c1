"""Collectives over a transport: the tree depends on the number of members alone, so results are the same bits."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

from ramba.kernels.group import Waiting
from ramba.kernels.pairwise import fold
from ramba.kernels.team import Team
from ramba.runtime.pool import Pool
from ramba.runtime.team import current
from ramba.runtime.transport import Transport

FLAT = 4  # members up to which everybody sends to everybody: one latency instead of two for each level of the tree


class Collective:
    """The workers of a group, as a distributed kernel sees them: see `kernels.group.Group`.

    Tags count up; members that run the same kernels in the same order use the same ones.
    """

    def __init__(self, transport: Transport, pool: Pool) -> None:
        self.transport = transport
        self.rank = transport.rank
        self.size = transport.size
        self.pool = pool
        self.tag = 0

    @property
    def team(self) -> Team:
        """This worker's threads."""
        return current()

    def memory(self, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        """Fresh memory, from the pool."""
        return self.pool.memory(shape, dtype)

    def next_tag(self) -> int:
        """The tag of the next round of messages."""
        self.tag += 1
        return self.tag

    def exchange(self, parcels: Mapping[int, np.ndarray], sources: Collection[int]) -> Waiting[dict[int, np.ndarray]]:
        """Sends arrays to members, gives one message from each source."""
        tag = self.next_tag()
        own = None
        for to, array in parcels.items():
            if to == self.rank:
                own = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
                continue
            self.transport.post(to, tag, self.packed(to, array))
        arrived: dict[int, np.ndarray] = {}
        for source in sources:
            if source == self.rank:
                assert own is not None
                arrived[source] = own
            else:
                arrived[source] = yield from self.receive(source, tag)
        return arrived

    def packed(self, to: int, array: np.ndarray) -> np.ndarray:
        """A message with the elements of an array."""
        message = self.transport.buffer(to, array.nbytes)
        message.view(array.dtype).reshape(array.shape)[...] = array
        return message

    def receive(self, source: int, tag: int) -> Waiting[np.ndarray]:
        """Waits for one message."""
        while (message := self.transport.collect(source, tag)) is None:
            yield
        return message

    def gather(self, value: np.ndarray) -> Waiting[np.ndarray]:
        """A small array of everybody, by rank."""
        if self.size <= FLAT:
            others = [rank for rank in range(self.size) if rank != self.rank]
            arrived = yield from self.exchange(dict.fromkeys(others, value), others)
            known = [
                value if rank == self.rank else arrived[rank].view(value.dtype).reshape(value.shape)
                for rank in range(self.size)
            ]
            return np.stack(known)
        rows = np.zeros((self.size, *value.shape), value.dtype)
        rows[self.rank] = value
        yield from self._up(rows)
        return (yield from self._down(rows))

    def reduce(self, value: np.ndarray, op: np.ufunc) -> Waiting[np.ndarray]:
        """Everybody's arrays combined in a fixed tree."""
        rows = yield from self.gather(value)
        return fold(op, rows)

    def _up(self, rows: np.ndarray) -> Waiting[None]:
        """Along a binomial tree to member 0: each hands on what it has of the ranks above its own."""
        tag, step, sent = self.next_tag(), 1, False
        while step < self.size and not sent:
            if self.rank & step:
                high = min(self.rank + step, self.size)
                self.transport.post(self.rank - step, tag, self.packed(self.rank - step, rows[self.rank : high]))
                sent = True
            elif self.rank + step < self.size:
                other = self.rank + step
                message = yield from self.receive(other, tag)
                high = min(other + step, self.size)
                rows[other:high] = message.view(rows.dtype).reshape(high - other, *rows.shape[1:])
            step *= 2

    def _down(self, rows: np.ndarray) -> Waiting[np.ndarray]:
        """Along the same tree from member 0 to everybody."""
        tag, step = self.next_tag(), 1
        while step < self.size and not self.rank & step:
            step *= 2
        if self.rank:
            message = yield from self.receive(self.rank - step, tag)
            rows = message.view(rows.dtype).reshape(rows.shape)
        while step > 1:
            step //= 2
            if self.rank + step < self.size:
                self.transport.post(self.rank + step, tag, self.packed(self.rank + step, rows))
        return rows


__all__ = ["Collective"]
