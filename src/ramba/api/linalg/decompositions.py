"""Linear algebra on stacks of matrices: inverses, solutions, determinants, decompositions, all members at once."""

from __future__ import annotations

import inspect
import operator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

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
        result = _of_stack(name, [asarray(a[1])], tuple(options))
        return call_library(np_func, *args, **kwargs) if result is NotImplemented else result

    return implements(np_func, cost=8)(body)


def _of_stack(name: str, operands: list[ndarray], options: tuple[tuple[str, Any], ...]) -> Any:
    """What a function of numpy.linalg makes of stacks of one shape; NotImplemented for what is not such a stack."""
    plain = all(isinstance(value, bool | int | float | str | None) for _, value in options)
    if not plain or not all(a.ndim > 2 and a.size and is_compiled(a.dtype) for a in operands):
        return NotImplemented
    kind = _type(name, tuple((a.dtype, a.shape[-2:]) for a in operands), options)
    found = call(name, operands, options)
    if name in ("eig", "eigvals") and operands[0].dtype.kind != "c":
        found = _real_if_all_are(found)
    return kind(found)


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
    result = _of_stack("solve", [broadcast_to(x, stack + x.shape[-2:]) for x in (matrices, columns)], ())
    if result is NotImplemented:
        return call_library(np.linalg.solve, a, b)
    return result[..., 0] if right.ndim == 1 else result
