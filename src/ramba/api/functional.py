"""Functional programming: functions that call the user's function."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ramba.api.creation.from_shape import zeros
from ramba.api.manipulation.views import expand_dims
from ramba.doors import standing
from ramba.functions.rows import along_axis
from ramba.functions.vectorizing import vectorized
from ramba.lazyarray import IMPLEMENTED, Array, asarray, call_numpy, implements, many, ndarray

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def _call(self: np.vectorize, *args: object, **kwargs: object) -> Any:
    """What the function gives for each element, or, with a signature, for each row."""
    if not callable(self.pyfunc):  # a decorator with arguments gets its function
        return np.vectorize.__call__(self, *args, **kwargs)
    return vectorized(self, args, kwargs)


IMPLEMENTED[np.vectorize] = standing(
    np.vectorize, {"__call__": _call, "__doc__": np.vectorize.__doc__, "__module__": "ramba"}
)


@implements(np.piecewise)
def piecewise(
    x: ArrayLike, condlist: ArrayLike | Sequence[ArrayLike], funclist: Sequence[object], *args: object, **kw: object
) -> Any:
    """What functions give for those elements where their condition holds."""
    x = asarray(x)
    conditions, functions = _conditions(x, condlist), list(funclist)
    if len(conditions) == len(functions) - 1:
        otherwise = ~conditions[0]
        for condition in conditions[1:]:
            otherwise = otherwise & ~condition
        conditions.append(otherwise)
    elif len(conditions) != len(functions):
        count = len(conditions)
        raise ValueError(f"with {count} condition(s), either {count} or {count + 1} functions are expected")
    result = zeros(x.shape, x.dtype)
    for condition, function in zip(conditions, functions, strict=True):
        if callable(function):
            chosen = x[condition]
            if chosen.size:
                result[condition] = function(chosen, *args, **kw)
        else:
            result[condition] = function
    return result


def _conditions(x: ndarray, condlist: Any) -> list[Any]:
    """One condition for each function, as NumPy finds them in what was given."""
    single = np.isscalar(condlist) or getattr(condlist, "ndim", 1) == 0
    if single or (x.ndim and not isinstance(condlist[0], list | np.ndarray | Array)):
        condlist = [condlist]
    return [asarray(condition).astype(bool) for condition in condlist]


@implements(np.apply_along_axis)
def apply_along_axis(func1d: Callable[..., Any], axis: int, arr: ArrayLike, *args: object, **kwargs: object) -> Any:
    """What a function of one dimension gives for each slice along an axis."""
    array = asarray(arr)
    made = along_axis(func1d, axis, array, args, kwargs) if many([array]) else NotImplemented
    return call_numpy(np.apply_along_axis, func1d, axis, arr, *args, **kwargs) if made is NotImplemented else made


@implements(np.apply_over_axes)
def apply_over_axes(func: Callable[..., Any], a: ArrayLike, axes: ArrayLike) -> Any:
    """What a function of an array and an axis gives, one axis after the other."""
    value: Any = asarray(a)
    count = value.ndim
    for axis in np.atleast_1d(np.asarray(axes)).tolist():
        axis = axis + count if axis < 0 else axis
        found = func(value, axis)
        if found.ndim != value.ndim:
            found = expand_dims(found, axis)
        if found.ndim != value.ndim:
            raise ValueError("function is not returning an array of the correct shape")
        value = found
    return value
