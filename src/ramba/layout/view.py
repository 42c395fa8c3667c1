"""A view: NumPy's pointer arithmetic on the logical C-order elements of a base.

Offsets and strides count elements of the base. New views are made by NumPy itself: a *ghost* is an array whose elements
have no bytes (dtype ``V0``) and whose address is made up, so that slicing, transposing or reshaping it moves only
numbers, with NumPy's own rules and NumPy's own errors. Whoever reads a ghost (a traceback printer that shows arguments,
a debugger) reads nothing: there is no memory behind it that he could miss.
"""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import Any, NamedTuple

import numpy as np

GHOST_ADDRESS = 1 << 45  # room below for negative strides; elements of no bytes are never read there


class View(NamedTuple):
    """Element ``(i, j, ...)`` of the view is element ``offset + i*strides[0] + j*strides[1] + ...`` of the base."""

    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    @property
    def size(self) -> int:
        """Number of elements the view shows (repeated ones counted each time)."""
        return prod(self.shape)


@lru_cache(maxsize=4096)
def c_strides(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Strides, in elements, of a C-contiguous array."""
    strides = []
    step = 1
    for extent in reversed(shape):
        strides.append(step)
        step *= max(extent, 1)
    return tuple(reversed(strides))


@lru_cache(maxsize=4096)
def identity(shape: tuple[int, ...]) -> View:
    """The view that shows a whole base of this shape."""
    return View(0, shape, c_strides(shape))


def is_c_contiguous(view: View) -> bool:
    """Whether the elements lie side by side in C order, by NumPy's rule: axes of extent one do not count."""
    step = 1
    for extent, stride in zip(reversed(view.shape), reversed(view.strides), strict=True):
        if extent != 1 and stride != step:
            return 0 in view.shape
        step *= extent
    return True


def is_f_contiguous(view: View) -> bool:
    """Whether the elements lie side by side in Fortran order."""
    return is_c_contiguous(View(view.offset, view.shape[::-1], view.strides[::-1]))


class _GhostSource:
    """What NumPy needs to make an array out of an address."""

    __slots__ = ("__array_interface__",)

    def __init__(self, interface: dict[str, Any]) -> None:
        self.__array_interface__ = interface


def ghost(view: View) -> np.ndarray:
    """A memory-less array that moves like the view: only view operations are allowed on it."""
    return np.asarray(
        _GhostSource(
            {
                "data": (GHOST_ADDRESS + view.offset, False),
                "shape": view.shape,
                "strides": view.strides,
                "typestr": "|V0",
                "version": 3,
            }
        )
    )


def view_of_ghost(array: np.ndarray) -> View:
    """The view that a ghost, moved by NumPy, stands for."""
    shape, strides = array.shape, array.strides
    if array.size == 1 and not any(strides):  # of one element NumPy derives them from its size, which a ghost has not
        strides = c_strides(shape)
    start = array.__array_interface__["data"][0] - GHOST_ADDRESS if array.size else 0  # where nothing lies is nowhere
    return View(start, shape, strides)
