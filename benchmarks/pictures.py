"""The pictures of the demo: the same programs, run until there is something to see. All of it is computed by `np`.

Each function takes the module and returns the arrays that `plot.py` draws.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy

from benchmarks import inputs
from benchmarks.programs import accelerations, next_generation, option_prices


def mandelbrot(np: Any, height: int = 940, width: int = 964, iterations: int = 700) -> tuple[Any, ...]:
    """Smooth escape times around a spiral in the Seahorse Valley."""
    centre, span = (-0.743643, 0.131826), 0.0044
    x = np.linspace(centre[0] - span / 2, centre[0] + span / 2, width)[None, :]
    y = np.linspace(centre[1] - span / 2 * height / width, centre[1] + span / 2 * height / width, height)[:, None]
    zr, zi, count = np.zeros((height, width)), np.zeros((height, width)), np.zeros((height, width))
    for _ in range(iterations):
        inside = zr * zr + zi * zi < 1e4  # far beyond 2, where the smooth count is smooth
        zr, zi = np.where(inside, zr * zr - zi * zi + x, zr), np.where(inside, 2 * zr * zi + y, zi)
        count += inside
    escaped = zr * zr + zi * zi >= 1e4
    smooth = count - np.log2(np.log(np.maximum(zr * zr + zi * zi, 1e4)) / np.log(1e4))
    return (np.where(escaped, smooth, np.nan),)


def plate(np: Any, levels: int = 5) -> tuple[Any, ...]:
    """The temperature of a plate with hot and cold pipes in it, by Jacobi on finer and finer grids."""
    n = 33
    u = np.zeros((n, n + n // 2))
    for level in range(levels):
        if level:
            n *= 2
            u = np.repeat(np.repeat(u, 2, axis=0), 2, axis=1)
        pipes, held = _pipes(np, *u.shape)
        for _ in range(400):
            u[1:-1, 1:-1] = 0.25 * (u[1:-1, :-2] + u[1:-1, 2:] + u[:-2, 1:-1] + u[2:, 1:-1])
            u[0], u[-1], u[:, 0], u[:, -1] = u[1], u[-2], u[:, 1], u[:, -2]  # insulated edges
            u = np.where(pipes, held, u)
    return (u,)


def _pipes(np: Any, rows: int, columns: int) -> tuple[Any, Any]:
    """Where the temperature is held, and at what."""
    y = (np.arange(rows) / rows)[:, None]
    x = (np.arange(columns) / rows)[None, :]
    where, held = np.zeros((rows, columns), dtype=bool), np.zeros((rows, columns))
    hot = ((0.30, 0.30, 0.085), (0.70, 1.18, 0.085), (0.22, 1.05, 0.05))
    cold = ((0.74, 0.42, 0.07), (0.40, 0.78, 0.05), (0.16, 1.36, 0.045), (0.86, 0.86, 0.04))
    for temperature, circles in ((100.0, hot), (-60.0, cold)):
        for row, column, radius in circles:
            circle = (y - row) ** 2 + (x - column) ** 2 < radius**2
            where |= circle
            held = np.where(circle, temperature, held)
    return where, held


def life(np: Any, rows: int = 146, columns: int = 272, generations: int = 620) -> tuple[Any, ...]:
    """A board after many generations, and the warmth that cells leave where they lived."""
    start = numpy.zeros((rows, columns), dtype=numpy.uint8)
    for name, row, column, flip in (
        ("gosper_gun", 6, 6, (1, 1)),
        ("gosper_gun", 6, 230, (1, -1)),
        ("gosper_gun", 131, 40, (-1, 1)),
        ("gosper_gun", 131, 200, (-1, -1)),
        ("acorn", 66, 130, (1, 1)),
        ("r_pentomino", 30, 118, (1, 1)),
    ):
        cells = inputs.pattern(name)[:: flip[0], :: flip[1]]
        start[row : row + cells.shape[0], column : column + cells.shape[1]] = cells
    board = np.array(start).astype(np.int32)
    warmth = np.zeros((rows, columns))
    for _ in range(generations):
        next_generation(board)
        warmth *= 0.992
        np.maximum(warmth, board, out=warmth)
    return board, warmth


def galaxies(np: Any, bodies: int = 2000, steps: int = 270) -> tuple[Any, ...]:
    """Two colliding discs of stars: where all of them were in the last steps."""
    softening, dt = 0.08, 0.02
    m, position, velocity = (np.array(a) for a in inputs.galaxy_pair(bodies))
    x, y, z = position[0].copy(), position[1].copy(), position[2].copy()
    u, v, w = velocity[0].copy(), velocity[1].copy(), velocity[2].copy()
    trail = []
    for step in range(steps):
        ax, ay, az = accelerations(np, m, x, y, z, softening)
        u, v, w = u + dt * ax, v + dt * ay, w + dt * az
        x, y, z = x + dt * u, y + dt * v, z + dt * w
        if step >= steps - 40:
            trail.append(np.stack([x, y]))
    return (np.stack(trail),)


def options(np: Any, n: int = 160) -> tuple[Any, ...]:
    """What time adds to the worth of a call, over the price of the share and the years to expiry."""
    strike, rate = 100.0, 0.03
    spot = np.linspace(55.0, 150.0, n)[None, :]
    years = np.linspace(0.005, 2.0, n)[:, None]
    call, _ = option_prices(np, spot, strike, years, r=rate)
    hope = call - np.maximum(spot - strike * np.exp(-rate * years), 0)
    return spot + 0 * years, years + 0 * spot, hope


PICTURES: dict[str, Callable[[Any], tuple[Any, ...]]] = {
    "mandelbrot": mandelbrot,
    "plate": plate,
    "life": life,
    "galaxies": galaxies,
    "options": options,
}
