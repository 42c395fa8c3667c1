"""Linear algebra: norms and other numbers, by fused sums; diagonals and transposes of stacks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ramba.api.indexing.taking import diagonal
from ramba.api.linalg.decompositions import svdvals
from ramba.api.manipulation.views import moveaxis, viewing
from ramba.lazyarray import UFUNC, asarray, call_library, implements, ndarray, raise_like_numpy

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, DTypeLike

    from ramba.lazyarray.annotations import Axes, DType, Out


@implements(np.linalg.norm)
def norm(x: ArrayLike, ord: float | str | None = None, axis: Axes = None, keepdims: bool = False) -> Any:
    """The norm of vectors or matrices: fused sums where no decomposition is needed."""
    array: ndarray = asarray(x)
    if array.dtype.kind not in "fc":
        array = array.astype(float)
    if axis is None and (ord is None or (ord in ("f", "fro") and array.ndim == 2) or (ord == 2 and array.ndim == 1)):
        return UFUNC["sqrt"](UFUNC["add"].reduce(_square(array), axis=None, keepdims=keepdims))
    if axis is None:
        axes = tuple(range(array.ndim))
    else:
        axes = axis if isinstance(axis, tuple) else (axis,)
    if not all(isinstance(along, int | np.integer) for along in axes):
        return call_library(np.linalg.norm, array, ord, axis, keepdims)
    axes = tuple(np.lib.array_utils.normalize_axis_index(along, array.ndim) for along in axes)
    if len(axes) == 1 and not isinstance(ord, str):
        return _vector_norm(array, ord, axes[0], keepdims)
    if len(axes) == 2 and axes[0] != axes[1] and ord in (None, "f", "fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf):
        return _matrix_norm(array, ord, axes, keepdims)
    return raise_like_numpy(np.linalg.norm, array, ord, axes, keepdims)


def _vector_norm(x: ndarray, ord: float | str | None, axis: int, keepdims: bool) -> Any:
    if ord == np.inf:
        return UFUNC["maximum"].reduce(abs(x), axis=axis, keepdims=keepdims, initial=0)
    if ord == -np.inf:
        return UFUNC["minimum"].reduce(abs(x), axis=axis, keepdims=keepdims)
    if ord == 0:
        return UFUNC["add"].reduce(asarray(x != 0).astype(x.real.dtype), axis=axis, keepdims=keepdims)
    if ord is None or ord == 2:
        return UFUNC["sqrt"](UFUNC["add"].reduce(_square(x), axis=axis, keepdims=keepdims))
    if ord == 1:
        return UFUNC["add"].reduce(abs(x), axis=axis, keepdims=keepdims)
    total = UFUNC["add"].reduce(abs(x) ** ord, axis=axis, keepdims=keepdims)
    return total ** (total.dtype.type(1) / total.dtype.type(ord))


def _matrix_norm(x: ndarray, ord: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    if ord in (None, "f", "fro"):
        return UFUNC["sqrt"](UFUNC["add"].reduce(_square(x), axis=axes, keepdims=keepdims))
    if ord in (2, -2, "nuc"):
        parts, over = svdvals(moveaxis(x, axes, (-2, -1))), -1
        fold = {2: "maximum", -2: "minimum", "nuc": "add"}[ord]
    else:
        parts = UFUNC["add"].reduce(abs(x), axis=axes[0] if abs(ord) == 1 else axes[1])
        over = axes[1] - (axes[0] < axes[1]) if abs(ord) == 1 else axes[0] - (axes[1] < axes[0])
        fold = "maximum" if ord > 0 else "minimum"
    start: Any = {} if fold == "minimum" else {"initial": 0}
    result = UFUNC[fold].reduce(parts, axis=over, **start)
    kept = tuple(1 if d in axes else extent for d, extent in enumerate(x.shape))
    return result.reshape(kept) if keepdims else result


@implements(np.linalg.vector_norm)
def vector_norm(x: ArrayLike, /, *, axis: Axes = None, keepdims: bool = False, ord: Any = 2) -> Any:
    """The norm of vectors that lie along any axes."""
    x = asarray(x)
    if axis is None or isinstance(axis, tuple):
        axes = tuple(range(x.ndim)) if axis is None else np.lib.array_utils.normalize_axis_tuple(axis, x.ndim)
        others = tuple(extent for d, extent in enumerate(x.shape) if d not in axes)
        vectors = moveaxis(x, axes, range(len(axes))).reshape((-1 if x.size else 0, *others))
    else:
        axes, vectors = np.lib.array_utils.normalize_axis_tuple(axis, x.ndim), x
    result = norm(vectors, ord, 0 if vectors is not x else axis)
    kept = tuple(1 if d in axes else extent for d, extent in enumerate(x.shape))
    return result.reshape(kept) if keepdims else result


@implements(np.linalg.matrix_norm)
def matrix_norm(x: ArrayLike, /, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    """The norms of matrices in a stack."""
    return norm(x, ord, (-2, -1), keepdims)


def _square(x: ndarray) -> Any:
    return x.real * x.real + x.imag * x.imag if x.dtype.kind == "c" else x * x


@implements(np.linalg.trace)
def linalg_trace(x: ArrayLike, /, *, offset: int = 0, dtype: DTypeLike | None = None) -> Any:
    """The sums over diagonals of the last two axes."""
    x = asarray(x)
    return trace(x, offset, -2, -1, dtype) if x.ndim > 1 else raise_like_numpy(np.linalg.trace, x)


@implements(np.trace, method="trace")
def trace(a: ArrayLike, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: DType = None, out: Out = None) -> Any:
    """The sum over a diagonal."""
    return UFUNC["add"].reduce(diagonal(asarray(a), offset, axis1, axis2), axis=-1, dtype=dtype, out=out)


linalg_diagonal = viewing(np.linalg.diagonal)
linalg_matrix_transpose = viewing(np.linalg.matrix_transpose)
