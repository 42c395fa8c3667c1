"""Indexing routines: what is taken from arrays, by position or by condition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ramba.api.manipulation.views import broadcast_to, viewing
from ramba.lazyarray import (
    UFUNC,
    Array,
    arange1d,
    asarray,
    call,
    call_library,
    call_numpy,
    gathers,
    implements,
    is_compiled,
    ndarray,
    raise_like_numpy,
    unwrap,
    where,
)
from ramba.lazyarray.options import by_axis, deliver, deliver_back

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ramba.lazyarray.annotations import Axis, Out


@implements(np.take, method="take", kind="read 2")
def take(a: ArrayLike, indices: ArrayLike, axis: Axis = None, out: Out = None, mode: str = "raise") -> Any:
    """The elements, or rows, at given positions."""
    array, axis = by_axis(asarray(a), axis)
    places: ndarray = asarray(indices)
    extent = array.shape[axis]
    if not np.can_cast(places.dtype, np.intp, "same_kind") and not isinstance(indices, float | list | tuple):
        raise_like_numpy(np.take, array, np.zeros((1,), places.dtype), axis=axis)
    places = places.astype(np.intp, copy=False)
    if mode != "raise":
        if mode not in ("wrap", "clip") or not extent:
            if places.size:
                raise_like_numpy(np.take, np.zeros((0,) * array.ndim), np.zeros(1, int), axis=axis, mode=mode)
            return deliver_back(call_library(np.take, array, places, axis=axis, mode=mode), out)
        places = wrapped(places, extent) if mode == "wrap" else clipped(places, extent)
    if places.ndim and is_compiled(array.dtype) and not gathers.on_workers(array, places):
        return deliver_back(call("take", [array, places], axis)[0], out)  # in C order, which the key below is not
    taken = array[(slice(None),) * axis + (places,)]
    # an index without dimensions makes a view, and index arrays other layouts, which NumPy's take never does
    copied = isinstance(taken, Array) and not (places.ndim and taken.flags.c_contiguous)
    return deliver_back(taken.copy() if copied else taken, out)


def clipped(places: ndarray, extent: int) -> Any:
    return UFUNC["minimum"](UFUNC["maximum"](places, 0), extent - 1)


def wrapped(places: ndarray, extent: int) -> Any:
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
    arr, axis = chosen_axis(arr, indices, axis)
    return arr[along_axis(arr.shape, indices, axis)]


def chosen_axis(arr: ndarray, indices: ndarray, axis: Axis) -> tuple[ndarray, int]:
    if axis is not None:
        return arr, np.lib.array_utils.normalize_axis_index(axis, arr.ndim)
    if indices.ndim != 1:
        raise ValueError("when axis=None, `indices` must have a single dimension.")
    return arr.ravel(), 0


def along_axis(shape: tuple[int, ...], indices: ndarray, axis: int) -> tuple[Any, ...]:
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
        found = _first(conditions, several[:-1], several[-1])
        return deliver(found if found.shape else found[()], out, "unsafe")
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
    result = _first(condlist, choicelist, default)
    for choice in choicelist:
        if type(choice) in _SCALARS:  # it has a dtype of its own where NumPy puts it in its place, and may be refused
            np.copyto(np.empty(1, result.dtype), np.full(1, choice))
    return result


def _first(condlist: Sequence[ArrayLike], choicelist: Sequence[ArrayLike], default: ArrayLike) -> Any:
    """As `select`, where a number takes the dtype of what it is beside."""
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


diagonal = viewing(np.diagonal, method="diagonal")
