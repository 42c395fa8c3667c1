"""What one worker needs of the others for its part of a kernel.

A worker's part of a domain is cut into cells in which everything that one operand reads lies in one worker's block. The
inner cell of a stencil then reads the worker's own memory, the cells along its faces read strips that neighbours sent.
What an operand reads of several workers at once is assembled first. Everybody computes everybody's needs alike: what
others need of a block is what its owner sends.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import product
from math import prod
from typing import NamedTuple

from ramba.layout import Box, Partition, View, places, split
from ramba.plan.ownership import Owners, indices
from ramba.plan.region import Region, cover, holds, merged, part, shifted

ASKED = 16  # workers that are asked what they are sent
MOST_CELLS = 32  # launches that one kernel is cut into; beyond, operands are assembled


class Load(NamedTuple):
    """An operand that a kernel reads."""

    slot: int
    view: View
    partition: Partition


class Need(NamedTuple):
    """A strip of another worker's block."""

    slot: int
    region: Region


class Moved(NamedTuple):
    """What a kernel's workers send each other of one input: the same whoever asks.

    Equal for kernels that exchange the same strips of an array, whatever they compute.
    """

    owners: Owners
    loads: tuple[Load, ...]  # all that move, in order; the slot is 1 for those of this input, else 0

    @property
    def alone(self) -> bool:
        """Whether messages hold nothing of another array."""
        return all(load.slot for load in self.loads)


def moved(owners: Owners, loads: Sequence[Load], slot: int) -> Moved:
    """What workers send each other of one slot."""
    return Moved(owners, tuple([load._replace(slot=int(load.slot == slot)) for load in loads]))


@lru_cache(maxsize=1024)
def most_received(exchange: Moved, workers: int) -> int:
    """Elements of the input that one worker is sent, at most; of many workers, some are asked."""
    ranks = range(workers) if workers <= ASKED else sorted({0, 1, workers // 2, workers - 2, workers - 1})
    return max(
        sum(need.region.size for strips in found.values() for need in strips if need.slot)
        for found in (needs(exchange.owners, rank, exchange.loads) for rank in ranks)
    )


def cells(owners: Owners, rank: int, loads: Sequence[Load]) -> list[Box]:
    """A worker's part of a domain, cut where operands pass from one worker's block to another's."""
    found: list[Box] = []
    for box in owners.boxes(rank):
        cuts = [_positions(load, box) for load in loads]
        while True:
            merged_cuts = [sorted({p for cut in cuts for p in cut[loop]}) for loop in range(len(box.extent))]
            if prod(len(positions) + 1 for positions in merged_cuts) <= MOST_CELLS:
                break
            most = max(range(len(cuts)), key=lambda n: sum(map(len, cuts[n])))
            cuts[most] = [[] for _ in box.extent]
        found += _cut(box, merged_cuts)
    return found


def _cut(box: Box, positions: list[list[int]]) -> Iterator[Box]:
    edges = [
        [start, *inner, start + extent] for start, inner, extent in zip(box.start, positions, box.extent, strict=True)
    ]
    for pick in product(*(range(len(edge) - 1) for edge in edges)):
        start = tuple(edge[n] for edge, n in zip(edges, pick, strict=True))
        yield Box(start, tuple(edge[n + 1] - edge[n] for edge, n in zip(edges, pick, strict=True)))


def _positions(load: Load, box: Box) -> list[list[int]]:
    """Where along each loop an operand passes into another block; nothing where that is no matter of one loop."""
    found: list[list[int]] = [[] for _ in box.extent]
    key = Owners(load.partition, load.view).key
    if not isinstance(key, tuple) or isinstance(key, Owners):
        return found
    for extent, parts, loop, start, step in key:
        if loop < 0:
            continue
        first, count = box.start[loop], box.extent[loop]
        low = start + step * first
        high = start + step * (first + count - 1)
        low, high = min(low, high), max(low, high)
        edges = places(extent, parts)
        for edge in edges[bisect_right(edges, low) : bisect_right(edges, high)]:
            if step > 0:
                position, _ = indices(start, step, load.view.shape[loop], edge, extent)
            else:
                position, _ = indices(start, step, load.view.shape[loop], 0, edge)
            if first < position < first + count:
                found[loop].append(position)
    return found


def reading(load: Load, cell: Box) -> tuple[View, Region]:
    """What an operand reads in a cell."""
    view = shifted(load.view, cell)
    return view, cover(view, load.partition.shape)


def needs(owners: Owners, rank: int, loads: Sequence[Load], giver: int | None = None) -> dict[int, list[Need]]:
    """The strips that a worker needs, by the worker that has them; of one giver only, if that is asked."""
    found: dict[int, list[Need]] = {}
    if giver is not None and not _touches(owners, rank, loads, giver):
        return found
    blocks = [(load, load.partition.block(rank)) for load in loads if not load.partition.replicated]
    for cell in cells(owners, rank, loads):
        for load, block in blocks:
            _, region = reading(load, cell)
            if region.inside(block):
                continue
            for owner in load.partition.owners(region.box) if giver is None else (giver,):
                if owner == rank:
                    continue
                piece = part(region, load.partition.block(owner))
                if piece is not None:
                    _add(found.setdefault(owner, []), Need(load.slot, piece))
    return found


def takers(owners: Owners, rank: int, loads: Sequence[Load], workers: int) -> Sequence[int]:
    """The workers that may need something of a worker's blocks: as many as there are neighbours, not workers."""
    cut = [load for load in loads if not load.partition.replicated]
    if cut and (owners.everybody or not all(map(_dense, cut))):
        return range(workers)
    found: set[int] = set()
    for load in cut:
        for box in Owners(load.partition, load.view).boxes(rank):  # the points that read this worker's block
            stored = cover(shifted(owners.view, box), owners.partition.shape)
            found.update(owners.partition.owners(stored.box))
    return sorted(found)


def _dense(load: Load) -> bool:
    """Whether the region around what a box of points reads holds nothing else, so that no worker needs more."""
    parts = split(load.view, load.partition.shape)
    if parts is None:
        return False
    moved = [[d for d, step in enumerate(steps) if step] for steps in parts.steps]
    dimensions = [d for one in moved for d in one]
    return all(len(one) <= 1 for one in moved) and len(set(dimensions)) == len(dimensions)


def _touches(owners: Owners, rank: int, loads: Sequence[Load], giver: int) -> bool:
    """Whether a worker may need anything of another's blocks."""
    for box in owners.boxes(rank):
        for load in loads:
            if not load.partition.replicated:
                _, region = reading(load, box)
                if part(
                    Region(region.box.start, (1,) * len(region.start), region.box.extent), load.partition.block(giver)
                ):
                    return True
    return False


def _add(strips: list[Need], need: Need) -> None:
    """Adds a strip to those that are needed already, as a part of one of them where that wastes little."""
    for n, strip in enumerate(strips):
        both = merged(strip.region, need.region) if strip.slot == need.slot else None
        if both is not None:
            strips[n] = Need(need.slot, both)
            return
    strips.append(need)


def strip_for(strips: Sequence[Need], slot: int, region: Region) -> int:
    """The number of the strip that holds a region."""
    return next(n for n, strip in enumerate(strips) if strip.slot == slot and holds(strip.region, region))


__all__ = ["Load", "Moved", "Need", "cells", "most_received", "moved", "needs", "reading", "strip_for", "takers"]
