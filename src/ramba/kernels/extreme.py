"""Where the largest or the smallest element is first met."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ramba.kernels.group import Group, Waiting
from ramba.kernels.layouts import linear
from ramba.kernels.local.extreme import argextreme as local_argextreme
from ramba.kernels.piece import Piece, uncut
from ramba.kernels.registry import Type, kernel
from ramba.kernels.relayout import to_partition
from ramba.layout.partition import Partition, replicated


@kernel(lambda types, axis, largest: [Type(np.dtype(np.intp), () if axis is None else _without(types[0].shape, axis))])
def argextreme(
    group: Group, small: int, pieces: Sequence[Piece], axis: int | None, largest: bool
) -> Waiting[list[Piece]]:
    """``np.argmax(a, axis)`` or ``np.argmin``: not a number counts before all numbers, and the first one wins.

    Each worker looks at its block; what travels is a value and a place of each line of a block.

    Types: any shape and dtype that can be ordered; intp of the shape without the axis, or of no dimension.
    Exchanged: a value and its place: of each worker, or of each line of its block to the owner of the result.
    Algorithm: a reduction of pairs; see `local.extreme`.
    """
    (a,) = pieces
    if a.replicated:
        out = _found(group, a.array, axis, largest)
        return [Piece(out, replicated(out.shape))]
    if axis is None or len(a.shape) == 1:
        return [(yield from _of_all(group, a, largest))]
    if a.partition.grid[axis] > a.shape[axis]:  # then some blocks are empty
        a = yield from to_partition(group, a, uncut(a.shape, (axis,), group.size))
    return [(yield from _along(group, a, axis, largest))]


def _found(group: Group, a: np.ndarray, axis: int | None, largest: bool) -> np.ndarray:
    out = group.memory(() if axis is None else _without(a.shape, axis), np.dtype(np.int64))
    if out.size:
        local_argextreme(group.team, a, axis, largest, out)
    return out


def _of_all(group: Group, a: Piece, largest: bool) -> Waiting[Piece]:
    """Of all elements: the place of each worker's own, and the best of them."""
    value, place = np.zeros((), a.array.dtype), np.array(-1, np.int64)
    if a.array.size:
        here = np.unravel_index(int(_found(group, a.array, None, largest)), a.array.shape)
        start = a.partition.block(group.rank).start
        value = a.array[here]
        place = np.array(linear(tuple(int(n) + s for n, s in zip(here, start, strict=True)), a.shape), np.int64)
    values, places = (yield from group.gather(np.asarray(value))), (yield from group.gather(place))
    held = np.argsort(places, kind="stable")
    held = held[places[held] >= 0]
    best = int((np.argmax if largest else np.argmin)(values[held]))
    return Piece(np.array(places[held[best]], np.int64), replicated(()))


def _along(group: Group, a: Piece, axis: int, largest: bool) -> Waiting[Piece]:
    """Along an axis: one value and one place for each line of a block, which the owners of the result compare."""
    here = _found(group, a.array, axis, largest)
    parts = a.partition.grid[axis]
    if parts == 1:
        return Piece(here, Partition(_without(a.shape, axis), _without(a.partition.grid, axis)))
    ends = a.partition._replace(shape=(*a.shape[:axis], parts, *a.shape[axis + 1 :]))
    extent = ends.block(group.rank).extent
    numbers, values = np.zeros(extent, np.int64), np.zeros(extent, a.array.dtype)
    if numbers.size:
        best = np.expand_dims(here, axis)
        numbers[...] = best + a.partition.block(group.rank).start[axis]
        values[...] = np.take_along_axis(a.array, best, axis)
    lying = uncut(ends.shape, (axis,), group.size)
    values = (yield from to_partition(group, Piece(values, ends), lying)).array
    numbers = (yield from to_partition(group, Piece(numbers, ends), lying)).array
    made = Partition(_without(a.shape, axis), _without(lying.grid, axis))
    out = np.zeros(made.block(group.rank).extent, np.int64)
    if out.size:
        best = np.expand_dims((np.argmax if largest else np.argmin)(values, axis), axis)
        out[...] = np.take_along_axis(numbers, best, axis)[(slice(None),) * axis + (0,)]
    return Piece(out, made)


def _without(items: tuple[int, ...], axis: int) -> tuple[int, ...]:
    return items[:axis] + items[axis + 1 :]


__all__ = ["argextreme"]
