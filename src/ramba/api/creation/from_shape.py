"""Array creation: from shape or value.

Small arrays, and dtypes that are not compiled, are made by NumPy itself; large ones are lazy generators.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, SupportsIndex

import numpy as np

from ramba import config
from ramba.lazyarray import PLACING, Array, arange1d, axes_in_memory, implements, must_fit, ndarray, order_of, wrap
from ramba.lazyarray import asarray as as_ramba
from ramba.lazyarray import empty as empty_primitive
from ramba.lazyarray import full as full_primitive

if TYPE_CHECKING:
    from typing import TypeAlias

    from numpy.typing import ArrayLike

    from ramba.lazyarray.annotations import DType, NumPyFunction, Shape

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
        if not hasattr(shape, "__len__"):
            np.empty(shape, "V0")  # raises
        extents = tuple([operator.index(extent) for extent in shape])
    if any(extent < 0 for extent in extents):
        raise ValueError("negative dimensions are not allowed")
    return extents


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


@creates(np.eye, kind="extents")
def eye(
    N: int,
    M: int | None = None,
    k: int = 0,
    dtype: DType = float,
    order: str = "C",
    *,
    device: str | None = None,
    like: object = None,
) -> ndarray:
    """Ones on a diagonal, zeros elsewhere."""
    rows, columns, k = operator.index(N), operator.index(N if M is None else M), operator.index(k)
    dtype = np.dtype(dtype)
    by_numpy = min(rows, columns) < 0 or abs(k) > max(rows, columns) or device not in (None, "cpu")
    if by_numpy or stays_in_numpy(rows * columns, dtype) or order != "C":
        return wrap(numpy.eye(N, M, k, dtype, order, device=device))
    must_fit((rows, columns), dtype)
    row, column = (arange1d(0, 1, extent, np.dtype(np.int64)) for extent in (rows, columns))
    return (row[:, None] + k == column).astype(dtype)


@creates(np.identity, kind="extents")
def identity(n: SupportsIndex, dtype: DType = None, *, like: object = None) -> ndarray:
    """The identity matrix."""
    return eye(n, dtype=float if dtype is None else dtype)
