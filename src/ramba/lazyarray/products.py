"""Products of matrices: everything becomes ``matmul`` of stacks of matrices."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from ramba.engine import ENGINE, few
from ramba.lazyarray.calls import call, is_there
from ramba.lazyarray.convert import asarray, wrap
from ramba.lazyarray.core import is_compiled, ndarray, values
from ramba.lazyarray.dispatch import raise_like_numpy
from ramba.lazyarray.ufunc import BY_KERNELS, UFUNC

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ramba.lazyarray.annotations import DType

# np.matmul, and its relatives, called with lazy arrays


def matmul(a: ArrayLike, b: ArrayLike, dtype: DType = None) -> Any:
    """``a @ b``; NotImplemented for dtypes that no kernel is compiled for."""
    a, b = asarray(a), asarray(b)
    options: dict[str, Any] = {} if dtype is None else {"signature": (None, None, np.dtype(dtype))}
    loop = np.matmul.resolve_dtypes((a.dtype, b.dtype, None), **options)
    if not all(map(is_compiled, (a.dtype, b.dtype, *loop))):
        return NotImplemented
    if not _fit(a.shape, b.shape):
        raise_like_numpy(np.matmul, a, b)
    single = a.ndim < 3 and b.ndim < 3  # BLAS has threads of its own for one product, not for a stack of them
    there = is_there(a, loop[0]) and is_there(b, loop[1])
    if single and not ENGINE.distributed and (there or (_is_few(a, b) and a.dtype == loop[0] and b.dtype == loop[1])):
        return wrap(np.matmul(values(a), values(b)))
    return call("matmul", [a, b], dtypes=loop[:2])[0]


def _is_few(a: ndarray, b: ndarray) -> bool:
    """Whether a product of vectors or matrices has few elements: once they are there, all that follows is NumPy's."""
    return prod(a.shape[:-1]) * prod(b.shape[1:]) <= few(1)


def _fit(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    """Whether the shapes can be multiplied."""
    if not a or not b or a[-1] != b[-2:][0]:
        return False
    try:
        np.broadcast_shapes(a[:-2], b[:-2])
    except ValueError:
        return False
    return True


def _matvec(a: ArrayLike, b: ArrayLike, dtype: DType = None) -> Any:
    a, b = asarray(a), asarray(b)
    if a.ndim < 2 or b.ndim < 1 or not _fit(a.shape, (*b.shape, 1)):
        raise_like_numpy(np.matvec, a, b)
    result = matmul(a, b[..., None], dtype)
    return result if result is NotImplemented else result[..., 0]


def _vecmat(a: ArrayLike, b: ArrayLike, dtype: DType = None) -> Any:
    a, b = asarray(a), asarray(b)
    if a.ndim < 1 or b.ndim < 2 or not _fit((*a.shape[:-1], 1, a.shape[-1]), b.shape):
        raise_like_numpy(np.vecmat, a, b)
    result = matmul(a.conj()[..., None, :], b, dtype)
    return result if result is NotImplemented else result[..., 0, :]


def _vecdot(a: ArrayLike, b: ArrayLike, dtype: DType = None) -> Any:
    a, b = asarray(a), asarray(b)
    result = np.vecdot.resolve_dtypes((a.dtype, b.dtype, None))[2]
    if dtype is not None or not is_compiled(result):
        return NotImplemented
    if a.ndim < 1 or b.ndim < 1 or a.shape[-1] != b.shape[-1]:
        raise_like_numpy(np.vecdot, a, b)
    product = UFUNC["multiply"](a.conj(), b)
    name = "logical_or" if result == np.dtype(bool) else "add"
    return UFUNC[name].reduce(product, axis=-1, dtype=result)


BY_KERNELS.update({"matmul": matmul, "matvec": _matvec, "vecmat": _vecmat, "vecdot": _vecdot})

# products over other axes


def dot(a: ndarray, b: ndarray) -> Any:
    """``np.dot``."""
    if not a.ndim or not b.ndim:
        return UFUNC["multiply"](a, b)
    if a.shape[-1] != b.shape[-2:][0]:
        raise_like_numpy(np.dot, a, b)
    if b.ndim == 1 or (a.ndim <= 2 and b.ndim == 2):
        return matmul(a, b)
    return tensordot(a, b, [a.ndim - 1], [b.ndim - 2])


def tensordot(a: ndarray, b: ndarray, first: list[int], second: list[int]) -> Any:
    """The sum of products over some axes of one array and as many, of the same extents, of another."""
    free = [[d for d in range(x.ndim) if d not in axes] for x, axes in ((a, first), (b, second))]
    count = prod(a.shape[d] for d in first)
    rows, columns = (tuple(x.shape[d] for d in axes) for x, axes in zip((a, b), free, strict=True))
    left = a.transpose(free[0] + first).reshape(prod(rows), count)
    right = b.transpose(second + free[1]).reshape(count, prod(columns))
    if not rows or not columns:
        left, right = (left if rows else left.reshape(count)), (right if columns else right.reshape(count))
    product = matmul(left, right)
    return product if product is NotImplemented else product.reshape(rows + columns)


# Einstein's convention


def einsum(subscripts: str, operands: list[ndarray]) -> Any:
    """``np.einsum`` of explicit or implicit letters, pair by pair; NotImplemented for what is not so simple."""
    text = subscripts.replace(" ", "")
    inputs, arrow, result = text.partition("->")
    terms = inputs.split(",")
    letters = "".join(terms)
    if not arrow:
        result = "".join(sorted(c for c in set(letters) if letters.count(c) == 1))
    if not _is_simple(terms, result, operands):
        return NotImplemented
    dtype = np.result_type(*[a.dtype for a in operands])
    left, term = operands[0].astype(dtype, copy=False), terms[0]
    for n in range(1, len(terms)):
        kept = set(result).union(*terms[n + 1 :])
        left, term = _pair(left, term, operands[n].astype(dtype, copy=False), terms[n], kept)
    left, term = _summed(left, term, set(result))
    return left.transpose([term.index(c) for c in result])


def _is_simple(terms: list[str], result: str, operands: list[ndarray]) -> bool:
    """Whether every axis has a letter, no letter is twice in a term, and extents agree without broadcasting."""
    extents: dict[str, int] = {}
    if len(terms) != len(operands) or not terms or len(set(result)) != len(result):
        return False
    for term, a in zip(terms, operands, strict=True):
        if not (term.isalpha() or not term) or len(term) != a.ndim or len(set(term)) != len(term):
            return False
        if any(extents.setdefault(c, e) != e for c, e in zip(term, a.shape, strict=True)):
            return False
    return set(result) <= set(extents) and all(is_compiled(a.dtype) for a in operands)


def _summed(a: ndarray, term: str, kept: set[str]) -> tuple[ndarray, str]:
    """The array summed over the axes whose letters nobody needs."""
    axes = tuple(n for n, c in enumerate(term) if c not in kept)
    if not axes:
        return a, term
    name = "logical_or" if a.dtype == np.dtype(bool) else "add"
    return UFUNC[name].reduce(a, axis=axes, dtype=a.dtype), "".join(c for c in term if c in kept)


def _pair(a: ndarray, first: str, b: ndarray, second: str, kept: set[str]) -> tuple[ndarray, str]:
    """The product of two arrays, summed over the letters that nobody needs afterwards."""
    a, first = _summed(a, first, kept | set(second))
    b, second = _summed(b, second, kept | set(first))
    stack = "".join(c for c in first if c in second and c in kept)
    inner = "".join(c for c in first if c in second and c not in kept)
    rows = "".join(c for c in first if c not in second)
    columns = "".join(c for c in second if c not in first)
    extents = dict(zip(first + second, a.shape + b.shape, strict=True))
    left = a.transpose([first.index(c) for c in stack + rows + inner])
    right = b.transpose([second.index(c) for c in stack + inner + columns])

    def size(letters: str) -> int:
        return prod(extents[c] for c in letters)

    result = stack + rows + columns
    shape = tuple(extents[c] for c in result)
    lead = tuple(extents[c] for c in stack)
    if not inner:
        spread = left.reshape((*left.shape, *(1,) * len(columns)))
        narrow = right.reshape((*lead, *(1,) * len(rows), *(extents[c] for c in columns)))
        return UFUNC["multiply"](spread, narrow), result
    left = left.reshape((*lead, size(rows), size(inner)))
    right = right.reshape((*lead, size(inner), size(columns)))
    return matmul(left, right).reshape(shape), result


__all__ = ["dot", "einsum", "matmul", "tensordot"]
