"""Sets: distinct elements, and what several arrays have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ramba import config
from ramba.api.creation.from_shape import zeros
from ramba.api.manipulation.joining import concatenate
from ramba.api.sorting.searching import searchsorted
from ramba.api.sorting.sorting import argsort, sort
from ramba.lazyarray import (
    UFUNC,
    asarray,
    at_once,
    call,
    call_library,
    call_numpy,
    classified,
    finished,
    implements,
    is_compiled,
    ndarray,
    unwrap,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ramba.lazyarray.annotations import Axis, NumPyFunction


_SORTED = 4  # how often the eager size of elements NumPy sorts before that takes as long as to record and run it


@implements(np.unique, cost=16)
def unique(
    ar: ArrayLike,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: Axis = None,
    **options: Any,
) -> Any:
    """The sorted different elements."""
    wanted = tuple(map(bool, (return_index, return_inverse, return_counts)))
    if axis is None and set(options) <= {"equal_nan", "sorted"}:
        ar = asarray(ar)
        few = None if ar.dtype.kind in "iu" else at_once([classified(ar)], _SORTED * config.current().eager_size)
        if few is not None:  # integers NumPy counts in a table of hashes, which is slower than to record and run it
            return finished(np.unique(*few, *wanted, **options))
        if ar.dtype.kind not in "fc" or options.get("equal_nan", True):
            found = call("unique", [ar], *wanted)
            return tuple(found) if any(wanted) else found[0]
    return call_library(np.unique, ar, *wanted, axis=axis, **options)


def _are_compiled(*arrays: ArrayLike) -> bool:
    return all(is_compiled(asarray(a).dtype) for a in arrays)


@implements(np.isin, cost=16)
def isin(
    element: ArrayLike,
    test_elements: ArrayLike,
    assume_unique: bool = False,
    invert: bool = False,
    *,
    kind: str | None = None,
) -> Any:
    """Which elements are among those of another array."""
    if kind not in (None, "sort", "table") or not _are_compiled(element, test_elements):
        return call_numpy(np.isin, element, test_elements, assume_unique, invert, kind=kind)
    element, others = asarray(element), unique(asarray(test_elements))
    if not others.size:
        return ~zeros(element.shape, bool) if invert else zeros(element.shape, bool)
    if kind == "table":
        ends: Any = np.asarray(unwrap(others))[[0, -1]]
        np.isin(np.zeros(1, element.dtype), ends, kind="table")  # NumPy's complaints
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


@implements(np.union1d, cost=16)
def union1d(ar1: ArrayLike, ar2: ArrayLike) -> Any:
    """The sorted elements of either of two arrays."""
    if not _are_compiled(ar1, ar2):
        return call_numpy(np.union1d, ar1, ar2)
    return unique(concatenate((ar1, ar2), axis=None))


@implements(np.setdiff1d, cost=16)
def setdiff1d(ar1: ArrayLike, ar2: ArrayLike, assume_unique: bool = False) -> Any:
    """The elements of one array that are not in another."""
    if not _are_compiled(ar1, ar2):
        return call_numpy(np.setdiff1d, ar1, ar2, assume_unique)
    first = asarray(ar1).ravel() if assume_unique else unique(ar1)
    return first[isin(first, ar2, invert=True)]


@implements(np.intersect1d, cost=16)
def intersect1d(ar1: ArrayLike, ar2: ArrayLike, assume_unique: bool = False, return_indices: bool = False) -> Any:
    """The sorted elements that two arrays have both."""
    if not _are_compiled(ar1, ar2):
        return call_numpy(np.intersect1d, ar1, ar2, assume_unique, return_indices)
    if not return_indices and not assume_unique:
        first = unique(ar1)
        found = first[isin(first, ar2)]
        return found.astype(np.result_type(first.dtype, asarray(ar2).dtype), copy=False)
    pair: list[Any] = [asarray(a).ravel() for a in (ar1, ar2)]
    places: list[Any] = []
    if not assume_unique:
        pair, places = map(list, zip(*[unique(a, return_index=True) for a in pair], strict=True))
    joined = concatenate(pair)
    if not return_indices:
        joined = sort(joined)
        return joined[:-1][joined[1:] == joined[:-1]]
    order = argsort(joined, kind="stable")
    joined = joined[order]
    twice = joined[1:] == joined[:-1]
    both = [order[:-1][twice], order[1:][twice] - pair[0].size]
    if not assume_unique:
        both = [where[those] for where, those in zip(places, both, strict=True)]
    return joined[:-1][twice], *both


@implements(np.setxor1d, cost=16)
def setxor1d(ar1: ArrayLike, ar2: ArrayLike, assume_unique: bool = False) -> Any:
    """The sorted elements that only one of two arrays has."""
    if not _are_compiled(ar1, ar2):
        return call_numpy(np.setxor1d, ar1, ar2, assume_unique)
    joined = concatenate([a if assume_unique else unique(a) for a in (ar1, ar2)], axis=None)
    if joined.size == 0:
        return joined
    joined = sort(joined)
    end = np.ones(1, bool)
    differs = concatenate([end, joined[1:] != joined[:-1], end])
    return joined[differs[1:] & differs[:-1]]


def _named(np_func: NumPyFunction, **wanted: bool) -> None:
    """One of the array API's four forms of `unique`."""

    def body(x: ArrayLike, /) -> Any:
        x = asarray(x)
        # each NaN is another element; complex numbers NumPy leaves in any order
        if x.dtype.kind == "c" or (x.dtype.kind == "f" and bool(UFUNC["logical_or"].reduce(x != x, axis=None))):
            return call_library(np_func, x)
        found = unique(x, **wanted)
        return type(np_func(np.zeros(1)))(*found) if wanted else found

    body.__doc__ = np_func.__doc__
    implements(np_func, cost=16)(body)


_named(np.unique_values)
_named(np.unique_counts, return_counts=True)
_named(np.unique_inverse, return_inverse=True)
_named(np.unique_all, return_index=True, return_inverse=True, return_counts=True)
