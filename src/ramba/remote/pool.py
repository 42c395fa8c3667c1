"""Calls on threads of this process: compiled code runs beside Python's, which takes turns."""

from __future__ import annotations

import collections
import contextlib
import os
import queue
import threading
import time
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ramba import config
from ramba.remote.futures import Ref, after, failure_of, when_one_waits
from ramba.remote.handles import ActorHandle

if TYPE_CHECKING:
    from ramba.remote.options import Options

_QUICK = 20e-6  # s that a call takes for which no other thread is woken
_LOOK = 0.01  # s after which a sleeping thread looks whether the others get on
_MANY = 1000  # calls at once that take no processor
_Call = tuple[Ref, Callable[..., Any], tuple[Any, ...], dict[str, Any]]


def settle(ref: Ref, function: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]) -> None:
    """Makes a call; what it gives or raises becomes the future's."""
    try:
        ref.set_result(function(*args, **named))
    except BaseException as problem:
        ref.set_exception(problem)


_Asked = tuple[Ref, str, tuple[Any, ...], dict[str, Any]] | None


class _Here(threading.local):
    pool: Pool | None = None  # whose thread this is


_here = _Here()


class Pool:
    """A number of threads that take calls from one queue; started when there are calls.

    To wake a thread takes longer than a short call. So while calls are quick one thread makes them all, and the others
    look now and then whether it still gets on.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._threads = 0
        self._calls: collections.deque[_Call | None] = collections.deque()
        self._idle: list[Any] = []  # locks of threads that sleep; who takes one out releases it
        self._made = 0  # calls
        self._shortest = 1.0  # s that calls took of late

    def submit(self, ref: Ref, function: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]) -> None:
        """Has a thread make a call."""
        self._calls.append((ref, function, args, named))
        if self._threads < self._size:
            self._threads += 1
            self._start()
        elif self._idle and (self._shortest > _QUICK or len(self._idle) >= self._threads):
            self._wake()

    def lend(self) -> Callable[[], None]:
        """One thread more, while one of them waits for what others do; what it gives is called afterwards."""
        self._threads += 1
        self._start()
        return self._take_back

    def _take_back(self) -> None:
        self._calls.append(None)
        self._wake()

    def _wake(self) -> None:
        with contextlib.suppress(IndexError):
            self._idle.pop().release()

    def _start(self) -> None:
        threading.Thread(target=self._run, name="ramba-task", daemon=True).start()

    def _run(self) -> None:
        """The life of a thread."""
        _here.pool = self
        begin, calls, now = 0.0, self._calls, time.perf_counter
        while True:
            try:
                call = calls.popleft()
            except IndexError:
                self._rest()
                begin = 0.0
                continue
            if call is None:
                self._threads -= 1
                return
            ref, function, args, named = call
            begin = begin or now()
            if ref.begin():
                try:  # as `settle` does: a call of it would be a tenth of what a short function takes
                    ref.set_result(function(*args, **named))
                except BaseException as problem:
                    ref.set_exception(problem)
            del call, ref, function, args, named  # nothing lives because this thread made it last
            begin, before = now(), begin
            self._made += 1
            # the shortest of late: others may hold the interpreter in the middle of a short call
            self._shortest = min(begin - before, self._shortest * 1.1)

    def _rest(self) -> None:
        """Sleeps until there is something to do."""
        lock = threading.Lock()
        lock.acquire()
        self._idle.append(lock)
        while True:
            made = self._made
            if not self._calls or (len(self._idle) < self._threads and self._shortest <= _QUICK):
                woken = lock.acquire(timeout=_LOOK if len(self._idle) < self._threads else -1)
                if woken:
                    return
                if not self._calls or self._made != made:
                    continue
            try:
                self._idle.remove(lock)
            except ValueError:  # it is being woken
                lock.acquire()
            return


class ThreadActor:
    """An object with a thread of its own, which calls its methods in order."""

    def __init__(self, kind: type, args: tuple[Any, ...], named: dict[str, Any]) -> None:
        self._calls: queue.SimpleQueue[_Asked] = queue.SimpleQueue()
        work = (self._calls, kind, args, named)
        threading.Thread(target=_live, args=work, name=f"ramba-{kind.__name__}", daemon=True).start()

    def call(self, method: str, args: tuple[Any, ...], named: dict[str, Any]) -> Ref:
        """Has a method called after those that were asked for before."""
        ref = Ref()
        self._calls.put((ref, method, args, named))
        return ref

    def close(self) -> None:
        """Ends the thread when it has done all that was asked for."""
        self._calls.put(None)


def _live(calls: queue.SimpleQueue[_Asked], kind: type, args: tuple[Any, ...], named: dict[str, Any]) -> None:
    """The life of an actor."""
    made = Ref()
    made.begin()
    _settle_when_ready(made, kind, args, named)
    problem = made.exception()
    while (call := calls.get()) is not None:
        ref, method, args, named = call
        if not ref.begin():
            continue
        if problem is not None:
            ref.set_exception(problem)
        else:
            _settle_when_ready(ref, getattr(made.result(), method), args, named)
        del call, ref, args, named


def _settle_when_ready(ref: Ref, function: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]) -> None:
    """Makes a call with the values of futures among its arguments: it waits for them, and with it all later ones."""
    try:
        args, named = values_of(args, named)
    except BaseException as problem:
        ref.set_exception(problem)
        return
    settle(ref, function, args, named)


def values_of(args: tuple[Any, ...], named: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Arguments with the values of futures in their places."""
    return (
        tuple([arg.result() if isinstance(arg, Ref) else arg for arg in args]),
        {name: arg.result() if isinstance(arg, Ref) else arg for name, arg in named.items()},
    )


def refs_in(args: tuple[Any, ...], named: dict[str, Any]) -> list[Ref]:
    """The futures among arguments that are not settled without an exception."""
    found = [arg for arg in (*args, *named.values()) if type(arg) is Ref]
    return [ref for ref in found if not ref.done() or ref.cancelled() or ref.exception() is not None]


def when_ready(ref: Ref, args: tuple[Any, ...], named: dict[str, Any], then: Callable[..., None]) -> None:
    """Calls a function with the arguments' values, once they are there; fails the future if one of them failed."""
    refs = refs_in(args, named)

    def go_on() -> None:
        problem = failure_of(refs)
        if problem is None:
            then(*values_of(args, named))
        elif ref.begin():
            ref.set_exception(problem)

    if refs:
        after(refs, go_on)
    else:
        go_on()


class OnThreads:
    """Runs calls and actors in this process."""

    def __init__(self) -> None:
        self._pools: dict[float | None, Pool] = {}  # by processors of one call
        _runners.add(self)

    def submit(
        self, function: Callable[..., Any], options: Options, args: tuple[Any, ...], named: dict[str, Any]
    ) -> Ref:
        """Has a function called."""
        ref = Ref()
        pool = self._pools.get(options.num_cpus) or self._pool(options)
        for arg in args:
            if type(arg) is Ref:
                break
        else:
            if not named:
                pool.submit(ref, function, args, named)
                return ref
        when_ready(ref, args, named, lambda values, names: pool.submit(ref, function, values, names))
        return ref

    def start(self, kind: type, options: Options, args: tuple[Any, ...], named: dict[str, Any]) -> ActorHandle:
        """Makes an actor."""
        options.check_here(config.current().num_threads)
        return ActorHandle(kind, ThreadActor(kind, args, named))

    def _pool(self, options: Options) -> Pool:
        threads = config.current().num_threads
        options.check_here(threads)
        each = 1.0 if options.num_cpus is None else options.num_cpus
        size = int(threads / each) if each else _MANY
        return self._pools.setdefault(options.num_cpus, Pool(size))


_runners: weakref.WeakSet[OnThreads] = weakref.WeakSet()


def _wait_begins() -> Callable[[], None]:
    return _here.pool.lend() if _here.pool is not None else _nothing


def _nothing() -> None:
    """No thread was lent."""


when_one_waits(_wait_begins)


def _after_fork() -> None:
    for runner in list(_runners):
        runner._pools.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)

__all__ = ["OnThreads", "Pool", "ThreadActor", "refs_in", "settle", "values_of", "when_ready"]
