"""Convolutions of vectors: each worker gets what its outputs read of the long one, and all of the short one."""

from __future__ import annotations

from collections.abc import Sequence

from ramba.kernels.group import Group, Waiting
from ramba.kernels.layouts import Boxes
from ramba.kernels.local.convolution import convolve as local
from ramba.kernels.piece import Piece
from ramba.kernels.registry import Type, kernel
from ramba.kernels.relayout import everywhere, move
from ramba.layout.overlap import Box
from ramba.layout.partition import partition


@kernel(lambda types, start, count: [Type(types[0].dtype, (count,))])
def convolve(group: Group, small: int, pieces: Sequence[Piece], start: int, count: int) -> Waiting[list[Piece]]:
    """``np.convolve(a, v)[start : start + count]`` of vectors of one dtype, neither of them empty.

    Types: two vectors of one dtype; a vector of ``count`` elements of that dtype.
    Exchanged: the elements of the long vector that a worker's outputs read, and all of the short one.
    Algorithm: sums of products, tap by tap, as defined.
    """
    a, v = pieces
    short = yield from everywhere(group, v)
    target = partition((count,), group.size, small)
    blocks = [target.block(rank) for rank in range(group.size)]
    read = [_read(block, start, len(short), a.size) for block in blocks]
    part, first = a.array, 0
    if not a.replicated:
        part = yield from move(group, a.array, a.partition, Boxes(a.shape, tuple(read)))
        first = read[group.rank].start[0]
    out = group.memory(blocks[group.rank].extent, a.array.dtype)
    if out.size:
        local(group.team, part, short, first, a.size, start + blocks[group.rank].start[0], out)
    return [Piece(out, target)]


def _read(block: Box, start: int, taps: int, size: int) -> Box:
    """What the outputs of a block read."""
    low, high = start + block.start[0], start + block.start[0] + block.extent[0]
    begin, end = max(low - taps + 1, 0), min(high, size)
    return Box((begin,), (max(end - begin, 0),)) if block.extent[0] else Box((0,), (0,))


__all__ = ["convolve"]
