"""What Ramba knows about one elementwise operation."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from ramba.ops.fold import neutral
from ramba.ops.libm import has_libm, libm_calls
from ramba.ops.op import ALL_FLAGS, COMPILED, Op, Operand, Signature

# operations for which it does not matter where a sequence is divided; sums of floats may differ in the last bits
_ASSOCIATIVE = frozenset(
    "add maximum minimum fmax fmin bitwise_and bitwise_or bitwise_xor logical_and logical_or logical_xor".split()
)


@dataclass(frozen=True, eq=False)
class Ufunc(Op):
    """One row: a NumPy ufunc, and how compiled kernels compute it.

    A formula is Python syntax over the operands ``x``, ``y``, ``z``: a few assignments, then an expression (a tuple for
    ufuncs that have two results). Its words are the primitives of ``ramba.codegen.emit_formula``; ``libm.f`` is a
    function of the vector math library. A number takes the dtype of what it is combined with.
    """

    name: str
    nin: int = 1
    nout: int = 1
    code: str | Mapping[str, str] | None = None
    """The formula; or one per dtype ("f4") or group of dtype kinds, as in ``{"b": "x | y", "iuf": "x + y"}``.

    A plain formula means "iuf"; None, that only NumPy's own loop computes it.
    """
    operator: str | None = None  # of Python, without underscores: "add" for __add__, __radd__ and __iadd__
    cost: float = 1  # of one element, in additions
    raises: str | Mapping[str, str] = ""
    """The floating-point flags that NumPy may raise: for floats and complex numbers, or by kinds of dtype."""
    aliases: tuple[str, ...] = field(default=())  # other names of the same NumPy object

    @cached_property
    def numpy(self) -> np.ufunc:
        """NumPy's own object."""
        found = getattr(np, self.name, None)
        if isinstance(found, np.ufunc):
            return found
        return getattr(importlib.import_module("numpy._core.umath"), self.name)  # clip: a function in front of a ufunc

    @cached_property
    def formulas(self) -> dict[str, str]:
        """The formula of each dtype ("f4") or kind of dtype ("f") that has one."""
        groups = {"iuf": self.code} if isinstance(self.code, str) else (self.code or {})
        return {
            key: formula for group, formula in groups.items() for key in ([group] if group[-1].isdigit() else group)
        }

    def flags(self, dtype: str, result: str = "") -> frozenset[str]:
        """What NumPy may raise for operands of ``dtype``: some of "divide", "over", "under", "invalid"."""
        if dtype[0] == "c" and self.formula(dtype) is None:
            return ALL_FLAGS  # NumPy's loop takes many steps, and each may raise something
        groups = {"fc": self.raises} if isinstance(self.raises, str) else self.raises
        return frozenset(flag for kinds, flags in groups.items() if dtype[0] in kinds for flag in flags.split())

    def formula(self, dtype: str) -> str | None:
        """The formula for operands of ``dtype`` ("f8"), or None."""
        return self.formulas.get(dtype) or self.formulas.get(dtype[0])

    @property
    def associative(self) -> bool:  # type: ignore[override]
        """Whether a scan may divide a sequence anywhere."""
        return self.name in _ASSOCIATIVE

    def resolve(
        self, operands: tuple[Operand, ...], dtype: np.dtype | None = None, casting: str = "same_kind"
    ) -> Signature:
        """The dtypes of NumPy's own loop. NumPy's own exceptions."""
        return _resolve(self, tuple(np.dtype(bool) if each is bool else each for each in operands), dtype, casting)

    def lower(self, loop: tuple[str, ...], result: str) -> str | None:
        return self.formula(loop[0])

    def compiles(self, loop: tuple[str, ...]) -> bool:
        operands = loop[: self.nin]
        formula = self.formula(operands[0])
        if formula is None or len(set(operands)) > 1 or not COMPILED.issuperset(loop):
            return False
        return all(has_libm(*call) for call in libm_calls(formula, operands[0]))

    def is_exact(self, dtype: str) -> bool:
        return not libm_calls(self.formula(dtype) or "", dtype)

    def identity(self, dtype: str) -> np.generic | None:
        return neutral(self.name, dtype)

    def interpret(self, args: Sequence[Any], dtype: np.dtype, out: np.ndarray | None = None) -> tuple[Any, ...]:
        if self.nout > 1:
            found: tuple[Any, ...] = self.numpy(*args)
            return found
        return (self.numpy(*args) if out is None else self.numpy(*args, out=out),)


@lru_cache(maxsize=4096)
def _resolve(row: Ufunc, operands: tuple[Operand, ...], dtype: np.dtype | None, casting: str) -> Signature:
    chosen = {} if dtype is None else {"signature": (None,) * row.nin + (dtype,) * row.nout}
    options: dict[str, Any] = {"casting": casting, **chosen}
    found = row.numpy.resolve_dtypes((*operands, *(None,) * row.nout), **options)
    return tuple(found[: row.nin]), tuple(found[row.nin :])
