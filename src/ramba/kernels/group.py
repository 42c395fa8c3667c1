"""What a kernel may ask of the other workers, and the group of one.

Kernels are generators: they yield while they wait for messages, so that several workers can take turns in
one process. ``yield from group.exchange(...)`` gives the messages.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Mapping
from typing import Protocol, TypeVar

import numpy as np

from ramba.kernels.team import Team

T = TypeVar("T")
Waiting = Generator[None, None, T]
Memory = Callable[[tuple[int, ...], np.dtype], np.ndarray]


class Group(Protocol):
    """The workers that run a kernel together; each has a rank."""

    @property
    def rank(self) -> int:
        """This worker's number."""

    @property
    def size(self) -> int:
        """How many workers there are."""

    @property
    def team(self) -> Team:
        """This worker's threads."""

    def memory(self, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        """Fresh C-contiguous memory of arbitrary content, from the worker's pool."""

    def exchange(self, parcels: Mapping[int, np.ndarray], sources: Collection[int]) -> Waiting[dict[int, np.ndarray]]:
        """Sends arrays to members, gives one message from each source, as one-dimensional arrays of bytes.

        Everybody who is sent something must name the sender among its sources. What goes to oneself is handed over.
        An array is copied if it is not contiguous, or may be changed: pass what will not change any more.
        """

    def gather(self, value: np.ndarray) -> Waiting[np.ndarray]:
        """A small array of everybody, by rank: shape (size, *value.shape). All must give the same shape and dtype."""

    def reduce(self, value: np.ndarray, op: np.ufunc) -> Waiting[np.ndarray]:
        """Everybody's arrays combined in a fixed tree over the ranks; everybody gets the same bits."""


class Alone:
    """A group of one: what is sent is handed over, what everybody has is what one has."""

    rank = 0
    size = 1

    def __init__(self, team: Team, memory: Memory) -> None:
        self.team = team
        self.memory = memory

    def exchange(self, parcels: Mapping[int, np.ndarray], sources: Collection[int]) -> Waiting[dict[int, np.ndarray]]:
        """What goes to oneself."""
        return {rank: np.ascontiguousarray(parcels[rank]).reshape(-1).view(np.uint8) for rank in sources}
        yield

    def gather(self, value: np.ndarray) -> Waiting[np.ndarray]:
        """The array with one more axis."""
        return value[None]
        yield

    def reduce(self, value: np.ndarray, op: np.ufunc) -> Waiting[np.ndarray]:
        """The array."""
        return value
        yield


__all__ = ["Alone", "Group", "Memory", "Waiting"]
