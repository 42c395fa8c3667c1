"""Systems of equations, inverses and determinants: elimination with partial pivoting, panel by panel.

Golub and Van Loan, *Matrix Computations* (2013), 3.4 and, for several workers, as ScaLAPACK's ``pgetrf``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ramba.kernels.group import Group, Waiting
from ramba.kernels.local import lapack as local
from ramba.kernels.panels import Matrix, collected, dealt, from_one, heard, identity, tell
from ramba.kernels.piece import Piece
from ramba.kernels.registry import Type, kernel
from ramba.kernels.team import Team
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


class Factored(NamedTuple):
    """What everybody learns of a panel."""

    factors: np.ndarray  # from the diagonal on; each column is consecutive
    order: np.ndarray  # the rows that rows were changed with, and at the end whether a pivot is zero


def _eliminate(group: Group, matrix: Matrix, right: Matrix | None) -> Waiting[tuple[np.ndarray, int]]:
    """Makes a matrix upper triangular, and changes the right-hand sides with it; gives pivots and how often rows moved.

    Whoever has the next panel takes from that one first, and has told of it when the others need it.

    Raises
    ------
    LinAlgError
        On every worker, if a pivot is zero and there are right-hand sides.
    """
    layout, pivots, swaps = matrix.layout, [], 0
    told = (yield from _factored(group, matrix, 0)) if layout.panels else None
    for number in range(layout.panels):
        panel = told or (yield from _heard(group, matrix, number))
        if panel.order[-1] and right is not None:
            raise np.linalg.LinAlgError("Singular matrix")
        pivots.append(panel.factors.diagonal())
        swaps += int(np.count_nonzero(panel.order[:-1] != np.arange(len(panel.order) - 1)))
        first, rest, told = layout.columns(number).start, matrix.behind(number), None
        if number + 1 < layout.panels and layout.owner(number + 1) == group.rank:
            width = matrix.place(number + 1).stop - matrix.place(number + 1).start
            _take(group.team, rest[:, :width], first, panel)
            told = yield from _factored(group, matrix, number + 1)
            rest = rest[:, width:]
        _take(group.team, rest, first, panel)
        if right is not None:
            _take(group.team, right.own, first, panel)
    return np.concatenate(pivots) if pivots else np.zeros(0, matrix.own.dtype), swaps


def _factored(group: Group, matrix: Matrix, number: int) -> Waiting[Factored | None]:
    """Factors a panel, if it is this worker's, and tells all others."""
    if matrix.layout.owner(number) != group.rank:
        return None
    first = matrix.layout.columns(number).start
    factors, changed, is_singular = local.lu(matrix.own[first:, matrix.place(number)])
    matrix.own[first:, matrix.place(number)] = factors
    panel = Factored(factors, np.array([*changed, is_singular], np.int64))
    yield from tell(group, panel.order)
    yield from tell(group, panel.factors.T)
    return panel


def _heard(group: Group, matrix: Matrix, number: int) -> Waiting[Factored]:
    """What another worker tells of its panel."""
    columns, owner = matrix.layout.columns(number), matrix.layout.owner(number)
    width, rows = columns.stop - columns.start, matrix.layout.shape[0] - columns.start
    order = yield from heard(group, owner, (width + 1,), np.dtype(np.int64))
    return Factored((yield from heard(group, owner, (width, rows), matrix.own.dtype)).T, order)


def _take(team: Team, part: np.ndarray, first: int, panel: Factored) -> None:
    """Changes columns behind a panel as it says."""
    if not part.size:
        return
    width = panel.factors.shape[1]
    local.swap_rows(part, first, panel.order[:-1])
    top = local.solved(panel.factors[:width], part[first : first + width], lower=True, unit=True)
    part[first : first + width] = top
    local.subtract_product(team, part[first + width :], panel.factors[width:], top)


def _substitute(group: Group, matrix: Matrix, right: Matrix) -> Waiting[None]:
    """Solves for the right-hand sides with what `_eliminate` has left above the diagonal, from below."""
    layout, dtype = matrix.layout, matrix.own.dtype
    for number in reversed(range(layout.panels)):
        columns, owner = layout.columns(number), layout.owner(number)
        panel = matrix.own[: columns.stop, matrix.place(number)].T if owner == group.rank else None
        shape = (columns.stop - columns.start, columns.stop)
        panel = (yield from from_one(group, owner, panel, shape, dtype)).T
        if right.own.size:
            bottom = local.solved(panel[columns.start :], right.own[columns], lower=False)
            right.own[columns] = bottom
            local.subtract_product(group.team, right.own[: columns.start], panel[: columns.start], bottom)


__all__ = ["floating"]
