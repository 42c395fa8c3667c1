"""Python's operators, bound from the ufunc table."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from ramba.engine import ENGINE, few
from ramba.lazyarray import fast_path
from ramba.lazyarray.buffers import for_others
from ramba.lazyarray.convert import unwrap, wrap
from ramba.lazyarray.core import Array, define, dtype_of, local, memory_if_local, ndarray, values, writable
from ramba.lazyarray.foreign import decides, give_way, has_priority, lent, refuses_ufuncs
from ramba.lazyarray.native import NATIVE
from ramba.lazyarray.operands import (
    NUMBERS,
    Foreign,
    Lazy,
    Local,
    Operand,
    Scalar,
    at_once,
    classified,
    finished,
    settle_few,
)
from ramba.lazyarray.ufunc import UFUNC, ufunc
from ramba.ops import UFUNCS

_COMPARISONS = {
    "lt": "less",
    "le": "less_equal",
    "gt": "greater",
    "ge": "greater_equal",
    "eq": "equal",
    "ne": "not_equal",
}
_SWAPPED = {"lt": "gt", "le": "ge", "gt": "lt", "ge": "le", "eq": "eq", "ne": "ne"}
_UNARY = {"neg": "negative", "pos": "positive", "abs": "absolute", "invert": "invert"}
_POWERS: dict[float, str] = {2: "square", 1: "positive"}  # as NumPy's own operator
_FLOAT_POWERS: dict[float, str] = {**_POWERS, -1: "reciprocal", 0.5: "sqrt"}
_SEQUENCES = (list, tuple, str, bytes, bytearray)
_FEW_DIMENSIONS = (
    "inplace matrix multiplication requires the first operand to have at least one and the second at least two "
    "dimensions."
)
_SMALL_POWERS: dict[str, dict[float, str]] = {
    "f": _FLOAT_POWERS,
    "c": _FLOAT_POWERS,
    "i": _POWERS,
    "u": _POWERS,
    "b": {2: "square"},
}


def _general(
    operation: Callable[[Any, Any], Any], reflected: str, compute: Callable[[Operand, Operand], Any]
) -> Callable[[Operand, Operand], Any]:
    """A binary operator on whatever is not simple: the other operand may want to do it."""

    def general(own: Operand, their: Operand) -> Any:
        if type(their) is Foreign:
            self, other = own.given, their.given
            if refuses_ufuncs(other):
                return NotImplemented
            if has_priority(other):
                return give_way(operation, reflected, self, other)
            if isinstance(other, np.ndarray) and decides(other):  # matrices, masked arrays have operators of their own
                return operation(lent(self), other)
        return compute(own, their)

    return general


def _repeats(operation: Callable[[Any, Any], Any], self: ndarray, other: object) -> bool:
    """Whether a sequence is to be repeated as often as a scalar says, which Python does."""
    return (
        self._scalar
        and operation in (operator.mul, np.multiply)
        and type(other) in (list, tuple, str, bytes, bytearray)
    )


def _operation(name: str) -> Callable[[Any, Any], Any]:
    found: Callable[[Any, Any], Any] = divmod if name == "divmod" else getattr(operator, f"__{name}__")
    return found


def _fast(own: ufunc, function: Callable[..., Any], general: Callable[[Operand, Operand], Any]) -> Callable[..., Any]:
    """A binary operator: few elements that are there go straight to a function of NumPy's."""
    name, most = own.digest, own.most

    def apply(self: ndarray, other: Any) -> Any:
        mine = self._np
        if mine is not None:
            kind = type(other)
            if kind is ndarray:
                theirs = other._np
                # different shapes may broadcast to a large result
                if theirs is not None and theirs.shape == mine.shape:
                    result = function(mine, theirs)
                    return local(result) if type(result) is np.ndarray else wrap(result)
            elif kind in NUMBERS:
                result = function(mine, other)
                return local(result) if type(result) is np.ndarray else wrap(result)
        if _repeats(function, self, other):
            return NotImplemented
        operands = classified(self), classified(other)
        plain = at_once(operands, few(most))
        if plain is not None:
            return finished(function(*plain))
        if mine is None:
            recorded = fast_path.binary(name, self, other)
            if recorded is not NotImplemented:
                return recorded
        return general(*operands)

    return apply


def _reflected(own: ufunc, operation: Callable[[Any, Any], Any]) -> Callable[[ndarray, Any], Any]:
    """A binary operator whose left operand does not know our arrays."""
    name, most, function = own.digest, own.most, own.numpy

    def apply(self: ndarray, other: Any) -> Any:
        mine = self._np
        if type(other) in NUMBERS:
            if mine is not None:
                result = function(other, mine)
                return local(result) if type(result) is np.ndarray else wrap(result)
            plain = at_once((Scalar(other), classified(self)), few(most))
            if plain is not None:
                return finished(function(*plain))
            recorded = fast_path.reflected(name, self, other)
            if recorded is not NotImplemented:
                return recorded
        if _repeats(operation, self, other):
            return NotImplemented
        left = classified(other)
        if type(left) is Foreign:
            if refuses_ufuncs(other):
                return NotImplemented
            if isinstance(other, np.ndarray) and decides(other):  # matrices, masked arrays have operators of their own
                return operation(other, lent(self))
            if has_priority(other):
                return operation(other, for_others(self))
        return own.of((left, classified(self)))

    return apply


def _in_place(own: ufunc) -> Callable[[ndarray, Any], Any]:
    """An operator that changes its left operand."""
    name, most, function = own.digest, own.most, own.numpy

    def apply(self: ndarray, other: Any) -> Any:
        their = classified(other)
        is_few = not self._scalar and _few_writable(self, few(most)) is not None
        if is_few and type(their) is not Foreign and type(their) is not Lazy:
            with ENGINE.lock:
                memory = _few_writable(self, few(most))  # if it still is
                if memory is not None:
                    function(memory, their.memory if type(their) is Local else other, memory)
                    return self
        if self._np is None and fast_path.in_place(name, self, other):
            return self
        if type(their) is Foreign and refuses_ufuncs(other):
            return NotImplemented
        if self._scalar:  # NumPy's scalars are not changed in place: the name gets a new value
            return own.of((classified(self), their))
        own.into(self, (classified(self), their))
        return self

    return apply


def _few_writable(x: ndarray, most: int) -> np.ndarray | None:
    """The memory of an array of few elements that are there, or in what is small and has just been recorded."""
    if x._np is not None:
        return x._np
    memory = writable(x)
    if memory is None and x._view.shape != x._buffer.shape and settle_few((x,), most):
        memory = writable(x)  # a part of what has just been computed
    return memory if memory is not None and memory.size <= most else None


def _product_in_place(own: ufunc, in_place: Callable[[ndarray, Any], Any]) -> Callable[[ndarray, Any], Any]:
    """``a @= b``, which is a matrix as `a` is, whatever may broadcast."""

    def apply(self: ndarray, other: Any) -> Any:
        if refuses_ufuncs(other):
            return NotImplemented
        if self.ndim and np.ndim(other) < 2:
            raise ValueError(_FEW_DIMENSIONS)
        return in_place(self, other)

    return apply


def _forward(own: ufunc, name: str, operation: Callable[[Any, Any], Any]) -> Callable[[ndarray, Any], Any]:
    return _fast(own, own.numpy, _general(operation, f"__r{name}__", lambda *operands: own.of(operands)))


def _power(self: ndarray, other: Any) -> Any:
    """``a ** b``, with NumPy's short cuts for small powers."""
    if type(other) in (int, float) and not isinstance(other, bool):
        kind = dtype_of(self).kind
        powers = _SMALL_POWERS.get(kind, {})
        if other in powers and (kind in "fc" or type(other) is int):
            return UFUNC[powers[other]](self)
    return _general_power(classified(self), classified(other))


_general_power = _general(operator.pow, "__rpow__", lambda *operands: UFUNC["power"].of(operands))


def _bind() -> None:
    for row in UFUNCS.values():
        if row.operator is None or row.nin != 2:
            continue
        own = UFUNC[row.name]
        operation = _operation(row.operator)
        forward = _power if row.name == "power" else _forward(own, row.operator, operation)
        in_place = _in_place(own) if row.nout == 1 else None
        if own.gufunc and in_place is not None:  # not behind the short way in C: Python has rules of its own for it
            define(f"__i{row.operator}__", _product_in_place(own, in_place))
            in_place = None
        _bind_one(row.operator, own, forward, _reflected(own, operation), in_place)
    for name, function in _COMPARISONS.items():
        own = UFUNC[function]
        _bind_one(name, own, _comparison(own, getattr(operator, name)))
    for name, function in _UNARY.items():
        _bind_one(name, UFUNC[function], _unary(UFUNC[function]))


def _bind_one(
    name: str,
    own: ufunc,
    forward: Callable[..., Any],
    reflected: Callable[..., Any] | None = None,
    in_place: Callable[..., Any] | None = None,
) -> None:
    """Gives arrays an operator: behind the short way in C, if there is one."""
    if NATIVE is not None:
        NATIVE.bind(name, forward, reflected, in_place, own.most, own.digest)
        return
    for prefix, function in (("", forward), ("r", reflected), ("i", in_place)):
        if function is not None:
            define(f"__{prefix}{name}__", function)


def _comparison(own: ufunc, compare: Callable[[Any, Any], Any]) -> Callable[[ndarray, Any], Any]:
    def compute(left: Operand, right: Operand) -> Any:
        self, other = left.given, right.given
        mine = memory_if_local(self)
        theirs = memory_if_local(other) if isinstance(other, Array) else other
        same = isinstance(theirs, np.ndarray) and mine is not None and theirs.shape == mine.shape
        if mine is not None and (same or not isinstance(theirs, np.ndarray | type(None))):
            return wrap(compare(mine, theirs))  # NumPy's operator knows more than its ufunc: records, strings
        if type(right) is Foreign and decides(other):
            return own.of((left, right))
        kinds = dtype_of(self).kind + (dtype_of(other) if isinstance(other, Array) else np.asarray(other).dtype).kind
        if not set(kinds) <= set("biufc"):
            return wrap(compare(values(self), unwrap(other)))
        return own.of((left, right))

    general = _general(compare, f"__{_SWAPPED[compare.__name__]}__", compute)
    return _fast(own, compare, general)


def _unary(own: ufunc) -> Callable[[ndarray], Any]:
    function = own.numpy

    def apply(self: ndarray) -> Any:
        memory = self._np
        if memory is not None:
            result = function(memory)
            return local(result) if type(result) is np.ndarray else wrap(result)
        return own.of((classified(self),))

    return apply


_bind()
