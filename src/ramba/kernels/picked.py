"""An operation on an array and on what an index array picks of another one, in one pass."""

from __future__ import annotations

from collections.abc import Sequence

from ramba.kernels.group import Group, Waiting
from ramba.kernels.local.picked import combine
from ramba.kernels.piece import Piece
from ramba.kernels.registry import Type, kernel
from ramba.kernels.relayout import everywhere
from ramba.ops import OPS


def _type(types: Sequence[Type], op: str, place: int, axis: int) -> list[Type]:
    dtypes = [types[1].dtype, types[0].dtype] if place == 0 else [types[0].dtype, types[1].dtype]
    return [Type(OPS[op].numpy.resolve_dtypes((*dtypes, None))[2], types[0].shape)]


@kernel(_type)
def combine_picked(
    group: Group, small: int, pieces: Sequence[Piece], op: str, place: int, axis: int
) -> Waiting[list[Piece]]:
    """``op(a, values[..., index, ...])``, the index array standing at an axis; `place` 0: with the operands swapped.

    The values have as many dimensions as the array, of extent 1 where they are repeated.

    Types: an array, values of as many dimensions, a vector of integers; what the ufunc gives, in the array's shape.
    Exchanged: the values and the index array: all workers get all of them.
    Algorithm: NumPy's ufunc on slabs, of what NumPy picks.
    """
    a, values, index = pieces
    box = a.partition.block(group.rank)
    some, places = (yield from everywhere(group, values)), (yield from everywhere(group, index))
    key = [
        slice(None) if d == axis or extent == 1 else slice(start, start + count)
        for d, (extent, start, count) in enumerate(zip(values.shape, *box, strict=True))
    ]
    here = places[box.start[axis] : box.start[axis] + box.extent[axis]]
    dtype = _type([Type(a.array.dtype, None), Type(some.dtype, None)], op, place, axis)[0].dtype
    out = group.memory(a.array.shape, dtype)
    if out.size:
        combine(group.team, OPS[op].numpy, a.array, some[tuple(key)], here, axis, place == 0, out)
    return [Piece(out, a.partition)]


__all__ = ["combine_picked"]
