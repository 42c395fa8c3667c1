"""Ways in which an array may lie while it is on its way from one partition to another."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from math import prod
from typing import NamedTuple

import numpy as np

from ramba.layout.overlap import Box, meet
from ramba.layout.partition import Partition, bound
from ramba.layout.view import c_strides


class Run(NamedTuple):
    """Elements in C order, cut anywhere: each worker has some consecutive ones, as a one-dimensional array."""

    shape: tuple[int, ...]
    bounds: tuple[int, ...]  # where each worker begins, and the number of elements

    def owners(self, box: Box) -> Iterable[int]:
        """The workers among which are all those that hold elements of a box that is not empty."""
        first, last = (linear(corner, self.shape) for corner in corners(box))
        return range(bisect_right(self.bounds, first) - 1, bisect_right(self.bounds, last))


class Boxes(NamedTuple):
    """A box for each worker; boxes of different workers may overlap if others only receive into them."""

    shape: tuple[int, ...]
    wanted: tuple[Box, ...]

    def owners(self, box: Box) -> Iterable[int]:
        """The workers that hold elements of a box."""
        return (rank for rank, other in enumerate(self.wanted) if meet(box, other))


class Panels(NamedTuple):
    """A matrix in panels of columns, dealt out to the workers in turn.

    A worker holds its panels one behind the other as an array of columns, so that each column is consecutive.
    """

    shape: tuple[int, ...]
    width: int  # columns of a panel; the last one may have fewer
    workers: int

    @property
    def panels(self) -> int:
        """How many panels there are."""
        return -(-self.shape[1] // self.width)

    def columns(self, panel: int) -> slice:
        """Which columns of the matrix a panel is."""
        return slice(panel * self.width, min((panel + 1) * self.width, self.shape[1]))

    def owner(self, panel: int) -> int:
        """Who holds a panel."""
        return panel % self.workers

    def held(self, rank: int, before: int) -> int:
        """How many columns a worker holds of the panels before one."""
        panels = len(range(rank, min(before, self.panels), self.workers))
        cut = self.panels * self.width - self.shape[1] if before >= self.panels else 0  # missing of the last panel
        return panels * self.width - (cut if panels and self.owner(self.panels - 1) == rank else 0)

    def owners(self, box: Box) -> Iterable[int]:
        """The workers that hold elements of a box."""
        first, last = box.start[1] // self.width, (box.start[1] + box.extent[1] - 1) // self.width
        return sorted({self.owner(panel) for panel in range(first, min(last + 1, first + self.workers))})

    def boxes(self, rank: int) -> list[Box]:
        """What a worker holds, panel by panel."""
        rows = self.shape[0]
        slices = [self.columns(panel) for panel in range(rank, self.panels, self.workers)] if rows else []
        return [Box((0, part.start), (rows, part.stop - part.start)) for part in slices]


Layout = Partition | Run | Boxes | Panels


def even_run(shape: tuple[int, ...], workers: int, unit: int = 1) -> Run:
    """Consecutive elements in nearly equal shares, of whole units."""
    count = prod(shape) // max(unit, 1)
    return Run(shape, tuple(bound(count, workers, rank) * unit for rank in range(workers + 1)))


def run_of(partition: Partition, workers: int) -> Run:
    """What slabs are, as a run."""
    row = prod(partition.shape[1:])
    starts = [bound(partition.shape[0], partition.grid[0], min(r, partition.grid[0])) for r in range(workers + 1)]
    return Run(partition.shape, tuple(start * row for start in starts))


def corners(box: Box) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The first and the last index of a box."""
    return box.start, tuple(s + e - 1 for s, e in zip(box.start, box.extent, strict=True))


def linear(place: tuple[int, ...], shape: tuple[int, ...]) -> int:
    """The number of an element in C order."""
    return sum(p * stride for p, stride in zip(place, c_strides(shape), strict=True))


def positions(box: Box, shape: tuple[int, ...]) -> np.ndarray:
    """The numbers in C order of the elements of a box, in the box's shape."""
    result = np.zeros((), np.int64)
    for start, extent, stride in zip(box.start, box.extent, c_strides(shape), strict=True):
        result = result[..., None] + np.arange(start, start + extent, dtype=np.int64) * stride
    return result


def within(box: Box, outer: Box) -> tuple[slice, ...]:
    """The key of a box in an array that holds an outer one."""
    return tuple(slice(s - o, s - o + e) for s, o, e in zip(box.start, outer.start, box.extent, strict=True))


def stretch(shape: tuple[int, ...], first: int, last: int) -> list[Box]:
    """The boxes that make up the elements ``first`` to ``last - 1`` in C order; each is consecutive."""
    if first >= last:
        return []
    if not shape:
        return [Box((), ())]
    row = prod(shape[1:])
    low, high = -(-first // row), last // row  # rows that are wholly inside
    if low > high:
        return _in_row(shape, high, first - high * row, last - high * row)
    boxes = _in_row(shape, low - 1, first - (low - 1) * row, row) if first < low * row else []
    if low < high:
        boxes.append(Box((low, *(0,) * (len(shape) - 1)), (high - low, *shape[1:])))
    return boxes + (_in_row(shape, high, 0, last - high * row) if high * row < last else [])


def _in_row(shape: tuple[int, ...], row: int, first: int, last: int) -> list[Box]:
    return [Box((row, *box.start), (1, *box.extent)) for box in stretch(shape[1:], first, last)]


def boxes(layout: Layout, rank: int) -> list[Box]:
    """What a worker holds."""
    match layout:
        case Run():
            return stretch(layout.shape, layout.bounds[rank], layout.bounds[rank + 1])
        case Panels():
            return layout.boxes(rank)
        case Boxes():
            found = layout.wanted[rank]
        case Partition():
            found = layout.block(rank)
    return [] if 0 in found.extent else [found]


def extent(layout: Layout, rank: int) -> tuple[int, ...]:
    """The shape of a worker's memory."""
    match layout:
        case Run():
            return (layout.bounds[rank + 1] - layout.bounds[rank],)
        case Panels():
            return (layout.held(rank, layout.panels), layout.shape[0])
        case Boxes():
            return layout.wanted[rank].extent
        case Partition():
            return layout.block(rank).extent


def parts(layout: Layout, rank: int, array: np.ndarray) -> list[tuple[Box, np.ndarray]]:
    """A worker's memory, box by box."""
    if isinstance(layout, Partition | Boxes):
        return [(box, array) for box in boxes(layout, rank)]
    found, offset = [], 0
    if isinstance(layout, Panels):
        for box in layout.boxes(rank):
            found.append((box, array[offset : offset + box.extent[1]].T))
            offset += box.extent[1]
        return found
    for box in boxes(layout, rank):
        count = prod(box.extent)
        found.append((box, array[offset : offset + count].reshape(box.extent)))
        offset += count
    return found
