"""What the engine tells those who listen: tests that count kernels, progress displays, traces.

A teller asks first, so that nothing is built when nobody listens::

    if events.listeners:
        events.tell(events.FellBack(function, reason))

Of runs there are many: who needs few of them, as samples, is called before each, and says which he hears of. What is
told of runs (`Began`, `Ran`, `Called`, `Flushed`) goes to those listeners alone::

    if events.run_listeners:
        events.tell_run(events.Ran(spec, tiles, seconds))

Events with ``seconds`` are told when the thing is over: it began so many seconds ago.
"""

from __future__ import annotations

import functools
import os
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Literal, NamedTuple, TypeAlias

Runs: TypeAlias = Literal["no", "some", "all"]  # of which workers tell


class Planned(NamedTuple):
    """A flush was planned, or found in the plan cache."""

    steps: int  # in the plan
    cached: bool  # whether the plan cache had it
    seconds: float
    program: object = None  # what was planned: a `ramba.graph.Program` or a `plan.Assignment` without inputs


class Began(NamedTuple):
    """A run begins."""

    kernels: int  # that its plan has; of several workers, the first one's


class Flushed(NamedTuple):
    """A run is over; on several workers, it was commanded."""

    results: int
    seconds: float
    sent: int = 0  # bytes that the first worker's plan sends to others


class Compiling(NamedTuple):
    """A kernel will become machine code, which takes a while."""

    kernel: str  # its text


class Compiled(NamedTuple):
    """A kernel became machine code."""

    kernel: str  # its name
    cached: bool  # whether the disk cache had it
    seconds: float


class FunctionCompiled(NamedTuple):
    """A function of the user's has machine code."""

    function: str  # its name
    found: str  # "numba": it was compiled; "disk": the disk cache had it; "sent": it came with the function
    seconds: float


class Ran(NamedTuple):
    """A kernel ran to its end."""

    kernel: str  # its text; of a worker's that reports it, its title
    executor: str  # "compiled" or "interpreted"
    tiles: int
    seconds: float
    nbytes: int = 0  # that it reads and writes, by its plan


class Helped(NamedTuple):
    """A thread did its part of a kernel, beside the one that called; told afterwards, and only for time lines."""

    thread: int  # from 1 on
    seconds: float


class Working(NamedTuple):
    """A library kernel is called, a file is read, elements are fetched: until `Called`, `FileRead` or `Gathered`."""

    what: str  # "sort", "reading field.npy", "fetching 80.0 MB"


class Called(NamedTuple):
    """A library kernel ran to its end, the messages of one that all workers run together included."""

    function: str
    seconds: float


class Sent(NamedTuple):
    """A message was packed and handed over."""

    target: int  # a worker; or, with the number of workers, the driver
    tag: int
    nbytes: int
    seconds: float  # packing included


class Received(NamedTuple):
    """A message arrived."""

    source: int
    tag: int
    nbytes: int
    seconds: float  # waited for it


class Commanded(NamedTuple):
    """The driver has a command for the workers that computes something; told only while somebody traces."""

    number: int  # which what workers tell of it has, too: see `OnWorker`


class Broadcast(NamedTuple):
    """Commands went out, to all workers; told only while somebody traces."""

    nbytes: int  # of the message, which goes down a tree of the workers
    seconds: float


class Asking(NamedTuple):
    """The driver begins to wait for all workers."""

    workers: int


class Asked(NamedTuple):
    """All workers have answered."""

    workers: int
    seconds: float


class Clock(NamedTuple):
    """What time it was on a worker when it answered."""

    missed: int  # events since its last answer that it did not keep, because there were too many


class FileRead(NamedTuple):
    """Bytes of a file were read."""

    file: str
    nbytes: int
    seconds: float


class Spilled(NamedTuple):
    """Memory gave way to other memory: it was written to a file."""

    nbytes: int
    seconds: float


class FellBack(NamedTuple):
    """NumPy computed a call that has no native form yet."""

    function: str  # "numpy.sort"
    reason: str
    nbytes: int = 0  # of the large arrays that it is given


class Gathered(NamedTuple):
    """Elements of an array on workers were fetched into the driver's memory."""

    nbytes: int
    seconds: float


class Iterated(NamedTuple):
    """Python begins to go through the elements of an array, one by one."""

    elements: int


class OnWorker(NamedTuple):
    """What a worker tells, which it does only while somebody traces: see `subscribe`."""

    rank: int
    begin: float  # seconds since 1970, by the clock of the worker's host
    event: Began | Compiled | Ran | Helped | Called | Sent | Received | FileRead | Spilled | Clock
    command: int = 0  # that it obeyed: the number of a `Commanded`
    stands_for: int = 1  # commands like it, of which this one is told


Event: TypeAlias = (
    Planned | Began | Flushed | Compiling | Compiled | FunctionCompiled | Ran | Helped | Working | Called | Sent
    | Received | Commanded | Broadcast | Asking | Asked | Clock | FileRead | Spilled | FellBack | Gathered | Iterated
    | OnWorker
)  # fmt: skip
Listener = Callable[[Event], object]


class Block(NamedTuple):
    """What a worker tells at once, as it came: it is read when somebody wants to know."""

    length: int  # events in it
    content: bytes
    read: Callable[[bytes], Sequence[OnWorker]]

    def events(self) -> Sequence[OnWorker]:
        """All of it. What cannot be read is a `ProtocolError`."""
        return self.read(self.content)


TRAVELLING: dict[str, type] = {
    kind.__name__: kind for kind in (Compiled, Ran, Helped, Called, Sent, Received, FileRead, Spilled, Clock)
}

listeners: tuple[Listener, ...] = ()  # replaced, never changed: tellers read it without a lock
run_listeners: tuple[Listener, ...] = ()  # who hears of the run that goes on, or begins
before_run: tuple[Callable[[], object], ...] = ()  # called before each run: see `subscribe`
tracers: tuple[Listener, ...] = ()  # those of them who want to hear the workers, too
traced: Runs = "no"  # runs of workers that they are told of

_every_run: tuple[Listener, ...] = ()  # who hears of all runs
_unread: dict[Listener, Callable[[Block], object]] = {}  # where tracers want their blocks
_changes = threading.RLock()


class _Aside(threading.local):
    listener: Listener | None = None  # who alone hears what this thread tells


_aside = _Aside()


class Subscription:
    """Ends a subscription, by ``close()`` or at the end of a ``with`` block."""

    def __init__(self, listener: Listener, before: Callable[[], object] | None = None) -> None:
        self._listener = listener
        self._before = before

    def close(self) -> None:
        """Stop listening; closing twice does no harm."""
        global listeners, tracers, before_run, _every_run
        with _changes:
            listeners, tracers, _every_run = (
                tuple(listener for listener in several if listener is not self._listener)
                for several in (listeners, tracers, _every_run)
            )
            before_run = tuple(before for before in before_run if before is not self._before)
            _unread.pop(self._listener, None)
            _settle()

    def __enter__(self) -> Subscription:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def subscribe(
    listener: Listener,
    workers: bool = False,
    before: Callable[[], object] | None = None,
    unread: Callable[[Block], object] | None = None,
) -> Subscription:
    """Call `listener` with every event until the subscription is closed.

    It is called in the thread that tells the event, while the engine works: it should be quick, and may not raise.

    Parameters
    ----------
    listener : callable
        Gets one event at a time.
    workers : bool, optional
        Whether workers shall report what they do as well. They tell it when they are asked for a value, or at
        `ramba.sync`.
    before : callable, optional
        Called without arguments before each run, in the place of telling the listener of it: `hear_run` says that
        he wants to hear of that one. Workers choose by themselves then, and say for how many runs one stands.
    unread : callable, optional
        Gets what workers tell, a `Block` at a time, in the place of the listener: reading it can wait.

    Returns
    -------
    Subscription
        Its ``close()`` ends it, and so does a ``with`` block.

    Examples
    --------
    >>> import ramba
    >>> heard = []
    >>> with ramba.events.subscribe(heard.append):
    ...     total = float(ramba.ones(100_000).sum())
    >>> any(isinstance(event, ramba.events.Ran) for event in heard)
    True
    """
    global listeners, tracers, before_run, _every_run
    with _changes:
        listeners = (*listeners, listener)
        if workers:
            tracers = (*tracers, listener)
        if unread is not None:
            _unread[listener] = unread
        if before is None:
            _every_run = (*_every_run, listener)
        else:
            before_run = (*before_run, before)
        _settle()
    return Subscription(listener, before)


def _settle() -> None:
    """Who is there has changed."""
    global run_listeners, traced
    run_listeners = _every_run
    traced = "no" if not tracers else "all" if any(listener in _every_run for listener in tracers) else "some"


def hear_run(listener: Listener) -> None:
    """Has a listener told of the run that begins now, to its end."""
    global run_listeners
    if listener not in run_listeners:
        run_listeners = (*run_listeners, listener)


def hear_no_run(listener: Listener) -> None:
    """Has a listener told no more of the run that `hear_run` had him told of."""
    global run_listeners
    run_listeners = tuple(heard for heard in run_listeners if heard is not listener)


class _Run:
    """What runs without a plan, a call that is made now: listeners choose it as they choose other runs."""

    def __enter__(self) -> None:
        for begins in before_run:
            begins()

    def __exit__(self, *exception: object) -> None:
        global run_listeners
        run_listeners = _every_run


_THE_RUN = _Run()


def run() -> _Run:
    """A block that is a run by itself, without `Began` and `Flushed`."""
    return _THE_RUN


def tell(event: Event) -> None:
    """Pass `event` to everybody who listens."""
    alone = _aside.listener
    if alone is not None:
        alone(event)
        return
    for listener in listeners:
        listener(event)


def tell_block(block: Block) -> None:
    """Pass what a worker tells to those who want to hear workers."""
    read: Sequence[OnWorker] | None = None
    for listener in tracers:
        unread = _unread.get(listener)
        if unread is not None:
            unread(block)
            continue
        read = block.events() if read is None else read
        for event in read:
            listener(event)


def tell_run(event: Event) -> None:
    """Pass what is said of a run to everybody who hears of this one."""
    global run_listeners
    alone = _aside.listener
    if alone is not None:
        alone(event)
        return
    for listener in run_listeners:
        listener(event)
    if type(event) is Flushed:
        run_listeners = _every_run


@contextmanager
def aside(listener: Listener) -> Iterator[None]:
    """What this thread tells in the block, only `listener` hears: a worker's events, in the process of the driver."""
    before = _aside.listener
    _aside.listener = listener
    try:
        yield
    finally:
        _aside.listener = before


def _after_fork() -> None:
    global _changes
    _changes = threading.RLock()  # another thread may have held it, and is not here


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


@functools.lru_cache(maxsize=4096)
def title(kernel: str) -> str:
    """A short name for the text of a kernel: its operations, in order."""
    # of a digest the name is enough
    found = re.findall(r"= (\w+)(?:-\w+)?((?:\.\d)?)\(|(fold \w+)", kernel)
    names = [function + which or fold for function, which, fold in found]
    more = f", ... ({len(names)} operations)" if len(names) > 8 else ""
    return ", ".join(names[:8]) + more if names else "copy" if "load" in kernel else "fill"
