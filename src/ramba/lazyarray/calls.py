"""Calls of kernels: recorded like any other operation where the shapes of the results are known, run at once else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ramba.engine import ENGINE
from ramba.graph import Library, Ref
from ramba.kernels import KERNELS, Type
from ramba.lazyarray.core import cast, dtype_of, ndarray, on_buffer, reads_in_place, ref, shape_of


def call(name: str, operands: Sequence[ndarray], *params: Any, dtypes: Sequence[Any] | None = None) -> list[ndarray]:
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
    """
    wanted = [np.dtype(dtype) for dtype in dtypes] if dtypes is not None else [dtype_of(a) for a in operands]
    types = KERNELS[name].infer([Type(d, shape_of(a)) for d, a in zip(wanted, operands, strict=True)], *params)
    with ENGINE.lock:
        if any(shape is None for _, shape in types):
            # one after the other: to record one may run what the next one would have read
            given = [ENGINE.operand(reading(a, dtype)) for a, dtype in zip(operands, wanted, strict=True)]
            return [on_buffer(made) for made in ENGINE.call(name, given, params, len(types))]
        read = tuple(reading(a, dtype) for a, dtype in zip(operands, wanted, strict=True))
        results = tuple((dtype.str[1:], shape or ()) for dtype, shape in types)
        nodes = [Library(name, read, params, n, results, dtype, shape or ()) for n, (dtype, shape) in enumerate(types)]
        made = [on_buffer(buffer, scalar=not buffer.shape) for buffer in ENGINE.record_all(nodes, name)]
        if any(map(reads_in_place, operands)):
            ENGINE.flush()
    return made


def reading(a: ndarray, dtype: np.dtype) -> Ref:
    """What is read of an array, in a dtype."""
    found = cast(ref(a), dtype)
    assert isinstance(found, Ref)
    return found


__all__ = ["call"]
