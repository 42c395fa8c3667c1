"""What two elements make, as ufuncs say: in the loops of scans and of scattered additions."""

from __future__ import annotations

from ramba.codegen.compile import emit_target
from ramba.codegen.emit_op import apply
from ramba.codegen.emit_vector import Lanes, Value
from ramba.codegen.routine import REGISTER, Routine, vector_of
from ramba.ops import OPS, Defined, can_fold, compiles, is_exact

_NAMED = frozenset({"add", "subtract", "multiply", "maximum", "minimum"})


def combines(op: str, dtype: str) -> bool:
    """Whether :func:`combined` knows an operation: one of a few of NumPy's, or one that was defined."""
    if dtype not in REGISTER:
        return False
    # functions of the vector library are faster on vectors: not one element after the other
    defined = isinstance(OPS[op], Defined) and can_fold(op, dtype) and compiles(op, (dtype, dtype))
    return op in _NAMED or (defined and is_exact(op, dtype))


def combined(text: Routine, op: str, dtype: str, values: tuple[str, str], width: int = 1) -> str:
    """``op(a, b)`` of two elements or vectors; the extremes are nan if one of them is."""
    if op not in _NAMED:
        return _defined(text, op, dtype, values, width)
    a, b = values
    kind, real = vector_of(REGISTER[dtype], width), dtype[0] == "f"
    if op in ("add", "subtract", "multiply"):
        return text.of_two("f" * real + op[:3], a, b, kind)
    more, truths = op == "maximum", vector_of("i1", width)
    if real:  # nan stays, and replaces every number
        wins = text.fcmp("oge" if more else "ole", a, b, kind)
        stays = text.or_(wins, text.fcmp("uno", a, a, kind), truths)
    else:
        stays = text.icmp(f"{dtype[0].replace('i', 's')}{('ge' if more else 'le')}", a, b, kind)
    return text.select(stays, a, b, kind, truths)


def _defined(text: Routine, op: str, dtype: str, values: tuple[str, str], width: int) -> str:
    """As an operation that was defined says."""
    lanes, kind = Lanes(text, emit_target(), width), REGISTER[dtype]
    # a single element is no vector here, but one of one lane there
    one = f"<1 x {kind}>"
    vectors = [text.insert(one, "poison", kind, x, 0) if width == 1 else x for x in values]
    (result,) = apply(lanes, op, tuple(Value(dtype, (vector,)) for vector in vectors), dtype)
    return text.extract(one, result.parts[0], 0) if width == 1 else result.parts[0]


__all__ = ["combined", "combines"]
