"""The Cholesky factor of one matrix, panel by panel."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ramba.kernels.elimination import floating
from ramba.kernels.group import Group, Waiting
from ramba.kernels.local import lapack as local
from ramba.kernels.panels import Matrix, collected, dealt, from_one
from ramba.kernels.piece import Piece
from ramba.kernels.registry import Type, kernel


def _factor(types: Sequence[Type]) -> list[Type]:
    return [Type(floating(types[0].dtype), types[0].shape)]


@kernel(_factor)
def cholesky_matrix(group: Group, small: int, pieces: Sequence[Piece]) -> Waiting[list[Piece]]:
    """``np.linalg.cholesky`` of one matrix, of which the lower triangle is read.

    Types: a square matrix; the dtype in which numpy.linalg computes.
    Exchanged: each panel of columns goes to everybody.
    Algorithm: Golub and Van Loan, *Matrix Computations* (2013), 4.2.9: outer products, in panels dealt out in turn.
    """
    (a,) = pieces
    matrix = yield from dealt(group, a, floating(a.array.dtype))
    layout, rows = matrix.layout, a.shape[0]
    for number in range(layout.panels):
        columns, owner = layout.columns(number), layout.owner(number)
        panel = _panel(matrix, number) if owner == group.rank else None
        failed = np.array([owner == group.rank and panel is None])
        failed = yield from from_one(group, owner, failed if owner == group.rank else None, (1,), np.dtype(bool))
        if failed[0]:
            raise np.linalg.LinAlgError("Matrix is not positive definite")
        shape = (rows - columns.start, columns.stop - columns.start)
        panel = yield from from_one(group, owner, panel, shape, matrix.own.dtype)
        for other in range(group.rank, layout.panels, group.size):
            if other > number:
                below = slice(layout.columns(other).start - columns.start, None)
                wide = slice(below.start, layout.columns(other).stop - columns.start)
                target = matrix.own[layout.columns(other).start :, matrix.place(other)]
                local.subtract_product(group.team, target, panel[below], panel[wide].conj().T)
    return [(yield from collected(group, matrix, rows, small))]


def _panel(matrix: Matrix, number: int) -> np.ndarray | None:
    """Factors one of the worker's panels, in place, zeros above it; None if it is not positive definite."""
    columns, place = matrix.layout.columns(number), matrix.place(number)
    block = local.cholesky(matrix.own[columns, place])
    if block is None:
        return None
    matrix.own[: columns.start, place] = 0
    matrix.own[columns, place] = block
    below = matrix.own[columns.stop :, place]
    below[...] = local.solved(block, below.conj().T, lower=True).conj().T
    return matrix.own[columns.start :, place]
