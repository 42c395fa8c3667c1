"""Elements under a mask, and where they are."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np

from ramba.kernels.group import Group, Waiting
from ramba.kernels.layouts import Run, even_run, run_of
from ramba.kernels.local import gather
from ramba.kernels.piece import Piece, is_slabs
from ramba.kernels.registry import Type, kernel
from ramba.kernels.relayout import from_run, move, to_partition
from ramba.kernels.swap import bounds_of
from ramba.layout.partition import Partition, partition, replicated


@kernel(lambda types: [Type(types[0].dtype, None)])
def compress(group: Group, small: int, pieces: Sequence[Piece]) -> Waiting[list[Piece]]:
    """``a[mask]``, in C order; the mask has the array's shape, or that of its first dimensions.

    Types: any array and a mask of its first dimensions; the array's dtype, as many elements as the mask has.
    Exchanged: array and mask, as runs of elements, and how many each worker keeps.
    Algorithm: counts, their prefix sums, then copies: stream compaction; see `local.gather`.
    """
    a, mask = pieces
    row = a.shape[len(mask.shape) :]
    if a.replicated and mask.replicated:
        out = _picked(group, a.array.reshape(mask.size, *row), mask.array.reshape(-1))
        return [Piece(out, replicated(out.shape))]
    run = run_of(a.partition, group.size) if is_slabs(a.partition) else even_run(a.shape, group.size, prod(row))
    unit = max(prod(row), 1)
    # rows without elements have no place in the run: then any share of the mask will do
    marks = tuple(b // unit for b in run.bounds) if prod(row) else even_run(mask.shape, group.size).bounds
    chosen = yield from move(group, mask.array, mask.partition, Run(mask.shape, marks))
    elements = yield from move(group, a.array, a.partition, run)
    out = _picked(group, elements.reshape(len(chosen), *row), chosen)
    bounds = yield from bounds_of(group, len(out))
    return [(yield from from_run(group, small, out, (bounds[-1], *row), tuple(b * prod(row) for b in bounds)))]


def _picked(group: Group, rows: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    if rows.ndim == 1:
        return gather.compress(group.team, group.memory, rows, chosen)
    return rows[chosen]


@kernel(lambda types: [Type(np.dtype(np.int64), None)] * len(types[0].shape))
def nonzero(group: Group, small: int, pieces: Sequence[Piece]) -> Waiting[list[Piece]]:
    """``np.nonzero``: the indices of elements that are not zero, an array for each dimension.

    Types: any shape and dtype; a vector of int64 for each dimension.
    Exchanged: see `argwhere`.
    Algorithm: see `argwhere`.
    """
    if pieces[0].replicated:
        columns = gather.nonzero(group.team, group.memory, pieces[0].array)
        return [Piece(np.ascontiguousarray(column), replicated(column.shape)) for column in columns]
    found = yield from _places(group, small, pieces[0])
    rows = found.array.reshape(len(found.array), len(pieces[0].shape))  # whoever holds nothing has no columns either
    columns = [np.ascontiguousarray(column) for column in rows.T]
    grid = found.partition.grid[:1]
    return [Piece(column, Partition(found.shape[:1], grid)) for column in columns]


@kernel(lambda types: [Type(np.dtype(np.int64), None)])
def argwhere(group: Group, small: int, pieces: Sequence[Piece]) -> Waiting[list[Piece]]:
    """``np.argwhere``: the indices of elements that are not zero, one for each row.

    Types: any shape and dtype; int64, of one row for each element that is not zero.
    Exchanged: the array as runs of elements, the counts of each worker, the rows to their partition.
    Algorithm: counts, their prefix sums, then writing; see `local.positions`.
    """
    return [(yield from _places(group, small, pieces[0]))]


def _places(group: Group, small: int, a: Piece) -> Waiting[Piece]:
    """The indices as rows, cut as an array of one column would be."""
    if a.replicated:
        rows = np.stack(gather.nonzero(group.team, group.memory, a.array), axis=-1)
        return (yield from to_partition(group, Piece(rows, replicated(rows.shape)), _rows(group, small, rows.shape)))
    run = run_of(a.partition, group.size) if is_slabs(a.partition) else even_run(a.shape, group.size)
    elements = yield from move(group, a.array, a.partition, run)
    numbers = gather.flat_nonzero(group.team, group.memory, elements) + run.bounds[group.rank]
    rows = np.stack(np.unravel_index(numbers, a.shape), axis=-1)
    bounds = yield from bounds_of(group, len(rows))
    shape = bounds[-1], len(a.shape)
    target = _rows(group, small, shape)
    cut = Run(shape, tuple(b * shape[1] for b in bounds))
    return Piece((yield from move(group, rows.reshape(-1), cut, target)), target)


def _rows(group: Group, small: int, shape: tuple[int, ...]) -> Partition:
    """Rows that lie as the elements of one column."""
    column = partition(shape[:1], group.size, small)
    return replicated(shape) if column.replicated else Partition(shape, (*column.grid, 1))
