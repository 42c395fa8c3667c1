"""Several workers in this process, who take turns: everything a cluster does, in an order that is always the same."""

from __future__ import annotations

import os
import platform
from collections.abc import Generator

from ramba import config
from ramba.runtime.cluster import Cluster
from ramba.runtime.member import Member
from ramba.runtime.transport import Facts, Transport
from ramba.runtime.transport.mailbox import Mailbox, Post


class LocalLink:
    """Members that obey in turns, whenever they are commanded."""

    def __init__(self, size: int) -> None:
        self.post = Post(size)
        self.workers = [Member(Mailbox(self.post, rank)) for rank in range(size)]
        self.transport: Transport = Mailbox(self.post, size)
        threads = config.current().num_threads
        self.members = [Facts(rank, os.getpid(), platform.node(), threads, {}) for rank in range(size)]

    def command(self, message: bytes) -> None:
        """Has every worker obey, each until it waits for another one."""
        running = [worker.obey(message) for worker in self.workers]
        while running:
            before = self.post.moves
            left = [work for work in running if _goes_on(work)]
            assert len(left) < len(running) or self.post.moves > before, "workers wait for each other"
            running = left

    def cancel(self) -> None:
        """Nothing runs while the driver runs."""

    def recover(self) -> None:
        """Never needed: these workers live as long as the driver."""

    def close(self) -> None:
        """Drops the workers' arrays."""
        self.workers.clear()


def _goes_on(work: Generator[None, None, None]) -> bool:
    """Follows a worker until it waits or is done."""
    try:
        next(work)
    except StopIteration:
        return False
    return True


def open() -> Cluster:
    """The backend."""
    return Cluster(LocalLink(config.current().workers or 2))
