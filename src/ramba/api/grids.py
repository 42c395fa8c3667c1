"""Coordinate arrays: meshgrid, indices, fromfunction, and the grid objects mgrid and ogrid."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ramba.api.creation import arange, creates, empty, numpy, shape_tuple, stays_in_numpy, zeros
from ramba.api.views import broadcast_arrays
from ramba.lazyarray import arange1d, asarray, implements, must_fit, ndarray, wrap

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, DTypeLike


@implements(np.meshgrid)
def meshgrid(*xi: ArrayLike, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> Any:
    """Coordinate arrays from coordinate vectors."""
    if indexing not in ("xy", "ij"):
        raise ValueError("Valid values for `indexing` are 'xy' and 'ij'.")
    ndim = len(xi)
    axes = list(range(ndim))
    if indexing == "xy" and ndim > 1:
        axes[:2] = 1, 0
    vectors = []
    for x, axis in zip(xi, axes, strict=True):
        shape = [1] * ndim
        shape[axis] = -1
        vectors.append(asarray(x).reshape(shape))
    if not sparse:
        vectors = list(broadcast_arrays(*vectors))
        for vector in vectors:
            must_fit(vector.shape, vector.dtype)
    return tuple([vector.copy() for vector in vectors]) if copy else tuple(vectors)


@creates(np.indices)
def indices(dimensions: Sequence[int], dtype: DTypeLike | None = int, sparse: bool = False) -> Any:
    """One array per axis with the position of every element along it, stacked."""
    shape = shape_tuple(tuple(dimensions))
    dtype = np.dtype(dtype)
    if stays_in_numpy(math.prod(shape) * len(shape), dtype):
        return wrap(numpy.indices(dimensions, dtype, sparse))
    if not sparse:
        must_fit((len(shape), *shape), dtype)
    positions = positions_along(shape, dtype)
    if sparse:
        return tuple(positions)
    result = empty((len(shape), *shape), dtype)
    for axis, position in enumerate(positions):
        result[axis] = position
    return result


def positions_along(shape: tuple[int, ...], dtype: np.dtype) -> list[ndarray]:
    """For every axis the positions along it, ready to be broadcast."""
    result = []
    for axis, extent in enumerate(shape):
        along = [1] * len(shape)
        along[axis] = extent
        result.append(arange1d(0, 1, extent, dtype).reshape(along))
    return result


@creates(np.fromfunction)
def fromfunction(
    function: Callable[..., Any], shape: Sequence[int], *, dtype: Any = float, like: object = None, **kwargs: object
) -> Any:
    """What a function gives for the index arrays of a shape."""
    extents = shape_tuple(shape)
    if stays_in_numpy(math.prod(extents), np.dtype(dtype)):
        return function(*wrap(np.indices(extents, dtype=dtype)), **kwargs)
    must_fit((len(extents), *extents), dtype)
    # lazy from the start, although each position alone may be small
    whole = [zeros(extents, dtype) + position for position in positions_along(extents, np.dtype(dtype))]
    return function(*whole, **kwargs)


class _Grid:
    """NumPy's grid objects, by subscript: ``mgrid[0:5, 0:3]``."""

    def __init__(self, numpy_grid: Any, *, sparse: bool) -> None:
        self._numpy_grid, self._sparse = numpy_grid, sparse
        self.__doc__ = numpy_grid.__doc__

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice):
            if isinstance(key.step, complex | np.complexfloating):
                return wrap(self._numpy_grid[key])
            return arange(key.start or 0, key.stop, 1 if key.step is None else key.step)
        try:
            axes = [_axis(part) for part in key]
        except (TypeError, AttributeError):
            return wrap(self._numpy_grid[key])  # NumPy's answer, or its error
        dtype = np.result_type(0, *[number for part in key for number in _numbers(part)])
        shape = tuple([extent for extent, _, _ in axes])
        if stays_in_numpy(math.prod(shape) * len(shape), dtype) or any(extent < 0 for extent in shape):
            return wrap(self._numpy_grid[key])
        if not self._sparse:
            must_fit((len(shape), *shape), dtype)
        vectors = [
            (position * step + start).astype(dtype)
            for position, (_, start, step) in zip(positions_along(shape, dtype), axes, strict=True)
        ]
        if self._sparse:
            return tuple(vectors)
        result = empty((len(shape), *shape), dtype)
        for axis, vector in enumerate(vectors):
            result[axis] = vector
        return result


def _numbers(part: slice) -> tuple[Any, Any, Any]:
    step = 1 if part.step is None else part.step
    return part.start or 0, part.stop, abs(step) if isinstance(step, complex | np.complexfloating) else step


def _axis(part: slice) -> tuple[int, Any, Any]:
    """Number of points, start and step along one axis; a complex step counts points."""
    start, stop, step = _numbers(part)
    if not isinstance(part.step, complex | np.complexfloating):
        return math.ceil((stop - start) / step), start, step
    extent = int(step)
    return extent, start, (stop - start) / float(extent - 1) if extent != 1 else 1


mgrid = _Grid(np.mgrid, sparse=False)
ogrid = _Grid(np.ogrid, sparse=True)
