"""Fourier transforms: an axis is brought together, then each worker transforms its rows."""

from __future__ import annotations

from collections.abc import Sequence
from math import isqrt

import numpy as np

from ramba.kernels.group import Group, Waiting
from ramba.kernels.layouts import Run, run_of
from ramba.kernels.local.fft import along_axis
from ramba.kernels.piece import Piece, cut_along, uncut
from ramba.kernels.registry import Type, kernel
from ramba.kernels.relayout import move, to_partition
from ramba.layout.partition import bound

Step = tuple[str, int | None, int, str | None]  # function of np.fft, its n, axis and norm

LONG = 1 << 16  # elements of a vector from which it is not given to one worker


def _transform(types: Sequence[Type], steps: tuple[Step, ...]) -> list[Type]:
    dtype, shape = types[0]
    extents = list(shape or ())
    for name, n, axis, _ in steps:
        dtype = getattr(np.fft, name)(np.zeros(2, dtype)).dtype
        extents[axis] = _count(name, n, extents[axis])
    return [Type(dtype, tuple(extents))]


@kernel(_transform)
def fft(group: Group, small: int, pieces: Sequence[Piece], steps: tuple[Step, ...]) -> Waiting[list[Piece]]:
    """One-dimensional transforms of ``np.fft``, one after the other, as in the transforms of several dimensions.

    Types: floats or complex numbers of any shape; what ``np.fft`` makes of them: complex, or real after irfft and
        hfft.
    Exchanged: all elements, once for each axis that is cut; of one long vector three times.
    Algorithm: rows by NumPy's pocketfft; of a long vector the four steps of Bailey, "FFTs in External Memory"
        (1990).
    """
    (a,) = pieces
    for number, (name, n, axis, norm) in enumerate(steps):
        if not a.replicated and a.partition.grid[axis] > 1:
            # an axis that later steps leave alone stays cut for all of them
            if (factor := _factor(a, name, n, group.size)) > 1:
                a = yield from _long(group, a, name, factor, norm)
                continue
            later = tuple({step[2] for step in steps[number:]})
            lying = uncut(a.shape, later, group.size)
            a = yield from to_partition(
                group, a, lying if lying.blocks == group.size else uncut(a.shape, (axis,), group.size)
            )
        a = _transformed(group, a, name, n, axis, norm)
    return [a]


def _factor(a: Piece, name: str, n: int | None, workers: int) -> int:
    """Rows of the matrix by which a long vector can be transformed, all workers together; 1 if it cannot."""
    if len(a.shape) > 1 or a.size < LONG or name not in ("fft", "ifft", "rfft") or n not in (None, a.size):
        return 1
    fitting = (rows for rows in range(isqrt(a.size), workers - 1, -1) if a.size % rows == 0)
    return next(fitting, 1)


def _long(group: Group, a: Piece, name: str, rows: int, norm: str | None) -> Waiting[Piece]:
    """A vector as a matrix whose columns, then rows are transformed (Bailey, "FFTs in External Memory", 1990)."""
    workers = range(group.size + 1)
    shape = rows, a.size // rows
    inverse = name == "ifft"
    step = "ifft" if inverse else "fft"
    run = run_of(a.partition, group.size)
    across, along = cut_along(shape, group.size, 1), cut_along(shape, group.size)
    array = yield from move(group, a.array, a.partition, run)
    array = yield from move(group, array, Run(shape, run.bounds), across)
    columns = _transformed(group, Piece(array, across), step, None, 0, norm)
    _twiddle(group, columns.array, across.block(group.rank).start[1], a.size, inverse=inverse)
    matrix = _transformed(group, (yield from to_partition(group, columns, along)), step, None, 1, norm)
    turned = np.ascontiguousarray((yield from to_partition(group, matrix, across)).array.T)
    bounds = tuple(bound(shape[1], group.size, rank) * rows for rank in workers)
    count = _count(name, None, a.size)
    kept = tuple(min(b, count) for b in bounds)
    half = turned.reshape(-1)[: kept[group.rank + 1] - kept[group.rank]]
    target = cut_along((count,), group.size)
    return Piece((yield from move(group, half, Run((count,), kept), target)), target)


def _twiddle(group: Group, a: np.ndarray, first: int, size: int, *, inverse: bool) -> None:
    """Multiplies element (j, k) with the root of unity to the power j * (first + k)."""
    columns = np.arange(first, first + a.shape[1])
    turn = (2j if inverse else -2j) * np.pi / size

    def row(j: int) -> None:
        a[j] *= np.exp(turn * (j * columns)).astype(a.dtype)

    group.team.map(row, len(a))


def _transformed(group: Group, a: Piece, name: str, n: int | None, axis: int, norm: str | None) -> Piece:
    function = getattr(np.fft, name)
    dtype = function(np.zeros(2, a.array.dtype)).dtype
    count = _count(name, n, a.shape[axis])
    lying = a.partition._replace(shape=tuple(count if d == axis else e for d, e in enumerate(a.shape)))
    out = group.memory(lying.block(group.rank).extent, dtype)
    length = n if n is not None else (count if name in ("irfft", "hfft") else a.shape[axis])

    def into(part: np.ndarray, n: int, axis: int, norm: str | None, out: np.ndarray) -> None:
        if name == "hfft":  # in NumPy 2.4 it does not write where it is told
            out[...] = function(part, n, axis, norm)
        else:
            function(part, n, axis, norm, out=out)

    if out.ndim == 1 and out.size:
        into(a.array, length, axis, norm, out)
    elif out.size:
        along_axis(group.team, into, a.array, out, length, axis, norm)
    return Piece(out, lying)


def _count(name: str, n: int | None, extent: int) -> int:
    """Elements of a transform."""
    if name in ("fft", "ifft"):
        return extent if n is None else n
    if name in ("rfft", "ihfft"):
        return (extent if n is None else n) // 2 + 1
    return 2 * (extent - 1) if n is None else n
