"""Operands of other libraries' classes: who computes is decided by NumPy's rules."""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

import numpy as np

from ramba.lazyarray.buffers import for_others
from ramba.lazyarray.core import Array, ndarray
from ramba.lazyarray.operands import NUMBERS
from ramba.lazyarray.sequences import MOST_SEARCHED, is_of_numbers

_OURS_OR_NUMPYS = NUMBERS | {ndarray, np.ndarray, np.memmap, str, type(None), list, tuple, np.dtype}

_CONTAINERS = frozenset((list, tuple, dict))


def decides(x: object) -> bool:
    """Whether the class of an operand says what a ufunc makes of it: NumPy's own subclasses, pandas, xarray, ..."""
    kind = type(x)
    return kind not in _OURS_OR_NUMPYS and hasattr(kind, "__array_ufunc__") and not isinstance(x, Array | np.generic)


def overrides_ufuncs(x: object) -> bool:
    """Whether the class of an operand computes ufuncs itself."""
    kind: Any = type(x)
    return decides(x) and kind.__array_ufunc__ is not np.ndarray.__array_ufunc__


def overrides_functions(items: Iterable[Any], depth: int = 64) -> bool:
    """Whether the class of an argument, or of an item of a list, computes NumPy's functions itself."""
    for x in items:
        kind = type(x)
        if kind is list or kind is tuple:
            if depth and not is_of_numbers(x) and overrides_functions(x, depth - 1):
                return True
        elif kind not in _OURS_OR_NUMPYS and is_strange(kind):
            return True
    return False


def has_subclass(items: Iterable[Any]) -> bool:
    """Whether an argument, or an item of a list, is of a class derived from NumPy's array, with ways of its own."""
    for x in items:
        kind = type(x)
        if kind is list or kind is tuple:
            if not is_of_numbers(x) and has_subclass(x):
                return True
        elif kind not in _OURS_OR_NUMPYS and issubclass(kind, np.ndarray):
            return True
    return False


def is_strange(kind: type) -> bool:
    """Whether a class is neither ours nor NumPy's, and has NumPy's functions of its own."""
    function = getattr(kind, "__array_function__", None)
    known = function is None or function is np.ndarray.__array_function__
    return not known and not issubclass(kind, Array | type)


def refuses_ufuncs(other: object) -> bool:
    """Whether the other operand wants to do the operation itself, by Python's rules."""
    return getattr(type(other), "__array_ufunc__", True) is None


def has_priority(other: object) -> bool:
    """Whether the other operand wants to do the operation itself, by NumPy's rule of before ``__array_ufunc__``."""
    kind = type(other)
    if kind in _OURS_OR_NUMPYS or hasattr(kind, "__array_ufunc__"):
        return False
    priority = getattr(kind, "__array_priority__", 0)
    return isinstance(priority, int | float) and priority > 0


def lent(x: object) -> Any:
    """NumPy arrays over the memory of ours, for others to keep and to write; also inside lists, tuples and dicts."""
    return replaced(x, loan)


def loan(a: ndarray) -> Any:
    """A NumPy array over the memory of an array; of a lazy scalar NumPy's."""
    return for_others(a)[()] if a._scalar else for_others(a)


def replaced(x: object, replace: Callable[[ndarray], Any]) -> Any:
    """What takes the place of an array; lists, tuples and dicts with it. What holds no array of ours stays itself."""
    if isinstance(x, Array):
        return replace(x)
    kind = type(x)
    if kind is dict:
        items: Any = x
        found = _all_replaced(items.values(), replace)
        return x if found is None else dict(zip(items, found, strict=True))
    if kind is list or kind is tuple:
        items = x
        found = _all_replaced(items, replace)
        return x if found is None else kind(found)
    return x


def _all_replaced(items: Collection[Any], replace: Callable[[ndarray], Any]) -> list[Any] | None:
    """What takes the places of items; None if nothing does. In a long list all rows are as the first."""
    kinds = set(map(type, items))
    if not (ndarray in kinds or kinds & _CONTAINERS):
        return None
    if len(items) > MOST_SEARCHED and ndarray not in kinds:
        first = next(iter(items))
        if replaced(first, replace) is first:
            return None
    found = [replaced(item, replace) for item in items]
    return None if all(map(operator.is_, found, items)) else found


def ufunc_of_theirs(
    deciding: list[Any], ufunc: np.ufunc, method: str, inputs: tuple[object, ...], options: dict[str, object]
) -> Any:
    """What the classes of other operands make of a ufunc: of our arrays, or of NumPy's in their place."""
    for x in filter(overrides_ufuncs, deciding):
        try:
            result = x.__array_ufunc__(ufunc, method, *inputs, **options)
        except TypeError:  # it does not know our arrays; what it says of NumPy's is what counts
            continue
        if result is not NotImplemented:
            return result
    return getattr(ufunc, method)(*lent(inputs), **lent(options))


def function_of_theirs(
    function: Callable[..., Any], types: object, args: tuple[object, ...], kwargs: dict[str, object]
) -> Any:
    """What the classes of other arguments make of a function: of our arrays, or of NumPy's in their place."""
    for x in _strangers((*args, *kwargs.values())):
        result = x.__array_function__(function, types, args, kwargs)
        if result is not NotImplemented:
            return result
    return function(*lent(args), **lent(kwargs))


def _strangers(items: Iterable[Any]) -> Iterator[Any]:
    for x in items:
        if type(x) in (list, tuple):
            yield from _strangers(x)
        elif is_strange(type(x)):
            yield x


def give_way(operation: Callable[[Any, Any], Any], reflected: str, self: ndarray, other: object) -> Any:
    """An operation that the other operand, which has priority, wants to do: on ours, or on NumPy's in its place."""
    method = getattr(type(other), reflected, None)
    result = NotImplemented if method is None else method(other, self)
    return operation(for_others(self), other) if result is NotImplemented else result


__all__ = [
    "decides",
    "function_of_theirs",
    "give_way",
    "has_priority",
    "has_subclass",
    "is_strange",
    "lent",
    "loan",
    "overrides_functions",
    "overrides_ufuncs",
    "refuses_ufuncs",
    "replaced",
    "ufunc_of_theirs",
]
