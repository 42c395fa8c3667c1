"""Sorting, searching and counting."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ramba.api.creation import zeros
from ramba.api.joining import concatenate
from ramba.api.math import without_nan
from ramba.api.options import NO_VALUE, deliver_back, kept
from ramba.lazyarray import (
    UFUNC,
    arange1d,
    asarray,
    call,
    call_library,
    call_numpy,
    implements,
    is_compiled,
    ndarray,
    raise_like_numpy,
    unwrap,
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
        return deliver_back(asarray(np.zeros((), np.intp)), out)
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
    return deliver_back(first, out)


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
    a = asarray(a)
    return tuple(call("nonzero", [a])) if a.ndim else call_library(np.nonzero, a)


@implements(np.flatnonzero)
def flatnonzero(a: Any) -> Any:
    """The positions of the elements that are not zero in the flattened array."""
    return nonzero(asarray(a).ravel())[0]


@implements(np.argwhere)
def argwhere(a: Any) -> Any:
    """The positions of the elements that are not zero, one row each."""
    a = asarray(a)
    return call("argwhere", [a])[0] if a.ndim else call_library(np.argwhere, a)


@implements(np.searchsorted)
def searchsorted(a: Any, v: Any, side: str = "left", sorter: Any = None) -> Any:
    """Where elements would have to be inserted to keep the order."""
    if sorter is None:
        checked: Any = np.searchsorted
        checked(np.zeros(0), np.zeros(0), side)  # NumPy's check of the side
        ordered, values = asarray(a), asarray(v)
        dtype = np.result_type(ordered.dtype, values.dtype)
        if ordered.ndim != 1:
            raise_like_numpy(np.searchsorted, ordered, np.zeros((), dtype))
        if is_compiled(dtype):
            return call("searchsorted", [ordered, values], side, dtypes=(dtype, dtype))[0]
    return call_library(np.searchsorted, a, v, side=side, sorter=sorter)


implements(np.ndarray.searchsorted, method="searchsorted")(searchsorted)


@implements(np.digitize)
def digitize(x: Any, bins: Any, right: bool = False) -> Any:
    """The bins that the elements fall into."""
    edges = np.asarray(unwrap(bins))
    np.digitize(np.zeros(0, asarray(x).dtype), edges, right)  # NumPy's checks
    if edges.dtype.kind == "f" and np.isnan(edges).any():  # which way they go is NumPy's secret
        return call_library(np.digitize, x, edges, right)
    side = "left" if right else "right"
    if edges.size > 1 and edges[0] > edges[-1]:
        return edges.size - searchsorted(edges[::-1], x, side)
    return searchsorted(edges, x, side)


@implements(np.extract)
def extract(condition: Any, arr: Any) -> Any:
    """The elements where a condition holds."""
    condition, arr = asarray(condition).ravel(), asarray(arr).ravel()
    if condition.size == arr.size:
        return arr[condition.astype(bool, copy=False)]
    return arr[nonzero(condition)[0]]


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
    return _ordered("sort", np.sort, asarray(a), axis, kind, order, stable)


@implements(np.argsort, method="argsort")
def argsort(a: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> Any:
    """The positions that would sort the array."""
    return _ordered("argsort", np.argsort, asarray(a), axis, kind, order, stable)


def _ordered(name: str, np_func: Any, a: ndarray, axis: Any, kind: Any, order: Any, stable: Any) -> ndarray:
    """What a stable sort gives."""
    if axis is None:
        a, axis = a.ravel(), 0
    np_func(np.zeros((1,) * a.ndim, a.dtype), axis, kind=kind, order=order, stable=stable)  # NumPy's checks
    if name == "sort" and a.flags.fnc:
        return _ordered(name, np_func, a.T, -1 - int(axis) % a.ndim, kind, order, stable).T
    if name == "sort":
        return call(name, [a], int(axis) % a.ndim)[0]
    return call(name, [a], int(axis) % a.ndim, kind not in (None, "quicksort", "heapsort") or bool(stable))[0]


def _parted(name: str, np_func: Any, a: ndarray, kth: Any, axis: Any, kind: Any, order: Any) -> ndarray:
    """A partition: where elements lie on several workers, and for positions, all is sorted."""
    if axis is None:
        a, axis = a.ravel(), 0
    axis = np.lib.array_utils.normalize_axis_index(axis, a.ndim)
    np_func(np.zeros(a.shape[axis], np.int8), kth, kind=kind, order=order)  # NumPy's checks
    places = tuple(sorted({int(k) % a.shape[axis] for k in np.atleast_1d(unwrap(kth))})) if a.shape[axis] else ()
    if name == "sort" and places and not a.flags.fnc:
        return call("partition", [a], places, axis)[0]
    return _ordered(name, np.sort, a, axis, None, None, None)


@implements(np.partition)
def partition(a: Any, kth: Any, axis: Any = -1, kind: str = "introselect", order: Any = None) -> Any:
    """A copy in which some elements are where sorting would put them, smaller ones before."""
    return _parted("sort", np.partition, asarray(a), kth, axis, kind, order)


@implements(np.argpartition, method="argpartition")
def argpartition(a: Any, kth: Any, axis: Any = -1, kind: str = "introselect", order: Any = None) -> Any:
    """The positions that would partition the array."""
    return _parted("argsort", np.argpartition, asarray(a), kth, axis, kind, order)


@implements(np.lexsort)
def lexsort(keys: Any, axis: Any = -1) -> Any:
    """The positions that would sort by several keys, the last one first."""
    several = [asarray(key) for key in keys]
    plain = axis in (0, -1) and all(key.ndim == 1 and is_compiled(key.dtype) for key in several)
    if not several or not plain or len({key.shape for key in several}) > 1:
        return call_library(np.lexsort, keys, axis=axis)
    order = argsort(several[0], stable=True)
    for key in several[1:]:
        order = order[argsort(key[order], stable=True)]
    return order


@implements(np.ndarray.sort, method="sort")
def sort_in_place(self: ndarray, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> None:
    """Sorts the array itself."""
    axis = operator.index(axis)
    self[...] = sort(self, axis, kind, order, stable=stable)


@implements(np.ndarray.partition, method="partition")
def partition_in_place(self: ndarray, kth: Any, axis: Any = -1, kind: str = "introselect", order: Any = None) -> None:
    """Partitions the array itself."""
    axis = operator.index(axis)
    self[...] = partition(self, kth, axis, kind, order)


# --- sets


@implements(np.unique)
def unique(
    ar: Any,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: Any = None,
    **options: Any,
) -> Any:
    """The sorted different elements."""
    wanted = tuple(map(bool, (return_index, return_inverse, return_counts)))
    if axis is None and set(options) <= {"equal_nan", "sorted"}:
        ar = asarray(ar)
        if ar.dtype.kind not in "fc" or options.get("equal_nan", True):
            found = call("unique", [ar], *wanted)
            return tuple(found) if any(wanted) else found[0]
    return call_library(np.unique, ar, *wanted, axis=axis, **options)


def _are_compiled(*arrays: Any) -> bool:
    return all(is_compiled(asarray(a).dtype) for a in arrays)


@implements(np.isin)
def isin(
    element: Any, test_elements: Any, assume_unique: bool = False, invert: bool = False, *, kind: Any = None
) -> Any:
    """Which elements are among those of another array."""
    if kind not in (None, "sort", "table") or not _are_compiled(element, test_elements):
        return call_numpy(np.isin, element, test_elements, assume_unique, invert, kind=kind)
    element, others = asarray(element), unique(asarray(test_elements))
    if not others.size:
        return ~zeros(element.shape, bool) if invert else zeros(element.shape, bool)
    found = _in_table(element, others) if kind != "sort" else None
    if found is None:
        place = UFUNC["minimum"](searchsorted(others, element), others.size - 1)
        found = others[place] == element
    return ~found if invert else found


_TABLE = 6  # bytes of a table for each element that is looked up in it, or stands in it: as NumPy's own


def _in_table(element: ndarray, others: ndarray) -> ndarray | None:
    """Which elements are among sorted integers, by a table of their range; None if that would be too large."""
    dtype = np.result_type(element.dtype, others.dtype)
    if dtype.kind not in "iu" or element.dtype.kind not in "iu" or others.dtype.kind not in "iu":
        return None
    low, high = int(others[0]), int(others[-1])
    if high - low > _TABLE * (element.size + others.size):
        return None
    table = np.zeros(high - low + 1, bool)
    table[np.asarray(unwrap(others)).astype(dtype) - dtype.type(low)] = True
    element = element.astype(dtype, copy=False)
    inside = UFUNC["clip"](element, dtype.type(low), dtype.type(high))
    return asarray(table)[inside - dtype.type(low)] & (element == inside)


@implements(np.union1d)
def union1d(ar1: Any, ar2: Any) -> Any:
    """The sorted elements of either of two arrays."""
    if not _are_compiled(ar1, ar2):
        return call_numpy(np.union1d, ar1, ar2)
    return unique(concatenate((ar1, ar2), axis=None))


@implements(np.setdiff1d)
def setdiff1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    """The elements of one array that are not in another."""
    if not _are_compiled(ar1, ar2):
        return call_numpy(np.setdiff1d, ar1, ar2, assume_unique)
    first = asarray(ar1).ravel() if assume_unique else unique(ar1)
    return first[isin(first, ar2, invert=True)]


@implements(np.intersect1d)
def intersect1d(ar1: Any, ar2: Any, assume_unique: bool = False, return_indices: bool = False) -> Any:
    """The sorted elements that two arrays have both."""
    if assume_unique or return_indices or not _are_compiled(ar1, ar2):
        return call_numpy(np.intersect1d, ar1, ar2, assume_unique, return_indices)
    first = unique(ar1)
    found = first[isin(first, ar2)]
    return found.astype(np.result_type(first.dtype, asarray(ar2).dtype), copy=False)


def _named(np_func: Any, **wanted: bool) -> None:
    """One of the array API's four forms of `unique`."""

    def body(x: Any, /) -> Any:
        if asarray(x).dtype.kind in "fc":  # every NaN is another element
            return call_library(np_func, x)
        found = unique(x, **wanted)
        return type(np_func(np.zeros(1)))(*found) if wanted else found

    body.__doc__ = np_func.__doc__
    implements(np_func)(body)


_named(np.unique_values)
_named(np.unique_counts, return_counts=True)
_named(np.unique_inverse, return_inverse=True)
_named(np.unique_all, return_index=True, return_inverse=True, return_counts=True)
