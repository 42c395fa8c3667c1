"""What a worker keeps when the group is formed anew: copies of its blocks, and of a neighbour's.

Arrays are known by numbers that never come to mean anything else, so what is kept once need not be copied again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ramba.kernels.group import Waiting
from ramba.runtime.collective import Collective
from ramba.runtime.messages import Keep, Kept, Recall, dtype_named
from ramba.runtime.pool import Block
from ramba.runtime.transport import TAG_BITS


class Copies(NamedTuple):
    """One array's."""

    own: np.ndarray
    other: np.ndarray  # of the neighbour before


class Keeping:
    """Of one worker."""

    def __init__(self) -> None:
        self.copies: dict[int, Copies] = {}  # by the array's number

    def keep(self, command: Keep, array: Callable[[int], Block], group: Collective) -> Waiting[None]:
        """Copies what is not kept yet, and forgets what is not wanted any more."""
        if not command.besides:
            self.only(command.arrays)
        for turn, kept in enumerate(command.arrays):
            if kept.number not in self.copies:
                own = _block(array(kept.number), kept, group.rank)
                copy = group.memory(own.shape, own.dtype)
                copy[...] = own
                other = yield from self.shift(copy, kept, command.number, turn, command.shift, group)
                self.copies[kept.number] = Copies(copy, other)

    def shift(
        self, own: np.ndarray, kept: Kept, number: int, turn: int, shift: int, group: Collective
    ) -> Waiting[np.ndarray]:
        """Gives a block to the neighbour after this worker; gets that of the one before."""
        tag, after, before = (number << TAG_BITS) + turn, *_neighbours(group, shift)
        group.transport.post(after, tag, group.packed(after, own))
        return (yield from self.taken(before, before, kept, tag, group))

    def taken(self, source: int, rank: int, kept: Kept, tag: int, group: Collective) -> Waiting[np.ndarray]:
        """A worker's block, as another one sends it."""
        message = yield from group.receive(source, tag)
        dtype = dtype_named(kept.dtype)
        held = group.memory(kept.partition.block(rank).extent, dtype)
        held[...] = message.view(dtype).reshape(held.shape)
        return held

    def recall(self, command: Recall, arrays: dict[int, Any], group: Collective) -> Waiting[None]:
        """Gives arrays the values that were kept; who is new gets them from the neighbours."""
        if group.rank in command.lost:
            self.copies.clear()
        self.only(command.arrays)
        after, before = _neighbours(group, command.shift)
        for turn, kept in enumerate(command.arrays):
            tag = (command.number << TAG_BITS) + 2 * turn
            if before in command.lost:
                group.transport.post(before, tag, group.packed(before, self.copies[kept.number].other))
            if after in command.lost:
                group.transport.post(after, tag + 1, group.packed(after, self.copies[kept.number].own))
            if group.rank in command.lost:
                own = yield from self.taken(after, group.rank, kept, tag, group)
                other = yield from self.taken(before, before, kept, tag + 1, group)
                self.copies[kept.number] = Copies(own, other)
            own = self.copies[kept.number].own
            value = group.memory(own.shape, own.dtype)  # which the program may write over
            value[...] = own
            arrays[kept.number] = Block.over(value)

    def only(self, wanted: tuple[Kept, ...]) -> None:
        """Forgets all others."""
        numbers = {kept.number for kept in wanted}
        for number in self.copies.keys() - numbers:
            del self.copies[number]


def _neighbours(group: Collective, shift: int) -> tuple[int, int]:
    """The worker that has a copy of this one's blocks, and the one whose blocks this one has."""
    return (group.rank + shift) % group.size, (group.rank - shift) % group.size


def _block(block: Block, kept: Kept, rank: int) -> np.ndarray:
    return block.array(dtype_named(kept.dtype), kept.partition.block(rank).extent)


__all__ = ["Keeping"]
