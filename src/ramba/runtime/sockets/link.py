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
_START = 60.0  # s that a worker may take to start
_CHANGE = 10.0  # s that a surviving worker may take to end what it does
_REACH = 20.0  # s until every worker can be reached
_GRACE = 0.5  # s in which the end of a process may explain why it does not answer
_ROUNDS = 3  # of replacing workers in one recovery

log = logging.getLogger("ramba.sockets")

Died = Callable[[int, str], None]


class Launcher(Protocol):
    """Starts workers, and carries questions to them."""

    spread: bool  # whether workers may be on other hosts
    address: str | None  # of the driver's node, for those

    def threads(self, rank: int) -> int:
        """How many a worker has."""

    def start(self, ranks: Iterable[int]) -> None:
        """Starts workers, side by side; returns at once."""

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

    def __init__(
        self,
        size: int,
        make: Callable[[Died], Launcher],
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
        self._lock = threading.Lock()
        self._epoch = 0
        self._folder = Folder(within=within)
        self._end = DriverEnd(size, self._suspect)
        self.transport: Transport = self._end
        _links.add(self)
        try:
            self._launcher = make(self._died)
            self._launcher.start(range(size))
            self._form()
        except BaseException:
            self.close()
            raise

    def command(self, message: bytes) -> None:
        """Sends a command to every worker, in order."""
        self._end.command(message)

    def cancel(self) -> None:
        """Asks the workers to stop computing."""
        self._end.cancel()

    def recover(self) -> None:
        """Replaces lost workers and forms the group anew."""
        for _ in range(_ROUNDS):
            try:
                self._replace()
                return
            except WorkerLostError as problem:
                log.warning("%s Trying again.", problem)
                failed = problem
            except BaseException:
                # an interrupt: nobody knows which questions are answered, so the next attempt starts with new workers
                with self._lock:
                    self._lost = dict.fromkeys(range(self._size), "its start was interrupted")
                raise
        raise failed

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

    def _replace(self) -> None:
        """One round of that."""
        self._epoch += 1  # what the members still find out about each other is of the old group
        with self._lock:
            lost = sorted(self._lost)
            self._end.failure = None
        for rank in lost:
            self._launcher.kill(rank)
        with self._lock:
            for rank in lost:
                self._lost.pop(rank, None)
        self._launcher.start(lost)
        self._form()

    def _form(self) -> None:
        """Makes a group of all workers, in a new epoch."""
        self._epoch += 1
        me = self._listen()
        answers = self._ask({rank: self._join(rank) for rank in range(self._size)}, _START)
        joined: list[Joined] = []
        for rank, answer in answers.items():
            if isinstance(answer, Refused) and answer.versions:
                versions.compare(answer.versions, f"Worker {rank}")
            if not isinstance(answer, Joined):
                raise self._loss(rank, getattr(answer, "why", "it gave a strange answer"))
            versions.compare(answer.versions, f"Worker {rank} on {answer.host}")
            joined.append(answer)
        peers = [answer.peer for answer in joined] + [me]
        self.members = [
            Facts(rank, answer.pid, answer.host, answer.threads, answer.versions) for rank, answer in enumerate(joined)
        ]
        # the driver listens before the workers may speak
        self._end.admit(peers, [])
        roster = wire.encode(Roster(self._epoch, peers))
        for rank, answer in self._ask(dict.fromkeys(range(self._size), roster), _CHANGE).items():
            if not isinstance(answer, Ready):
                raise self._loss(rank, getattr(answer, "why", "it gave a strange answer"))
        self._end.begin()
        self._end.admit(peers, list(range(self._size)))
        self._reach()

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

    def _ask(self, questions: dict[int, bytes], patience: float) -> dict[int, wire.Answer]:
        """Everybody's answers, or a WorkerLostError."""
        answers = self._launcher.ask(questions, patience)
        missing = [rank for rank in questions if rank not in answers]
        for rank in missing:  # those that are dead first: it is their fault that others did not answer
            if why := self._launcher.fate(rank) or self._lost.get(rank):
                raise self._loss(rank, why)
        if missing:
            raise self._loss(missing[0], f"no answer within {patience:.0f} s")
        return {rank: wire.decode_answer(answers[rank]) for rank in sorted(answers)}

    def _reach(self) -> None:
        """Waits until all workers are connected, so that a loss is seen from the first moment."""
        deadline = time.monotonic() + _REACH
        while missing := self._end.office.call(self._missing):
            self._end.examine()
            if time.monotonic() > deadline:
                raise self._loss(min(missing), f"no connection within {_REACH:.0f} s")
            time.sleep(0.002)

    def _missing(self) -> set[int]:
        lines = self._end.office.lines
        return lines.missing() if lines is not None else set()

    def _loss(self, rank: int, why: str) -> WorkerLostError:
        """Notes that a worker is to be replaced."""
        with self._lock:
            self._lost[rank] = why
        return WorkerLostError(rank, *self._launcher.about(rank), why)

    def _died(self, rank: int, why: str) -> None:
        """A worker's process ended. On any thread."""
        if not self._closed:
            self._end.fail(self._loss(rank, why))

    def _suspect(self, rank: int, why: str) -> None:
        """A worker does not answer. On the I/O thread: the end of its process may tell more in a moment."""
        timer = threading.Timer(_GRACE, self._condemn, (rank, why, self._epoch))
        timer.daemon = True
        timer.start()

    def _condemn(self, rank: int, why: str, epoch: int) -> None:
        if not self._closed and epoch == self._epoch and self._end.failure is None:
            self._end.fail(self._loss(rank, self._launcher.fate(rank) or why))

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
