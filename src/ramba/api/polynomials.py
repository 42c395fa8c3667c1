"""Polynomials: their values at the elements of arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ramba.api.creation.from_shape import full
from ramba.lazyarray import asarray, call_numpy, implements, is_lazy, unwrap

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ramba.lazyarray.annotations import NumPyFunction


@implements(np.polyval, cost=4)
def polyval(p: ArrayLike, x: ArrayLike) -> Any:
    """The value of a polynomial with given coefficients."""
    if not is_lazy(x) or isinstance(x, np.poly1d):
        return call_numpy(np.polyval, p, x)
    x = asarray(x)
    total = full(x.shape, 0, x.dtype)
    for coefficient in np.asarray(unwrap(p)):
        total = total * x + coefficient
    return total


def implement_values(np_func: NumPyFunction) -> None:
    """Registers a function for the values of series.

    NumPy's own only adds and multiplies, and takes whatever can do so: it is what records the operations.
    """

    def body(x: ArrayLike, c: ArrayLike, tensor: bool = True) -> Any:
        coefficients = np.array(unwrap(c), ndmin=1)
        if not is_lazy(x) or coefficients.ndim > 1:
            return call_numpy(np_func, x, c, tensor)
        return np_func(x, coefficients)

    body.__doc__ = np_func.__doc__
    implements(np_func, cost=4)(body)
