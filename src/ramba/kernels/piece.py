"""One worker's part of an array, as distributed kernels get and give it."""

from __future__ import annotations

from math import prod
from typing import NamedTuple

import numpy as np

from ramba.layout.partition import Partition, partition


class Piece(NamedTuple):
    """A block and where it belongs."""

    array: np.ndarray  # this worker's block, C-contiguous; the whole array if the partition is replicated
    partition: Partition  # knows the whole shape

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the whole array."""
        return self.partition.shape

    @property
    def size(self) -> int:
        """Elements of the whole array."""
        return prod(self.partition.shape)

    @property
    def replicated(self) -> bool:
        """Whether every worker holds all of it."""
        return self.partition.replicated


def uncut(shape: tuple[int, ...], axes: tuple[int, ...], workers: int) -> Partition:
    """A partition that leaves some axes whole."""
    others = tuple(d for d in range(len(shape)) if d not in axes)
    even = partition(tuple(shape[d] for d in others), workers, 0)
    grid = [1] * len(shape)
    for d, parts in zip(others, even.grid, strict=False):
        grid[d] = parts
    return Partition(shape, tuple(grid))


def with_axis_at(piece: Piece, axis: int, place: int) -> Piece:
    """The same elements with an axis that is not cut at another place among the others."""
    if axis == place:
        return piece

    def moved(items: tuple[int, ...]) -> tuple[int, ...]:
        rest = items[:axis] + items[axis + 1 :]
        return rest[:place] + items[axis : axis + 1] + rest[place:]

    array, lies = piece.array, piece.partition
    assert lies.replicated or (lies.grid[axis] == 1 and not lies.edges)  # so blocks are numbered as before
    return Piece(np.ascontiguousarray(np.moveaxis(array, axis, place)), Partition(moved(lies.shape), moved(lies.grid)))


def cut_along(shape: tuple[int, ...], workers: int, axis: int = 0) -> Partition:
    """A partition that cuts one axis only."""
    return Partition(shape, tuple(workers if d == axis else 1 for d in range(len(shape))))


def is_slabs(partition: Partition) -> bool:
    """Whether every worker's elements are consecutive ones, in C order."""
    return not partition.replicated and all(parts == 1 for parts in partition.grid[1:])
