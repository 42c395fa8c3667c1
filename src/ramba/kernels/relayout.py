"""From one layout to another: only workers whose parts overlap talk to each other, one packed message each."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import prod

import numpy as np

from ramba.kernels.group import Group, Waiting
from ramba.kernels.layouts import (
    Boxes,
    Layout,
    Panels,
    Run,
    boxes,
    even_run,
    extent,
    parts,
    run_of,
    within,
)
from ramba.kernels.piece import Piece, is_slabs
from ramba.layout.overlap import Box, meet
from ramba.layout.partition import Partition, partition, replicated


def reshape(group: Group, small: int, pieces: Sequence[Piece], shape: tuple[int, ...]) -> Waiting[list[Piece]]:
    """The elements in C order in another shape. The operand's own memory where nothing moves."""
    (piece,) = pieces
    target = partition(shape, group.size, small)
    if piece.replicated:
        return [(yield from to_partition(group, Piece(piece.array.reshape(shape), replicated(shape)), target))]
    if is_slabs(piece.partition):
        run = run_of(piece.partition, group.size)
    elif is_slabs(target):
        run = Run(piece.shape, run_of(target, group.size).bounds)
    else:
        run = even_run(piece.shape, group.size)
    array = yield from move(group, piece.array, piece.partition, run)
    return [Piece((yield from move(group, array, Run(shape, run.bounds), target)), target)]


def to_partition(group: Group, piece: Piece, target: Partition) -> Waiting[Piece]:
    """The array in a given partition of its shape."""
    return Piece((yield from move(group, piece.array, piece.partition, target)), target)


def everywhere(group: Group, piece: Piece) -> Waiting[np.ndarray]:
    """All of an array, on every worker."""
    return (yield from to_partition(group, piece, replicated(piece.shape))).array


def from_run(
    group: Group, small: int, array: np.ndarray, shape: tuple[int, ...], bounds: tuple[int, ...]
) -> Waiting[Piece]:
    """A new array in its standard partition, out of consecutive elements that the workers hold."""
    target = partition(shape, group.size, small)
    return Piece((yield from move(group, array.reshape(-1), Run(shape, bounds), target)), target)


def needed(group: Group, piece: Piece, wanted: Sequence[Box]) -> Waiting[np.ndarray]:
    """What a worker's box of a result, to whose shape the array is broadcast, reads of the array."""
    projected = tuple(project(box, piece.shape) for box in wanted)
    return (yield from move(group, piece.array, piece.partition, Boxes(piece.shape, projected)))


def section(group: Group, piece: Piece, box: Box, dropped: tuple[int, ...], target: Partition) -> Waiting[Piece]:
    """A box of an array, without some dimensions in which it has one element only, in a partition of its own."""
    kept = [d for d in range(len(piece.shape)) if d not in dropped]

    def inside(rank: int) -> Box:
        common = meet(piece.partition.block(rank), box)
        if common is None:
            return Box((0,) * len(kept), (0,) * len(kept))
        return Box(tuple(common.start[d] - box.start[d] for d in kept), tuple(common.extent[d] for d in kept))

    held = tuple(inside(rank) for rank in range(group.size))
    common = meet(piece.partition.block(group.rank), box)
    view = piece.array[within(common, piece.partition.block(group.rank))] if common else piece.array.reshape(-1)[:0]
    source: Layout = Boxes(target.shape, held)
    if piece.replicated:
        source = replicated(target.shape)
    return Piece((yield from move(group, view.reshape(held[group.rank].extent), source, target)), target)


def project(box: Box, shape: tuple[int, ...]) -> Box:
    """The part of an operand that a box of the broadcast result reads."""
    skip = len(box.start) - len(shape)
    start = (0 if e == 1 else s for s, e in zip(box.start[skip:], shape, strict=True))
    counts = (min(c, 1) if e == 1 else c for c, e in zip(box.extent[skip:], shape, strict=True))
    return Box(tuple(start), tuple(counts))


def move(group: Group, array: np.ndarray, source: Layout, target: Layout) -> Waiting[np.ndarray]:
    """A worker's part of an array in another layout; its memory is the old one if no worker's part changes."""
    if _alike(source, target, group.size):
        return array.reshape(extent(target, group.rank))
    out = group.memory(extent(target, group.rank), array.dtype)
    mine, wanted = parts(source, group.rank, array), parts(target, group.rank, out)
    for box, view in mine:  # what stays here
        for other, to in wanted:
            if common := meet(box, other):
                to[within(common, other)] = view[within(common, box)]
    if _whole(source):
        return out
    parcels = {to: some for to in _peers(group, mine, target) if (some := _packed(mine, boxes(target, to)))}
    messages = {to: found[0] if len(found) == 1 else np.concatenate(found) for to, found in parcels.items()}
    senders = [rank for rank in _peers(group, wanted, source) if _meet_any(boxes(source, rank), wanted)]
    arrived = yield from group.exchange(messages, senders)
    for sender, message in arrived.items():
        _unpack(message.view(array.dtype), boxes(source, sender), wanted)
    return out


@lru_cache(maxsize=1024, typed=True)
def _alike(source: Layout, target: Layout, workers: int) -> bool:
    """Whether every worker holds the same elements in both layouts."""
    if isinstance(source, Panels) or isinstance(target, Panels):
        return source == target
    if _whole(source) or _whole(target):
        return _whole(source) and _whole(target)
    return all(boxes(source, rank) == boxes(target, rank) for rank in range(workers))


def _whole(layout: Layout) -> bool:
    return isinstance(layout, Partition) and layout.replicated


def _peers(group: Group, mine: list[tuple[Box, np.ndarray]], layout: Layout) -> list[int]:
    """The other workers that may hold something of these boxes."""
    if _whole(layout):
        return [rank for rank in range(group.size) if rank != group.rank] if mine else []
    return sorted({rank for box, _ in mine for rank in layout.owners(box)} - {group.rank})


def _packed(mine: list[tuple[Box, np.ndarray]], theirs: list[Box]) -> list[np.ndarray]:
    """What goes to one worker; one-dimensional if it is several boxes."""
    found = [view[within(common, box)] for box, view in mine for other in theirs if (common := meet(box, other))]
    return [view.reshape(-1) for view in found] if len(found) > 1 else found


def _meet_any(theirs: list[Box], wanted: list[tuple[Box, np.ndarray]]) -> bool:
    return any(meet(box, other) for box in theirs for other, _ in wanted)


def _unpack(message: np.ndarray, theirs: list[Box], wanted: list[tuple[Box, np.ndarray]]) -> None:
    at = 0
    for box in theirs:
        for other, to in wanted:
            if common := meet(box, other):
                count = prod(common.extent)
                to[within(common, other)] = message[at : at + count].reshape(common.extent)
                at += count
