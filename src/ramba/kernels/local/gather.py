"""Picking elements: by index, and by mask. ``make`` gives memory for the result."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ramba.kernels.local.select_loop import arguments
from ramba.kernels.team import Team

PIECE = 1 << 18  # elements that one call works on

Maker = Callable[[tuple[int, ...], np.dtype], np.ndarray]


def take(team: Team, make: Maker, a: np.ndarray, index: np.ndarray) -> np.ndarray:
    """``a[index]`` of a one-dimensional array. Raises IndexError as NumPy does."""
    out = make(index.shape, a.dtype)
    if index.size <= PIECE or not index.flags.c_contiguous:
        out[...] = a[index]
        return out
    flat, positions = out.reshape(-1), index.reshape(-1)

    def piece(n: int) -> None:
        part = slice(n * PIECE, (n + 1) * PIECE)
        flat[part] = a[positions[part]]

    team.map(piece, -(-index.size // PIECE))
    return out


def compress(team: Team, make: Maker, a: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """``a[mask]`` for a mask of the array's own shape."""
    flat, chosen = np.ascontiguousarray(a).reshape(-1), np.ascontiguousarray(mask).reshape(-1)
    pieces = max(-(-a.size // PIECE), 1)
    ends = np.cumsum([np.count_nonzero(chosen[n * PIECE : (n + 1) * PIECE]) for n in range(pieces)])
    starts = np.concatenate([[0], ends[:-1]]).astype(np.int64)
    out = make((int(ends[-1]),), a.dtype)
    if a.size and a.itemsize in (1, 2, 4, 8, 16):
        code, words = arguments(flat, chosen, out, starts, PIECE)
        team.run(code, words.buffer_info()[0], pieces)
    return out
