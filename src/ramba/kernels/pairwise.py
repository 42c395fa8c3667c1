"""Rows folded in a fixed tree: what is left of tiles, of cells and of workers."""

from __future__ import annotations

import numpy as np


def fold(op: np.ufunc, rows: np.ndarray) -> np.ndarray:
    """Rows folded pairwise: neighbours first, an odd last row waiting for the next round."""
    with np.errstate(all="ignore"):
        while len(rows) > 1:
            even = len(rows) // 2 * 2
            folded = op(rows[0:even:2], rows[1:even:2])
            rows = folded if even == len(rows) else np.concatenate([folded, rows[-1:]])
    return rows[0]
