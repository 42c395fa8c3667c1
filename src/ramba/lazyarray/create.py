"""Arrays out of nothing: large ones are recipes until something needs their elements."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from ramba import config
from ramba.engine import ENGINE
from ramba.graph import Const, Empty, Fill, Index, Map, Ref
from ramba.layout import identity
from ramba.lazyarray.convert import asarray
from ramba.lazyarray.core import (
    Array,
    dtype_of,
    is_compiled,
    is_lazy,
    local,
    ndarray,
    on_buffer,
    reads_in_place,
    scalar_of,
    values,
)
from ramba.lazyarray.operands import operand
from ramba.lazyarray.orders import in_order_of
from ramba.lazyarray.readings import broadcast, cast
from ramba.lazyarray.shapes import broadcast_shape
from ramba.runtime.memory import check

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ramba.lazyarray.annotations import DType


def _is_lazy_size(shape: tuple[int, ...], dtype: np.dtype) -> bool:
    return prod(shape) > config.current().eager_size and is_compiled(dtype)


def must_fit(shape: tuple[int, ...], dtype: np.dtype) -> None:
    """Raises what NumPy does for an array that nobody can have, or for which there is no room."""
    check(shape, np.dtype(dtype), ENGINE.room)


def empty(shape: tuple[int, ...], dtype: DType) -> ndarray:
    """An array of arbitrary values."""
    dtype = np.dtype(dtype)
    if not _is_lazy_size(shape, dtype):
        return local(np.empty(shape, dtype))
    must_fit(shape, dtype)
    return on_buffer(ENGINE.record(Empty(dtype, shape), "empty"))


def full(shape: tuple[int, ...], value: object, dtype: DType) -> ndarray:
    """An array of one value."""
    dtype = np.dtype(dtype)
    if not _is_lazy_size(shape, dtype):
        return local(np.full(shape, value, dtype))
    must_fit(shape, dtype)
    scalar = np.empty(1, dtype)
    scalar[...] = values(value) if isinstance(value, Array) else value
    return on_buffer(ENGINE.record(Fill(scalar[0], dtype, shape), "fill"))


def arange1d(start: float, step: float, size: int, dtype: DType) -> ndarray:
    """The values ``start + i * step``, computed in the dtype itself."""
    dtype = np.dtype(dtype)
    shape = (size,)
    if not _is_lazy_size(shape, dtype):
        return local(_small_range(start, step, size, dtype))
    must_fit(shape, dtype)
    node: Any = Index(np.dtype("i8"), shape)
    with np.errstate(all="ignore"):
        first, delta = (scalar_of(np.array(x).astype(dtype)) for x in (start, step))
    position = cast(Ref(node, identity(shape)), dtype)
    if dtype.kind != "b" and not (dtype.kind in "iu" and first == 0 and delta == 1):
        scaled = Map("multiply", 0, (position, Const(delta, dtype)), dtype, shape)
        position = Ref(
            Map("add", 0, (Const(first, dtype), Ref(scaled, identity(shape))), dtype, shape), identity(shape)
        )
    assert isinstance(position, Ref)
    return on_buffer(ENGINE.record(position.node, "arange"))


def _small_range(start: float, step: float, size: int, dtype: np.dtype) -> np.ndarray:
    with np.errstate(all="ignore"):
        return np.asarray(start).astype(dtype) + np.arange(size).astype(dtype) * np.asarray(step).astype(dtype)


def where(condition: ArrayLike, x: ArrayLike, y: ArrayLike) -> Any:
    """Elements of `x` where the condition holds, and of `y` elsewhere."""
    numbers = (int, float, complex)
    parts: list[Any] = [asarray(condition)] + [v if type(v) in numbers else asarray(v) for v in (x, y)]
    arrays = [p for p in parts if isinstance(p, Array)]
    types = [type(p)() if type(p) in numbers else dtype_of(p) for p in parts[1:]]
    dtype = np.result_type(*types)
    shape = broadcast_shape([p.shape if isinstance(p, Array) else () for p in parts])
    compiled = all(is_compiled(dtype_of(a)) for a in arrays) and is_compiled(dtype)
    if not compiled or not (any(map(is_lazy, arrays)) or _is_lazy_size(shape, dtype)):
        memory = [values(p) if isinstance(p, Array) else p for p in parts]
        return local(np.where(*memory))
    made = in_order_of(len(shape), parts, "K", lambda x: where(*x))
    if made is not NotImplemented:
        return made
    with ENGINE.lock:
        readings = [cast(operand(parts[0]), np.dtype(bool))]
        for part in parts[1:]:
            if type(part) in numbers:
                with np.errstate(all="ignore"):
                    readings.append(
                        Const(scalar_of(np.asarray(part).astype(dtype)), dtype)
                    )  # as NumPy: no check of its range
            else:
                readings.append(cast(operand(part), dtype))
        args = tuple(broadcast(r, shape) if isinstance(r, Ref) else r for r in readings)
        made = on_buffer(ENGINE.record(Map("where", 0, args, dtype, shape), "where"))
        if any(map(reads_in_place, arrays)):
            ENGINE.flush()
    return made
