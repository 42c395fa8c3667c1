"""Workers in this process that are lost at random moments, and replaced: some have obeyed by then, others have not."""

from __future__ import annotations

import contextlib
import itertools
import random
import warnings
from collections.abc import Iterator, Sequence
from unittest import mock

import ramba
from ramba.engine import ENGINE
from ramba.errors import WorkerLostError, WorkerReplacedWarning
from ramba.runtime.backends import local as backend
from ramba.runtime.cluster import Cluster
from ramba.runtime.local import LocalLink
from ramba.runtime.member import Member
from ramba.runtime.transport.mailbox import Mailbox


class DriverEnd(Mailbox):
    """The driver's end: waiting for a broken group fails."""

    failure: WorkerLostError | None = None

    def wait(self, seconds: float | None = None) -> None:
        if self.failure is not None:
            raise self.failure.with_traceback(None)


class FragileLink(LocalLink):
    """A link that loses workers: one message in `rarity` or so is the last one of its group.

    At most `most` workers are lost at once, and so many groups in a `row` before an answer.
    """

    replaces = True

    def __init__(self, size: int, chance: random.Random, rarity: int, most: int = 1, row: int = 1) -> None:
        self.chance, self.rarity, self.most, self.row = chance, rarity, most, row
        self.pids = itertools.count(1)
        self.lost: list[int] = []
        self.cluster: Cluster | None = None
        self.born: dict[Member, int] = {}
        super().__init__(size)

    def command(self, message: bytes) -> None:
        self.take(message)
        bearable = self.cluster is not None and self.cluster.losses < self.row
        if bearable and self.end.failure is None and self.rarity and not self.chance.randrange(self.rarity):
            self.strike()
        if self.end.failure is None:
            self.work()

    def strike(self) -> None:
        """Some workers obey for a while; then one is lost, or a few."""
        with contextlib.suppress(Exception):
            for _ in range(self.chance.randrange(12)):
                self.chance.choice(self.turns).go_on(0)
        self.lost = sorted(self.chance.sample(range(self.post.size), self.chance.randint(1, self.most)))
        facts = self.members[self.lost[0]]
        self.end.failure = WorkerLostError(facts.rank, facts.pid, facts.host, "struck")

    def recover(self) -> None:
        workers = [Member(self.transport) if rank in self.lost else m for rank, m in enumerate(self.workers)]
        self.form(workers)

    def form(self, workers: list[Member]) -> None:
        if isinstance(getattr(self, "transport", None), DriverEnd):
            self.transport.failure = None  # whose traceback holds arrays
        super().form(workers)
        self.transport = self.end = DriverEnd(self.post, self.post.size)
        self.members = [
            facts._replace(pid=self.pid(member)) for facts, member in zip(self.members, workers, strict=True)
        ]
        self.lost = []

    def widen(self) -> None:
        self.end.wait()  # a group of which one is lost cannot be formed
        super().widen()

    def narrow(self, stays: Sequence[int]) -> None:
        self.end.wait()
        super().narrow(stays)

    def pid(self, member: Member) -> int:
        if member not in self.born:
            self.born[member] = next(self.pids)
        return self.born[member]

    def go_back(self) -> None:
        lost = [self.workers[rank] for rank in self.lost]
        super().go_back()
        self.lost = [rank for rank, member in enumerate(self.workers) if member in lost]


@contextlib.contextmanager
def session(link: FragileLink, **settings: object) -> Iterator[Cluster]:
    """Programs run on these workers."""
    with (
        mock.patch.object(backend, "open", return_value=Cluster(link)),
        ramba.config.set(backend="local", workers=link.post.size, num_threads=1, eager_size=0, **settings),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore", WorkerReplacedWarning)
        ramba.shutdown()
        ramba.init()
        cluster = ENGINE.backend
        assert isinstance(cluster, Cluster)
        link.cluster = cluster
        try:
            yield cluster
        finally:
            ramba.shutdown()


__all__ = ["FragileLink", "session"]
