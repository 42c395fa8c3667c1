"""Fourier transforms along one axis: NumPy's own, with the rows shared out over the threads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ramba.kernels.team import Team

PIECES = 32


def along_axis(
    team: Team, function: Callable[..., Any], a: np.ndarray, out: np.ndarray, n: int, axis: int, norm: Any
) -> None:
    """``function(a, n, axis, norm)`` into ``out``."""
    other = [d for d in range(a.ndim) if d != axis]
    rows = max(other, key=lambda d: a.shape[d])
    pieces = min(a.shape[rows], PIECES)
    bounds = [a.shape[rows] * p // pieces for p in range(pieces + 1)]

    def piece(p: int) -> None:
        part = tuple(slice(bounds[p], bounds[p + 1]) if d == rows else slice(None) for d in range(a.ndim))
        function(a[part], n, axis, norm, out=out[part])

    team.map(piece, pieces)
