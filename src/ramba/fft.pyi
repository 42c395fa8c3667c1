"""Fourier transforms: the names of `numpy.fft`."""

# Written by `make stubs` with NumPy 2.4.6: not to be edited by hand.

from collections.abc import Sequence
from typing import Any, Literal, SupportsIndex, TypeAlias

import numpy
from numpy.typing import ArrayLike

from ramba import ndarray

_AnyArray: TypeAlias = ndarray | numpy.ndarray[Any, Any]

def fft(
    a: ArrayLike,
    n: int | None = None,
    axis: int = -1,
    norm: Literal["backward", "ortho", "forward"] | None = None,
    out: _AnyArray | None = None,
) -> ndarray: ...
def fft2(
    a: ArrayLike,
    s: Sequence[int] | None = None,
    axes: Sequence[int] | None = ...,
    norm: Literal["backward", "ortho", "forward"] | None = None,
    out: _AnyArray | None = None,
) -> ndarray: ...
def fftfreq(n: int | numpy.generic, d: ArrayLike = ..., device: Literal["cpu"] | None = None) -> ndarray: ...
def fftn(
    a: ArrayLike,
    s: Sequence[int] | None = None,
    axes: Sequence[int] | None = None,
    norm: Literal["backward", "ortho", "forward"] | None = None,
    out: _AnyArray | None = None,
) -> ndarray: ...
def fftshift(x: ArrayLike, axes: SupportsIndex | Sequence[SupportsIndex] | None = None) -> ndarray: ...
def hfft(
    a: ArrayLike,
    n: int | None = None,
    axis: int = -1,
    norm: Literal["backward", "ortho", "forward"] | None = None,
    out: _AnyArray | None = None,
) -> ndarray: ...
def ifft(
    a: ArrayLike,
    n: int | None = None,
    axis: int = -1,
    norm: Literal["backward", "ortho", "forward"] | None = None,
    out: _AnyArray | None = None,
) -> ndarray: ...
def ifft2(
    a: ArrayLike,
    s: Sequence[int] | None = None,
    axes: Sequence[int] | None = ...,
    norm: Literal["backward", "ortho", "forward"] | None = None,
    out: _AnyArray | None = None,
) -> ndarray: ...
def ifftn(
    a: ArrayLike,
    s: Sequence[int] | None = None,
    axes: Sequence[int] | None = None,
    norm: Literal["backward", "ortho", "forward"] | None = None,
    out: _AnyArray | None = None,
) -> ndarray: ...
def ifftshift(x: ArrayLike, axes: SupportsIndex | Sequence[SupportsIndex] | None = None) -> ndarray: ...
def ihfft(
    a: ArrayLike,
    n: int | None = None,
    axis: int = -1,
    norm: Literal["backward", "ortho", "forward"] | None = None,
    out: _AnyArray | None = None,
) -> ndarray: ...
def irfft(
    a: ArrayLike,
    n: int | None = None,
    axis: int = -1,
    norm: Literal["backward", "ortho", "forward"] | None = None,
    out: _AnyArray | None = None,
) -> ndarray: ...
def irfft2(
    a: ArrayLike,
    s: Sequence[int] | None = None,
    axes: Sequence[int] | None = ...,
    norm: Literal["backward", "ortho", "forward"] | None = None,
    out: _AnyArray | None = None,
) -> ndarray: ...
def irfftn(
    a: ArrayLike,
    s: Sequence[int] | None = None,
    axes: Sequence[int] | None = None,
    norm: Literal["backward", "ortho", "forward"] | None = None,
    out: _AnyArray | None = None,
) -> ndarray: ...
def rfft(
    a: ArrayLike,
    n: int | None = None,
    axis: int = -1,
    norm: Literal["backward", "ortho", "forward"] | None = None,
    out: _AnyArray | None = None,
) -> ndarray: ...
def rfft2(
    a: ArrayLike,
    s: Sequence[int] | None = None,
    axes: Sequence[int] | None = ...,
    norm: Literal["backward", "ortho", "forward"] | None = None,
    out: _AnyArray | None = None,
) -> ndarray: ...
def rfftfreq(n: int | numpy.generic, d: ArrayLike = ..., device: Literal["cpu"] | None = None) -> ndarray: ...
def rfftn(
    a: ArrayLike,
    s: Sequence[int] | None = None,
    axes: Sequence[int] | None = None,
    norm: Literal["backward", "ortho", "forward"] | None = None,
    out: _AnyArray | None = None,
) -> ndarray: ...
