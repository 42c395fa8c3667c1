"""Discrete Fourier transforms of arrays with several rows: NumPy's own transforms, on all threads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ramba.kernels.fft import along_axis
from ramba.lazyarray import asarray, call_library, empty, implements, ndarray, own_memory, unwrap
from ramba.runtime.team import current


def _transform(np_func: Callable[..., Any]) -> Callable[..., Any]:
    """The Ramba form of a transform along one axis."""

    def body(a: Any, n: Any = None, axis: int = -1, norm: Any = None, out: Any = None) -> Any:
        a = asarray(a)
        shape = a.shape
        plain = -a.ndim <= axis < a.ndim and a.ndim > 1 and a.size > 0 and out is None and (n is None or n > 0)
        if not plain:
            return call_library(np_func, a, n, axis, norm, out=out)
        axis %= a.ndim
        # what one row becomes: its length and its dtype
        row = np_func(np.zeros(shape[axis], a.dtype), n, -1, norm)
        result: ndarray = empty((*shape[:axis], len(row), *shape[axis + 1 :]), row.dtype)
        along_axis(current(), np_func, unwrap(a), own_memory(result), n, axis, norm)
        return result

    return implements(np_func)(body)


fft = _transform(np.fft.fft)
ifft = _transform(np.fft.ifft)
rfft = _transform(np.fft.rfft)
irfft = _transform(np.fft.irfft)


def _several(np_func: Callable[..., Any], transform: Callable[..., Any], axes: Any) -> Callable[..., Any]:
    """The Ramba form of a complex transform along several axes: the last one first, as NumPy does."""

    def body(a: Any, s: Any = None, axes: Any = axes, norm: Any = None, out: Any = None) -> Any:
        a = asarray(a)
        if s is not None or out is not None or (axes is not None and len(axes) == 0):
            return call_library(np_func, a, s, axes, norm, out=out)
        for axis in reversed(range(a.ndim) if axes is None else axes):
            a = transform(a, axis=axis, norm=norm)
        return a

    return implements(np_func)(body)


fft2 = _several(np.fft.fft2, fft, (-2, -1))
ifft2 = _several(np.fft.ifft2, ifft, (-2, -1))
fftn = _several(np.fft.fftn, fft, None)
ifftn = _several(np.fft.ifftn, ifft, None)
