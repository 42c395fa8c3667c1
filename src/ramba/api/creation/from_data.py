"""Array creation: from existing data."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ramba.api.creation.from_shape import creates, empty, numpy, shape_tuple, stays_in_numpy, zeros
from ramba.api.creation.ranges import positions_along
from ramba.lazyarray import (
    Array,
    any_lazy,
    copy_,
    dtype_for,
    has_order,
    implements,
    is_buffer,
    is_of_numbers,
    made_of,
    made_or_given,
    must_fit,
    ndarray,
    order_of,
    own_copy,
    sharing,
    unwrap,
    wrap,
)
from ramba.lazyarray.options import are_many

if TYPE_CHECKING:
    from typing import TypeAlias

    from numpy.typing import ArrayLike

    from ramba.lazyarray.annotations import DType, Order

    Device: TypeAlias = str | None


def _from_sequence(items: Any, dtype: DType) -> ndarray:
    """An array from nested sequences, lazy where the items are Ramba arrays of one shape."""
    if type(items) in (list, tuple) and items and all(isinstance(item, Array) for item in items):
        shape = items[0].shape
        if any_lazy(items) and not are_many(items) and all(item.shape == shape for item in items):
            result = empty((len(items), *shape), dtype or np.result_type(*[item.dtype for item in items]))
            for place, item in enumerate(items):
                result[place] = item
            return result
    is_object = dtype is not None and np.dtype(dtype) == object  # it may hold the items themselves
    made: ndarray = wrap(made_of(np.array, items if is_object else unwrap(items), dtype))
    return made


def _copies(copy: object) -> bool | None:
    """Whether an array is copied; None: if need be. NumPy refuses what says nothing."""
    if copy is None or isinstance(copy, bool):
        return copy
    numpy.array(np.empty(0), copy=copy)
    return None if copy is numpy._CopyMode.IF_NEEDED else bool(copy)


@creates(np.array, kind="data")
def array(
    object: object,
    dtype: DType = None,
    *,
    copy: bool | None = True,
    order: Order = "K",
    subok: bool = False,
    ndmin: int = 0,
    ndmax: int | None = None,
    like: object = None,
) -> ndarray:
    """A new array from anything that looks like one."""
    copy = _copies(copy)
    if not isinstance(object, Array) or ndmax is not None:
        if ndmax is not None or not _holds_ramba(object):
            extra: dict[str, Any] = {} if ndmax is None else {"ndmax": ndmax}
            options = {"dtype": dtype, "order": order, "subok": subok, "ndmin": ndmin} | extra
            if copy is False or (copy is None and is_buffer(object)):
                options["copy"] = copy
                shown = object if ndmax is None else unwrap(object)
                return sharing(made_or_given(np.array, shown, **options), shown)
            shown = object if ndmax is None else unwrap(object)
            return wrap(made_or_given(np.array, shown, **options) if copy else own_copy(shown, options))
        result = asarray(object, dtype, order, copy=copy)
    else:
        result = asarray(object, dtype, order, copy=copy)
    return result.reshape((1,) * (ndmin - result.ndim) + result.shape) if ndmin > result.ndim else result


def _holds_ramba(items: Any, depth: int = 64) -> bool:
    """Whether there are arrays of ours in nested lists, as deep as NumPy looks."""
    if type(items) not in (list, tuple) or not depth or is_of_numbers(items):
        return False
    return any(isinstance(item, Array) or _holds_ramba(item, depth - 1) for item in items)


@creates(np.asarray, kind="data")
def asarray(
    a: ArrayLike,
    dtype: DType = None,
    order: Order = None,
    *,
    device: Device = None,
    copy: bool | None = None,
    like: object = None,
) -> ndarray:
    """The argument as an array: itself if it is one already."""
    copy = _copies(copy)
    if device not in (None, "cpu"):
        raise ValueError(f'Device not understood. Only "cpu" is allowed, but received: {device}')
    if not isinstance(a, Array):
        if _holds_ramba(a):
            if copy is False:
                numpy.asarray([0], copy=False)  # raises
            return asarray(_from_sequence(a, dtype), order=order)
        if copy is False or (copy is None and is_buffer(a)):
            return sharing(made_or_given(np.asarray, a, dtype=dtype, order=order, copy=copy), a)
        return wrap(own_copy(a, {"dtype": dtype, "order": order or "K"}))
    if device not in (None, "cpu"):
        raise ValueError(f'Device not understood. Only "cpu" is allowed, but received: {device}')
    dtype, letter = a.dtype if dtype is None else dtype_for(dtype), order_of(order, "K")
    if dtype == a.dtype and copy is not True and (letter == "A" or has_order(a, letter)):
        return a
    if copy is False:
        raise ValueError("Unable to avoid copy while creating an array as requested.")
    if dtype == a.dtype and copy:
        return copy_(a, letter)
    return a.astype(dtype, order="K" if letter == "A" else letter, copy=True)


@creates(np.asanyarray, kind="data")
def asanyarray(
    a: ArrayLike,
    dtype: DType = None,
    order: Order = None,
    *,
    device: Device = None,
    copy: bool | None = None,
    like: object = None,
) -> ndarray:
    """The argument as an array: itself if it is one already."""
    if isinstance(a, np.ndarray) and type(a) is not np.ndarray:  # masked arrays, matrices
        return numpy.asanyarray(a, dtype, order, copy=copy)
    return asarray(a, dtype, order, device=device, copy=copy)


@creates(np.copy, kind="data")
def copy(a: ArrayLike, order: str = "K", subok: bool = False) -> ndarray:
    """A copy."""
    return array(a, order=order, subok=subok, copy=True)


@implements(np.astype)
def astype(x: ndarray, dtype: DType, /, *, copy: bool = True, device: Device = None) -> ndarray:
    """The array in another dtype."""
    if device not in (None, "cpu"):
        raise ValueError(f'Device not understood. Only "cpu" is allowed, but received: {device}')
    return x.astype(dtype, copy=copy)


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
