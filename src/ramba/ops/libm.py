"""Which functions of glibc's vector math library this machine has."""

from __future__ import annotations

import ctypes
import platform
import re
from functools import cache

_MEASURED = frozenset(
    "sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh exp exp2 expm1 log log2 log10 log1p cbrt hypot pow".split()
)
TRUSTED: dict[str, frozenset[str]] = {
    "f8": _MEASURED,
    "f4": _MEASURED - {"log"},  # up to 6 ulp away from NumPy
}
"""Functions measured to stay within 4 ulp of NumPy and to agree with it on special values (tests/codegen/test_libm.py)."""

_BINARY = frozenset(("pow", "atan2", "hypot"))


def libm_calls(formula: str, dtype: str) -> tuple[tuple[str, str], ...]:
    """The library functions that a formula calls for operands of ``dtype``: name and dtype ("f4", "f8") of each."""
    part = {"c8": "f4", "c16": "f8"}.get(dtype, dtype)
    return tuple((name, cast or part) for name, cast in re.findall(r"libm\.(\w+)\((?:(f[48])\()?", formula))


def symbol(name: str, dtype: str, isa: str, lanes: int) -> str:
    """The vector function in the library: ``_ZGVdN4v_sin`` for f8, ISA letter "d" (AVX2) and 4 lanes."""
    return f"_ZGV{isa}N{lanes}{'vv' if name in _BINARY else 'v'}_{name}{'f' if dtype == 'f4' else ''}"


def arity(name: str) -> int:
    """How many arguments a library function takes."""
    return 2 if name in _BINARY else 1


@cache
def has_libm(name: str, dtype: str) -> bool:
    """Whether the library is there, has the function for this dtype ("f4", "f8"), and computes it well enough."""
    if name not in TRUSTED.get(dtype, ()) or platform.machine() not in ("x86_64", "AMD64"):
        return False
    library = _library()
    # the library has each function for SSE, AVX, AVX2 and AVX-512 or not at all: asking for one is enough
    return library is not None and hasattr(library, symbol(name, dtype, "b", 4 if dtype == "f4" else 2))


@cache
def _library() -> ctypes.CDLL | None:
    try:
        return ctypes.CDLL("libmvec.so.1")
    except OSError:
        return None
