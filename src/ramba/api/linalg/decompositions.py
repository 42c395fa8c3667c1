"""Linear algebra: inverses, solutions, determinants, decompositions, of one matrix or of each of a stack."""

from __future__ import annotations

import inspect
import operator
from collections.abc import Iterable
from functools import lru_cache
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from ramba.api.linalg import factors
from ramba.api.manipulation.views import broadcast_to
from ramba.lazyarray import UFUNC, asarray, call, call_library, implements, is_compiled, ndarray, raise_like_numpy

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def _function(name: str) -> Any:
    """The Ramba form of a function of one stack, whose members are shared out over threads and workers."""
    np_func = getattr(np.linalg, name)
    signature = inspect.signature(np_func)

    def body(*args: object, **kwargs: object) -> Any:
        given = dict(signature.bind(*args, **kwargs).arguments)
        a, *options = given.items()
        operands = [asarray(a[1])]
        _check(name, operands, tuple(options))
        result = factors.of_matrix(name, operands, dict(options))
        if result is NotImplemented:
            result = _of_stack(name, operands, tuple(options))
        return call_library(np_func, *args, **kwargs) if result is NotImplemented else result

    return implements(np_func, cost=8)(body)


def _of_stack(name: str, operands: list[ndarray], options: tuple[tuple[str, Any], ...]) -> Any:
    """What a function of numpy.linalg makes of stacks of one shape; NotImplemented for what is not such a stack."""
    if not _is_plain(options) or not all(a.ndim > 2 and a.size and is_compiled(a.dtype) for a in operands):
        return NotImplemented
    kind = _type(name, tuple((a.dtype, a.shape[-2:]) for a in operands), options)
    found = call(name, operands, options)
    if name in ("eig", "eigvals") and operands[0].dtype.kind != "c":
        found = _real_if_all_are(found)
    return kind(found)


def _is_plain(options: tuple[tuple[str, Any], ...]) -> bool:
    return all(isinstance(value, bool | int | float | str | None) for _, value in options)


def _check(name: str, operands: list[ndarray], options: tuple[tuple[str, Any], ...]) -> None:
    """Has NumPy refuse shapes and options of matrices of numbers, before any is fetched or factored."""
    if _is_plain(options) and all(a.ndim > 1 and is_compiled(a.dtype) for a in operands):
        _type(name, tuple((a.dtype, a.shape[-2:]) for a in operands), options)


@lru_cache(maxsize=1024)
def _type(name: str, members: tuple[tuple[Any, tuple[int, ...]], ...], options: tuple[tuple[str, Any], ...]) -> Any:
    """What makes the result out of its arrays; NumPy checks dtypes, shapes of members and options."""
    probe = getattr(np.linalg, name)(*[np.zeros((0, *shape), dtype) for dtype, shape in members], **dict(options))
    if not isinstance(probe, tuple):
        return operator.itemgetter(0)
    return getattr(probe, "_make", tuple)


def _real_if_all_are(found: list[ndarray]) -> list[ndarray]:
    """Eigenvalues of real matrices, and what belongs to them, as real numbers if none has an imaginary part."""
    if bool(UFUNC["logical_or"].reduce(found[0].imag != 0, axis=None)):
        return found
    return [item.real.copy() for item in found]


inv = _function("inv")
pinv = _function("pinv")
det = _function("det")
slogdet = _function("slogdet")
matrix_rank = _function("matrix_rank")
cond = _function("cond")
cholesky = _function("cholesky")
qr = _function("qr")
eig = _function("eig")
eigvals = _function("eigvals")
eigh = _function("eigh")
eigvalsh = _function("eigvalsh")
svd = _function("svd")
svdvals = _function("svdvals")


@implements(np.linalg.solve, cost=8)
def solve(a: ArrayLike, b: ArrayLike) -> Any:
    """The solutions of systems of linear equations, one for each member of the stack."""
    matrices, right = asarray(a), asarray(b)
    columns = right[:, None] if right.ndim == 1 else right
    if matrices.ndim < 2 or columns.ndim < 2 or matrices.shape[-1] != columns.shape[-2]:
        raise_like_numpy(np.linalg.solve, matrices, right)
    try:
        stack = np.broadcast_shapes(matrices.shape[:-2], columns.shape[:-2])
    except ValueError:
        raise_like_numpy(np.linalg.solve, matrices, right)
    result = factors.of_matrix("solve", [matrices, columns], {})
    if result is NotImplemented:
        result = _of_stack("solve", [broadcast_to(x, stack + x.shape[-2:]) for x in (matrices, columns)], ())
    if result is NotImplemented:
        return call_library(np.linalg.solve, a, b)
    return result[..., 0] if right.ndim == 1 else result


@implements(np.linalg.lstsq, cost=8)
def lstsq(a: ArrayLike, b: ArrayLike, rcond: float | None = None) -> Any:
    """The solutions of systems of equations that come nearest."""
    matrix, right = asarray(a), asarray(b)
    if matrix.ndim != 2 or right.ndim not in (1, 2) or matrix.shape[0] != right.shape[0]:
        raise_like_numpy(np.linalg.lstsq, matrix, right)
    result = factors.lstsq(matrix, right, rcond)
    return call_library(np.linalg.lstsq, a, b, rcond) if result is NotImplemented else result


@implements(np.linalg.tensorsolve, cost=8)
def tensorsolve(a: ArrayLike, b: ArrayLike, axes: Iterable[int] | None = None) -> Any:
    """The solution of a tensor equation: that of a system of equations, in other shapes."""
    tensor, right = asarray(a), asarray(b)
    moved = [int(axis) for axis in axes] if axes is not None else []
    kept = [d for d in range(tensor.ndim) if d not in moved]
    if len(kept) + len(moved) != tensor.ndim:
        raise_like_numpy(np.linalg.tensorsolve, tensor, right, axes)
    tensor = tensor.transpose([*kept, *moved])
    shape = tensor.shape[-(tensor.ndim - right.ndim) :]
    if prod(shape) != prod(tensor.shape[: right.ndim]):
        raise_like_numpy(np.linalg.tensorsolve, a, b, axes)
    solution: ndarray = solve(tensor.reshape((-1, prod(shape))), right.ravel())
    return solution.reshape(shape)


@implements(np.linalg.tensorinv, cost=8)
def tensorinv(a: ArrayLike, ind: int = 2) -> Any:
    """The inverse of a tensor: that of a matrix, in another shape."""
    tensor = asarray(a)
    if not isinstance(ind, int) or not ind > 0:
        raise_like_numpy(np.linalg.tensorinv, a, ind)
    rows, columns = tensor.shape[:ind], tensor.shape[ind:]
    inverse: ndarray = inv(tensor.reshape((prod(rows), -1)))
    return inverse.reshape(columns + rows)
