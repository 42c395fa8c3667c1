"""Sorting, searching and counting."""

from __future__ import annotations

from typing import Any

import numpy as np

from ramba.api.math import without_nan
from ramba.api.options import NO_VALUE, deliver, kept
from ramba.lazyarray import (
    UFUNC,
    arange1d,
    asarray,
    call_library,
    implements,
    ndarray,
    raise_like_numpy,
)
from ramba.lazyarray import where as select_where

# --- searching


@implements(np.where)
def where(condition: Any, x: Any = NO_VALUE, y: Any = NO_VALUE, /) -> Any:
    """Elements of one array or the other, by a condition; or where the condition holds."""
    if x is NO_VALUE and y is NO_VALUE:
        return nonzero(condition)
    if x is NO_VALUE or y is NO_VALUE:
        raise ValueError("either both or neither of x and y should be given")
    return select_where(condition, x, y)


@implements(np.argmax, method="argmax")
def argmax(a: Any, axis: Any = None, out: Any = None, *, keepdims: Any = NO_VALUE) -> Any:
    """Where the largest element along an axis is first met."""
    return _first_extreme(np.argmax, "maximum", a, axis, out, keepdims)


@implements(np.argmin, method="argmin")
def argmin(a: Any, axis: Any = None, out: Any = None, *, keepdims: Any = NO_VALUE) -> Any:
    """Where the smallest element along an axis is first met."""
    return _first_extreme(np.argmin, "minimum", a, axis, out, keepdims)


def _first_extreme(np_func: Any, name: str, a: Any, axis: Any, out: Any, keepdims: Any) -> Any:
    a = asarray(a)
    if axis is not None:
        axis = np.lib.array_utils.normalize_axis_index(axis, a.ndim or 1)
    if a.ndim == 0:
        return deliver(asarray(np.zeros((), np.intp)), out)
    if (a.size if axis is None else a.shape[axis]) == 0:
        raise_like_numpy(np_func, a, axis=axis)
    extreme = UFUNC[name].reduce(a, axis=axis, keepdims=True)
    found = a == extreme
    if a.dtype.kind in "fc":
        found = found | (a != a)  # a NaN beats everything, and then the extreme equals nothing
    size = a.size if axis is None else a.shape[axis]
    shape = a.shape if axis is None else (size,) + (1,) * (a.ndim - 1 - axis)
    places = arange1d(0, 1, size, np.dtype(np.intp)).reshape(shape)
    first = UFUNC["minimum"].reduce(select_where(found, places, np.intp(size)), axis=axis, keepdims=kept(keepdims))
    return deliver(first, out)


@implements(np.nanargmax)
def nanargmax(a: Any, axis: Any = None, out: Any = None, *, keepdims: Any = NO_VALUE) -> Any:
    """Where the largest element that is not NaN is first met."""
    return argmax(_without_all_nan(a, -np.inf, axis), axis, out, keepdims=keepdims)


@implements(np.nanargmin)
def nanargmin(a: Any, axis: Any = None, out: Any = None, *, keepdims: Any = NO_VALUE) -> Any:
    """Where the smallest element that is not NaN is first met."""
    return argmin(_without_all_nan(a, np.inf, axis), axis, out, keepdims=keepdims)


def _without_all_nan(a: Any, value: float, axis: Any) -> ndarray:
    filled, mask = without_nan(a, value)
    if mask is not None and mask.size:
        empty_slices = UFUNC["logical_and"].reduce(mask, axis=axis)
        if bool(UFUNC["logical_or"].reduce(empty_slices, axis=None)):
            raise ValueError("All-NaN slice encountered")
    return filled


@implements(np.nonzero, method="nonzero")
def nonzero(a: Any) -> Any:
    """The positions of the elements that are not zero, one array per axis."""
    return call_library(np.nonzero, asarray(a))


@implements(np.flatnonzero)
def flatnonzero(a: Any) -> Any:
    """The positions of the elements that are not zero in the flattened array."""
    return call_library(np.flatnonzero, asarray(a))


@implements(np.argwhere)
def argwhere(a: Any) -> Any:
    """The positions of the elements that are not zero, one row each."""
    return call_library(np.argwhere, asarray(a))


@implements(np.searchsorted)
def searchsorted(a: Any, v: Any, side: str = "left", sorter: Any = None) -> Any:
    """Where elements would have to be inserted to keep the order."""
    return call_library(np.searchsorted, a, v, side=side, sorter=sorter)


implements(np.ndarray.searchsorted, method="searchsorted")(searchsorted)


@implements(np.extract)
def extract(condition: Any, arr: Any) -> Any:
    """The elements where a condition holds."""
    condition, arr = asarray(condition).ravel(), asarray(arr).ravel()
    if condition.size == arr.size:
        return arr[condition.astype(bool, copy=False)]
    return call_library(np.extract, condition, arr)


# --- counting


@implements(np.count_nonzero)
def count_nonzero(a: Any, axis: Any = None, *, keepdims: Any = False) -> Any:
    """How many elements over axes are not zero."""
    a = asarray(a)
    found = a if a.dtype == bool else a != 0
    return UFUNC["add"].reduce(found, axis=axis, dtype=np.dtype(np.intp), keepdims=keepdims)


# --- sorting


@implements(np.sort)
def sort(a: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> Any:
    """A sorted copy."""
    return call_library(np.sort, a, axis=axis, kind=kind, order=order, stable=stable)


@implements(np.argsort, method="argsort")
def argsort(a: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> Any:
    """The positions that would sort the array."""
    return call_library(np.argsort, a, axis=axis, kind=kind, order=order, stable=stable)


@implements(np.partition)
def partition(a: Any, kth: Any, axis: Any = -1, kind: str = "introselect", order: Any = None) -> Any:
    """A copy in which some elements are where sorting would put them, smaller ones before."""
    return call_library(np.partition, a, kth, axis=axis, kind=kind, order=order)


@implements(np.argpartition, method="argpartition")
def argpartition(a: Any, kth: Any, axis: Any = -1, kind: str = "introselect", order: Any = None) -> Any:
    """The positions that would partition the array."""
    return call_library(np.argpartition, a, kth, axis=axis, kind=kind, order=order)


@implements(np.lexsort)
def lexsort(keys: Any, axis: Any = -1) -> Any:
    """The positions that would sort by several keys, the last one first."""
    return call_library(np.lexsort, keys, axis=axis)


@implements(np.ndarray.sort, method="sort")
def sort_in_place(self: ndarray, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> None:
    """Sorts the array itself."""
    self[...] = sort(self, axis, kind, order, stable=stable)


@implements(np.ndarray.partition, method="partition")
def partition_in_place(self: ndarray, kth: Any, axis: Any = -1, kind: str = "introselect", order: Any = None) -> None:
    """Partitions the array itself."""
    self[...] = partition(self, kth, axis, kind, order)


# --- sets


@implements(np.unique)
def unique(ar: Any, *args: Any, **kwargs: Any) -> Any:
    """The sorted different elements."""
    return call_library(np.unique, ar, *args, **kwargs)
