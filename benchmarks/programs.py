"""The programs of the demo, the benchmarks and the tests: ordinary NumPy, the module that runs them is an argument.

Each takes `(np, n)`, makes its input (not timed) and returns `step`. A call of `step` is what is timed; it returns the
arrays that must agree with NumPy's. `np` is NumPy itself with a `sync` that does nothing, or Ramba.
"""

from __future__ import annotations

import importlib.util
import runpy
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy

from benchmarks import inputs

Step = Callable[[], tuple[Any, ...]]

# three of them are in the package, for `python -m ramba demo`; run as a file, as the package itself is not imported
_PACKAGE = Path(str(importlib.util.find_spec("ramba").origin)).parent
_SHIPPED = runpy.run_path(str(_PACKAGE / "command" / "demo_programs.py"))
sin_cos, jacobi, mandelbrot = (_SHIPPED[name] for name in ("sin_cos", "jacobi", "mandelbrot"))


class Program(NamedTuple):
    """One row of the demo's table."""

    name: str
    title: str
    setup: Callable[[Any, int], Step]
    size: int  # the demo's; a step takes NumPy about a second
    small: int  # big enough to be lazy, small enough for a test
    scale: str  # what the size means
    dimensions: int  # points = size ** dimensions
    bytes_per_point: int  # at the peak, with NumPy


def baseline() -> types.ModuleType:
    """NumPy, with the one name that only Ramba has."""
    module = types.ModuleType("numpy_with_sync")
    module.__dict__.update({name: getattr(numpy, name) for name in numpy.__all__}, sync=lambda: None)
    return module


def star_stencil(np: Any, n: int) -> Step:
    """Parallel Research Kernels, Stencil: a star of radius 2 on a grid of single precision, ten iterations."""
    i = np.arange(n, dtype=np.float32)
    A = i[None, :] + i[:, None]
    B = np.zeros((n, n), dtype=np.float32)
    W = np.zeros((5, 5), dtype=np.float32)
    for r in (1, 2):
        W[2, 2 + r] = W[2 + r, 2] = 1.0 / (4 * r)
        W[2, 2 - r] = W[2 - r, 2] = -1.0 / (4 * r)
    W = [[float(w) for w in row] for row in W]
    np.sync()

    def step() -> tuple[Any, ...]:
        nonlocal A
        for _ in range(10):
            B[2:-2, 2:-2] += (
                W[2][2] * A[2:-2, 2:-2]
                + W[2][0] * A[2:-2, 0:-4]
                + W[2][1] * A[2:-2, 1:-3]
                + W[2][3] * A[2:-2, 3:-1]
                + W[2][4] * A[2:-2, 4:]
                + W[0][2] * A[0:-4, 2:-2]
                + W[1][2] * A[1:-3, 2:-2]
                + W[3][2] * A[3:-1, 2:-2]
                + W[4][2] * A[4:, 2:-2]
            )
            A += 1.0
        np.sync()
        return A, B

    return step


def nstream(np: Any, n: int) -> Step:
    """Parallel Research Kernels, Nstream: the bandwidth of memory."""
    A, B, C = np.zeros(n), np.full(n, 2.0), np.full(n, 2.0)
    s = 3.0
    np.sync()

    def step() -> tuple[Any, ...]:
        nonlocal A
        for _ in range(5):
            A += B + s * C
            np.sync()  # every iteration goes to memory: fused, five of them would be one
        return (A,)

    return step


def transpose(np: Any, n: int) -> Step:
    """Parallel Research Kernels, Transpose: strided reads against contiguous writes."""
    A = np.arange(n * n, dtype=np.float64).reshape(n, n)
    B = np.zeros((n, n))
    np.sync()

    def step() -> tuple[Any, ...]:
        nonlocal A, B
        for _ in range(3):
            B += A.T
            A += 1.0
            np.sync()
        return A, B

    return step


def normal_cdf(np: Any, x: Any) -> Any:
    """The normal distribution, by Abramowitz and Stegun 26.2.17: error below 7.5e-8."""
    a = np.abs(x)
    k = 1 / (1 + 0.2316419 * a)
    series = k * (0.319381530 + k * (-0.356563782 + k * (1.781477937 + k * (-1.821255978 + k * 1.330274429))))
    upper = 1 - 0.3989422804014327 * np.exp(-0.5 * a * a) * series
    return np.where(x < 0, 1 - upper, upper)


def option_prices(np: Any, S: Any, K: Any, T: Any, r: float = 0.03, sigma: float = 0.25) -> tuple[Any, Any]:
    """Calls and puts after Black and Scholes (1973)."""
    spread = sigma * np.sqrt(T)
    d1 = (np.log(S / K) + (r + 0.5 * sigma**2) * T) / spread
    d2 = d1 - spread
    discounted = K * np.exp(-r * T)
    call = S * normal_cdf(np, d1) - discounted * normal_cdf(np, d2)
    put = discounted * normal_cdf(np, -d2) - S * normal_cdf(np, -d1)
    return call, put


def black_scholes(np: Any, n: int) -> Step:
    """Prices a book of European options."""
    S, K, T = (np.array(column) for column in inputs.option_book(n))
    np.sync()

    def step() -> tuple[Any, ...]:
        call, put = option_prices(np, S, K, T)
        np.sync()
        return call, put

    return step


def next_generation(board: Any) -> None:
    """One generation of Conway's game, in place, with a mask assignment."""
    neighbours = (
        board[:-2, :-2]
        + board[:-2, 1:-1]
        + board[:-2, 2:]
        + board[1:-1, :-2]
        + board[1:-1, 2:]
        + board[2:, :-2]
        + board[2:, 1:-1]
        + board[2:, 2:]
    )
    cells = board[1:-1, 1:-1]
    birth = (neighbours == 3) & (cells == 0)
    survive = ((neighbours == 2) | (neighbours == 3)) & (cells == 1)
    board[...] = 0
    board[1:-1, 1:-1][birth | survive] = 1


def game_of_life(np: Any, n: int) -> Step:
    """Conway's game on a board of Gosper guns, R-pentominoes and acorns."""
    board = np.array(inputs.life_board(n)).astype(np.int32)
    np.sync()

    def step() -> tuple[Any, ...]:
        for _ in range(5):
            next_generation(board)
        np.sync()
        return (board,)

    return step


def accelerations(np: Any, m: Any, x: Any, y: Any, z: Any, softening: float) -> tuple[Any, Any, Any]:
    """Newton's attraction between all pairs, by broadcasting."""
    dx, dy, dz = x - x[:, None], y - y[:, None], z - z[:, None]
    r2 = dx * dx + dy * dy + dz * dz + softening**2
    pull = m / (r2 * np.sqrt(r2))
    return (pull * dx).sum(axis=1), (pull * dy).sum(axis=1), (pull * dz).sum(axis=1)


def energy(np: Any, m: Any, x: Any, y: Any, z: Any, v: tuple[Any, Any, Any], softening: float) -> float:
    """Kinetic and potential energy of all bodies, which an integrator must conserve."""
    dx, dy, dz = x - x[:, None], y - y[:, None], z - z[:, None]
    pairs = m * m[:, None] / np.sqrt(dx * dx + dy * dy + dz * dz + softening**2)
    own = (m * m).sum() / softening  # a body does not attract itself
    return float(0.5 * (m * (v[0] ** 2 + v[1] ** 2 + v[2] ** 2)).sum() - 0.5 * (pairs.sum() - own))


def n_body(np: Any, n: int) -> Step:
    """A star cluster (Plummer's sphere) followed with the leapfrog; its energy must stay what it was."""
    softening, dt = 0.05, 0.01
    m, position, velocity = (np.array(a) for a in inputs.plummer(n))
    x, y, z = position[0].copy(), position[1].copy(), position[2].copy()
    u, v, w = velocity[0].copy(), velocity[1].copy(), velocity[2].copy()
    start = energy(np, m, x, y, z, (u, v, w), softening)
    np.sync()

    def step() -> tuple[Any, ...]:
        nonlocal x, y, z, u, v, w
        for _ in range(4):
            x, y, z = x + 0.5 * dt * u, y + 0.5 * dt * v, z + 0.5 * dt * w
            ax, ay, az = accelerations(np, m, x, y, z, softening)
            u, v, w = u + dt * ax, v + dt * ay, w + dt * az
            x, y, z = x + 0.5 * dt * u, y + 0.5 * dt * v, z + 0.5 * dt * w
        drift = energy(np, m, x, y, z, (u, v, w), softening) / start - 1
        if abs(drift) > 1e-3:
            raise ArithmeticError(f"The cluster's energy drifted by {drift:.1e}: the integration went wrong.")
        np.sync()
        return x, y, z, u, v, w

    return step


PROGRAMS: tuple[Program, ...] = (
    Program("sin_cos", "sin / cos", sin_cos, 100_000_000, 300_000, "numbers", 1, 40),
    Program("star_stencil", "PRK star stencil", star_stencil, 4000, 400, "a side", 2, 16),
    Program("nstream", "PRK nstream", nstream, 30_000_000, 300_000, "numbers", 1, 40),
    Program("transpose", "PRK transpose", transpose, 5000, 500, "a side", 2, 24),
    Program("black_scholes", "Black-Scholes", black_scholes, 5_000_000, 200_000, "options", 1, 120),
    Program("jacobi", "heated plate (Jacobi)", jacobi, 4000, 500, "a side", 2, 40),
    Program("game_of_life", "Game of Life", game_of_life, 4000, 512, "a side", 2, 32),
    Program("n_body", "star cluster (n-body)", n_body, 2000, 300, "bodies", 2, 64),
    Program("mandelbrot", "Mandelbrot", mandelbrot, 1200, 300, "rows", 2, 120),
)

BY_NAME = {program.name: program for program in PROGRAMS}
