"""Commands from the driver to all workers, along a binomial tree: each rank hands on what it is given, then obeys.

The ranks below rank r are r + 1, r + 2, r + 4, ... as long as the step is less than the lowest bit of r that is set
(for rank 0, the driver: all steps). So the longest path has log2(size) messages.
"""

from __future__ import annotations

import numpy as np

from ramba.runtime.mpi.channel import Arrival, Channel
from ramba.runtime.mpi.frame import Kind
from ramba.runtime.transport import Unwanted, decoder

_PAUSE = 1 << 60  # added to a command's number: the session ends, another one may follow
_FAREWELL = 1 << 61  # there will be nothing more


def children(rank: int, ranks: int) -> list[int]:
    """The ranks that hear from this one, the largest subtree first."""
    steps = []
    step = 1
    while step < ranks and not rank & step:
        steps.append(step)
        step *= 2
    return [rank + step for step in reversed(steps) if rank + step < ranks]


class Commands:
    """One rank's part: the driver sends; workers receive in order and hand on."""

    def __init__(self, channel: Channel) -> None:
        self.number = 0  # of the last command sent or begun
        self.over = False  # whether there will be nothing more
        self._channel = channel
        self._ranks: int = channel.comm.Get_size()
        self._below = children(channel.comm.Get_rank(), self._ranks)
        self._waiting: dict[int, tuple[int, bytes]] = {}  # by number: what was added to it, and the message
        self._unwanted = Unwanted()

    def send(self, message: bytes) -> None:
        """To everybody, from the driver. After an interrupt `number` tells whether it was sent."""
        self._give(np.frombuffer(message, np.uint8), 0)

    def end(self, *, farewell: bool) -> None:
        """Tells everybody that this session is over, or that all are."""
        self._give(np.empty(0, np.uint8), _FAREWELL if farewell else _PAUSE)

    def cancel(self, first: int = 1, last: int | None = None) -> None:
        """Tells everybody that the results of these commands, by default of all so far, are no longer wanted.

        Straight to each rank: a rank that computes hands nothing on for a while.
        """
        wish = np.array([first, self.number if last is None else last]).view(np.uint8)
        for rank in range(1, self._ranks):
            self._channel.send(rank, Kind.CANCEL, 0, wish)

    def take(self, arrival: Arrival) -> None:
        """Accepts what came from above."""
        if arrival.kind is Kind.CANCEL:
            self._unwanted.add(*_wish(arrival.content))
            return
        assert arrival.kind is Kind.COMMAND, f"nobody expects {arrival.kind.name} here"
        self._hand_on(arrival.tag, arrival.content)
        added = arrival.tag & (_PAUSE | _FAREWELL)
        if arrival.tag - added > self.number:  # else an interrupted driver did not know that it had been sent
            self._waiting[arrival.tag - added] = added, arrival.content.tobytes()

    def ready(self) -> bool:
        """Whether the next command is here; a long one may come after those that follow it."""
        return self.number + 1 in self._waiting

    def begin(self) -> bytes | None:
        """The next command, which is here; None at the end of a session."""
        self.number += 1
        self._unwanted.begin(self.number)
        added, message = self._waiting.pop(self.number)
        self.over = added == _FAREWELL
        return None if added else message

    def unwanted(self) -> bool:
        """Whether what this rank does was cancelled, and it does not know yet."""
        return self._unwanted.untold

    def tell(self) -> None:
        """It knows."""
        self._unwanted.tell()

    def _give(self, content: np.ndarray, added: int) -> None:
        self._hand_on(self.number + 1 + added, content)
        self.number += 1

    def _hand_on(self, tag: int, content: np.ndarray) -> None:
        for rank in self._below:
            self._channel.send(rank, Kind.COMMAND, tag, content)


@decoder("A cancellation")
def _wish(content: np.ndarray) -> tuple[int, int]:
    first, last = content.view(np.int64).tolist()
    return first, last
