"""What Ramba knows about one elementwise operation."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

_ALL = frozenset(("divide", "over", "under", "invalid"))


@dataclass(frozen=True, eq=False)
class Ufunc:
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

    def flags(self, dtype: str) -> frozenset[str]:
        """What NumPy may raise for operands of ``dtype``: some of "divide", "over", "under", "invalid"."""
        if dtype[0] == "c" and self.formula(dtype) is None:
            return _ALL  # NumPy's loop takes many steps, and each may raise something
        groups = {"fc": self.raises} if isinstance(self.raises, str) else self.raises
        return frozenset(flag for kinds, flags in groups.items() if dtype[0] in kinds for flag in flags.split())

    def formula(self, dtype: str) -> str | None:
        """The formula for operands of ``dtype`` ("f8"), or None."""
        return self.formulas.get(dtype) or self.formulas.get(dtype[0])
