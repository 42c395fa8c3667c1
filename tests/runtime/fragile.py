"""Workers in this process that are lost at random moments, and replaced: some have obeyed by then, others have not."""

from __future__ import annotations

import contextlib
import itertools
import random
import warnings
from collections.abc import Iterator
from unittest import mock

import ramba
from ramba.engine import ENGINE
from ramba.errors import WorkerLostError, WorkerReplacedWarning
from ramba.runtime.backends import local as backend
from ramba.runtime.cluster import Cluster
from ramba.runtime.local import LocalLink, Turns
from ramba.runtime.member import Member
from ramba.runtime.transport.mailbox import Mailbox, Mailboxes


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
        super().__init__(size)
        self.chance, self.rarity, self.most, self.row = chance, rarity, most, row
        self.pids = itertools.count(1)
        self.lost: list[int] = list(range(size))
        self.cluster: Cluster | None = None
        self.recover()

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
        if isinstance(self.transport, DriverEnd):
            self.transport.failure = None  # whose traceback holds arrays
        self.post = Mailboxes(self.post.size)
        self.transport = self.end = DriverEnd(self.post, self.post.size)
        self.members = list(self.members)
        for rank, member in enumerate(self.workers):
            mailbox = Mailbox(self.post, rank)
            if rank in self.lost:
                member = self.workers[rank] = Member(mailbox)
                self.members[rank] = self.members[rank]._replace(pid=next(self.pids))
            member.transport = mailbox
            member.reset()
        self.turns = [Turns(member) for member in self.workers]
        self.sent, self._cancelled, self.lost = 0, 0, []


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
