"""Indexing routines: inserting data into arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ramba.api.indexing.taking import along_axis, chosen_axis, clipped, wrapped
from ramba.api.manipulation.basic import copyto
from ramba.api.manipulation.views import broadcast_to
from ramba.engine import ENGINE
from ramba.lazyarray import (
    UFUNC,
    Array,
    asarray,
    call_library,
    gathers,
    implements,
    is_lazy,
    name_of,
    ndarray,
    own_memory,
    raise_like_numpy,
    shown_value,
    tell_gathered,
    unwrap,
    view_of,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ramba.lazyarray.annotations import Axis


def write_by_numpy(np_func: Callable[..., Any], target: ArrayLike, *args: object, **kwargs: object) -> Any:
    """What a NumPy function that changes its first argument does, done to a Ramba array."""
    if not isinstance(target, Array):
        return call_library(np_func, target, *args, **kwargs)
    tell_gathered(name_of(np_func), target, *args)
    with ENGINE.lock:
        return np_func(own_memory(target), *unwrap(args), **unwrap(kwargs))


@implements(np.putmask)
def putmask(a: ndarray, /, mask: ArrayLike, values: ArrayLike) -> None:
    """Changes the elements where a mask holds to those at the same places of another array, repeated."""
    allowed: Any = asarray(mask).astype(bool, copy=False)
    new: Any = asarray(values)
    single = new.size == 1
    safe = isinstance(values, Array) and np.can_cast(new.dtype, getattr(a, "dtype", object))
    repeated = is_lazy(a) and safe and new.size > 0
    if repeated and new.shape != a.shape and not single:
        new = _cycled(new, a.size).reshape(a.shape)
    if not isinstance(a, Array) or allowed.shape != a.shape or not (single or (safe and new.shape == a.shape)):
        write_by_numpy(np.putmask, a, mask, values)
        return
    if single:
        new = np.empty(1, a.dtype)
        np.putmask(new, [True], shown_value(values) if isinstance(values, Array) else values)
        new = new[0]
    copyto(a, new, where=allowed)


@implements(np.place)
def place(arr: ndarray, mask: ArrayLike, vals: ArrayLike) -> None:
    """Changes the elements where a mask holds to values, one after the other, repeated."""
    new = _as(vals, arr.dtype) if isinstance(arr, Array) else asarray(vals)
    if is_lazy(arr) and not new.size:
        if bool(UFUNC["logical_or"].reduce(asarray(mask), axis=None)):
            raise ValueError("Cannot insert from an empty array!")
        return
    if is_lazy(arr) and asarray(mask).size == arr.size:
        chosen = asarray(mask).astype(bool, copy=False).reshape(arr.shape)
        if not np.can_cast(new.dtype, arr.dtype, "same_kind"):
            raise_like_numpy(np.place, np.zeros(1, arr.dtype), np.zeros(1, bool), np.zeros(1, new.dtype))
        arr[chosen] = _cycled(new, int(chosen.sum()))
        return
    write_by_numpy(np.place, arr, mask, vals)


@implements(np.put)
def put(a: ndarray, ind: ArrayLike, v: ArrayLike, mode: str = "raise") -> None:
    """Changes the elements at positions of the flattened array."""
    if is_lazy(a):
        _put(a, _as(ind, np.dtype(np.intp)), _as(v, a.dtype), mode)
        return
    write_by_numpy(np.put, a, ind, v, mode=mode)


def _put(a: ndarray, indices: ndarray, values: ndarray, mode: str) -> None:
    nothing, number = np.zeros(1, a.dtype), np.zeros(min(indices.size, 1), indices.dtype)
    checked: Any = np.put
    checked(nothing, number, np.zeros(min(values.size, 1), values.dtype), mode)  # NumPy's checks
    if not indices.size or not values.size:
        return
    indices = indices.ravel().astype(np.intp, copy=False)
    if mode == "wrap":
        indices = wrapped(indices, a.size)
    elif mode == "clip":
        indices = clipped(indices, a.size)
    flat = a.reshape(-1)
    flat[indices] = _cycled(values, indices.size)
    if flat._buffer is not a._buffer:
        a[...] = flat.reshape(a.shape)


def _as(x: ArrayLike, dtype: np.dtype) -> ndarray:
    """An array, of this dtype if it is made here."""
    return asarray(x) if isinstance(x, Array | np.ndarray) else asarray(np.asarray(x, dtype))


def _cycled(values: ndarray, count: int) -> Any:
    """So many values, one after the other, repeated."""
    values = values.ravel()
    if values.size in (1, count):
        return values if values.size == count else values.reshape(())
    if values.size > count:
        return values[:count]
    repeats = -(-count // values.size)
    return broadcast_to(values, (repeats, values.size)).reshape(-1)[:count]


@implements(np.ndarray.put, method="put")
def put_method(self: ndarray, indices: ArrayLike, values: ArrayLike, mode: str = "raise") -> None:
    """Changes the elements at positions of the flattened array."""
    put(self, indices, values, mode)


@implements(np.put_along_axis)
def put_along_axis(arr: ArrayLike, indices: ArrayLike, values: ArrayLike, axis: Axis) -> None:
    """Changes the elements at the positions that another array gives along an axis."""
    if not isinstance(arr, Array) or axis is None:
        write_by_numpy(np.put_along_axis, arr, indices, values, axis)
        return
    indices = asarray(indices)
    _, axis = chosen_axis(arr, indices, axis)
    arr[along_axis(arr.shape, indices, axis)] = values


def _main_diagonal(a: ndarray) -> Any:
    return np.lib.stride_tricks.as_strided(a, (min(a.shape),), (sum(a.strides),))


@implements(np.fill_diagonal)
def fill_diagonal(a: ndarray, val: ArrayLike, wrap: bool = False) -> None:
    """Changes the main diagonal."""
    if a.ndim < 2:
        raise ValueError("array must be at least 2-d")
    if a.ndim > 2 and len(set(a.shape)) != 1:
        raise ValueError("All dimensions of input must be of equal length")
    if not isinstance(a, Array) or (wrap and a.ndim == 2) or not a.size:
        write_by_numpy(np.fill_diagonal, a, val, wrap)
        return
    values = asarray(val).ravel()
    if gathers.on_workers(a):  # a diagonal is no box of elements: workers assign them one by one
        count = min(a.shape)
        a[(np.arange(count),) * a.ndim] = _cycled(values, count)
        return
    target = view_of(_main_diagonal, a)
    target[...] = values[np.arange(target.size) % values.size] if values.size > 1 else values
