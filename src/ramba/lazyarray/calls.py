"""Calls of kernels: recorded like other operations if they wait for one, else, or if a shape is unknown, run now."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from ramba.engine import ENGINE, few
from ramba.graph import Library, Ref
from ramba.kernels import KERNELS, Type
from ramba.lazyarray.core import dtype_of, ndarray, on_buffer, reads_in_place, ref, shape_of
from ramba.lazyarray.readings import cast


def call(
    name: str,
    operands: Sequence[ndarray],
    *params: Any,
    dtypes: Sequence[Any] | None = None,
    now: bool = False,
    later: bool = False,
) -> list[ndarray]:
    """New arrays that a kernel of ``kernels.KERNELS`` computes, on all threads or on all workers.

    Parameters
    ----------
    name
        The kernel's.
    operands
        What it reads, as its ``infer`` takes them.
    params
        Plain, hashable values.
    dtypes
        Those that the operands are cast to before.
    now
        Whether it runs in the call in any case.
    later
        Whether to record it in any case: what reads the result may change what has to be computed.
    """
    wanted = [np.dtype(dtype) for dtype in dtypes] if dtypes is not None else [dtype_of(a) for a in operands]
    types = KERNELS[name].infer([Type(d, shape_of(a)) for d, a in zip(wanted, operands, strict=True)], *params)
    with ENGINE.lock:
        known = all(shape is not None for _, shape in types)
        here = bool(operands) and not ENGINE.distributed and not later
        if now or not known or (here and (all(map(is_there, operands, wanted)) or _are_few(types))):
            # one after the other: to record one may run what the next one would have read
            given = [ENGINE.operand(reading(a, dtype)) for a, dtype in zip(operands, wanted, strict=True)]
            found = ENGINE.call(name, given, params, len(types))
            return [on_buffer(made, scalar=known and not made.shape) for made in found]
        read = tuple(reading(a, dtype) for a, dtype in zip(operands, wanted, strict=True))
        results = tuple((dtype.str[1:], shape or ()) for dtype, shape in types)
        nodes = [Library(name, read, params, n, results, dtype, shape or ()) for n, (dtype, shape) in enumerate(types)]
        made = [on_buffer(buffer, scalar=not buffer.shape) for buffer in ENGINE.record_all(nodes, name)]
        if any(map(reads_in_place, operands)):
            ENGINE.flush()
    return made


def snapshot_of(a: ndarray) -> ndarray:
    """An array that keeps the value an array has now, in the same memory: who changes the array takes other memory."""
    with ENGINE.lock:
        return on_buffer(*ENGINE.operand(reading(a, dtype_of(a))))


def stored(memory: np.ndarray) -> ndarray:
    """An array over memory that nobody else will use."""
    return on_buffer(ENGINE.stored(memory))


def _are_few(types: Sequence[tuple[Any, Any]]) -> bool:
    """Whether a kernel makes few elements: once they are there, all that follows is NumPy's."""
    return all(prod(shape) <= few(1) for _, shape in types)


def is_there(a: ndarray, dtype: np.dtype) -> bool:
    """Whether an operand lies in memory: a call of which that is true of all has nothing to fuse with."""
    if a._np is not None:
        return a._np.dtype == dtype
    return a._buffer.hold is not None and not a._part and a._buffer.dtype == dtype


def reading(a: ndarray, dtype: np.dtype) -> Ref:
    """What is read of an array, in a dtype."""
    found = cast(ref(a), dtype)
    assert isinstance(found, Ref)
    return found


__all__ = ["call", "is_there", "snapshot_of", "stored"]
