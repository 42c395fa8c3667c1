"""What a worker does when its group becomes another one while the program goes on.

Blocks stay where they are across the epoch (`Carry`, `Resume`), and go from worker to worker once everybody is there
who has some or shall have some (`Relay`). The driver sees none of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ramba.kernels.group import Waiting
from ramba.kernels.layouts import Boxes
from ramba.kernels.relayout import move
from ramba.layout import Box, Partition
from ramba.runtime.collective import Collective
from ramba.runtime.joint import piece_of
from ramba.runtime.messages import Carry, Relay, Resume, dtype_named
from ramba.runtime.pool import Block
from ramba.runtime.transport import TAG_BITS


class Moving:
    """Of one worker."""

    def __init__(self) -> None:
        self.carried: dict[int, Block] = {}  # by the array's number

    def carry(self, command: Carry, array: Callable[[int], Block]) -> None:
        """Keeps blocks until the group is another one."""
        self.carried = {number: array(number) for number in command.arrays}

    def resume(self, command: Resume, arrays: dict[int, Any], group: Collective) -> Waiting[None]:
        """Has them again. Who is new has none; of what everybody had, he gets a copy."""
        carried, self.carried, before = self.carried, {}, command.before
        tag = (command.number << TAG_BITS) - 1
        for kept in command.arrays:
            tag, dtype = tag + 1, dtype_named(kept.dtype)
            if group.rank < before:
                block = carried.pop(kept.number)
                for new in range(before, group.size) if kept.partition.replicated else ():
                    if new % before == group.rank:
                        own = piece_of(block, kept.dtype, kept.partition, group.rank).array
                        group.transport.post(new, tag, group.packed(new, own))
            elif kept.partition.replicated:
                held = group.memory(kept.partition.shape, dtype)
                message = yield from group.receive(group.rank % before, tag)
                held[...] = message.view(dtype).reshape(held.shape)
                block = Block.over(held)
            else:
                block = Block.over(group.memory((0,), dtype))
            arrays[kept.number] = block

    def relay(
        self, command: Relay, arrays: dict[int, Any], array: Callable[[int], Block], group: Collective
    ) -> Waiting[None]:
        """Moves arrays one by one; none is there twice."""
        group.tag = command.number << TAG_BITS
        for moved in command.moves:
            block = array(moved.number)
            if not (moved.partition.replicated and moved.target.replicated):
                own = piece_of(block, moved.dtype, moved.partition, group.rank).array
                target = _seated(moved.target, command.seats, group.size)
                block = Block.over(np.ascontiguousarray((yield from move(group, own, moved.partition, target))))
            del arrays[moved.number]
            arrays[moved.result] = block


def _seated(target: Partition, seats: tuple[int, ...], size: int) -> Boxes:
    """How an array lies in a group whose members will have other ranks, those that leave none."""
    nothing = Box((0,) * len(target.shape), (0,) * len(target.shape))
    ranks = {seat: rank for rank, seat in enumerate(seats)}
    held = [target.block(ranks[seat]) if seat in ranks else nothing for seat in range(size)]
    return Boxes(target.shape, tuple(held))


__all__ = ["Moving"]
