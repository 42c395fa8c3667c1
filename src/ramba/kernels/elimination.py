"""Systems of equations, inverses and determinants: elimination with partial pivoting, panel by panel.

Golub and Van Loan, *Matrix Computations* (2013), 3.4 and, for several workers, as ScaLAPACK's ``pgetrf``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ramba.kernels.group import Group, Waiting
from ramba.kernels.local import lapack as local
from ramba.kernels.panels import Matrix, collected, dealt, from_one, identity
from ramba.kernels.piece import Piece
from ramba.kernels.registry import Type, kernel
from ramba.layout.partition import replicated


def floating(*dtypes: np.dtype) -> np.dtype:
    """In which dtype numpy.linalg computes."""
    dtype = np.result_type(*dtypes)
    return dtype if dtype.kind in "fc" else np.dtype(float)


def _solution(types: Sequence[Type]) -> list[Type]:
    return [Type(floating(*(dtype for dtype, _ in types)), types[-1].shape)]


@kernel(_solution)
def solve_matrix(group: Group, small: int, pieces: Sequence[Piece]) -> Waiting[list[Piece]]:
    """The solutions of one system of equations, ``np.linalg.solve`` of a matrix and a matrix of right-hand sides.

    Types: a square matrix and one of as many rows; the dtype in which numpy.linalg computes, the second one's shape.
    Exchanged: each panel of columns goes to everybody, twice.
    Algorithm: elimination with partial pivoting in panels dealt out in turn, then substitution from the last panel on.
    """
    a, b = pieces
    dtype = floating(a.array.dtype, b.array.dtype)
    matrix, right = (yield from dealt(group, a, dtype)), (yield from dealt(group, b, dtype))
    yield from _eliminate(group, matrix, right)
    yield from _substitute(group, matrix, right)
    return [(yield from collected(group, right, b.shape[0], small))]


@kernel(_solution)
def inv_matrix(group: Group, small: int, pieces: Sequence[Piece]) -> Waiting[list[Piece]]:
    """``np.linalg.inv`` of one matrix.

    Types: a square matrix; the dtype in which numpy.linalg computes.
    Exchanged: each panel of columns goes to everybody, twice.
    Algorithm: as `solve_matrix`, with the identity on the right.
    """
    (a,) = pieces
    dtype = floating(a.array.dtype)
    matrix, right = (yield from dealt(group, a, dtype)), identity(group, a.shape, dtype)
    yield from _eliminate(group, matrix, right)
    yield from _substitute(group, matrix, right)
    return [(yield from collected(group, right, a.shape[0], small))]


def _determinant(types: Sequence[Type]) -> list[Type]:
    dtype = floating(types[0].dtype)
    return [Type(dtype, ()), Type(np.zeros(0, dtype).real.dtype, ())]


@kernel(_determinant)
def slogdet_matrix(group: Group, small: int, pieces: Sequence[Piece]) -> Waiting[list[Piece]]:
    """``np.linalg.slogdet`` of one matrix.

    Types: a square matrix; the sign in the dtype in which numpy.linalg computes, the logarithm in its real one.
    Exchanged: each panel of columns goes to everybody.
    Algorithm: the product of the pivots of an elimination.
    """
    (a,) = pieces
    dtype = floating(a.array.dtype)
    pivots, swaps = yield from _eliminate(group, (yield from dealt(group, a, dtype)), None)
    sizes = np.abs(pivots)
    with np.errstate(all="ignore"):
        sign = dtype.type((-1) ** swaps) * np.prod(pivots / np.where(sizes, sizes, 1))
        log = np.log(sizes).sum()
    return [_whole(np.asarray(sign, dtype)), _whole(np.asarray(log, np.zeros(0, dtype).real.dtype))]


def _whole(array: np.ndarray) -> Piece:
    return Piece(array, replicated(array.shape))


def _eliminate(group: Group, matrix: Matrix, right: Matrix | None) -> Waiting[tuple[np.ndarray, int]]:
    """Makes a matrix upper triangular, and changes the right-hand sides with it; gives pivots and how often rows moved.

    Raises
    ------
    LinAlgError
        On every worker, if a pivot is zero and there are right-hand sides.
    """
    layout, dtype, rows = matrix.layout, matrix.own.dtype, matrix.layout.shape[0]
    pivots, swaps = [], 0
    for number in range(layout.panels):
        columns, owner = layout.columns(number), layout.owner(number)
        first, width = columns.start, columns.stop - columns.start
        factors = order = None
        if owner == group.rank:
            factors, changed, is_singular = local.lu(matrix.own[first:, matrix.place(number)])
            matrix.own[first:, matrix.place(number)] = factors
            order = np.array([*changed, is_singular], np.int64)
        order = yield from from_one(group, owner, order, (width + 1,), np.dtype(np.int64))
        if order[-1] and right is not None:
            raise np.linalg.LinAlgError("Singular matrix")
        factors = yield from from_one(group, owner, factors, (rows - first, width), dtype)
        pivots.append(factors.diagonal())
        swaps += int(np.count_nonzero(order[:-1] != np.arange(width)))
        for part in (matrix.behind(number), right.own if right is not None else None):
            if part is not None and part.size:
                local.swap_rows(part, first, order[:-1])
                top = local.solved(factors[:width], part[first : columns.stop], lower=True, unit=True)
                part[first : columns.stop] = top
                local.subtract_product(group.team, part[columns.stop :], factors[width:], top)
    return np.concatenate(pivots) if pivots else np.zeros(0, dtype), swaps


def _substitute(group: Group, matrix: Matrix, right: Matrix) -> Waiting[None]:
    """Solves for the right-hand sides with what `_eliminate` has left above the diagonal, from below."""
    layout, dtype = matrix.layout, matrix.own.dtype
    for number in reversed(range(layout.panels)):
        columns, owner = layout.columns(number), layout.owner(number)
        panel = matrix.own[: columns.stop, matrix.place(number)] if owner == group.rank else None
        shape = (columns.stop, columns.stop - columns.start)
        panel = yield from from_one(group, owner, panel, shape, dtype)
        if right.own.size:
            bottom = local.solved(panel[columns.start :], right.own[columns], lower=False)
            right.own[columns] = bottom
            local.subtract_product(group.team, right.own[: columns.start], panel[: columns.start], bottom)


__all__ = ["floating"]
