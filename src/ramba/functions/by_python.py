"""A user's function called by Python, once for each element: for what is neither traced nor compiled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import repeat
from typing import Any

import numpy as np

from ramba.functions.arguments import FOR_EACH
from ramba.lazyarray import asarray


def elementwise(
    function: Callable[..., Any],
    arguments: Sequence[Any],
    shape: tuple[int, ...],
    called: str,
    origin: tuple[int, ...] = (),
) -> Any:
    """What a function gives for each element, as an array. An exception of its own says at which index it came.

    Parameters
    ----------
    origin
        The index of the first element, if it is not 0.
    """
    columns = [a.elements(shape) if isinstance(a, FOR_EACH) else repeat(a) for a in arguments]
    count, results = int(np.prod(shape, dtype=np.int64)), []
    try:
        for _ in range(count):
            results.append(function(*[next(column) for column in columns]))  # noqa: PERF401 - the index of a failure
    except Exception as problem:
        place = moved(tuple(map(int, np.unravel_index(len(results), shape))), origin)
        problem.add_note(f"In {called}, at index {place if len(place) != 1 else place[0]}.")
        raise
    return asarray(together(results, called).reshape(shape))


def moved(index: tuple[int, ...], origin: tuple[int, ...]) -> tuple[int, ...]:
    """An index that is counted from another one."""
    return tuple(i + o for i, o in zip(index, origin, strict=True)) if origin else index


def together(results: list[Any], called: str) -> np.ndarray:
    """Numbers as an array of the dtype that NumPy gives them together; Python's numbers adapt to NumPy's."""
    kinds = {type(each): each for each in results}
    odd = [kind for kind in kinds if not issubclass(kind, bool | int | float | complex | np.generic)]
    if odd:
        arrays = [np.asarray(each) for each in results]
        if any(array.dtype == object or array.ndim for array in arrays):
            raise TypeError(f"{called} gives {odd[0].__name__!r}, which is no number.")
        results, kinds = [array[()] for array in arrays], {array.dtype.type: array[()] for array in arrays}
    if not results:
        return np.empty(0)
    dtype = np.result_type(*[kind(0) if kind in (bool, int, float, complex) else v.dtype for kind, v in kinds.items()])
    return np.array(results, dtype)


__all__ = ["elementwise", "moved", "together"]
