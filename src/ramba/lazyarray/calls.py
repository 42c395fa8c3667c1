"""Calls of kernels that all workers run together, recorded like any other operation: for results of known shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ramba.engine import ENGINE
from ramba.graph import Library
from ramba.lazyarray.core import cast, ndarray, on_buffer, reads_in_place, ref


def record_call(
    function: str,
    operands: Sequence[ndarray],
    params: tuple[Any, ...],
    dtype: Any,
    shape: tuple[int, ...],
    dtypes: Sequence[Any] | None = None,
) -> ndarray:
    """A new array that a kernel of ``kernels.distributed`` computes; ``dtypes`` are those that the operands need."""
    with ENGINE.lock:
        readings: Any = [ref(a) for a in operands]
        if dtypes is not None:
            readings = [cast(reading, np.dtype(wanted)) for reading, wanted in zip(readings, dtypes, strict=True)]
        node = Library(function, tuple(readings), params, np.dtype(dtype), shape)
        made = on_buffer(ENGINE.record(node, function), scalar=not shape)
        if any(map(reads_in_place, operands)):
            ENGINE.flush()
    return made


__all__ = ["record_call"]
