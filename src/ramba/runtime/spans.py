"""When the threads of teams worked, besides the one that called: for time lines, and only while somebody wants one.

Native threads write rows of their own into memory that this module keeps, without the interpreter; see `team_loop`.
"""

from __future__ import annotations

import mmap
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ramba.codegen.team_layout import Log

MOST = 1 << 19  # rows of one recording; what is not written to is no memory
SHORTEST = 1e-6  # seconds: a thread that woke up too late for any tile


class Span(NamedTuple):
    """A thread's part of a job."""

    thread: int  # from 1 on, in the order in which they were seen
    begin: float  # seconds since 1970
    seconds: float


class _Rows:
    """Memory that native threads write to."""

    def __init__(self) -> None:
        flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS  # a forked child's is its own
        self._words = np.frombuffer(mmap.mmap(-1, 8 * (Log.HEAD + MOST * Log.ROW), flags=flags), np.int64)
        self._words[Log.ROOM] = MOST
        self.address: int = self._words.__array_interface__["data"][0]
        self._read = 0

    def taken(self) -> list[tuple[int, int, int]]:
        """Rows that were not taken before: thread, begin and end in nanoseconds."""
        last = min(int(self._words[Log.COUNT]), MOST)
        rows = self._words[Log.HEAD :].reshape(MOST, Log.ROW)[self._read : last].tolist()
        written = next((n for n, row in enumerate(rows) if not row[2]), len(rows))  # the others are on their way
        self._read += written
        return [(thread, begin, end) for thread, begin, end in rows[:written]]


class _Recording:
    """What is kept while somebody wants it."""

    def __init__(self) -> None:
        self.rows = _Rows()
        self.python: deque[tuple[int, int, int]] = deque(maxlen=MOST)
        self.threads: dict[int, int] = {}
        self.ahead = time.time_ns() - time.monotonic_ns()  # of the clock that threads look at

    def taken(self) -> list[Span]:
        """What was not taken before."""
        found = self.rows.taken()
        while self.python:
            found.append(self.python.popleft())
        spans = []
        for thread, begin, end in found:
            seconds = (end - begin) / 1e9
            if seconds >= SHORTEST:
                number = self.threads.setdefault(thread, len(self.threads) + 1)
                spans.append(Span(number, (begin + self.ahead) / 1e9, seconds))
        return spans


def address() -> int:
    """Where native threads write; 0 if nobody wants to know."""
    return 0 if _recording is None else _recording.rows.address


def keep() -> None:
    """Records from here on, until `stop` was called as often."""
    global _recording, _wanted
    with _changes:
        _wanted += 1
        if _recording is None:
            _recording = _Recording()
            for tell in told:
                tell()


def stop() -> None:
    """Records no more, if nobody else wants it."""
    global _recording, _wanted
    with _changes:
        _wanted = max(_wanted - 1, 0)
        if not _wanted and _recording is not None:
            _recording, before = None, _recording
            for tell in told:
                tell()
            del before  # nobody writes there any more


def taken() -> list[Span]:
    """The spans that are over and were not taken before."""
    return [] if _recording is None else _recording.taken()


def worked(begin: int) -> None:
    """A Python thread worked from then to now, by `time.monotonic_ns`."""
    recording = _recording
    if recording is not None:
        recording.python.append((-threading.get_ident(), begin, time.monotonic_ns()))


_recording: _Recording | None = None
_wanted = 0
_changes = threading.RLock()
told: list[Callable[[], None]] = []  # who has to know that the address is another one


def _after_fork() -> None:
    global _recording, _wanted, _changes
    _recording, _wanted, _changes = None, 0, threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)

__all__ = ["Span", "address", "keep", "stop", "taken", "told", "worked"]
