"""Why kernels were compiled anew and plans not found again: how those of one line differ."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from ramba.graph import Program, arguments, kind, operation
from ramba.plan import Assignment

Reason = tuple[str, str]  # why, what to write instead

_SAME = "do the same in every turn: it is then found again"
_OTHER = "other operations in every turn", _SAME
_MOVING = "slices move from turn to turn", "whole rows or blocks at once, or numpy.asarray(x) for the loop"


def kernels_differ(texts: Sequence[str]) -> Reason:
    """How the kernels of a line differ, by their texts."""
    if len(set(texts)) < len(texts):
        return "the same ones again, because the cache of kernels is off or full", "RAMBA_CACHE=on"
    if len({_dtypes(text) for text in texts}) > 1:
        return "their dtypes differ", "one dtype: cast once, before the loop"
    if len({text.partition("\n")[0] for text in texts}) > 1:
        return "their arrays have other numbers of dimensions, or are summed along other axes", _SAME
    if len({_operations(text) for text in texts}) > 1:
        return "what is pending differs from turn to turn", f"{_SAME}; np.sync() at the end of a turn"
    return "their arrays lie otherwise in memory (strides)", "copies in C order, made once"


def _dtypes(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\b[biufc]\d+\b", text))


def _operations(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"= ([\w.-]+)\(|(fold \w+)", text))


def programs_differ(planned: Sequence[object]) -> Reason:
    """What most often changed from one program of a line, or statement that was planned alone, to the next."""
    reasons = [reason for a, b in pairwise(planned) if (reason := _change(a, b)) is not None]
    return max(reasons, key=reasons.count) if reasons else ("they are new", _SAME)


def _change(a: object, b: object) -> Reason | None:
    if isinstance(a, Program) and isinstance(b, Program):
        return _difference(a, b)
    if isinstance(a, Assignment) and isinstance(b, Assignment):
        return _MOVING if a.template == b.template else _OTHER
    return None


def _difference(a: Program, b: Program) -> Reason:
    first, second = a.entries, b.entries
    if [(kind(e), operation(e)) for e in first] != [(kind(e), operation(e)) for e in second]:
        if len(first) == len(second):
            return _OTHER
        return f"what is pending has {len(first)}, then {len(second)} values", f"{_SAME}; np.sync() ends a turn"
    if [e.dtype for e in first] != [e.dtype for e in second]:
        return "their dtypes differ", "one dtype: cast once, before the loop"
    for one, other in zip(first, second, strict=True):
        if one.shape != other.shape:
            return f"shapes differ: {one.shape}, then {other.shape}", "arrays of one shape: masks or padding"
    if [arguments(e) for e in first] != [arguments(e) for e in second]:
        return _MOVING
    return "other values are still held, or arrays lie otherwise", _SAME


__all__ = ["kernels_differ", "programs_differ"]
