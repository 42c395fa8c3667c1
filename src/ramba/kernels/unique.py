"""The distinct elements of an array, how often and where they occur."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ramba.kernels.group import Group, Waiting
from ramba.kernels.layouts import Run, even_run, run_of
from ramba.kernels.local import unique as local
from ramba.kernels.piece import Piece, is_slabs
from ramba.kernels.registry import Type, kernel
from ramba.kernels.relayout import from_run, move
from ramba.kernels.sort import Sorted, across
from ramba.kernels.swap import bounds_of, by_receiver, deal
from ramba.layout.partition import replicated


def _results(types: Sequence[Type], index: bool, inverse: bool, counts: bool) -> list[Type]:
    return [Type(types[0].dtype, None)] + [Type(np.dtype(np.intp), None)] * (index + inverse + counts)


@kernel(_results)
def unique(
    group: Group, small: int, pieces: Sequence[Piece], index: bool, inverse: bool, counts: bool
) -> Waiting[list[Piece]]:
    """``np.unique`` of all elements, what is not a number once; then what else is asked for, in this order.

    Types: any shape and dtype that NumPy sorts; vectors: the elements' dtype, then intp; the inverse has the
        array's shape.
    Exchanged: as in `sort`, then each worker's last element and counts; for the inverse every number twice.
    Algorithm: sorting by samples (see `sort`), then neighbours are compared; see `local.unique` for a block.
    """
    (a,) = pieces
    if not a.size:
        a = Piece(np.empty(a.shape, a.array.dtype), replicated(a.shape))
    if a.replicated:
        arrays = local.unique(group.team, group.memory, a.array.reshape(-1), index, inverse, counts)
        if inverse:
            arrays[1 + index] = arrays[1 + index].reshape(a.shape)
        return [Piece(array, replicated(array.shape)) for array in arrays]
    run = run_of(a.partition, group.size) if is_slabs(a.partition) else even_run(a.shape, group.size)
    elements = yield from move(group, a.array, a.partition, run)
    ordered = yield from across(group, elements.reshape(-1), run.bounds[group.rank], numbered=index or inverse)
    begins = yield from _beginnings(group, ordered)
    starts = np.flatnonzero(begins)
    bounds = yield from bounds_of(group, len(starts))
    results = [(yield from from_run(group, small, ordered.values[starts], bounds[-1:], bounds))]
    if index:
        results.append((yield from from_run(group, small, ordered.numbers[starts], bounds[-1:], bounds)))
    if inverse:
        owners = np.cumsum(begins) + (bounds[group.rank] - 1)
        numbered = yield from _returned(group, ordered.numbers, owners, run)
        results.append((yield from from_run(group, small, numbered, a.shape, run.bounds)))
    if counts:
        lengths = yield from _lengths(group, starts + ordered.bounds[group.rank], ordered.bounds[-1])
        results.append((yield from from_run(group, small, lengths, bounds[-1:], bounds)))
    return results


def _beginnings(group: Group, ordered: Sorted) -> Waiting[np.ndarray]:
    """Which elements differ from the one before."""
    values = ordered.values
    lasts = yield from group.gather(values[-1:] if len(values) else np.zeros(1, values.dtype))
    held = [rank for rank in range(group.rank) if ordered.bounds[rank] < ordered.bounds[rank + 1]]
    if not held:
        return np.concatenate([np.ones(len(values[:1]), bool), _differ(values[:-1], values[1:])])
    return _differ(np.concatenate([lasts[held[-1]], values[:-1]])[: len(values)], values)


def _differ(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    different = p != q
    if p.dtype.kind in "fcmM":
        different &= ~((p != p) & (q != q))  # not a number, or not a time, on both sides
    return different


def _lengths(group: Group, starts: np.ndarray, total: int) -> Waiting[np.ndarray]:
    """How far it is from each start to the next one, which another worker may have."""
    firsts = yield from group.gather(np.array(starts[0] if len(starts) else total, np.int64))
    return np.diff(starts, append=min([total, *firsts[group.rank + 1 :].tolist()]))


def _returned(group: Group, numbers: np.ndarray, values: np.ndarray, run: Run) -> Waiting[np.ndarray]:
    """Values at the positions that their numbers say, each worker's part of the run."""
    receivers = np.searchsorted(run.bounds, numbers, "right") - 1
    order, counts = by_receiver(receivers, group.size)
    nothing = np.empty(0, np.uint8)
    places, arrived = (yield from deal(group, [numbers[order], values[order]], counts, nothing)).columns
    out = group.memory((run.bounds[group.rank + 1] - run.bounds[group.rank],), arrived.dtype)
    out[places - run.bounds[group.rank]] = arrived
    return out
