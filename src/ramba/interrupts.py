"""Keeps signal handlers from raising where something would be lost.

Between MPI's giving a message and our keeping it that is the message. While Numba compiles it is the interrupt: Python
ignores exceptions in finalizers and in callbacks from C, of which compiling is full.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

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
