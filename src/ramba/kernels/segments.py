"""``op.reduceat``: folds over segments of an axis, which may begin with one worker and end with another."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from ramba.kernels.group import Group, Waiting
from ramba.kernels.layouts import Boxes
from ramba.kernels.local.segments import reduceat as local_reduceat
from ramba.kernels.piece import Piece, cut_along, uncut
from ramba.kernels.registry import Type, kernel
from ramba.kernels.relayout import everywhere, move, to_partition
from ramba.kernels.scan import divisible
from ramba.kernels.swap import by_receiver, swap
from ramba.layout.overlap import Box
from ramba.layout.partition import Partition, partition
from ramba.ops import OPS


class Segments(NamedTuple):
    """The segments of which a worker has elements."""

    starts: np.ndarray  # in the worker's block; of a segment that began with an earlier worker it is 0
    first: int  # the number of the first one
    inherits: bool  # whether the first one began with an earlier worker
    continues: bool  # whether the last one ends with a later worker


@kernel(lambda types, op, axis: [Type(types[0].dtype, None)])  # there is no result if an index is out of bounds
def reduceat(group: Group, small: int, pieces: Sequence[Piece], op: str, axis: int) -> Waiting[list[Piece]]:
    """``op.reduceat(a, starts, axis)``.

    Lines that are whole, or can be made so, each worker folds by itself. Of lines that are cut each worker folds its
    part of every segment; what a segment makes up to a worker's end is carried to the next one. Starts that are not in
    order name segments that overlap: whoever has some of the starts fetches all that lies between them.

    Types: any shape, in the result's dtype, and starts of int64; the same dtype, as many along the axis as there are
        starts.
    Exchanged: the starts; of lines that are cut the starts to the owners of their elements, what is carried, and the
        result to its partition; of starts in any order the elements that they name.
    Algorithm: a segmented fold; see `local.segments` for a block.
    """
    a, starts = pieces
    yield from _check(group, starts, a.shape[axis], op)
    shape = (*a.shape[:axis], starts.size, *a.shape[axis + 1 :])
    lying = uncut(a.shape, (axis,), group.size)
    whole = a.replicated or a.partition.grid[axis] == 1
    if whole or lying.blocks == group.size:
        a = a if whole else (yield from to_partition(group, a, lying))
        made, places = Partition(shape, a.partition.grid), (yield from everywhere(group, starts))
        count = made.block(group.rank).extent[axis]  # none, where there is nothing of the array
        return [Piece(_folded(group, a.array, places[:count], op, axis), made)]
    a = yield from to_partition(group, a, cut_along(a.shape, group.size, axis))
    starts = yield from to_partition(group, starts, cut_along(starts.shape, group.size))
    if (yield from _in_order(group, starts)):
        return [(yield from _carried(group, small, a, starts, op, axis))]
    return [(yield from _fetched(group, a, starts, op, axis))]


def _check(group: Group, starts: Piece, extent: int, op: str) -> Waiting[None]:
    """Raises NumPy's exception, on all workers, for the first start that is outside."""
    here, own = starts.array, [starts.size, 0]
    if len(here) and not 0 <= here.min() <= here.max() < extent:
        strange = np.flatnonzero((here < 0) | (here >= extent))[0]
        own = [starts.partition.block(group.rank).start[0] + strange, here[strange]]
    place, value = min((yield from group.gather(np.array(own, np.int64))).tolist())
    if place < starts.size:
        raise IndexError(f"index {value} out-of-bounds in {op}.reduceat [0, {extent})")


def _folded(group: Group, a: np.ndarray, starts: np.ndarray, op: str, axis: int) -> np.ndarray:
    out = group.memory((*a.shape[:axis], len(starts), *a.shape[axis + 1 :]), a.dtype)
    if out.size:
        local_reduceat(group.team, a, starts, op, axis, out)
    return out


def _in_order(group: Group, starts: Piece) -> Waiting[bool]:
    here = starts.array
    ends = [here[0], here[-1]] if len(here) else [0, 0]
    found = yield from group.gather(np.array([len(here), (here[1:] < here[:-1]).any(), *ends], np.int64))
    held = found[found[:, 0] > 0]
    return bool(not held[:, 1].any() and (held[1:, 2] >= held[:-1, 3]).all())


def _carried(group: Group, small: int, a: Piece, starts: Piece, op: str, axis: int) -> Waiting[Piece]:
    """Of starts in order, on slabs along the axis; a segment's result is with the worker that has its last element."""
    segments = yield from _segments(group, a, starts, axis)
    out = _folded(group, a.array, segments.starts, op, axis)
    front = (slice(None),) * axis
    function, alike = OPS[op].numpy, divisible(op, out.dtype)
    held = [rank for rank in range(group.size) if a.partition.block(rank).extent[axis]]
    for sender, receiver in pairwise(held):
        parcels = {receiver: out[(*front, slice(-1, None))]} if segments.continues and group.rank == sender else {}
        awaited = [sender] if segments.inherits and group.rank == receiver else []
        arrived = yield from group.exchange(parcels, awaited)
        for message in arrived.values():
            first = out[(*front, slice(0, 1))]
            carry = message.view(out.dtype).reshape(first.shape)
            if alike:
                first[...] = function(carry, first)
            else:  # element after element, as NumPy does
                end = segments.starts[1] if len(segments.starts) > 1 else a.array.shape[axis]
                begun = np.concatenate([carry, a.array[(*front, slice(1, end))]], axis)
                begun[(*front, slice(0, 1))] = function(carry, a.array[(*front, slice(0, 1))])
                function.reduce(begun, axis, out.dtype, first, keepdims=True)
    ended = np.ascontiguousarray(out[(*front, slice(0, len(segments.starts) - segments.continues))])
    shape = (*a.shape[:axis], starts.size, *a.shape[axis + 1 :])
    spans = yield from group.gather(np.array([segments.first, ended.shape[axis]], np.int64))
    ends = tuple(_slab(shape, axis, first, count) for first, count in spans.tolist())
    target = partition(shape, group.size, small)
    return Piece((yield from move(group, ended, Boxes(shape, ends), target)), target)


def _slab(shape: tuple[int, ...], axis: int, first: int, count: int) -> Box:
    start, extent = [0] * len(shape), list(shape)
    start[axis], extent[axis] = first, count
    return Box(tuple(start), tuple(extent))


def _segments(group: Group, a: Piece, starts: Piece, axis: int) -> Waiting[Segments]:
    """What each worker has of the segments, by the places at which the slabs of the axis begin."""
    blocks = [a.partition.block(rank) for rank in range(group.size)]
    bounds = np.array([block.start[axis] for block in blocks])
    begin, extent = blocks[group.rank].start[axis], blocks[group.rank].extent[axis]
    order, counts = by_receiver(np.searchsorted(bounds, starts.array, "right") - 1, group.size)
    table = yield from group.gather(counts)
    begun = yield from swap(group, starts.array[order], counts, table[:, group.rank])
    own = np.array(begun[0] if len(begun) else a.shape[axis], np.int64)
    following = min([*(yield from group.gather(own))[group.rank + 1 :].tolist(), a.shape[axis]])
    before = int(table.sum(0)[: group.rank].sum())
    inherits = bool(extent and before and own > begin)
    here = np.concatenate([[begin] * inherits, begun]).astype(np.int64) - begin
    continues = bool(len(here)) and begin + extent < following
    return Segments(here, before - inherits, inherits, continues)


def _fetched(group: Group, a: Piece, starts: Piece, op: str, axis: int) -> Waiting[Piece]:
    """Of starts in any order: each worker folds the segments of its starts, out of the box in which they lie."""
    here, extent = starts.array, a.shape[axis]
    ends = [here[0], here[-1], here.min(), here.max()] if len(here) else [-1] * 4
    found = (yield from group.gather(np.array(ends, np.int64))).tolist()
    wanted, stop = [], extent
    for rank in reversed(range(group.size)):
        first, last, low, high = found[rank]
        after = max(stop, last)  # what ends the last segment: the start after it, or itself
        if rank == group.rank:
            places = here if after == extent or not len(here) else np.append(here, after)
            places = places - low
        wanted.append(_slab(a.shape, axis, low, min(max(high, after) + 1, extent) - low if first >= 0 else 0))
        stop = first if first >= 0 else stop
    block = yield from move(group, a.array, a.partition, Boxes(a.shape, tuple(reversed(wanted))))
    out = _folded(group, block, places, op, axis)[(slice(None),) * axis + (slice(0, len(here)),)]
    made = cut_along((*a.shape[:axis], starts.size, *a.shape[axis + 1 :]), group.size, axis)
    return Piece(np.ascontiguousarray(out), made)


__all__ = ["reduceat"]
