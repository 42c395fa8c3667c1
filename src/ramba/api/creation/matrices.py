"""Array creation: building matrices of a pattern, triangles, powers of a vector."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import numpy as np

from ramba.api.creation.from_shape import creates, empty, numpy, stays_in_numpy, zeros
from ramba.errors import caller
from ramba.lazyarray import (
    PLACING,
    arange1d,
    asarray,
    call_library,
    implements,
    must_fit,
    ndarray,
    raise_like_numpy,
    where,
    wrap,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ramba.lazyarray.annotations import DType


@creates(np.tri)
def tri(N: int, M: int | None = None, k: int = 0, dtype: DType = float, *, like: object = None) -> ndarray:
    """Ones at and below a diagonal, zeros above."""
    rows, columns = operator.index(N), operator.index(N if M is None else M)
    if stays_in_numpy(rows * columns, np.dtype(dtype)):
        return wrap(numpy.tri(N, M, k, dtype))
    must_fit((rows, columns), np.dtype(dtype))
    row, column = (arange1d(0, 1, extent, np.dtype(np.int64)) for extent in (rows, columns))
    return (row[:, None] + k >= column).astype(dtype)


@implements(np.tril, own=PLACING)
def tril(m: ArrayLike, k: int = 0) -> ndarray:
    """The array with zeros above a diagonal."""
    return _triangle(m, k, below=True)


@implements(np.triu, own=PLACING)
def triu(m: ArrayLike, k: int = 0) -> ndarray:
    """The array with zeros below a diagonal."""
    return _triangle(m, k - 1, below=False)


def _triangle(m: ArrayLike, k: int, *, below: bool) -> ndarray:
    m = asarray(m)
    if m.ndim == 0:
        raise_like_numpy(np.tril if below else np.triu, m)
    shape = m.shape[-2:] if m.ndim > 1 else (m.shape[0], m.shape[0])
    row, column = (arange1d(0, 1, extent, np.dtype(np.int64)) for extent in shape)
    inside = row[:, None] + k >= column
    zero = m.dtype.type(0)
    return where(inside, m, zero) if below else where(inside, zero, m)


@implements(np.vander, own=PLACING)
def vander(x: ArrayLike, N: int | None = None, increasing: bool = False) -> ndarray:
    """The matrix of powers of a vector."""
    x = asarray(x)
    if x.ndim != 1:
        raise ValueError("x must be a one-dimensional array or sequence.")
    columns = len(x) if N is None else N
    powers = empty((len(x), columns), np.promote_types(x.dtype, int))
    forward = powers if increasing else powers[:, ::-1]
    if columns > 0:
        forward[:, 0] = 1
    for column in range(1, columns):
        forward[:, column] = forward[:, column - 1] * x
    return powers


@implements(np.diag, own=PLACING)
def diag(v: ArrayLike, k: int = 0) -> ndarray:
    """The diagonal of a matrix, or the matrix of a diagonal."""
    v = asarray(v)
    if v.ndim == 2:
        return v.diagonal(k)
    if v.ndim != 1:
        raise ValueError("Input must be 1- or 2-d.")
    extent = len(v) + abs(k)
    result = zeros((extent, extent), v.dtype)
    start = k if k >= 0 else -k * extent
    result.reshape(-1)[start :: extent + 1][: len(v)] = v
    return result


@implements(np.diagflat, own=PLACING)
def diagflat(v: ArrayLike, k: int = 0) -> ndarray:
    """The matrix of a diagonal, from the flattened argument."""
    return diag(asarray(v).ravel(), k)


@implements(np.bmat, always=True)
def bmat(obj: Any, ldict: dict[str, Any] | None = None, gdict: dict[str, Any] | None = None) -> Any:
    """A matrix of blocks; those that a string names are the caller's variables."""
    if not isinstance(obj, str):
        return call_library(np.bmat, obj)
    if gdict is None:
        _, frame = caller()
        ldict, gdict = frame.f_locals, frame.f_globals
    return np.bmat(obj, ldict, gdict)
