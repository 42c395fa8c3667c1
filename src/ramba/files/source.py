"""What is known of an array in a file without reading it: plain data, which plans hold and messages carry."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike


class Source(NamedTuple):
    """An array in a file."""

    file: str  # an absolute path, or a URL
    format: str  # a name in `registry.formats()`
    name: str  # of the array within the file; "" for the only one
    dtype: Any  # as in the file: "<f8"; a np.dtype if it has no such name, which does not travel
    shape: tuple[int, ...]
    chunks: tuple[int, ...]  # what is stored, and decoded, as one; () if nothing is
    stamp: tuple[int, ...]  # size and time of the file's last change
    layout: tuple[Any, ...] = ()  # the format's own

    @property
    def size(self) -> int:
        """Elements."""
        return prod(self.shape)


class Selection(NamedTuple):
    """Which elements are read: one first index, extent and positive step for each dimension."""

    start: tuple[int, ...]
    extent: tuple[int, ...]
    step: tuple[int, ...]

    def part(self, start: Sequence[int], extent: Sequence[int]) -> Selection:
        """A box of what is selected."""
        first = tuple(s + t * b for s, t, b in zip(self.start, self.step, start, strict=True))
        return Selection(first, tuple(extent), self.step)

    def slices(self) -> tuple[slice, ...]:
        """As an index of the whole array."""
        return tuple(
            slice(s, s + (n - 1) * t + 1 if n else s, t)
            for s, n, t in zip(self.start, self.extent, self.step, strict=True)
        )


def everything(shape: Sequence[int]) -> Selection:
    """All of an array."""
    return Selection((0,) * len(shape), tuple(shape), (1,) * len(shape))


def native(dtype: DTypeLike) -> np.dtype:
    """The dtype in memory of what a file has in any order of bytes."""
    return np.dtype(dtype).newbyteorder("=")


def named(dtype: np.dtype) -> Any:
    """The name of a dtype as `Source` has it."""
    return dtype.str if dtype.kind in "biufc" and dtype.itemsize <= 16 else dtype


__all__ = ["Selection", "Source", "everything", "named", "native"]
