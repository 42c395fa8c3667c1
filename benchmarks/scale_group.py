"""Many workers in one process whose kernels compute nothing: all else is what runs on a cluster.

Engine, driver, planner, members and the transport in memory are the real ones. Kernels return at once, arrays are
addresses that are hardly touched, and all messages are written into the same memory: only their number and size
matter.
"""

from __future__ import annotations

import mmap
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import numpy

import ramba
from ramba.config import current
from ramba.runtime import local
from ramba.runtime.backends import local as backend
from ramba.runtime.cluster import Cluster
from ramba.runtime.executor import Executor
from ramba.runtime.member import Member
from ramba.runtime.pool import Block, Pool
from ramba.runtime.sockets import tree
from ramba.runtime.transport import Facts
from ramba.runtime.transport.mailbox import Mailbox, Mailboxes

_NO_RESERVE = getattr(mmap, "MAP_NORESERVE", 0x4000)  # Linux's value; the name came with Python 3.12


class Space:
    """Memory that everybody shares: as large as the largest piece that anybody asks for, and hardly touched."""

    def __init__(self) -> None:
        self.memory = numpy.empty(0, numpy.uint8)

    def first(self, nbytes: int) -> numpy.ndarray:
        """The first bytes of it."""
        if nbytes > len(self.memory):
            flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _NO_RESERVE
            self.memory = numpy.frombuffer(mmap.mmap(-1, nbytes, flags=flags), numpy.uint8)
        return self.memory[:nbytes]


class EmptyPool(Pool):
    """Blocks that all lie at the same place."""

    def __init__(self, space: Space) -> None:
        super().__init__()
        self.space = space

    def take(self, nbytes: int) -> Block:
        """A block of the size that is asked for."""
        content = self.space.first(nbytes)
        return Block(content, content.__array_interface__["data"][0])

    def available(self) -> int:
        """There is always room."""
        return 1 << 62


class NoKernels(Executor):
    """Kernels that compute nothing."""

    def run(self, launch: Any, addresses: Any, blocks: Any, scalars: Any, damaged: Any = None) -> int:
        """No flags are raised."""
        return 0


class CountingMailbox(Mailbox):
    """A member's end that counts what it sends to other workers, and writes it all into the same memory."""

    def __init__(self, post: Mailboxes, rank: int, space: Space) -> None:
        super().__init__(post, rank)
        self.space = space
        self.messages = 0
        self.nbytes = 0

    def buffer(self, to: int, nbytes: int) -> numpy.ndarray:
        """Memory to write a message in."""
        return self.space.first(nbytes)

    def post(self, to: int, tag: int, message: numpy.ndarray | None) -> None:
        """Sends bytes."""
        super().post(to, tag, message)
        if self.rank < self.size and to < self.size and message is not None:
            self.messages += 1
            self.nbytes += message.nbytes

    def forget(self, below: int) -> None:
        """Nothing is left over: `SimulatedLink.work` makes sure of it. Looking through it costs P steps a worker."""


class DriverMailbox(CountingMailbox):
    """The driver's end: while it waits, the workers work."""

    def __init__(self, link: SimulatedLink) -> None:
        super().__init__(link.post, link.size, link.messages)
        self.link = link

    def wait(self, seconds: float | None = None) -> None:
        """Has the workers do all that they were commanded."""
        self.link.work()


class SimulatedLink(local.LocalLink):
    """Commands wait until the driver does: its own time is its own alone. Workers may be absent."""

    def __init__(self, size: int, *, present: bool) -> None:
        self.size = size
        self.post = Mailboxes(size)
        self.blocks, self.messages = Space(), Space()
        self.commands: list[bytes] = []  # that the workers have not obeyed
        self.workers = [self.member(rank) for rank in range(size)] if present else []
        self.turns = [local.Turns(worker) for worker in self.workers]
        self.sent = self._cancelled = 0
        self.transport = DriverMailbox(self)
        self.members = [Facts(rank, 0, f"host{rank}", current().num_threads, {}) for rank in range(size)]

    def member(self, rank: int) -> Member:
        """A worker without kernels and memory."""
        made = Member(CountingMailbox(self.post, rank, self.messages))
        made.worker.pool = made.group.pool = EmptyPool(self.blocks)
        made.worker.executor = NoKernels(made.worker.pool)
        return made

    def command(self, message: bytes) -> None:
        """Keeps a command."""
        self.commands.append(message)
        if self.turns:
            self.take(message)
        else:
            self.sent += 1

    def work(self) -> None:
        """Has the workers obey, in turns."""
        assert self.workers, "absent workers do not answer"
        self.commands = []
        super().work()
        for key in [key for key in self.post.waiting if key[0] == self.size]:
            del self.post.waiting[key]
        left = [key for key in self.post.waiting if key[1] < self.size]
        assert not left, f"messages that nobody collected: {left[:3]}"

    def carried(self) -> list[tuple[int, int]]:
        """Messages and bytes that each worker has sent to others."""
        return [(worker.transport.messages, worker.transport.nbytes) for worker in self.workers]


@contextmanager
def simulated(size: int, *, present: bool = True) -> Iterator[SimulatedLink]:
    """Ramba on this many simulated workers; absent ones cost nothing, and do not answer."""
    link = SimulatedLink(size, present=present)
    cluster = Cluster(link)
    cluster.pool = EmptyPool(link.blocks)
    ramba.shutdown()
    with mock.patch.object(backend, "open", return_value=cluster), ramba.config.set(backend="local", workers=size):
        try:
            yield link
        finally:
            ramba.shutdown()


def path(size: int) -> int:
    """Hops of a command to the worker that hears it last, along the sockets' tree; everybody hears it once."""
    heard = Counter()
    front, hops = tree.children(size, size), 0
    while front:
        hops += 1
        heard.update(front)
        front = [child for rank in front for child in tree.children(rank, size)]
    assert heard == Counter(range(size)), "a tree"
    return hops
