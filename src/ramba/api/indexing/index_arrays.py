"""Indexing routines: generating index arrays."""

from __future__ import annotations

import math
from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from ramba.api.creation.from_shape import creates, empty, numpy, shape_tuple, stays_in_numpy
from ramba.api.creation.ranges import positions_along
from ramba.api.manipulation.joining import column_stack, concatenate
from ramba.api.sorting.searching import nonzero
from ramba.engine import ENGINE
from ramba.lazyarray import (
    UFUNC,
    Array,
    any_lazy,
    asarray,
    call_here,
    call_library,
    implements,
    must_fit,
    ndarray,
    raise_like_numpy,
    unwrap,
    wrap,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, DTypeLike

    from ramba.lazyarray.annotations import Key, NumPyFunction, Shape


def _by_shape(np_func: NumPyFunction) -> None:
    """A function of NumPy's that asks an array for its shape only."""

    def body(arr: ArrayLike, *args: object, **options: object) -> Any:
        return wrap(np_func(np.broadcast_to(np.int8(0), asarray(arr).shape), *args, **options))

    body.__doc__ = np_func.__doc__
    implements(np_func)(body)


_by_shape(np.diag_indices_from)


@creates(np.tril_indices)
def tril_indices(n: int, k: int = 0, m: int | None = None) -> Any:
    """The places at and below a diagonal of a matrix."""
    return _triangle(np.tril_indices, n, k, m, below=True)


@creates(np.triu_indices)
def triu_indices(n: int, k: int = 0, m: int | None = None) -> Any:
    """The places at and above a diagonal of a matrix."""
    return _triangle(np.triu_indices, n, k, m, below=False)


@implements(np.tril_indices_from)
def tril_indices_from(arr: ArrayLike, k: int = 0) -> Any:
    """The places at and below a diagonal of a matrix that is there."""
    return tril_indices(*_rows_and_columns(np.tril_indices_from, arr, k))


@implements(np.triu_indices_from)
def triu_indices_from(arr: ArrayLike, k: int = 0) -> Any:
    """The places at and above a diagonal of a matrix that is there."""
    return triu_indices(*_rows_and_columns(np.triu_indices_from, arr, k))


def _rows_and_columns(np_func: NumPyFunction, arr: ArrayLike, k: int) -> tuple[int, int, int]:
    a = asarray(arr)
    if a.ndim != 2:
        raise_like_numpy(np_func, a, k)
    return a.shape[0], k, a.shape[1]


def _triangle(np_func: NumPyFunction, n: int, k: int, m: int | None, *, below: bool) -> Any:
    """Places of a triangle: those of the true elements of a matrix."""
    rows, columns = n, n if m is None else m
    few = not (_is_whole(rows) and _is_whole(columns)) or stays_in_numpy(rows * columns, np.dtype(np.intp))
    if few or not ENGINE.distributed:  # in one process NumPy writes down places faster than they are found
        return wrap(np_func(n, k, m))
    row, column = positions_along((max(int(rows), 0), max(int(columns), 0)), np.dtype(np.intp))
    return nonzero(row + k >= column if below else row + k <= column)


def _is_whole(extent: object) -> bool:
    return isinstance(extent, int | np.integer)


def _are_integers(*arrays: ndarray) -> bool:
    return all(np.can_cast(a.dtype, np.intp, "same_kind") and a.dtype.kind in "iu" for a in arrays)


@implements(np.unravel_index, cost=8)
def unravel_index(indices: ArrayLike, shape: Shape, order: str = "C") -> Any:
    """Places along each axis, of places in a flattened array."""
    places, extents = asarray(indices), unwrap(shape)
    extents = tuple(extents) if np.ndim(extents) else (extents,)
    if places.dtype.kind in "fc":
        raise_like_numpy(np.unravel_index, places, extents)
    if not _are_integers(places) or not places.size or not places.ndim:
        return call_library(np.unravel_index, indices, shape, order)
    made = call_here(np.unravel_index, indices, shape, order)  # it writes side by side what it divides
    if made is not NotImplemented:
        return made
    checked: Any = np.unravel_index
    if not extents:
        raise_like_numpy(np.unravel_index, places, extents)
    for end in ("minimum", "maximum"):  # NumPy's checks
        checked(np.asarray(UFUNC[end].reduce(places, axis=None)), extents, order)
    places = places.astype(np.intp, copy=False)
    found = empty((*places.shape, len(extents)), np.intp)  # side by side, as NumPy has them
    inner, outer = (range(len(extents))[:0:-1], 0) if order == "C" else (range(len(extents) - 1), -1)
    for d in inner:
        whole = places // extents[d]
        found[..., d] = places - whole * extents[d]  # processors divide integers slowly
        places = whole
    found[..., outer] = places
    return tuple([found[..., d] for d in range(len(extents))])


@implements(np.ravel_multi_index, cost=8)
def ravel_multi_index(
    multi_index: Sequence[ArrayLike], dims: Shape, mode: str | tuple[str, ...] = "raise", order: str = "C"
) -> Any:
    """Places in a flattened array, of places along each axis."""
    several, extents = [asarray(places) for places in multi_index], unwrap(dims)
    extents = tuple(extents) if np.ndim(extents) else (extents,)
    modes = mode if isinstance(mode, tuple) else (mode,) * len(extents)
    plain = len(several) == len(extents) == len(modes) and {*modes} <= {"raise", "wrap", "clip"}
    if order not in ("C", "F") or any(a.dtype.kind in "fc" for a in several) or len(several) != len(extents):
        raise_like_numpy(np.ravel_multi_index, several, extents, mode, order)
    if not plain or not _are_integers(*several) or not prod(extents):
        return call_library(np.ravel_multi_index, multi_index, dims, mode, order)
    if prod(extents) > np.iinfo(np.intp).max:
        raise_like_numpy(np.ravel_multi_index, [np.zeros((), int)] * len(extents), extents)
    total: Any = None
    pairs = list(zip(several, extents, modes, strict=True))
    for places, extent, way in pairs if order == "C" else reversed(pairs):
        places = _within(places.astype(np.intp, copy=False), extent, way)
        total = places if total is None else total * extent + places
    return total


def _within(places: ndarray, extent: int, mode: str) -> Any:
    """Places that lie inside of an axis, as a mode says."""
    if mode == "wrap":
        return places % extent
    if mode == "clip":
        return UFUNC["minimum"](UFUNC["maximum"](places, 0), extent - 1)
    if bool(UFUNC["logical_or"].reduce((places < 0) | (places >= extent), axis=None)):
        raise ValueError("invalid entry in coordinates array")
    return places


class Joiner:
    """One of NumPy's objects that join by subscript: ``r_[a, 0, b]``."""

    def __init__(self, numpy_joiner: Any) -> None:
        self._numpy_joiner = numpy_joiner
        self.__doc__ = numpy_joiner.__doc__

    def __getitem__(self, key: Key) -> Any:
        parts = key if isinstance(key, tuple) else (key,)
        if any_lazy(parts) and all(isinstance(part, Array | np.ndarray) for part in parts):
            arrays = [asarray(part) for part in parts]
            if all(a.ndim == arrays[0].ndim > 0 for a in arrays):
                return concatenate(arrays) if self._numpy_joiner is np.r_ else self._side_by_side(arrays)
        return call_library(self._numpy_joiner.__getitem__, key)

    def _side_by_side(self, arrays: list[ndarray]) -> Any:
        return column_stack(arrays) if arrays[0].ndim == 1 else concatenate(arrays, -1)


r_ = Joiner(np.r_)
c_ = Joiner(np.c_)


@creates(np.indices)
def indices(dimensions: Sequence[int], dtype: DTypeLike | None = int, sparse: bool = False) -> Any:
    """One array per axis with the position of every element along it, stacked."""
    shape = shape_tuple(tuple(dimensions))
    dtype = np.dtype(dtype)
    if stays_in_numpy(math.prod(shape) * len(shape), dtype):
        return wrap(numpy.indices(shape, dtype, sparse))
    if not sparse:
        must_fit((len(shape), *shape), dtype)
    positions = positions_along(shape, dtype)
    if sparse:
        return tuple(positions)
    result = empty((len(shape), *shape), dtype)
    for axis, position in enumerate(positions):
        result[axis] = position
    return result
