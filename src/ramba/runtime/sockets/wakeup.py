"""Wakes a thread: an `Wakeup` one that sleeps in a poll, by a byte in a pipe; a `Bell` one that only sleeps."""

from __future__ import annotations

import contextlib
import os
import threading


class Wakeup:
    """Rung from any thread, in finalizers too; several rings before it is silenced are one."""

    def __init__(self) -> None:
        self.ear, self._mouth = os.pipe()
        os.set_blocking(self.ear, False)
        os.set_blocking(self._mouth, False)
        self._open = True

    def ring(self) -> None:
        """Ends the sleep, or the next one."""
        if self._open:
            with contextlib.suppress(OSError):  # the pipe is full: it rings anyway
                os.write(self._mouth, b"x")

    def silence(self) -> None:
        """What was rung so far has been heard; whoever calls looks for the reasons afterwards."""
        with contextlib.suppress(OSError):
            os.read(self.ear, 65536)

    def abandon(self) -> None:
        """In a forked child: the pipe is the parent's."""
        self._open = False

    def close(self) -> None:
        """Rings no more."""
        if self._open:
            self._open = False
            os.close(self.ear)
            os.close(self._mouth)


class Bell:
    """Wakes one thread; rung several times before, it rings once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lock.acquire()

    def ring(self) -> None:
        """Something came."""
        if self._lock.locked():
            with contextlib.suppress(RuntimeError):  # another thread was quicker
                self._lock.release()

    def sleep(self, seconds: float) -> bool:
        """Until it rings; signals are handled meanwhile."""
        return self._lock.acquire(timeout=seconds)
