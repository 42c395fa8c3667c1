"""The Python threads of a team, for work that machine code does not do: they share the calls of a function."""

from __future__ import annotations

import contextvars
import ctypes
import os
import queue
import threading
import time
from collections.abc import Callable

from ramba.codegen import team_loop
from ramba.runtime import spans

_UNTIL_LEFT_BEHIND = 1.0  # s that interrupted Python may take to end
PATIENCE = team_loop.PATIENCE / 1e9  # s between two looks for signals


class _Here(threading.local):
    """What is known of a thread."""

    look: Callable[[], object] | None = None  # to be called between tiles
    helping: bool = False  # whether it does a part of another one's job


class Helpers:
    """Python threads that wait for work; daemons, so that the interpreter ends without them."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._lock = threading.RLock()  # of their creation, which a signal handler may interrupt
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()  # None ends a thread
        self._started = 0

    def close(self) -> None:
        """Let the threads end when they are idle."""
        for _ in range(self._started):
            self._jobs.put(None)
        self._count = self._started = 0

    def map(self, function: Callable[[int], object], count: int) -> None:
        """Call ``function(0)`` to ``function(count - 1)``; see `Team.map`."""
        job = Job(function, count)
        try:
            for _ in range(self._available(count - 1)):
                self._jobs.put(job)
            job.work(here.look)
        except BaseException:
            job.unwanted = True
            raise
        finally:
            job.finish()
        if job.problem is not None:
            raise job.problem

    def _available(self, wanted: int) -> int:
        """How many threads there are, of those wanted; creates them."""
        wanted = min(wanted, self._count)
        if wanted <= self._started:
            return max(0, wanted)
        with self._lock:
            while self._started < wanted:
                name = f"ramba-python-{self._started + 1}"
                try:
                    threading.Thread(target=_help, args=(self._jobs,), name=name, daemon=True).start()
                except RuntimeError:  # the interpreter is ending, or the system grants no more threads
                    break
                self._started += 1
            return self._started


class _Unwanted(BaseException):
    """Nobody waits any more for what a helper does."""


class Job:
    """Calls of a Python function that several threads share."""

    def __init__(self, function: Callable[[int], object], count: int) -> None:
        self.problem: BaseException | None = None
        self.unwanted = False  # whether nobody waits for what helpers are in the middle of
        self._function = function
        self._numbers = iter(range(count))  # next() is atomic under the interpreter lock
        self._context = contextvars.copy_context()  # np.errstate of the caller
        self._state = threading.Condition()
        self._inside = 0  # helpers
        self._helped = 0  # those that have returned
        self._idents: list[int] = []  # of those inside
        self._left_behind = 0.0  # when those that do not end will be
        self._process = os.getpid()
        self._over = False  # whether calls and helpers that have not begun are given up

    def work(self, look: Callable[[], object] | None = None) -> None:
        """Take numbers and call, until none is left."""
        for number in self._numbers:
            if self._over:
                return
            if look is not None:
                look()
            self._function(number)

    def help(self) -> None:
        """Work as a helper, unless the job is over by now."""
        with self._state:
            if self._over:  # somebody waits for all helpers, those that come too late included
                self._helped += 1
                self._state.notify_all()
                return
            self._inside += 1
            self._idents.append(threading.get_ident())
        here.look = self._look
        here.helping = True
        begin = time.monotonic_ns()
        try:
            self._context.copy().run(self.work)
        except _Unwanted:
            pass
        except BaseException as problem:
            self.problem = problem
            self._over = self.unwanted = True
        finally:
            here.look = None
            here.helping = False
            spans.worked(begin)
            with self._state:
                self._inside -= 1
                self._idents.remove(threading.get_ident())
                self._helped += 1
                self._state.notify_all()

    def _look(self) -> None:
        """What a helper asks while it waits for a kernel that is watched."""
        if self.unwanted:
            raise _Unwanted

    def disturb(self) -> bool:
        """Have Python code of helpers end by an exception; whether it is time to leave them behind."""
        self._left_behind = self._left_behind or time.monotonic() + _UNTIL_LEFT_BEHIND
        for ident in self._idents if self.unwanted else ():
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(ident), ctypes.py_object(_Unwanted))
        return self.unwanted and time.monotonic() > self._left_behind

    def watch(self, look: Callable[[], object] | None, helpers: int = 1) -> None:
        """Wait until so many helpers have returned, and look every 20 ms whether to stop waiting."""
        while True:
            with self._state:
                if self._state.wait_for(lambda: self._helped >= helpers, PATIENCE):
                    return
            if look is not None:
                look()
            if self._is_lost():
                raise RuntimeError("This job lost its threads: its process forked in the middle of it.")

    def _is_lost(self) -> bool:
        """Whether this is the child of a process that forked meanwhile: the helpers are not here."""
        return os.getpid() != self._process

    def finish(self, hurry: Callable[[], bool] | None = None) -> None:
        """Give up what has not begun and wait until every helper has returned.

        Parameters
        ----------
        hurry
            Makes helpers hurry, again and again; true when they are not to be waited for.
        """
        interrupt: BaseException | None = None
        while True:
            try:
                with self._state:
                    self._over = True
                    while self._inside and not self._is_lost():
                        if hurry is not None and hurry():
                            break
                        self._state.wait(PATIENCE)
                break
            except BaseException as problem:  # of a signal handler
                interrupt, self.unwanted = problem, True
        self._function = _nothing  # who returned may hold the job a moment longer, but no arrays
        if interrupt is not None:
            raise interrupt


def _nothing(_: int) -> None:
    """What a finished job would call."""


def look_between_tiles(look: Callable[[], object] | None) -> None:
    """Has this thread call a function every 20 ms while it computes, or none; what that raises ends the job."""
    here.look = look


def is_helping() -> bool:
    """Whether this thread does a part of another one's job, which waits for it."""
    return here.helping


def _help(jobs: queue.SimpleQueue[Job | None]) -> None:
    """The life of a Python thread."""
    while True:
        job = jobs.get()
        if job is None:
            return
        job.help()
        del job  # and with it the arrays of its caller


here = _Here()

__all__ = ["Helpers", "Job", "here", "is_helping", "look_between_tiles"]
