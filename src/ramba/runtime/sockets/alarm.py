"""Wakes a thread that sleeps in a poll: a byte in a pipe."""

from __future__ import annotations

import contextlib
import os


class Alarm:
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
