"""Keeps signal handlers from raising where something would be lost.

Between MPI's giving a message and our keeping it that is the message; while Numba compiles the interrupt, as Python
ignores exceptions in finalizers and in callbacks from C: both are under an `InterruptGuard`. An interrupt amid a
finalizer of llvmlite's would have it free something twice: that work is `undisturbed`, where no handler runs.
"""

from __future__ import annotations

import contextvars
import gc
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, TypeVar

R = TypeVar("R")
Handler = Callable[[int, FrameType | None], Any]


class Guard:
    """On a worker: tells whether the main thread is inside. Guards may be entered within each other."""

    def __init__(self) -> None:
        self.depth = 0

    def __enter__(self) -> None:
        self.depth += 1

    def __exit__(self, *exception: object) -> None:
        self.depth -= 1


class InterruptGuard(Guard):
    """On the driver: an interrupt (Ctrl-C) of the main thread comes when the guarded part is over."""

    def __init__(self) -> None:
        super().__init__()
        self._handler: Handler | None = None  # that waits
        self._held: tuple[int, FrameType | None] | None = None

    def __enter__(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return  # handlers do not run here
        if not self.depth:
            handler = signal.getsignal(signal.SIGINT)
            if callable(handler):
                self._handler = handler
                signal.signal(signal.SIGINT, self._hold)
        self.depth += 1

    def __exit__(self, *exception: object) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        if self.depth > 1 or self._handler is None:
            self.depth -= 1
            return
        handler, self._handler = self._handler, None
        self.depth = 0
        signal.signal(signal.SIGINT, handler)
        held, self._held = self._held, None
        if held is not None:
            handler(*held)

    def _hold(self, number: int, frame: FrameType | None) -> None:
        self._held = number, frame


def undisturbed(work: Callable[[], R]) -> R:
    """What some work gives or raises; of the main thread, where signal handlers run, a thread of its own does it.

    An interrupt ends the waiting at once. The work goes on to its end, and nobody gets what it gives.
    """
    if threading.current_thread() is not threading.main_thread():
        return work()
    given: list[R] = []
    problems: list[BaseException] = []
    done = threading.Lock()
    done.acquire()  # no `join`: an interrupt in the middle of that confuses Python

    def run() -> None:
        collecting = gc.isenabled()
        gc.disable()  # a finalizer that used arrays would wait for who waits for this
        try:
            given.append(work())
        except BaseException as problem:
            problems.append(problem)
        finally:
            if collecting:
                gc.enable()
            done.release()

    try:  # at the end of the program it is waited for
        threading.Thread(target=contextvars.copy_context().run, args=(run,), name="ramba-undisturbed").start()
    except RuntimeError:  # the interpreter is ending, or the system grants no more threads
        return work()
    done.acquire()
    if problems:
        raise problems[0]
    return given[0]
