"""Whether arrays share memory: answered from their views, computing nothing."""

from __future__ import annotations

from typing import Any

import numpy as np

from ramba.layout import overlaps
from ramba.lazyarray import call_library, implements, is_lazy, ndarray


@implements(np.shares_memory)
def shares_memory(a: Any, b: Any, /, max_work: int = -1) -> bool:
    """Whether two arrays have an element in common."""
    return _share(np.shares_memory, a, b, max_work)


@implements(np.may_share_memory)
def may_share_memory(a: Any, b: Any, /, max_work: int = 0) -> bool:
    """Whether two arrays can have an element in common."""
    return _share(np.may_share_memory, a, b, max_work)


def _share(np_func: Any, a: Any, b: Any, max_work: int) -> bool:
    lazy = [isinstance(x, ndarray) and is_lazy(x) for x in (a, b)]
    if not all(lazy):
        # a lazy array's memory is its own: nothing that has memory already can be part of it
        return False if any(lazy) else bool(call_library(np_func, a, b, max_work=max_work))
    if a._buffer is not b._buffer or {a._part, b._part} == {"real", "imag"}:
        return False
    return overlaps(a._view, b._view, a._buffer.shape)
