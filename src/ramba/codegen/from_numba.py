"""Scalar functions that Numba compiles, as the text that `ramba.ops.ir` checks.

Numba types a function and writes IR; LLVM makes one scalar function without memory of it and all that it calls. The
names of Numba's that this depends on are all in this file; what comes out is checked line by line, so another Numba can
make it refuse functions, but not compute something else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from ramba.codegen.native import imported, optimised
from ramba.codegen.scalar_text import Unknown, plain
from ramba.interrupts import InterruptGuard
from ramba.ops import ELEMENT


class WindowKind(NamedTuple):
    """What a stencil gets for an array: the neighbours at these offsets."""

    dtype: str
    offsets: tuple[tuple[int, ...], ...]


Argument = str | tuple[str, ...] | WindowKind
"""The dtype of an argument, those of a tuple, or a window."""

_WRAPS = re.compile(r"\b(add|sub|mul|shl|neg) (?:(?:nuw|nsw) )+")


class Refused(Exception):
    """Why a function has no scalar machine code: a phrase."""


class Scalar(NamedTuple):
    """A function for operands of certain dtypes."""

    operands: tuple[str, ...]  # dtypes ("f8"); items of tuples one by one
    result: str
    value: str  # IR of the function
    status: str  # IR of a function that says whether it raises; empty: it never does


def scalar_function(function: Callable[..., Any], arguments: Sequence[Argument], division: str = "numpy") -> Scalar:
    """The function for arguments of these dtypes; it divides as "numpy" or "python" does. Raises `Refused`."""
    flat = tuple(each for argument in arguments for each in _flat(argument))
    unknown = sorted(set(flat) - set(ELEMENT))
    if unknown:
        raise Refused(
            f"elements of {', '.join(str(np.dtype(each)) for each in unknown)} are not compiled by Numba here"
        )
    module, native, result = _typed(function, arguments, division)
    value, status = (_function(module, native, flat, result, status) for status in (False, True))
    raises = set(re.findall(r"^  ret (.*)$", status, re.MULTILINE)) != {"i32 0"}
    return Scalar(flat, result, value, status if raises else "")


def _flat(argument: Argument) -> tuple[str, ...]:
    """The dtypes of the numbers that an argument consists of."""
    if isinstance(argument, WindowKind):
        return (argument.dtype,) * len(argument.offsets)
    return (argument,) if isinstance(argument, str) else argument


def _typed(function: Callable[..., Any], arguments: Sequence[Argument], division: str) -> tuple[str, str, str]:
    """The IR of a function and of what it calls, the name of its native entry, the dtype of its result."""
    numba = _numba()
    types = tuple(_type(numba, each) for each in arguments)
    typing, target = numba.registry.cpu_target.typing_context, numba.registry.cpu_target.target_context
    flags = numba.compiler.Flags()
    flags.error_model, flags.nrt = division, True
    flags.no_compile = flags.no_cpython_wrapper = flags.no_cfunc_wrapper = True
    with InterruptGuard(), numba.lock.global_compiler_lock:
        typing.refresh()
        target.refresh()
        library = target.codegen().create_library(getattr(function, "__name__", "function"))

        def add(module: object) -> None:  # integers wrap around, as NumPy's do
            text = _WRAPS.sub(r"\1 ", numba.cgutils.normalize_ir_text(str(module)))
            library.add_llvm_module(numba.llvm.parse_assembly(text))

        library.add_ir_module = add
        try:
            made = numba.compiler.compile_extra(typing, target, function, types, None, flags, {}, library=library)
            for linked in dict.fromkeys(library._linking_libraries):
                library._final_module.link_in(linked._get_module_for_linking(), preserve=True)
        except Exception as problem:  # of whatever kind: it is Numba's way to say no
            raise Refused(f"Numba does not compile it: {_first_line(problem)}") from None
        result = _dtype(numba, made.signature.return_type)
        return str(library._final_module), made.fndesc.llvm_func_name, result


def _first_line(problem: BaseException) -> str:
    lines = [line.strip() for line in re.sub(r"\x1b\[\d*m", "", str(problem)).splitlines() if line.strip()]
    said = [line for line in lines if not line.startswith(("Failed in", "-", "During", "File", "["))]
    return (said or lines or [type(problem).__name__])[0][:200]


def _type(numba: SimpleNamespace, argument: Argument) -> Any:
    if isinstance(argument, WindowKind):
        return numba.window.Window(_type(numba, argument.dtype), argument.offsets)
    if isinstance(argument, str):
        return numba.numpy_support.from_dtype(np.dtype(argument))
    return numba.types.Tuple(tuple(_type(numba, each) for each in argument))


def _dtype(numba: SimpleNamespace, kind: object) -> str:
    kind = numba.types.unliteral(kind)
    try:
        name = numba.numpy_support.as_dtype(kind).str[1:]
    except numba.errors.NumbaError:
        name = ""
    if name not in ELEMENT:
        raise Refused(f"it gives {kind}, not a number")
    return name


def _function(module: str, native: str, operands: tuple[str, ...], result: str, status: bool) -> str:
    """The native entry's value, or what it returns: not zero if the function raised."""
    kept = {kind: "i8" if kind == "b1" else ELEMENT[kind] for kind in {*operands, result}}
    head = ", ".join(f"{ELEMENT[kind]} %x{n}" for n, kind in enumerate(operands))
    given = ", ".join(f"{kept[kind]} %{'w' if kind == 'b1' else 'x'}{n}" for n, kind in enumerate(operands))
    widened = [f"  %w{n} = zext i1 %x{n} to i8" for n, kind in enumerate(operands) if kind == "b1"]
    taken = _arguments(module, native)
    expected = ["ptr", "ptr", *(kept[kind] for kind in operands)]
    if taken != expected:
        raise Refused(f"Numba's function takes {' '.join(taken)}, where {' '.join(expected)} is known")
    zero = "0.0" if result[0] == "f" else "0"
    body = [
        f'define {"i32" if status else ELEMENT[result]} @ramba.wanted({head}) "no-jump-tables"="true" {{',
        f"  %result = alloca {kept[result]}",
        "  %error = alloca ptr",
        f"  store {kept[result]} {zero}, ptr %result",
        *widened,
        f"  %status = call i32 @{native}(ptr %result, ptr %error{', ' if given else ''}{given})",
        f"  %value = load {kept[result]}, ptr %result",
        *(["  %truth = icmp ne i8 %value, 0"] if result == "b1" else []),
        "  ret i32 %status\n}" if status else f"  ret {ELEMENT[result]} %{'truth' if result == 'b1' else 'value'}\n}}",
    ]
    try:
        return plain(optimised("\n".join([module, *body]), "ramba.wanted"))
    except Unknown as problem:
        raise Refused(str(problem)) from None


def _arguments(module: str, native: str) -> list[str]:
    """LLVM's types of what a function takes."""
    found = re.search(rf'^define [^\n]*?i32 @"?{re.escape(native)}"?\(([^\n]*?)\)[^()\n]*\{{', module, re.MULTILINE)
    if found is None:
        raise Refused("Numba's function is not found in its module")
    return [part.split()[0] for part in re.sub(r"\w+\([^()]*\)", "", found[1]).split(",")]


@cache
def _numba() -> Any:
    """What is used of Numba, imported when the first function is compiled."""
    names = {
        "cgutils": "core.cgutils", "compiler": "core.compiler", "errors": "core.errors", "lock": "core.compiler_lock",
        "numpy_support": "np.numpy_support", "registry": "core.registry", "types": "core.types",
    }  # fmt: skip
    parts = {name: imported(f"numba.{module}") for name, module in names.items()}
    window = imported("ramba.codegen.numba_window")
    return SimpleNamespace(**parts, llvm=imported("llvmlite.binding"), window=window)


__all__ = ["Argument", "Refused", "Scalar", "WindowKind", "scalar_function"]
