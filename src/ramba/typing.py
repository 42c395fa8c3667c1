"""Types for annotations: the names of `numpy.typing`; an `NDArray` is one of Ramba's."""

from __future__ import annotations

from typing import Any as _Any
from typing import TypeVar as _TypeVar

import numpy as _np
import numpy.typing as _numpy

from ramba.doors import door as _door
from ramba.lazyarray import ndarray as _ndarray

_array: _Any = _ndarray  # whose parameters type checkers read in the stub
_own = {
    "ArrayLike": _numpy.ArrayLike,
    "DTypeLike": _numpy.DTypeLike,
    "NDArray": _array[tuple[_Any, ...], _np.dtype[_TypeVar("_Scalar", bound=_np.generic)]],  # type: ignore[misc]
}
__all__, __getattr__, __dir__ = _door(__name__, _numpy, own=_own)
