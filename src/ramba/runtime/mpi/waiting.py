"""Waiter without burning a core, and without making others wait.

A rank that waits spins for a moment, if there are cores enough, then sleeps until somebody rings its *bell*: a pipe of
its own, into which ranks of the same host write a byte after each message. From ranks of other hosts it hears nothing,
so it looks for itself, after a fixed share of the time already waited: what took t to come is seen at most t / 8 late.
"""

from __future__ import annotations

import contextlib
import os
import select
import time
from collections.abc import Callable, Iterable

BUSY = 200e-6  # s to spin in the middle of a command: the others are at the same place
IDLE = 50e-6  # s to spin between commands
_COMING = 50e-3  # s to go on spinning while a long message comes: MPI fetches it when it is called
_SHARE = 1 / 8
_SHORTEST = 20e-6  # s; the system adds its timer slack
_LONGEST = 1e-3
_LONGEST_WITH_BELLS = 10e-3  # not for ever, because the ring may come before MPI has sent the message
_LOOKS = 16  # after a ring: MPI may take in one thing of its own at each, before it comes to a message


class Bells:
    """One's own bell, and those of the other ranks on this host.

    A pipe has no name: only processes of the same user find it, through /proc.
    """

    def __init__(self) -> None:
        self.all_ring = False  # whether every rank that sends something also rings
        self._own, self.number = os.pipe()
        os.set_blocking(self._own, False)
        os.set_blocking(self.number, False)
        self._others: dict[int, int] = {}
        self._listening = [self._own]

    def find(self, others: Iterable[tuple[int, int, int]]) -> bool:
        """Opens the bells of others, given by rank, process and number; False if one could not be."""
        try:
            for rank, process, number in others:
                self._others[rank] = os.open(f"/proc/{process}/fd/{number}", os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            return False
        return True

    def ring(self, rank: int) -> None:
        """Wakes a rank, if it can be reached."""
        bell = self._others.get(rank)
        if bell is not None:
            with contextlib.suppress(BlockingIOError):  # it rings already
                os.write(bell, b"!")

    def wake(self) -> None:
        """Rings one's own, from another thread."""
        with contextlib.suppress(BlockingIOError):
            os.write(self.number, b"!")

    def sleep(self, seconds: float) -> bool:
        """Sleeps until the bell rings, at most for so long; whether it rang."""
        if not self._others:
            time.sleep(seconds)
            return False
        rings = bool(select.select(self._listening, (), (), seconds)[0])  # poll counts in milliseconds
        if rings:
            with contextlib.suppress(BlockingIOError):
                os.read(self._own, 4096)
        return rings


class Waiter:
    """How a rank waits.

    Parameters
    ----------
    bells : Bells
        By which it is woken.
    coming, going : callable
        Whether long messages are on their way to here, and from here. For them, nobody rings.
    spins : bool
        Whether there are cores enough for ranks that wait.
    """

    def __init__(self, bells: Bells, coming: Callable[[], bool], going: Callable[[], bool], *, spins: bool) -> None:
        self._bells = bells
        self._coming = coming
        self._going = going
        self._spins = spins

    def ring(self) -> None:
        """Has the rank look at once, whatever it waits for. From any thread."""
        self._bells.wake()

    def wait_until(self, ready: Callable[[], bool], spin: float) -> None:
        """Waits until `ready` says so, which something that rings brings about."""
        start = time.perf_counter()
        if not self._spins:
            spin = 0
        looks = 0
        while not ready():
            looks -= 1
            if looks > 0:
                continue
            waited = time.perf_counter() - start
            coming = self._coming()
            if waited < (_COMING if coming else spin):
                os.sched_yield()  # where there are more ranks than cores, the one that we wait for may go on
            elif self._bells.all_ring and not coming and not self._going():
                looks = _LOOKS if self._bells.sleep(_LONGEST_WITH_BELLS) else 0
            else:
                looks = _LOOKS if self._bells.sleep(_nap(waited)) else 0


def watch_until(ready: Callable[[], bool], limit: float | None = None) -> bool:
    """Waits until `ready` says so, for which nobody rings; False if that took longer than `limit` seconds."""
    start = time.perf_counter()
    while not ready():
        waited = time.perf_counter() - start
        if limit is not None and waited > limit:
            return False
        time.sleep(_nap(waited))
    return True


def _nap(waited: float) -> float:
    return min(max(waited * _SHARE, _SHORTEST), _LONGEST)
