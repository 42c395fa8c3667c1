"""Picking elements: by index, and by mask."""

from __future__ import annotations

import numpy as np

from ramba.kernels.team import Workers

PIECE = 1 << 18  # elements that one call of NumPy works on


def take(team: Workers, a: np.ndarray, index: np.ndarray) -> np.ndarray:
    """``a[index]`` of a one-dimensional array. Raises IndexError as NumPy does."""
    if index.size <= PIECE or not (a.flags.c_contiguous and index.flags.c_contiguous):
        return a[index]
    out = np.empty(index.shape, a.dtype)
    flat, positions = out.reshape(-1), index.reshape(-1)

    def piece(n: int) -> None:
        part = slice(n * PIECE, (n + 1) * PIECE)
        flat[part] = a[positions[part]]

    team.map(piece, -(-index.size // PIECE))
    return out


def compress(team: Workers, a: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """``a[mask]`` for a mask of the array's own shape."""
    if a.size <= PIECE or not (a.flags.c_contiguous and mask.flags.c_contiguous):
        return a[mask]
    flat, chosen = a.reshape(-1), mask.reshape(-1)
    pieces = -(-a.size // PIECE)
    counts = np.empty(pieces, np.intp)

    def count(n: int) -> None:
        counts[n] = np.count_nonzero(chosen[n * PIECE : (n + 1) * PIECE])

    team.map(count, pieces)
    ends = np.cumsum(counts)
    out = np.empty(int(ends[-1]), a.dtype)

    def fill(n: int) -> None:
        part = slice(n * PIECE, (n + 1) * PIECE)
        out[ends[n] - counts[n] : ends[n]] = flat[part][chosen[part]]

    team.map(fill, pieces)
    return out
