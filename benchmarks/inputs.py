"""What the programs start from: known patterns of Conway's game, and clusters of bodies made from a seed.

Everything here is plain NumPy, made before the clock starts, the same for every system.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy

PATTERNS = Path(__file__).parent / "patterns"


def pattern(name: str) -> numpy.ndarray:
    """A pattern of the Game of Life from its run-length file, as zeros and ones."""
    lines = (PATTERNS / f"{name}.rle").read_text().splitlines()
    header, *body = [line for line in lines if not line.startswith("#")]
    width, height = (int(number) for number in re.findall(r"[xy] *= *(\d+)", header))
    cells = numpy.zeros((height, width), dtype=numpy.uint8)
    row = column = 0
    for count, kind in re.findall(r"(\d*)([bo$!])", "".join(body)):
        length = int(count or 1)
        if kind == "$":
            row, column = row + length, 0
        elif kind in "bo":
            cells[row, column : column + length] = kind == "o"
            column += length
    return cells


def life_board(n: int) -> numpy.ndarray:
    """A board of n x n cells, with a Gosper gun, an R-pentomino and an acorn in every field of 128 x 128."""
    field = numpy.zeros((128, 128), dtype=numpy.uint8)
    for name, row, column in (("gosper_gun", 8, 8), ("r_pentomino", 80, 30), ("acorn", 70, 90)):
        cells = pattern(name)
        field[row : row + cells.shape[0], column : column + cells.shape[1]] = cells
    fields = -(-n // 128)
    return numpy.tile(field, (fields, fields))[:n, :n].copy()


def plummer(n: int, seed: int = 1911) -> tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]:
    """A star cluster at rest in itself (Plummer's sphere): masses, positions (3, n), velocities (3, n).

    Sampled as in Aarseth, Henon and Wielen (1974), in units where G, the mass and the scale length are one.
    """
    rng = numpy.random.default_rng(seed)
    radius = 1 / numpy.sqrt(rng.uniform(0.02, 0.98, n) ** (-2 / 3) - 1)
    q = numpy.zeros(n)
    todo = numpy.ones(n, dtype=bool)
    while todo.any():  # von Neumann's rejection for g(q) = q^2 (1 - q^2)^(7/2)
        trial, height = rng.uniform(0, 1, n), rng.uniform(0, 0.1, n)
        accept = todo & (height < trial**2 * (1 - trial**2) ** 3.5)
        q[accept] = trial[accept]
        todo &= ~accept
    speed = q * numpy.sqrt(2) * (1 + radius**2) ** -0.25
    position, velocity = radius * _directions(rng, n), speed * _directions(rng, n)
    return numpy.full(n, 1 / n), position - position.mean(axis=1)[:, None], velocity - velocity.mean(axis=1)[:, None]


def galaxy_pair(n: int, seed: int = 51) -> tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]:
    """Two discs of n / 2 stars each on a slow collision course: masses, positions (3, n), velocities (3, n)."""
    rng = numpy.random.default_rng(seed)
    masses, positions, velocities = [], [], []
    for side, tilt, share in ((-1, 0.3, 0.58), (1, -0.9, 0.42)):
        count = n // 2
        mass, position, velocity = _disc(rng, count, share)
        turn = numpy.array([[1, 0, 0], [0, numpy.cos(tilt), -numpy.sin(tilt)], [0, numpy.sin(tilt), numpy.cos(tilt)]])
        at, drift = numpy.array([[side * 2.6], [side * 0.75], [0.0]]), numpy.array([[-side * 0.34], [0.0], [0.0]])
        masses.append(mass)
        positions.append(turn @ position + at * (1 - share) * 2)
        velocities.append(turn @ velocity + drift * (1 - share) * 2)
    return numpy.concatenate(masses), numpy.hstack(positions), numpy.hstack(velocities)


def _disc(rng: numpy.random.Generator, n: int, mass: float) -> tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]:
    """A heavy centre with stars on circular orbits around it."""
    radius = numpy.sqrt(rng.uniform(0.02, 1.0, n)) * 1.3 * numpy.sqrt(mass / 0.5)
    angle = rng.uniform(0, 2 * numpy.pi, n)
    masses = numpy.full(n, 0.15 * mass / n)
    radius[0], masses[0] = 0.0, 0.85 * mass
    inside = 0.85 * mass + 0.15 * mass * (radius / radius.max()) ** 2
    speed = numpy.sqrt(inside * radius**2 / (radius**2 + 0.01) ** 1.5)
    position = numpy.stack([radius * numpy.cos(angle), radius * numpy.sin(angle), rng.normal(0, 0.02, n)])
    velocity = numpy.stack([-speed * numpy.sin(angle), speed * numpy.cos(angle), rng.normal(0, 0.01, n)])
    position[:, 0] = velocity[:, 0] = 0.0
    return masses, position, velocity


def _directions(rng: numpy.random.Generator, n: int) -> numpy.ndarray:
    """Points on the unit sphere, shape (3, n)."""
    height, angle = rng.uniform(-1, 1, n), rng.uniform(0, 2 * numpy.pi, n)
    flat = numpy.sqrt(1 - height**2)
    return numpy.stack([flat * numpy.cos(angle), flat * numpy.sin(angle), height])


def option_book(n: int, seed: int = 1973) -> tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]:
    """A trading desk's book of n options: spot prices, strikes around them, years to expiry."""
    rng = numpy.random.default_rng(seed)
    spot = rng.lognormal(mean=numpy.log(100.0), sigma=0.4, size=n)
    strike = numpy.round(spot * rng.uniform(0.7, 1.3, n))
    years = rng.integers(1, 105, n) / 52.0
    return spot, strike, years
