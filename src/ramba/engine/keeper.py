"""Opens and closes backends, so that an interrupt leaves the old one, a new one or none, and never half of one.

Backends that start processes are opened and closed by a thread of its own. Signal handlers run on the main thread:
what they raise ends the waiting there, while the work goes on. Whoever wants a backend next waits for its end.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any

from ramba import machine
from ramba.errors import keep_warnings, warn
from ramba.runtime.backend import Backend, open_backend, starts_processes
from ramba.runtime.ending import at_the_end

_PATIENCE = 30.0  # s that the end of the program waits for what it finds half opened


class Keeper:
    """Has the backend of a session, if one is open."""

    def __init__(self) -> None:
        self.backend: Backend | None = None
        self._aside = False  # whether it is closed by a thread of its own
        self._leaving: list[Backend] = []  # to be closed
        self._moving = threading.Lock()  # held by the thread that opens or closes
        self._thread: threading.Thread | None = None
        self._jobs: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()

    def open(self) -> Backend:
        """The backend that is open, or that the settings name."""
        while (backend := self.backend) is None:
            self._do(self._open, starts_processes())
        return backend

    def close(self) -> None:
        """Ends the backend; returns when nothing is left of it."""
        backend = self.backend
        if backend is not None:
            self._leaving.append(backend)
            self.backend = None
        if self._leaving or self._moving.locked():
            self._do(self._close, backend is None or self._aside)

    def abandon(self) -> None:
        """In a forked child: processes are the parent's, and so is the thread that may be at work."""
        self._moving = threading.Lock()
        self._thread = None
        self._leaving.clear()
        if self.backend is not None and self.backend.distributed:
            self.backend = None

    def end(self) -> None:
        """At the end of the program: what is half opened or half closed is waited for, so that it can be ended."""
        if self._moving.acquire(timeout=_PATIENCE):
            self._moving.release()

    def _open(self) -> None:
        self._close()
        if self.backend is None:
            aside, backend = starts_processes(), open_backend()
            self._aside, self.backend = aside, backend

    def _close(self) -> None:
        while self._leaving:
            backend = self._leaving[0]
            if backend is self.backend:  # an interrupt came before it was let go
                self.backend = None
            backend.close()
            self._leaving.remove(backend)

    def _do(self, work: Callable[[], None], aside: bool) -> None:
        """Does some work; aside from this thread, and after what is still going on there."""
        if not aside and not self._moving.locked():
            work()
            return
        done = threading.Lock()
        done.acquire()  # no `join`: an interrupt in the middle of that confuses Python
        problems: list[Any] = []
        warnings: list[Any] = []

        def run() -> None:
            try:
                with self._moving, keep_warnings() as kept:
                    work()
                    warnings.extend(kept)
            except BaseException as problem:
                problems.append(problem)
            finally:
                done.release()

        self._ask(run)
        done.acquire()
        for text, category in warnings:
            warn(text, category)
        if problems:
            raise problems[0]

    def _ask(self, run: Callable[[], None]) -> None:
        """Has the keeper's own thread do something."""
        machine.free_import_lock()
        if self._thread is None or not self._thread.is_alive():
            self._jobs = queue.SimpleQueue()
            self._thread = threading.Thread(target=_work, args=(self._jobs,), name="ramba-keeper", daemon=True)
            self._thread.start()
        self._jobs.put(run)


def _work(jobs: queue.SimpleQueue[Callable[[], None]]) -> None:
    """Does one job after the other, for ever: Linux ends Ray's processes with the thread that started them."""
    while True:
        jobs.get()()


KEEPER = Keeper()
at_the_end(KEEPER.end)

__all__ = ["KEEPER", "Keeper"]
