"""Calls of kernels: recorded like any other operation where the shapes of the results are known, run at once else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ramba.engine import ENGINE
from ramba.graph import Library, Ref
from ramba.kernels import KERNELS, Type
from ramba.lazyarray.core import cast, ndarray, on_buffer, reads_in_place, ref


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
    with ENGINE.lock:
        readings: list[Any] = [ref(a) for a in operands]
        if dtypes is not None:
            readings = [cast(reading, np.dtype(wanted)) for reading, wanted in zip(readings, dtypes, strict=True)]
        types = KERNELS[name].infer([_type(reading) for reading in readings], *params)
        if any(shape is None for _, shape in types):
            return [on_buffer(made) for made in ENGINE.call(name, readings, params, len(types))]
        results = tuple((dtype.str[1:], shape or ()) for dtype, shape in types)
        nodes: Any = [
            Library(name, tuple(readings), params, n, results, dtype, shape or ())
            for n, (dtype, shape) in enumerate(types)
        ]
        made = [on_buffer(buffer, scalar=not buffer.shape) for buffer in ENGINE.record_all(nodes, name)]
        if any(map(reads_in_place, operands)):
            ENGINE.flush()
    return made


def _type(reading: Ref) -> Type:
    return Type(reading.node.dtype, reading.view.shape)


__all__ = ["call"]
