"""The driver's end of a group of worker processes: forms it, forms it anew after a loss, and ends it.

Whoever starts the workers (`Launcher`) also carries a few questions to them and back: join with this number, here is
the list of all members, leave. Everything else goes over sockets that are made for one epoch, with keys made for it.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Protocol

from ramba import config
from ramba.errors import RambaError, WorkerLostError
from ramba.runtime.ending import at_the_end
from ramba.runtime.sockets import host, versions, wire
from ramba.runtime.sockets.driver_end import DriverEnd
from ramba.runtime.sockets.folder import Folder
from ramba.runtime.sockets.wire import Join, Joined, Leave, Peer, Ready, Refused, Roster
from ramba.runtime.transport import Facts, Transport

SERVICE = "ramba.runtime.member"  # the module with `Member` and `serve`
_FORMING = 60.0  # s until the group is there, or there anew, whatever comes between: nobody is left to wait for longer
_CHANGE = 10.0  # s of them that a surviving worker may take to answer, and to end what it does
_REACH = 20.0  # s until every worker can be reached
_GRACE = 0.5  # s in which the end of a process may explain why it does not answer
_ROUNDS = 3  # of replacing workers in one recovery, if there is time

log = logging.getLogger("ramba.sockets")

Died = Callable[[int, str], None]  # told of a worker's end and how it came


class Launcher(Protocol):
    """Starts workers, and carries questions to them."""

    spread: bool  # whether workers may be on other hosts
    address: str | None  # of the driver's node, for those

    def threads(self, rank: int) -> int:
        """How many a worker has."""

    def start(self, ranks: Iterable[int], died: Died) -> None:
        """Starts workers, side by side; returns at once. The end of one that was not killed is told, on any thread."""

    def ask(self, questions: dict[int, bytes], patience: float) -> dict[int, bytes]:
        """Each worker's answer. Those are missing that died or did not answer in time."""

    def kill(self, rank: int) -> None:
        """Ends a worker at once, whatever it does."""

    def about(self, rank: int) -> tuple[int, str]:
        """Process and host of a worker, as far as known."""

    def fate(self, rank: int) -> str | None:
        """How a worker's process ended, if it has."""

    def close(self) -> None:
        """Ends all workers and everything that was started for them."""


class SocketLink:
    """See `Link`."""

    replaces = True

    def __init__(
        self,
        size: int,
        make: Callable[[], Launcher],
        service: str = SERVICE,
        alias: str = "",
        within: Path | None = None,
    ) -> None:
        self.members: list[Facts] = []
        self._size = size
        self._service = service
        self._alias = alias  # in tests: workers pretend to be on another host
        self._pid = os.getpid()
        self._closed = False
        self._ended = False  # whether closing is over: an interrupted one is taken up again at exit
        self._lost: dict[int, str] = {}  # workers that are gone or given up, and why
        self._lock = threading.Lock()  # held where what is known of the present group changes
        self._epoch = 0
        self._born = dict.fromkeys(range(size), 0)  # the epoch in which each worker was started
        self._there: set[int] = set()  # workers that have started
        self._folder = Folder(within=within)
        self._end = DriverEnd(size, self._suspect)
        self.transport: Transport = self._end
        _links.add(self)
        try:
            self._launcher = make()
            self._start(range(size))
            self._form(time.monotonic() + _FORMING)
        except BaseException:
            self.close()
            raise

    @property
    def sent(self) -> int:
        """Messages of this epoch."""
        return self._end.sent

    def command(self, message: bytes) -> None:
        """Sends a command to every worker, in order."""
        self._end.command(message)

    def cancel(self, first: int = 1, last: int | None = None) -> None:
        """Asks the workers to stop computing."""
        self._end.cancel(first, self._end.sent if last is None else last)

    def recover(self) -> None:
        """Replaces lost workers and forms the group anew; within a minute in all, or not at all."""
        deadline = time.monotonic() + _FORMING
        for attempt in range(1, _ROUNDS + 1):
            try:
                self._replace(deadline)
                return
            except WorkerLostError as problem:
                if attempt == _ROUNDS or time.monotonic() > deadline - _CHANGE:
                    raise
                log.warning("%s Trying again.", problem)
            except BaseException:
                # an interrupt: nobody knows which questions are answered, so the next attempt starts with new workers
                with self._lock:
                    self._lost = dict.fromkeys(range(self._size), "its start was interrupted")
                raise

    def close(self) -> None:
        """Ends the workers; removes sockets and directories."""
        if self._ended or self._pid != os.getpid():
            return
        self._closed = True
        if hasattr(self, "_launcher"):
            with contextlib.suppress(Exception):
                self._launcher.ask(dict.fromkeys(range(self._size), wire.encode(Leave())), 1.0)
            self._launcher.close()
        self._end.close()
        self._folder.close()
        self._ended = True

    def _replace(self, deadline: float) -> None:
        """One round of that."""
        with self._lock:
            self._epoch += 1  # what the members still find out about each other is of the old group
            lost, self._lost = sorted(self._lost), {}
            self._born.update(dict.fromkeys(lost, self._epoch))
            self._there.difference_update(lost)
            self._end.failure = None
        for rank in lost:
            self._launcher.kill(rank)
        self._start(lost)
        self._form(deadline)

    def _start(self, ranks: Iterable[int]) -> None:
        """Starts workers; what is told of the end of one does not concern its successor."""
        born = self._epoch
        self._launcher.start(ranks, lambda rank, why: self._blame(rank, why, lambda: self._born[rank] == born))

    def _form(self, deadline: float) -> None:
        """Makes a group of all workers, in a new epoch."""
        with self._lock:
            self._epoch += 1
        me = self._listen()
        joined: list[Joined] = []
        for rank, answer in sorted(self._answers(deadline).items()):
            if isinstance(answer, Refused) and answer.versions:
                versions.compare(answer.versions, f"Worker {rank}")
            if not isinstance(answer, Joined):
                raise self._loss(rank, getattr(answer, "why", "it gave a strange answer"))
            versions.compare(answer.versions, f"Worker {rank} on {answer.host}")
            joined.append(answer)
            self._there.add(rank)
        peers = [answer.peer for answer in joined] + [me]
        self.members = [
            Facts(rank, answer.pid, answer.host, answer.threads, answer.versions) for rank, answer in enumerate(joined)
        ]
        # the driver listens before the workers may speak
        self._end.admit(peers, [])
        roster = wire.encode(Roster(self._epoch, peers))
        change = min(deadline, time.monotonic() + _CHANGE)
        for rank, answer in self._ask(dict.fromkeys(range(self._size), roster), change).items():
            if not isinstance(answer, Ready):
                raise self._loss(rank, getattr(answer, "why", "it gave a strange answer"))
        self._end.begin()
        self._end.admit(peers, list(range(self._size)))
        self._reach(min(deadline, time.monotonic() + _REACH))

    def _answers(self, deadline: float) -> dict[int, wire.Answer]:
        """Asks everybody to join. Who has started before does so at once, or is lost; others may take their time."""
        questions = {rank: self._join(rank) for rank in range(self._size)}
        old = {rank: question for rank, question in questions.items() if rank in self._there}
        new = {rank: question for rank, question in questions.items() if rank not in self._there}
        return self._ask(old, min(deadline, time.monotonic() + _CHANGE)) | self._ask(new, deadline)

    def _listen(self) -> Peer:
        launcher = self._launcher
        address = launcher.address if launcher.spread or self._alias else None
        secure = config.current().transport_security == "curve"
        return self._end.open(self._epoch, self._folder.path, address, secure, host.identity())

    def _join(self, rank: int) -> bytes:
        settings = asdict(config.current()) | {"num_threads": self._launcher.threads(rank), "backend": "threads"}
        question = Join(
            rank=rank,
            size=self._size,
            epoch=self._epoch,
            threads=self._launcher.threads(rank),
            secure=settings["transport_security"] == "curve",
            spread=self._launcher.spread or bool(self._alias),
            folder=str(self._folder.path),
            host=host.identity(),
            service=self._service,
            settings=settings | {"workers": None},
            paths=[path for path in sys.path if path],
            alias=f"{self._alias} {rank}" if self._alias else "",
        )
        return wire.encode(question)

    def _ask(self, questions: dict[int, bytes], deadline: float) -> dict[int, wire.Answer]:
        """Everybody's answers, or a WorkerLostError."""
        patience = max(0.0, deadline - time.monotonic())
        answers = self._launcher.ask(questions, patience)
        missing = [rank for rank in questions if rank not in answers]
        for rank in missing:  # those that are dead first: it is their fault that others did not answer
            if why := self._launcher.fate(rank) or self._lost.get(rank):
                raise self._loss(rank, why)
        if missing:
            if time.monotonic() >= deadline:  # else the end of one was seen before its reason, and others are innocent
                with self._lock:
                    self._lost.update(dict.fromkeys(missing, f"no answer within {patience:.0f} s"))
            raise self._loss(missing[0], f"no answer within {patience:.0f} s")
        return {rank: wire.decode_answer(answers[rank]) for rank in sorted(answers)}

    def _reach(self, deadline: float) -> None:
        """Waits until all workers are connected, so that a loss is seen from the first moment."""
        patience = deadline - time.monotonic()
        while missing := self._end.io_thread.call(self._missing):
            self._end.examine()
            if time.monotonic() > deadline:
                raise self._loss(min(missing), f"no connection within {patience:.0f} s")
            time.sleep(0.002)

    def _missing(self) -> set[int]:
        connections = self._end.io_thread.connections
        return connections.missing() if connections is not None else set()

    def _loss(self, rank: int, why: str) -> WorkerLostError:
        """Notes that a worker is to be replaced."""
        with self._lock:
            self._lost[rank] = why
        return WorkerLostError(rank, *self._launcher.about(rank), why)

    def _suspect(self, rank: int, why: str, epoch: int) -> None:
        """A worker does not answer in an epoch. On the I/O thread: the end of its process may tell more in a moment."""
        timer = threading.Timer(_GRACE, self._condemn, (rank, why, epoch))
        timer.daemon = True
        timer.start()

    def _condemn(self, rank: int, why: str, epoch: int) -> None:
        """Fails the group for a worker that was suspected, if it is still the same group."""
        if epoch == self._epoch and self._end.failure is None:
            why = self._launcher.fate(rank) or why
            self._blame(rank, why, lambda: epoch == self._epoch and self._end.failure is None)

    def _blame(self, rank: int, why: str, true: Callable[[], bool]) -> None:
        """Fails the group for a worker. On any thread: asked under the lock, `true` says whether that one is meant."""
        problem = WorkerLostError(rank, *self._launcher.about(rank), why)
        with self._lock:
            if not self._closed and true():
                self._lost[rank] = why
                self._end.fail(problem)

    def after_fork(self) -> None:
        """In the child: the group is the parent's."""
        self._closed = self._ended = True


_links: weakref.WeakSet[SocketLink] = weakref.WeakSet()


def _after_fork() -> None:
    for link in list(_links):
        link.after_fork()


def close_all() -> None:
    """At the end of the program."""
    for link in list(_links):
        with contextlib.suppress(RambaError):
            link.close()


at_the_end(close_all)
os.register_at_fork(after_in_child=_after_fork)
