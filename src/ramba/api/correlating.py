"""Correlating."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ramba.api.statistics import average
from ramba.lazyarray import (
    UFUNC,
    asarray,
    call_numpy,
    implements,
)

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
    if y is not None or fweights is not None or aweights is not None or asarray(m).ndim > 2:
        return call_numpy(np.cov, m, y, rowvar, bias, ddof, fweights, aweights, dtype=dtype)
    m = asarray(m)
    if ddof is not None and ddof != int(ddof):
        raise ValueError("ddof must be integer")
    dtype = np.result_type(m.dtype, np.float64) if dtype is None else dtype
    x = m.reshape((1, -1)) if m.ndim == 1 else m if rowvar or m.shape[0] == 1 else m.T
    if not x.size:
        return call_numpy(np.cov, m, y, rowvar, bias, ddof, dtype=dtype)
    freedom = x.shape[1] - (int(not bias) if ddof is None else ddof)
    if freedom <= 0:
        return call_numpy(np.cov, m, y, rowvar, bias, ddof, dtype=dtype)
    x = x.astype(dtype, copy=False)
    x = x - average(x, axis=1, keepdims=True)
    result = UFUNC["matmul"](x, x.T.conj()) * np.true_divide(1, freedom)
    return result.reshape(()) if result.shape == (1, 1) else result


@implements(np.corrcoef, cost=4)
def corrcoef(x: ArrayLike, y: ArrayLike | None = None, rowvar: bool = True, *, dtype: DType = None) -> Any:
    """The matrix of correlation coefficients."""
    if y is not None or asarray(x).dtype.kind == "c":
        return call_numpy(np.corrcoef, x, y, rowvar, dtype=dtype)
    found = cov(x, y, rowvar, dtype=dtype)
    if not found.ndim:
        return found / found
    deviation = UFUNC["sqrt"](found.diagonal())
    return UFUNC["clip"](found / deviation[:, None] / deviation[None, :], -1, 1)
