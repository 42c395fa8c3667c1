"""Which floating-point flags a kernel may raise, and which of them mean what NumPy means by them.

The compiled code raises the flags that NumPy raises, except that

* UNDERFLOW can be raised by any function of the vector math library, and by the remainder of floats;
* OVERFLOW can be raised by the remainder of floats with a tiny divisor;
* INVALID is raised by ordered comparisons with a nan where the processor has no quiet compare (x86 without AVX), and is
  not raised by ordered comparisons of complex numbers with a nan.

A flag that `may_raise` does not list can be ignored.
"""

from __future__ import annotations

import ast
from functools import cache

from ramba.codegen.emit_target import Target
from ramba.ops.ufunc_table import UFUNCS
from ramba.plan.spec import KernelSpec

FLAGS = ("divide", "over", "under", "invalid")


def may_raise(spec: KernelSpec) -> dict[str, tuple[str, ...]]:
    """For each flag, the operations of a kernel that raise it under NumPy: ufuncs by name, and "cast"."""
    found: dict[str, dict[str, None]] = {flag: {} for flag in FLAGS}
    for op, dtype, result in _operations(spec):
        flags = _cast_flags(dtype, result) if op == "cast" else UFUNCS[op].flags(dtype) if op in UFUNCS else ()
        for flag in flags:
            found[flag][op] = None
    return {flag: tuple(names) for flag, names in found.items()}


def signals_on_nan(spec: KernelSpec, target: Target) -> bool:
    """Whether the compiled kernel may raise INVALID just because a nan is compared."""
    if target.quiet_compare:
        return False
    formulas = [UFUNCS[op].formula(dtype) for op, dtype, _ in _operations(spec) if op in UFUNCS and dtype[0] in "fc"]
    return any(_compares(formula) for formula in formulas if formula)


def _operations(spec: KernelSpec) -> list[tuple[str, str, str]]:
    """Name, dtype of the first operand and dtype of the result of all that a kernel does."""
    dtypes = [operand.dtype for operand in spec.operands] + [step.dtype for step in spec.program]
    steps = [(step.op, dtypes[step.args[0]], step.dtype) for step in spec.program]
    return steps + [(fold.op, dtypes[fold.value], dtypes[fold.value]) for fold in spec.folds]


def _cast_flags(source: str, dtype: str) -> frozenset[str]:
    if source[0] not in "fc":
        return frozenset()
    if dtype[0] in "iu":
        return frozenset(("invalid",))
    narrows = (source in ("f8", "c16")) and dtype in ("f4", "c8")
    return frozenset(("over", "under", "invalid") if narrows else ())


@cache
def _compares(formula: str) -> bool:
    """Whether a formula orders numbers."""
    ordered = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
    nodes = ast.walk(ast.parse(formula.strip()))
    return any(isinstance(node, ast.Compare) and isinstance(node.ops[0], ordered) for node in nodes)
