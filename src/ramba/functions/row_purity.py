"""Which functions of arrays may be called for rows in any order, on any worker: those that only compute.

Like `purity`, with NumPy's functions of arrays: all that do not write to their arguments or keep something.
"""

from __future__ import annotations

import builtins
import dis
from collections.abc import Iterator
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

from ramba.functions.purity import codes_in, impurity, names_of, python_function

_WRITERS = frozenset(
    "copyto put place putmask put_along_axis fill_diagonal seterr seterrcall setbufsize set_printoptions save savez "
    "savez_compressed savetxt load loadtxt genfromtxt fromfile fromregex memmap test show_config show_runtime info "
    "shuffle seed set_state ndarray nditer frompyfunc vectorize apply_along_axis apply_over_axes piecewise "
    "fromfunction fromiter require from_dlpack".split()
)
_METHODS = frozenset(
    "sum mean std var min max argmin argmax prod cumsum cumprod any all round clip astype copy reshape ravel flatten "
    "transpose T dot conj conjugate real imag size shape ndim dtype nonzero take repeat searchsorted trace diagonal "
    "squeeze swapaxes item tolist argsort argpartition compress mT nbytes itemsize".split()
)
_OPERATIONS = frozenset(
    "STORE_GLOBAL STORE_NAME STORE_ATTR STORE_SUBSCR DELETE_GLOBAL DELETE_ATTR DELETE_SUBSCR STORE_SLICE IMPORT_NAME "
    "YIELD_VALUE SEND GET_AWAITABLE SETUP_WITH BEFORE_WITH".split()
)
_BUILTINS = frozenset(
    "abs all any bool complex divmod enumerate float int len list max min pow range reversed round sorted slice sum "
    "tuple zip ValueError TypeError ZeroDivisionError ArithmeticError Exception IndexError".split()
)
_MODULES = (np, np.linalg, np.fft, np.polynomial)


def only_computes(function: object) -> bool:
    """Whether calls of a function of arrays have no trace but their results."""
    return _computes(function, set())


def _computes(thing: object, seen: set[int]) -> bool:
    if id(thing) in seen or isinstance(thing, np.ufunc | type(None)):
        return True
    seen.add(id(thing))
    if isinstance(thing, ModuleType):
        return thing in _MODULES or not impurity(thing)
    if _is_numpys(thing):
        return getattr(thing, "__name__", "") not in _WRITERS
    plain = python_function(thing)
    if plain is not None:
        return _of_function(plain, seen)
    name = getattr(thing, "__name__", "")
    if getattr(builtins, name, None) is thing:
        return name in _BUILTINS
    return not impurity(thing)


def _is_numpys(thing: object) -> bool:
    """Whether it is a function of NumPy's, of which those of random numbers keep a state."""
    callable_of = (
        isinstance(thing, FunctionType | BuiltinFunctionType) or type(thing).__module__.split(".")[0] == "numpy"
    )
    module = str(getattr(thing, "__module__", None) or "")
    return callable_of and module.split(".")[0] == "numpy" and ".random" not in module and hasattr(thing, "__name__")


def _of_function(function: FunctionType, seen: set[int]) -> bool:
    named = names_of(function)
    for code in codes_in(function.__code__):
        if not all(_computes(thing, seen) for thing in _attributes(code, named)):
            return False
        if any(step.opname in _OPERATIONS for step in dis.get_instructions(code)):
            return False
        outside = set(code.co_freevars)
        if any(s.opname == "STORE_DEREF" and s.argval in outside for s in dis.get_instructions(code)):
            return False
    values = (*named.values(), *(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values())
    return all(_computes(value, seen) for value in values)


def _attributes(code: CodeType, named: dict[str, Any]) -> Iterator[Any]:
    """What is got of modules; `print` for attributes of other things that are not known to compute only."""
    owner: Any = None
    for step in dis.get_instructions(code):
        if step.opname in ("LOAD_GLOBAL", "LOAD_DEREF", "LOAD_NAME"):
            owner = named.get(step.argval)
        elif step.opname in ("LOAD_ATTR", "LOAD_METHOD"):
            if isinstance(owner, ModuleType):
                owner = getattr(owner, step.argval, None)
                if not isinstance(owner, ModuleType) or owner not in _MODULES:
                    yield owner if owner is not None else print
            else:
                owner = None
                if step.argval not in _METHODS:
                    yield print
        elif step.opname not in ("PUSH_NULL", "PRECALL", "CACHE", "EXTENDED_ARG", "COPY_FREE_VARS", "RESUME"):
            owner = None


__all__ = ["only_computes"]
