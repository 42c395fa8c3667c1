"""What a library kernel may ask of the thread team."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Workers(Protocol):
    """Threads that share out the tiles of a kernel."""

    size: int

    def map(self, function: Callable[[int], None], count: int) -> None:
        """Calls ``function`` with 0, ..., count - 1, on all threads."""

    def run(self, kernel_address: int, block: int, tiles: int) -> int:
        """Runs machine code for tiles 0, ..., tiles - 1; gives the floating-point flags it raised."""
