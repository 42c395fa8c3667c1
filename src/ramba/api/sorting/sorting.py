"""Sorting."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ramba.lazyarray import asarray, call, call_library, implements, is_compiled, ndarray, unwrap
from ramba.lazyarray.options import by_axis

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ramba.lazyarray.annotations import Axis, Fields, NumPyFunction


@implements(np.sort)
def sort(
    a: ArrayLike, axis: Axis = -1, kind: str | None = None, order: Fields = None, *, stable: bool | None = None
) -> Any:
    """A sorted copy."""
    return _ordered("sort", np.sort, asarray(a), axis, kind, order, stable)


@implements(np.argsort, method="argsort")
def argsort(
    a: ArrayLike, axis: Axis = -1, kind: str | None = None, order: Fields = None, *, stable: bool | None = None
) -> Any:
    """The positions that would sort the array."""
    return _ordered("argsort", np.argsort, asarray(a), axis, kind, order, stable)


def _ordered(
    name: str, np_func: NumPyFunction, a: ndarray, axis: Axis, kind: str | None, order: Fields, stable: bool | None
) -> ndarray:
    """What a stable sort gives."""
    np_func(np.zeros((1,) * a.ndim, a.dtype), axis, kind=kind, order=order, stable=stable)  # NumPy's checks
    a, axis = by_axis(a, axis)
    if name == "sort" and a.flags.fnc:
        return _ordered(name, np_func, a.T, -1 - axis, kind, order, stable).T
    if name == "sort":
        return call(name, [a], axis)[0]
    return call(name, [a], axis, kind not in (None, "quicksort", "heapsort") or bool(stable))[0]


def _parted(
    name: str, np_func: NumPyFunction, a: ndarray, kth: ArrayLike, axis: Axis, kind: str | None, order: Fields
) -> ndarray:
    """A partition: where elements lie on several workers, all is sorted."""
    if axis is not None and name == "sort":
        np.lib.array_utils.normalize_axis_index(axis, a.ndim)
    a, axis = by_axis(a, axis)
    extent = a.shape[axis]
    given = np.atleast_1d(unwrap(kth))
    if given.dtype.kind not in "iu" or given.ndim > 1 or any(not -extent <= k < extent for k in given.tolist()):
        np_func(np.zeros(extent, np.int8), kth)  # NumPy's checks
    np_func(np.zeros(1, np.int8), 0, kind=kind, order=order)
    places = tuple(sorted({int(k) % extent for k in given})) if extent else ()
    if name == "sort" and places and not a.flags.fnc:
        return call("partition", [a], places, axis)[0]
    if name == "argsort" and places:
        return call("argpartition", [a], places, axis)[0]
    return _ordered(name, np.sort, a, axis, None, None, None)


@implements(np.partition, cost=0.25)
def partition(a: ArrayLike, kth: ArrayLike, axis: Axis = -1, kind: str = "introselect", order: Fields = None) -> Any:
    """A copy in which some elements are where sorting would put them, smaller ones before."""
    return _parted("sort", np.partition, asarray(a), kth, axis, kind, order)


@implements(np.argpartition, method="argpartition", cost=0.25)
def argpartition(a: ArrayLike, kth: ArrayLike, axis: Axis = -1, kind: str = "introselect", order: Fields = None) -> Any:
    """The positions that would partition the array."""
    return _parted("argsort", np.argpartition, asarray(a), kth, axis, kind, order)


@implements(np.lexsort)
def lexsort(keys: Sequence[ArrayLike], axis: Axis = -1) -> Any:
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
def sort_in_place(
    self: ndarray, axis: int = -1, kind: str | None = None, order: Fields = None, *, stable: bool | None = None
) -> None:
    """Sorts the array itself."""
    axis = operator.index(axis)
    self[...] = sort(self, axis, kind, order, stable=stable)


@implements(np.ndarray.partition, method="partition", cost=0.25)
def partition_in_place(
    self: ndarray, kth: ArrayLike, axis: int = -1, kind: str = "introselect", order: Fields = None
) -> None:
    """Partitions the array itself."""
    axis = operator.index(axis)
    self[...] = partition(self, kth, axis, kind, order)


@implements(np.sort_complex)
def sort_complex(a: ArrayLike) -> Any:
    """A sorted copy along the last axis, of complex numbers."""
    ordered = sort(a)
    if ordered.dtype.kind == "c":
        return ordered
    return ordered.astype({"b": "F", "h": "F", "B": "F", "H": "F", "g": "G"}.get(ordered.dtype.char, "D"))
