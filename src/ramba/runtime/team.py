"""The threads that run tiles: native threads for machine code, Python threads for everything else.

Native threads hold no Python thread state, so they never wait for the interpreter lock, survive its shutdown, and need
nothing from it. They are created at first use, sleep when there is nothing to do, and are created anew after a fork.
"""

from __future__ import annotations

import atexit
import collections
import contextlib
import ctypes
import functools
import os
import threading
import weakref
from collections.abc import Callable
from typing import Any, NamedTuple

from ramba import config
from ramba.codegen import native, run_ir, team_loop
from ramba.codegen.team_layout import Layout
from ramba.runtime import spans
from ramba.runtime.sharing_calls import Helpers, Job, here

DIVIDE, OVERFLOW, UNDERFLOW, INVALID = 1, 2, 4, 8  # floating-point exceptions, in NumPy's numbers

_CHUNKS_PER_THREAD = 64  # one chunk is at most 1.5 % of a thread's share: that much may be uneven at the end
_EXIT_PATIENCE = 100  # times 20 ms that the end of the interpreter waits for a job that is being cancelled
_ALIGNMENT = 64


class _Functions(NamedTuple):
    """The native functions of team_loop, callable from Python; they release the interpreter lock."""

    spawn: Any
    start: Any
    resume: Any
    abandon: Any
    stop: Any


class Team:
    """A fixed number of threads, the calling one included, that run one job at a time."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._closed = False
        self._reset()
        _alive.add(self)

    def _reset(self) -> None:
        self._lock = threading.Lock()  # held during a job
        self._owner = 0  # identity of the Python thread that holds it
        self._block = _ControlBlock()
        self._ids = (ctypes.c_int64 * self.size)()  # of the threads, for pthread_join
        self._threads = 0  # how many were created
        self._created = False  # whether that was tried
        self._helpers = Helpers(self.size - 1)

    def run(self, kernel_address: int, block: int, tiles: int, alone: bool = False) -> int:
        """Run a kernel for the tiles 0 to ``tiles - 1``.

        Parameters
        ----------
        kernel_address : int
            Of a function ``void kernel(ptr args, i64 tile)``, whose code the caller keeps alive.
        block : int
            Address of its argument block, which the caller keeps alive.
        tiles : int
            Number of tiles.
        alone : bool
            Whether the calling thread does them all.

        Returns
        -------
        int
            The floating-point exceptions that it raised: a sum of DIVIDE, OVERFLOW, UNDERFLOW and INVALID.

        Notes
        -----
        Looks for signals every 20 ms or once per tile. When a handler raises (KeyboardInterrupt), tiles that have not
        begun are given up, and the exception passes on when no thread works on this job any more.
        """
        return self._run(kernel_address, block, tiles, alone, _complete)

    def run_watched(self, kernel_address: int, block: int, tiles: int) -> int:
        """As `run`, for a kernel whose loops may never end: each time around, they look whether to leave.

        Where they look is written to the word before the argument block. The calling thread only looks for signals.
        """
        return self._run(kernel_address, block, tiles, False, _complete_watched)

    def _run(self, kernel_address: int, block: int, tiles: int, alone: bool, complete: Callable[..., int]) -> int:
        me = threading.get_ident()
        if alone or tiles <= 1 or self.size == 1 or self._closed or self._owner == me:
            # the last case: a signal handler or finalizer calls, while this very thread waits for its own job
            return _run_alone(kernel_address, block, tiles, complete)
        with self._lock:
            self._owner = me  # no call before it: a signal handler that came in between would wait for this thread
            control = self._block  # kept here: a fork replaces it
            try:
                if not self._created:
                    self._create_threads()
                helpers = min(self._threads, tiles - 1)
                chunk = max(1, tiles // (self.size * _CHUNKS_PER_THREAD))
                raised = complete(control.address, kernel_address, block, tiles, chunk, helpers)
            finally:
                self._owner = 0
            if control.torn and self._closed:
                raise SystemExit  # ends a daemon thread without a word, while the interpreter ends
            if control.torn:
                raise RuntimeError("This job lost its threads: its process forked in the middle of it.")
            return raised

    def map(self, function: Callable[[int], object], count: int) -> None:
        """Call ``function(0)`` to ``function(count - 1)`` on several Python threads, for work that NumPy does.

        The first exception of a call, or a signal, ends it: calls that have not begun are given up.
        """
        self._helpers.map(function, count)

    def map_apart(self, function: Callable[[int], object], count: int) -> None:
        """As `map`, for Python that may never end: on threads of its own, which an interrupt ends within a second.

        What does not end then (a call into a library that takes so long) is left behind.
        """
        job = Job(function, count)
        helpers = [
            threading.Thread(target=job.help, name="ramba-apart", daemon=True) for _ in range(count)[: self.size]
        ]
        try:
            for thread in helpers:
                thread.start()
            job.watch(here.look, len(helpers))
        except BaseException:
            job.unwanted = True
            raise
        finally:
            job.finish(job.disturb)
        if job.problem is not None:
            raise job.problem

    def close(self) -> None:
        """Cancel what runs, and end the threads. Later jobs run on the thread that calls."""
        self._closed = True
        for _ in range(_EXIT_PATIENCE):
            if self._lock.acquire(timeout=0.02):
                break
            self._block.tear()
        else:
            return  # a tile takes seconds: the end of the process ends its thread
        try:
            ids, self._ids, self._threads = self._ids, (ctypes.c_int64 * self.size)(), 0
            if any(ids):
                _functions().stop(self._block.address, ids, sum(map(bool, ids)))
            self._helpers.close()
        finally:
            self._lock.release()

    def __del__(self) -> None:
        if any(getattr(self, "_ids", ())):  # they use the control block, which goes now
            with contextlib.suppress(KeyboardInterrupt):  # Python would ignore it here, with a message
                self.close()

    def log(self) -> None:
        """Has threads write down when they worked, or not: from the next job on."""
        with self._lock:
            self._block.log()

    def after_fork(self) -> None:
        """In the child: the threads are gone. New ones are created at the next use."""
        self._block.tear()
        self._block.empty()
        self._reset()

    def _create_threads(self) -> None:
        _inhabited.append(self._block)
        # a signal may come right after the call: the identities, which the call itself writes, tell what there is.
        # Threads created twice on one control block would not all be found when it is time to stop them
        if not any(self._ids):
            _functions().spawn(self._block.address, self._ids, self.size - 1)
        # the system may grant fewer threads than wanted: the team works with those it has
        self._threads = sum(map(bool, self._ids))
        self._created = True


class _ControlBlock:
    """Memory that all threads of a team see, laid out as team_loop says."""

    def __init__(self) -> None:
        self._memory = ctypes.create_string_buffer(Layout.SIZE + _ALIGNMENT)
        self.address = -(-ctypes.addressof(self._memory) // _ALIGNMENT) * _ALIGNMENT

        self.log()
        self.torn = False  # whether its job was cancelled by a fork or by the end of the interpreter

    def log(self) -> None:
        """Has threads write down when they worked, or not; between two jobs."""
        ctypes.c_int64.from_address(self.address + Layout.LOG).value = spans.address()

    def tear(self) -> None:
        """Let no thread begin another tile, and let the job fail."""
        self.torn = True
        _cancel(self.address)

    def empty(self) -> None:
        """Forget the threads inside: they do not exist in this process."""
        ctypes.c_int32.from_address(self.address + Layout.GATE).value = 0


def current() -> Team:
    """The team that has as many threads as the settings say; the same one until they change."""
    size = config.current().num_threads
    return _teams.get(size) or _teams.setdefault(size, Team(size))


def dismiss() -> None:
    """Ends the threads of all teams; the next `current` is a new one."""
    while _teams:
        try:
            _, team = _teams.popitem()
        except KeyError:
            return
        team.close()


def _run_alone(kernel: int, block: int, tiles: int, complete: Callable[..., int]) -> int:
    """Run a job on this thread; any number of threads may do so at once."""
    try:
        control = _spare_blocks.pop()
    except IndexError:
        control = _ControlBlock()
    try:
        return complete(control.address, kernel, block, tiles, 1, 0)
    finally:
        _spare_blocks.append(control)


def _complete(control: int, kernel: int, block: int, tiles: int, chunk: int, helpers: int) -> int:
    """Run a job to its end, or cancel it; in both cases nobody works on it any more."""
    functions = _functions()
    try:
        status: int = functions.start(control, kernel, block, tiles, chunk, helpers)
        while status == team_loop.UNFINISHED:
            if here.look is not None:
                here.look()
            status = functions.resume(control)
    except BaseException:
        functions.abandon(control)  # no call of Python's before it: another signal could end that, and not the job
        raise
    return status and in_numpy_numbers(status)


def _complete_watched(control: int, kernel: int, block: int, *rest: int) -> int:
    """As `_complete`, on a thread of its own, so that this one hears of signals: a tile may take for ever."""
    ctypes.c_int64.from_address(block - 8).value = control + Layout.CANCEL
    raised: list[int] = []
    job = Job(lambda _: raised.append(_complete(control, kernel, block, *rest)), 1)
    try:
        threading.Thread(target=job.help, name="ramba-watched", daemon=True).start()
    except RuntimeError:  # the interpreter is ending, or the system grants no more threads
        return _complete(control, kernel, block, *rest)
    try:
        job.watch(here.look)
    finally:
        job.finish(lambda: _cancel(control))
    if job.problem is not None:
        raise job.problem
    return raised[0]


def _cancel(control: int) -> bool:
    ctypes.c_int32.from_address(control + Layout.CANCEL).value = 1
    return False


@functools.cache
def in_numpy_numbers(raised: int) -> int:
    """The floating-point exceptions of <fenv.h> as NumPy numbers them."""
    return sum(number for mask, number in team_loop.exceptions().items() if raised & mask)


@functools.cache
def _functions() -> _Functions:
    code = native.build(team_loop.text(), "worker")
    # threads that could not be joined still run it when the interpreter drops its objects
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(code))
    pointer, word, status = ctypes.c_void_p, ctypes.c_int64, ctypes.c_int32
    signatures = {
        "spawn": ctypes.CFUNCTYPE(word, pointer, pointer, word),
        "start": ctypes.CFUNCTYPE(status, pointer, pointer, pointer, word, word, status),
        "resume": ctypes.CFUNCTYPE(status, pointer),
        "abandon": ctypes.CFUNCTYPE(None, pointer),
        "stop": ctypes.CFUNCTYPE(None, pointer, pointer, word),
    }
    return _Functions(**{name: make(code[name]) for name, make in signatures.items()})


_teams: dict[int, Team] = {}  # by size
_alive: weakref.WeakSet[Team] = weakref.WeakSet()
_inhabited: list[_ControlBlock] = []  # kept for ever: a thread looks at its block until the very end
_spare_blocks: collections.deque[_ControlBlock] = collections.deque()  # for jobs without threads


run_ir.RUN_WATCHED[:] = [lambda kernel, block, tiles: _run_alone(kernel, block, tiles, _complete_watched)]


def _after_fork() -> None:
    for team in list(_alive):
        team.after_fork()


def _log() -> None:
    for team in list(_alive):
        team.log()


spans.told.append(_log)


def _at_exit() -> None:
    for team in list(_alive):
        team.close()


atexit.register(_at_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
