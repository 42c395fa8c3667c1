"""Picking elements by index and by mask, under the names that callers know."""

from __future__ import annotations

import numpy as np

from ramba.kernels.local.gather import PIECE, Maker, compress
from ramba.kernels.local.gather import take as take_along
from ramba.kernels.team import Team


def take(team: Team, make: Maker, a: np.ndarray, index: np.ndarray) -> np.ndarray:
    """``a[index]`` of a one-dimensional array. Raises IndexError as NumPy does."""
    return take_along(team, make, a, index)


__all__ = ["PIECE", "compress", "take"]
