"""All that a function's results depend on: its code, its defaults, its closure and the globals that it names."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

from ramba.functions.purity import names_of, python_function


class Unknown(Exception):
    """A function names something of which nobody knows whether it is still the same: a phrase."""


def fingerprint(function: object) -> Any:
    """A hashable value that differs whenever the function may compute something else. Raises `Unknown`."""
    return _of(function, ())


def _of(thing: object, within: tuple[int, ...]) -> Any:
    if thing is None or isinstance(thing, bool | int | float | complex | str | bytes | np.generic):
        return type(thing).__name__, repr(thing)
    if isinstance(thing, tuple | list | frozenset | range):
        return type(thing).__name__, tuple(_of(each, within) for each in thing)
    if isinstance(thing, CodeType):
        return _of_code(thing)
    if isinstance(thing, ModuleType):
        return "module", thing.__name__
    if isinstance(thing, np.ndarray):
        return thing.dtype.str, thing.shape, blake2b(np.ascontiguousarray(thing).tobytes(), digest_size=16).digest()
    plain = python_function(thing)
    if plain is not None:
        return _of_function(plain, within) + (repr(getattr(thing, "targetoptions", "")),)
    if isinstance(thing, np.ufunc):
        return "ufunc", _ufunc(thing)
    if isinstance(thing, type) or type(thing).__name__ == "builtin_function_or_method":
        return "known", getattr(thing, "__module__", ""), getattr(thing, "__qualname__", "")
    raise Unknown(f"it uses {type(thing).__name__!r}, which may change")


@lru_cache(maxsize=1024)
def _of_code(code: CodeType) -> str:
    """A digest of what a code does; where it is written does not matter."""
    called = code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags, code.co_freevars
    does = code.co_code, code.co_names, getattr(code, "co_exceptiontable", b"")  # Python 3.11 and later have it
    consts = tuple(_of(each, ()) for each in code.co_consts)
    return blake2b(repr((called, does, consts)).encode(), digest_size=16).hexdigest()


def _ufunc(thing: Any) -> str:
    """What tells a ufunc from others: the digest of one of ours, the name of one of NumPy's."""
    found = getattr(thing, "digest", "")
    if not found and getattr(np, thing.__name__, None) is not thing:
        raise Unknown(f"it uses {thing.__name__!r}, a ufunc that is not NumPy's")
    return found or thing.__name__


def _of_function(function: FunctionType, within: tuple[int, ...]) -> tuple[Any, ...]:
    if id(function) in within:
        return ("itself", within.index(id(function)))  # it calls itself
    inside = (*within, id(function))
    named = sorted(names_of(function).items())
    return (
        _of(function.__code__, inside),
        tuple((name, _of(value, inside)) for name, value in named),
        tuple(_of(value, inside) for value in function.__defaults__ or ()),
        tuple((name, _of(value, inside)) for name, value in sorted((function.__kwdefaults__ or {}).items())),
    )


__all__ = ["Unknown", "fingerprint"]
