"""Functions of elements as operations: compiled by Numba, checked as text, fused like operations of our own."""

from __future__ import annotations

import dis
import re
import threading
from collections.abc import Callable, Sequence
from itertools import pairwise
from types import CodeType
from typing import Any, NamedTuple

from ramba.codegen.from_numba import Argument, Refused, WindowKind, scalar_function
from ramba.errors import CompileError
from ramba.functions import fingerprints
from ramba.functions.purity import codes_in, names_of, python_function
from ramba.lazyarray import operation, ufunc
from ramba.ops import MOST_OPERANDS, ir
from ramba.ops.polls import goes_back

MOST = 512  # functions that are remembered
_INTEGERS = frozenset("range int len enumerate round floor ceil trunc".split())  # who gives integers
_TEXTS = frozenset("FORMAT_VALUE FORMAT_SIMPLE FORMAT_WITH_SPEC BUILD_STRING".split())
_LOOP = 40  # additions that a loop counts as

_lock = threading.Lock()
_known: dict[Any, Compiled | str] = {}


class Compiled(NamedTuple):
    """A function as operations."""

    value: ufunc
    status: ufunc | None  # not zero where the function raises; None: it never does


def compiled(
    function: Callable[..., Any], arguments: Sequence[Argument], name: str, division: str = "numpy"
) -> Compiled:
    """A function for arguments of certain dtypes. Raises `Refused` if Numba, or the checker, does not take it.

    A division by zero is what NumPy or what Python says: an exception of that is part of the status.
    """
    try:
        key = (fingerprints.fingerprint(function), tuple(arguments), division)
    except fingerprints.Unknown as problem:
        raise Refused(str(problem)) from None
    with _lock:
        found = _known.get(key)
        if found is None:
            if len(_known) >= MOST:
                _known.clear()
            try:
                found = _compiled(function, arguments, name, division)
            except Refused as problem:
                found = str(problem)
            _known[key] = found
    if isinstance(found, str):
        raise Refused(found)
    return found


def _compiled(function: Callable[..., Any], arguments: Sequence[Argument], name: str, division: str) -> Compiled:
    plain = python_function(function) or function
    if _has_large_numbers(plain):
        raise Refused("it has an integer of more than 64 bits, which Numba cuts off")
    if _has_integer_powers(plain, arguments):
        raise Refused("Numba does not refuse negative powers of integers")
    made = scalar_function(plain, arguments, division)
    if not made.status and _makes_text(plain):
        raise Refused("it makes text of numbers")
    signature = " ".join(made.operands)
    name = re.sub(r"\W", "_", name, flags=re.ASCII)[:40].lstrip("_0123456789") or "function"
    try:
        value = _operation(name, f"{signature} -> {made.result}", made.value)
        status = _operation(f"{name}_raises", f"{signature} -> i4", made.status) if made.status else None
    except (ValueError, CompileError) as problem:
        raise Refused(_said(problem)) from None
    return Compiled(value, status)


def _codes(function: Callable[..., Any]) -> list[CodeType]:
    plain = python_function(function)
    return [] if plain is None else codes_in(plain.__code__)


def _has_large_numbers(function: Callable[..., Any]) -> bool:
    plain = python_function(function)
    named = () if plain is None else names_of(plain).values()
    numbers = [x for x in (*named, *(c for code in _codes(function) for c in code.co_consts)) if isinstance(x, int)]
    if any(not -(1 << 63) <= number < 1 << 63 for number in numbers):
        return True
    steps = [step.opname for code in _codes(function) for step in dis.get_instructions(code)]
    both = zip(steps, steps[1:], steps[2:], strict=False)
    return ("LOAD_CONST", "LOAD_CONST", "BINARY_OP") in both  # which Python would have computed, were it not so large


def _has_integer_powers(function: Callable[..., Any], arguments: Sequence[Argument]) -> bool:
    """Whether a function may take a power of an integer whose exponent could be negative: NumPy raises ValueError."""
    plain = python_function(function)
    named = set() if plain is None else set(names_of(plain))
    if not named & _INTEGERS and not any(kind in "iu" for each in arguments for kind in _kinds(each)):
        return False
    if named & {"pow", "power"}:
        return True
    for code in _codes(function):
        for before, step in pairwise(dis.get_instructions(code)):
            if step.opname != "BINARY_OP" or "**" not in step.argrepr:
                continue
            known = before.argval if before.opname in ("LOAD_CONST", "LOAD_SMALL_INT") else None
            if not isinstance(known, int | float) or known < 0:
                return True
    return False


def _kinds(argument: Argument) -> str:
    """The kinds of numbers that an argument consists of."""
    if isinstance(argument, tuple) and not isinstance(argument, WindowKind):
        return "".join([each[0] for each in argument])
    return (argument.dtype if isinstance(argument, WindowKind) else argument)[0]


def _makes_text(function: Callable[..., Any]) -> bool:
    return any(step.opname in _TEXTS for code in _codes(function) for step in dis.get_instructions(code))


def _operation(name: str, signature: str, text: str) -> ufunc:
    lines = text.count("\n")
    return operation(ir(name, {signature: text}, cost=float(lines * (_LOOP if goes_back(text.splitlines()) else 1))))


def _said(problem: Exception) -> str:
    found = re.search(r"cannot contain '(.*)'", str(problem))
    if found is None:
        return str(problem)
    called = re.search(r"@([\w.]+)", found[1])
    return f"it needs {called[1] if called else found[1]}, which is more than arithmetic"


__all__ = ["MOST_OPERANDS", "Argument", "Compiled", "Refused", "compiled"]
