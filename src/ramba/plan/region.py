"""What a part of a loop nest reads of an array: a lattice, and how the memory that holds it is addressed."""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import NamedTuple

from ramba.layout import Box, View, c_strides, split
from ramba.plan.ownership import rows_of


class Region(NamedTuple):
    """Elements at regular steps in each dimension; in memory they lie in C order, without gaps."""

    start: tuple[int, ...]
    step: tuple[int, ...]  # at least 1
    extent: tuple[int, ...]

    @property
    def size(self) -> int:
        """Number of elements."""
        return prod(self.extent)

    @property
    def box(self) -> Box:
        """The smallest box around them."""
        spans = ((n - 1) * s + 1 if n else 0 for s, n in zip(self.step, self.extent, strict=True))
        return Box(self.start, tuple(spans))

    def inside(self, box: Box) -> bool:
        """Whether a box holds all of them."""
        own = self.box
        return all(
            s <= f and f + n <= s + m for f, n, s, m in zip(own.start, own.extent, box.start, box.extent, strict=True)
        )


def whole(box: Box) -> Region:
    """All elements of a box."""
    return Region(box.start, (1,) * len(box.start), box.extent)


def shifted(view: View, cell: Box) -> View:
    """A view on the points of a cell of its domain."""
    offset = view.offset + sum(s * t for s, t in zip(cell.start, view.strides, strict=True))
    return View(offset, cell.extent, view.strides)


@lru_cache(maxsize=16384)
def cover(view: View, shape: tuple[int, ...]) -> Region:
    """The smallest region of an array of this shape that holds all that a view reads."""
    parts = split(view, shape)
    if parts is None:
        return _rows(view, shape)
    start, step, count = [], [], []
    for d, first in enumerate(parts.start):
        moving = [(s[d], n) for s, n in zip(parts.steps, view.shape, strict=True) if s[d] and n > 1]
        low = first + sum(min(s * (n - 1), 0) for s, n in moving)
        high = first + sum(max(s * (n - 1), 0) for s, n in moving)
        stride = abs(moving[0][0]) if len(moving) == 1 else 1
        start.append(low)
        step.append(stride)
        count.append((high - low) // stride + 1)
    return Region(tuple(start), tuple(step), tuple(count))


def _rows(view: View, shape: tuple[int, ...]) -> Region:
    """Whole rows around everything that a view reads which cuts across the dimensions."""
    reach = [stride * (extent - 1) for extent, stride in zip(view.shape, view.strides, strict=True)]
    low = view.offset + sum(r for r in reach if r < 0)
    high = view.offset + sum(r for r in reach if r > 0)
    first, last = _index(low, shape), _index(high, shape)
    differ = next((d for d in range(len(shape)) if first[d] != last[d]), len(shape) - 1)
    start = (*first[: differ + 1], *(0 for _ in shape[differ + 1 :]))
    count = (*(1 for _ in first[:differ]), last[differ] - first[differ] + 1, *shape[differ + 1 :])
    return Region(start, (1,) * len(shape), count)


def _index(position: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    index = []
    for unit in c_strides(shape):
        index.append(position // unit)
        position %= unit
    return tuple(index)


@lru_cache(maxsize=16384)
def through(view: View, shape: tuple[int, ...], region: Region) -> View | None:
    """A view of an array as a view of the memory that holds a region around it; None where that is impossible."""
    parts = split(view, shape)
    if parts is None:
        interval = rows_of(shape, region.box) if set(region.step) <= {1} else None
        return None if interval is None else View(view.offset - interval[0], view.shape, view.strides)
    units = c_strides(region.extent)
    offset = sum((a - b) // s * u for a, b, s, u in zip(parts.start, region.start, region.step, units, strict=True))
    strides = tuple(
        sum(t // s * u for t, s, u in zip(step, region.step, units, strict=True)) if extent > 1 else 0
        for extent, step in zip(view.shape, parts.steps, strict=True)
    )
    return View(offset, view.shape, strides)


def merged(a: Region, b: Region) -> Region | None:
    """One region around two, if their lattices are the same and little lies between them."""
    if a.step != b.step or any((s - t) % n for s, t, n in zip(a.start, b.start, a.step, strict=True)):
        return None
    start = tuple(map(min, a.start, b.start))
    ends = (
        max(s + (n - 1) * t, u + (m - 1) * t)
        for s, n, u, m, t in zip(a.start, a.extent, b.start, b.extent, a.step, strict=True)
    )
    count = tuple((e - f) // t + 1 for e, f, t in zip(ends, start, a.step, strict=True))
    both = Region(start, a.step, count)
    return both if both.size <= 2 * (a.size + b.size) else None


def holds(a: Region, b: Region) -> bool:
    """Whether region a has all elements of region b, and b's lattice."""
    return a == b or (merged(a, b) == a)


def part(region: Region, box: Box) -> Region | None:
    """The elements of a region that lie in a box."""
    start, count = [], []
    for f, t, n, s, m in zip(region.start, region.step, region.extent, box.start, box.extent, strict=True):
        first = max(0, -(-(s - f) // t))
        last = min(n, -(-(s + m - f) // t))
        if first >= last:
            return None
        start.append(f + first * t)
        count.append(last - first)
    return Region(tuple(start), region.step, tuple(count))


def place(inner: Region, outer: Region) -> View:
    """A region as a view of the memory that holds a larger one, whose lattice is the same or has steps of 1."""
    units = c_strides(outer.extent)
    offset = sum((a - b) // s * u for a, b, s, u in zip(inner.start, outer.start, outer.step, units, strict=True))
    strides = tuple(t // s * u for t, s, u in zip(inner.step, outer.step, units, strict=True))
    return View(offset, inner.extent, strides)


__all__ = ["Region", "cover", "holds", "merged", "part", "place", "shifted", "through", "whole"]
