"""Array manipulation: changing the kind of array."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ramba.api.creation.from_data import asarray
from ramba.api.creation.from_shape import creates
from ramba.lazyarray import PLACING, UFUNC, implements, look, ndarray

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, DTypeLike

    from ramba.lazyarray.annotations import Order


np_require: Any = np.require  # called with arguments that are checked by NumPy itself, not by its stubs


@implements(np.require, own=PLACING)
def require(
    a: ArrayLike,
    dtype: DTypeLike | None = None,
    requirements: str | Sequence[str] | None = None,
    *,
    like: object = None,
) -> ndarray:
    """The argument as an array that lies in memory as required."""
    np_require(np.empty(0), dtype, requirements)  # NumPy's checks
    wanted = {str(name).upper() for name in requirements or ()} - {"E", "ENSUREARRAY"}
    order = "F" if wanted & {"F", "F_CONTIGUOUS", "FORTRAN"} else "C" if wanted & {"C", "C_CONTIGUOUS"} else "K"
    result = asarray(a, dtype, order)
    return result if all(result.flags[name] for name in wanted) else result.copy(order)


@creates(np.ascontiguousarray, kind="data")
def ascontiguousarray(a: ArrayLike, dtype: DTypeLike | None = None, *, like: object = None) -> ndarray:
    """The argument as an array of at least one dimension in C order."""
    result = asarray(a, dtype, "C")
    return result if result.ndim else result.reshape(1)


@creates(np.asfortranarray, kind="data")
def asfortranarray(a: ArrayLike, dtype: DTypeLike | None = None, *, like: object = None) -> ndarray:
    """The argument as an array of at least one dimension in Fortran order."""
    result = asarray(a, dtype, "F")
    return result if result.ndim else result.reshape(1)


@creates(np.asarray_chkfinite)
def asarray_chkfinite(a: ArrayLike, dtype: DTypeLike | None = None, order: Order = None) -> ndarray:
    """The argument as an array; a ValueError if it holds NaN or infinity."""
    result = asarray(a, dtype, order)
    if result.dtype.kind in "fc" and not bool(UFUNC["logical_and"].reduce(UFUNC["isfinite"](result), axis=None)):
        raise ValueError("array must not contain infs or NaNs")
    return result


for _function in (np.frombuffer, np.fromiter, np.fromstring):
    creates(_function)(partial(look, _function))
