"""What reading and writing ask of the thread team."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Threads(Protocol):
    """Threads that share out pieces of work."""

    @property
    def size(self) -> int:
        """How many there are."""

    def map(self, function: Callable[[int], None], count: int) -> None:
        """Calls ``function`` with 0, ..., count - 1, on all threads."""


__all__ = ["Threads"]
