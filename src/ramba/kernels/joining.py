"""Arrays joined along an axis: every worker gets what its block of the result shows of each of them."""

from __future__ import annotations

from collections.abc import Sequence

from ramba.kernels.group import Group, Waiting
from ramba.kernels.layouts import Boxes
from ramba.kernels.local.copy import copy
from ramba.kernels.piece import Piece
from ramba.kernels.registry import Type, kernel
from ramba.kernels.relayout import move
from ramba.layout.overlap import Box, meet
from ramba.layout.partition import partition


def _joined(shapes: Sequence[tuple[int, ...]], axis: int) -> tuple[int, ...]:
    first = shapes[0]
    return (*first[:axis], sum(shape[axis] for shape in shapes), *first[axis + 1 :])


@kernel(lambda types, axis: [Type(types[0].dtype, _joined([shape for _, shape in types], axis))])
def concatenate(group: Group, small: int, pieces: Sequence[Piece], axis: int) -> Waiting[list[Piece]]:
    """``np.concatenate`` of arrays of one dtype whose shapes fit.

    Types: arrays of one dtype that differ along one axis only; the same dtype.
    Exchanged: the elements of each operand that a worker's block of the result shows and another one holds.
    Algorithm: copies at the speed of memory; see `local.copy`.
    """
    shape = _joined([piece.shape for piece in pieces], axis)
    target = partition(shape, group.size, small)
    out = group.memory(target.block(group.rank).extent, pieces[0].array.dtype)
    start, pairs = 0, []
    for piece in pieces:
        at, mine = start, piece.array
        if group.size > 1:
            shown = [_part(target.block(rank), piece.shape, start, axis) for rank in range(group.size)]
            mine = yield from move(group, piece.array, piece.partition, Boxes(piece.shape, tuple(shown)))
            at += shown[group.rank].start[axis] - target.block(group.rank).start[axis]
        if mine.size:
            pairs.append((out[(*(slice(None),) * axis, slice(at, at + mine.shape[axis]))], mine))
        start += piece.shape[axis]
    copy(group.team, pairs)
    return [Piece(out, target)]


def _part(block: Box, shape: tuple[int, ...], start: int, axis: int) -> Box:
    """What a block of the result shows of an operand that begins at a place along the axis."""
    corner = tuple(start if d == axis else 0 for d in range(len(shape)))
    common = meet(block, Box(corner, shape))
    if common is None:
        return Box((0,) * len(shape), (0,) * len(shape))
    return Box(tuple(s - c for s, c in zip(common.start, corner, strict=True)), common.extent)


__all__ = ["concatenate"]
