"""Fourier transforms along one axis: NumPy's own, with the rows shared out over the threads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ramba.kernels.team import Part, Team, slabs


def along_axis(
    team: Team, function: Callable[..., Any], a: np.ndarray, out: np.ndarray, n: int, axis: int, norm: str | None
) -> None:
    """``function(a, n, axis, norm)`` into ``out``, for a function of numpy.fft."""

    def part(key: Part) -> None:
        function(a[key], n, axis, norm, out=out[key])

    slabs(team, a.shape, {axis % a.ndim}, part)
