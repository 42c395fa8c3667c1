"""Order statistics of groups: whoever has whole lines sorts the elements of each group."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ramba.kernels.group import Group, Waiting
from ramba.kernels.grouping import checked
from ramba.kernels.local.ranking import quantiles
from ramba.kernels.piece import Piece, uncut, with_axis_at
from ramba.kernels.registry import Type, kernel
from ramba.kernels.relayout import everywhere, to_partition
from ramba.layout.partition import Partition, replicated


def _quantiles(
    types: Sequence[Type],
    axis: int,
    groups: int,
    places: tuple[float, ...],
    skip: bool,
    halves: bool,
    kind: str,
    place: int,
) -> list[Type]:
    shape = types[0].shape
    assert shape is not None
    rest = shape[:axis] + shape[axis + 1 :]
    return [Type(np.dtype(kind), (len(places), *rest[:place], groups, *rest[place:]))]


@kernel(_quantiles)
def quantile_groups(
    group: Group,
    small: int,
    pieces: Sequence[Piece],
    axis: int,
    groups: int,
    places: tuple[float, ...],
    skip: bool,
    halves: bool,
    kind: str,
    place: int,
) -> Waiting[list[Piece]]:
    """Quantiles of the elements that have one code along an axis, with one more axis for the quantiles in front.

    `skip`: nan is left out. `halves`: between two elements lies their mean, as medians have it. An axis that is cut is
    made whole first.

    Types: any shape and dtype that can be ordered, and a vector of codes; the dtype `kind`, a group for each code along
        the axis `place` of those that follow, the others being in order.
    Exchanged: the codes, and the array where the axis is cut.
    Algorithm: elements are sorted by their codes, then each group's order statistics are selected.
    """
    a, codes = pieces
    numbers = checked((yield from everywhere(group, codes)), groups)
    if not a.replicated and a.partition.grid[axis] > 1:
        a = yield from to_partition(group, a, uncut(a.shape, (axis,), group.size))
    shape = (len(places), *a.shape[:axis], groups, *a.shape[axis + 1 :])
    made = replicated(shape) if a.replicated else Partition(shape, (1, *a.partition.grid))
    out = group.memory(made.block(group.rank).extent, np.dtype(kind))
    if out.size:
        quantiles(group.team, a.array, numbers, axis, groups, np.array(places), out, skip, halves)
    return [with_axis_at(Piece(out, made), axis + 1, place + 1)]


__all__ = ["quantile_groups"]
