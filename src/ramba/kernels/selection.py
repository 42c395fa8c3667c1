"""Elements at given places of the sorted array, without sorting it across workers: what quantiles are made of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ramba.kernels.group import Group, Waiting
from ramba.kernels.local import select
from ramba.kernels.local import sort as local
from ramba.kernels.piece import Piece, uncut
from ramba.kernels.piece import slabs as cut_along
from ramba.kernels.registry import Type, kernel
from ramba.kernels.relayout import section, to_partition
from ramba.kernels.team import Part, slabs
from ramba.layout.overlap import Box
from ramba.layout.partition import Partition, replicated


@kernel(lambda types, places: [Type(types[0].dtype, (*types[0].shape[:-1], len(places)))])
def order_statistics(
    group: Group, small: int, pieces: Sequence[Piece], places: tuple[int, ...]
) -> Waiting[list[Piece]]:
    """``np.sort(a, axis=-1)[..., [*places]]``; the places are not negative, and they grow."""
    (a,) = pieces
    axis = len(a.shape) - 1
    if not a.replicated and a.size and a.partition.grid[axis] > 1:
        lying = uncut(a.shape, (axis,), group.size)
        if lying.blocks < group.size:
            return [(yield from _line_by_line(group, a, places))]
        a = yield from to_partition(group, a, lying)
    shape = *a.shape[:-1], len(places)
    made = Partition(shape, a.partition.grid)
    out = group.memory(made.block(group.rank).extent, a.array.dtype)
    if out.size:
        _of_rows(group, a.array, list(places), out)
    return [Piece(out, made)]


def _of_rows(group: Group, a: np.ndarray, places: list[int], out: np.ndarray) -> None:
    if a.size == a.shape[-1]:
        out.reshape(-1)[...] = select.order_statistics(group.team, a.reshape(-1), np.array(places, np.int64))
        return

    def part(key: Part) -> None:
        out[key] = np.partition(a[key], places, axis=-1)[..., places]

    slabs(group.team, a.shape, (a.ndim - 1,), part)


def _line_by_line(group: Group, a: Piece, places: tuple[int, ...]) -> Waiting[Piece]:
    """Rows that are fewer than the workers, one after the other."""
    out = np.empty((*a.shape[:-1], len(places)), a.array.dtype)
    box = (*(1,) * (len(a.shape) - 1), a.shape[-1])
    cut = cut_along((a.shape[-1],), group.size)
    for place in np.ndindex(a.shape[:-1]):
        line = yield from section(group, a, Box((*place, 0), box), tuple(range(len(place))), cut)
        out[place] = yield from _of_line(group, line, places)
    return Piece(out, replicated(out.shape))


def _of_line(group: Group, a: Piece, places: tuple[int, ...]) -> Waiting[np.ndarray]:
    """Elements of one sequence, of which each worker has a part.

    Each worker sorts what it has. Then, round by round, everybody proposes the middle of what may still be meant, and
    the weighted median of the proposals rules out at least a quarter of all elements.
    """
    values = group.memory(a.array.shape, a.array.dtype)
    local.sort(group.team, a.array, values, 0)
    wanted = np.array(places, np.int64)
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
