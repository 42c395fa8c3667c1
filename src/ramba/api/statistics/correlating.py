"""Statistics: correlating."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ramba.api.manipulation.joining import concatenate
from ramba.api.math.convolution import are_vectors, convolved
from ramba.api.statistics.averages import average
from ramba.lazyarray import UFUNC, asarray, call_library, call_numpy, implements, ndarray, raise_like_numpy

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ramba.lazyarray.annotations import DType


@implements(np.cov, cost=4)
def cov(
    m: ArrayLike,
    y: ArrayLike | None = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: int | None = None,
    fweights: ArrayLike | None = None,
    aweights: ArrayLike | None = None,
    *,
    dtype: DType = None,
) -> Any:
    """The matrix of covariances."""
    several = [asarray(a) for a in (m, y) if a is not None]
    if fweights is not None or aweights is not None or any(a.ndim > 2 for a in several):
        return call_numpy(np.cov, m, y, rowvar, bias, ddof, fweights, aweights, dtype=dtype)
    if ddof is not None and ddof != int(ddof):
        raise ValueError("ddof must be integer")
    dtype = np.result_type(*[a.dtype for a in several], np.float64) if dtype is None else dtype
    rows = [_variables(a, rowvar or (place and a.shape[0] == 1)) for place, a in enumerate(several)]
    if len({a.shape[1] for a in rows}) > 1:
        raise_like_numpy(np.cov, m, y, rowvar, bias, ddof)
    x = rows[0] if y is None else concatenate(rows)
    if not x.size:
        return call_numpy(np.cov, m, y, rowvar, bias, ddof, dtype=dtype)
    freedom = x.shape[1] - (int(not bias) if ddof is None else ddof)
    if freedom <= 0:
        return call_numpy(np.cov, m, y, rowvar, bias, ddof, dtype=dtype)
    x = x.astype(dtype, copy=False)
    x = x - average(x, axis=1, keepdims=True)
    result = (UFUNC["matmul"](x, x.T.conj()) * np.true_divide(1, freedom)).astype(dtype, copy=False)
    return result.reshape(()) if result.shape == (1, 1) else result


def _variables(a: ndarray, rowvar: object) -> ndarray:
    """One row for each variable."""
    return a.reshape((1, -1)) if a.ndim < 2 else a if rowvar else a.T


@implements(np.corrcoef, cost=4)
def corrcoef(x: ArrayLike, y: ArrayLike | None = None, rowvar: bool = True, *, dtype: DType = None) -> Any:
    """The matrix of correlation coefficients."""
    if any(asarray(a).dtype.kind == "c" for a in (x, y) if a is not None):
        return call_numpy(np.corrcoef, x, y, rowvar, dtype=dtype)
    found = cov(x, y, rowvar, dtype=dtype)
    if not found.ndim:
        return found / found
    deviation = UFUNC["sqrt"](found.diagonal())
    return UFUNC["clip"](found / deviation[:, None] / deviation[None, :], -1, 1)


@implements(np.correlate, cost=8, kind="read 2")
def correlate(a: ArrayLike, v: ArrayLike, mode: str = "valid") -> Any:
    """The cross-correlation of two vectors."""
    a, v = asarray(a), asarray(v)
    result: Any = NotImplemented
    if are_vectors(np.correlate, a, v, mode):
        result = convolved(a, v[::-1].conj(), mode, turned=a.size < v.size)
    return call_library(np.correlate, a, v, mode) if result is NotImplemented else result
