"""Python's functions of numbers, with NumPy's meaning: no exceptions, and on symbols as well as on scalars."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import CellType, FunctionType, ModuleType
from typing import Any

import numpy as np

from ramba.functions.purity import names_of, python_function

_SAME = (
    "sin cos tan sinh cosh tanh exp exp2 expm1 log2 log10 log1p sqrt cbrt hypot copysign fmod ldexp degrees radians "
    "isnan isinf isfinite nextafter gcd lcm"
).split()
_OTHER = {
    "asin": "arcsin", "acos": "arccos", "atan": "arctan", "atan2": "arctan2", "asinh": "arcsinh", "acosh": "arccosh",
    "atanh": "arctanh", "pow": "power", "fabs": "fabs",
}  # fmt: skip


def _log(x: complex, base: complex | None = None) -> Any:
    return np.log(x) if base is None else np.log(x) / np.log(base)


def _whole(name: str) -> Callable[[Any], Any]:
    """``floor`` and its like give integers."""
    function = getattr(np, name)

    def rounded(x: complex) -> Any:
        if isinstance(x, int | np.integer):
            return x
        made = function(x)
        return made.astype(np.int64) if hasattr(made, "astype") else int(made)

    return rounded


MATH: dict[str, Any] = {name: getattr(np, name) for name in _SAME if hasattr(np, name)}
MATH |= {name: getattr(np, other) for name, other in _OTHER.items()}
MATH |= {"log": _log} | {name: _whole(name) for name in ("floor", "ceil", "trunc")}
MATH |= {name: getattr(math, name) for name in ("pi", "e", "inf", "nan", "tau")}
"""What stands for the names of Python's module `math`."""


class _Math(ModuleType):
    """Python's module `math`, with NumPy's functions where it has them."""

    def __getattr__(self, name: str) -> Any:
        return getattr(math, name)


_module = _Math("math")
vars(_module).update(MATH)
_REPLACED = {id(getattr(math, name)): value for name, value in MATH.items() if callable(value)}


def with_numpys_meaning(function: Callable[..., Any]) -> Any:
    """The function in Python, with NumPy's functions in place of Python's, in those that it calls, too."""
    return _rebuilt(function, {}, _meaning)


def copied(function: FunctionType) -> Any:
    """A copy of a function and of those beside it that it calls, with the globals of this moment.

    Whoever sends it to another process sends these with it: the module that the other one imports may have other ones.
    """
    package = (function.__module__ or "").partition(".")[0]
    return _rebuilt(function, {}, lambda thing: None if _is_in(thing, package) else thing)


def _is_in(thing: object, package: str) -> bool:
    return isinstance(thing, FunctionType) and (thing.__module__ or "").partition(".")[0] == package


def _meaning(thing: object) -> Any:
    """What stands for something that a function names; None for a function that is looked into."""
    if thing is math:
        return _module
    if id(thing) in _REPLACED:
        return _REPLACED[id(thing)]
    plain = python_function(thing)
    return thing if plain is None or isinstance(thing, np.ufunc) or not _is_scalar(thing) else None


def _rebuilt(thing: object, known: dict[int, Any], swap: Callable[[object], Any]) -> Any:
    found = swap(thing)
    plain = python_function(thing)
    if found is not None or plain is None:
        return found
    if id(plain) not in known:
        known[id(plain)] = _of_function(plain, known, swap)
    return known[id(plain)]


def _is_scalar(thing: object) -> bool:
    """Whether Python's own form of a function of Numba's is called in the same way."""
    return isinstance(thing, FunctionType) or hasattr(thing, "py_func")


def _of_function(function: FunctionType, known: dict[int, Any], swap: Callable[[object], Any]) -> Any:
    named = names_of(function)
    names = dict(function.__globals__)
    cells = tuple(CellType() for _ in function.__code__.co_freevars)
    made = FunctionType(function.__code__, names, function.__name__, function.__defaults__, cells)
    made.__kwdefaults__ = function.__kwdefaults__
    made.__qualname__, made.__module__ = function.__qualname__, function.__module__
    known[id(function)] = made  # it may call itself
    for name, cell in zip(function.__code__.co_freevars, cells, strict=True):
        if name in named:
            cell.cell_contents = _rebuilt(named[name], known, swap)
    for name in named.keys() & names.keys():
        names[name] = _rebuilt(named[name], known, swap)
    return made


__all__ = ["copied", "with_numpys_meaning"]
