"""The functions of glibc's vector math library: which are there, and for which arguments they behave.

Inside the domain below a vector function stays within 4 ulp of NumPy and raises no floating-point flag that NumPy does
not (UNDERFLOW apart). Outside, compiled kernels call the scalar function, whose flags and special values are C's.
tests/codegen/test_libm.py proves both.
"""

from __future__ import annotations

import ctypes
import platform
import re
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple


class Libm(NamedTuple):
    """A vector function, in single ("f4") and in double precision ("f8")."""

    name: str
    domain: Mapping[str, str]
    """For each dtype that is accurate enough, a formula that tells where flags can be trusted; "" for everywhere."""
    nin: int = 1
    inside: float = 0.5  # an argument that is in the domain
    formula: str = ""  # what is better than the library's vector function inside the domain, if anything


def _both(double: str, single: str | None = None) -> dict[str, str]:
    return {"f8": double, "f4": double if single is None else single}


_CIRCULAR = _both("fabs(x) < 1e30", "fabs(x) < 1e10")
_HYPERBOLIC = _both("fabs(x) < 708", "fabs(x) < 87")

# fmt: off
LIBM: dict[str, Libm] = {row.name: row for row in (
    Libm("sin", _CIRCULAR),
    Libm("cos", _CIRCULAR),
    Libm("tan", _CIRCULAR),
    Libm("asin", _both("fabs(x) < 1e6")),
    Libm("acos", _both("fabs(x) < 1e6")),
    Libm("atan", _both("fabs(x) < 1e100", "x == x")),
    Libm("atan2", _both("((x != 0) | (y != 0)) & (fabs(x) < inf) & (fabs(y) < inf)"), 2),
    Libm("sinh", _HYPERBOLIC),
    Libm("cosh", _HYPERBOLIC),
    Libm("tanh", _both("fabs(x) < inf")),
    Libm("asinh", _both("fabs(x) < 1e15", "fabs(x) < 1e6")),
    Libm("acosh", _both("(x > 1) & (x < 1e15)"), inside=2),
    Libm("atanh", _both("fabs(x) < 1")),
    Libm("exp", _both("(x < 708) & (x > -1e30)", "(x < 87) & (x > -1e8)")),
    Libm("exp2", _both("fabs(x) < 1e30")),
    Libm("expm1", _both("(x < 708) & (x > -40)", "(x < 87) & (x > -40)")),
    Libm("log", {"f8": ""}),  # in single precision it is up to 6 ulp away from NumPy
    Libm("log2", _both("")),
    Libm("log10", _both("")),
    Libm("log1p", _both("fabs(x) < 1e300", "x < inf")),
    Libm("cbrt", _both("")),
    Libm("hypot",
         _both("a = fabs(x)\nb = fabs(y)\n(a < 1e150) & (b < 1e150) & ((a > 1e-140) | (b > 1e-140))",
               "a = fabs(x)\nb = fabs(y)\n(a < 1e18) & (b < 1e18) & ((a > 1e-17) | (b > 1e-17))"),
         2, formula="sqrt(x * x + y * y)"),
    Libm("pow", _both("(x > 1e-30) & (x < 1e30) & (fabs(y) < 10)", "(x > 3e-5) & (x < 3e4) & (fabs(y) < 8)"), 2),
)}
# fmt: on


def libm_calls(formula: str, dtype: str) -> tuple[tuple[str, str], ...]:
    """The library functions that a formula calls for operands of ``dtype``: name and dtype ("f4", "f8") of each."""
    part = {"c8": "f4", "c16": "f8"}.get(dtype, dtype)
    return tuple((name, cast or part) for name, cast in re.findall(r"libm\.(\w+)\((?:(f[48])\()?", formula))


def scalar_symbol(name: str, dtype: str) -> str:
    """The function for one number: ``sin`` or ``sinf``."""
    return name + ("f" if dtype == "f4" else "")


def vector_symbol(name: str, dtype: str, isa: str, lanes: int) -> str:
    """The function for a vector: ``_ZGVdN4v_sin`` for f8, ISA letter "d" (AVX2) and 4 lanes."""
    return f"_ZGV{isa}N{lanes}{'v' * LIBM[name].nin}_{scalar_symbol(name, dtype)}"


@cache
def has_libm(name: str, dtype: str) -> bool:
    """Whether the library is there, has the function for this dtype ("f4", "f8"), and computes it well enough."""
    if name not in LIBM or dtype not in LIBM[name].domain or platform.machine() not in ("x86_64", "AMD64"):
        return False
    library = _library()
    # the library has each function for SSE, AVX, AVX2 and AVX-512 or not at all: asking for one is enough
    return library is not None and hasattr(library, vector_symbol(name, dtype, "b", 4 if dtype == "f4" else 2))


@cache
def _library() -> ctypes.CDLL | None:
    try:
        return ctypes.CDLL("libmvec.so.1")
    except OSError:
        return None
