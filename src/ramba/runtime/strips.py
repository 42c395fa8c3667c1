"""Strips of other workers' blocks that are kept as long as their array lives: they are sent once.

An array's value does not change under its number, so neither do its strips. The driver says which are kept (see
`kept_strips`) and gives them numbers that never come to mean anything else. Each worker goes by what it knows itself:
the giver sends what it has not sent, the taker waits for what it does not have. So it does not matter which of them
failed before, or was interrupted: strips travel under a tag of their own, whatever command asks for them.
"""

from __future__ import annotations

import builtins
from collections import deque
from collections.abc import Iterable
from typing import TypeAlias

import numpy as np

from ramba.plan import Fragment, Message, laid
from ramba.runtime.messages import RunPlan
from ramba.runtime.pool import Pool
from ramba.runtime.transport import TAG_BITS, Poison, Transport

STRIPS = 1 << 30  # added to their number for their tag: no command forgets them
_MOST_SPLIT = 4096  # messages whose parts are remembered
_LATE = 64  # numbers of strips that nobody wants and that may still come

Parts: TypeAlias = list[tuple[int, Message]]  # by slot


class Strips:
    """Of one worker."""

    def __init__(self) -> None:
        self.sent: dict[int, set[int]] = {}  # takers, by number
        # messages, by number and giver; or why one is not there
        self.held: dict[int, dict[int, np.ndarray | BaseException]] = {}
        self.arrays: dict[int, set[int]] = {}  # numbers of strips, by the array's
        self.missed = False  # whether this worker failed, and may not have waited for what was sent
        self._split: dict[int, tuple[Message, tuple[int, ...], Parts]] = {}  # by identity: plans are used again
        self._late: deque[int] = deque(maxlen=_LATE)

    def belong(self, command: RunPlan) -> None:
        """What a plan keeps lives as long as its arrays."""
        for _, slot, number in command.strips:
            self.arrays.setdefault(command.inputs[slot], set()).add(number)

    def split(self, message: Message, slots: tuple[int, ...]) -> Parts:
        """A message as one for each of some slots, and one (of slot -1) with the rest."""
        known = self._split.get(id(message))
        if known is not None and known[0] is message and known[1] == slots:
            return known[2]
        found: dict[int, list[Fragment]] = {}
        for piece in message.pieces:
            found.setdefault(piece.source if piece.source in slots else -1, []).append(piece)
        if len(self._split) >= _MOST_SPLIT:
            self._split.clear()
        parts = [(slot, laid(message.peer, pieces)) for slot, pieces in found.items()]
        self._split[id(message)] = message, slots, parts
        return parts

    def find(self, number: int, giver: int, transport: Transport, pool: Pool) -> np.ndarray | None:
        """A message that this worker has, or that has come: that is kept, in memory of this worker's own if it can be.

        Raises
        ------
        MemoryError
            If there was no room for it when it came. Once the driver knows, it will be sent under another number.
        """
        found = self.held.get(number, {}).get(giver)
        if isinstance(found, BaseException):
            raise found.with_traceback(None)
        if found is None:
            try:
                found = transport.collect(giver, tag_of(number))
                if found is not None:
                    self.held.setdefault(number, {})[giver] = found = _own(found, pool)
            except Poison:
                raise
            except BaseException as problem:  # it will not come again
                self.held.setdefault(number, {})[giver] = problem
                raise
        return found

    def drop(self, strips: Iterable[int], arrays: Iterable[int], transport: Transport) -> None:
        """Forgets strips, and those of arrays."""
        gone = set(strips)
        for array in arrays:
            gone |= self.arrays.pop(array, set())
        for number in gone:
            self.sent.pop(number, None)
            self.held.pop(number, None)
        if self.missed:
            self._late.extend(gone)
        if self._late:  # they are asked for in turn
            for giver in range(transport.size):
                plainly(transport).collect(giver, tag_of(self._late[0]))
            self._late.rotate()


def tag_of(number: int) -> int:
    """The tag of the messages with strips."""
    return (STRIPS + number) << TAG_BITS


def _own(content: np.ndarray, pool: Pool) -> np.ndarray:
    try:
        held = pool.filled(max(content.nbytes, 1)).array(np.dtype(np.uint8), content.shape)
    except builtins.MemoryError:
        return content
    held[...] = content
    return held


def plainly(transport: Transport) -> Transport:
    """A transport that tells nobody what it is asked for."""
    plain: Transport = getattr(transport, "plain", transport)
    return plain


__all__ = ["Strips", "plainly", "tag_of"]
