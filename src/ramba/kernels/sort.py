"""Sorting: along an axis that is whole locally, else by samples of what every worker has.

Parallel sorting by regular sampling (Shi and Schaeffer, 1992): sorted blocks are cut at splitters that samples of all
blocks give, and every worker merges what lies between two of them. Equal elements are cut by their position, so that
an array of equal elements is shared out evenly too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ramba.kernels.group import Group, Waiting
from ramba.kernels.layouts import Run
from ramba.kernels.local import select
from ramba.kernels.local import sort as local
from ramba.kernels.piece import Piece, cut_along, uncut
from ramba.kernels.registry import Type, kernel, same
from ramba.kernels.relayout import move, section, to_partition
from ramba.kernels.swap import bounds_of, swap
from ramba.kernels.team import Part, slabs
from ramba.layout.overlap import Box

SAMPLES = 64  # of each worker: a worker ends with at most a few hundredths more than its share, usually


class Sorted(NamedTuple):
    """What one worker has of a sorted sequence."""

    values: np.ndarray
    numbers: np.ndarray  # the positions they came from; empty if nobody asks
    bounds: tuple[int, ...]  # how many elements the workers before have


@kernel(same)
def sort(group: Group, small: int, pieces: Sequence[Piece], axis: int) -> Waiting[list[Piece]]:
    """``np.sort`` along an axis; what is not a number comes last.

    Types: any shape and dtype that NumPy sorts; the same.
    Exchanged: the array, so that no line is cut; of fewer lines than workers samples, counts and every element
        once.
    Algorithm: above; see `local.sort` for a block.
    """
    return [(yield from _along(group, pieces[0], axis, numbered=False))]


@kernel(lambda types, axis, stable: [Type(np.dtype(np.intp), types[0].shape)])
def argsort(group: Group, small: int, pieces: Sequence[Piece], axis: int, stable: bool) -> Waiting[list[Piece]]:
    """``np.argsort`` along an axis; across workers it is always stable.

    Types: any shape and dtype that NumPy sorts; intp of the same shape.
    Exchanged: as in `sort`; with every element its number.
    Algorithm: above; see `local.sort` for a block.
    """
    return [(yield from _along(group, pieces[0], axis, numbered=True, stable=stable))]


@kernel(lambda types, kth, axis: [types[0]])
def partition(
    group: Group, small: int, pieces: Sequence[Piece], kth: tuple[int, ...], axis: int
) -> Waiting[list[Piece]]:
    """``np.partition`` along an axis; where the axis is cut, all is sorted.

    Types: any shape and dtype that NumPy sorts; the same.
    Exchanged: nothing, or what `sort` does.
    Algorithm: several quickselects on all threads; see `local.select`.
    """
    (a,) = pieces
    if not a.replicated and a.partition.grid[axis] > 1:
        return (yield from sort(group, small, pieces, axis))
    out = group.memory(a.array.shape, a.array.dtype)
    if out.size:
        select.partition(group.team, a.array, out, kth, axis)
    return [Piece(out, a.partition)]


@kernel(lambda types, kth, axis: [Type(np.dtype(np.intp), types[0].shape)])
def argpartition(
    group: Group, small: int, pieces: Sequence[Piece], kth: tuple[int, ...], axis: int
) -> Waiting[list[Piece]]:
    """``np.argpartition`` along an axis; where the axis is cut, all is sorted.

    Types: any shape and dtype that NumPy sorts; intp of the same shape.
    Exchanged: nothing, or what `argsort` does.
    Algorithm: NumPy's introselect, of a part on each thread.
    """
    (a,) = pieces
    if not a.replicated and a.partition.grid[axis] > 1:
        return (yield from argsort(group, small, pieces, axis, True))
    if a.array.ndim == 1 and a.array.size:
        return [Piece(np.argpartition(a.array, kth), a.partition)]  # one line is one thread's: there is nothing to copy
    out = group.memory(a.array.shape, np.dtype(np.intp))

    def part(key: Part) -> None:
        out[key] = np.argpartition(a.array[key], kth, axis)

    if out.size:
        slabs(group.team, out.shape, (axis,), part)
    return [Piece(out, a.partition)]


def _along(group: Group, a: Piece, axis: int, *, numbered: bool, stable: bool = True) -> Waiting[Piece]:
    if not a.replicated and a.partition.grid[axis] > 1:
        lying = uncut(a.shape, (axis,), group.size)
        if lying.blocks < group.size and group.size > 1:
            return (yield from _line_by_line(group, a, axis, numbered=numbered))
        a = yield from to_partition(group, a, lying)
    out = group.memory(a.array.shape, np.dtype(np.int64) if numbered else a.array.dtype)
    if out.size and numbered:
        local.argsort(group.team, a.array, out, axis, stable=stable)
    elif out.size:
        local.sort(group.team, a.array, out, axis)
    return Piece(out, a.partition)


def _line_by_line(group: Group, a: Piece, axis: int, *, numbered: bool) -> Waiting[Piece]:
    """The lines along the axis, fewer than workers, one after the other."""
    lying = cut_along(a.shape, group.size, axis)
    out = group.memory(lying.block(group.rank).extent, np.dtype(np.int64) if numbered else a.array.dtype)
    extent, others = a.shape[axis], tuple(d for d in range(len(a.shape)) if d != axis)
    cut = cut_along((extent,), group.size)
    for place in np.ndindex(*(a.shape[d] for d in others)):
        start, box = [*place[:axis], 0, *place[axis:]], [1] * len(a.shape)
        box[axis] = extent
        line = yield from section(group, a, Box(tuple(start), tuple(box)), others, cut)
        found = yield from across(group, line.array, cut.block(group.rank).start[0], numbered=numbered)
        mine = yield from move(group, found.numbers if numbered else found.values, Run((extent,), found.bounds), cut)
        out[(*place[:axis], slice(None), *place[axis:])] = mine
    return Piece(out, lying)


def across(group: Group, a: np.ndarray, first: int, *, numbered: bool) -> Waiting[Sorted]:
    """Sorts what all workers have of one sequence; equal elements keep their order if they are numbered.

    ``first`` is the position of this worker's first element.
    """
    numbers, values = _sorted(group, a, numbered=numbered)
    numbers += first
    splitters, positions = yield from _splitters(group, values, first)
    # of the elements that equal a splitter, those go to its left whose position in the sorted blocks is smaller
    low, high = np.searchsorted(values, splitters, "left"), np.searchsorted(values, splitters, "right")
    cuts = np.concatenate([[0], np.clip(positions - first, low, high), [len(values)]])
    table = yield from group.gather(np.diff(cuts).astype(np.int64))
    values = yield from swap(group, values, table[group.rank], table[:, group.rank])
    if numbered:
        numbers = yield from swap(group, numbers, table[group.rank], table[:, group.rank])
        order, values = _sorted(group, values, numbered=True)
        numbers = local.taken(group.team, numbers, order)
    else:
        _, values = _sorted(group, values, numbered=False)
    bounds = yield from bounds_of(group, len(values))
    return Sorted(values, numbers, bounds)


def _sorted(group: Group, a: np.ndarray, *, numbered: bool) -> tuple[np.ndarray, np.ndarray]:
    """The order of a worker's elements, if it is asked for, and the elements in that order."""
    if not numbered:
        out = group.memory(a.shape, a.dtype)
        local.sort(group.team, a, out, 0)
        return np.empty(0, np.int64), out
    order = group.memory(a.shape, np.dtype(np.int64))
    local.argsort(group.team, a, order, 0)
    return order, local.taken(group.team, a, order)


def _splitters(group: Group, values: np.ndarray, first: int) -> Waiting[tuple[np.ndarray, np.ndarray]]:
    """Values that divide all elements into nearly equal shares, one fewer than workers, and their positions."""
    chosen = np.full(SAMPLES, -1, np.int64)
    count = min(SAMPLES, len(values))
    chosen[:count] = (np.arange(count) * 2 + 1) * len(values) // (2 * max(count, 1))
    samples = np.zeros(SAMPLES, values.dtype)
    samples[:count] = values[chosen[:count]]
    positions = np.where(chosen < 0, -1, chosen + first)
    everybody = (yield from group.gather(samples)).reshape(-1)
    where = (yield from group.gather(positions)).reshape(-1)
    everybody, where = everybody[where >= 0], where[where >= 0]
    if not len(where):
        return np.zeros(group.size - 1, values.dtype), np.zeros(group.size - 1, np.int64)
    order = np.argsort(everybody, kind="stable")  # positions grow with the rank
    shares = order[np.arange(1, group.size) * len(order) // group.size]
    return everybody[shares], where[shares]
