"""Array manipulation: adding and removing elements."""

from __future__ import annotations

import math
import operator
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ramba.api.creation.from_shape import empty, zeros
from ramba.api.manipulation.joining import concatenate
from ramba.api.manipulation.rearranging import tile
from ramba.api.manipulation.views import moveaxis
from ramba.lazyarray import UFUNC, Array, asarray, call_here, call_numpy, implements, must_fit, ndarray, unwrap

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ramba.lazyarray.annotations import Axes, Axis

normalize_axis_index = np.lib.array_utils.normalize_axis_index


@implements(np.append, moves=True)
def append(arr: ArrayLike, values: ArrayLike, axis: Axis = None) -> Any:
    """The array with values after its end."""
    arr, values = asarray(arr), asarray(values)
    if axis is None:
        arr, values, axis = arr.ravel(), values.ravel(), 0
    return concatenate((arr, values), axis=axis)


@implements(np.delete, moves=True)
def delete(arr: ArrayLike, obj: int | slice | ArrayLike, axis: Axis = None) -> Any:
    """The array without some of its rows."""
    array: ndarray = asarray(arr)
    chosen = unwrap(obj)
    if axis is None:
        array, axis = array.ravel(), 0
    axis = normalize_axis_index(axis, array.ndim)
    before = (slice(None),) * axis
    extent = array.shape[axis]
    if isinstance(chosen, int | np.integer) and not isinstance(chosen, bool):
        place = operator.index(chosen)
        if not -extent <= place < extent:
            raise IndexError(f"index {chosen} is out of bounds for axis {axis} with size {extent}")
        place %= extent
        result = empty(
            [n - (d == axis) for d, n in enumerate(array.shape)], array.dtype, "F" if array.flags.fnc else "C"
        )
        result[(*before, slice(place))] = array[(*before, slice(place))]
        result[(*before, slice(place, None))] = array[(*before, slice(place + 1, None))]
        return result
    return array[(*before, np.delete(np.arange(extent), chosen))]


@implements(np.insert, moves=True)
def insert(arr: ArrayLike, obj: int | slice | ArrayLike, values: ArrayLike, axis: Axis = None) -> Any:
    """The array with values between its rows."""
    array: ndarray = asarray(arr)
    single = isinstance(obj, int | np.integer) and not isinstance(obj, bool)
    if not single:  # one copy: there is nothing to share out but among workers
        made = call_here(np.insert, arr, obj, values, axis)
        if made is not NotImplemented:
            return made
    if axis is None:
        array, axis = array.ravel(), 0
    axis = normalize_axis_index(axis, array.ndim)
    extent = array.shape[axis]
    if not single:
        chosen: Any = unwrap(obj)
        marked = np.insert(np.arange(extent), chosen, -1)  # NumPy's checks
        if len(marked) != extent + 1 and array.size:
            origin = np.insert(np.arange(extent), chosen, -1 - np.arange(len(marked) - extent))
            return _inserted(array, origin, values, axis)
        if len(marked) != extent + 1:
            return call_numpy(np.insert, arr, obj, values, axis)
        obj = int(marked.argmin())
    assert isinstance(obj, int | np.integer)
    if not -extent <= obj <= extent:
        raise IndexError(f"index {obj} is out of bounds for axis {axis} with size {extent}")
    place = obj + extent if obj < 0 else operator.index(obj)
    given = asarray(values)
    given = given.reshape((1,) * (array.ndim - given.ndim) + given.shape)
    rows = moveaxis(given, 0, axis) if single else given
    shape = list(array.shape)
    shape[axis] += rows.shape[axis]
    result = empty(shape, array.dtype, "F" if array.flags.fnc else "C")
    before = (slice(None),) * axis
    behind = place + rows.shape[axis]
    result[(*before, slice(place))] = array[(*before, slice(place))]
    result[(*before, slice(place, behind))] = rows
    result[(*before, slice(behind, None))] = array[(*before, slice(place, None))]
    return result


def _inserted(arr: ndarray, origin: np.ndarray, values: ArrayLike, axis: int) -> Any:
    """An array with values between its rows; ``origin`` tells where each row comes from, of new ones -1, -2, ..."""
    before, new = (slice(None),) * axis, np.flatnonzero(origin < 0)
    places = np.empty(len(new), np.intp)
    places[-1 - origin[new]] = new
    result = arr[(*before, np.maximum(origin, 0))]
    result[(*before, places)] = values
    return result


@implements(np.resize, moves=True)
def resize(a: ArrayLike, new_shape: Any) -> ndarray:
    """The elements, again and again, in a new shape."""
    flat = asarray(a).ravel()
    shape = tuple(map(operator.index, (new_shape,) if isinstance(new_shape, int | np.integer) else new_shape))
    size = math.prod(shape)
    if any(extent < 0 for extent in shape):
        raise ValueError("all elements of `new_shape` must be non-negative")
    if flat.size == 0 or size == 0:
        return zeros(shape, flat.dtype)
    must_fit(shape, flat.dtype)
    return tile(flat, -(-size // flat.size))[:size].reshape(shape)


@implements(np.trim_zeros)
def trim_zeros(filt: ArrayLike, trim: Literal["f", "b", "fb", "bf"] = "fb", axis: Axes = None) -> Any:
    """The array without the zeros before its first element that is none, and after its last one."""
    if not isinstance(filt, Array):
        return call_numpy(np.trim_zeros, filt, trim, axis)
    np.trim_zeros(np.zeros((1,) * filt.ndim, np.int8), trim, axis)  # NumPy's checks
    along = range(filt.ndim) if axis is None else {d % filt.ndim for d in np.atleast_1d(axis)}
    key, found = [slice(None)] * filt.ndim, filt != 0
    for d in along:
        others = tuple(other for other in range(filt.ndim) if other != d)
        places = np.flatnonzero(UFUNC["logical_or"].reduce(found, axis=others))
        if not places.size:
            key[d] = slice(0, 0)
            continue
        first, last = places[0], places[-1]
        key[d] = slice(first if "f" in trim.lower() else None, last + 1 if "b" in trim.lower() else None)
    return filt[tuple(key)]
