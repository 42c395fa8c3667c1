"""Mathematical functions: convolution."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ramba.api.creation.from_shape import zeros
from ramba.lazyarray import asarray, call, call_library, implements, is_compiled, ndarray, raise_like_numpy

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ramba.lazyarray.annotations import NumPyFunction

_SHORT_KERNEL = 16  # taps: with more of them the library's dot products win over one fused sum


@implements(np.convolve, cost=8, kind="read 2")
def convolve(a: ArrayLike, v: ArrayLike, mode: str = "full") -> Any:
    """The convolution of two vectors: for a short one a fused sum of shifted slices."""
    a, v = asarray(a), asarray(v)
    result = convolved(a, v, mode) if are_vectors(np.convolve, a, v, mode) else NotImplemented
    return call_library(np.convolve, a, v, mode) if result is NotImplemented else result


def are_vectors(np_func: NumPyFunction, a: ndarray, v: ndarray, mode: str) -> bool:
    """Whether both have one dimension and the mode a name; what NumPy refuses raises its exception."""
    if a.ndim > 1 or v.ndim > 1 or not a.size or not v.size:
        raise_like_numpy(np_func, a, v, mode)
    return a.ndim == v.ndim == 1 and mode in ("full", "same", "valid")


def convolved(a: ndarray, v: ndarray, mode: str, *, turned: bool = False) -> Any:
    """The convolution; `turned` if NumPy finds it from its other end, of which the middle depends."""
    dtype = np.result_type(a.dtype, v.dtype)
    if not is_compiled(dtype):
        return NotImplemented
    if v.size > a.size:
        a, v = v, a
    start = {"full": 0, "same": v.size // 2 if turned else (v.size - 1) // 2, "valid": v.size - 1}[mode]
    count = {"full": a.size + v.size - 1, "same": a.size, "valid": a.size - v.size + 1}[mode]
    if v.size > _SHORT_KERNEL or dtype.kind == "b":
        return call("convolve", [a, v], start, count, dtypes=(dtype, dtype))[0]
    return _fused_sum(a, v, start, count)


def _fused_sum(a: ndarray, v: ndarray, start: int, count: int) -> Any:
    """The elements from ``start`` of the convolution with a short vector."""
    taps = v.size
    before, after = taps - 1 - start, start + count - a.size
    if before or after:
        padded = zeros(before + a.size + after, a.dtype)
        padded[before : before + a.size] = a
        a = padded
    total = a[taps - 1 : taps - 1 + count] * v[0]
    for tap in range(1, taps):
        total = total + a[taps - 1 - tap : taps - 1 - tap + count] * v[tap]
    return total
