"""Which functions may be called once, on symbols, instead of once for each element: those that only compute.

A function is walked over, with all functions that it calls: what it may name is a closed list. Whoever prints, draws
random numbers, or writes to something that outlives the call, is not on it.
"""

from __future__ import annotations

import builtins
import dis
import math
import operator
from collections.abc import Callable
from functools import lru_cache
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

_WRITES = frozenset(
    "STORE_GLOBAL STORE_NAME STORE_ATTR STORE_SUBSCR DELETE_GLOBAL DELETE_ATTR DELETE_SUBSCR IMPORT_NAME "
    "YIELD_FROM SEND GET_AWAITABLE SETUP_WITH BEFORE_WITH".split()
)
_GLOBAL = frozenset("STORE_GLOBAL DELETE_GLOBAL STORE_SUBSCR DELETE_SUBSCR STORE_ATTR DELETE_ATTR".split())
_BUILTINS = frozenset(
    "abs all any bool complex divmod enumerate float int len list max min pow range reversed round sorted "
    "sum tuple zip True False None ValueError TypeError ZeroDivisionError OverflowError ArithmeticError Exception "
    "AssertionError IndexError KeyError RuntimeError".split()
)
_EXCEPTIONS = (ValueError, ArithmeticError, ZeroDivisionError, OverflowError, RuntimeError, Exception)
_FUNCTIONS = frozenset(
    "where clip real imag real_if_close conj conjugate astype dtype isclose nan_to_num angle iscomplex isreal round "
    "around sinc heaviside ldexp result_type append pi e inf nan tau newaxis euler_gamma".split()
)
"""Attributes that only compute; ``append`` is one on a list that the call makes itself."""
_NUMBERS = (bool, int, float, complex, str, bytes, type(None), np.generic, np.ufunc, np.dtype, np.ndarray, range)
_TYPES = {name for name, kind in vars(np).items() if isinstance(kind, type) and issubclass(kind, np.generic)}
UFUNCS = {name for name, function in vars(np).items() if isinstance(function, np.ufunc)}
_NAMES = _FUNCTIONS | _TYPES | UFUNCS | {name for name in (*dir(math), *dir(operator)) if name[0] != "_"}


def impurity(function: object) -> str:
    """Why a function has to be called for each element; an empty text if it need not."""
    return _of(function, set())


def _of(thing: object, seen: set[int]) -> str:
    if id(thing) in seen:
        return ""
    seen.add(id(thing))
    if isinstance(thing, _NUMBERS) or any(thing is each for each in (math, np, operator)) or _is_ours(thing):
        return ""
    if isinstance(thing, tuple | list):
        return next((why for each in thing if (why := _of(each, seen))), "")
    plain = python_function(thing)
    if plain is not None:
        return _of_function(plain, seen)
    if _is_known(thing):
        return ""
    return f"it uses {getattr(thing, '__name__', None) or type(thing).__name__!r}, which may do more than compute"


def _is_known(thing: object) -> bool:
    """Whether it is a function or class of Python's or NumPy's that only computes."""
    try:
        name = getattr(thing, "__name__", "")
        if getattr(builtins, name, None) is thing:
            return name in _BUILTINS
        owners = (math, operator, np)
        return any(getattr(owner, name, None) is thing for owner in owners) and name in _NAMES
    except (TypeError, ValueError):
        return False


def _is_ours(thing: object) -> bool:
    """Whether it is Ramba itself, or a ufunc of its own."""
    if isinstance(thing, ModuleType):
        return thing.__name__ == "ramba"
    return isinstance(thing, np.ufunc) or getattr(type(thing), "__module__", "").startswith("ramba.lazyarray")


def computes_alone(function: Callable[..., Any]) -> bool:
    """Whether a function does arithmetic without powers, and names nothing but ``abs``, ``range`` and its like.

    What it computes of floats then means the same for Numba, which knows no domain of `math.sqrt` and no limit of
    powers.
    """
    plain = python_function(function)
    if plain is None:
        return False
    for code in codes_in(plain.__code__):
        if any(step.opname == "BINARY_OP" and "**" in step.argrepr for step in dis.get_instructions(code)):
            return False
    named = names_of(plain).values()
    defaults = (*(plain.__defaults__ or ()), *(plain.__kwdefaults__ or {}).values())
    return all(
        type(x) in (int, float, bool) or x in (abs, range, *_EXCEPTIONS) or _is_alone(x, plain)
        for x in (*named, *defaults)
    )


def _is_alone(thing: object, within: FunctionType) -> bool:
    return isinstance(thing, FunctionType) and thing is not within and computes_alone(thing)


def stays(function: object) -> str:
    """Why a function has to be called in this process; empty if workers may call copies of it.

    Those that write to what others see, or hold objects that they could change, would change copies only.
    """
    return _stays(function, set())


def _stays(thing: object, seen: set[int]) -> str:
    if id(thing) in seen or isinstance(thing, (*_NUMBERS, ModuleType, type, BuiltinFunctionType)) or _is_ours(thing):
        return ""
    seen.add(id(thing))
    if isinstance(thing, tuple | frozenset):
        return next((why for each in thing if (why := _stays(each, seen))), "")
    plain = python_function(thing)
    if plain is None:
        return f"it holds a {type(thing).__name__!r}, which it may change"
    for code in codes_in(plain.__code__):
        outside = set(code.co_freevars)
        for step in dis.get_instructions(code):
            if step.opname in _GLOBAL or (step.opname == "STORE_DEREF" and step.argval in outside):
                return f"it writes to {step.argval!r}, which others see"
    values = (*names_of(plain).values(), *(plain.__defaults__ or ()), *(plain.__kwdefaults__ or {}).values())
    return next((why for value in values if (why := _stays(value, seen))), "")


def python_function(thing: object) -> FunctionType | None:
    """The function that was written in Python: itself, or what Numba made a dispatcher or a ufunc of."""
    if isinstance(thing, FunctionType):
        return thing
    if type(thing).__module__.startswith("numba.") or hasattr(type(thing), "_numba_type_"):
        found = getattr(thing, "py_func", None)
        if found is None:
            found = getattr(getattr(thing, "_dispatcher", None), "py_func", None)
        return found if isinstance(found, FunctionType) else None
    return None


def _of_function(function: FunctionType, seen: set[int]) -> str:
    found = _of_code(function.__code__)
    if found:
        return found
    defaults = (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values())
    values = (*names_of(function).values(), *defaults)
    if any(isinstance(value, list) for value in values) and any(
        "append" in code.co_names for code in codes_in(function.__code__)
    ):
        return "it may append to a list that outlives the call"
    return next((why for value in values if (why := _of(value, seen))), "")


def names_of(function: FunctionType) -> dict[str, Any]:
    """What a function and those inside of it name: values of globals and of the closure."""
    found: dict[str, Any] = {}
    for name in _names(function.__code__):
        if name in function.__globals__:
            found[name] = function.__globals__[name]
        elif hasattr(builtins, name):
            found[name] = getattr(builtins, name)
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            found[name] = cell.cell_contents
        except ValueError:  # it has no value yet
            continue
    return found


@lru_cache(maxsize=1024)
def _names(code: CodeType) -> tuple[str, ...]:
    return tuple([name for each in codes_in(code) for name in each.co_names])


def codes_in(code: CodeType) -> list[CodeType]:
    """A code and those of the functions, comprehensions and generators inside of it."""
    return [code, *(inner for each in code.co_consts if isinstance(each, CodeType) for inner in codes_in(each))]


@lru_cache(maxsize=1024)
def _of_code(code: CodeType) -> str:
    for each in codes_in(code):
        outside = set(each.co_freevars)
        for step in dis.get_instructions(each):
            if step.opname in _WRITES:
                return f"it writes to something or imports ({step.opname.lower()})"
            if step.opname == "STORE_DEREF" and step.argval in outside:
                return f"it writes to {step.argval!r}, a variable of another function"
            attribute = step.opname in ("LOAD_ATTR", "LOAD_METHOD")
            if attribute and step.argval not in _NAMES:
                return f"it uses the attribute {step.argval!r}"
    return ""


__all__ = ["UFUNCS", "codes_in", "computes_alone", "impurity", "names_of", "python_function", "stays"]
