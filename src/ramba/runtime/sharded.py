"""The driver's name for an array whose blocks lie on the workers."""

from __future__ import annotations

import time
from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from ramba import events
from ramba.layout import Box, Partition

FEW = 16  # elements of a part that may be one of many in a loop
PATIENCE = 8  # such parts that are fetched alone; from then on a page is
PAGE = 1 << 16  # bytes: to fetch them takes hardly longer than to fetch one


class Sharded:
    """An array on the workers. When the last reference is gone, the next command frees its blocks."""

    __slots__ = (
        "__weakref__",
        "drop",
        "dtype",
        "fetch",
        "looks",
        "lost",
        "number",
        "page",
        "partition",
        "recipe",
        "strips",
    )

    def __init__(
        self,
        number: int,
        dtype: np.dtype,
        partition: Partition,
        fetch: Callable[[Sharded, Box], np.ndarray],
        drop: Callable[[int], object],
    ) -> None:
        self.lost: str | None = None  # why it has no value any more
        self.looks = 0  # at few elements each
        self.page: tuple[Box, np.ndarray] | None = None  # the last one: an array's value does not change
        self.strips: dict[Any, tuple[int, int]] = {}  # that workers keep: see `kept_strips`
        self.recipe: Any = None  # how to make it nevertheless: see `flights.Recipe`
        self.dtype = dtype
        self.partition = partition
        self.fetch = fetch
        self.drop = drop
        self.number = number  # last: what has one is to be dropped

    @property
    def nbytes(self) -> int:
        """Bytes of the whole array."""
        return prod(self.partition.shape) * self.dtype.itemsize

    def array(self, dtype: np.dtype, shape: tuple[int, ...]) -> np.ndarray:
        """The whole array, in the driver's memory: a copy."""
        whole = Box((0,) * len(self.partition.shape), self.partition.shape)
        return self.part(whole).reshape(shape)

    def part(self, box: Box) -> np.ndarray:
        """A box of the array, in the driver's memory, to be read. Who looks at element after element gets pages."""
        if not 0 < prod(box.extent) <= FEW:
            return self._fetched(box)
        self.looks += 1
        if self.looks <= PATIENCE:
            return self._fetched(box)
        if self.page is None or (found := _within(*self.page, box)) is None:
            around = page_around(box, self.partition.shape, self.dtype.itemsize)
            self.page = around, self._fetched(around)
            found = _within(*self.page, box)
            assert found is not None
        return found

    def _fetched(self, box: Box) -> np.ndarray:
        if not events.listeners:
            return self.fetch(self, box)
        nbytes, begin = prod(box.extent) * self.dtype.itemsize, time.perf_counter()
        events.tell(events.Working(f"fetching {nbytes / 1e6:,.1f} MB"))
        try:
            return self.fetch(self, box)
        finally:
            events.tell(events.Gathered(nbytes, time.perf_counter() - begin))

    def lose(self, reason: str, recipe: Any = None) -> None:
        """It has no value any more; the first reason is the one that counts."""
        if self.lost is None or self.recipe is not None:
            self.lost, self.recipe = reason, recipe

    def __del__(self) -> None:
        if hasattr(self, "number"):  # else its making was interrupted
            self.drop(self.number)


def page_around(box: Box, shape: tuple[int, ...], itemsize: int) -> Box:
    """What is fetched with a box: whole axes, from the last one on, and an aligned piece of one that is too long."""
    start, extent, size = list(box.start), list(box.extent), itemsize * prod(box.extent)
    for axis in reversed(range(len(shape))):
        size //= extent[axis]
        most = max(PAGE // max(size, 1), 1)
        first = box.start[axis] // most * most
        end = min(max(first + most, box.start[axis] + box.extent[axis]), shape[axis])
        start[axis], extent[axis] = first, end - first
        size *= extent[axis]
    return Box(tuple(start), tuple(extent))


def _within(around: Box, page: np.ndarray, box: Box) -> np.ndarray | None:
    """A box of a page, if it is there."""
    first = [s - t for s, t in zip(box.start, around.start, strict=True)]
    if any(f < 0 or f + n > m for f, n, m in zip(first, box.extent, around.extent, strict=True)):
        return None
    return page[tuple([slice(f, f + n) for f, n in zip(first, box.extent, strict=True)])]


__all__ = ["Sharded"]
