"""The names of `numpy.lib.stride_tricks`."""

# Written by `make stubs` with NumPy 2.4.6: not to be edited by hand.

from collections.abc import Iterable
from typing import Any, TypeAlias

import numpy
from numpy.typing import ArrayLike

from ramba import ndarray

_AnyArray: TypeAlias = ndarray | numpy.ndarray[Any, Any]

def as_strided(
    x: ArrayLike,
    shape: Iterable[int] | None = None,
    strides: Iterable[int] | None = None,
    subok: bool = False,
    writeable: bool = True,
) -> ndarray: ...
def sliding_window_view(
    x: ArrayLike,
    window_shape: int | Iterable[int],
    axis: int | tuple[int, ...] | None = None,
    *,
    subok: bool = False,
    writeable: bool = False,
) -> ndarray: ...
