"""Commands from the driver to all workers, along a binomial tree: each rank hands on what it is given, then obeys.

The ranks below rank r are r + 1, r + 2, r + 4, ... as long as the step is less than the lowest bit of r that is set
(for rank 0, the driver: all steps). So the longest path has log2(size) messages.
"""

from __future__ import annotations

import numpy as np

from ramba.runtime.mpi.channel import Arrival, Channel, Kind

_END = 1 << 62  # added to the number of the last command


def children(rank: int, ranks: int) -> list[int]:
    """The ranks that hear from this one, the largest subtree first."""
    steps = []
    step = 1
    while step < ranks and not rank & step:
        steps.append(step)
        step *= 2
    return [rank + step for step in reversed(steps) if rank + step < ranks]


class Commands:
    """One rank's part: the driver sends, workers receive in order and hand on."""

    def __init__(self, channel: Channel) -> None:
        self.number = 0  # of the last command sent or begun
        self._channel = channel
        self._ranks = channel.comm.Get_size()
        self._below = children(channel.comm.Get_rank(), self._ranks)
        self._waiting: dict[int, bytes | None] = {}  # by number; None: the end
        self._cancelled = 0  # the last command that was cancelled, and with it all before
        self._told = 0  # the last command whose cancellation was handed out

    def send(self, message: bytes | None) -> None:
        """To everybody, from the driver. None: there will be no more."""
        self.number += 1
        content = np.frombuffer(message or b"", np.uint8)
        self._hand_on(self.number if message is not None else self.number + _END, content)

    def cancel(self) -> None:
        """Tells everybody that the results of all commands so far are no longer wanted.

        Straight to each rank: a rank that computes hands nothing on for a while.
        """
        for rank in range(1, self._ranks):
            self._channel.send(rank, Kind.CANCEL, self.number)

    def take(self, arrival: Arrival) -> None:
        """Accepts what came from above."""
        if arrival.kind is Kind.CANCEL:
            self._cancelled = max(self._cancelled, arrival.tag)
            return
        assert arrival.kind is Kind.COMMAND, f"nobody expects {arrival.kind.name} here"
        self._hand_on(arrival.tag, arrival.content)
        over = arrival.tag >= _END
        self._waiting[arrival.tag % _END] = None if over else arrival.content.tobytes()

    def ready(self) -> bool:
        """Whether the next command is here; a long one may come after those that follow it."""
        return self.number + 1 in self._waiting

    def next(self) -> bytes | None:
        """Begins with the next command, which is here."""
        self.number += 1
        return self._waiting.pop(self.number)

    def cancelled(self) -> bool:
        """Whether what this rank does is no longer wanted; said once for each command."""
        if not self._told < self.number <= self._cancelled:
            return False
        self._told = self.number
        return True

    def _hand_on(self, tag: int, content: np.ndarray) -> None:
        for rank in self._below:
            self._channel.send(rank, Kind.COMMAND, tag, content)
