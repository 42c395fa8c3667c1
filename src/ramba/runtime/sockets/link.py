"""The driver's end of a group of worker processes: forms it, forms it anew after a loss or with others, and ends it.

Whoever starts the workers (`Launcher`) also carries a few questions to them and back: join with this number, here is
the list of all members, leave. Everything else goes over sockets that are made for one epoch, with keys made for it.

A launcher knows workers by numbers that it never gives again; in a group, they have ranks.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Protocol

from ramba import config
from ramba.errors import RambaError, WorkerLostError
from ramba.runtime.ending import at_the_end
from ramba.runtime.sockets import host, versions, wire
from ramba.runtime.sockets.driver_end import DriverEnd
from ramba.runtime.sockets.folder import Folder
from ramba.runtime.sockets.wire import Join, Joined, Leave, Peer, Ready, Refused, Roster, Wait
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

    def threads(self, number: int) -> int:
        """How many a worker has."""

    def choose(self, workers: int | None, held: Sequence[int]) -> tuple[list[int], list[int]]:
        """Who is to be in a group of so many workers: those of the present ones that stay, and those to be started.

        Without a number, there are as many as would be started now. Threads of workers may change at once.
        """

    def start(self, numbers: Iterable[int], died: Died) -> None:
        """Starts workers, side by side; returns at once. The end of one that was not killed is told, on any thread."""

    def ask(self, questions: dict[int, bytes], patience: float) -> dict[int, bytes]:
        """Each worker's answer. Those are missing that died or did not answer in time."""

    def kill(self, number: int) -> None:
        """Ends a worker at once, whatever it does."""

    def about(self, number: int) -> tuple[int, str]:
        """Process and host of a worker, as far as known."""

    def fate(self, number: int) -> str | None:
        """How a worker's process ended, if it has."""

    def close(self) -> None:
        """Ends all workers and everything that was started for them."""


class SocketLink:
    """See `Link`."""

    replaces = True
    one_driver = True
    fixed = ""

    def __init__(
        self,
        size: int,
        make: Callable[[], Launcher],
        service: str = SERVICE,
        alias: str = "",
        within: Path | None = None,
    ) -> None:
        self.members: list[Facts] = []
        self._numbers = list(range(size))  # of the workers, by rank
        self._present: list[int] = []  # those of the group that is being changed, as long as it may come back
        self._service = service
        self._alias = alias  # in tests: workers pretend to be on another host
        self._pid = os.getpid()
        self._closed = False
        self._ended = False  # whether closing is over: an interrupted one is taken up again at exit
        self._lost: dict[int, str] = {}  # workers that are gone or given up, and why; by number, like those below
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
                    self._lost = dict.fromkeys(self._numbers, "its start was interrupted")
                raise

    # -- other workers

    def enlist(self, workers: int | None) -> list[int]:
        """Starts the workers that a group of so many needs beside those that stay."""
        kept, added = self._launcher.choose(workers, self._numbers)
        with self._lock:
            born = self._epoch + 1
        try:
            # until the group is formed, their ends are nobody's loss
            self._launcher.start(added, self._watcher(born))
            first, size = len(self._numbers), len(self._numbers) + len(added)
            questions = {number: self._join(rank, number, size, born) for rank, number in enumerate(added, first)}
            self._joined(self._ask(questions, time.monotonic() + _FORMING))
        except BaseException:
            self._dismiss(added)
            raise
        with self._lock:
            self._present = self._numbers
            self._numbers = [*self._numbers, *added]
            self._born.update(dict.fromkeys(added, born))
            self._there.update(added)
        return [self._numbers.index(number) for number in (*kept, *added)]

    def widen(self) -> None:
        """Forms a group of those that were there and those that were enlisted."""
        self._regroup(self._numbers)

    def narrow(self, stays: Sequence[int]) -> None:
        """Forms a group of some members; the others wait until it is settled."""
        waits = [number for rank, number in enumerate(self._numbers) if rank not in stays]
        self._ask(dict.fromkeys(waits, wire.encode(Wait())), time.monotonic() + _CHANGE)
        self._regroup([self._numbers[rank] for rank in stays])

    def settle(self) -> None:
        """Those that are not in the group any more leave."""
        with self._lock:
            leaving = [number for number in self._present if number not in self._numbers]
            self._present = []
        self._dismiss(leaving)

    def go_back(self) -> None:
        """The group is to be formed anew as it was before the change."""
        with self._lock:
            if not self._present:
                return
            added = sorted(self._born.keys() - {*self._present})
            self._numbers, self._present = self._present, []
        self._dismiss(added)

    def _regroup(self, numbers: list[int]) -> None:
        """Forms a group of these workers."""
        with self._lock:
            self._epoch += 1  # what the members still find out about each other is of the old group
            self._numbers = numbers
        try:
            self._form(time.monotonic() + _FORMING)
        except WorkerLostError:
            raise
        except BaseException:  # as in `recover`
            with self._lock:
                self._lost.update(dict.fromkeys({*self._numbers, *self._present}, "its start was interrupted"))
            raise

    def _dismiss(self, numbers: Sequence[int]) -> None:
        """Ends workers that are in no group."""
        with self._lock:
            for number in numbers:
                self._born.pop(number, None)
                self._lost.pop(number, None)
            self._there.difference_update(numbers)
        if numbers:
            with contextlib.suppress(Exception):
                self._launcher.ask(dict.fromkeys(numbers, wire.encode(Leave())), 1.0)
        for number in numbers:
            self._launcher.kill(number)

    def close(self) -> None:
        """Ends the workers; removes sockets and directories."""
        if self._ended or self._pid != os.getpid():
            return
        self._closed = True
        if hasattr(self, "_launcher"):
            with contextlib.suppress(Exception):
                self._launcher.ask(dict.fromkeys({*self._numbers, *self._present}, wire.encode(Leave())), 1.0)
            self._launcher.close()
        self._end.close()
        self._folder.close()
        self._ended = True

    def _replace(self, deadline: float) -> None:
        """One round of that."""
        with self._lock:
            self._epoch += 1  # what the members still find out about each other is of the old group
            lost, self._lost = sorted(self._lost.keys() & {*self._numbers}), {}
            self._born.update(dict.fromkeys(lost, self._epoch))
            self._there.difference_update(lost)
            self._end.failure = None
        for number in lost:
            self._launcher.kill(number)
        self._start(lost)
        self._form(deadline)

    def _start(self, numbers: Iterable[int]) -> None:
        """Starts workers."""
        self._launcher.start(numbers, self._watcher(self._epoch))

    def _watcher(self, born: int) -> Died:
        """Who is told of the ends of workers that were started then: these do not concern their successors."""
        return lambda number, why: self._blame(number, why, lambda: self._born.get(number) == born)

    def _form(self, deadline: float) -> None:
        """Makes a group of all workers, in a new epoch."""
        with self._lock:
            self._epoch += 1
            numbers = self._numbers
        me = self._listen()
        joined = self._joined(self._answers(deadline))
        self._there.update(numbers)
        peers = [answer.peer for answer in joined] + [me]
        self.members = [
            Facts(rank, answer.pid, answer.host, answer.threads, answer.versions) for rank, answer in enumerate(joined)
        ]
        # the driver listens before the workers may speak
        self._end.admit(peers, [])
        roster = wire.encode(Roster(self._epoch, peers))
        change = min(deadline, time.monotonic() + _CHANGE)
        for number, answer in self._ask(dict.fromkeys(numbers, roster), change).items():
            if not isinstance(answer, Ready):
                raise self._loss(number, getattr(answer, "why", "it gave a strange answer"))
        self._end.begin()
        self._end.admit(peers, list(range(len(numbers))))
        self._reach(min(deadline, time.monotonic() + _REACH))

    def _joined(self, answers: dict[int, wire.Answer]) -> list[Joined]:
        """What members said of themselves, in the order of their ranks."""
        joined: list[Joined] = []
        for number, answer in answers.items():
            if isinstance(answer, Refused) and answer.versions:
                versions.compare(answer.versions, f"Worker {self._rank(number)}")
            if not isinstance(answer, Joined):
                raise self._loss(number, getattr(answer, "why", "it gave a strange answer"))
            versions.compare(answer.versions, f"Worker {self._rank(number)} on {answer.host}")
            joined.append(answer)
        return joined

    def _rank(self, number: int) -> int:
        """A worker's rank; of one that is in no group yet, that which is free."""
        return self._numbers.index(number) if number in self._numbers else len(self._numbers)

    def _answers(self, deadline: float) -> dict[int, wire.Answer]:
        """Asks everybody to join. Who has started before does so at once, or is lost; others may take their time."""
        size, epoch = len(self._numbers), self._epoch
        questions = {number: self._join(rank, number, size, epoch) for rank, number in enumerate(self._numbers)}
        old = {number: question for number, question in questions.items() if number in self._there}
        new = {number: question for number, question in questions.items() if number not in self._there}
        found = self._ask(old, min(deadline, time.monotonic() + _CHANGE)) | self._ask(new, deadline)
        return {number: found[number] for number in self._numbers}

    def _listen(self) -> Peer:
        launcher = self._launcher
        address = launcher.address if launcher.spread or self._alias else None
        secure = config.current().transport_security == "curve"
        number = len(self._numbers)
        return self._end.open(number, number, self._epoch, self._folder.path, address, secure, host.identity())

    def _join(self, rank: int, number: int, size: int, epoch: int) -> bytes:
        threads = self._launcher.threads(number)
        settings = asdict(config.current()) | {"num_threads": threads, "backend": "threads"}
        question = Join(
            rank=rank,
            size=size,
            epoch=epoch,
            threads=threads,
            secure=settings["transport_security"] == "curve",
            spread=self._launcher.spread or bool(self._alias),
            folder=str(self._folder.path),
            host=host.identity(),
            service=self._service,
            settings=settings | {"workers": None},
            paths=[path for path in sys.path if path],
            alias=f"{self._alias} {number}" if self._alias else "",
        )
        return wire.encode(question)

    def _ask(self, questions: dict[int, bytes], deadline: float) -> dict[int, wire.Answer]:
        """Everybody's answers, in the order of the questions, or a WorkerLostError."""
        patience = max(0.0, deadline - time.monotonic())
        answers = self._launcher.ask(questions, patience)
        missing = [number for number in questions if number not in answers]
        for number in missing:  # those that are dead first: it is their fault that others did not answer
            if why := self._launcher.fate(number) or self._lost.get(number):
                raise self._loss(number, why)
        if missing:
            if time.monotonic() >= deadline:  # else the end of one was seen before its reason, and others are innocent
                with self._lock:
                    self._lost.update(dict.fromkeys(missing, f"no answer within {patience:.0f} s"))
            raise self._loss(missing[0], f"no answer within {patience:.0f} s")
        return {number: wire.decode_answer(answers[number]) for number in questions}

    def _reach(self, deadline: float) -> None:
        """Waits until all workers are connected, so that a loss is seen from the first moment."""
        patience = deadline - time.monotonic()
        while missing := self._end.io_thread.call(self._missing):
            self._end.examine()
            if time.monotonic() > deadline:
                raise self._loss(self._numbers[min(missing)], f"no connection within {patience:.0f} s")
            time.sleep(0.002)

    def _missing(self) -> set[int]:
        connections = self._end.io_thread.connections
        return connections.missing() if connections is not None else set()

    def _loss(self, number: int, why: str) -> WorkerLostError:
        """Notes that a worker is to be replaced."""
        with self._lock:
            self._lost[number] = why
        return WorkerLostError(self._rank(number), *self._launcher.about(number), why)

    def _suspect(self, rank: int, why: str, epoch: int) -> None:
        """A worker does not answer in an epoch. On the I/O thread: the end of its process may tell more in a moment."""
        timer = threading.Timer(_GRACE, self._condemn, (rank, why, epoch))
        timer.daemon = True
        timer.start()

    def _condemn(self, rank: int, why: str, epoch: int) -> None:
        """Fails the group for a worker that was suspected, if it is still the same group."""
        numbers = self._numbers
        if epoch == self._epoch and self._end.failure is None and rank < len(numbers):
            why = self._launcher.fate(numbers[rank]) or why
            self._blame(numbers[rank], why, lambda: epoch == self._epoch and self._end.failure is None)

    def _blame(self, number: int, why: str, true: Callable[[], bool]) -> None:
        """Fails the group for a worker. On any thread: asked under the lock, `true` says whether that one is meant."""
        problem = WorkerLostError(self._rank(number), *self._launcher.about(number), why)
        with self._lock:
            if not self._closed and true():
                self._lost[number] = why
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
