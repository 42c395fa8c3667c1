"""QR decompositions, and the singular values of tall matrices by them.

Tall matrices (each worker has more rows than there are columns) are decomposed where their rows lie, and the triangles
once more (TSQR: Demmel, Grigori, Hoemmen and Langou, SIAM J. Sci. Comput. 34, 2012); all others in panels of columns by
reflections in blocks (Schreiber and Van Loan, SIAM J. Sci. Stat. Comput. 10, 1989).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ramba.kernels.elimination import floating
from ramba.kernels.group import Group, Waiting
from ramba.kernels.local import lapack as local
from ramba.kernels.panels import Matrix, collected, dealt, from_one, identity
from ramba.kernels.piece import Piece, cut_along
from ramba.kernels.registry import Type, kernel
from ramba.kernels.relayout import to_partition
from ramba.layout.partition import replicated


def is_tall(shape: tuple[int, ...], workers: int) -> bool:
    """Whether each of the workers gets at least as many rows as there are columns."""
    return shape[0] // workers >= shape[1]


def _qr_types(types: Sequence[Type], mode: str) -> list[Type]:
    (dtype, shape), *_ = types
    rows, columns = shape or (0, 0)
    inner, dtype = min(rows, columns), floating(dtype)
    r = Type(dtype, (inner, columns))
    return [r] if mode == "r" else [Type(dtype, (rows, inner)), r]


@kernel(_qr_types)
def qr_matrix(group: Group, small: int, pieces: Sequence[Piece], mode: str) -> Waiting[list[Piece]]:
    """``np.linalg.qr`` of one matrix, of mode "reduced" or "r".

    Types: a matrix; the dtype in which numpy.linalg computes. Rows of R may have another sign than NumPy's, and columns
        of Q with them.
    Exchanged: of a tall matrix, triangles as large as its columns are many; of another, each panel of columns goes to
        everybody, once for R and once for Q.
    Algorithm: TSQR, or reflections in blocks, in panels dealt out in turn.
    """
    (a,) = pieces
    if is_tall(a.shape, group.size):
        q, r = yield from _tall(group, a)
        return [r] if mode == "r" else [q, r]
    matrix = yield from dealt(group, a, floating(a.array.dtype))
    reflections = yield from _reflect(group, matrix)
    triangle = yield from collected(group, matrix, min(a.shape), small)
    if mode == "r":
        return [triangle]
    columns = identity(group, (a.shape[0], min(a.shape)), matrix.own.dtype)
    yield from _unreflect(group, matrix, reflections, columns)
    return [(yield from collected(group, columns, a.shape[0], small)), triangle]


def _tall(group: Group, a: Piece) -> Waiting[tuple[Piece, Piece]]:
    """Q and R of a tall matrix; R is the same bits on every worker."""
    lying, columns = cut_along(a.shape, group.size), a.shape[1]
    rows = (yield from to_partition(group, a, lying)).array.astype(floating(a.array.dtype), copy=False)
    own, triangle = np.linalg.qr(rows)
    triangles = yield from group.gather(np.ascontiguousarray(triangle))
    turned = r = None
    if group.rank == 0:
        turned, r = np.linalg.qr(triangles.reshape(-1, columns))
    r = yield from from_one(group, 0, r, (columns, columns), rows.dtype)
    turned = yield from from_one(group, 0, turned, (group.size * columns, columns), rows.dtype)
    q = own @ turned[group.rank * columns : (group.rank + 1) * columns]
    return Piece(q, lying), Piece(r, replicated(r.shape))


Reflections = dict[int, tuple[np.ndarray, np.ndarray]]  # of the worker's panels: V and T


def _reflect(group: Group, matrix: Matrix) -> Waiting[Reflections]:
    """Makes a matrix upper triangular, by reflections; gives those of the worker's panels."""
    layout, dtype = matrix.layout, matrix.own.dtype
    kept: Reflections = {}
    for number in range(-(-min(layout.shape) // layout.width)):
        first, place = layout.columns(number).start, matrix.place(number)
        if layout.owner(number) == group.rank:
            triangle, v, t = local.qr(matrix.own[first:, place])
            matrix.own[first:, place] = 0
            matrix.own[first : first + len(triangle), place] = triangle
            kept[number] = v, t
        v, t = yield from _told(group, layout.owner(number), kept.get(number), _shape(matrix, number), dtype)
        rest = matrix.behind(number)[first:]
        if rest.size:
            local.subtract_product(group.team, rest, v, t.conj().T @ (v.conj().T @ rest))
    return kept


def _unreflect(group: Group, matrix: Matrix, kept: Reflections, q: Matrix) -> Waiting[None]:
    """Turns the first columns of the identity into those of Q: the last reflections first."""
    layout, dtype = matrix.layout, matrix.own.dtype
    for number in reversed(range(-(-min(layout.shape) // layout.width))):
        first = layout.columns(number).start
        v, t = yield from _told(group, layout.owner(number), kept.get(number), _shape(matrix, number), dtype)
        rest = q.from_panel(number)[first:]  # what is before has nothing in these rows yet
        if rest.size:
            local.subtract_product(group.team, rest, v, t @ (v.conj().T @ rest))


def _shape(matrix: Matrix, number: int) -> tuple[int, int]:
    """Of the reflections of a panel: rows and how many there are."""
    columns, rows = matrix.layout.columns(number), matrix.layout.shape[0]
    return rows - columns.start, min(rows - columns.start, columns.stop - columns.start)


def _told(
    group: Group, owner: int, mine: tuple[np.ndarray, np.ndarray] | None, shape: tuple[int, int], dtype: np.dtype
) -> Waiting[tuple[np.ndarray, np.ndarray]]:
    """Reflections that one worker has, for everybody."""
    v = yield from from_one(group, owner, mine and mine[0], shape, dtype)
    t = yield from from_one(group, owner, mine and mine[1], (shape[1], shape[1]), dtype)
    return v, t


def _svd_types(types: Sequence[Type]) -> list[Type]:
    (dtype, shape), *_ = types
    (rows, columns), dtype = shape or (0, 0), floating(dtype)
    real = np.zeros(0, dtype).real.dtype
    return [Type(dtype, (rows, columns)), Type(real, (columns,)), Type(dtype, (columns, columns))]


@kernel(_svd_types)
def svd_tall(group: Group, small: int, pieces: Sequence[Piece]) -> Waiting[list[Piece]]:
    """``np.linalg.svd(a, full_matrices=False)`` of one matrix of which each worker has more rows than it has columns.

    Types: a matrix; the dtype in which numpy.linalg computes, its real one for the singular values.
    Exchanged: triangles as large as the columns are many.
    Algorithm: TSQR, then the singular values of the triangle (Chan, ACM Trans. Math. Softw. 8, 1982).
    """
    (a,) = pieces
    q, r = yield from _tall(group, a)
    dtype, columns = r.array.dtype, a.shape[1]
    u = s = vh = failed = None
    if group.rank == 0:
        failed = np.array([False])
        try:
            u, s, vh = np.linalg.svd(r.array)
        except np.linalg.LinAlgError:
            failed[0] = True
    failed = yield from from_one(group, 0, failed, (1,), np.dtype(bool))
    if failed[0]:
        raise np.linalg.LinAlgError("SVD did not converge")
    s = yield from from_one(group, 0, s, (columns,), np.zeros(0, dtype).real.dtype)
    u = yield from from_one(group, 0, u, (columns, columns), dtype)
    vh = yield from from_one(group, 0, vh, (columns, columns), dtype)
    left = Piece(q.array @ u, q.partition)
    return [left, Piece(s, replicated(s.shape)), Piece(vh, replicated(vh.shape))]


def _fit_types(types: Sequence[Type], rcond: float) -> list[Type]:
    (_, shape), (_, right) = types
    dtype, columns, sides = floating(*(dtype for dtype, _ in types)), (shape or (0, 0))[1], (right or (0, 0))[1]
    real = np.zeros(0, dtype).real.dtype
    return [Type(dtype, (columns, sides)), Type(real, (sides,)), Type(np.dtype(np.int32), (1,)), Type(real, (columns,))]


@kernel(_fit_types)
def lstsq_tall(group: Group, small: int, pieces: Sequence[Piece], rcond: float) -> Waiting[list[Piece]]:
    """``np.linalg.lstsq`` of one matrix of which each worker has more rows than it has columns.

    Types: a matrix and right-hand sides; the solution in the dtype in which numpy.linalg computes, how far it misses
        (which means something only if the rank is full), the rank, and the singular values.
    Exchanged: of each worker a triangle as large as the matrix has columns, as many rows of the right-hand sides, and
        how far these are missed.
    Algorithm: TSQR of the matrix. The sides turned as it is make a problem with the same solution; of what no solution
        reaches each worker knows its part (Golub and Van Loan, *Matrix Computations*, 2013, 5.3.2).
    """
    a, b = pieces
    dtype, columns, whole = floating(a.array.dtype, b.array.dtype), a.shape[1], a.shape[1] + b.shape[1]
    left = yield from to_partition(group, a, cut_along(a.shape, group.size))
    right = yield from to_partition(group, b, cut_along(b.shape, group.size))
    turned = _turned(left.array.astype(dtype, copy=False), right.array.astype(dtype, copy=False))
    parts = yield from group.gather(np.vstack(turned))
    found: list[np.ndarray | None] = [None] * 5
    if group.rank == 0:
        stacked = parts[:, :columns].reshape(-1, whole)
        r, missed = _turned(stacked[:, :columns], stacked[:, columns:])
        missed = (missed + parts[:, columns:].sum(axis=0))[0, columns:].real
        try:
            x, _, rank, s = np.linalg.lstsq(r[:, :columns], r[:, columns:], rcond)
            found = [np.array([False]), x, missed, np.array([rank], np.int32), s]
        except np.linalg.LinAlgError:
            found[0] = np.array([True])
    if (yield from from_one(group, 0, found[0], (1,), np.dtype(bool)))[0]:
        raise np.linalg.LinAlgError("SVD did not converge in Linear Least Squares")
    results = []
    for value, kind in zip(found[1:], _fit_types([Type(x.array.dtype, x.shape) for x in pieces], rcond), strict=True):
        told = yield from from_one(group, 0, value, kind.shape or (), kind.dtype)
        results.append(Piece(told, replicated(told.shape)))
    return results


def _turned(matrix: np.ndarray, sides: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """R of a matrix, and sides turned by its Q, with rows of zeros where it has more columns than rows.

    Behind the zeros of a row of their own: how far the sides are missed by what the columns span, squared.
    """
    columns, whole = matrix.shape[1], matrix.shape[1] + sides.shape[1]
    top, missed = np.zeros((columns, whole), matrix.dtype), np.zeros((1, whole), matrix.dtype)
    q, r = np.linalg.qr(matrix)
    turned = q.conj().T @ sides
    top[: len(r)] = np.hstack([r, turned])
    missed[0, columns:] = (np.abs(sides - q @ turned) ** 2).sum(axis=0)
    return top, missed


__all__ = ["is_tall"]
