"""What an operation is given, classified once at the door: `Local | Lazy | Scalar | Foreign`.

Where all operands are there and few elements are touched, NumPy's own loop is the fastest way: `ramba.engine.choice`.
The short ways in C, which are in front, know numbers and elements that are there (`operand` in native/arrays.h).
"""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import Any, NamedTuple, TypeAlias, assert_never

import numpy as np

from ramba import config
from ramba.engine import ENGINE, few
from ramba.graph import Const, Ref
from ramba.lazyarray.convert import same_items
from ramba.lazyarray.core import adopt, local, memory_if_local, ndarray, ref, scalar_of, settled, shape_of
from ramba.lazyarray.sequences import is_of_numbers

NUMBERS = frozenset((int, float, complex, bool))
_PLAIN = NUMBERS | {str, type(None), type(Ellipsis), type, np.dtype, np.bool_, np.int64, np.float64}


class Local(NamedTuple):
    """Elements that NumPy can read now: an array of ours that is computed, one of NumPy's, a list of numbers."""

    given: Any
    memory: np.ndarray


class Lazy(NamedTuple):
    """An array of ours that is pending, or does not lie here."""

    given: ndarray


class Scalar(NamedTuple):
    """A number of Python's or of NumPy's."""

    given: Any


class Foreign(NamedTuple):
    """Anything else: its class may decide what comes of it, else NumPy makes an array of it."""

    given: Any


Operand: TypeAlias = Local | Lazy | Scalar | Foreign


def classified(x: Any) -> Operand:
    """What an operand is, looked at once."""
    kind = type(x)
    if kind is ndarray:
        memory = x._np if x._np is not None else settled(x)
        return Lazy(x) if memory is None else Local(x, memory)
    if kind in NUMBERS:
        return Scalar(x)
    if kind is np.ndarray:
        return Local(x, x)
    if isinstance(x, np.generic):
        return Scalar(x)
    if (kind is list or kind is tuple) and NUMBERS.issuperset(map(type, x)):
        return Local(x, np.asarray(x))
    return Foreign(x)


def at_once(operands: Iterable[Operand], most: int) -> list[Any] | None:
    """The operands of a ufunc as NumPy takes them; None if one is pending, or the result has more elements."""
    made: list[Any] = []
    shape = None
    mixed = False
    for x in operands:
        memory: np.ndarray | None
        match x:
            case Local(_, memory):
                pass
            case Scalar(given):
                made.append(given)
                continue
            case Lazy(given):
                memory = settled(given) if waits_alone(given) else None
                if memory is None:
                    return None
            case Foreign():
                return None
            case _:
                assert_never(x)
        if shape is None:
            if memory.size > most:
                return None
            shape = memory.shape
        elif memory.shape != shape:
            mixed = True
        made.append(memory)
    return made if not mixed or _result_size(made) <= most else None


def _result_size(operands: list[Any]) -> int:
    try:
        return prod(np.broadcast_shapes(*[x.shape for x in operands if isinstance(x, np.ndarray)]))
    except ValueError:
        return 0  # NumPy says it


def arguments(args: Iterable[Any], most: int) -> list[Any] | None:
    """The arguments of a function of NumPy's as it takes them; None if what an array has is pending, or is more.

    Elements that are not a local array's own can not be written through what this gives; what NumPy would have made
    a scalar is one, which some functions cast where they refuse to cast an array.
    """
    made: list[Any] = []
    for x in args:
        kind = type(x)
        if kind is ndarray:
            memory = memory_if_local(x)
            if memory is None:
                memory = settled(x)
                if memory is None and waits_alone(x):
                    memory = settled(x)
                if memory is None or memory.size > most:
                    return None
                memory = memory.view()
                memory.flags.writeable = False
            made.append(memory[()] if x._scalar else memory)
        elif kind in _PLAIN or is_of_numbers(x):
            made.append(x)
        elif kind is tuple or kind is list:
            items = arguments(x, most)
            if items is None or _settled_size(x) > most:
                return None
            made.append(same_items(x, items))  # NumPy may give it back
        elif isinstance(x, np.ndarray | np.generic | np.dtype | np.random.Generator) or callable(x):
            made.append(x)
        else:
            return None
    return made


def waits_alone(x: ndarray) -> bool:
    """Computes an operand of few elements, if what is pending has few, too: then all that follows is NumPy's."""
    buffer = x._buffer
    if buffer.hold is not None or not ENGINE.few_wait or prod(x._view.shape) > few(1):
        return False
    ENGINE.flush([buffer])
    return True


def _settled_size(items: Iterable[Any]) -> int:
    """How many elements the arrays of a sequence have together that are not local."""
    return sum([prod(shape_of(x)) for x in items if type(x) is ndarray and x._np is None])


def settle_few(args: Iterable[Any], most: int) -> bool:
    """Computes what is pending, if few elements of it are among the arguments: NumPy can then go on at once."""
    for x in args:
        if type(x) is ndarray:
            if x._np is None and x._buffer.hold is None and prod(x._view.shape) <= most:
                ENGINE.flush()
                return True
        elif isinstance(x, list | tuple) and not is_of_numbers(x) and settle_few(x, most):
            return True
    return False


def finished(result: Any) -> Any:
    """What NumPy computed, as ours: arrays without a copy, everything else as it is."""
    if type(result) is not np.ndarray:
        return tuple(map(finished, result)) if type(result) is tuple else result
    if result.base is None and result.size <= config.current().eager_size:
        return local(result)
    return adopt(result)


def operand(x: ndarray) -> Ref | Const:
    """What an operation reads of an array; local 0-d arrays are scalars."""
    memory = memory_if_local(x)
    if memory is not None and memory.ndim == 0:
        return Const(scalar_of(memory), memory.dtype)
    return ref(x)


__all__ = [
    "NUMBERS",
    "Foreign",
    "Lazy",
    "Local",
    "Operand",
    "Scalar",
    "arguments",
    "at_once",
    "classified",
    "finished",
    "operand",
    "settle_few",
    "waits_alone",
]
