"""Where the time went and what was done, added up from events: counted only once somebody has asked."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from typing import NamedTuple

from ramba import events
from ramba.engine import ENGINE, ask_workers

_KINDS: dict[type, str] = {
    events.Planned: "planning",
    events.Compiled: "compiling",
    events.Flushed: "flushes",
    events.Ran: "kernels",
    events.Called: "library kernels",
    events.Sent: "sending",
    events.Received: "waiting for messages",
    events.Asked: "waiting for workers",
    events.Gathered: "gathering",
    events.FileRead: "reading files",
    events.Spilled: "spilling memory",
}
"""What seconds are listed under, by the kind of event that has them; those of several workers are added up."""


class Timing(NamedTuple):
    """How long something took in all, and how often it happened."""

    seconds: float
    times: int


class Traffic(NamedTuple):
    """Messages of one worker to the others."""

    messages: int
    nbytes: int
    sending: float  # seconds, packing included
    waiting: float  # seconds, for messages of others


class Statistics(NamedTuple):
    """What was done since counting began; prints as a table."""

    flushes: int
    plans_made: int
    plans_found: int  # in the plan cache
    kernels_compiled: int
    kernels_found: int  # in the cache on disk
    kernels_run: int  # by all workers
    bytes_exchanged: int  # between workers
    bytes_gathered: int  # from workers, by the driver
    bytes_read: int  # from files
    bytes_spilled: int  # from memory to files
    fallbacks: dict[str, int]  # what NumPy computed: how often each function

    def __repr__(self) -> str:
        rows = [(name.replace("_", " "), value) for name, value in self._asdict().items() if name != "fallbacks"]
        rows.append(("fallbacks", sum(self.fallbacks.values())))
        lines = [f"{name:<17} {value:>15,}" for name, value in rows]
        return "\n".join([*lines, *(f"  {name:<15} {count:>15,}" for name, count in sorted(self.fallbacks.items()))])


class _Tally:
    """What has been heard so far."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.subscription: events.Subscription | None = None
        self.clear()

    def clear(self) -> None:
        """Forgets everything."""
        self.counts: Counter[str] = Counter()
        self.fallbacks: Counter[str] = Counter()
        self.times: dict[tuple[str, str], Timing] = {}  # by name, and "" or the name of a part of it
        self.traffic: defaultdict[int, Traffic] = defaultdict(lambda: Traffic(0, 0, 0.0, 0.0))

    def begin(self) -> None:
        """Listens from now on, also to the workers."""
        if self.subscription is None:
            self.subscription = events.subscribe(self.hear, workers=True)

    def end(self) -> None:
        """Listens no more."""
        if self.subscription is not None:
            self.subscription.close()
            self.subscription = None

    def hear(self, event: events.Event) -> None:
        """Adds what is told, by whichever thread."""
        with self.lock:
            if isinstance(event, events.OnWorker):
                self.exchanged(event.rank, event.event)
                event = event.event
            self.timed(event)
            self.counted(event)

    def timed(self, event: events.Event) -> None:
        """Adds the seconds of an event."""
        name = _KINDS.get(type(event))
        if name is None:
            return
        seconds: float = getattr(event, "seconds", 0.0)
        self.add(name, "", seconds)
        if isinstance(event, events.Ran | events.Called):
            self.add(name, events.title(event[0]) if isinstance(event, events.Ran) else event.function, seconds)

    def add(self, name: str, part: str, seconds: float) -> None:
        """Adds seconds under a name."""
        known = self.times.get((name, part), Timing(0.0, 0))
        self.times[name, part] = Timing(known.seconds + seconds, known.times + 1)

    def counted(self, event: events.Event) -> None:
        """Adds to the counts of `Statistics`."""
        match event:
            case events.Planned(cached=cached):
                self.counts["plans_found" if cached else "plans_made"] += 1
            case events.Compiled(cached=cached):
                self.counts["kernels_found" if cached else "kernels_compiled"] += 1
            case events.Flushed():
                self.counts["flushes"] += 1
            case events.Ran():
                self.counts["kernels_run"] += 1
            case events.Gathered(nbytes=nbytes):
                self.counts["bytes_gathered"] += nbytes
            case events.FileRead(nbytes=nbytes):
                self.counts["bytes_read"] += nbytes
            case events.Spilled(nbytes=nbytes):
                self.counts["bytes_spilled"] += nbytes
            case events.FellBack(function=function):
                self.fallbacks[function] += 1

    def exchanged(self, rank: int, event: events.Event) -> None:
        """Adds to the traffic of a worker what it sends to another one, and how long it waits."""
        messages, nbytes, sending, waiting = self.traffic[rank]
        if isinstance(event, events.Sent) and event.target != getattr(ENGINE.backend, "size", 0):
            self.traffic[rank] = Traffic(messages + 1, nbytes + event.nbytes, sending + event.seconds, waiting)
            self.counts["bytes_exchanged"] += event.nbytes
        elif isinstance(event, events.Received):
            self.traffic[rank] = Traffic(messages, nbytes, sending, waiting + event.seconds)


_TALLY = _Tally()


def _told() -> _Tally:
    """The tally, with what workers have done so far."""
    if _TALLY.subscription is None:
        _TALLY.begin()
    else:
        ask_workers()
    return _TALLY


def reset_timing(*, on: bool = True) -> None:
    """Begin to count and to time, from zero.

    Until this, or one of the functions that tell the results, is called for the first time, nothing is counted and
    nothing is spent on it, unless the variable ``RAMBA_TIMING`` is set.

    Parameters
    ----------
    on : bool, optional
        Whether to go on counting; else what was counted is forgotten, and nothing is spent on it any more.

    Examples
    --------
    >>> import ramba as np
    >>> np.reset_timing()
    >>> total = float(np.ones(100_000).sum())
    >>> np.get_timing()["flushes"].times
    1
    """
    if _TALLY.subscription is not None:
        if not on:
            _TALLY.end()
        ask_workers()  # what they did before is told before it is forgotten; or they hear that nobody listens
    with _TALLY.lock:
        _TALLY.clear()
    if on:
        _TALLY.begin()


def get_timing(details: bool = False) -> dict[str, Timing]:
    """How long what took since `reset_timing`, and how often it happened.

    Seconds of several threads and workers are added up, and some are part of others: those of kernels of those of
    flushes.

    Parameters
    ----------
    details : bool, optional
        Whether to list the parts as well, such as ``"kernels: add, sin"``.

    Returns
    -------
    dict of Timing
        By name: ``seconds`` and ``times``.

    Examples
    --------
    >>> import ramba as np
    >>> np.reset_timing()
    >>> np.add_time("reading", 1.5)
    >>> np.get_timing()["reading"]
    Timing(seconds=1.5, times=1)
    """
    tally = _told()
    with tally.lock:
        found = sorted(tally.times.items())
    return {f"{name}: {part}" if part else name: timing for (name, part), timing in found if details or not part}


def get_timing_str(details: bool = False) -> str:
    """What `get_timing` finds, as lines of text.

    Parameters
    ----------
    details : bool, optional
        Whether to list the parts as well.

    Returns
    -------
    str
        A line for each name.

    Examples
    --------
    >>> import ramba as np
    >>> np.reset_timing()
    >>> np.add_time("reading", 1.5)
    >>> np.add_sub_time("reading", "header", 0.25)
    >>> print(np.get_timing_str(details=True))
        1.500 s       1 x  reading
        0.250 s       1 x  reading: header
    """
    return "\n".join(f"{t.seconds:9.3f} s  {t.times:6} x  {name}" for name, t in get_timing(details).items())


def timing_summary() -> None:
    """Print where the time went since `reset_timing`, and what was done.

    Examples
    --------
    >>> import ramba as np
    >>> np.reset_timing()
    >>> np.timing_summary()  # doctest: +ELLIPSIS
    nothing was timed
    <BLANKLINE>
    flushes ...
    """
    print(f"{get_timing_str(details=True) or 'nothing was timed'}\n\n{statistics()!r}")  # noqa: T201 - its purpose


def add_time(name: str, seconds: float) -> None:
    """Count seconds of the program's own under a name.

    Parameters
    ----------
    name : str
        What took them.
    seconds : float
        How many.

    Examples
    --------
    >>> import ramba as np
    >>> np.reset_timing()
    >>> np.add_time("reading", 0.5)
    >>> np.add_time("reading", 0.25)
    >>> np.get_timing()["reading"]
    Timing(seconds=0.75, times=2)
    """
    with _TALLY.lock:
        _TALLY.add(name, "", seconds)


def add_sub_time(name: str, sub: str, seconds: float) -> None:
    """Count seconds of a part of what has a name: see `add_time`.

    Parameters
    ----------
    name : str
        What they are a part of.
    sub : str
        The part.
    seconds : float
        How many.

    Examples
    --------
    >>> import ramba as np
    >>> np.reset_timing()
    >>> np.add_sub_time("reading", "header", 0.25)
    >>> np.get_timing(details=True)["reading: header"]
    Timing(seconds=0.25, times=1)
    """
    with _TALLY.lock:
        _TALLY.add(name, sub, seconds)


def statistics() -> Statistics:
    """What was done since `reset_timing`: flushes, plans, kernels, bytes, and what NumPy had to compute.

    Returns
    -------
    Statistics
        A named tuple, which prints as a table.

    Examples
    --------
    >>> import ramba as np
    >>> np.reset_timing()
    >>> total = float(np.ones(100_000).sum())
    >>> done = np.statistics()
    >>> done.flushes, done.kernels_run, done.fallbacks
    (1, 1, {})
    """
    tally = _told()
    with tally.lock:
        counts = {name: tally.counts[name] for name in Statistics._fields if name != "fallbacks"}
        return Statistics(**counts, fallbacks=dict(tally.fallbacks))


def print_comm_stats() -> None:
    """Print what workers have sent each other since `reset_timing`, and how long they waited for it.

    Examples
    --------
    >>> import ramba as np
    >>> np.reset_timing()
    >>> np.print_comm_stats()
    no messages were sent
    """
    tally = _told()
    with tally.lock:
        rows = sorted(tally.traffic.items())
    lines = [
        f"worker {rank}: {messages:,} messages, {nbytes:,} bytes; {sending:.3f} s sending, {waiting:.3f} s waiting"
        for rank, (messages, nbytes, sending, waiting) in rows
    ]
    print("\n".join(lines) or "no messages were sent")  # noqa: T201 - its purpose


__all__ = [
    "Statistics",
    "Timing",
    "add_sub_time",
    "add_time",
    "get_timing",
    "get_timing_str",
    "print_comm_stats",
    "reset_timing",
    "statistics",
    "timing_summary",
]
