"""Questions about truth whose answer NumPy finds sooner than a fold is recorded and run: a few elements decide them.

NumPy folds bools by the vector, sixteen times as many in a moment as it adds numbers, and stops at the first that
decides. So it gets all bools that are settled unless they are very many, and of everything else a few elements.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ramba.engine import few
from ramba.lazyarray.core import ndarray, settled
from ramba.lazyarray.operands import finished
from ramba.limits import BOOLS, SCANNED


def of_bools(function: Callable[..., Any], a: ndarray, **options: Any) -> Any:
    """What a function of NumPy's that reads bools by the vector makes of settled ones; None if that would take long."""
    memory = _memory(a)
    if memory is None or memory.dtype != bool or memory.size > few(BOOLS):
        return None
    return finished(function(memory, **options))


def folded(op: str, a: ndarray, axes: tuple[int, ...], keepdims: bool) -> Any:
    """What NumPy finds out at once of ``logical_or`` or ``logical_and`` over axes; None if that would take long."""
    ufunc, decisive = (np.logical_or, True) if op == "logical_or" else (np.logical_and, False)
    found = of_bools(ufunc.reduce, a, axis=axes, keepdims=keepdims)
    memory = _memory(a) if found is None else None
    if memory is None:
        return found
    beginning = _beginning(memory if memory.flags.c_contiguous else memory.T)
    if len(axes) < memory.ndim or beginning is None or bool(ufunc.reduce(beginning)) is not decisive:
        return None
    return finished(np.full((1,) * memory.ndim, decisive)) if keepdims else np.bool_(decisive)


def first(a: ndarray, axis: int | None, value: bool) -> Any:
    """The place of the first of a settled array's bools that has a value, if NumPy finds it at once; else None."""
    if axis is not None and axis < a.ndim - 1:  # it would be copied
        return None
    search = np.argmax if value else np.argmin
    found = of_bools(search, a, axis=axis)
    memory = _memory(a) if found is None else None
    if memory is None:
        return found
    beginning = _beginning(memory) if memory.dtype == bool and (axis is None or a.ndim == 1) else None
    if beginning is None:
        return None
    place = search(beginning)
    return place if beginning[place] == value else None


def extreme(search: Callable[..., Any], a: ndarray, axis: int | None) -> Any:
    """Where NumPy finds an extreme of settled elements, by ``argmax`` or ``argmin``; None if that would take long."""
    if axis is not None and axis < a.ndim - 1:  # it would be copied
        return None
    memory = _memory(a)
    return None if memory is None or memory.nbytes > 8 * few(SCANNED) else finished(search(memory, axis))


def begin_alike(a: ndarray, b: ndarray, equal: Callable[[np.ndarray, np.ndarray], bool]) -> bool:
    """False if already the first elements of two settled arrays of one shape are not equal."""
    beginnings = [_beginning(memory) for memory in map(_memory, (a, b)) if memory is not None]
    if len(beginnings) < 2 or beginnings[0] is None or beginnings[1] is None:
        return True
    return bool(equal(beginnings[0], beginnings[1]))


def _memory(a: ndarray) -> np.ndarray | None:
    return a._np if a._np is not None else settled(a)


def _beginning(memory: np.ndarray) -> np.ndarray | None:
    """As many elements as NumPy gets at once in any case, if they lie in C order."""
    size = few(1)
    return memory.reshape(-1)[:size] if size and memory.size and memory.flags.c_contiguous else None


__all__ = ["begin_alike", "extreme", "first", "folded"]
