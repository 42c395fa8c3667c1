"""The driver's name for an array whose blocks lie on the workers."""

from __future__ import annotations

from collections.abc import Callable
from math import prod

import numpy as np

from ramba.errors import ArrayLostError
from ramba.layout import Box, Partition


class Sharded:
    """An array on the workers. When the last reference is gone, the next command frees its blocks."""

    __slots__ = ("__weakref__", "drop", "dtype", "fetch", "lost", "number", "partition")

    def __init__(
        self,
        number: int,
        dtype: np.dtype,
        partition: Partition,
        fetch: Callable[[Sharded, Box], np.ndarray],
        drop: Callable[[int], object],
    ) -> None:
        self.number = number
        self.dtype = dtype
        self.partition = partition
        self.fetch = fetch
        self.drop = drop
        self.lost: str | None = None  # why it has no value any more

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
        if self.lost is not None:
            raise ArrayLostError(self.lost)
        return self.fetch(self, box)

    def __del__(self) -> None:
        self.drop(self.number)


__all__ = ["Sharded"]
