"""Mathematical functions: rounding, complex numbers, and what is made of a few ufuncs."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, SupportsIndex

import numpy as np

from ramba.lazyarray import (
    UFUNC,
    asarray,
    call,
    call_library,
    call_numpy,
    copy_,
    implements,
    is_compiled,
    ndarray,
    raise_like_numpy,
    unwrap,
    where,
)
from ramba.lazyarray.options import NO_VALUE, deliver, given

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ramba.lazyarray.annotations import Out


@implements(np.ndarray.conjugate, method="conjugate")
def conjugate(self: ndarray, out: Out = None) -> Any:
    """Every element with its imaginary part negated; real arrays as they are."""
    return UFUNC["conjugate"](self, out=out) if self.dtype.kind == "c" or out is not None else self


conj = implements(np.ndarray.conj, method="conj")(conjugate)


@implements(np.round, method="round")
def round(a: ArrayLike, decimals: SupportsIndex = 0, out: Out = None) -> Any:
    """Every element rounded to a number of decimals, halves to even."""
    a, decimals = asarray(a), operator.index(decimals)
    kind = a.dtype.kind
    if kind == "c":
        rounded = copy_(a, "K")
        rounded.real = round(a.real, decimals)
        rounded.imag = round(a.imag, decimals)
        return deliver(rounded, out)
    if kind == "b":
        return call_library(np.round, a, decimals, out=out)
    if kind in "iu" and decimals >= 0:
        return deliver(copy_(a, "K"), out)
    if decimals == 0:
        return UFUNC["rint"](a, out=out)
    if abs(decimals) > 308:  # no float is 10 to such a power
        return call_library(np.round, a, decimals, out=out)
    power = 10.0 ** abs(decimals)
    before, after = ("multiply", "true_divide") if decimals > 0 else ("true_divide", "multiply")
    rounded = UFUNC[after](UFUNC["rint"](UFUNC[before](a, power)), power)
    return deliver(rounded.astype(a.dtype, copy=False), out)


around = implements(np.around)(round)


@implements(np.fix)
def fix(x: ArrayLike, out: Out = None) -> Any:
    """Every element rounded towards zero."""
    return UFUNC["trunc"](asarray(x), out=out)


@implements(np.ndarray.clip, method="clip")
def clip_method(
    self: ndarray, min: ArrayLike | None = None, max: ArrayLike | None = None, out: Out = None, **kwargs: object
) -> Any:
    """Every element, moved to the nearer limit if it is outside."""
    return clip(self, min, max, out=out, **kwargs)


@implements(np.clip)
def clip(
    a: ArrayLike,
    a_min: ArrayLike | None = NO_VALUE,
    a_max: ArrayLike | None = NO_VALUE,
    out: Out = None,
    *,
    min: ArrayLike | None = NO_VALUE,
    max: ArrayLike | None = NO_VALUE,
    **kwargs: object,
) -> Any:
    """Every element, moved to the nearer limit if it is outside."""
    a = asarray(a)
    if (a_min is not NO_VALUE or a_max is not NO_VALUE) and (min is not NO_VALUE or max is not NO_VALUE):
        raise_like_numpy(np.clip, a, a_min, a_max, min=min, max=max)
    if (a_min is NO_VALUE) != (a_max is NO_VALUE):
        raise_like_numpy(np.clip, a, *([] if a_min is NO_VALUE else [a_min]), **given(a_max=a_max))
    low = min if a_min is NO_VALUE else a_min
    high = max if a_max is NO_VALUE else a_max
    low, high = (None if limit is NO_VALUE else limit for limit in (low, high))
    if a.dtype.kind in "iu":  # a Python int that no element can pass is no limit
        info = np.iinfo(a.dtype)
        low = None if type(low) is int and low <= info.min else low
        high = None if type(high) is int and high >= info.max else high
    if low is None and high is None:
        return UFUNC["positive"](a, out=out, **kwargs)
    if high is None:
        return UFUNC["maximum"](a, low, out=out, **kwargs)
    if low is None:
        return UFUNC["minimum"](a, high, out=out, **kwargs)
    return UFUNC["clip"](a, low, high, out=out, **kwargs)


@implements(np.nan_to_num)
def nan_to_num(
    x: ArrayLike,
    copy: bool | None = True,
    nan: ArrayLike = 0.0,
    posinf: ArrayLike | None = None,
    neginf: ArrayLike | None = None,
) -> Any:
    """The array with NaN and infinities replaced by numbers."""
    x = asarray(x)
    if x.dtype.kind not in "fc":
        return copy_(x, "K") if copy else x
    result = copy_(x, "K") if copy else x
    if x.dtype.kind == "c":
        result.real = _finite(x.real, nan, posinf, neginf)
        result.imag = _finite(x.imag, nan, posinf, neginf)
    else:
        result[...] = _finite(x, nan, posinf, neginf)
    return result if result.shape else result[()]


def _finite(x: ndarray, nan: ArrayLike, posinf: ArrayLike | None, neginf: ArrayLike | None) -> ndarray:
    limits = np.finfo(x.dtype)
    high = limits.max if posinf is None else posinf
    low = limits.min if neginf is None else neginf
    nan, high, low = (asarray(value).astype(x.dtype) for value in (nan, high, low))
    return where(UFUNC["isnan"](x), nan, where(x == np.inf, high, where(x == -np.inf, low, x)))


@implements(np.real_if_close)
def real_if_close(a: ArrayLike, tol: float = 100) -> Any:
    """The real part, if all imaginary parts are close to zero."""
    a = asarray(a)
    if a.dtype.kind != "c":
        return a
    if tol > 1:
        tol = np.finfo(a.dtype).eps * tol
    return a.real if bool(UFUNC["logical_and"].reduce(abs(a.imag) < tol, axis=None)) else a


@implements(np.real)
def real(val: ArrayLike) -> Any:
    """The real parts, as a view."""
    return asarray(val).real


@implements(np.imag)
def imag(val: ArrayLike) -> Any:
    """The imaginary parts, as a view where the dtype is complex."""
    return asarray(val).imag


@implements(np.angle)
def angle(z: ArrayLike, deg: bool = False) -> Any:
    """The angle of every complex element."""
    z = asarray(z)
    result = UFUNC["arctan2"](z.imag, z.real) if z.dtype.kind == "c" else UFUNC["arctan2"](0, z)
    return result * (180 / np.pi) if deg else result


@implements(np.sinc, cost=8)
def sinc(x: ArrayLike) -> Any:
    """sin(pi x) / (pi x), one at zero."""
    angles: Any = np.pi * asarray(x)
    eps = np.finfo(angles.dtype).eps if angles.dtype.kind == "f" else 1e-20
    y = where(angles != 0, angles, angles.dtype.type(eps))
    return UFUNC["sin"](y) / y


@implements(np.interp, cost=8, kind="read 3")
def interp(
    x: ArrayLike,
    xp: ArrayLike,
    fp: ArrayLike,
    left: float | None = None,
    right: float | None = None,
    period: float | None = None,
) -> Any:
    """Linear interpolation between given points."""
    at, points, heights = asarray(x), asarray(xp), asarray(fp)
    dtype = np.dtype(np.complex128 if heights.dtype.kind == "c" else np.float64)
    checked: Any = np.interp
    nothing, kinds = np.zeros(0, at.dtype), (points.dtype, dtype)
    # NumPy's checks of all but the values
    checked(nothing, *map(np.zeros, (points.shape, heights.shape), kinds), left, right, period)
    ends = [None if end is None or period is not None else np.asarray(end).item() for end in (left, right)]
    if not all(is_compiled(a.dtype) for a in (at, points, heights)) or any(isinstance(end, complex) for end in ends):
        return call_numpy(np.interp, x, xp, fp, left=left, right=right, period=period)
    if period is not None:
        period = abs(period)
        places, values = np.asarray(unwrap(points), np.float64) % period, np.asarray(unwrap(heights), dtype)
        order = np.argsort(places)
        places, values = places[order], values[order]
        at = at.astype(np.float64, copy=False) % period
        points = asarray(np.concatenate((places[-1:] - period, places, places[:1] + period)))
        heights = asarray(np.concatenate((values[-1:], values, values[:1])))
    return call("interp", [at, points, heights], *ends, dtypes=(np.float64, np.float64, dtype))[0]
