"""Fourier transforms: an axis is brought together, then each worker transforms its rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ramba.kernels.distributed.piece import Piece, uncut
from ramba.kernels.distributed.relayout import to_partition, to_standard
from ramba.kernels.fft import along_axis
from ramba.kernels.group import Group, Waiting

Step = tuple[str, int | None, int, str | None]  # function of np.fft, its n, axis and norm


def fft(group: Group, small: int, pieces: Sequence[Piece], steps: tuple[Step, ...]) -> Waiting[list[Piece]]:
    """One-dimensional transforms of ``np.fft``, one after the other, as in the transforms of several dimensions."""
    (a,) = pieces
    for number, (name, n, axis, norm) in enumerate(steps):
        if not a.replicated and a.partition.grid[axis] > 1:
            # an axis that later steps leave alone stays cut for all of them
            later = tuple({step[2] for step in steps[number:]})
            lying = uncut(a.shape, later, group.size)
            a = yield from to_partition(
                group, a, lying if lying.blocks == group.size else uncut(a.shape, (axis,), group.size)
            )
        a = _transformed(group, a, name, n, axis, norm)
    return [(yield from to_standard(group, small, a))]


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
