"""What a distributed kernel may ask of the other workers.

Distributed kernels are generators: they yield while they wait for messages, so that several workers can take turns in
one process. ``yield from group.exchange(...)`` gives the messages.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Mapping
from typing import Protocol, TypeVar

import numpy as np

from ramba.kernels.team import Team

T = TypeVar("T")
Waiting = Generator[None, None, T]


class Group(Protocol):
    """The workers that run a kernel together; each has a rank."""

    rank: int
    size: int
    team: Team  # this worker's threads

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
