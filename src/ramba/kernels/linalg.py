"""Matrix products, by BLAS."""

from __future__ import annotations

import numpy as np

from ramba.kernels.team import Workers


def matmul(team: Workers, out: np.ndarray, a: np.ndarray, b: np.ndarray) -> None:
    """``a @ b``; the library underneath uses its own threads."""
    np.matmul(a, b, out=out)
