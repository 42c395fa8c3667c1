"""An index of an array in a file: which elements must be read, and how they are shown."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ramba.files.source import Selection


class Indexed(NamedTuple):
    """What an index of slices, integers, ellipses and new axes asks for."""

    selection: Selection
    then: tuple[Any, ...]  # the index of what was read that gives the result


def basic(index: object, shape: Sequence[int]) -> Indexed | None:
    """What NumPy's basic index asks for; None for any other one.

    Steps are made positive: what runs backwards is read forwards, and shown backwards.
    """
    keys = index if isinstance(index, tuple) else (index,)
    if not all(key is None or key is Ellipsis or isinstance(key, slice) or _is_whole(key) for key in keys):
        return None
    given = sum(key is not None and key is not Ellipsis for key in keys)
    if given > len(shape):
        raise IndexError(f"too many indices for array: array is {len(shape)}-dimensional, but {given} were indexed")
    if sum(key is Ellipsis for key in keys) > 1:
        raise IndexError("an index can only have a single ellipsis ('...')")
    read: list[tuple[int, int, int]] = []
    then: list[Any] = []
    for key in _filled(keys, len(shape) - given):
        if key is None:
            then.append(None)
        elif isinstance(key, slice):
            read.append(_forward(key, shape[len(read)]))
            then.append(slice(None, None, -1 if key.step is not None and operator.index(key.step) < 0 else None))
        else:
            read.append((_place(operator.index(key), len(read), shape[len(read)]), 1, 1))
            then.append(0)
    start, count, step = zip(*read, strict=True) if read else ((), (), ())
    return Indexed(Selection(start, count, step), tuple(then))


def _is_whole(key: object) -> bool:
    if isinstance(key, bool | np.bool_):
        return False
    return isinstance(key, int | np.integer) or (not isinstance(key, np.ndarray) and hasattr(type(key), "__index__"))


def _filled(keys: tuple[Any, ...], missing: int) -> list[Any]:
    """The keys with slices for the dimensions that an ellipsis, or nothing, stands for."""
    place = next((n for n, key in enumerate(keys) if key is Ellipsis), len(keys))
    return [*keys[:place], *[slice(None)] * missing, *keys[place + 1 :]]


def _forward(key: slice, extent: int) -> tuple[int, int, int]:
    start, stop, step = key.indices(extent)
    count = len(range(start, stop, step))
    if step < 0:
        start, step = start + (count - 1) * step, -step
    return (start, count, step) if count else (0, 0, 1)


def _place(key: int, axis: int, extent: int) -> int:
    if not -extent <= key < extent:
        raise IndexError(f"index {key} is out of bounds for axis {axis} with size {extent}")
    return key % extent


__all__ = ["Indexed", "basic"]
