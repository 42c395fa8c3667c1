"""Indexing routines: taking and putting elements, by position or by condition."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ramba.api.options import deliver, deliver_back
from ramba.api.views import broadcast_to, diagonal
from ramba.lazyarray import (
    UFUNC,
    Array,
    arange1d,
    asarray,
    call,
    call_library,
    call_numpy,
    check_assignable,
    implements,
    is_compiled,
    is_lazy,
    name_of,
    ndarray,
    on_workers,
    own_memory,
    raise_like_numpy,
    shown_value,
    tell_gathered,
    unwrap,
    view_of,
    where,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ramba.lazyarray.annotations import Axis, Casting, DType, Out

# --- reading


@implements(np.take, method="take", kind="read 2")
def take(a: ArrayLike, indices: ArrayLike, axis: Axis = None, out: Out = None, mode: str = "raise") -> Any:
    """The elements, or rows, at given positions."""
    array: ndarray = asarray(a)
    places: ndarray = asarray(indices)
    if axis is None:
        array, axis = array.ravel(), 0
    axis = np.lib.array_utils.normalize_axis_index(axis, array.ndim)
    extent = array.shape[axis]
    if not np.can_cast(places.dtype, np.intp, "same_kind") and not isinstance(indices, float | list | tuple):
        raise_like_numpy(np.take, array, np.zeros((1,), places.dtype), axis=axis)
    places = places.astype(np.intp, copy=False)
    if mode != "raise":
        if mode not in ("wrap", "clip") or not extent:
            if places.size:
                raise_like_numpy(np.take, np.zeros((0,) * array.ndim), np.zeros(1, int), axis=axis, mode=mode)
            return deliver_back(call_library(np.take, array, places, axis=axis, mode=mode), out)
        places = _wrapped(places, extent) if mode == "wrap" else _clipped(places, extent)
    if places.ndim and is_compiled(array.dtype) and not on_workers(array, places):
        return deliver_back(call("take", [array, places], axis)[0], out)  # in C order, which the key below is not
    taken = array[(slice(None),) * axis + (places,)]
    # an index without dimensions makes a view, and index arrays other layouts, which NumPy's take never does
    copied = isinstance(taken, Array) and not (places.ndim and taken.flags.c_contiguous)
    return deliver_back(taken.copy() if copied else taken, out)


def _clipped(places: ndarray, extent: int) -> Any:
    return UFUNC["minimum"](UFUNC["maximum"](places, 0), extent - 1)


def _wrapped(places: ndarray, extent: int) -> Any:
    """Places as they are once those beyond an end go on at the other one."""
    if places.size:
        least, most = (int(UFUNC[end].reduce(places, axis=None)) for end in ("minimum", "maximum"))
        if -extent <= least and most < 2 * extent:  # processors divide integers slowly
            return places + extent * (places < 0) - extent * (places >= extent)
    return UFUNC["remainder"](places, extent)


@implements(np.take_along_axis)
def take_along_axis(arr: ArrayLike, indices: ArrayLike, axis: Axis = -1) -> Any:
    """The elements at the positions that another array gives along an axis."""
    arr, indices = asarray(arr), asarray(indices)
    arr, axis = _chosen_axis(arr, indices, axis)
    return arr[_along_axis(arr.shape, indices, axis)]


def _chosen_axis(arr: ndarray, indices: ndarray, axis: Axis) -> tuple[ndarray, int]:
    if axis is not None:
        return arr, np.lib.array_utils.normalize_axis_index(axis, arr.ndim)
    if indices.ndim != 1:
        raise ValueError("when axis=None, `indices` must have a single dimension.")
    return arr.ravel(), 0


def _along_axis(shape: tuple[int, ...], indices: ndarray, axis: int) -> tuple[Any, ...]:
    """The index that moves along one axis as `indices` says, and along the others with the element."""
    if indices.dtype.kind not in "iu":
        raise IndexError("`indices` must be an integer array")
    if indices.ndim != len(shape):
        raise ValueError("`indices` and `arr` must have the same number of dimensions")
    key: list[Any] = []
    for along, extent in enumerate(shape):
        places = [1] * len(shape)
        places[along] = extent
        key.append(indices if along == axis else arange1d(0, 1, extent, np.dtype(np.intp)).reshape(places))
    return tuple(key)


@implements(np.compress, kind="read 2")
def compress(condition: ArrayLike, a: ArrayLike, axis: Axis = None, out: Out = None) -> Any:
    """The elements, or rows, where a condition holds."""
    chosen = asarray(condition)
    if chosen.ndim != 1:
        raise ValueError("condition must be a 1-d array")
    return take(a, chosen.nonzero()[0], axis, out)


@implements(np.ndarray.compress, method="compress")
def compress_method(self: ndarray, condition: ArrayLike, axis: Axis = None, out: Out = None) -> Any:
    """The elements, or rows, where a condition holds."""
    return compress(condition, self, axis, out)


_SCALARS = (int, float, complex)
_FEW = 32  # arrays to choose from: each is one more comparison for every element


@implements(np.choose, kind="read 2")
def choose(a: ArrayLike, choices: Sequence[ArrayLike], out: Out = None, mode: str = "raise") -> Any:
    """Elements of several arrays, by an array that says of which."""
    a, several = asarray(a), [choice if type(choice) in _SCALARS else asarray(choice) for choice in choices]
    if mode == "raise" and a.dtype.kind in "iu" and 1 < len(several) <= _FEW:
        shapes = [np.shape(choice) for choice in several]
        np.choose(np.broadcast_to(0, a.shape), [np.broadcast_to(0, shape) for shape in shapes])  # do they fit?
        if bool(UFUNC["logical_or"].reduce((a < 0) | (a >= len(several)), axis=None)):
            raise ValueError("invalid entry in choice array")
        conditions = [a == place for place in range(len(several) - 1)]
        return deliver(select(conditions, several[:-1], several[-1]), out, "unsafe")
    return deliver(call_numpy(np.choose, a, [unwrap(choice) for choice in several], mode=mode), out, "unsafe")


@implements(np.ndarray.choose, method="choose", kind="read 2")
def _choose(a: ndarray, *choices: Any, out: Out = None, mode: str = "raise") -> Any:
    """The method, which also takes the arrays to choose from one by one."""
    if not choices:
        np.zeros(1, np.intp).choose()  # type: ignore[call-overload]  # NumPy's complaint
    return choose(a, choices if len(choices) > 1 else choices[0], out, mode)


@implements(np.select)
def select(condlist: Sequence[ArrayLike], choicelist: Sequence[ArrayLike], default: ArrayLike = 0) -> Any:
    """Elements of several arrays, by the first condition that holds."""
    if len(condlist) != len(choicelist):
        raise ValueError("list of cases must be same length as list of conditions")
    if len(condlist) == 0:
        raise ValueError("select with an empty condition list is not possible")
    choices: list[Any] = [c if type(c) in _SCALARS else asarray(c) for c in (*choicelist, default)]
    dtype = np.result_type(*[c if type(c) in _SCALARS else c.dtype for c in choices])
    conditions = [asarray(condition) for condition in condlist]
    for place, condition in enumerate(conditions):
        if condition.dtype != bool:
            raise TypeError(f"invalid entry {place} in condlist: should be boolean ndarray")
    shapes = [c.shape for c in (*choices, *conditions) if type(c) not in _SCALARS]
    choices = [np.asarray(c).astype(dtype)[()] if type(c) in _SCALARS else c.astype(dtype, copy=False) for c in choices]
    result = broadcast_to(asarray(choices.pop()), np.broadcast_shapes(*shapes))
    for condition, choice in zip(reversed(conditions), reversed(choices), strict=True):
        result = where(condition, choice, result)
    return result if result.flags.c_contiguous else result.copy()


@implements(np.trace, method="trace")
def trace(a: ArrayLike, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: DType = None, out: Out = None) -> Any:
    """The sum over a diagonal."""
    return UFUNC["add"].reduce(diagonal(asarray(a), offset, axis1, axis2), axis=-1, dtype=dtype, out=out)


# --- writing


def write_by_numpy(np_func: Callable[..., Any], target: ArrayLike, *args: object, **kwargs: object) -> Any:
    """What a NumPy function that changes its first argument does, done to a Ramba array."""
    if not isinstance(target, Array):
        return call_library(np_func, target, *args, **kwargs)
    tell_gathered(name_of(np_func), target, *args)
    return np_func(own_memory(target), *unwrap(args), **unwrap(kwargs))


@implements(np.copyto)
def copyto(dst: ndarray, src: ArrayLike, casting: Casting = "same_kind", where: ArrayLike = True) -> None:
    """Copies values into an array, on request only where a mask allows."""
    if not isinstance(dst, Array):
        call_library(np.copyto, dst, src, casting=casting, where=where)
        return
    if isinstance(src, Array | np.ndarray):
        source: Any = asarray(src)
        np.copyto(np.empty(0, dst.dtype), np.empty(0, source.dtype), casting=casting)  # NumPy's check of the dtypes
    else:
        source = np.empty(np.shape(src), dst.dtype)
        np.copyto(source, src, casting=casting)
    if where is True:
        dst[...] = source
        return
    allowed = asarray(where) if isinstance(where, Array | np.ndarray) else asarray(np.asarray(where, bool))
    if allowed.dtype.kind != "b":
        raise TypeError(f"Cannot cast array data from {allowed.dtype!r} to dtype('bool') according to the rule 'safe'")
    if allowed.ndim > dst.ndim:
        raise_like_numpy(np.copyto, np.empty(dst.shape, dst.dtype), 0, where=allowed)
    check_assignable(source.shape, dst.shape)
    mask, source = broadcast_to(allowed, dst.shape), asarray(source)
    while source.ndim > dst.ndim:  # of extent one
        source = source[0]
    dst[...] = _chosen(mask, broadcast_to(source.astype(dst.dtype, copy=False), dst.shape), dst)


def _chosen(mask: ndarray, new: ndarray, old: ndarray) -> Any:
    return where(mask, new, old)


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
        indices = _wrapped(indices, a.size)
    elif mode == "clip":
        indices = _clipped(indices, a.size)
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
    _, axis = _chosen_axis(arr, indices, axis)
    arr[_along_axis(arr.shape, indices, axis)] = values


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
    if on_workers(a):  # a diagonal is no box of elements: workers assign them one by one
        count = min(a.shape)
        a[(np.arange(count),) * a.ndim] = _cycled(values, count)
        return
    target = view_of(_main_diagonal, a)
    target[...] = values[np.arange(target.size) % values.size] if values.size > 1 else values
