"""Which worker makes which call: the one that has least to do, if it has processors left.

While calls are over as soon as they are sent, a few more than that are sent ahead: a worker need not wait for the next.
"""

from __future__ import annotations

import collections
from typing import Any

from ramba.remote.options import Options

_QUICK = 2e-3  # s from its sending until the answer, for which another call is sent ahead
_AHEAD = 4  # calls


class Scheduler:
    """Calls that wait, and what each worker is doing. Not for several threads at once."""

    def __init__(self, processors: list[int]) -> None:
        self.processors = processors  # of each worker
        self._busy = [0.0] * len(processors)
        self._living = [0] * len(processors)  # actors
        self._usable = len(processors)  # the first ones: others are about to leave
        self._ahead = 0
        self._waiting: collections.deque[tuple[Any, float]] = collections.deque()

    def add(self, call: Any, options: Options) -> None:
        """A call wants to be made."""
        self._waiting.append((call, cost(options)))

    def only(self, workers: int) -> None:
        """From now on only the first ones are given anything."""
        self._usable = min(workers, len(self.processors))

    def resize(self, processors: list[int]) -> None:
        """There are other workers: more, or fewer."""
        self.processors = processors
        self._usable = len(processors)
        for load in (self._busy, self._living):
            del load[len(processors) :]
            load += [0] * (len(processors) - len(load))

    def next(self) -> tuple[Any, int] | None:
        """The next call that can be made, and the worker that shall; None if all are busy."""
        if not self._waiting:
            return None
        call, wanted = self._waiting[0]
        rank = min(range(self._usable), key=lambda rank: (self._busy[rank] / self.processors[rank], rank))
        if wanted and self._busy[rank] + wanted > self.processors[rank] + self._ahead:
            ranks = zip(range(self._usable), self.processors, strict=False)
            rank = next((r for r, p in ranks if self._busy[r] + wanted <= p + self._ahead), -1)
            if rank < 0:
                return None
        self._waiting.popleft()
        self._busy[rank] += wanted
        return call, rank

    def done(self, rank: int, options: Options, seconds: float = 1.0) -> None:
        """A worker has made a call, so long after it was told of it."""
        self._ahead = _AHEAD if seconds < _QUICK * (1 + self._busy[rank]) else 0
        self._busy[rank] -= cost(options)

    def home(self) -> int:
        """The worker for one more actor."""
        rank = min(range(self._usable), key=lambda rank: (self._living[rank] / self.processors[rank], rank))
        self._living[rank] += 1
        return rank

    def left(self, rank: int) -> None:
        """An actor is no more."""
        self._living[rank] -= 1

    def dropped(self) -> list[Any]:
        """All calls that wait; they do not any more."""
        found = [call for call, _ in self._waiting]
        self._waiting.clear()
        return found


def cost(options: Options) -> float:
    """Processors that a call takes."""
    return 1.0 if options.num_cpus is None else options.num_cpus


__all__ = ["Scheduler", "cost"]
