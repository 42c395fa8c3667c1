"""Mathematical functions: sums, products, extrema, rounding; each a reduction, a scan or a few ufuncs."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, SupportsIndex

import numpy as np

from ramba.api.joining import concatenate
from ramba.api.options import AS_ARRAY, NO_VALUE, deliver, given
from ramba.errors import warn
from ramba.lazyarray import (
    UFUNC,
    asarray,
    call,
    call_library,
    call_numpy,
    implements,
    is_compiled,
    ndarray,
    raise_like_numpy,
    unwrap,
    where,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, DTypeLike

    from ramba.lazyarray.annotations import Axes, Axis, NumPyFunction, Out


@implements(np.sum, method="sum", kind="fold", own=AS_ARRAY)
def sum(
    a: ArrayLike,
    axis: Axes = None,
    dtype: DTypeLike | None = None,
    out: Out = None,
    keepdims: bool = NO_VALUE,
    initial: ArrayLike | None = NO_VALUE,
    where: ArrayLike = NO_VALUE,
) -> Any:
    """The sum over axes."""
    options = given(keepdims=keepdims, initial=initial, where=where)
    return UFUNC["add"].reduce(asarray(a), axis=axis, dtype=dtype, out=out, **options)


@implements(np.prod, method="prod", kind="read", own=AS_ARRAY)
def prod(
    a: ArrayLike,
    axis: Axes = None,
    dtype: DTypeLike | None = None,
    out: Out = None,
    keepdims: bool = NO_VALUE,
    initial: ArrayLike | None = NO_VALUE,
    where: ArrayLike = NO_VALUE,
) -> Any:
    """The product over axes."""
    options = given(keepdims=keepdims, initial=initial, where=where)
    return UFUNC["multiply"].reduce(asarray(a), axis=axis, dtype=dtype, out=out, **options)


@implements(np.max, method="max", kind="fold", own=AS_ARRAY)
def max(
    a: ArrayLike,
    axis: Axes = None,
    out: Out = None,
    keepdims: bool = NO_VALUE,
    initial: ArrayLike | None = NO_VALUE,
    where: ArrayLike = NO_VALUE,
) -> Any:
    """The largest element over axes."""
    options = given(keepdims=keepdims, initial=initial, where=where)
    return UFUNC["maximum"].reduce(asarray(a), axis=axis, out=out, **options)


@implements(np.min, method="min", kind="fold", own=AS_ARRAY)
def min(
    a: ArrayLike,
    axis: Axes = None,
    out: Out = None,
    keepdims: bool = NO_VALUE,
    initial: ArrayLike | None = NO_VALUE,
    where: ArrayLike = NO_VALUE,
) -> Any:
    """The smallest element over axes."""
    options = given(keepdims=keepdims, initial=initial, where=where)
    return UFUNC["minimum"].reduce(asarray(a), axis=axis, out=out, **options)


amax = implements(np.amax)(max)
amin = implements(np.amin)(min)


@implements(np.cumsum, method="cumsum", kind="read")
def cumsum(a: ArrayLike, axis: Axis = None, dtype: DTypeLike | None = None, out: Out = None) -> Any:
    """The running sum along an axis."""
    return _scan("add", a, axis, dtype, out)


@implements(np.cumprod, method="cumprod", kind="read")
def cumprod(a: ArrayLike, axis: Axis = None, dtype: DTypeLike | None = None, out: Out = None) -> Any:
    """The running product along an axis."""
    return _scan("multiply", a, axis, dtype, out)


def _scan(name: str, a: ArrayLike, axis: Axis, dtype: DTypeLike | None, out: Out) -> Any:
    a = asarray(a)
    if axis is None or a.ndim == 0:
        a, axis = a.ravel(), axis or 0
    return UFUNC[name].accumulate(a, axis=operator.index(axis), dtype=dtype, out=out)


@implements(np.cumulative_sum)
def cumulative_sum(
    x: ArrayLike,
    /,
    *,
    axis: Axis = None,
    dtype: DTypeLike | None = None,
    out: Out = None,
    include_initial: bool = False,
) -> Any:
    """The running sum along an axis, on request with the empty sum before it."""
    return _cumulative(np.cumulative_sum, "add", x, axis, dtype, out, include_initial)


@implements(np.cumulative_prod)
def cumulative_prod(
    x: ArrayLike,
    /,
    *,
    axis: Axis = None,
    dtype: DTypeLike | None = None,
    out: Out = None,
    include_initial: bool = False,
) -> Any:
    """The running product along an axis, on request with the empty product before it."""
    return _cumulative(np.cumulative_prod, "multiply", x, axis, dtype, out, include_initial)


def _cumulative(
    np_func: NumPyFunction,
    name: str,
    x: ArrayLike,
    axis: Axis,
    dtype: DTypeLike | None,
    out: Out,
    include_initial: bool,
) -> Any:
    x = asarray(x)
    if x.ndim == 0 or (axis is None and x.ndim > 1):
        raise_like_numpy(np_func, x, axis=axis, dtype=dtype, out=out, include_initial=include_initial)
    axis = np.lib.array_utils.normalize_axis_index(axis or 0, x.ndim)
    if not include_initial:
        return _scan(name, x, axis, dtype, out)
    scanned = _scan(name, x, axis, dtype, None)
    first = list(x.shape)
    first[axis] = 1
    identity = np.full(first, 0 if name == "add" else 1, scanned.dtype)
    return deliver(concatenate([identity, scanned], axis), out)


# --- versions that ignore NaN


def without_nan(a: ArrayLike, value: ArrayLike) -> tuple[ndarray, ndarray | None]:
    """The array with every NaN replaced, and where they were (None: the dtype has none)."""
    a = asarray(a)
    if a.dtype.kind not in "fc":
        return a, None
    mask = UFUNC["isnan"](a)
    return where(mask, a.dtype.type(value), a), mask


@implements(np.nansum)
def nansum(
    a: ArrayLike,
    axis: Axes = None,
    dtype: DTypeLike | None = None,
    out: Out = None,
    keepdims: bool = NO_VALUE,
    initial: ArrayLike | None = NO_VALUE,
    where: ArrayLike = NO_VALUE,
) -> Any:
    """The sum over axes, NaN counting as zero."""
    options = given(keepdims=keepdims, initial=initial, where=where)
    return UFUNC["add"].reduce(without_nan(a, 0)[0], axis=axis, dtype=dtype, out=out, **options)


@implements(np.nanprod)
def nanprod(
    a: ArrayLike,
    axis: Axes = None,
    dtype: DTypeLike | None = None,
    out: Out = None,
    keepdims: bool = NO_VALUE,
    initial: ArrayLike | None = NO_VALUE,
    where: ArrayLike = NO_VALUE,
) -> Any:
    """The product over axes, NaN counting as one."""
    options = given(keepdims=keepdims, initial=initial, where=where)
    return UFUNC["multiply"].reduce(without_nan(a, 1)[0], axis=axis, dtype=dtype, out=out, **options)


@implements(np.nanmax)
def nanmax(
    a: ArrayLike,
    axis: Axes = None,
    out: Out = None,
    keepdims: bool = NO_VALUE,
    initial: ArrayLike | None = NO_VALUE,
    where: ArrayLike = NO_VALUE,
) -> Any:
    """The largest element over axes that is not NaN."""
    options = given(keepdims=keepdims, initial=initial, where=where)
    return _warned(UFUNC["fmax"].reduce(asarray(a), axis=axis, out=out, **options))


@implements(np.nanmin)
def nanmin(
    a: ArrayLike,
    axis: Axes = None,
    out: Out = None,
    keepdims: bool = NO_VALUE,
    initial: ArrayLike | None = NO_VALUE,
    where: ArrayLike = NO_VALUE,
) -> Any:
    """The smallest element over axes that is not NaN."""
    options = given(keepdims=keepdims, initial=initial, where=where)
    return _warned(UFUNC["fmin"].reduce(asarray(a), axis=axis, out=out, **options))


def _warned(extreme: Any) -> Any:
    """The extremes, after a warning if there is a NaN among them: some slice has nothing else."""
    if extreme.dtype.kind in "fc":
        warn_if_any(UFUNC["isnan"](extreme), "All-NaN slice encountered")
    return extreme


def warn_if_any(found: ArrayLike, text: str) -> None:
    """Gives a warning of NumPy's that depends on values: they are computed now."""
    if bool(UFUNC["logical_or"].reduce(asarray(found), axis=None)):
        warn(text, RuntimeWarning)


@implements(np.nancumsum)
def nancumsum(a: ArrayLike, axis: Axis = None, dtype: DTypeLike | None = None, out: Out = None) -> Any:
    """The running sum along an axis, NaN counting as zero."""
    return _scan("add", without_nan(a, 0)[0], axis, dtype, out)


@implements(np.nancumprod)
def nancumprod(a: ArrayLike, axis: Axis = None, dtype: DTypeLike | None = None, out: Out = None) -> Any:
    """The running product along an axis, NaN counting as one."""
    return _scan("multiply", without_nan(a, 1)[0], axis, dtype, out)


# --- complex numbers


@implements(np.ndarray.conjugate, method="conjugate")
def conjugate(self: ndarray, out: Out = None) -> Any:
    """Every element with its imaginary part negated; real arrays as they are."""
    return UFUNC["conjugate"](self, out=out) if self.dtype.kind == "c" or out is not None else self


conj = implements(np.ndarray.conj, method="conj")(conjugate)


# --- rounding and limits


@implements(np.round, method="round")
def round(a: ArrayLike, decimals: SupportsIndex = 0, out: Out = None) -> Any:
    """Every element rounded to a number of decimals, halves to even."""
    a, decimals = asarray(a), operator.index(decimals)
    kind = a.dtype.kind
    if kind == "c":
        rounded = a.copy("K")
        rounded.real = round(a.real, decimals)
        rounded.imag = round(a.imag, decimals)
        return deliver(rounded, out)
    if kind == "b":
        return call_library(np.round, a, decimals, out=out)
    if kind in "iu" and decimals >= 0:
        return deliver(a.copy("K"), out)
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
        return x.copy("K") if copy else x
    result = x.copy("K") if copy else x
    if x.dtype.kind == "c":
        result.real = _finite(x.real, nan, posinf, neginf)
        result.imag = _finite(x.imag, nan, posinf, neginf)
    else:
        result[...] = _finite(x, nan, posinf, neginf)
    return result


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
