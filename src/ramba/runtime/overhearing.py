"""What a worker keeps of what it does, while somebody traces: for its next report."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from ramba import events
from ramba.kernels.group import Waiting
from ramba.runtime import spans
from ramba.runtime.collective import Collective
from ramba.runtime.messages import Assign, Command, Overheard, RunPlan, Told, overheard
from ramba.runtime.pace import Pace
from ramba.runtime.transport.watched import Watched

MOST_EVENTS = 100_000  # that wait for the next report
COST = 1.5e-5  # seconds that it takes to tell of an event, on both sides
SHARE, FIRST = 0.006, 2e-3  # of the time that this may take; seconds of it until some are left out
_TRAVELLING = frozenset(events.TRAVELLING.values())
_RARE = (events.Compiled, events.FileRead, events.Spilled)  # are told in any case


class Overhearing:
    """Hears what this worker tells, of all commands, or of some of those that are short."""

    def __init__(self, rank: int, trace: str) -> None:
        self.rank = rank
        self.trace = trace  # "some" or "all"
        # when, what, at which command, and for how many runs; it is made fit to be sent for the next report
        self.told: list[tuple[float, Any, int, int]] = []
        self._missed = 0  # events that found no place in it
        self._command = 0  # the present one's number
        self._stands_for = 1  # runs, of which the present one is told of
        self._pace = Pace(SHARE, FIRST)
        self._plans: set[int] = set()  # that were run
        self._ear = partial(_ignore)  # by which it is known that somebody hears of a run
        # events are told at all; those of runs, if a run is listened to
        self._subscription = events.subscribe(_ignore, before=_nothing)
        spans.keep()

    def close(self) -> None:
        """Hears no more."""
        self._subscription.close()
        spans.stop()

    def clear(self, rank: int) -> None:
        """Forgets all: the group is formed anew."""
        self.rank, self.told, self._missed = rank, [], 0

    def taken(self) -> Overheard:
        """What was kept since the last report, and what time it is."""
        self._command, self._stands_for = 0, 1
        kept, self.told, rank = self.told, [], self.rank
        told = [Told(rank, *_fields(when, event), command, many) for when, event, command, many in kept]
        room = MOST_EVENTS - len(told)
        helped = [Told(rank, span.begin, "Helped", (span.thread, span.seconds)) for span in spans.taken()]
        missed, self._missed = self._missed + max(len(helped) - room, 0), 0
        return overheard([*told, *helped[:room], Told(rank, time.time(), "Clock", (missed,))])

    def overheard(self, work: Waiting[None], command: Command, group: Collective) -> Waiting[None]:
        """Does the work of a command; what is told meanwhile is kept."""
        transport, begin = group.transport, time.perf_counter()
        self._command, heard = getattr(command, "number", 0), self._hears(command)
        before = len(self.told)
        if not heard and isinstance(transport, Watched):
            group.transport = transport.plain
        listen = self._listen if heard else self._listen_rarely
        step: Callable[[], object] = work.__next__
        try:
            while True:
                if heard:
                    events.hear_run(self._ear)
                try:
                    with events.aside(listen):
                        step()
                except StopIteration:
                    return
                step = work.__next__
                try:
                    yield
                except BaseException as wish:  # Cancelled: for the work to see
                    step = partial(work.throw, wish)
        finally:
            if heard:
                events.hear_no_run(self._ear)
                if isinstance(command, RunPlan | Assign):
                    self._pace.told(COST * (len(self.told) - before), time.perf_counter() - begin)
            else:
                group.transport = transport

    def _hears(self, command: Command) -> bool:
        """Whether a command is told of: one of some, where they are short."""
        self._stands_for = 1
        if self.trace == "some" and isinstance(command, RunPlan | Assign):
            self._stands_for = self._pace.due()
            if (
                command.plan not in self._plans
            ):  # the first of its kind: the last ones of programs, which are long, are such
                self._plans.add(command.plan)
                self._pace.alone(self._stands_for)
                self._stands_for = 1
        return self._stands_for > 0

    def _listen_rarely(self, event: events.Event) -> None:
        if isinstance(event, _RARE):
            self._listen(event)

    def _listen(self, event: events.Event) -> None:
        """Keeps it for the next report, if there is room, and does no more: it is called while the program works."""
        if type(event) not in _TRAVELLING:
            return
        if len(self.told) < MOST_EVENTS:
            self.told.append((time.time(), event, self._command, self._stands_for))
        else:
            self._missed += 1


def _fields(when: float, event: Any) -> tuple[float, str, tuple[Any, ...]]:
    """When an event that was told then began, its kind, and what it says; of a kernel, the title is sent."""
    if type(event) is events.Ran:
        return when - event.seconds, "Ran", (events.title(event.kernel), *event[1:])
    return when - getattr(event, "seconds", 0.0), type(event).__name__, tuple(event)


def _ignore(event: events.Event) -> None:
    """Listens to nothing."""


def _nothing() -> None:
    """Wants to hear of no run in the driver's place."""


__all__ = ["Overhearing"]
