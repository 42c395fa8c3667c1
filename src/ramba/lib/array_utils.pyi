"""The names of `numpy.lib.array_utils`."""

# Written by `make stubs` with NumPy 2.4.6: not to be edited by hand.

from collections.abc import Iterable
from typing import Any, TypeAlias

import numpy

from ramba import ndarray

_AnyArray: TypeAlias = ndarray | numpy.ndarray[Any, Any]

def byte_bounds(a: numpy.generic | _AnyArray) -> tuple[int, int]: ...
def normalize_axis_index(axis: int, ndim: int, msg_prefix: str | None = ...) -> int: ...
def normalize_axis_tuple(
    axis: int | Iterable[int], ndim: int, argname: str | None = None, allow_duplicate: bool | None = False
) -> tuple[int, ...]: ...
