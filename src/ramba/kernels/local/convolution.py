"""Convolutions of vectors: NumPy's own dot products, for outputs that the threads share out."""

from __future__ import annotations

import numpy as np

from ramba.kernels.team import SLABS, Team

WORTH = 1 << 15  # products: fewer are done on one thread sooner than a second one wakes up


def convolve(team: Team, a: np.ndarray, v: np.ndarray, first: int, size: int, start: int, out: np.ndarray) -> None:
    """Writes ``np.convolve(whole, v)[start : start + len(out)]`` to ``out``, for a vector of which ``a`` is a part.

    Parameters
    ----------
    first
        Where in the whole vector, of ``size`` elements, the part begins. It has all that the outputs read.
    """
    taps = len(v)
    count = min(len(out), SLABS) if team.size > 1 and len(out) * taps >= WORTH else 1

    def part(n: int) -> None:
        low, high = start + len(out) * n // count, start + len(out) * (n + 1) // count
        begin, end = max(low - taps + 1, 0), min(high, size)
        inside = begin == low - taps + 1 and end == high  # no output meets an end of the vector
        found = np.convolve(a[begin - first : end - first], v, "valid" if inside else "full")
        out[low - start : high - start] = found if inside else found[low - begin : high - begin]

    team.map(part, count)


__all__ = ["convolve"]
