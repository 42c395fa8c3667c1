"""The short ways of arrays in C, if they were compiled when Ramba was installed; else all is done in Python.

The setting `native` leaves them out (``RAMBA_NATIVE=off``): it is read once, when Ramba is imported.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
from collections.abc import Callable
from types import BuiltinFunctionType, MethodType
from typing import TYPE_CHECKING, Any

from ramba import config

if TYPE_CHECKING:
    from ramba.lazyarray import _native

    NATIVE: Any = _native
else:
    NATIVE = None
    if config.at_import("native"):
        with contextlib.suppress(ImportError):  # no compiler was there, or another Python compiled it
            NATIVE = importlib.import_module("ramba.lazyarray._native")


def watch_elements(function: Callable[[], object] | None, each: int) -> None:
    """Has a function called for every so many single elements that are read or written; None ends it.

    Only the short ways in C count: without them an element takes so long that the line shows anyway.
    """
    if NATIVE is not None:
        NATIVE.watch(function, each)


class _Function:
    """What `NATIVE.Function` is, where it was not compiled: the function."""

    def __init__(self, np_func: Callable[..., Any], function: Callable[..., Any], most: int, kind: int) -> None:
        self._function = function

    def __call__(self, *args: object, **kwargs: object) -> Any:
        return self._function(*args, **kwargs)

    def __reduce__(self) -> str:
        return self.__qualname__

    __qualname__: str


_Base: Any = _Function if NATIVE is None else NATIVE.Function


_UNBOUND = frozenset((BuiltinFunctionType, MethodType))


class _NoMethod(_Base):
    """A function that is no method of a class that holds it, as NumPy's functions in C and bound methods are not."""

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        return self


KINDS = {
    "call": 0,
    "shape": -1,
    "range": -2,
    "extents": -3,
    "view": -4,
    "read": -5,
    "read 2": -6,
    "read 3": -7,
    "pairs": -8,
    "drawn": -9,
    "fold": -10,
    "data": -11,
}
"""What a function does with its arguments.

It computes with them ("call"), makes arrays of a shape or of numbers, shows its first argument, or computes with its
first arguments and neither shows nor writes them ("read", "read 2", "read 3"); "pairs" does that with two, and makes
an element of each pair of theirs. "fold": it reads one, and makes one element of it if it gets nothing else. "drawn":
it draws random numbers of NumPy's; with `most` 2 only where there are no workers. "data": it makes an array of what its
first argument holds, whatever that is."""


def quick(
    np_func: Callable[..., Any], function: Callable[..., Any], most: int, kind: str = "call", asks: int = 0
) -> Any:
    """A function behind the short way in C, if there is one.

    Parameters
    ----------
    np_func
        What is called with NumPy's arrays, if all that is given is there.
    function
        What is called else.
    most
        How many times the eager size of elements are NumPy's.
    kind
        One of `KINDS`.
    asks
        The function comes first where an array is pending, or shows part of one of more elements than so many times the
        eager size; not if it is the only argument. 0: never.
    """
    if NATIVE is None:
        return no_method(np_func, function)
    made = (_NoMethod if type(np_func) in _UNBOUND else _Base)(np_func, function, most, KINDS[kind], None, asks)
    functools.update_wrapper(made, function)
    return made


def no_method(np_func: Callable[..., Any], function: Callable[..., Any]) -> Any:
    """The function, which is no method of a class that holds it if NumPy's is in C, and is none."""
    if type(np_func) not in _UNBOUND:
        return function
    made = _NoMethod(np_func, function, -1, 0)  # never NumPy's at once
    functools.update_wrapper(made, function)
    return made
