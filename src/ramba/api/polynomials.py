"""Polynomials: their values at the elements of arrays, and fits to points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, SupportsIndex

import numpy as np

from ramba.api.creation.from_shape import full as filled
from ramba.api.creation.matrices import vander
from ramba.api.linalg.decompositions import inv, lstsq
from ramba.api.linalg.products import dot, outer
from ramba.errors import warn
from ramba.lazyarray import UFUNC, asarray, call_numpy, implements, is_lazy, ndarray, raise_like_numpy, unwrap

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ramba.lazyarray.annotations import NumPyFunction


@implements(np.polyval, cost=4)
def polyval(p: ArrayLike, x: ArrayLike) -> Any:
    """The value of a polynomial with given coefficients."""
    if not is_lazy(x) or isinstance(x, np.poly1d):
        return call_numpy(np.polyval, p, x)
    x = asarray(x)
    total = filled(x.shape, 0, x.dtype)
    for coefficient in np.asarray(unwrap(p)):
        total = total * x + coefficient
    return total


@implements(np.polyfit, cost=16)
def polyfit(
    x: ArrayLike,
    y: ArrayLike,
    deg: SupportsIndex,
    rcond: float | None = None,
    full: bool = False,
    w: ArrayLike | None = None,
    cov: bool | Literal["unscaled"] = False,
) -> Any:
    """The coefficients of the polynomial that comes nearest to points, the highest power first."""
    across, up, weights = asarray(x) + 0.0, asarray(y) + 0.0, None if w is None else asarray(w) + 0.0
    order = int(deg) + 1
    if order < 1 or across.ndim != 1 or not across.size or up.ndim not in (1, 2) or across.shape[0] != up.shape[0]:
        raise_like_numpy(np.polyfit, x, y, deg)
    if weights is not None and weights.shape != up.shape[:1]:
        raise_like_numpy(np.polyfit, x, y, deg, w=w)
    powers = vander(across, order)
    if weights is not None:
        powers = powers * weights[:, None]
        up = up * (weights if up.ndim == 1 else weights[:, None])
    if rcond is None:
        rcond = across.size * np.finfo(across.dtype).eps
    scale = UFUNC["sqrt"](UFUNC["add"].reduce(powers * powers, axis=0))
    powers = powers / scale
    found, missed, rank, values = lstsq(powers, up, rcond)
    found = (found.T / scale).T
    if rank != order and not full:
        warn("Polyfit may be poorly conditioned", np.exceptions.RankWarning)
    if full:
        return found, missed, rank, values, rcond
    return (found, _covariance(powers, scale, up, missed, cov)) if cov else found


def _covariance(powers: ndarray, scale: ndarray, up: ndarray, missed: ndarray, cov: bool | str) -> ndarray:
    """How far the coefficients may be off, by the scaled powers of the points and the squares that the fit misses."""
    count, order = powers.shape
    spread: ndarray = inv(dot(powers.T, powers)) / outer(scale, scale)
    factor: Any = 1
    if cov != "unscaled":
        if count <= order:
            raise ValueError("the number of data points must exceed order to scale the covariance matrix")
        factor = missed / (count - order)
    return spread * factor if up.ndim == 1 else spread[:, :, None] * factor


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
