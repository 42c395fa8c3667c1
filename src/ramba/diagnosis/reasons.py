"""Why kernels were compiled anew and plans not found again: how those of one line differ."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from ramba.graph import Program, kind, operation
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


class Outline(NamedTuple):
    """What two plans are compared by."""

    operations: tuple[object, ...]
    dtypes: tuple[object, ...]
    shapes: tuple[object, ...]
    views: tuple[object, ...]


def programs_differ(planned: Sequence[object]) -> Reason:
    """What most often changed from one plan of a line to the next."""
    outlines = [_outline(each) for each in planned if isinstance(each, Program | Assignment)]
    reasons = [_difference(a, b) for a, b in pairwise(outlines)]
    return max(reasons, key=reasons.count) if reasons else ("they are new", _SAME)


def _outline(planned: Program | Assignment) -> Outline:
    if isinstance(planned, Program):
        return Outline(
            tuple((kind(entry), operation(entry)) for entry in planned.entries),
            tuple(entry.dtype for entry in planned.entries),
            tuple(entry.shape for entry in planned.entries),
            planned.entries,
        )
    template = planned.template
    return Outline(
        tuple(step[0] for step in template.steps),
        (template.dtype, template.operands, tuple(step[1] for step in template.steps)),
        tuple(view.shape for view in planned.views),
        planned.views,
    )


def _difference(a: Outline, b: Outline) -> Reason:
    if a.operations != b.operations:
        if len(a.operations) == len(b.operations):
            return "other operations in every turn", _SAME
        more = f"what is pending has {len(a.operations)}, then {len(b.operations)} values"
        return more, f"{_SAME}; np.sync() ends a turn"
    if a.dtypes != b.dtypes:
        return "their dtypes differ", "one dtype: cast once, before the loop"
    for one, other in zip(a.shapes, b.shapes, strict=True):
        if one != other:
            return f"shapes differ: {one}, then {other}", "arrays of one shape: masks or padding"
    if a.views != b.views:
        return "slices move from turn to turn", "whole rows or blocks at once, or numpy.asarray(x) for the loop"
    return "other values are still held, or arrays lie otherwise", _SAME


__all__ = ["kernels_differ", "programs_differ"]
