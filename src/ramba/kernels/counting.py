"""How many elements fall where: bins, numbers, places in a sorted array."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np

from ramba.kernels.group import Group, Waiting
from ramba.kernels.local import histogram as local
from ramba.kernels.local.extreme import span
from ramba.kernels.local.search import searchsorted as local_searchsorted
from ramba.kernels.piece import Piece
from ramba.kernels.points import put
from ramba.kernels.registry import Type, kernel
from ramba.kernels.relayout import everywhere, to_partition
from ramba.layout.partition import partition, replicated

PRIVATE = 1 << 16  # bins up to which every worker counts in all of them


@kernel(lambda types, side: [Type(np.dtype(np.intp), types[1].shape)])
def searchsorted(group: Group, small: int, pieces: Sequence[Piece], side: str) -> Waiting[list[Piece]]:
    """``np.searchsorted(sorted, values, side)``.

    Few values are looked up in every block; else every worker gets all of the sorted array.

    Types: a sorted vector and values of any shape, of dtypes that NumPy compares; intp of the values' shape.
    Exchanged: all values, and how many elements are below each; or, of many values, the whole sorted array.
    Algorithm: binary search; see `local.search`.
    """
    ordered, values = pieces
    if values.size <= ordered.size // group.size and not ordered.replicated:
        wanted = yield from everywhere(group, values)
        before = _places(group, ordered.array, wanted, side)
        found = yield from group.reduce(before, np.add)
        return [Piece(np.asarray(found), replicated(found.shape))]
    everything = yield from everywhere(group, ordered)
    found = _places(group, everything, values.array, side)
    return [Piece(found, values.partition)]


def _places(group: Group, ordered: np.ndarray, values: np.ndarray, side: str) -> np.ndarray:
    out = group.memory(values.shape, np.dtype(np.int64))
    local_searchsorted(group.team, ordered, values, side, out)
    return out


def _counts(types: Sequence[Type], bins: int, limits: tuple[float, float] | None, dtype: str) -> list[Type]:
    weighted = len(types) > (2 if limits is None else 1)
    count = bins if limits is not None else prod(types[1].shape or ()) - 1
    return [Type(types[-1].dtype if weighted else np.dtype(np.intp), (count,))]


@kernel(_counts)
def histogram(
    group: Group, small: int, pieces: Sequence[Piece], bins: int, limits: tuple[float, float] | None, dtype: str
) -> Waiting[list[Piece]]:
    """The counts of ``np.histogram``: for so many bins between limits, or (with no limits) edges as a second piece.

    The limits are numbers of a dtype; of none, if they are Python's: NumPy computes with these otherwise. One more
    piece holds weights.

    Types: numbers of any shape, edges as a vector, weights of the numbers' shape; a vector of intp, or of the
        weights' dtype.
    Exchanged: the edges and each worker's counts.
    Algorithm: private counts, which are added; see `local.histogram`.
    """
    a, *others = pieces
    edges = (yield from everywhere(group, others.pop(0))) if limits is None else None
    if limits is not None and dtype:
        first, last = (np.dtype(dtype).type(end) for end in limits)
        limits = first, last
    weights = (yield from to_partition(group, others[0], a.partition)).array if others else None
    counts = local.histogram(group.team, a.array, bins, limits, edges, weights)
    if not a.replicated:
        counts = np.asarray((yield from group.reduce(counts, np.add)))
    return [Piece(counts, replicated(counts.shape))]


def _numbers(types: Sequence[Type], minlength: int) -> list[Type]:
    weighted = len(types) > 1 and prod(types[0].shape or ()) > 0  # NumPy counts nothing in integers
    return [Type(np.dtype(np.float64 if weighted else np.int64), None)]


@kernel(_numbers)
def bincount(group: Group, small: int, pieces: Sequence[Piece], minlength: int) -> Waiting[list[Piece]]:
    """``np.bincount`` of an array of integers, with a second one of weights if there is one.

    Types: integers of one axis, weights of their shape; a vector of int64, or of float64, as long as the largest
        integer says.
    Exchanged: the smallest and the largest integer, and counts: of up to `PRIVATE` bins everybody's, of more each
        to its owner.
    Algorithm: private counts, which are added; else scattered additions, see `put`.
    """
    x, *weights = pieces
    if group.size == 1 and x.size < local.FEW_NUMBERS:  # NumPy looks for the ends itself
        counts = np.bincount(local.numbers(x.array), weights[0].array if weights else None, minlength)
        return [Piece(counts, replicated(counts.shape))]
    ends = np.array(span(group.team, x.array) if x.array.size else (0, -1), np.int64)
    low, high = (yield from group.gather(ends)).T
    if low.min() < 0:
        np.bincount(np.array([-1]))  # raises NumPy's error
    length = max(int(high.max()) + 1, minlength)
    lying = x.partition
    heavy = None
    if weights and x.size:  # NumPy counts nothing in integers
        heavy = (yield from to_partition(group, weights[0], lying)).array.astype(np.float64, copy=False)
    if x.replicated or length <= max(PRIVATE, small):
        counts = local.bincount(group.team, group.memory, x.array, heavy, length)
        counts = counts.astype(
            np.int64 if heavy is None else np.float64, copy=False
        )  # NumPy counts nothing in integers
        if not x.replicated:
            counts = np.asarray((yield from group.reduce(counts, np.add)))
        return [Piece(counts, replicated(counts.shape))]
    made = partition((length,), group.size, small)
    out = group.memory(made.block(group.rank).extent, np.dtype(np.int64 if heavy is None else np.float64))
    out[...] = 0
    added = Piece(np.ones((), np.int64), replicated(())) if heavy is None else Piece(heavy, lying)
    return (yield from put(group, small, [Piece(out, made), x, added], "add"))
