"""What a function made of arrays, as operations that can be recorded again for others of the same dtypes.

One node for each operation, and one buffer for the result: recording an expression that is known takes no calls.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ramba.engine import ENGINE
from ramba.graph import Const, Map, Ref
from ramba.layout import identity
from ramba.lazyarray.core import ndarray, on_buffer, shape_of
from ramba.lazyarray.fast_path import is_simple

LONGEST = 64  # operations
_ASKING = frozenset(("power",))  # who records one of integers looks at the values of the exponent


class _Step(NamedTuple):
    op: str
    result: int
    operands: tuple[int | Const, ...]  # numbers of arguments, then of steps
    dtype: np.dtype


_tuple = tuple.__new__  # a third of the time

Recipe = tuple[_Step, ...]


def are_simple(arrays: Iterable[Any]) -> bool:
    """Whether arrays are elements of buffers in C order, and no more than that: what a recipe can read."""
    return all(type(a) is ndarray and is_simple(a) for a in arrays)


def readings(arrays: Iterable[ndarray]) -> list[Ref]:
    """What operations on simple arrays read. Who records some with it holds the lock."""
    ENGINE.turn()
    return [Ref(a._buffer.node, a._view) for a in arrays]


def recipe_of(made: object, given: Sequence[Ref]) -> Recipe | None:
    """How an array that is pending was made of these readings, all of its shape; None if otherwise than by elements."""
    if type(made) is not ndarray or not is_simple(made) or made._buffer.hold is not None:
        return None
    node = made._buffer.node
    if type(node) is not Map or made._view != identity(node.shape) or len(set(given)) != len(given):
        return None
    if any(reading.view.shape != node.shape for reading in given):
        return None
    steps: list[_Step] = []
    places: dict[Any, int] = {reading: number for number, reading in enumerate(given)}
    return tuple(steps) if _walked(Ref(node, made._view), places, steps, [LONGEST]) else None


def _walked(reading: Ref, places: dict[Any, int], steps: list[_Step], left: list[int]) -> bool:
    """Enters the steps that make what is read; whether all of them are operations on whole values."""
    node, whole = reading.node, reading.view
    left[0] -= 1
    if type(node) is not Map or whole != identity(node.shape) or left[0] < 0:
        return False
    if node.op in _ASKING and node.dtype.kind in "iu" and type(node.args[1]) is not Const:
        return False
    operands: list[int | Const] = []
    for arg in node.args:
        if isinstance(arg, Const):
            operands.append(arg)
            continue
        if arg not in places and (arg.view.shape != node.shape or not _walked(arg, places, steps, left)):
            return False
        operands.append(places[arg])
    places[reading] = len(places)
    steps.append(_Step(node.op, node.result, tuple(operands), node.dtype))
    return True


def follow(recipe: Recipe, arrays: Sequence[ndarray]) -> ndarray:
    """The array that is made in the same way of other simple ones, of the same dtypes."""
    shape = shape_of(arrays[0])
    whole = identity(shape)
    with ENGINE.lock:
        values = readings(arrays)
        for op, result, operands, dtype in recipe:
            args = tuple([values[x] if type(x) is int else x for x in operands])
            values.append(_tuple(Ref, (_tuple(Map, (op, result, args, dtype, shape)), whole)))
        for step in recipe[:-1]:
            ENGINE.period.full(step.op, len(ENGINE.pending))  # it counts operations
        return on_buffer(ENGINE.record(values[-1].node, recipe[-1].op), scalar=not shape)


__all__ = ["Recipe", "are_simple", "follow", "readings", "recipe_of"]
