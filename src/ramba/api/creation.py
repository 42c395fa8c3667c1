"""Array creation: filled arrays, copies, numerical ranges.

Small arrays, and dtypes that are not compiled, are made by NumPy itself; large ones are lazy generators.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, SupportsIndex, TypeAlias

import numpy as np

from ramba import config
from ramba.api.options import are_many
from ramba.api.views import moveaxis
from ramba.lazyarray import (
    PLACING,
    UFUNC,
    Array,
    any_lazy,
    arange1d,
    axes_in_memory,
    dtype_for,
    has_order,
    has_subclass,
    implements,
    is_buffer,
    is_of_numbers,
    made_of,
    must_fit,
    ndarray,
    order_of,
    own_copy,
    sharing,
    unwrap,
    where,
    wrap,
)
from ramba.lazyarray import asarray as as_ramba
from ramba.lazyarray import empty as empty_primitive
from ramba.lazyarray import full as full_primitive

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ramba.lazyarray.annotations import DType, NumPyFunction, Order, Shape

    Device: TypeAlias = str | None

numpy: Any = np  # called with arguments that are checked by NumPy itself, not by its stubs


def creates(np_func: Callable[..., Any], kind: str = "call") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Like `implements`, for functions that make arrays out of nothing: the body decides whether the result is lazy.

    They take ``distribution=`` besides NumPy's arguments: see `lazyarray.placing`.
    """
    return implements(np_func, always=True, kind=kind, own=PLACING)


def stays_in_numpy(size: int, dtype: np.dtype) -> bool:
    """Whether NumPy makes an array of this size and dtype."""
    settings = config.current()
    return settings.eager or size <= settings.eager_size or not dtype.isnative or dtype.char not in "?bhilqBHILQfdFD"


def shape_tuple(shape: Any) -> tuple[int, ...]:
    """A shape as NumPy's creation functions read it."""
    try:
        if isinstance(shape, bool):
            np.empty(shape, "V0")  # raises
        extents: tuple[int, ...] = (operator.index(shape),)
    except TypeError:
        if not hasattr(shape, "__iter__"):
            np.empty(shape, "V0")  # raises
        extents = tuple([operator.index(extent) for extent in shape])
    if any(extent < 0 for extent in extents):
        raise ValueError("negative dimensions are not allowed")
    return extents


# --- from shape or value


def _one_dtype(dtype: DType | type) -> np.dtype:
    """The dtype of new arrays: a class of dtypes says which one of them that is."""
    return np.empty(0, dtype).dtype if isinstance(dtype, type(np.dtype)) else np.dtype(dtype)


def _filled(np_func: NumPyFunction, shape: Shape, value: object, dtype: DType, order: str, device: Device) -> ndarray:
    """An array with one value everywhere (None: with whatever memory holds)."""
    dtype = _one_dtype(dtype)
    shape = shape_tuple(shape)
    if stays_in_numpy(math.prod(shape), dtype) or order not in ("C", "F") or device not in (None, "cpu"):
        return wrap(np_func(shape, dtype=dtype, order=order, device=device))
    laid_out = shape[::-1] if order == "F" else shape
    made = empty_primitive(laid_out, dtype) if value is None else full_primitive(laid_out, value, dtype)
    if order == "F":
        made = made.transpose()
        made._base = None
    return made


@creates(np.empty, kind="shape")
def empty(
    shape: Shape, dtype: DType = None, order: str = "C", *, device: Device = None, like: object = None
) -> ndarray:
    """An array with whatever memory holds."""
    return _filled(np.empty, shape, None, dtype, order, device)


@creates(np.zeros, kind="shape")
def zeros(
    shape: Shape, dtype: DType = None, order: str = "C", *, device: Device = None, like: object = None
) -> ndarray:
    """An array of zeros."""
    return _filled(np.zeros, shape, 0, dtype, order, device)


@creates(np.ones, kind="shape")
def ones(shape: Shape, dtype: DType = None, order: str = "C", *, device: Device = None, like: object = None) -> ndarray:
    """An array of ones."""
    return _filled(np.ones, shape, 1, dtype, order, device)


@creates(np.full, kind="shape")
def full(
    shape: Shape,
    fill_value: ArrayLike,
    dtype: DType = None,
    order: str = "C",
    *,
    device: Device = None,
    like: object = None,
) -> ndarray:
    """An array with one value everywhere, or with a broadcast array."""
    if dtype is None:
        dtype = as_ramba(fill_value).dtype
    if np.ndim(fill_value) or isinstance(fill_value, Array):
        result = _filled(np.empty, shape, None, dtype, order, device)
        result[...] = fill_value
        return result
    dtype = _one_dtype(dtype)
    if stays_in_numpy(math.prod(shape_tuple(shape)), dtype) or device not in (None, "cpu"):
        return wrap(numpy.full(shape, fill_value, dtype=dtype, order=order, device=device))
    # casts as NumPy's assignment does: a Python int that does not fit raises
    return _filled(np.empty, shape, np.full((), fill_value, dtype)[()], dtype, order, device)


def _like(
    np_func: NumPyFunction, a: ArrayLike, value: object, dtype: DType, order: str, shape: Shape | None, device: Device
) -> ndarray:
    a = as_ramba(a)
    dtype = np.dtype(a.dtype if dtype is None else dtype)
    extents = a.shape if shape is None else shape_tuple(shape)
    order = order_of(order, "K")
    if len(extents) != a.ndim:
        order = "F" if order == "F" or (order == "A" and a.flags.fnc) else "C"
    if order in ("C", "F"):
        return _filled(np_func, extents, value, dtype, order, device)
    axes = axes_in_memory(a, order)
    if axes in (tuple(range(a.ndim)), tuple(range(a.ndim))[::-1]):
        return _filled(np_func, extents, value, dtype, "C" if axes == tuple(range(a.ndim)) else "F", device)
    made = _filled(np_func, tuple([extents[axis] for axis in axes]), value, dtype, "C", device)
    made = made.transpose(np.argsort(axes).tolist())
    made._base = None
    return made


@implements(np.empty_like, own=PLACING)
def empty_like(
    prototype: ArrayLike,
    /,
    dtype: DType = None,
    order: str = "K",
    subok: bool = True,
    shape: Shape | None = None,
    *,
    device: Device = None,
) -> ndarray:
    """An array with the shape and dtype of another and whatever memory holds."""
    return _like(np.empty, prototype, None, dtype, order, shape, device)


@implements(np.zeros_like, own=PLACING)
def zeros_like(
    a: ArrayLike,
    dtype: DType = None,
    order: str = "K",
    subok: bool = True,
    shape: Shape | None = None,
    *,
    device: Device = None,
) -> ndarray:
    """An array of zeros with the shape and dtype of another."""
    return _like(np.zeros, a, 0, dtype, order, shape, device)


@implements(np.ones_like, own=PLACING)
def ones_like(
    a: ArrayLike,
    dtype: DType = None,
    order: str = "K",
    subok: bool = True,
    shape: Shape | None = None,
    *,
    device: Device = None,
) -> ndarray:
    """An array of ones with the shape and dtype of another."""
    return _like(np.ones, a, 1, dtype, order, shape, device)


@implements(np.full_like, own=PLACING)
def full_like(
    a: ArrayLike,
    fill_value: ArrayLike,
    dtype: DType = None,
    order: str = "K",
    subok: bool = True,
    shape: Shape | None = None,
    *,
    device: Device = None,
) -> ndarray:
    """An array with one value everywhere, with the shape and dtype of another."""
    result = _like(np.empty, a, None, dtype, order, shape, device)
    result[...] = fill_value
    return result


# --- from existing data


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


@creates(np.array)
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
                return sharing(made_of(np.array, shown, **options), shown)
            shown = object if ndmax is None else unwrap(object)
            return wrap(made_of(np.array, shown, **options) if copy else own_copy(shown, options))
        result = asarray(_from_sequence(object, dtype), order=order)
    else:
        result = asarray(object, dtype, order, copy=copy)
    return result.reshape((1,) * (ndmin - result.ndim) + result.shape) if ndmin > result.ndim else result


def _holds_ramba(items: Any, depth: int = 64) -> bool:
    """Whether there are arrays of ours in nested lists, as deep as NumPy looks."""
    if type(items) not in (list, tuple) or not depth or is_of_numbers(items):
        return False
    return any(isinstance(item, Array) or _holds_ramba(item, depth - 1) for item in items)


@creates(np.asarray)
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
            return asarray(_from_sequence(a, dtype), order=order)
        if copy is False or (copy is None and is_buffer(a)):
            return sharing(made_of(np.asarray, a, dtype, order, copy=copy), a)
        return wrap(own_copy(a, {"dtype": dtype, "order": order or "K"}))
    if device not in (None, "cpu"):
        raise ValueError(f'Device not understood. Only "cpu" is allowed, but received: {device}')
    dtype, letter = a.dtype if dtype is None else dtype_for(dtype), order_of(order, "K")
    if dtype == a.dtype and copy is not True and (letter == "A" or has_order(a, letter)):
        return a
    if copy is False:
        raise ValueError("Unable to avoid copy while creating an array as requested.")
    if dtype == a.dtype and copy:
        return a.copy(letter)
    return a.astype(dtype, order="K" if letter == "A" else letter, copy=True)


@creates(np.asanyarray)
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


@creates(np.copy)
def copy(a: ArrayLike, order: str = "K", subok: bool = False) -> ndarray:
    """A copy."""
    return array(a, order=order, subok=subok, copy=True)


# --- numerical ranges


@creates(np.arange, kind="range")
def arange(
    start_or_stop: ArrayLike | None = None,
    /,
    stop: ArrayLike | None = None,
    step: ArrayLike = 1,
    *,
    dtype: DType = None,
    **options: Any,
) -> ndarray:
    """Evenly spaced values with a given step, without the end."""
    start = options.pop("start", start_or_stop)
    if stop is None and start_or_stop is None:
        numpy.arange(**({} if start is None else {"start": start}))  # raises
    given = (0, start) if stop is None else (0 if start is None else start, stop)
    given, step = unwrap(given), unwrap(step)
    by_numpy = partial(numpy.arange, *given, step, dtype=dtype, device=options.get("device"))
    numbers = (int, float, np.integer, np.floating)
    others = any(isinstance(value, np.timedelta64) for value in (*given, step))  # which are np.integer, too
    if others or not all(isinstance(value, numbers) for value in (*given, step)) or step == 0:
        return wrap(by_numpy())
    first, last = given
    with np.errstate(all="ignore"):
        length = (last - first) / step
    if not length < 2**62 or not length > 0:  # NaN, infinite or empty: NumPy knows the answer or the error
        return wrap(by_numpy())
    size = math.ceil(length)
    made = np.result_type(np.int_, *[np.asarray(x).dtype for x in (*given, step)]) if dtype is None else np.dtype(dtype)
    if stays_in_numpy(size, made) or made.kind not in "iuf" or options.get("device") not in (None, "cpu"):
        return wrap(by_numpy())
    # NumPy computes the first two elements, and all others from their difference
    with np.errstate(all="ignore"):
        two = np.array([first, first + step]).astype(made)
        delta = two[1] - two[0]
        if two[0] + delta != two[1]:
            return wrap(by_numpy())
    return arange1d(two[0], delta, size, made)


@creates(np.linspace)
def linspace(
    start: ArrayLike,
    stop: ArrayLike,
    num: SupportsIndex = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: DType = None,
    axis: int = 0,
    *,
    device: Device = None,
) -> Any:
    """A number of evenly spaced values over an interval."""
    num = operator.index(num)
    if has_subclass((start, stop)):
        return numpy.linspace(*unwrap((start, stop, num, endpoint, retstep, dtype, axis)))
    start, stop = (x if isinstance(x, int | float | complex) else as_ramba(x) for x in (start, stop))
    points = np.broadcast_shapes(*[getattr(x, "shape", ()) for x in (start, stop)])
    inexact = np.result_type(*[getattr(x, "dtype", x) for x in (start, stop)], 0.0)
    if num < 2 or stays_in_numpy(num * math.prod(points), inexact) or device not in (None, "cpu"):
        result = numpy.linspace(unwrap(start), unwrap(stop), num, endpoint, retstep, dtype, axis, device=device)
        return wrap(result)
    must_fit((num, *points), inexact)
    start, stop = (x * 1.0 for x in (start, stop))
    delta = UFUNC["subtract"](stop, start, dtype=inexact)
    divisions = num - 1 if endpoint else num
    step = delta / divisions
    place = arange1d(0, 1, num, np.dtype(np.int64)).reshape((num,) + (1,) * len(points))
    count = place.astype(inexact)
    if bool(UFUNC["logical_or"].reduce(as_ramba(step) == 0, axis=None)):  # denormal steps
        result = count / divisions * delta + start
    else:
        result = count * step + start
    if endpoint:
        result = where(place == num - 1, as_ramba(stop).astype(inexact), result)
    if axis != 0:
        result = moveaxis(result, 0, axis)
    if dtype is not None:
        result = (UFUNC["floor"](result) if np.dtype(dtype).kind in "iu" else result).astype(dtype)
    return (result, step) if retstep else result


@creates(np.logspace)
def logspace(
    start: ArrayLike,
    stop: ArrayLike,
    num: SupportsIndex = 50,
    endpoint: bool = True,
    base: ArrayLike = 10.0,
    dtype: DType = None,
    axis: int = 0,
) -> ndarray:
    """A number of values evenly spaced on a logarithmic scale."""
    points = np.broadcast_shapes(np.shape(start), np.shape(stop), np.shape(base))
    if has_subclass((start, stop, base)):
        return np.logspace(*unwrap((start, stop, num, endpoint, base, dtype, axis)))  # type: ignore[return-value]
    if stays_in_numpy(operator.index(num) * math.prod(points), np.dtype(float)) or np.ndim(base):
        return wrap(np.logspace(*unwrap((start, stop, num, endpoint, base, dtype, axis))))
    result = UFUNC["power"](base, linspace(start, stop, num, endpoint, axis=axis))
    return result if dtype is None else result.astype(dtype)


@creates(np.geomspace)
def geomspace(
    start: Any,
    stop: Any,
    num: SupportsIndex = 50,
    endpoint: bool = True,
    dtype: DType = None,
    axis: int = 0,
) -> ndarray:
    """A number of values in a geometric progression."""
    scalars = all(isinstance(x, int | float) and x != 0 for x in (start, stop))
    if stays_in_numpy(operator.index(num), np.dtype(float)) or not scalars or dtype is not None or axis:
        return wrap(np.geomspace(*unwrap((start, stop, num, endpoint, dtype, axis))))
    if (start < 0) != (stop < 0):
        return wrap(np.geomspace(start, stop, num, endpoint))
    sign = np.sign(float(start))
    exponents = np.log10(start / sign), np.log10(stop / sign)
    result = logspace(*exponents, num=num, endpoint=endpoint)
    count = operator.index(num)
    place = arange1d(0, 1, count, np.dtype(np.int64))
    result = where(place == 0, start / sign, result)
    if endpoint and count > 1:
        result = where(place == count - 1, stop / sign, result)
    return result * sign


@implements(np.astype)
def astype(x: ndarray, dtype: DType, /, *, copy: bool = True, device: Device = None) -> ndarray:
    """The array in another dtype."""
    if device not in (None, "cpu"):
        raise ValueError(f'Device not understood. Only "cpu" is allowed, but received: {device}')
    return x.astype(dtype, copy=copy)
