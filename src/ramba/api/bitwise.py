"""Bit-wise operations: bits packed into bytes, and taken out of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ramba.api.creation.from_shape import zeros
from ramba.api.manipulation.joining import concatenate
from ramba.lazyarray import asarray, call_here, implements, ndarray, raise_like_numpy

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

_BITS = 8  # of a byte


def _along_last(a: ndarray, axis: int | None) -> tuple[ndarray, int]:
    """The array with its bits or bytes along the last axis, and the axis along which they were."""
    return (a.reshape(-1), 0) if axis is None or not a.ndim else (a.swapaxes(axis, -1), axis)


@implements(np.packbits, cost=4)
def packbits(a: ArrayLike, /, axis: int | None = None, bitorder: str = "big") -> Any:
    """Eight truths in a byte, the first of them in its highest bit or in its lowest."""
    here = call_here(np.packbits, a, axis, bitorder)  # which packs what is in memory as fast as it can be read
    if here is not NotImplemented:
        return here
    bits, place = _along_last(_checked(np.packbits, a, axis, bitorder=bitorder) != 0, axis)
    missing = -bits.shape[-1] % _BITS
    if missing:
        bits = concatenate([bits, zeros((*bits.shape[:-1], missing), bool)], axis=-1)
    eights = bits.reshape(*bits.shape[:-1], bits.shape[-1] // _BITS, _BITS).astype(np.uint8)
    packed = eights[..., 0]
    for bit in range(1, _BITS):
        packed = packed << 1 | eights[..., bit] if bitorder == "big" else packed | eights[..., bit] << bit
    return packed.swapaxes(place, -1)


@implements(np.unpackbits, cost=4)
def unpackbits(a: ArrayLike, /, axis: int | None = None, count: int | None = None, bitorder: str = "big") -> Any:
    """The bits of bytes, each in a byte of its own."""
    here = call_here(np.unpackbits, a, axis, count, bitorder)
    if here is not NotImplemented:
        return here
    packed, place = _along_last(_checked(np.unpackbits, a, axis, bitorder=bitorder), axis)
    if count is not None and count < -_BITS * packed.shape[-1]:
        raise_like_numpy(np.unpackbits, packed, -1, count)
    shifts = np.arange(_BITS, dtype=np.uint8)
    bits = packed[..., None] >> (shifts[::-1] if bitorder == "big" else shifts) & np.uint8(1)
    bits = bits.reshape(*packed.shape[:-1], packed.shape[-1] * _BITS)
    missing = 0 if count is None else count - bits.shape[-1]
    if missing > 0:
        bits = concatenate([bits, zeros((*bits.shape[:-1], missing), np.uint8)], axis=-1)
    return bits[..., :count].swapaxes(place, -1)


def _checked(np_func: Any, a: ArrayLike, axis: int | None, **options: Any) -> ndarray:
    """The array, for which NumPy's function accepts these arguments."""
    a = asarray(a)
    np_func(np.zeros((1,) * a.ndim, a.dtype), axis, **options)
    return a
