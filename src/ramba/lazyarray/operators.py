"""Python's operators, bound from the ufunc table."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from ramba.lazyarray import fast_path
from ramba.lazyarray.convert import unwrap, wrap
from ramba.lazyarray.core import dtype_of, local, memory_if_local, ndarray, values
from ramba.lazyarray.ufunc import UFUNC, ufunc
from ramba.ops import UFUNCS

_NUMBERS = frozenset((int, float, complex, bool))
_COMPARISONS = {
    "__lt__": "less",
    "__le__": "less_equal",
    "__gt__": "greater",
    "__ge__": "greater_equal",
    "__eq__": "equal",
    "__ne__": "not_equal",
}
_UNARY = {"__neg__": "negative", "__pos__": "positive", "__abs__": "absolute", "__invert__": "invert"}
_POWERS: dict[float, str] = {2: "square", 1: "positive"}  # as NumPy's own operator
_FLOAT_POWERS: dict[float, str] = {**_POWERS, -1: "reciprocal", 0.5: "sqrt"}
_SMALL_POWERS: dict[str, dict[float, str]] = {
    "f": _FLOAT_POWERS,
    "c": _FLOAT_POWERS,
    "i": _POWERS,
    "u": _POWERS,
    "b": {2: "square"},
}


def _defers(other: Any) -> bool:
    """Whether the other operand wants to do the operation itself."""
    if isinstance(other, ndarray | np.ndarray | np.generic | list | tuple) or type(other) in _NUMBERS:
        return False
    kind = type(other)
    if getattr(kind, "__array_ufunc__", True) is None:
        return True
    return not hasattr(kind, "__array_ufunc__") and getattr(kind, "__array_priority__", 0) > ndarray.__array_priority__


def _fast(
    name: str, function: Callable[..., Any], general: Callable[[ndarray, Any], Any]
) -> Callable[[ndarray, Any], Any]:
    """A binary operator: small arrays go straight to a function of NumPy's."""

    def apply(self: ndarray, other: Any) -> Any:
        mine = self._np
        if mine is None:
            recorded = fast_path.binary(name, self, other)
            if recorded is not NotImplemented:
                return recorded
        else:
            kind = type(other)
            if kind is ndarray:
                theirs = other._np
                # different shapes may broadcast to a large result
                if theirs is not None and theirs.shape == mine.shape:
                    result = function(mine, theirs)
                    return local(result) if type(result) is np.ndarray else wrap(result)
            elif kind in _NUMBERS:
                result = function(mine, other)
                return local(result) if type(result) is np.ndarray else wrap(result)
        return general(self, other)

    return apply


def _binary(own: ufunc) -> tuple[Callable[..., Any], Callable[..., Any], Callable[..., Any]]:
    def forward(self: ndarray, other: Any) -> Any:
        return NotImplemented if _defers(other) else own(self, other)

    def reflected(self: ndarray, other: Any) -> Any:
        return NotImplemented if _defers(other) else own(other, self)

    function = own.numpy

    def in_place(self: ndarray, other: Any) -> Any:
        memory = self._np
        if memory is not None:  # the short way: both are small
            theirs = other._np if type(other) is ndarray else other if type(other) in _NUMBERS else None
            if theirs is not None:
                function(memory, theirs, memory)
                return self
        if _defers(other):
            return NotImplemented
        mine = memory_if_local(self)
        if mine is not None:
            theirs = memory_if_local(other) if isinstance(other, ndarray) else other
            if theirs is not None and type(theirs) is not list:
                own.numpy(mine, theirs, out=mine)
                return self
        if self._scalar:  # NumPy's scalars are not changed in place: the name gets a new value
            return own(self, other)
        own(self, other, out=self)
        return self

    return _fast(own.__name__, own.numpy, forward), reflected, in_place


def _power(self: ndarray, other: Any) -> Any:
    """``a ** b``, with NumPy's short cuts for small powers."""
    if type(other) in (int, float) and not isinstance(other, bool):
        kind = dtype_of(self).kind
        powers = _SMALL_POWERS.get(kind, {})
        if other in powers and (kind in "fc" or type(other) is int):
            return UFUNC[powers[other]](self)
    return NotImplemented if _defers(other) else UFUNC["power"](self, other)


def _bind() -> None:
    for row in UFUNCS.values():
        if row.operator is None or row.nin != 2:
            continue
        forward, reflected, in_place = _binary(UFUNC[row.name])
        setattr(ndarray, f"__{row.operator}__", forward)
        setattr(ndarray, f"__r{row.operator}__", reflected)
        if row.nout == 1:
            setattr(ndarray, f"__i{row.operator}__", in_place)
    for name, function in _COMPARISONS.items():
        setattr(ndarray, name, _comparison(UFUNC[function], getattr(operator, name)))
    for name, function in _UNARY.items():
        setattr(ndarray, name, _unary(UFUNC[function]))
    ndarray.__pow__ = _power


def _comparison(own: ufunc, compare: Callable[[Any, Any], Any]) -> Callable[[ndarray, Any], Any]:
    def general(self: ndarray, other: Any) -> Any:
        if _defers(other):
            return NotImplemented
        mine = memory_if_local(self)
        theirs = memory_if_local(other) if isinstance(other, ndarray) else other
        same = isinstance(theirs, np.ndarray) and mine is not None and theirs.shape == mine.shape
        if mine is not None and (same or not isinstance(theirs, np.ndarray | type(None))):
            return wrap(compare(mine, theirs))  # NumPy's operator knows more than its ufunc: records, strings
        kinds = dtype_of(self).kind + (dtype_of(other) if isinstance(other, ndarray) else np.asarray(other).dtype).kind
        if not set(kinds) <= set("biufc"):
            return wrap(compare(values(self), unwrap(other)))
        return own(self, other)

    return _fast(own.__name__, compare, general)


def _unary(own: ufunc) -> Callable[[ndarray], Any]:
    name = own.numpy.__name__

    def apply(self: ndarray) -> Any:
        recorded = fast_path.unary(name, self)
        return own(self) if recorded is NotImplemented else recorded

    return apply


_bind()
