"""Elements at given places of the sorted array, without sorting it across workers: what quantiles are made of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ramba.kernels.group import Group, Waiting
from ramba.kernels.local import select
from ramba.kernels.local import sort as local
from ramba.kernels.piece import Piece, cut_along, uncut
from ramba.kernels.registry import Type, kernel
from ramba.kernels.relayout import everywhere, section, to_partition
from ramba.kernels.team import Part, slabs
from ramba.layout.overlap import Box
from ramba.layout.partition import Partition, replicated

SHORT = 1 << 14  # elements of a row: shorter ones are sorted all together; of 1000 elements in a sixth of the time


@kernel(lambda types, places: [Type(types[0].dtype, (*(types[0].shape or ())[:-1], len(places)))])
def order_statistics(
    group: Group, small: int, pieces: Sequence[Piece], places: tuple[int, ...]
) -> Waiting[list[Piece]]:
    """``np.sort(a, axis=-1)[..., [*places]]``; the places are not negative, and they grow.

    Types: any shape and dtype that can be ordered; the same dtype, and one element for each place in the last axis.
    Exchanged: rows, so that none is cut; of fewer rows than workers one proposal, its weight and two counts for
        each place and round.
    Algorithm: the weighted median of medians (Saukas and Song, "A note on parallel selection", 1999); see
        `local.select`.
    """
    (a,) = pieces
    shape = *a.shape[:-1], len(places)
    whole = yield from _whole_rows(group, a)
    if whole is None:
        return [(yield from _line_by_line(group, a, np.broadcast_to(np.array(places, np.int64), shape)))]
    made = Partition(shape, whole.partition.grid)
    out = group.memory(made.block(group.rank).extent, a.array.dtype)
    if out.size:
        _of_rows(group, whole.array, np.broadcast_to(np.array(places, np.int64), out.shape), out)
    return [Piece(out, made)]


@kernel(lambda types: [Type(types[0].dtype, types[1].shape)])
def order_statistics_by_row(group: Group, small: int, pieces: Sequence[Piece]) -> Waiting[list[Piece]]:
    """``np.take_along_axis(np.sort(a, axis=-1), places, -1)``; the places are not negative.

    Types: rows that can be ordered, and int64 places for each; the same dtype in the places' shape.
    Exchanged: as in `order_statistics`, and the places.
    Algorithm: see `order_statistics`.
    """
    a, places = pieces
    whole = yield from _whole_rows(group, a)
    if whole is None:
        return [(yield from _line_by_line(group, a, (yield from everywhere(group, places))))]
    wanted = yield from to_partition(group, places, Partition(places.shape, whole.partition.grid))
    out = group.memory(wanted.array.shape, a.array.dtype)
    if out.size:
        _of_rows(group, whole.array, wanted.array, out)
    return [Piece(out, wanted.partition)]


def _whole_rows(group: Group, a: Piece) -> Waiting[Piece | None]:
    """The array with no row divided; None if there are not enough rows for all workers."""
    axis = len(a.shape) - 1
    if a.replicated or not a.size or a.partition.grid[axis] == 1:
        return a
    lying = uncut(a.shape, (axis,), group.size)
    if lying.blocks < group.size:
        return None
    return (yield from to_partition(group, a, lying))


def _of_rows(group: Group, a: np.ndarray, places: np.ndarray, out: np.ndarray) -> None:
    """Writes the elements at places of the order of each row."""
    if a.size == a.shape[-1]:
        out.reshape(-1)[...] = select.order_statistics(group.team, a.reshape(-1), places.reshape(-1))
        return

    def part(key: Part) -> None:
        block, wanted, found = a[key], places[key], out[key]
        first = wanted.reshape(-1, wanted.shape[-1])[0]
        if (wanted == first).all():
            found[...] = np.partition(block, np.unique(first), axis=-1)[..., first]
        elif block.shape[-1] < SHORT:
            found[...] = np.take_along_axis(np.sort(block, axis=-1), wanted, -1)
        else:
            for row in np.ndindex(block.shape[:-1]):
                found[row] = np.partition(block[row], np.unique(wanted[row]))[wanted[row]]

    slabs(group.team, a.shape, (a.ndim - 1,), part)


def _line_by_line(group: Group, a: Piece, places: np.ndarray) -> Waiting[Piece]:
    """Rows that are fewer than the workers, one after the other."""
    out = np.empty(places.shape, a.array.dtype)
    box = (*(1,) * (len(a.shape) - 1), a.shape[-1])
    cut = cut_along((a.shape[-1],), group.size)
    for place in np.ndindex(a.shape[:-1]):
        line = yield from section(group, a, Box((*place, 0), box), tuple(range(len(place))), cut)
        out[place] = yield from _of_line(group, line, places[place])
    return Piece(out, replicated(out.shape))


def _of_line(group: Group, a: Piece, places: np.ndarray) -> Waiting[np.ndarray]:
    """Elements of one sequence, of which each worker has a part.

    Each worker sorts what it has. Then, round by round, everybody proposes the middle of what may still be meant, and
    the weighted median of the proposals rules out at least a quarter of all elements.
    """
    values = group.memory(a.array.shape, a.array.dtype)
    local.sort(group.team, a.array, values, 0)
    wanted = places.astype(np.int64)
    low, high = np.zeros(len(wanted), np.int64), np.full(len(wanted), len(values), np.int64)
    found = np.zeros(len(wanted), values.dtype)
    open_ones = np.ones(len(wanted), bool)
    while open_ones.any():
        proposals = np.zeros(len(wanted), values.dtype)
        mine = low < high
        proposals[mine] = values[(low[mine] + high[mine]) // 2]
        everybody = yield from group.gather(proposals)
        weights = yield from group.gather(high - low)
        pivots = _weighted_medians(everybody, weights)
        less, most = np.searchsorted(values, pivots, "left"), np.searchsorted(values, pivots, "right")
        smaller, up_to = yield from group.reduce(np.stack([less, most]), np.add)
        found[open_ones] = pivots[open_ones]
        before, after = wanted < smaller, wanted >= up_to
        high = np.where(open_ones & before, np.minimum(high, less), high)
        low = np.where(open_ones & after, np.maximum(low, most), low)
        open_ones &= before | after
    return found


def _weighted_medians(proposals: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """For each column the row's element below which lies half of the weight; rows of no weight do not count."""
    found = np.zeros(proposals.shape[1], proposals.dtype)
    for n in range(len(found)):
        held = np.flatnonzero(weights[:, n])
        if len(held):
            order = held[np.argsort(proposals[held, n], kind="stable")]
            sums = np.cumsum(weights[order, n])
            found[n] = proposals[order[np.searchsorted(sums, (sums[-1] + 1) // 2)], n]
    return found
