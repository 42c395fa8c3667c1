"""Discrete Fourier transforms: NumPy's own, of the rows that each thread and each worker has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ramba.api.manipulation.rearranging import roll
from ramba.lazyarray import (
    Array,
    asarray,
    call,
    call_library,
    implements,
    is_compiled,
    ndarray,
    raise_like_numpy,
)
from ramba.lazyarray.options import deliver

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ramba.lazyarray.annotations import Out

Step = tuple[str, int | None, int, str | None]  # function of np.fft, its n, axis and norm


def _transformed(a: ndarray, steps: list[Step], out: Out = None) -> Any:
    """Transforms along one axis after the other; NotImplemented for dtypes that no kernel is compiled for."""
    shape, dtype, taken = list(a.shape), a.dtype, []
    for name, n, axis, norm in steps:
        function = getattr(np.fft, name)
        # NumPy's checks, and what it makes of this dtype
        probe = function(np.zeros((2,) * a.ndim, dtype), None if n is None else min(n, 2), axis, norm)
        axis %= a.ndim
        extent = 2 * (shape[axis] - 1) if name in ("irfft", "hfft") else shape[axis]
        count = extent if n is None else int(n)
        if count < 1:
            function(np.zeros(shape[axis]), n)  # NumPy refuses
        dtype, shape[axis] = probe.dtype, count // 2 + 1 if name in ("rfft", "ihfft") else count
        taken.append((name, None if n is None else int(n), axis, norm))
    if not is_compiled(a.dtype) or not is_compiled(dtype):
        return NotImplemented
    if out is not None and not isinstance(out, Array | np.ndarray):
        raise TypeError("return arrays must be of ArrayType")
    if out is not None and out.shape != tuple(shape):
        raise ValueError("output array has wrong shape.")
    return deliver(call("fft", [a], tuple(taken))[0], out)


def _transform(name: str) -> Callable[..., Any]:
    """The Ramba form of a transform along one axis."""
    np_func = getattr(np.fft, name)

    def body(a: ArrayLike, n: int | None = None, axis: int = -1, norm: str | None = None, out: Out = None) -> Any:
        result = _transformed(asarray(a), [(name, n, axis, norm)], out)
        return call_library(np_func, a, n, axis, norm, out=out) if result is NotImplemented else result

    return implements(np_func, cost=8)(body)


fft = _transform("fft")
ifft = _transform("ifft")
rfft = _transform("rfft")
irfft = _transform("irfft")
hfft = _transform("hfft")
ihfft = _transform("ihfft")


def _shift(np_func: Callable[..., Any], half: Callable[[int], int]) -> Callable[..., Any]:
    """The Ramba form of a function that moves the zero frequency."""

    def body(x: ArrayLike, axes: Sequence[int] | None = None) -> Any:
        x = asarray(x)
        along = tuple(range(x.ndim)) if axes is None else axes
        several = (along,) if isinstance(along, int) else along
        return roll(x, [half(x.shape[axis]) for axis in several], several)

    return implements(np_func, cost=8)(body)


fftshift = _shift(np.fft.fftshift, lambda extent: extent // 2)
ifftshift = _shift(np.fft.ifftshift, lambda extent: -(extent // 2))


def _steps(
    name: str, a: ndarray, s: Sequence[int] | None, axes: Sequence[int] | None, norm: str | None
) -> list[Step] | None:
    """The transforms along one axis that make a transform along several; None for what NumPy refuses or warns of."""
    if s is not None and (axes is None or len(s) != len(axes) or any(n is None or n < 1 for n in s)):
        return None
    along = list(range(a.ndim) if axes is None else axes)
    if not along or not all(-a.ndim <= axis < a.ndim for axis in along):
        return None
    counts: list[Any] = [None] * len(along) if s is None else list(s)
    pairs = list(zip(counts, along, strict=True))
    if name in ("fft", "ifft"):
        return [(name, n, axis, norm) for n, axis in reversed(pairs)]
    n, last = pairs.pop()
    if name == "rfft":
        return [("rfft", n, last, norm), *(("fft", n, axis, norm) for n, axis in reversed(pairs))]
    return [*(("ifft", n, axis, norm) for n, axis in pairs), ("irfft", n, last, norm)]


def _several(np_func: Callable[..., Any], name: str, axes: Sequence[int] | None) -> Callable[..., Any]:
    """The Ramba form of a transform along several axes: the last one first, as NumPy does."""

    def body(
        a: ArrayLike,
        s: Sequence[int] | None = None,
        axes: Sequence[int] | None = axes,
        norm: str | None = None,
        out: Out = None,
    ) -> Any:
        a = asarray(a)
        if axes is not None and not all(-a.ndim <= axis < a.ndim for axis in axes):
            raise_like_numpy(np_func, a, s, axes, norm)
        steps = _steps(name, a, s, axes, norm)
        result = NotImplemented if steps is None else _transformed(a, steps, out)
        return call_library(np_func, a, s, axes, norm, out=out) if result is NotImplemented else result

    return implements(np_func, cost=8)(body)


fft2 = _several(np.fft.fft2, "fft", (-2, -1))
ifft2 = _several(np.fft.ifft2, "ifft", (-2, -1))
rfft2 = _several(np.fft.rfft2, "rfft", (-2, -1))
irfft2 = _several(np.fft.irfft2, "irfft", (-2, -1))
fftn = _several(np.fft.fftn, "fft", None)
ifftn = _several(np.fft.ifftn, "ifft", None)
rfftn = _several(np.fft.rfftn, "rfft", None)
irfftn = _several(np.fft.irfftn, "irfft", None)
