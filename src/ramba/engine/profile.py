"""What happens when, on the driver and on every worker: collected from events, written as a trace for a viewer.

The file is in the trace event format of Chrome, which https://ui.perfetto.dev and ``chrome://tracing`` show: one
process for each worker and one for the driver, arrows from where a message is sent to where it arrives.

Every host has a clock of its own. When all workers answer the driver, each says what time it is; half way between
question and answers, as the driver's clock has it, is the best guess when that was. A clock that differs from this by
more than the question took is corrected by the difference; all others are taken as they are.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from ramba import events
from ramba.engine.engine import ENGINE
from ramba.runtime import spans

MOST_EVENTS = 2_000_000  # that one profile keeps
DRIVER = -1  # its number here, until it is known how many workers there are
WORK, MESSAGES = 0, 1  # threads of a worker in the trace
HELPERS = 1000  # and more: threads of a team, of the driver or of a worker


# where an arrow ends: by sender, receiver and tag of a message, process, thread and time in the trace
Ends: TypeAlias = dict[tuple[int, int, int], tuple[int, int, float]]


class Slice(NamedTuple):
    """Something that took time."""

    member: int  # worker, or DRIVER
    thread: int
    begin: float  # seconds since 1970, by the clock of the member's host
    event: Any
    stands_for: int = 1  # events: those of runs that were not listened to are no slices


class ClockGuess(NamedTuple):
    """How far a clock is ahead of the driver's, in seconds, and how far this may be wrong."""

    ahead: float
    doubt: float


class Profile:
    """What `ramba.profile` gives: complete when its block is over."""

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        self.path = None if path is None else Path(path)
        self.slices: list[Slice] = []
        self.missed = 0  # events that were not kept, because there were too many
        self.workers: list[Any] = []  # facts about each, if they are other processes
        self.clocks: dict[int, ClockGuess] = {}
        self._heard: list[tuple[float, int, Any]] = []  # when, in which thread, and what
        self._in_blocks = 0  # events in the blocks among them
        self._place = 0  # in that list, when it is sorted out
        self._answers: dict[int, float] = {}  # what time it was on each worker, of the question that is open
        self._threads: dict[int, int] = {}  # of the driver, in the order in which they were heard
        self._subscription: events.Subscription | None = None

    def __enter__(self) -> Profile:
        backend = ENGINE.backend
        if backend.distributed:
            link: Any = getattr(backend, "link", None)
            self.workers = list(getattr(link, "members", ()))
            backend.sync()  # what was commanded before is no part of this
        self.begin = time.time()
        self._subscription = self._subscribe()
        spans.keep()
        try:
            if backend.distributed:
                backend.sync()  # nothing runs: this one asks for the clocks
        except BaseException:
            spans.stop()
            self._subscription.close()
            raise
        return self

    def __exit__(self, kind: object, *exception: object) -> None:
        assert self._subscription is not None
        try:
            if kind is None:
                ENGINE.sync()
            else:
                ask_workers()
        finally:
            self._subscription.close()
            self.end = time.time()
            self._sort_out()
            if self.path is not None:
                self.path.write_text(json.dumps(self.trace(), separators=(",", ":")))
            ask_workers()  # tells them that nobody listens any more

    def _subscribe(self) -> events.Subscription:
        return events.subscribe(self._listener(), workers=True, unread=self._keep_block)

    def _listener(self) -> events.Listener:
        """Keeps what it hears, and does no more: it is called while the program works."""
        heard, now, thread = self._heard, time.time, threading.get_ident
        add = heard.append

        def listen(event: events.Event) -> None:
            if len(heard) + self._in_blocks < MOST_EVENTS:
                add((now(), thread(), event))
            else:
                self.missed += 1

        return listen

    def _keep_block(self, block: events.Block) -> None:
        """Keeps what a worker tells as it came."""
        if len(self._heard) + self._in_blocks + block.length <= MOST_EVENTS:
            self._heard.append((0.0, 0, block))
            self._in_blocks += block.length
        else:
            self.missed += block.length

    def _sort_out(self) -> None:
        """Makes slices of what was heard."""
        for place, (now, ident, event) in enumerate(self._heard):
            self._place = place
            if type(event) is events.Block:
                for told in event.events():
                    self._note(now, ident, told)
            else:
                self._note(now, ident, event)
        self._heard.clear()
        self._in_blocks = 0
        for span in spans.taken():
            helped = events.Helped(span.thread, span.seconds)
            self.slices.append(Slice(DRIVER, HELPERS + span.thread, span.begin, helped))
        spans.stop()

    def _note(self, now: float, ident: int, event: object) -> None:
        if isinstance(event, events.Working | events.Commanded):  # what they begin says more when it is over
            return
        if isinstance(event, events.OnWorker):
            if isinstance(event.event, events.Clock):
                self.missed += event.event.missed
                self._answers[event.rank] = event.begin
                return
            thread = MESSAGES if isinstance(event.event, events.Sent | events.Received) else WORK
            if isinstance(event.event, events.Helped):
                thread = HELPERS + event.event.thread
            self.slices.append(Slice(event.rank, thread, event.begin, event.event, event.stands_for))
            return
        seconds = getattr(event, "seconds", 0.0)
        if isinstance(event, events.Asked):
            self._compare_clocks(now - seconds, now)
        elif isinstance(event, events.Ran):
            event = event._replace(kernel=events.title(event.kernel))
        thread = self._threads.setdefault(ident, len(self._threads))
        self.slices.append(Slice(DRIVER, thread, now - seconds, event, self._stands_for()))

    def _stands_for(self) -> int:
        """How many events of its kind there were for each one that was heard."""
        return 1

    def _compare_clocks(self, asked: float, answered: float) -> None:
        """The narrower the time in which a worker must have answered, the better the guess."""
        doubt = (answered - asked) / 2
        for rank, clock in self._answers.items():
            if rank not in self.clocks or doubt < self.clocks[rank].doubt:
                self.clocks[rank] = ClockGuess(clock - (asked + answered) / 2, doubt)
        self._answers.clear()

    def when(self, found: Slice) -> float:
        """When something began, in seconds since the profile began, by the driver's clock."""
        guess = self.clocks.get(found.member)
        ahead = guess.ahead if guess is not None and abs(guess.ahead) > guess.doubt else 0.0
        return found.begin - ahead - self.begin

    # -- as a trace

    def trace(self) -> dict[str, Any]:
        """The trace as plain data, in Chrome's format."""
        members = {found.member for found in self.slices} | set(range(len(self.workers)))
        self._size = max([len(self.workers), *(member + 1 for member in members)])
        rows: list[dict[str, Any]] = []
        for member in sorted(members | {DRIVER}):
            rows += self._names(member)
        sent: Ends = {}
        arrived: Ends = {}
        for found in sorted(self.slices, key=self.when):
            row = self._row(found)
            rows.append(row)
            member, event = self._number(found.member), found.event
            middle = round(row["ts"] + row.get("dur", 0.0) / 2, 3)
            if isinstance(event, events.Sent):
                sent[member, event.target, event.tag] = row["pid"], row["tid"], middle
            elif isinstance(event, events.Received):
                end = round(row["ts"] + row["dur"], 3)
                arrived[event.source, member, event.tag] = row["pid"], row["tid"], end
        rows += _arrows(sent, arrived)
        return {"traceEvents": rows, "displayTimeUnit": "ms", "otherData": {"eventsNotKept": self.missed}}

    def _number(self, member: int) -> int:
        """As messages have it: the driver's number is the number of workers."""
        return self._size if member == DRIVER else member

    def _names(self, member: int) -> Iterator[dict[str, Any]]:
        number, name = self._number(member), "driver"
        if member != DRIVER:
            facts = self.workers[member] if member < len(self.workers) else None
            name = f"worker {member}" + (f" (process {facts.pid} on {facts.host})" if facts is not None else "")
        yield _meta(number, 0, "process_name", {"name": name})
        yield _meta(number, 0, "process_sort_index", {"sort_index": member})
        for thread in sorted({s.thread for s in self.slices if s.member == member and s.thread > HELPERS}):
            yield _meta(number, thread, "thread_name", {"name": f"helper {thread - HELPERS}"})
        if member == DRIVER:
            for thread in range(1, len(self._threads)):
                yield _meta(number, thread, "thread_name", {"name": f"thread {thread}"})
            yield _meta(number, 0, "thread_name", {"name": "program"})
        else:
            yield _meta(number, WORK, "thread_name", {"name": "work"})
            yield _meta(number, MESSAGES, "thread_name", {"name": "messages"})

    def _row(self, found: Slice) -> dict[str, Any]:
        kind, name, details = described(found.event)
        row = {"name": name, "cat": kind, "pid": self._number(found.member), "tid": found.thread}
        row |= {"ts": round(self.when(found) * 1e6, 3), "args": details}
        seconds = getattr(found.event, "seconds", None)
        return row | ({"ph": "i", "s": "t"} if seconds is None else {"ph": "X", "dur": round(seconds * 1e6, 3)})

    # -- as a table

    def summary(self) -> Summary:
        """How much of what each member did, and which kernels took longest.

        Prints as text; `rich.print` draws it as a table.
        """
        return Summary(self)


def ask_workers() -> None:
    """Waits until workers have told what they did, if there are any who can."""
    if ENGINE.distributed:
        with contextlib.suppress(Exception):  # the exception that ends the block tells more
            ENGINE.backend.sync()


def _meta(pid: int, tid: int, name: str, details: dict[str, Any]) -> dict[str, Any]:
    return {"ph": "M", "pid": pid, "tid": tid, "name": name, "args": details}


def _arrows(sent: Ends, arrived: Ends) -> Iterator[dict[str, Any]]:
    """From each message's sender to its receiver, where both are known."""
    for number, (key, (pid, tid, ts)) in enumerate(sent.items(), 1):
        if key in arrived:
            to, thread, end = arrived[key]
            both = {"name": "message", "cat": "message", "id": number}
            yield both | {"ph": "s", "pid": pid, "tid": tid, "ts": ts}
            yield both | {"ph": "f", "bp": "e", "pid": to, "tid": thread, "ts": max(end, ts)}


def described(event: events.Event) -> tuple[str, str, dict[str, Any]]:
    """Category, name and details of an event in the trace."""
    details = {name: value for name, value in event._asdict().items() if name != "seconds"}
    match event:
        case events.Ran(kernel=kernel):
            return "kernel", kernel, {k: v for k, v in details.items() if k != "kernel"}
        case events.Called(function=function):
            return "kernel", function, {}
        case events.Helped():
            return "kernel", "its part of a kernel", {}
        case events.Sent(target=target):
            return "message", f"send to {target}", details
        case events.Broadcast():
            return "message", "send commands", details
        case events.Received(source=source):
            return "message", f"wait for {source}", details
        case events.Compiled():
            return "compile", "compile" if not event.cached else "load kernel", details
        case events.Planned(steps=steps, cached=cached):
            return "plan", "plan", {"steps": steps, "cached": cached}
        case events.Gathered():
            return "message", "gather", details
        case events.Flushed():
            return "flush", "flush", details
        case events.Asked():
            return "wait", "wait for the workers", details
        case events.FellBack(function=function):
            return "fallback", f"{function} by NumPy", details
    return "other", type(event).__name__, {}


class Summary:
    """A profile as a table."""

    HEAD = ("", "kernels", "s", "compiled", "s", "messages", "bytes", "sending s", "waiting s")

    def __init__(self, profile: Profile) -> None:
        self.seconds = profile.end - profile.begin
        self.missed = profile.missed
        self.rows: list[tuple[str, ...]] = []
        self.kernels: list[tuple[str, int, float]] = []  # title, runs, seconds: longest first
        for member in sorted({found.member for found in profile.slices}):
            name = "driver" if member == DRIVER else f"worker {member}"
            self.rows.append((name, *_counted([s for s in profile.slices if s.member == member])))
        times: dict[str, tuple[int, float]] = {}
        for found in profile.slices:
            if isinstance(found.event, events.Ran | events.Called):
                count, seconds = times.get(found.event[0], (0, 0.0))
                many = found.stands_for
                times[found.event[0]] = count + many, seconds + many * found.event.seconds
        longest = sorted(times.items(), key=lambda item: -item[1][1])
        self.kernels = [(name, count, seconds) for name, (count, seconds) in longest]

    def __repr__(self) -> str:
        widths = [max(len(row[n]) for row in (self.HEAD, *self.rows)) for n in range(len(self.HEAD))]
        lines = [f"{self.seconds:.3f} s in all"]
        for row in (self.HEAD, *self.rows):
            cells = [row[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True))]
            lines.append("  ".join(cells).rstrip())
        if self.kernels:
            lines += ["", "the longest kernels"]
            lines += [f"{seconds:10.3f} s  {count:6} x  {name}" for name, count, seconds in self.kernels[:10]]
        if self.missed:
            lines.append(f"{self.missed:,} events were not kept: there were too many.")
        return "\n".join(lines)

    def __rich__(self) -> Any:
        """The table for `rich.print`."""
        table = importlib.import_module("rich.table").Table(title=f"{self.seconds:.3f} s in all")
        for n, name in enumerate(self.HEAD):
            table.add_column(name, justify="right" if n else "left", no_wrap=not n)
        for row in self.rows:
            table.add_row(*row)
        return table


def _counted(told: Sequence[Slice]) -> tuple[str, ...]:
    """One row of the table."""
    ran = [s for s in told if isinstance(s.event, events.Ran | events.Called)]
    compiled = [s for s in told if isinstance(s.event, events.Compiled) and not s.event.cached]
    sent = [s for s in told if isinstance(s.event, events.Sent)]
    # the driver receives messages while it waits for answers: they count once
    waits = [s for s in told if isinstance(s.event, events.Asked)] or [
        s for s in told if isinstance(s.event, events.Received)
    ]
    return (
        str(sum(s.stands_for for s in ran)),
        _seconds(ran),
        str(len(compiled)),
        _seconds(compiled),
        str(sum(s.stands_for for s in sent)),
        f"{sum(s.stands_for * s.event.nbytes for s in sent):,}",
        _seconds(sent),
        _seconds(waits),
    )


def _seconds(told: Iterable[Slice]) -> str:
    return f"{sum(s.stands_for * s.event.seconds for s in told):.3f}"


__all__ = ["Profile", "Summary", "ask_workers"]
