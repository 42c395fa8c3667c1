"""Linear algebra on one matrix that lies on workers: it is factored there, and no worker ever holds all of it.

What only a gathered matrix gives is left to NumPy: eigenvalues, singular values of matrices that are neither tall nor
wide, complete bases.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ramba.engine import ENGINE
from ramba.kernels.elimination import floating
from ramba.kernels.local import lapack
from ramba.kernels.orthogonal import is_tall
from ramba.lazyarray import IMPLEMENTED, UFUNC, asarray, call, gathers, is_compiled, many, ndarray

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def of_matrix(name: str, operands: list[ndarray], options: dict[str, Any]) -> Any:
    """What a function of numpy.linalg gives for one matrix; NotImplemented if NumPy has to do it."""
    if name not in _WAYS or not all(x.ndim == 2 and x.size for x in operands) or not _is_shared_out(operands):
        return NotImplemented
    rows, columns = operands[0].shape
    return _WAYS[name](*operands, **options) if name not in _SQUARE or rows == columns else NotImplemented


def _is_shared_out(operands: list[ndarray]) -> bool:
    """Whether operands lie on workers, which can factor them."""
    numbers = all(is_compiled(x.dtype) and x.dtype.kind != "b" for x in operands)
    return numbers and many(operands) and gathers.on_workers(*operands) and lapack.is_there()


def _solve(a: ndarray, b: ndarray) -> Any:
    return call("solve_matrix", [a, b], now=True)[0]


def _inv(a: ndarray) -> Any:
    return call("inv_matrix", [a], now=True)[0]


def _cholesky(a: ndarray, upper: bool = False) -> Any:
    (factor,) = call("cholesky_matrix", [a.conj().T if upper else a], now=True)
    return factor.conj().T.copy() if upper else factor


def _slogdet(a: ndarray) -> Any:
    kind: Any = type(np.linalg.slogdet(np.zeros((0, 0))))
    return kind(*call("slogdet_matrix", [a], now=True))


def _det(a: ndarray) -> Any:
    sign, log = _slogdet(a)
    return sign * UFUNC["exp"](log)


def _qr(a: ndarray, mode: str = "reduced") -> Any:
    if mode not in ("reduced", "r"):
        return NotImplemented
    found = call("qr_matrix", [a], mode, now=True)
    kind: Any = type(np.linalg.qr(np.zeros((1, 1))))
    return found[0] if mode == "r" else kind(*found)


def _workers() -> int:
    backend: Any = ENGINE.backend
    return int(backend.size)


def _triplet(a: ndarray) -> tuple[ndarray, ndarray, ndarray] | None:
    """The reduced singular value decomposition of a tall or wide matrix; None of another."""
    if is_tall(a.shape, _workers()):
        u, s, vh = call("svd_tall", [a], now=True)
        return u, s, vh
    if is_tall(a.shape[::-1], _workers()):
        v, s, uh = call("svd_tall", [a.conj().T], now=True)
        return uh.conj().T, s, v.conj().T
    return None


def _svd(a: ndarray, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> Any:
    if hermitian or (compute_uv and full_matrices):
        return NotImplemented
    found = _triplet(a)
    if found is None:
        return NotImplemented
    kind: Any = type(np.linalg.svd(np.zeros((1, 1))))
    return kind(*found) if compute_uv else found[1]


def _svdvals(a: ndarray) -> Any:
    found = _triplet(a)
    return NotImplemented if found is None else found[1]


def _cond(a: ndarray, p: Any = None) -> Any:
    values = _svdvals(a) if p in (None, 2, -2) else NotImplemented
    if values is NotImplemented:
        return values
    found = np.asarray(values)
    with np.errstate(all="ignore"):
        ratio = found[-1] / found[0] if p == -2 else found[0] / found[-1]
    return ratio.dtype.type(np.inf) if np.isnan(ratio) and not np.isnan(found).any() else ratio


def _matrix_rank(a: ndarray, tol: Any = None, hermitian: bool = False, *, rtol: Any = None) -> Any:
    values = NotImplemented if hermitian or (tol is not None and rtol is not None) else _svdvals(a)
    if values is NotImplemented:
        return values
    found = np.asarray(values)
    if tol is None:
        tol = found.max() * (max(a.shape) * np.finfo(found.dtype).eps if rtol is None else rtol)
    return np.count_nonzero(found > tol, axis=-1)


def _pinv(a: ndarray, rcond: Any = None, hermitian: bool = False, **other: Any) -> Any:
    found = None if hermitian or (rcond is not None and other) else _triplet(a)
    if found is None:
        return NotImplemented
    if rcond is None:
        relative = other.get("rtol", 1e-15)
        rcond = max(a.shape) * np.finfo(found[1].dtype).eps if relative is None else relative
    return _inverted(found, rcond)[0]


def _inverted(triplet: tuple[ndarray, ndarray, ndarray], relative: float) -> tuple[Any, int]:
    """The pseudo-inverse by singular values, of which small ones are left out, and how many are left."""
    u, values, vh = triplet
    found = np.asarray(values)
    large = found > relative * found.max()
    inverse = np.divide(1, found, where=large, out=np.zeros_like(found))
    return UFUNC["matmul"](vh.conj().T, asarray(inverse)[:, None] * u.conj().T), int(large.sum())


def lstsq(a: ndarray, b: ndarray, rcond: float | None) -> Any:
    """``np.linalg.lstsq`` of a tall or wide matrix on workers; NotImplemented if NumPy has to do it."""
    right = b[:, None] if b.ndim == 1 else b
    fits = a.ndim == right.ndim == 2 and a.shape[0] == right.shape[0] and a.size and right.size
    if not fits or not _is_shared_out([a, right]):
        return NotImplemented
    if rcond is None:
        rcond = np.finfo(floating(a.dtype, b.dtype)).eps * max(a.shape)
    if is_tall(a.shape, _workers()):
        x, missed, rank, values = call("lstsq_tall", [a, right], float(rcond), now=True)
        count = np.asarray(rank)[0]
    else:
        found = _triplet(a)
        if found is None:
            return NotImplemented
        values, missed = found[1], None
        inverse, count = _inverted(found, rcond)
        x = UFUNC["matmul"](inverse, right)
    if missed is None or not count == a.shape[1] < a.shape[0]:
        missed = asarray(np.empty(0, values.dtype))
    return (x[:, 0] if b.ndim == 1 else x), missed, np.int32(count), values


def svd_compressed(
    a: ArrayLike,
    k: int,
    *,
    n_power_iter: int = 2,
    n_oversamples: int = 10,
    rng: int | np.random.Generator | None = None,
) -> tuple[ndarray, ndarray, ndarray]:
    """The largest singular values of a matrix and their vectors, by random projection.

    The matrix is multiplied with thin ones only: it stays where it lies.

    Parameters
    ----------
    a : (M, N) array_like
        A matrix of numbers.
    k : int
        How many singular values, at most ``min(M, N)``.
    n_power_iter : int, optional
        How often the projection is sharpened. More for singular values that fall slowly.
    n_oversamples : int, optional
        How many more vectors are projected than are given.
    rng : int or Generator, optional
        Where the random matrix comes from: a generator of NumPy's, or the seed of one.

    Returns
    -------
    u : (M, k) ndarray
    s : (k,) ndarray
        Singular values, the largest first.
    vh : (k, N) ndarray

    Raises
    ------
    ValueError
        If `a` is no matrix, or `k` is not between 1 and ``min(M, N)``.

    References
    ----------
    Halko, Martinsson, Tropp: Finding structure with randomness, SIAM Review 53 (2011), algorithms 4.4 and 5.1.

    Examples
    --------
    >>> import ramba as np
    >>> a = np.outer(np.arange(1.0, 5), np.ones(3))
    >>> u, s, vh = np.linalg.svd_compressed(a, 1)
    >>> np.allclose(u * s @ vh, a)
    True
    """
    matrix: ndarray = asarray(a)
    if matrix.ndim != 2 or not 1 <= k <= min(matrix.shape):
        raise ValueError(f"{k} singular values of an array of shape {matrix.shape}")
    start = np.random.default_rng(rng).standard_normal((matrix.shape[1], min(k + n_oversamples, *matrix.shape)))
    u, s, vh = _projected(matrix, start, n_power_iter)
    return u[:, :k], s[:k], vh[:k]


def _projected(a: ndarray, start: np.ndarray, times: int) -> tuple[ndarray, ndarray, ndarray]:
    """The singular values of what a matrix makes of a few vectors."""
    matmul, qr = UFUNC["matmul"], IMPLEMENTED[np.linalg.qr]
    if a.dtype.char in "fF":
        start = start.astype(np.float32)
    basis = qr(matmul(a, asarray(start)))[0]
    for _ in range(times):
        basis = qr(matmul(a.conj().T, basis))[0]
        basis = qr(matmul(a, basis))[0]
    across, triangle = qr(matmul(a.conj().T, basis))
    u, s, vh = np.linalg.svd(np.asarray(triangle).conj().T)
    return matmul(basis, asarray(u)), asarray(s), matmul(asarray(vh), across.conj().T)


_SQUARE = ("solve", "inv", "cholesky", "slogdet", "det")
_WAYS: dict[str, Callable[..., Any]] = {
    "solve": _solve,
    "inv": _inv,
    "cholesky": _cholesky,
    "slogdet": _slogdet,
    "det": _det,
    "qr": _qr,
    "svd": _svd,
    "svdvals": _svdvals,
    "cond": _cond,
    "matrix_rank": _matrix_rank,
    "pinv": _pinv,
}


__all__ = ["lstsq", "of_matrix", "svd_compressed"]
