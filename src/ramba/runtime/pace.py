"""Which of many runs are told of, so that to tell of them takes a small share of the time."""

from __future__ import annotations

from random import random
from time import perf_counter

AT_LEAST = 0.02  # seconds, after which the next run is told of if that is not dear
MOST_SKIPPED = 100  # runs, about, between two that are told of


class Pace:
    """One in so many runs, by what it takes to tell of one, and how long runs are."""

    def __init__(self, share: float, first: float) -> None:
        self._share = share  # of the time that telling may take
        self._left = first  # seconds that telling of all runs may take, before some are left out
        self._since = 0  # runs that were begun since the last one that was told of
        self._each = 1
        self._last, self._patience = perf_counter(), 0.0

    def due(self) -> int:
        """A run begins: for how many it stands if it is to be told of, else 0."""
        self._since += 1
        if self._since < self._each and perf_counter() - self._last < self._patience:
            return 0
        many, self._since = self._since, 0
        return many

    def alone(self, many: int) -> None:
        """The run that `due` has just said this of is like no other: it is told of, and stands for itself."""
        self._since += many - 1

    def told(self, cost: float, seconds: float) -> None:
        """A run that took so many seconds is over, and was told of at this cost."""
        self._last = perf_counter()
        self._left -= cost
        if self._left > 0:
            return
        wait = cost / self._share
        # by their number, with a grain of chance: after a time, more of them would be those that follow a long one
        self._each = int(min(wait / max(seconds, 1e-7), MOST_SKIPPED) * (0.5 + random()))
        self._patience = max(AT_LEAST, 3 * wait)


__all__ = ["Pace"]
