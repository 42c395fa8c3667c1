"""Who computes which part of a loop nest: the owner of what it stores.

The points of a domain are shared out as the blocks of one array are, seen through the view by which the domain's points
lie in it. A dimension of the array that is cut, and along which exactly one loop moves, cuts that loop.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import product
from typing import NamedTuple

from ramba.layout import Box, Partition, View, meet, split


class Owners(NamedTuple):
    """A domain shared out as a partition is, through a view of the domain's shape; everybody's if replicated."""

    partition: Partition
    view: View

    @property
    def everybody(self) -> bool:
        """Whether all workers compute all of it."""
        return self.partition.replicated

    @property
    def key(self) -> object:
        """Equal for ways of sharing out that are the same: statements with equal keys may run in one kernel."""
        return _key(self)

    @property
    def simple(self) -> bool:
        """Whether each worker's part is one box."""
        return self.everybody or _cuts(self) is not None

    def boxes(self, rank: int) -> tuple[Box, ...]:
        """The parts of the domain that a worker computes: disjoint boxes, none of them empty."""
        return _boxes(self, rank)


class Cut(NamedTuple):
    """How one dimension of a partition cuts a domain."""

    dimension: int  # of the partition
    loop: int  # of the domain; -1: no loop moves along it, one index only
    start: int
    step: int


@lru_cache(maxsize=4096)
def _cuts(owners: Owners) -> tuple[Cut, ...] | None:
    """The cuts of a domain, or None where a worker's part is not one box."""
    partition, view = owners
    parts = split(view, partition.shape)
    if parts is None:
        return None
    cuts = []
    for d, count in enumerate(partition.grid):
        if count == 1:
            continue
        moving = [loop for loop, step in enumerate(parts.steps) if step[d]]
        if len(moving) > 1:
            return None
        loop = moving[0] if moving else -1
        cuts.append(Cut(d, loop, parts.start[d], parts.steps[loop][d] if moving else 0))
    return tuple(cuts)


@lru_cache(maxsize=4096)
def _key(owners: Owners) -> object:
    if owners.everybody:
        return None
    cuts = _cuts(owners)
    if cuts is None:
        return owners
    shape, how = owners.partition.shape, owners.partition.cuts
    return tuple((shape[c.dimension], how[c.dimension], c.loop, c.start, c.step) for c in cuts)


@lru_cache(maxsize=16384)
def _boxes(owners: Owners, rank: int) -> tuple[Box, ...]:
    partition, view = owners
    whole = Box((0,) * len(view.shape), view.shape)
    if 0 in view.shape:
        return ()
    if partition.replicated:
        return (whole,)
    block = partition.block(rank)
    if 0 in block.extent:
        return ()
    cuts = _cuts(owners)
    if cuts is None:
        return tuple(_awkward(view, partition, block))
    box = whole
    for cut in cuts:
        first = block.start[cut.dimension]
        last = first + block.extent[cut.dimension]
        if cut.loop < 0:
            if not first <= cut.start < last:
                return ()
            continue
        inside = _along(whole, cut.loop, *indices(cut.start, cut.step, view.shape[cut.loop], first, last))
        shared = meet(box, inside)
        if shared is None:
            return ()
        box = shared
    return (box,)


def _along(box: Box, loop: int, first: int, count: int) -> Box:
    """A box cut down along one loop."""
    return Box((*box.start[:loop], first, *box.start[loop + 1 :]), (*box.extent[:loop], count, *box.extent[loop + 1 :]))


def indices(start: int, step: int, count: int, low: int, high: int) -> tuple[int, int]:
    """First and number of the i in 0, ..., count - 1 for which low <= start + i * step < high."""
    if step == 0:
        return (0, count) if low <= start < high else (0, 0)
    if step > 0:
        first, last = -(-(low - start) // step), -(-(high - start) // step)
    else:
        first, last = (start - high) // -step + 1, (start - low) // -step + 1
    first, last = max(first, 0), min(last, count)
    return first, max(last - first, 0)


def _awkward(view: View, partition: Partition, block: Box) -> Iterator[Box]:
    """The points of a domain that lie in a block, where these are not one box."""
    parts = split(view, partition.shape)
    if parts is not None:
        found = [Box((0,) * len(view.shape), view.shape)]
        for d, count in enumerate(partition.grid):
            if count > 1:
                low, steps = block.start[d], tuple(step[d] for step in parts.steps)
                inside = list(within(parts.start[d], view.shape, steps, low, low + block.extent[d]))
                found = [box for a, b in product(found, inside) if (box := meet(a, b)) is not None]
        yield from found
    elif (interval := rows_of(partition.shape, block)) is not None:
        yield from within(view.offset, view.shape, view.strides, *interval)
    else:
        for i in range(view.shape[0]):
            inner = View(view.offset + i * view.strides[0], view.shape[1:], view.strides[1:])
            for box in _boxes_of_view(inner, partition, block):
                yield Box((i, *box.start), (1, *box.extent))


def _boxes_of_view(view: View, partition: Partition, block: Box) -> Iterator[Box]:
    if not view.shape:
        parts = split(view, partition.shape)
        assert parts is not None
        if all(s <= i < s + n for i, s, n in zip(parts.start, block.start, block.extent, strict=True)):
            yield Box((), ())
        return
    yield from _awkward(view, partition, block)


def rows_of(shape: tuple[int, ...], box: Box) -> tuple[int, int] | None:
    """The interval of elements in C order that a box is, or None if it is not one."""
    unit, whole = 1, True
    low, count = 0, 1
    for extent, start, n in zip(reversed(shape), reversed(box.start), reversed(box.extent), strict=True):
        if not whole and n != 1:
            return None
        low += start * unit
        count *= n
        whole = whole and n == extent
        unit *= extent
    return low, low + count


def within(offset: int, shape: Sequence[int], strides: Sequence[int], low: int, high: int) -> Iterator[Box]:
    """Boxes of the points whose position ``offset + sum(i * stride)`` lies in an interval."""
    reach = [stride * (extent - 1) for extent, stride in zip(shape, strides, strict=True)]
    least = offset + sum(r for r in reach if r < 0)
    most = offset + sum(r for r in reach if r > 0)
    if most < low or least >= high:
        return
    if least >= low and most < high:
        yield Box((0,) * len(shape), tuple(shape))
        return
    loop = max(range(len(shape)), key=lambda d: abs(strides[d]) if reach[d] else 0)  # the outermost
    step = strides[loop]
    lowest, highest = least - min(reach[loop], 0), most - max(reach[loop], 0)  # of the other loops, at index 0
    first, count = indices(lowest, step, shape[loop], low, high)
    second, other = indices(highest, step, shape[loop], low, high)
    begin, end = max(first, second), min(first + count, second + other)  # wholly inside
    if begin < end:
        yield _along(Box((0,) * len(shape), tuple(shape)), loop, begin, end - begin)
    touched, many = indices(lowest, step, shape[loop], low - (highest - lowest), high)
    rest = tuple(1 if d == loop else n for d, n in enumerate(shape))
    for i in range(touched, touched + many):
        if not begin <= i < end:
            for box in within(offset + i * step, rest, strides, low, high):
                yield Box((*box.start[:loop], i, *box.start[loop + 1 :]), box.extent)


__all__ = ["Cut", "Owners", "indices", "rows_of", "within"]
