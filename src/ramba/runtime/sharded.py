"""The driver's name for an array whose blocks lie on the workers."""

from __future__ import annotations

import time
from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from ramba import events
from ramba.layout import Box, Partition


class Sharded:
    """An array on the workers. When the last reference is gone, the next command frees its blocks."""

    __slots__ = ("__weakref__", "drop", "dtype", "fetch", "lost", "number", "partition", "recipe")

    def __init__(
        self,
        number: int,
        dtype: np.dtype,
        partition: Partition,
        fetch: Callable[[Sharded, Box], np.ndarray],
        drop: Callable[[int], object],
    ) -> None:
        self.lost: str | None = None  # why it has no value any more
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
        """A box of the array, in the driver's memory."""
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


__all__ = ["Sharded"]
