"""Which worker holds which part of an array: a pure function of shape and number of workers, if nobody asks for more.

Nothing is negotiated and no table is sent: driver and workers compute the same blocks, so arrays of one shape lie
alike. A partition cuts dimensions into blocks, one block for each worker; they are of nearly equal extent, unless the
user said where they begin.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from math import prod
from typing import NamedTuple, TypeAlias

from ramba.layout.overlap import Box

MOST_SLABS = 16  # workers up to which the first dimension alone is cut, if it is long enough
THICK = 16  # rows that a slab should have


class Partition(NamedTuple):
    """An array cut into a grid of blocks, or (with an empty grid) whole on every worker."""

    shape: tuple[int, ...]
    grid: tuple[int, ...]  # blocks along each dimension; their product is at most the number of workers
    edges: tuple[tuple[int, ...], ...] = ()  # where they begin along each dimension, and its extent; none: evenly

    @property
    def replicated(self) -> bool:
        """Whether every worker holds all of it."""
        return not self.grid

    @property
    def blocks(self) -> int:
        """Workers that hold a part of their own; the others hold nothing."""
        return prod(self.grid)

    def block(self, rank: int) -> Box:
        """What a worker holds."""
        return _block(self, rank)

    def place(self, rank: int) -> tuple[int, ...] | None:
        """A worker's place in the grid, in C order; None if it holds nothing."""
        if rank >= self.blocks:
            return None
        place = []
        for parts in reversed(self.grid):
            place.append(rank % parts)
            rank //= parts
        return tuple(reversed(place))

    def rank(self, place: tuple[int, ...]) -> int:
        """The worker at a place of the grid."""
        rank = 0
        for at, parts in zip(place, self.grid, strict=True):
            rank = rank * parts + at
        return rank

    @property
    def cuts(self) -> tuple[Cutting, ...]:
        """How each dimension is cut."""
        return self.edges or self.grid

    def owners(self, box: Box) -> Iterator[int]:
        """The workers that hold elements of a box, in order; of a replicated array, the first one."""
        if 0 in box.extent:
            return
        ranges = [
            range(part_of(e, n, first), part_of(e, n, first + count - 1) + 1)
            for e, n, first, count in zip(self.shape, self.cuts, box.start, box.extent, strict=False)
        ]
        places: list[tuple[int, ...]] = [()]
        for parts in ranges:
            places = [(*place, part) for place in places for part in parts]
        for place in places:
            yield self.rank(place)


@lru_cache(maxsize=4096)
def _block(partition: Partition, rank: int) -> Box:
    shape, grid = partition.shape, partition.grid
    place = partition.place(rank) if grid else ()
    if place is None:
        return Box((0,) * len(shape), (0,) * len(shape))
    if not grid:
        return Box((0,) * len(shape), shape)
    first = tuple(bound(e, n, p) for e, n, p in zip(shape, partition.cuts, place, strict=True))
    last = (bound(e, n, p + 1) for e, n, p in zip(shape, partition.cuts, place, strict=True))
    return Box(first, tuple(b - a for a, b in zip(first, last, strict=True)))


Cutting: TypeAlias = int | tuple[int, ...]  # of a dimension: into so many nearly equal parts, or at these places


def bound(extent: int, parts: Cutting, part: int) -> int:
    """Where a part begins."""
    return extent * part // parts if isinstance(parts, int) else parts[part]


def part_of(extent: int, parts: Cutting, index: int) -> int:
    """The part that holds an index."""
    return ((index + 1) * parts - 1) // extent if isinstance(parts, int) else bisect_right(parts, index) - 1


@lru_cache(maxsize=256)
def places(extent: int, parts: Cutting) -> tuple[int, ...]:
    """Where all parts begin, and where the last one ends."""
    return tuple([bound(extent, parts, part) for part in range(parts + 1)]) if isinstance(parts, int) else parts


def cut_at(shape: tuple[int, ...], edges: tuple[tuple[int, ...], ...]) -> Partition:
    """The partition whose blocks begin at these places along each dimension, and end at the next one.

    Raises
    ------
    ValueError
        If the places do not ascend from 0 to the extent of the dimension.
    """
    if len(edges) != len(shape):
        raise ValueError(f"{len(edges)} dimensions are cut of an array that has {len(shape)}")
    for extent, ends in zip(shape, edges, strict=True):
        ascending = all(a <= b for a, b in pairwise(ends))
        if len(ends) < 2 or ends[0] != 0 or ends[-1] != extent or not ascending:
            raise ValueError(f"blocks of a dimension of {extent} elements cannot begin and end at {list(ends)}")
    grid = tuple(len(ends) - 1 for ends in edges)
    return Partition(shape, grid, () if edges == tuple(map(places, shape, grid)) else edges)


def replicated(shape: tuple[int, ...]) -> Partition:
    """All of it on every worker."""
    return Partition(shape, ())


@lru_cache(maxsize=4096)
def partition(shape: tuple[int, ...], workers: int, small: int) -> Partition:
    """The partition of a new array.

    Arrays of at most ``small`` elements are on every worker. Others are cut into slabs along the first dimension while
    these stay thick, else into the blocks with the least surface.
    """
    if prod(shape) <= max(small, 1):
        return replicated(shape)
    if workers == 1 or (shape[0] >= THICK * workers and workers <= MOST_SLABS):
        return Partition(shape, (workers,) + (1,) * (len(shape) - 1))
    return Partition(shape, least_surface(shape, workers))


def least_surface(shape: tuple[int, ...], workers: int) -> tuple[int, ...]:
    """The grid of as many blocks as possible that have the least surface."""
    if not shape:
        return ()
    for count in range(workers, 0, -1):
        grids = [grid for grid in _grids(count, len(shape)) if all(g <= e for g, e in zip(grid, shape, strict=True))]
        if grids:
            return min(grids, key=lambda grid: _surface(shape, grid))
    return (1,) * len(shape)


def _grids(count: int, rank: int) -> list[tuple[int, ...]]:
    """All ways to write a number as a product of ``rank`` factors."""
    if rank == 1:
        return [(count,)]
    return [
        (factor, *rest)
        for factor in range(1, count + 1)
        if count % factor == 0
        for rest in _grids(count // factor, rank - 1)
    ]


def _surface(shape: tuple[int, ...], grid: tuple[int, ...]) -> tuple[float, tuple[int, ...]]:
    """Elements on the faces between blocks, those of later dimensions counted double: they are not contiguous."""
    size = prod(shape)
    cost = sum(
        (parts - 1) * size / extent * (1 if d == 0 else 2)
        for d, (extent, parts) in enumerate(zip(shape, grid, strict=True))
    )
    return cost, tuple(-parts for parts in grid)


__all__ = ["Cutting", "Partition", "bound", "cut_at", "least_surface", "part_of", "partition", "places", "replicated"]
