"""What a driver says to its workers, and what it hears of them: commands in order, questions, reports.

Commands are collected and sent together, a run's with the next question at the latest; nothing is awaited until
somebody looks at a value. Frees travel in the command stream, in program order.
"""

from __future__ import annotations

import collections
import contextlib
import itertools
import time
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np

from ramba import config, events
from ramba.errors import ArrayLostError, ProtocolError, RambaError, WorkerLostError
from ramba.runtime import messages
from ramba.runtime.flights import Flights, exception_of
from ramba.runtime.kept_strips import KeptStrips
from ramba.runtime.member import MOST_REPORTS, report_tag
from ramba.runtime.messages import Command, Configure, Drop, Problem, Report
from ramba.runtime.sharded import Sharded
from ramba.runtime.taught import Taught
from ramba.runtime.transport import Link, Poison, Transport
from ramba.runtime.transport.watched import Watched

# what workers are told of changes
WORKER_SETTINGS = tuple("exact kernels cache memory_limit spill show_code show_plan verify".split())
IN_THE_WAY = 0.2  # s that a question waits for what was sent before, even if nobody wants that any more


class Correspondence:
    """With the workers behind a link; whoever is the driver adds what is said."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.size = link.transport.size
        self.numbers = itertools.count(1)  # of commands, arrays and plans
        self.waiting: list[Command] = []
        self.named: list[Sharded] = []  # by assignments that wait: frees go before these in the message
        self.points = 0  # elements that they compute
        self.outgoing: messages.Outgoing | None = None
        self.dropped: collections.deque[int] = collections.deque()  # filled by finalizers, on any thread
        self.arrays: weakref.WeakValueDictionary[int, Sharded] = weakref.WeakValueDictionary()
        self.flights = Flights(self.arrays)
        self.heard = 0  # the last question that was answered
        self.excused = 0  # the last command when somebody stopped waiting
        self.states: dict[int, Any] = {}  # the errstate of each run that has not been reported on
        self.raised: list[tuple[Any, int, str]] = []  # errstate, flag, operation
        self.taught = Taught()
        self.kept_strips = KeptStrips(self.numbers, self.arrays)
        self.told: tuple[dict[str, Any], events.Runs, bool] = ({}, "no", False)  # what the workers know of the settings
        self.losses = 0  # of workers since the last answer
        self.closed = False
        self.over = RambaError("The workers were shut down.")  # what is said to who wants them after that
        self._known: tuple[object, dict[str, Any], bool] = (None, {}, False)

    @property
    def resilient(self) -> bool:
        """Whether what workers hold is computed again when one of them is lost."""
        return self.known()[2]

    def lose(self, problem: WorkerLostError | ProtocolError) -> None:
        """A worker is lost."""
        raise NotImplementedError

    # -- saying

    def send(self) -> None:
        """Sends all commands that wait; arrays that nobody needs any more are freed first.

        Wherever an interrupt comes, what waits is sent with the next message, and nothing is obeyed twice.
        """
        if self.closed:
            raise self.over.with_traceback(None)
        for _ in range(1 if self.outgoing is None else 2):
            self.pack()
            if self.outgoing is None:
                return
            if self.link.sent < self.outgoing.number:
                begin = time.perf_counter()
                try:
                    self.link.command(self.outgoing.content)
                except KeyboardInterrupt:  # nobody knows what was sent by then
                    self.kept_strips.release()
                    raise
                if events.tracers:
                    events.tell(events.Broadcast(len(self.outgoing.content), time.perf_counter() - begin))
            self.outgoing = None

    def pack(self) -> None:
        """Makes one message of what waits."""
        if self.outgoing is not None:
            return
        gone = len(self.dropped)  # finalizers may add to it meanwhile
        told = self.settings(), events.traced, self.resilient
        commands: list[Command] = [Configure(*told)] if told != self.told else []
        free = len(self.kept_strips.free)
        if gone or free:
            dropped = tuple(self.dropped[place] for place in range(gone))
            commands.append(Drop(dropped, (), tuple(self.kept_strips.free)))
        commands += self.waiting
        if commands:
            try:
                message = messages.Outgoing(self.next_message(), messages.encode(tuple(commands)))
            except TypeError:  # what cannot be said must not stand in the way of what comes next
                self.waiting = [command for command in self.waiting if messages.is_sayable(command)]
                raise
            # in one line without a call: no signal handler comes in between
            self.outgoing, self.waiting, self.told = message, [], told
            del self.kept_strips.free[:free]
            for _ in range(gone):
                self.dropped.popleft()
            self.named, self.points = [], 0

    def settings(self) -> dict[str, Any]:
        """The settings that workers are told of; the same object as long as they do not change."""
        return self.known()[1]

    def known(self) -> tuple[object, dict[str, Any], bool]:
        """All settings, those that workers are told of, and `resilient`: looked up when they have changed."""
        now = config.current()
        if self._known[0] is not now:
            found = {name: getattr(now, name) for name in WORKER_SETTINGS}
            before = self._known[1]
            self._known = now, before if found == before else found, self.link.replaces and now.resilience != "none"
        return self._known

    def next_message(self) -> int:
        """The number of the message that carries what waits now."""
        return (self.link.sent if self.outgoing is None else self.outgoing.number) + 1

    def unsay(self) -> None:
        """Nothing was ever said: those who come into a new group know nothing."""
        self.dropped.clear()
        self.outgoing, self.waiting, self.named, self.points = None, [], [], 0
        self.taught.clear()
        self.told = {}, "no", False

    # -- asking

    def ask(self, number: int) -> Report:
        """Sends what waits, and collects everybody's report; raises what went wrong."""
        begin = time.perf_counter()
        if events.listeners:
            events.tell(events.Asking(self.size))
        try:
            first, told = self.answers(number)
        finally:
            if events.listeners:
                events.tell(events.Asked(self.size, time.perf_counter() - begin))
        self.losses = 0
        if told is not None:
            raise exception_of(told)
        return first

    def answers(self, number: int) -> tuple[Report, Problem | None]:
        """The first worker's report, and what the program must be told of."""
        self.link.transport.forget(report_tag(number))  # answers to questions that were interrupted: all is said again
        with self.watching():
            self.send()
            reports = self.reports(number)
        excused, problems = self.excused, [problem for report in reports for problem in report.problems]
        told = self.flights.judge(problems, number, excused)
        self.flights.clear()
        if problems:
            self.kept_strips.release()
        # of what was computed again after a loss, the flags were told when it was computed first
        states = self.states
        flags = [(states[c], bit, name) for r in reports for c, bit, name in r.flags if c > excused and c in states]
        self.heard = number
        self.states.clear()
        self.raised += flags
        for report in reports:
            for heard in report.events:
                events.tell_block(messages.block(heard))
        self.worked(max(report.worked for report in reports))
        return reports[0], told

    def worked(self, seconds: float) -> None:
        """So long the workers took for what they report on."""

    def reports(self, number: int) -> list[Report]:
        """Everybody's report. What nobody wants any more is cancelled if it keeps them from answering."""
        ranks = range(self.size) if self.size <= MOST_REPORTS else (0,)
        transport, begin, cleared = self.transport(), time.monotonic(), False
        found = []
        for rank in ranks:
            while (message := transport.collect(rank, report_tag(number))) is None:
                transport.wait(None if cleared else IN_THE_WAY)
                if not cleared and time.monotonic() - begin > IN_THE_WAY:
                    cleared = True
                    for first, last in self.flights.unwanted(number):
                        self.link.cancel(first, last)
            found.append(messages.report(message.tobytes()))
        return found

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """While the workers are waited for: what their loss or an interrupt means."""
        try:
            yield
        except (WorkerLostError, ProtocolError) as problem:
            self.lose(problem)
            raise
        except KeyboardInterrupt:
            try:
                self.stop()
            except KeyboardInterrupt:
                self.stop()
            raise

    def stop(self) -> None:
        """Nobody waits for what was commanded so far, be it sent or not."""
        self.excused = next(self.numbers)
        self.kept_strips.release()
        self.pack()
        self.link.cancel(1, self.next_message() - 1)

    def transport(self) -> Transport:
        """The driver's end; one that tells what it carries, if somebody traces."""
        plain = self.link.transport
        return Watched(plain) if events.tracers else plain

    def receive(self, rank: int, tag: int) -> np.ndarray:
        """Waits for one message of a worker's."""
        transport = self.transport()
        while True:
            try:
                message = transport.collect(rank, tag)
            except Poison:
                raise ArrayLostError(f"Worker {rank} has no value for this array.") from None
            if message is not None:
                return message
            transport.wait()


__all__ = ["Correspondence"]
