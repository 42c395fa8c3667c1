"""What two elements make, as ufuncs say: in the loops of scans and of scattered additions."""

from __future__ import annotations

from ramba.codegen.routine import REGISTER, Routine, vector_of


def combined(text: Routine, op: str, dtype: str, values: tuple[str, str], width: int = 1) -> str:
    """``op(a, b)`` of two elements or vectors; the extremes are nan if one of them is."""
    a, b = values
    kind, real = vector_of(REGISTER[dtype], width), dtype[0] == "f"
    if op in ("add", "subtract", "multiply"):
        return text.let(f"{'f' * real}{op[:3]} {kind} {a}, {b}")
    more, truths = op == "maximum", vector_of("i1", width)
    if real:  # nan stays, and replaces every number
        wins = text.let(f"fcmp {'oge' if more else 'ole'} {kind} {a}, {b}")
        stays = text.let(f"or {truths} {wins}, {text.let(f'fcmp uno {kind} {a}, {a}')}")
    else:
        stays = text.let(f"icmp {dtype[0].replace('i', 's')}{'ge' if more else 'le'} {kind} {a}, {b}")
    return text.let(f"select {truths} {stays}, {kind} {a}, {kind} {b}")
