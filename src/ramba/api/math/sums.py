"""Mathematical functions: sums and products, whole, cumulative, and without NaN."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import numpy as np

from ramba.api.manipulation.joining import concatenate
from ramba.api.math.nan import without_nan
from ramba.lazyarray import UFUNC, asarray, implements, raise_like_numpy
from ramba.lazyarray.options import AS_ARRAY, NO_VALUE, deliver, given

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


@implements(np.nancumsum)
def nancumsum(a: ArrayLike, axis: Axis = None, dtype: DTypeLike | None = None, out: Out = None) -> Any:
    """The running sum along an axis, NaN counting as zero."""
    return _scan("add", without_nan(a, 0)[0], axis, dtype, out)


@implements(np.nancumprod)
def nancumprod(a: ArrayLike, axis: Axis = None, dtype: DTypeLike | None = None, out: Out = None) -> Any:
    """The running product along an axis, NaN counting as one."""
    return _scan("multiply", without_nan(a, 1)[0], axis, dtype, out)
