"""Interpolation between points that every worker has."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ramba.kernels.group import Group, Waiting
from ramba.kernels.piece import Piece
from ramba.kernels.registry import Type, kernel
from ramba.kernels.relayout import everywhere
from ramba.kernels.team import Part, slabs

Ends = tuple[complex | None, complex | None]


@kernel(lambda types, left, right: [Type(types[2].dtype, types[0].shape)])
def interp(
    group: Group, small: int, pieces: Sequence[Piece], left: complex | None, right: complex | None
) -> Waiting[list[Piece]]:
    """``np.interp(x, xp, fp, left, right)``; ``fp`` is of doubles, real or complex.

    Types: numbers of any shape, two vectors of points; the second one's dtype and the first one's shape.
    Exchanged: the points, to everybody.
    Algorithm: NumPy's own, of a part on each thread.
    """
    x, xp, fp = pieces
    places, heights = (yield from everywhere(group, xp)), (yield from everywhere(group, fp))
    out = group.memory(x.array.shape, heights.dtype)

    def part(key: Part) -> None:
        out[key] = np.interp(x.array[key], places, heights, left, right)

    if out.size:
        slabs(group.team, out.shape, (), part)
    return [Piece(out, x.partition)]


__all__ = ["interp"]
