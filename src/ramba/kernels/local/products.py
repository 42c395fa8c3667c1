"""Products of matrices on all threads: BLAS shares out a single one by itself, stacks and what BLAS cannot do not."""

from __future__ import annotations

from math import prod

import numpy as np

from ramba.kernels.group import Memory
from ramba.kernels.team import Part, Team, slabs

LARGE = 1 << 22  # multiplications: BLAS takes all threads for a larger product, and a stack is as fast one by one


def matmul(team: Team, memory: Memory, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """``np.matmul(a, b)`` of arrays of one dtype, whose shapes fit; the result has memory of its own."""
    if a.ndim == 1 or b.ndim == 1:
        return np.array(np.matmul(a, b))
    stack = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    out = memory((*stack, a.shape[-2], b.shape[-1]), np.result_type(a, b))
    by_blas = out.dtype.char in "fdFD"
    if by_blas and (not stack or prod(out.shape[-2:]) * a.shape[-1] > LARGE):
        return np.matmul(a, b, out=out)
    left = np.broadcast_to(a, (*stack, *a.shape[-2:]))
    right = np.broadcast_to(b, (*stack, *b.shape[-2:]))

    def part(key: Part) -> None:
        np.matmul(left[key[:-1]], right[key[:-2]], out=out[key])

    # the rows of a product are never cut for BLAS: other sizes may be rounded in another way
    columns = (out.ndim - 1,)
    slabs(team, out.shape, (out.ndim - 2, *columns) if by_blas else columns, part)
    return out


__all__ = ["matmul"]
