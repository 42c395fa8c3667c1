"""Running sums and products along an axis that is cut, and reductions in NumPy's own order."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from ramba.kernels.group import Group, Waiting
from ramba.kernels.layouts import Boxes, Layout, boxes, even_run
from ramba.kernels.local import scan as local
from ramba.kernels.piece import Piece, cut_along, uncut
from ramba.kernels.registry import Type, kernel, same
from ramba.kernels.relayout import move, to_partition
from ramba.kernels.team import Part, slabs
from ramba.layout.overlap import Box
from ramba.layout.partition import Partition, partition, replicated
from ramba.ops import OPS


class Line(NamedTuple):
    """The workers along one axis of a grid, and this worker's place among them."""

    ranks: tuple[int, ...]  # those that hold something; none if this worker does not
    at: int

    def neighbour(self, distance: int) -> list[int]:
        """The worker so far away, if there is one."""
        place = self.at + distance
        return [self.ranks[place]] if self.ranks and 0 <= place < len(self.ranks) else []


@kernel(same)
def accumulate(
    group: Group, small: int, pieces: Sequence[Piece], op: str, axis: int, exact: bool
) -> Waiting[list[Piece]]:
    """``op.accumulate`` along an axis: each worker scans its block, then adds what comes before.

    ``exact``: a block that is whole is scanned in one pass, in NumPy's order.

    Products of floats, and everything else where that might change more than the last bits, run from worker to worker.

    Types: any shape, in the result's dtype; the same.
    Exchanged: the last elements along the axis: in rounds, each over twice the distance, or from one worker to the
        next.
    Algorithm: Hillis and Steele, "Data Parallel Algorithms" (1986), over the workers; see `local.scan` for a block.
    """
    (a,) = pieces
    kind = a.array.dtype
    out = group.memory(a.array.shape, kind)
    if a.replicated or a.partition.grid[axis] == 1:
        _locally(group, out, a.array, op, axis, exact)
    else:
        steps = _divided if divisible(op, kind) else _in_turn
        yield from steps(group, out, a, op, axis)
    return [Piece(out, a.partition)]


def divisible(op: str, dtype: np.dtype) -> bool:
    """Whether a sequence may be folded in parts, if the last bits of floats do not count."""
    return OPS[op].associative or (op == "multiply" and dtype.kind in "biu")


def _locally(group: Group, out: np.ndarray, a: np.ndarray, op: str, axis: int, exact: bool = False) -> None:
    if out.size:
        local.accumulate(group.team, out, a, op, axis, exact)


def _divided(group: Group, out: np.ndarray, piece: Piece, op: str, axis: int) -> Waiting[None]:
    """The carries are scanned in rounds, each over twice the distance (Hillis and Steele 1986)."""
    a, lying = piece
    line = _line(lying, axis, group.rank)
    _locally(group, out, a, op, axis)
    function = OPS[op].numpy
    before: np.ndarray | None = None
    total = np.take(out, [-1], axis) if line.ranks else out
    distance = 1
    while distance < lying.grid[axis]:
        to, sources = line.neighbour(distance), line.neighbour(-distance)
        arrived = yield from group.exchange(dict.fromkeys(to, total), sources)
        for message in arrived.values():
            earlier = message.view(total.dtype).reshape(total.shape)
            total = function(earlier, total)
            before = earlier if before is None else function(earlier, before)
        distance *= 2
    if before is not None:
        _combine(group, function, before, out, axis)


def _combine(group: Group, function: np.ufunc, before: np.ndarray, out: np.ndarray, axis: int) -> None:
    """``out = function(before, out)`` on all threads; ``before`` has one element along the axis."""

    def part(key: Part) -> None:
        function(before[(*key[:axis], slice(None), *key[axis + 1 :])], out[key], out=out[key])

    slabs(group.team, out.shape, (), part)


def _in_turn(group: Group, out: np.ndarray, piece: Piece, op: str, axis: int) -> Waiting[None]:
    """Each worker goes on where the one before it ended."""
    a, lying = piece
    line = _line(lying, axis, group.rank)
    function = OPS[op].numpy
    first = (slice(None),) * axis + (slice(0, 1),)
    last = (slice(None),) * axis + (slice(-1, None),)
    for turn in range(lying.grid[axis] - 1):
        mine = bool(line.ranks) and line.at == turn
        if mine:
            _accumulate_in(function, out, a, axis, turn == 0)
        to = line.neighbour(1) if mine else []
        sources = line.neighbour(-1) if line.ranks and line.at == turn + 1 else []
        arrived = yield from group.exchange(dict.fromkeys(to, out[last]), sources)
        for message in arrived.values():
            carry = message.view(out.dtype)
            out[first] = function(carry.reshape(out[first].shape), a[first].astype(out.dtype))
    if line.ranks and line.at == len(line.ranks) - 1:
        _accumulate_in(function, out, a, axis, line.at == 0)


def _accumulate_in(function: np.ufunc, out: np.ndarray, a: np.ndarray, axis: int, begins: bool) -> None:
    """Accumulates into ``out``, whose first elements along the axis are there already unless it begins here."""
    first = (slice(None),) * axis + (slice(0, 1),)
    rest = (slice(None),) * axis + (slice(1, None),)
    if begins:
        out[first] = a[first]
    out[rest] = a[rest]
    function.accumulate(out, axis, out.dtype, out)


def _line(lying: Partition, axis: int, rank: int) -> Line:
    """The workers along an axis through one of them, without those that hold nothing."""
    place = lying.place(rank)
    if place is None or 0 in lying.block(rank).extent:
        return Line((), 0)
    ranks = [lying.rank((*place[:axis], n, *place[axis + 1 :])) for n in range(lying.grid[axis])]
    held = tuple(r for r in ranks if 0 not in lying.block(r).extent)
    return Line(held, held.index(rank))


def _rest(types: Sequence[Type], op: str, axes: tuple[int, ...]) -> list[Type]:
    dtype, shape = types[0]
    return [Type(dtype, tuple(e for d, e in enumerate(shape or ()) if d not in axes))]


@kernel(_rest)
def reduce(group: Group, small: int, pieces: Sequence[Piece], op: str, axes: tuple[int, ...]) -> Waiting[list[Piece]]:
    """``op.reduce`` over axes, element after element in C order: a product of floats has NumPy's bits.

    Types: any shape, in the result's dtype; without the axes.
    Exchanged: the array, so that no line is cut; where it must be, the partial result of one worker to the next.
    Algorithm: a chain, because the order of the operations is NumPy's.
    """
    (a,) = pieces
    shape = tuple(e for d, e in enumerate(a.shape) if d not in axes)
    if a.replicated:
        out = _reduced(group, a.array, op, axes)
        return [Piece(out, replicated(shape))]
    lying = uncut(a.shape, axes, group.size)
    if lying.blocks == group.size and shape:
        a = yield from to_partition(group, a, lying)
        grid = tuple(parts for d, parts in enumerate(lying.grid) if d not in axes)
        out = _reduced(group, a.array, op, axes)
        return [Piece(out, Partition(shape, grid))]
    if shape:
        source: Layout = cut_along(a.shape, group.size, min(axes))
    else:
        source, axes = even_run(a.shape, group.size), (0,)
    array = yield from move(group, a.array, a.partition, source)
    held = tuple(rank for rank in range(group.size) if boxes(source, rank)) or (0,)
    out = yield from _chain(group, array, op, axes, a.array.dtype, held)
    if not shape:
        values = yield from group.gather(out)
        return [Piece(np.array(values[held[-1]]).reshape(()), replicated(()))]
    nothing = (0,) * len(shape)
    ends = tuple(Box(nothing, shape if rank == held[-1] else nothing) for rank in range(group.size))
    target = partition(shape, group.size, small)
    return [Piece((yield from move(group, out, Boxes(shape, ends), target)), target)]


def _reduced(group: Group, a: np.ndarray, op: str, axes: tuple[int, ...]) -> np.ndarray:
    return np.asarray(OPS[op].numpy.reduce(a, axis=axes, dtype=a.dtype), order="C")


def _chain(
    group: Group, a: np.ndarray, op: str, axes: tuple[int, ...], dtype: np.dtype, held: tuple[int, ...]
) -> Waiting[np.ndarray]:
    """The last worker that holds something ends with the result; each goes on with what the one before it has."""
    function = OPS[op].numpy
    first = tuple(slice(0, 1) if d in axes else slice(None) for d in range(a.ndim))
    block = a.astype(dtype) if group.rank in held[1:] else a
    result = _reduced(group, a, op, axes) if group.rank == held[0] else np.zeros((), dtype)
    for sender, receiver in pairwise(held):
        parcels = {receiver: result} if group.rank == sender else {}
        arrived = yield from group.exchange(parcels, [sender] if group.rank == receiver else [])
        for message in arrived.values():
            carry = message.view(dtype).reshape(block[first].shape)
            block[first] = function(carry, block[first])
            result = _reduced(group, block, op, axes)
    return result
