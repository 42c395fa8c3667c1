"""Linear algebra: products by BLAS, and what is a sum or a view by the fused kernels."""

from __future__ import annotations

from typing import Any

import numpy as np

from ramba.api.views import broadcast_to
from ramba.lazyarray import UFUNC, asarray, call_library, implements, raise_like_numpy


@implements(np.dot)
def dot(a: Any, b: Any, out: Any = None) -> Any:
    """The dot product, by BLAS."""
    return call_library(np.dot, a, b, out=out)


@implements(np.ndarray.dot, method="dot")
def dot_method(self: Any, b: Any, out: Any = None) -> Any:
    """The dot product, by BLAS."""
    return dot(self, b, out)


@implements(np.vdot)
def vdot(a: Any, b: Any, /) -> Any:
    """The dot product of two flattened arrays, the first conjugated."""
    return call_library(np.vdot, a, b)


@implements(np.inner)
def inner(a: Any, b: Any, /) -> Any:
    """The sum of products over the last axes."""
    return call_library(np.inner, a, b)


@implements(np.tensordot)
def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """The sum of products over chosen axes."""
    return call_library(np.tensordot, a, b, axes=axes)


@implements(np.einsum)
def einsum(*operands: Any, out: Any = None, optimize: Any = False, **kwargs: Any) -> Any:
    """Sums of products by Einstein's convention."""
    return call_library(np.einsum, *operands, out=out, optimize=optimize, **kwargs)


@implements(np.outer)
def outer(a: Any, b: Any, out: Any = None) -> Any:
    """All products of an element of one vector with one of the other."""
    first, second = asarray(a).ravel(), asarray(b).ravel()
    return UFUNC["multiply"](first[:, None], second[None, :], out=out)


@implements(np.linalg.outer)
def linalg_outer(x1: Any, x2: Any, /) -> Any:
    """All products of an element of one vector with one of the other."""
    if asarray(x1).ndim != 1 or asarray(x2).ndim != 1:
        raise_like_numpy(np.linalg.outer, x1, x2)
    return outer(x1, x2)


@implements(np.kron)
def kron(a: Any, b: Any) -> Any:
    """The Kronecker product."""
    a, b = asarray(a), asarray(b)
    ndim = max(a.ndim, b.ndim)
    if not a.ndim or not b.ndim:
        return UFUNC["multiply"](a, b)
    left, right = ((1,) * (ndim - x.ndim) + x.shape for x in (a, b))
    spread_left = [extent for pair in zip(left, (1,) * ndim, strict=True) for extent in pair]
    spread_right = [extent for pair in zip((1,) * ndim, right, strict=True) for extent in pair]
    product = UFUNC["multiply"](a.reshape(spread_left), b.reshape(spread_right))
    return product.reshape(tuple([m * n for m, n in zip(left, right, strict=True)]))


@implements(np.linalg.norm)
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """The norm of vectors or matrices: fused sums where no decomposition is needed."""
    x = asarray(x)
    if x.dtype.kind not in "fc":
        x = x.astype(float)
    flat = axis is None and (ord is None or (ord in ("f", "fro") and x.ndim == 2) or (ord == 2 and x.ndim == 1))
    single = (
        isinstance(axis, int | np.integer)
        or (axis is None and x.ndim == 1)
        or (isinstance(axis, tuple) and len(axis) == 1)
    )
    if flat:
        return UFUNC["sqrt"](UFUNC["add"].reduce(_square(x), axis=None, keepdims=keepdims))
    if not single or isinstance(ord, str):
        return call_library(np.linalg.norm, x, ord, axis, keepdims)
    axis = 0 if axis is None else axis
    if ord == np.inf:
        return UFUNC["maximum"].reduce(abs(x), axis=axis, keepdims=keepdims, initial=0)
    if ord == -np.inf:
        return UFUNC["minimum"].reduce(abs(x), axis=axis, keepdims=keepdims)
    if ord == 0:
        return UFUNC["add"].reduce((x != 0).astype(x.real.dtype), axis=axis, keepdims=keepdims)
    if ord is None or ord == 2:
        return UFUNC["sqrt"](UFUNC["add"].reduce(_square(x), axis=axis, keepdims=keepdims))
    if ord == 1:
        return UFUNC["add"].reduce(abs(x), axis=axis, keepdims=keepdims)
    total = UFUNC["add"].reduce(abs(x) ** ord, axis=axis, keepdims=keepdims)
    return total ** (total.dtype.type(1) / total.dtype.type(ord))


def _square(x: Any) -> Any:
    return x.real * x.real + x.imag * x.imag if x.dtype.kind == "c" else x * x


@implements(np.linalg.trace)
def linalg_trace(x: Any, /, *, offset: int = 0, dtype: Any = None) -> Any:
    """The sums over diagonals of the last two axes."""
    x = asarray(x)
    rows, columns = x.shape[-2:] if x.ndim > 1 else raise_like_numpy(np.linalg.trace, x)
    chosen = np.eye(rows, columns, offset, dtype=bool)
    return UFUNC["add"].reduce(x, axis=(-2, -1), dtype=dtype, where=broadcast_to(asarray(chosen), x.shape))
