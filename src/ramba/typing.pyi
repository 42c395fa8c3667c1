"""Types for annotations: the names of `numpy.typing`; an `NDArray` is one of Ramba's."""

# Written by `make stubs` with NumPy 2.4.6: not to be edited by hand.

from typing import Any, TypeAlias, TypeVar

import numpy
from numpy.typing import ArrayLike as ArrayLike
from numpy.typing import DTypeLike as DTypeLike
from numpy.typing import NBitBase as NBitBase

from ramba import ndarray

_Scalar = TypeVar("_Scalar", bound=numpy.generic)
NDArray: TypeAlias = ndarray[tuple[Any, ...], numpy.dtype[_Scalar]]
