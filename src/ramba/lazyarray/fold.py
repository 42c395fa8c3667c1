"""Reductions and scans of arrays that may be pending."""

from __future__ import annotations

from functools import lru_cache
from math import prod
from operator import index
from typing import TYPE_CHECKING, Any

import numpy as np

from ramba import config
from ramba.engine import ENGINE
from ramba.graph import Const, Fill, Library, Map, Node, Reduce, Ref
from ramba.layout import View, identity
from ramba.lazyarray import early
from ramba.lazyarray.calls import call
from ramba.lazyarray.convert import asarray, unwrap
from ramba.lazyarray.core import (
    Array,
    dtype_of,
    is_compiled,
    is_lazy,
    ndarray,
    on_buffer,
    reads_in_place,
    ref,
    shape_of,
)
from ramba.lazyarray.orders import axes_of_result, turned, turned_back
from ramba.lazyarray.readings import broadcast, cast
from ramba.ops import OPS, can_fold
from ramba.ops import identity as fold_identity

if TYPE_CHECKING:
    from ramba.lazyarray.annotations import DType

SHORT = 8  # an axis this short is written out: it fuses with its neighbours
WORTH = 1024  # results: for fewer, writing out saves nothing

_ON_BOOLS = {
    "add": "logical_or",
    "maximum": "logical_or",
    "fmax": "logical_or",
    "bitwise_or": "logical_or",
    "multiply": "logical_and",
    "minimum": "logical_and",
    "fmin": "logical_and",
    "bitwise_and": "logical_and",
    "bitwise_xor": "logical_xor",
}
_NO_VALUE = np._NoValue
# a power may be refused, at the call; NumPy's loop for vectors of arctan2 takes the first element for the fold so far
_PECULIAR = frozenset(("power", "arctan2"))


@lru_cache(maxsize=1024)
def _result_dtype(name: str, dtype: np.dtype, wanted: np.dtype | None, scan: bool) -> np.dtype:
    """The dtype that NumPy folds in. NumPy's own exceptions."""
    function = OPS[name].numpy
    probe = np.ones(1, dtype)
    method = function.accumulate if scan else function.reduce
    return np.asarray(method(probe, dtype=wanted)).dtype


def axes_of(axis: int | tuple[int, ...] | None, ndim: int) -> tuple[int, ...]:
    """The axes to fold, as NumPy reads them."""
    if axis is None:
        return tuple(range(ndim))
    if isinstance(axis, tuple):
        axes = tuple(np.lib.array_utils.normalize_axis_index(index(a), ndim) for a in axis)
        if len(set(axes)) != len(axes):
            raise ValueError("duplicate value in 'axis'")
        return tuple(sorted(axes))
    number = index(axis)
    if ndim == 0 and number in (0, -1):
        return ()
    return (np.lib.array_utils.normalize_axis_index(number, ndim),)


def reduce(
    name: str,
    array: ndarray,
    axis: int | tuple[int, ...] | None,
    dtype: DType,
    keepdims: bool,
    initial: object,
    where: object,
) -> Any:
    """Records a fold; NotImplemented if NumPy has to do it."""
    source = dtype_of(array)
    shape = shape_of(array)
    if not is_compiled(source) or not (dtype is None or is_compiled(np.dtype(dtype))):
        return NotImplemented
    result = _result_dtype(name, source, None if dtype is None else np.dtype(dtype), False)
    op, inside = name, result
    if name in ("logical_or", "logical_and", "logical_xor"):
        inside = np.dtype(bool)
    if inside == np.dtype(bool):
        op = _ON_BOOLS.get(name, name)
    axes = axes_of(axis, len(shape))
    foldable = is_compiled(inside) and can_fold(op, inside.str[1:])
    plain = where is True and initial is _NO_VALUE
    if not foldable and not (plain and is_compiled(inside) and _folds_in_order(op, inside, axes, len(shape))):
        return NotImplemented
    if where is not True and initial in (_NO_VALUE, None) and OPS[name].numpy.identity is None:
        return NotImplemented  # NumPy refuses
    kept = tuple(e for d, e in enumerate(shape) if d not in axes)
    mask = None if where is True else _mask(where, shape)
    if op in ("logical_or", "logical_and") and result.kind == "b" and mask is None and initial in (_NO_VALUE, None):
        found = early.folded(op, array, axes, keepdims)
        if found is not None:
            return found
    order = axes_of_result(len(shape), [array]) if len(kept) > 1 else None
    if order is not None:
        chosen = True if mask is None else turned(mask, order)
        places = tuple(place for place, d in enumerate(order) if d in axes)
        result = reduce(name, turned(array, order), places, dtype, keepdims, initial, chosen)
        left = [d for d in order if keepdims or d not in axes]  # axes that the result has, where they are now
        return result if result is NotImplemented else turned_back(result, tuple(map(sorted(left).index, left)))
    with ENGINE.lock:
        at_once = reads_in_place(array) or reads_in_place(mask)
        if 0 in shape and prod(shape[d] for d in axes) == 0:
            node = _nothing(name, initial, inside, kept)
            if node is NotImplemented:
                return NotImplemented
        else:
            node = _fold(op, _masked(op, cast_to(ref(array), inside), mask, shape, inside), axes, inside, kept)
            node = _with_initial(op, node, initial, inside)
            if node is NotImplemented:
                return NotImplemented
        made = on_buffer(ENGINE.record(node, name), scalar=not kept and not (keepdims and shape))
        if at_once:
            ENGINE.flush()
    if keepdims:
        made = made.reshape(tuple(1 if d in axes else e for d, e in enumerate(shape)))
    return made


def _folds_in_order(op: str, dtype: np.dtype, axes: tuple[int, ...], ndim: int) -> bool:
    """Whether an operation that no loop folds is one that the kernel ``reduce`` does, element after element."""
    if op in _PECULIAR or not axes or not _stays(op, dtype):
        return False
    OPS[op].numpy.reduce(
        np.ones((1,) * ndim, dtype), axes, dtype
    )  # NumPy refuses several axes of what it may not reorder
    return True


def _stays(op: str, dtype: np.dtype) -> bool:
    """Whether two elements of a dtype make another one of it."""
    try:
        return bool(OPS[op].numpy.resolve_dtypes((dtype, dtype, None))[2] == dtype)
    except TypeError:
        return False


def cast_to(reading: Ref, dtype: np.dtype) -> Ref:
    """`cast` of an operand that is no scalar."""
    result = cast(reading, dtype)
    assert isinstance(result, Ref)
    return result


def _nothing(name: str, initial: object, dtype: np.dtype, kept: tuple[int, ...]) -> Any:
    """The fold of no elements: its identity, or the initial value."""
    value = initial if initial not in (_NO_VALUE, None) else OPS[name].numpy.identity
    if value is None:
        return NotImplemented  # NumPy complains
    return Fill(dtype.type(unwrap(value)), dtype, kept)


def _mask(where: object, shape: tuple[int, ...]) -> ndarray:
    """A ``where=`` argument as an array of bools that fits an operand; NumPy's exceptions if it is none."""
    arrays = ndarray | np.ndarray | np.generic
    given = asarray(where) if isinstance(where, arrays) else asarray(np.asarray(where, bool))
    if dtype_of(given).kind != "b":
        raise TypeError(
            f"Cannot cast array data from {dtype_of(given)!r} to dtype('bool') according to the rule 'safe'"
        )
    if shape_of(given) != shape and not _fits(shape_of(given), shape):  # NumPy refuses
        np.add.reduce(np.broadcast_to(False, shape), axis=(), where=np.broadcast_to(False, shape_of(given)))
    return given


def _masked(op: str, reading: Ref, mask: ndarray | None, shape: tuple[int, ...], dtype: np.dtype) -> Ref:
    """An operand whose elements outside a mask do not count."""
    if mask is None:
        return reading
    neutral = Const(fold_identity(op, dtype.str[1:]), dtype)
    return Ref(Map("where", 0, (broadcast(ref(mask), shape), reading, neutral), dtype, shape), identity(shape))


def _fits(shape: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    try:
        return np.broadcast_shapes(shape, wanted) == wanted
    except ValueError:
        return False


def _fold(op: str, reading: Ref, axes: tuple[int, ...], dtype: np.dtype, kept: tuple[int, ...]) -> Node:
    if not axes:
        return Map("cast", 0, (reading,), dtype, kept)
    numpys = dtype.kind in "fc" and (op == "multiply" or (op == "add" and config.current().exact))
    if numpys or not can_fold(op, dtype.str[1:]):
        # in NumPy's order: a product that overflows in one half and is zero in the other would be nan
        return Library("reduce", (reading,), (op, axes), 0, ((dtype.str[1:], kept),), dtype, kept)
    count = prod(reading.view.shape[d] for d in axes)
    if len(axes) == 1 and count <= SHORT and prod(kept) >= WORTH:
        return _written_out(op, reading, axes[0], dtype, kept)
    return Reduce(op, reading, axes, dtype, kept)


def _written_out(op: str, reading: Ref, axis: int, dtype: np.dtype, kept: tuple[int, ...]) -> Node:
    """A fold over a short axis as elementwise operations."""
    offset, shape, strides = reading.view
    left = strides[:axis] + strides[axis + 1 :]
    columns = [Ref(reading.node, View(offset + n * strides[axis], kept, left)) for n in range(shape[axis])]
    total: Ref = columns[0]
    first: tuple[Ref | Const, ...] = (total,) if op != "add" else (Const(dtype.type(0), dtype), total)
    node: Node = Map("cast" if op != "add" else op, 0, first, dtype, kept)
    total = Ref(node, identity(kept))
    for column in columns[1:]:
        node = Map(op, 0, (total, column), dtype, kept)
        total = Ref(node, identity(kept))
    return node


def _with_initial(op: str, node: Node, initial: object, dtype: np.dtype) -> Any:
    if initial in (_NO_VALUE, None):
        return node
    if is_lazy(initial):
        return NotImplemented
    value = dtype.type(unwrap(initial))
    if op == "add" and dtype.kind in "fc" and not value and np.signbit(value.real):
        return NotImplemented  # a sum of ours begins with the other zero
    return Map(op, 0, (Const(value, dtype), Ref(node, identity(node.shape))), dtype, node.shape)


def accumulate(name: str, array: ndarray, axis: int | None, dtype: DType) -> Any:
    """Records a scan; NotImplemented if NumPy has to do it."""
    source, shape = dtype_of(array), shape_of(array)
    if not is_compiled(source) or not shape or name == "power":  # a power may be refused, at the call
        return NotImplemented
    result = _result_dtype(name, source, None if dtype is None else np.dtype(dtype), True)
    if not is_compiled(result) or not _stays(name, result):
        return NotImplemented
    if axis is None and len(shape) > 1:
        return NotImplemented  # NumPy refuses
    axis = np.lib.array_utils.normalize_axis_index(0 if axis is None else index(axis), len(shape))
    order = axes_of_result(len(shape), [array])
    if order is not None:
        return turned_back(accumulate(name, turned(array, order), order.index(axis), dtype), order)
    return call("accumulate", [array], name, axis, bool(config.current().exact), dtypes=(result,))[0]


def reduceat(name: str, array: ndarray, starts: object, axis: int, dtype: DType) -> Any:
    """Folds segments of an axis, now; NotImplemented if NumPy has to do it."""
    source, shape = dtype_of(array), shape_of(array)
    places = starts if isinstance(starts, Array) else asarray(np.asarray(starts))
    if name in _PECULIAR or not is_compiled(source) or not shape or not isinstance(axis, int | np.integer):
        return NotImplemented
    if len(shape_of(places)) != 1 or dtype_of(places).kind not in "iu" or not np.can_cast(dtype_of(places), np.intp):
        return NotImplemented
    result = _result_dtype(name, source, None if dtype is None else np.dtype(dtype), True)
    if not is_compiled(result) or not _stays(name, result):
        return NotImplemented
    axis = np.lib.array_utils.normalize_axis_index(index(axis), len(shape))
    return call("reduceat", [array, places], name, axis, dtypes=(result, np.intp))[0]
