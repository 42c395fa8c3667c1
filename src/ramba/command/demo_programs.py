"""The programs of ``python -m ramba demo``: ordinary NumPy, the module that runs them is an argument.

Each takes `(np, n)`, makes its input (not timed) and returns `step`. A call of `step` is what is timed; it returns the
arrays that must agree with NumPy's. `np` is NumPy itself with a `sync` that does nothing, or Ramba. This file imports
neither: `benchmarks` runs it beside its own programs in processes that know NumPy alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Step = Callable[[], tuple[Any, ...]]


def sin_cos(np: Any, n: int) -> Step:
    """The first program of every Ramba README."""

    def step() -> tuple[Any, ...]:
        A = np.arange(n) / 1000.0
        B = np.sin(A)
        C = np.cos(A)
        D = B * B + C**2
        np.sync()
        return A, B, C, D

    return step


def jacobi(np: Any, n: int) -> Step:
    """Heat in a square plate whose upper edge is kept at 100 degrees and whose left edge grows warm towards it."""
    u = np.zeros((n, n))
    u[0, :] = 100.0
    u[:, 0] = np.linspace(100.0, 0.0, n)
    v = u.copy()
    np.sync()

    def step() -> tuple[Any, ...]:
        for _ in range(3):
            v[1:-1, 1:-1] = 0.25 * (u[1:-1, :-2] + u[1:-1, 2:] + u[:-2, 1:-1] + u[2:, 1:-1])
            u[1:-1, 1:-1] = 0.25 * (v[1:-1, :-2] + v[1:-1, 2:] + v[:-2, 1:-1] + v[2:, 1:-1])
        np.sync()
        return u, v

    return step


def mandelbrot(np: Any, n: int) -> Step:
    """How many of 25 iterations each point of the plane survives."""

    def step() -> tuple[Any, ...]:
        x = np.linspace(-2.2, 0.8, 3 * n // 2)[None, :]
        y = np.linspace(-1.0, 1.0, n)[:, None]
        zr, zi = np.zeros((n, 3 * n // 2)), np.zeros((n, 3 * n // 2))
        count = np.zeros((n, 3 * n // 2))
        for _ in range(25):
            zr, zi = zr * zr - zi * zi + x, 2 * zr * zi + y
            inside = zr * zr + zi * zi < 4.0
            zr, zi = np.where(inside, zr, 2.0), np.where(inside, zi, 0.0)
            count += inside
        np.sync()
        return (count,)

    return step


__all__ = ["Step", "jacobi", "mandelbrot", "sin_cos"]
