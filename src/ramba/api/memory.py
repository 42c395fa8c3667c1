"""Whether arrays share memory: answered from their views, computing nothing."""

from __future__ import annotations

import mmap
from typing import TYPE_CHECKING, Any

import numpy as np

from ramba.lazyarray import Array, call_library, gathers, implements, is_lazy, ndarray

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ramba.lazyarray.annotations import NumPyFunction


@implements(np.shares_memory)
def shares_memory(a: ArrayLike, b: ArrayLike, /, max_work: int = -1) -> bool:
    """Whether two arrays have an element in common."""
    return _share(np.shares_memory, a, b, max_work)


@implements(np.may_share_memory)
def may_share_memory(a: ArrayLike, b: ArrayLike, /, max_work: int = 0) -> bool:
    """Whether two arrays can have an element in common.

    What shows the elements of an array on workers is a copy that cannot be written; but who asks this wants to know
    whether he has to copy before he writes.
    """
    if _can_show(a, b) or _can_show(b, a):
        return True
    return _share(np.may_share_memory, a, b, max_work)


def _can_show(a: object, b: object) -> bool:
    """Whether a NumPy array can be what an array on workers shows of itself."""
    return type(a) is np.ndarray and not a.flags.writeable and isinstance(b, Array) and gathers.on_workers(b)


def _share(np_func: NumPyFunction, a: Any, b: Any, max_work: int) -> bool:
    a, b = _shown(a), _shown(b)  # first: what shows the memory of an array of ours makes it stay where it is
    lazy = [isinstance(x, Array) and is_lazy(x) for x in (a, b)]
    if not all(lazy):
        # a lazy array's memory is its own, unless it is lent: nothing else that is in memory can be part of it
        alone = any(own and not x._buffer.lent for x, own in zip((a, b), lazy, strict=True))
        return False if alone else bool(call_library(np_func, a, b, max_work=max_work))
    if a._buffer is not b._buffer:
        return False
    # private and read-only: no page of it is ever there, and no system counts it as memory
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
    with mmap.mmap(-1, 2 * max(a._buffer.size, 1), flags, mmap.PROT_READ) as stage:
        return bool(np_func(_staged(a, stage), _staged(b, stage), max_work=max_work))


def _shown(x: Any) -> Any:
    """The array whose memory an object shows."""
    if isinstance(x, Array | np.ndarray):
        return x
    show = getattr(x, "__array__", None)
    shown = show() if callable(show) else x
    return shown if isinstance(shown, Array) else np.asarray(shown)


def _staged(a: ndarray, stage: mmap.mmap) -> np.ndarray:
    """The array with elements of two bytes, and parts of complex ones of one: NumPy compares addresses."""
    view, dtype = a._view, np.dtype(np.uint8 if a._part else np.uint16)
    offset = 0 if 0 in view.shape else 2 * view.offset + (a._part == "imag")
    return np.ndarray(view.shape, dtype, stage, offset, tuple(2 * stride for stride in view.strides))
