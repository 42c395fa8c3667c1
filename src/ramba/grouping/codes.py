"""Which group each place along an axis belongs to."""

from __future__ import annotations

from operator import index
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ramba.lazyarray import UFUNC, Array, finished, is_lazy, ndarray

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


class Codes(NamedTuple):
    """The numbers of the groups; those below zero name none."""

    array: ndarray  # one for each place
    groups: int  # how many there are
    known: np.ndarray | None  # the same numbers, if they were in memory

    def values(self) -> np.ndarray:
        """The numbers, computed if need be."""
        return self.known if self.known is not None else np.asarray(self.array)

    def sizes(self) -> np.ndarray:
        """How many places belong to each group."""
        numbers = self.values()
        return np.bincount(numbers[numbers >= 0], minlength=self.groups)[: self.groups]

    def all_grouped(self) -> bool:
        """Whether every place belongs to a group."""
        return bool((self.values() >= 0).all())


def codes_of(labels: ArrayLike, extent: int, num_groups: int | None) -> Codes:
    """Codes for an axis of so many places; raises if they cannot be."""
    pending = isinstance(labels, Array) and is_lazy(labels)
    given: Any = labels if pending else np.asarray(labels)
    if given.ndim != 1:
        raise ValueError(f"codes must have one dimension, not {given.ndim}")
    if given.dtype.kind not in "iu" and given.size:
        raise TypeError(f"codes must be integers, not {given.dtype}")
    if len(given) != extent:
        raise ValueError(f"there are {len(given)} codes for an axis of {extent} elements")
    if num_groups is not None and (num_groups := index(num_groups)) < 0:
        raise ValueError("num_groups must not be negative")
    if pending and num_groups is not None:
        return Codes(UFUNC["maximum"](given.astype(np.int64), np.int64(-1)), num_groups, None)
    numbers = np.array(given, np.int64)  # a copy: later changes are not seen
    highest = int(numbers.max(initial=-1))
    groups = highest + 1 if num_groups is None else num_groups
    if highest >= groups:
        raise ValueError(f"The codes name group {highest}, but there are only {groups} groups.")
    return Codes(finished(np.maximum(numbers, -1)), groups, numbers)
