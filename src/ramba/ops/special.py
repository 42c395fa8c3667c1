"""The instructions of a kernel that are no ufuncs of NumPy's: operations like all others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ramba.ops.op import COMPILED, Op, Operand, Signature


@dataclass(frozen=True, eq=False)
class Special(Op):
    """One instruction: a formula in which ``{}`` is the dtype of the result, and what NumPy does."""

    name: str
    nin: int
    code: str
    apply: Callable[[Sequence[Any], np.dtype, np.ndarray | None], Any]
    views: bool = False
    nout: int = 1
    cost: float = 1

    def resolve(
        self, operands: tuple[Operand, ...], dtype: np.dtype | None = None, casting: str = "same_kind"
    ) -> Signature:
        if self.name != "where":
            return super().resolve(operands, dtype, casting)
        _, loop = _RESOLVER.resolve_dtypes((*operands[1:], None))[:2]
        return (np.dtype(bool), loop, loop), (loop,)

    def lower(self, loop: tuple[str, ...], result: str) -> str:
        return self.code.format(result)

    def compiles(self, loop: tuple[str, ...]) -> bool:
        return COMPILED.issuperset(loop)

    def flags(self, dtype: str, result: str = "") -> frozenset[str]:
        if self.name != "cast":
            return frozenset()
        if result[0] in "iu":
            return frozenset(("invalid",))
        return frozenset(("over", "under") if result in ("f4", "c8") else ())

    def interpret(self, args: Sequence[Any], dtype: np.dtype, out: np.ndarray | None = None) -> tuple[Any, ...]:
        return (self.apply(args, dtype, out),)


_RESOLVER = np.equal  # it has a loop for every pair of dtypes, and adapts numbers


def _new(args: Sequence[Any], dtype: np.dtype, out: np.ndarray | None) -> np.ndarray:
    return np.empty(np.broadcast_shapes(*map(np.shape, args)), dtype) if out is None else out


def _cast(args: Sequence[Any], dtype: np.dtype, out: np.ndarray | None) -> np.ndarray:
    out = _new(args, dtype, out)
    discards = args[0].dtype.kind == "c" and dtype.kind in "iuf"  # whoever recorded it has warned
    np.copyto(out, args[0].real if discards else args[0], casting="unsafe")
    return out


def _where(args: Sequence[Any], dtype: np.dtype, out: np.ndarray | None) -> np.ndarray:
    out = _new(args, dtype, out)
    np.copyto(out, args[2])
    np.copyto(out, args[1], where=args[0])
    return out


def _complex(args: Sequence[Any], dtype: np.dtype, out: np.ndarray | None) -> np.ndarray:
    out = _new(args, dtype, out)
    out.real, out.imag = args
    return out


SPECIAL: dict[str, Special] = {
    row.name: row
    for row in (
        Special("cast", 1, "{}(x)", _cast),
        Special("where", 3, "y if x else z", _where),
        Special("real", 1, "x.real", lambda args, dtype, out: args[0].real, views=True),
        Special("imag", 1, "x.imag", lambda args, dtype, out: args[0].imag, views=True),
        Special("complex", 2, "complex(x, y)", _complex),
        Special("bits", 1, "as_{}(x)", lambda args, dtype, out: np.asarray(args[0]).view(dtype), views=True),
    )
}
"""Instructions of a kernel that are not ufuncs. To add one, add a row."""
