"""An operation on an array and on what an index array picks of another one, in one pass."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ramba.kernels.group import Group, Waiting
from ramba.kernels.layouts import Boxes
from ramba.kernels.local.copy import copy
from ramba.kernels.local.picked import combine
from ramba.kernels.piece import Piece
from ramba.kernels.registry import Type, kernel
from ramba.kernels.relayout import everywhere, move
from ramba.layout.overlap import Box
from ramba.ops import OPS

Axes = tuple[int, ...]


def _type(types: Sequence[Type], op: str, place: int, axis: int, axes: Axes) -> list[Type]:
    dtypes = [types[1].dtype, types[0].dtype] if place == 0 else [types[0].dtype, types[1].dtype]
    return [Type(OPS[op].numpy.resolve_dtypes((*dtypes, None))[2], types[0].shape)]


@kernel(_type)
def combine_picked(
    group: Group, small: int, pieces: Sequence[Piece], op: str, place: int, axis: int, axes: Axes
) -> Waiting[list[Piece]]:
    """``op(a, values[..., index, ...])``, the index array standing at an axis; `place` 0: with the operands swapped.

    `axes` say which of the values' dimensions each of the array's is, -1: none, they are repeated along it.

    Types: an array, values, a vector of integers; what the ufunc gives, in the array's shape.
    Exchanged: the index array, which all workers get, and what each needs of the values.
    Algorithm: NumPy's ufunc on slabs, of what NumPy picks.
    """
    a, values, index = pieces
    wanted = tuple([_needed(a.partition.block(rank), values.shape, axis, axes) for rank in range(group.size)])
    some = yield from move(group, values.array, values.partition, Boxes(values.shape, wanted))
    places = yield from everywhere(group, index)
    box = a.partition.block(group.rank)
    here = places[box.start[axis] : box.start[axis] + box.extent[axis]]
    dtype = _type([Type(a.array.dtype, None), Type(some.dtype, None)], op, place, axis, axes)[0].dtype
    out = group.memory(a.array.shape, dtype)
    if out.size:
        combine(group.team, OPS[op].numpy, a.array, _turned(group, some, axes), here, axis, place == 0, out)
    return [Piece(out, a.partition)]


def _needed(box: Box, shape: tuple[int, ...], axis: int, axes: Axes) -> Box:
    """The values that a worker's block of the array is combined with."""
    if 0 in box.extent:
        return Box((0,) * len(shape), (0,) * len(shape))
    ends = [(0, extent) for extent in shape]
    for d, (of, start, extent) in enumerate(zip(axes, *box, strict=True)):
        if of >= 0 and d != axis:
            ends[of] = start, extent
    return Box(tuple([start for start, _ in ends]), tuple([extent for _, extent in ends]))


def _turned(group: Group, values: np.ndarray, axes: Axes) -> np.ndarray:
    """The values with dimensions as the array's, in C order."""
    left = [d for d in range(values.ndim) if d not in axes]  # their extents are 1
    turned = values.transpose(*[d for d in axes if d >= 0], *left)
    made = turned
    if not turned.flags.c_contiguous:
        made = group.memory(turned.shape, turned.dtype)
        copy(group.team, [(made, turned)])
    return made.reshape([1 if d < 0 else values.shape[d] for d in axes])


__all__ = ["combine_picked"]
