"""Array manipulation: basic operations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ramba.api.manipulation.views import broadcast_to
from ramba.lazyarray import Array, asarray, call_library, check_assignable, implements, ndarray, raise_like_numpy, where

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ramba.lazyarray.annotations import Casting


@implements(np.shape)
def shape(a: ArrayLike) -> tuple[int, ...]:
    """The shape."""
    return asarray(a).shape


@implements(np.ndim)
def ndim(a: ArrayLike) -> int:
    """The number of dimensions."""
    return asarray(a).ndim


@implements(np.size)
def size(a: ArrayLike, axis: int | tuple[int, ...] | None = None) -> int:
    """The number of elements, in all or along axes."""
    return np.size(np.broadcast_to(np.int8(0), asarray(a).shape), axis)


@implements(np.copyto)
def copyto(dst: ndarray, src: ArrayLike, casting: Casting = "same_kind", where: ArrayLike = True) -> None:
    """Copies values into an array, on request only where a mask allows."""
    if not isinstance(dst, Array):
        call_library(np.copyto, dst, src, casting=casting, where=where)
        return
    if isinstance(src, Array | np.ndarray):
        source: Any = asarray(src)
        np.copyto(np.empty(0, dst.dtype), np.empty(0, source.dtype), casting=casting)  # NumPy's check of the dtypes
    else:
        source = np.empty(np.shape(src), dst.dtype)
        np.copyto(source, src, casting=casting)
    if where is True:
        dst[...] = source
        return
    allowed = asarray(where) if isinstance(where, Array | np.ndarray) else asarray(np.asarray(where, bool))
    if allowed.dtype.kind != "b":
        raise TypeError(f"Cannot cast array data from {allowed.dtype!r} to dtype('bool') according to the rule 'safe'")
    if allowed.ndim > dst.ndim:
        raise_like_numpy(np.copyto, np.empty(dst.shape, dst.dtype), 0, where=allowed)
    check_assignable(source.shape, dst.shape)
    mask, source = broadcast_to(allowed, dst.shape), asarray(source)
    while source.ndim > dst.ndim:  # of extent one
        source = source[0]
    dst[...] = _chosen(mask, broadcast_to(source.astype(dst.dtype, copy=False), dst.shape), dst)


def _chosen(mask: ndarray, new: ndarray, old: ndarray) -> Any:
    return where(mask, new, old)
