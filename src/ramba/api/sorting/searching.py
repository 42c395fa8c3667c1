"""Searching."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ramba.api.creation.from_shape import zeros
from ramba.api.math.nan import without_nan
from ramba.lazyarray import (
    UFUNC,
    asarray,
    call,
    call_library,
    early,
    implements,
    is_compiled,
    ndarray,
    raise_like_numpy,
)
from ramba.lazyarray import where as select_where
from ramba.lazyarray.options import NO_VALUE, deliver_back, kept

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ramba.lazyarray.annotations import Axis, NumPyFunction, Out


@implements(np.where, cost=10, kind="read 3")
def where(condition: ArrayLike, x: ArrayLike = NO_VALUE, y: ArrayLike = NO_VALUE, /) -> Any:
    """Elements of one array or the other, by a condition; or where the condition holds."""
    if x is NO_VALUE and y is NO_VALUE:
        return nonzero(condition)
    if x is NO_VALUE or y is NO_VALUE:
        raise ValueError("either both or neither of x and y should be given")
    return select_where(condition, x, y)


@implements(np.argmax, method="argmax", kind="read")
def argmax(a: ArrayLike, axis: Axis = None, out: Out = None, *, keepdims: bool = NO_VALUE) -> Any:
    """Where the largest element along an axis is first met."""
    return _first_extreme(np.argmax, a, axis, out, keepdims)


@implements(np.argmin, method="argmin", kind="read")
def argmin(a: ArrayLike, axis: Axis = None, out: Out = None, *, keepdims: bool = NO_VALUE) -> Any:
    """Where the smallest element along an axis is first met."""
    return _first_extreme(np.argmin, a, axis, out, keepdims)


def _first_extreme(np_func: NumPyFunction, a: ArrayLike, axis: Axis, out: Out, keepdims: bool) -> Any:
    a = asarray(a)
    if axis is not None:
        axis = np.lib.array_utils.normalize_axis_index(axis, a.ndim or 1)
    if a.ndim == 0:
        return deliver_back(asarray(np.zeros((), np.intp)), out)
    if (a.size if axis is None else a.shape[axis]) == 0:
        raise_like_numpy(np_func, a, axis=axis)
    largest = np_func is np.argmax
    if out is None and not kept(keepdims):
        place = early.first(a, axis, largest) if a.dtype == bool else early.extreme(np_func, a, axis)
        if place is not None:
            return place
    (first,) = call("argextreme", [a], axis, largest)
    if kept(keepdims):
        first = first.reshape((1,) * a.ndim if axis is None else (*a.shape[:axis], 1, *a.shape[axis + 1 :]))
    return deliver_back(first, out)


@implements(np.nanargmax)
def nanargmax(a: ArrayLike, axis: Axis = None, out: Out = None, *, keepdims: bool = NO_VALUE) -> Any:
    """Where the largest element that is not NaN is first met."""
    return argmax(_without_all_nan(a, -np.inf, axis), axis, out, keepdims=keepdims)


@implements(np.nanargmin)
def nanargmin(a: ArrayLike, axis: Axis = None, out: Out = None, *, keepdims: bool = NO_VALUE) -> Any:
    """Where the smallest element that is not NaN is first met."""
    return argmin(_without_all_nan(a, np.inf, axis), axis, out, keepdims=keepdims)


def _without_all_nan(a: ArrayLike, value: float, axis: Axis) -> ndarray:
    filled, mask = without_nan(a, value)
    if mask is not None and mask.size:
        empty_slices = UFUNC["logical_and"].reduce(mask, axis=axis)
        if bool(UFUNC["logical_or"].reduce(empty_slices, axis=None)):
            raise ValueError("All-NaN slice encountered")
    return filled


@implements(np.nonzero, method="nonzero", kind="read")
def nonzero(a: ArrayLike) -> Any:
    """The positions of the elements that are not zero, one array per axis."""
    a = asarray(a)
    return tuple(call("nonzero", [a])) if a.ndim else call_library(np.nonzero, a)


@implements(np.flatnonzero)
def flatnonzero(a: ArrayLike) -> Any:
    """The positions of the elements that are not zero in the flattened array."""
    return nonzero(asarray(a).ravel())[0]


@implements(np.argwhere)
def argwhere(a: ArrayLike) -> Any:
    """The positions of the elements that are not zero, one row each."""
    a = asarray(a)
    return call("argwhere", [a])[0] if a.ndim else call_library(np.argwhere, a)


@implements(np.searchsorted, cost=16)
def searchsorted(a: ArrayLike, v: ArrayLike, side: str = "left", sorter: ArrayLike | None = None) -> Any:
    """Where elements would have to be inserted to keep the order."""
    checked: Any = np.searchsorted
    checked(np.zeros(0), np.zeros(0), side)  # NumPy's check of the side
    ordered, values = asarray(a), asarray(v)
    dtype = np.result_type(ordered.dtype, values.dtype)
    if ordered.ndim != 1:
        raise_like_numpy(np.searchsorted, ordered, np.zeros((), dtype))
    if sorter is not None and is_compiled(dtype):
        order = asarray(sorter)
        if order.dtype.kind not in "iu" or order.shape != ordered.shape:
            raise_like_numpy(np.searchsorted, ordered, values, side=side, sorter=order)
        if not order.size:
            return zeros(values.shape, np.intp)
        if int(order.min()) < 0 or int(order.max()) >= ordered.size:
            raise ValueError("Sorter index out of range.")
        ordered = call("take", [ordered, order], 0)[0]
    elif sorter is not None:
        return call_library(np.searchsorted, a, v, side=side, sorter=sorter)
    if is_compiled(dtype):
        return call("searchsorted", [ordered, values], side, dtypes=(dtype, dtype))[0]
    return call_library(np.searchsorted, a, v, side=side)


implements(np.ndarray.searchsorted, method="searchsorted", cost=16)(searchsorted)


@implements(np.extract)
def extract(condition: ArrayLike, arr: ArrayLike) -> Any:
    """The elements where a condition holds."""
    chosen, array = asarray(condition).ravel(), asarray(arr).ravel()
    if chosen.size == array.size:
        return array[chosen.astype(bool, copy=False)]
    return array[nonzero(chosen)[0]]
