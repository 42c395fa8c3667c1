"""An operation as a value: its name, its types, what it costs, and how it is computed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np

COMPILED = frozenset("b1 i1 i2 i4 i8 u1 u2 u4 u8 f4 f8 c8 c16".split())
"""The dtypes that compiled kernels know."""

ALL_FLAGS = frozenset(("divide", "over", "under", "invalid"))

Operand: TypeAlias = np.dtype | type
"""A dtype, or the Python type of a number: ``int``, ``float``, ``complex`` adapt to the other operands (NEP 50)."""

Signature: TypeAlias = tuple[tuple[np.dtype, ...], tuple[np.dtype, ...]]
"""The dtypes of the operands, and of the results, in the loop that computes an operation."""


class Constant(NamedTuple):
    """A number in a formula, which has met its dtype."""

    dtype: str
    value: complex


class OpStep(NamedTuple):
    """One operation inside of another. Operands have the dtypes of its loop: casts are steps of their own."""

    op: str  # digest
    dtype: str  # of the result
    args: tuple[int | Constant, ...]  # numbers of values: the operands first, then the results of the steps
    result: int = 0


class Steps(NamedTuple):
    """A lowering: other operations, one after the other."""

    steps: tuple[OpStep, ...]
    results: tuple[int | Constant, ...]


class Machine(NamedTuple):
    """A lowering: a scalar function in LLVM's IR, checked, with a name that is its digest."""

    symbol: str
    returns: str  # LLVM's type
    operands: tuple[str, ...]  # "double %x"
    body: str
    outside: tuple[str, ...]  # declarations of the intrinsics that it calls
    inline: bool  # whether it is short enough to become a part of each caller
    loops: bool = False  # whether it has a loop: then its last operand is where it looks whether to leave, `polls.STOP`


Lowering: TypeAlias = str | Steps | Machine
"""How compiled code computes an operation; a text is a formula of `ramba.codegen.emit_formula`."""


class Op:
    """What can be done to an element, or to one element each of several arrays.

    The rows of the ufunc table are operations, and the instructions of a kernel that NumPy has no ufunc for, and those
    that `ramba.ops.formula` and `ramba.ops.ir` make. Programs, plans and kernels name them by digest.
    """

    name: str
    nin: int
    nout: int
    cost: float  # of one element, in additions
    size = 1  # instructions, roughly
    associative = False  # whether scans may divide a sequence anywhere
    speculates = False  # whether its machine code may raise floating-point flags for what it does not use
    views = False  # whether results may share memory with an operand when NumPy computes them

    @property
    def digest(self) -> str:
        """The name under which everybody knows exactly this operation: NumPy's own is enough for NumPy's."""
        return self.name

    @property
    def numpy(self) -> Any:
        """NumPy's own ufunc, or what can be called like one."""
        raise TypeError(f"{self.name} is no function of arrays.")

    def resolve(
        self, operands: tuple[Operand, ...], dtype: np.dtype | None = None, casting: str = "same_kind"
    ) -> Signature:
        """The dtypes of the loop for such operands. Raises TypeError if there is none."""
        raise TypeError(f"{self.name} has no loop of its own: who makes it knows its types.")

    def lower(self, loop: tuple[str, ...], result: str) -> Lowering | None:
        """How compiled code computes it for operands of these dtypes ("f8"); None: only `interpret` does it."""
        raise NotImplementedError

    def compiles(self, loop: tuple[str, ...]) -> bool:
        """Whether this machine can compile it for operands of these dtypes; those of the results may follow."""
        raise NotImplementedError

    def is_exact(self, dtype: str) -> bool:
        """Whether compiled code for operands of this dtype gives the very bits of `interpret`."""
        return True

    def flags(self, dtype: str, result: str = "") -> frozenset[str]:
        """What may be raised for operands of ``dtype``: some of "divide", "over", "under", "invalid"."""
        return frozenset()

    def identity(self, dtype: str) -> np.generic | None:
        """The value that changes nothing, if elements of ``dtype`` can be folded in any order with this operation."""
        return None

    def interpret(self, args: Sequence[Any], dtype: np.dtype, out: np.ndarray | None = None) -> tuple[Any, ...]:
        """The results, computed by NumPy; operands have the dtypes of the loop.

        Parameters
        ----------
        dtype
            Of the (first) result.
        out
            Where the result goes, if there is a single one and `views` is false; else the result is new.
        """
        raise NotImplementedError


__all__ = [
    "ALL_FLAGS",
    "COMPILED",
    "Constant",
    "Lowering",
    "Machine",
    "Op",
    "OpStep",
    "Operand",
    "Signature",
    "Steps",
]
