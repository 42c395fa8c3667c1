"""What a kernel may ask of the thread team."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Protocol

import numpy as np

SLABS = 32  # parts that threads share: one may be slower than the others
WORTH = 1 << 15  # elements: fewer are computed on one thread sooner than a second one wakes up

Part = tuple[slice, ...]


class Team(Protocol):
    """Threads that share out the tiles of a kernel."""

    size: int

    def map(self, function: Callable[[int], None], count: int) -> None:
        """Calls ``function`` with 0, ..., count - 1, on all threads."""

    def map_apart(self, function: Callable[[int], object], count: int) -> None:
        """The same for functions of users, which may never end: an interrupt ends them."""

    def run(self, kernel_address: int, block: int, tiles: int) -> int:
        """Runs machine code for tiles 0, ..., tiles - 1; gives the floating-point flags it raised."""

    def run_watched(self, kernel_address: int, block: int, tiles: int) -> int:
        """The same for code whose loops look whether to leave: where, is written to the word before the block."""


def slabs(team: Team, shape: tuple[int, ...], whole: Collection[int], function: Callable[[Part], object]) -> None:
    """Calls a function with the keys of parts that make up an array, on all threads.

    Parameters
    ----------
    shape
        Of the array.
    whole
        Axes that no cut may divide, none of them negative. The longest other one is cut.
    function
        Gets a tuple of slices, one for each axis. What it does for one part must not depend on the others.
    """
    others = [d for d in range(len(shape)) if d not in whole]
    cut = max(others, key=lambda d: shape[d], default=None)
    everything = (slice(None),) * len(shape)
    if cut is None or team.size == 1 or np.prod(shape, dtype=np.float64) < WORTH:
        function(everything)
        return
    extent = shape[cut]
    count = min(extent, SLABS)

    def part(n: int) -> None:
        function((*everything[:cut], slice(extent * n // count, extent * (n + 1) // count), *everything[cut + 1 :]))

    team.map(part, count)


__all__ = ["Part", "Team", "slabs"]
