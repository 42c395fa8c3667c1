"""Panels of a matrix by LAPACK, and what the rest of the matrix loses by them, on all threads.

LAPACK comes with SciPy: NumPy shows no more of it than whole solutions. The functions are those of Golub and Van Loan,
*Matrix Computations* (2013): 3.2 (LU), 4.2 (Cholesky), 5.2 (products of Householder reflections as ``1 - V T V^H``).
"""

from __future__ import annotations

import importlib
import importlib.util
from functools import cache
from typing import Any

import numpy as np

from ramba.kernels.local import blas
from ramba.kernels.team import Team

_LETTERS = {"f": "s", "d": "d", "F": "c", "D": "z"}  # LAPACK's for NumPy's
TILE = 384  # rows and columns of a product that is subtracted while it lies in a core's cache


@cache
def is_there() -> bool:
    """Whether SciPy is."""
    return importlib.util.find_spec("scipy") is not None


def _routine(name: str, dtype: np.dtype) -> Any:
    """A function of LAPACK for a dtype."""
    return getattr(importlib.import_module("scipy.linalg.lapack"), _LETTERS[dtype.char] + name)


def lu(panel: np.ndarray) -> tuple[np.ndarray, np.ndarray, bool]:
    """A panel's factors in one matrix, the row that each of its rows was changed with, and whether a pivot is zero."""
    factors, pivots, info = _routine("getrf", panel.dtype)(panel)
    return factors, pivots, info > 0


def cholesky(block: np.ndarray) -> np.ndarray | None:
    """The lower factor of a positive definite matrix, of which the lower triangle is read; None of any other."""
    factor, info = _routine("potrf", block.dtype)(block, lower=1, clean=1)
    return None if info else factor


def qr(panel: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What is above the diagonal after reflections, and they as ``1 - V T V^H``: the triangle, V and T.

    T is after Schreiber and Van Loan, SIAM J. Sci. Stat. Comput. 10 (1989).
    """
    reflected, taus, _, _ = _routine("geqrf", panel.dtype)(panel)
    count = len(taus)
    v = np.tril(reflected[:, :count], -1)
    v[np.arange(count), np.arange(count)] = 1
    overlaps = v.conj().T @ v
    t = np.zeros((count, count), panel.dtype)
    for n, tau in enumerate(taus):
        t[:n, n] = -tau * (t[:n, :n] @ overlaps[:n, n])
        t[n, n] = tau
    return np.triu(reflected[:count]), v, t


def solved(triangle: np.ndarray, right: np.ndarray, *, lower: bool, unit: bool = False, conjugate: bool = False) -> Any:
    """``x`` such that ``triangle @ x`` (or the conjugate transpose of the triangle) is the right-hand side."""
    if not right.size:
        return right
    module = importlib.import_module("scipy.linalg.blas")
    trsm = getattr(module, _LETTERS[triangle.dtype.char] + "trsm")
    return trsm(1, triangle, right, lower=lower, diag=unit, trans_a=2 if conjugate else 0)


def subtract_product(team: Team, out: np.ndarray, a: np.ndarray, b: np.ndarray) -> None:
    """``out -= a @ b``, tile by tile."""
    if out.strides[0] < out.strides[1]:  # the product lies as what it is taken from: that halves the time
        out, a, b = out.T, b.T, a.T
    rows, columns = out.shape
    if not rows or not columns:
        return
    across = -(-columns // TILE)

    def tile(n: int) -> None:
        down, right = divmod(n, across)
        at = (slice(down * TILE, (down + 1) * TILE), slice(right * TILE, (right + 1) * TILE))
        out[at] -= a[at[0]] @ b[:, at[1]]

    with blas.one_thread_each():
        team.map(tile, -(-rows // TILE) * across)


def swap_rows(matrix: np.ndarray, first: int, pivots: np.ndarray) -> None:
    """Changes row ``first + n`` with row ``first + pivots[n]``, one after the other; each column is consecutive."""
    if matrix.size:
        changed = np.concatenate([np.arange(first), first + pivots]).astype(np.intc)
        moved = _routine("laswp", matrix.dtype)(matrix, changed, k1=first, k2=len(changed) - 1, overwrite_a=1)
        if moved.ctypes.data != matrix.ctypes.data:
            matrix[...] = moved


__all__ = ["cholesky", "is_there", "lu", "qr", "solved", "subtract_product", "swap_rows"]
