"""Scans: running sums and products along one axis.

Along a single axis that is long, the two-pass scan of Blelloch, "Prefix Sums and Their Applications" (1990): each
block is scanned by itself, the last elements are scanned, and each block but the first gets what came before it. The
blocks depend on the length alone, so that the result does not depend on the number of threads.
"""

from __future__ import annotations

import numpy as np

from ramba.kernels.local.scan_loop import arguments, has_loop
from ramba.kernels.team import Team
from ramba.ops import OPS

BLOCK = 1 << 15  # elements: what one pass leaves in the L2 cache for the next


def accumulate(team: Team, out: np.ndarray, a: np.ndarray, op: str, axis: int, exact: bool = False) -> None:
    """``op.accumulate(a, axis)`` into ``out``; ``exact``: in one pass, in NumPy's order."""
    function = OPS[op].numpy
    a, out = np.moveaxis(a, axis, -1), np.moveaxis(out, axis, -1)
    rows = out.size // max(out.shape[-1], 1)
    if rows > 1:
        _rows(team, function, a, out)
    elif not exact and out.shape[-1] > BLOCK and a.dtype == out.dtype and has_loop(op, out.dtype):
        _long(team, op, a.reshape(-1), out.reshape(-1))
    else:
        function.accumulate(a, axis=-1, dtype=out.dtype, out=out)


def _rows(team: Team, function: np.ufunc, a: np.ndarray, out: np.ndarray) -> None:
    """Many rows: each thread takes some along the longest other axis."""
    axis = int(np.argmax(out.shape[:-1]))
    a, out = np.moveaxis(a, axis, 0), np.moveaxis(out, axis, 0)
    pieces = min(len(out), 64)
    bounds = [len(out) * n // pieces for n in range(pieces + 1)]

    def piece(n: int) -> None:
        part = slice(bounds[n], bounds[n + 1])
        function.accumulate(a[part], axis=-1, dtype=out.dtype, out=out[part])

    team.map(piece, pieces)


def _long(team: Team, op: str, a: np.ndarray, out: np.ndarray) -> None:
    """One long row, in two passes; the first one only learns where each block ends."""
    blocks = -(-len(out) // BLOCK)
    carries = np.zeros(blocks, out.dtype)
    code, words = arguments(op, a, out, carries, BLOCK, look=True)
    team.run(code, words.buffer_info()[0], blocks - 1)
    carries[:-1] = OPS[op].numpy.accumulate(carries[:-1])
    code, words = arguments(op, a, out, carries, BLOCK, look=False)
    team.run(code, words.buffer_info()[0], blocks)
