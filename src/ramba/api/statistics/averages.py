"""Statistics: averages and variances."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ramba.api.manipulation.views import broadcast_to
from ramba.api.math.nan import warn_if_any, without_nan
from ramba.lazyarray import UFUNC, asarray, implements, ndarray, raise_like_numpy, where
from ramba.lazyarray.options import AS_ARRAY, NO_VALUE, deliver, given, kept

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ramba.lazyarray.annotations import Axes, DType, Out


def _count(a: ndarray, axis: Axes, keepdims: bool, where: ArrayLike) -> Any:
    """How many elements each reduction sees: a number, or an array if a mask chooses."""
    if where is not NO_VALUE and where is not True:
        mask = broadcast_to(asarray(where), a.shape)
        return UFUNC["add"].reduce(mask, axis=axis, dtype=np.dtype(np.intp), keepdims=keepdims)
    axes = range(a.ndim) if axis is None else np.lib.array_utils.normalize_axis_tuple(axis, a.ndim)
    items = 1
    for along in axes:
        items *= a.shape[along]
    return np.intp(items)


def _sum_dtype(a: ndarray, dtype: DType) -> Any:
    return np.dtype(np.float64) if dtype is None and a.dtype.kind in "biu" else dtype


def _divided(total: Any, count: Any, out: Out) -> Any:
    """The quotient in the dtype of the sum."""
    if out is not None:
        return UFUNC["true_divide"](total, count, out=out, casting="unsafe")
    return UFUNC["true_divide"](total, count).astype(total.dtype, copy=False)


@implements(np.mean, method="mean", kind="fold", own=AS_ARRAY)
def mean(
    a: ArrayLike,
    axis: Axes = None,
    dtype: DType = None,
    out: Out = None,
    keepdims: bool = NO_VALUE,
    *,
    where: ArrayLike = NO_VALUE,
) -> Any:
    """The arithmetic mean over axes."""
    a = asarray(a)
    options = given(keepdims=keepdims, where=where)
    total = UFUNC["add"].reduce(a, axis=axis, dtype=_sum_dtype(a, dtype), out=out, **options)
    count = _count(a, axis, kept(keepdims), where)
    warn_if_any(count == 0, "Mean of empty slice")
    return _divided(total, count, out)


def _squares(x: ndarray) -> ndarray:
    """|x|**2, real, as NumPy's variance computes it."""
    if x.dtype.kind != "c":
        return x * x
    return x.real * x.real + x.imag * x.imag


def _correction(ddof: float, correction: float) -> Any:
    if correction is NO_VALUE:
        return ddof
    if ddof != 0:
        raise ValueError("ddof and correction can't be provided simultaneously.")
    return correction


@implements(np.var, method="var", kind="fold", own=AS_ARRAY)
def var(
    a: ArrayLike,
    axis: Axes = None,
    dtype: DType = None,
    out: Out = None,
    ddof: float = 0,
    keepdims: bool = NO_VALUE,
    *,
    where: ArrayLike = NO_VALUE,
    mean: ArrayLike = NO_VALUE,
    correction: float = NO_VALUE,
) -> Any:
    """The variance over axes, in two passes: the mean, then the squared distances from it."""
    a, ddof = asarray(a), _correction(ddof, correction)
    dtype = _sum_dtype(a, dtype)
    options = given(where=where)
    count = _count(a, axis, True, where)
    warn_if_any(ddof >= count, "Degrees of freedom <= 0 for slice")
    if mean is NO_VALUE or mean is None:
        mean = _divided(UFUNC["add"].reduce(a, axis=axis, dtype=dtype, keepdims=True, **options), count, None)
    squares = _squares(UFUNC["subtract"](a, mean))
    total = UFUNC["add"].reduce(squares, axis=axis, dtype=dtype, out=out, keepdims=kept(keepdims), **options)
    freedom = UFUNC["maximum"](_count(a, axis, kept(keepdims), where) - ddof, 0)
    return _divided(total, freedom, out)


@implements(np.std, method="std", kind="fold", own=AS_ARRAY)
def std(
    a: ArrayLike,
    axis: Axes = None,
    dtype: DType = None,
    out: Out = None,
    ddof: float = 0,
    keepdims: bool = NO_VALUE,
    *,
    where: ArrayLike = NO_VALUE,
    mean: ArrayLike = NO_VALUE,
    correction: float = NO_VALUE,
) -> Any:
    """The standard deviation over axes."""
    variance = var(a, axis, dtype, out, ddof, keepdims, where=where, mean=mean, correction=correction)
    if variance.ndim or out is not None:
        return UFUNC["sqrt"](variance, out=variance)
    return UFUNC["sqrt"](variance).astype(variance.dtype, copy=False)


@implements(np.average)
def average(
    a: ArrayLike,
    axis: Axes = None,
    weights: ArrayLike | None = None,
    returned: bool = False,
    *,
    keepdims: bool = NO_VALUE,
) -> Any:
    """The weighted mean over axes, on request with the sum of weights."""
    a, options = asarray(a), given(keepdims=keepdims)
    if axis is not None:
        axis = np.lib.array_utils.normalize_axis_tuple(axis, a.ndim, argname="axis")
    if weights is None:
        result = mean(a, axis, **options)
        total = result.dtype.type(a.size / result.size) if result.size else result.dtype.type(0)
    else:
        weights = _weights(a, axis, weights)
        floats = ["f8"] if a.dtype.kind in "biu" else []
        dtype = np.result_type(a.dtype, weights.dtype, *floats)
        total = UFUNC["add"].reduce(weights, axis=axis, dtype=dtype, **options)
        if bool(UFUNC["logical_or"].reduce(total == 0.0, axis=None)):
            raise ZeroDivisionError("Weights sum to zero, can't be normalized")
        result = UFUNC["add"].reduce(UFUNC["multiply"](a, weights, dtype=dtype), axis=axis, **options) / total
    if not returned:
        return result
    return result, broadcast_to(asarray(total), result.shape).copy()


def _weights(a: ndarray, axis: tuple[int, ...] | None, weights: ArrayLike) -> ndarray:
    """Weights of the array's shape, from weights of that shape or along the axes."""
    weights = asarray(weights)
    if weights.shape == a.shape:
        return weights
    if axis is None or weights.shape != tuple([a.shape[along] for along in axis]):
        raise_like_numpy(np.average, a, axis=axis, weights=weights)
    assert axis is not None
    order = sorted(range(len(axis)), key=lambda place: axis[place])
    shape = [extent if along in axis else 1 for along, extent in enumerate(a.shape)]
    return broadcast_to(weights.transpose(order).reshape(shape), a.shape)


# --- versions that ignore NaN


def _inexact(a: ndarray, dtype: DType, out: Out) -> Any:
    """The dtype to sum in: like NumPy's reductions, the array's together with that of `out`."""
    if dtype is not None and np.dtype(dtype).kind not in "fc":
        raise TypeError("If a is inexact, then dtype must be inexact")
    if out is not None and out.dtype.kind not in "fc":
        raise TypeError("If a is inexact, then out must be inexact")
    return np.promote_types(a.dtype, out.dtype) if dtype is None and out is not None else dtype


@implements(np.nanmean)
def nanmean(
    a: ArrayLike,
    axis: Axes = None,
    dtype: DType = None,
    out: Out = None,
    keepdims: bool = NO_VALUE,
    *,
    where: ArrayLike = NO_VALUE,
) -> Any:
    """The arithmetic mean over axes of what is not NaN."""
    filled, mask = without_nan(a, 0)
    if mask is None:
        return mean(filled, axis, dtype, out, keepdims, where=where)
    options = given(keepdims=keepdims, where=where)
    total = UFUNC["add"].reduce(filled, axis=axis, dtype=_inexact(filled, dtype, out), **options)
    count = UFUNC["add"].reduce(~mask, axis=axis, dtype=np.dtype(np.intp), **options)
    warn_if_any(count == 0, "Mean of empty slice")
    return deliver(_divided_where_positive(total, count), out, "unsafe")


@implements(np.nanvar)
def nanvar(
    a: ArrayLike,
    axis: Axes = None,
    dtype: DType = None,
    out: Out = None,
    ddof: float = 0,
    keepdims: bool = NO_VALUE,
    *,
    where: ArrayLike = NO_VALUE,
    mean: ArrayLike = NO_VALUE,
    correction: float = NO_VALUE,
) -> Any:
    """The variance over axes of what is not NaN."""
    filled, mask = without_nan(a, 0)
    if mask is None:
        return var(filled, axis, dtype, out, ddof, keepdims, where=where, mean=mean, correction=correction)
    dtype, ddof, options = _inexact(filled, dtype, out), _correction(ddof, correction), given(where=where)
    count = UFUNC["add"].reduce(~mask, axis=axis, dtype=np.dtype(np.intp), keepdims=True, **options)
    if mean is NO_VALUE:
        total = UFUNC["add"].reduce(filled, axis=axis, dtype=dtype, keepdims=True, **options)
        mean = _divided(total, UFUNC["maximum"](count, 1), None)
    squares = _squares_where((filled - mean).astype(filled.dtype, copy=False), mask)
    total = UFUNC["add"].reduce(squares, axis=axis, dtype=dtype, keepdims=True, **options)
    warn_if_any(count <= ddof, "Degrees of freedom <= 0 for slice.")
    result = _divided_where_positive(total, count - ddof)
    return deliver(result if kept(keepdims) else result.reshape(_reduced(filled, axis)), out, "unsafe")


def _squares_where(x: ndarray, mask: ndarray) -> ndarray:
    squares = _squares(x)
    return where(mask, squares.dtype.type(0), squares)


def _divided_where_positive(total: ndarray, count: ndarray) -> ndarray:
    """The quotient, NaN where there is nothing to divide by, without a division by zero."""
    quotient = _divided(total, where(count > 0, count, count.dtype.type(1)), None)
    nothing = complex(np.nan, np.nan) if quotient.dtype.kind == "c" else np.nan  # zero by zero
    found = where(count > 0, quotient, quotient.dtype.type(nothing))
    return found if found.shape else found[()]


def _reduced(a: ndarray, axis: Axes) -> tuple[int, ...]:
    """The shape without the axes."""
    if a.ndim == 0:
        return ()
    axes = range(a.ndim) if axis is None else np.lib.array_utils.normalize_axis_tuple(axis, a.ndim)
    return tuple([extent for along, extent in enumerate(a.shape) if along not in axes])


@implements(np.nanstd)
def nanstd(
    a: ArrayLike,
    axis: Axes = None,
    dtype: DType = None,
    out: Out = None,
    ddof: float = 0,
    keepdims: bool = NO_VALUE,
    *,
    where: ArrayLike = NO_VALUE,
    mean: ArrayLike = NO_VALUE,
    correction: float = NO_VALUE,
) -> Any:
    """The standard deviation over axes of what is not NaN."""
    variance = nanvar(a, axis, dtype, out, ddof, keepdims, where=where, mean=mean, correction=correction)
    if variance.ndim or out is not None:
        return UFUNC["sqrt"](variance, out=variance)
    return UFUNC["sqrt"](variance).astype(variance.dtype, copy=False)
