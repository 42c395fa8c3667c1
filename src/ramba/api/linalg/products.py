"""Linear algebra: matrix and vector products, by BLAS."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, SupportsIndex

import numpy as np

from ramba.api.linalg.decompositions import inv
from ramba.api.manipulation.views import broadcast_to
from ramba.api.math.differences import cross
from ramba.lazyarray import (
    UFUNC,
    Array,
    asarray,
    call_library,
    implements,
    is_compiled,
    ndarray,
    products,
    raise_like_numpy,
    view_of,
)
from ramba.lazyarray.options import deliver

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ramba.lazyarray.annotations import Out


@implements(np.dot, kind="read 2")
def dot(a: ArrayLike, b: ArrayLike, out: Out = None) -> Any:
    """The dot product, by BLAS."""
    result = products.dot(asarray(a), asarray(b))
    if result is not NotImplemented:
        if out is not None and ((out.shape, out.dtype) != (result.shape, result.dtype) or not out.flags.c_contiguous):
            raise ValueError(
                "output array is not acceptable (must have the right datatype, number of dimensions, and be a C-Array)"
            )
        return deliver(result, out)
    return call_library(np.dot, a, b, out=out)


@implements(np.ndarray.dot, method="dot", kind="read 2")
def dot_method(self: ndarray, b: ArrayLike, out: Out = None) -> Any:
    """The dot product, by BLAS."""
    return dot(self, b, out)


@implements(np.vdot, kind="read 2")
def vdot(a: ArrayLike, b: ArrayLike, /) -> Any:
    """The dot product of two flattened arrays, the first conjugated."""
    first, second = asarray(a).ravel(), asarray(b).ravel()
    if first.shape != second.shape:
        raise_like_numpy(np.vdot, first, second)
    result = products.dot(first.conj(), second)
    return call_library(np.vdot, a, b) if result is NotImplemented else result


@implements(np.inner, kind="read 2")
def inner(a: ArrayLike, b: ArrayLike, /) -> Any:
    """The sum of products over the last axes."""
    a, b = asarray(a), asarray(b)
    if a.ndim and b.ndim and a.shape[-1] != b.shape[-1]:
        raise_like_numpy(np.inner, a, b)
    if not a.ndim or not b.ndim or b.ndim == 1:
        result = products.dot(a, b)
    else:
        result = products.tensordot(a, b, [a.ndim - 1], [b.ndim - 1])
    return call_library(np.inner, a, b) if result is NotImplemented else result


@implements(np.tensordot)
def tensordot(a: ArrayLike, b: ArrayLike, axes: int | tuple[Any, Any] = 2) -> Any:
    """The sum of products over chosen axes."""
    a, b = asarray(a), asarray(b)
    first, second = _axes_of_tensordot(a, b, axes)
    result = products.tensordot(a, b, first, second)
    return call_library(np.tensordot, a, b, axes=axes) if result is NotImplemented else result


def _axes_of_tensordot(a: ndarray, b: ndarray, axes: Any) -> tuple[list[int], list[int]]:
    """The axes to sum over, of both arrays; NumPy's refusal if they do not fit together."""
    try:
        pair: Any = (list(range(-axes, 0)), list(range(axes)))
    except TypeError:
        pair = axes
    first, second = [[int(side)] if np.ndim(side) == 0 else [int(d) for d in side] for side in pair]
    fits = len(first) == len(second) and all(
        -a.ndim <= p < a.ndim and -b.ndim <= q < b.ndim and a.shape[p] == b.shape[q]
        for p, q in zip(first, second, strict=True)
    )
    if not fits:
        raise_like_numpy(np.tensordot, a, b, axes)
    return [p % a.ndim for p in first], [q % b.ndim for q in second]


@implements(np.einsum)
def einsum(*operands: Any, out: Out = None, optimize: bool | str | Sequence[object] = False, **kwargs: object) -> Any:
    """Sums of products by Einstein's convention."""
    if len(operands) == 2 and isinstance(operands[0], str) and out is None and not kwargs:
        letters, arrow, wanted = operands[0].replace(" ", "").partition("->")
        if arrow and letters.isalpha() and isinstance(operands[1], Array) and set(letters) == set(wanted):
            return view_of(lambda array: np.einsum(operands[0], array), operands[1])  # nothing is summed
    if operands and isinstance(operands[0], str) and not kwargs:
        result = products.einsum(operands[0], [asarray(x) for x in operands[1:]])
        if result is not NotImplemented:
            return deliver(result if result.shape else result[()], out)
    return call_library(np.einsum, *operands, out=out, optimize=optimize, **kwargs)


@implements(np.linalg.matmul)
def linalg_matmul(x1: ArrayLike, x2: ArrayLike, /) -> Any:
    """The product of matrices."""
    return UFUNC["matmul"](x1, x2)


@implements(np.linalg.vecdot)
def linalg_vecdot(x1: ArrayLike, x2: ArrayLike, /, *, axis: int = -1) -> Any:
    """The sums of products along an axis."""
    return UFUNC["vecdot"](x1, x2, axis=axis)


@implements(np.linalg.tensordot)
def linalg_tensordot(x1: ArrayLike, x2: ArrayLike, /, *, axes: int | tuple[Any, Any] = 2) -> Any:
    """The sum of products over chosen axes."""
    return tensordot(x1, x2, axes)


@implements(np.linalg.matrix_power)
def matrix_power(a: ArrayLike, n: SupportsIndex) -> Any:
    """A matrix multiplied with itself so many times."""
    a = asarray(a)
    if not hasattr(n, "__index__") or a.ndim < 2 or a.shape[-1] != a.shape[-2] or not is_compiled(a.dtype):
        return call_library(np.linalg.matrix_power, a, n)
    n = operator.index(n)
    if n == 0:
        return broadcast_to(asarray(np.eye(a.shape[-1], dtype=a.dtype)), a.shape).copy()
    power = inv(a) if n < 0 else a
    n = abs(n)
    if n == 1:
        return power.copy() if power is a else power
    if n == 3:  # in NumPy's order
        return UFUNC["matmul"](UFUNC["matmul"](power, power), power)
    result = None
    while n:
        if n & 1:
            result = power if result is None else UFUNC["matmul"](result, power)
        n >>= 1
        power = UFUNC["matmul"](power, power) if n else power
    return result


@implements(np.outer, kind="pairs")
def outer(a: ArrayLike, b: ArrayLike, out: Out = None) -> Any:
    """All products of an element of one vector with one of the other."""
    first, second = asarray(a).ravel(), asarray(b).ravel()
    return UFUNC["multiply"](first[:, None], second[None, :], out=out)


@implements(np.linalg.outer, kind="pairs")
def linalg_outer(x1: ArrayLike, x2: ArrayLike, /) -> Any:
    """All products of an element of one vector with one of the other."""
    if asarray(x1).ndim != 1 or asarray(x2).ndim != 1:
        raise_like_numpy(np.linalg.outer, x1, x2)
    return outer(x1, x2)


@implements(np.kron, kind="pairs")
def kron(a: ArrayLike, b: ArrayLike) -> Any:
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


@implements(np.linalg.cross)
def linalg_cross(x1: ArrayLike, x2: ArrayLike, /, *, axis: int = -1) -> Any:
    """The vector products of vectors in space."""
    a, b = asarray(x1), asarray(x2)
    if a.shape[axis] != 3 or b.shape[axis] != 3:
        raise_like_numpy(np.linalg.cross, a, b, axis=axis)
    return cross(a, b, axis=axis)


@implements(np.linalg.multi_dot)
def multi_dot(arrays: Sequence[ArrayLike], *, out: Out = None) -> Any:
    """The product of several matrices, in the order that takes the fewest multiplications."""
    several: list[ndarray] = [asarray(a) for a in arrays]
    if len(several) < 2:
        raise_like_numpy(np.linalg.multi_dot, several)
    if len(several) < 3 or any(not is_compiled(a.dtype) for a in several):
        return dot(*several, out=out) if len(several) == 2 else call_library(np.linalg.multi_dot, arrays, out=out)
    if any(a.ndim != 2 for a in several[1:-1]) or not {several[0].ndim, several[-1].ndim} <= {1, 2}:
        raise_like_numpy(np.linalg.multi_dot, several)
    extents = [1] * (several[0].ndim == 1) + [e for a in several[:-1] for e in a.shape[:1]]
    extents += [*several[-1].shape, 1][:2]
    return deliver(_product(several, _cuts(extents), 0, len(several) - 1), out)


def _cuts(extents: list[int]) -> dict[tuple[int, int], int]:
    """Where to divide the product of matrices i to j, of ``extents[i]`` rows each (Cormen et al., 15.2)."""
    count, cuts = len(extents) - 1, {}
    costs = dict.fromkeys(((i, i) for i in range(count)), 0)
    for width in range(1, count):
        for i in range(count - width):
            j = i + width
            costs[i, j], cuts[i, j] = min(
                (costs[i, k] + costs[k + 1, j] + extents[i] * extents[k + 1] * extents[j + 1], k) for k in range(i, j)
            )
    return cuts


def _product(several: list[ndarray], cuts: dict[tuple[int, int], int], first: int, last: int) -> Any:
    if first == last:
        return several[first]
    cut = cuts[first, last]
    return dot(_product(several, cuts, first, cut), _product(several, cuts, cut + 1, last))
