"""The short way to record an operation: whole operands of one shape, no casts, no options.

Most operations of a program are of this kind. The general way, in `ufunc`, gives the same result in more steps.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from ramba.engine import ENGINE, Buffer, Period, floating_point_state
from ramba.graph import Const, Empty, Fill, Index, Map, Outline, Reduce, Ref, Storage, Update, write_by
from ramba.layout import View, identity, repeats
from ramba.lazyarray.core import assign, is_compiled, memory_if_local, ndarray, on_buffer, settled
from ramba.lazyarray.native import NATIVE
from ramba.lazyarray.operands import operand
from ramba.lazyarray.orders import is_turned
from ramba.limits import CHAIN, FEW, MOST_ALONE
from ramba.ops import OPS
from ramba.runtime.executor import run_short_ones_by

_NO = object()
_results: dict[tuple[Any, ...], Any] = {}  # operation and types of its operands -> dtype of the result, or _NO
_tuple = tuple.__new__


def _result(name: str, *types: Any) -> Any:
    """The dtype of the result, if NumPy's loop takes the operands as they are; else _NO."""
    key = (name, *types)
    found = _results.get(key)
    if found is None:
        found = _results[key] = _look_up(name, types)
    return found


def _look_up(name: str, types: tuple[Any, ...]) -> Any:
    row = OPS[name]
    if row.nout != 1 or row.nin != len(types) or name == "power" or row.numpy.signature is not None:
        return _NO
    try:
        *loop, result = row.numpy.resolve_dtypes((*types, None))
    except TypeError:
        return _NO
    own = next(each for each in types if isinstance(each, np.dtype))
    # not `in`: a dtype of whole numbers equals Python's int
    plain = all(d == own for d in loop) and all(t is int or t is float or t == own for t in types)
    return result if plain and is_compiled(own) and is_compiled(result) else _NO


def unary(name: str, a: ndarray) -> Any:
    """Records an operation on one array; NotImplemented if it is not of the simple kind."""
    if not is_simple(a):
        return NotImplemented
    result = _result(name, a._buffer.dtype)
    if result is _NO:
        return NotImplemented
    with ENGINE.lock:
        ENGINE.turn()
        return _record(name, (_tuple(Ref, (a._buffer.node, a._view)),), result, a._view.shape)


def binary(name: str, a: ndarray, b: object) -> Any:
    """Records an operation on an array and another, or a number; NotImplemented if it is not of the simple kind."""
    if not is_simple(a):
        return NotImplemented
    if type(b) is ndarray:
        if not is_simple(b) or b._view.shape != a._view.shape:
            return NotImplemented
        result = _result(name, a._buffer.dtype, b._buffer.dtype)
        if result is _NO:
            return NotImplemented
        with ENGINE.lock:
            ENGINE.turn()
            args = _tuple(Ref, (a._buffer.node, a._view)), _tuple(Ref, (b._buffer.node, b._view))
            return _record(name, args, result, a._view.shape)
    if type(b) is float or type(b) is int:
        return _with_number(name, a, b, False)
    return NotImplemented


def reflected(name: str, a: ndarray, b: object) -> Any:
    """Records an operation on a number and an array; NotImplemented if it is not of the simple kind."""
    if (type(b) is float or type(b) is int) and is_simple(a):
        return _with_number(name, a, b, True)
    return NotImplemented


def in_place(name: str, a: ndarray, b: object) -> bool:
    """Records an operation that changes its first operand; False if it is not of the simple kind."""
    if not is_simple(a) or a._locked or a._scalar or repeats(a._view, a._buffer.shape):
        return False
    shape, dtype = a._view.shape, a._buffer.dtype
    if type(b) is ndarray:
        if not is_simple(b) or b._view.shape != shape or _result(name, dtype, b._buffer.dtype) != dtype:
            return False
    elif (type(b) is not float and type(b) is not int) or _result(name, dtype, type(b)) != dtype:
        return False
    number = _number(dtype, b) if type(b) is float or type(b) is int else None
    if number is None and type(b) is not ndarray:
        return False
    with ENGINE.lock:
        ENGINE.turn()
        other = number if type(b) is not ndarray else _tuple(Ref, (b._buffer.node, b._view))
        args = _tuple(Ref, (a._buffer.node, a._view)), other
        assign(a, _tuple(Ref, (_tuple(Map, (name, 0, args, dtype, shape)), identity(shape))))
    return True


def assigned(a: ndarray, b: ndarray) -> bool:
    """Records that an array gets the elements of another; False if it is not of the simple kind."""
    if not is_simple(a) or not is_simple(b) or a._locked or a._view.shape != b._view.shape:
        return False
    if a._buffer.dtype != b._buffer.dtype or repeats(a._view, a._buffer.shape):
        return False
    with ENGINE.lock:
        ENGINE.turn()
        assign(a, _tuple(Ref, (b._buffer.node, b._view)))
    return True


def is_simple(a: ndarray) -> bool:
    """Whether an array shows elements of a buffer as they are, which nobody else may write, in C order."""
    if memory_if_local(a) is not None or a._part or a._buffer.lends:
        return False
    return len(a._view.shape) < 2 or not is_turned(a._view)


def _with_number(name: str, a: ndarray, b: int | float, first: bool) -> Any:
    dtype = a._buffer.dtype
    result = _result(name, type(b), dtype) if first else _result(name, dtype, type(b))
    if result is _NO:
        return NotImplemented
    number = _number(dtype, b)
    if number is None:
        return NotImplemented
    with ENGINE.lock:
        ENGINE.turn()
        array = _tuple(Ref, (a._buffer.node, a._view))
        return _record(name, (number, array) if first else (array, number), result, a._view.shape)


def _number(dtype: np.dtype, number: int | float) -> Const | None:
    """A number in an array's dtype; None if it does not fit."""
    try:
        return _tuple(Const, (dtype.type(number), dtype))
    except OverflowError:
        return None


def _record(name: str, args: tuple[Ref | Const, ...], dtype: np.dtype, shape: tuple[int, ...]) -> ndarray:
    buffer = ENGINE.add(_tuple(Map, (name, 0, args, dtype, shape)), name)
    return on_buffer(buffer, scalar=not shape)


_KINDS: tuple[tuple[Any, ...], ...] = ((0, 0), (0, float), (0, int), (float, 0), (int, 0), (0,))  # 0: the array's dtype


def _dtype_for(name: str, kind: int, dtype: np.dtype) -> np.dtype | None:
    """What `_result` says for the kinds of operands that the short way in C knows."""
    found = _result(name, *[dtype if each == 0 else each for each in _KINDS[kind]])
    return None if found is _NO else found


if NATIVE is not None:
    nodes = Period, Buffer, Map, Ref, Const, View, Update
    asked = identity, _dtype_for, floating_point_state, settled, operand
    NATIVE.record(ENGINE, warnings, *nodes, *asked, FEW, CHAIN, MOST_ALONE)
    NATIVE.outlines(Outline, Reduce, Fill, Empty, Index, Storage)
    write_by(NATIVE.outline)
    run_short_ones_by(NATIVE.launched)
