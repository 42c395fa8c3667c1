"""Conway's Game of Life on a torus: gliders, an R-pentomino, and a random soup."""

import sys

import numpy as np


def step(world):
    """The next generation."""
    rows = world.astype(np.uint8)
    rows = rows + np.roll(rows, 1, 0) + np.roll(rows, -1, 0)
    count = rows + np.roll(rows, 1, 1) + np.roll(rows, -1, 1)  # the cell itself is among them
    return (count == 3) | (world & (count == 4))


def picture(world):
    """A part of the world as text."""
    return "\n".join("".join("#" if cell else "." for cell in row) for row in world)


def main():
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 600
    world = np.zeros((size, size), dtype=bool)
    for y, x in ((1, 2), (2, 3), (3, 1), (3, 2), (3, 3)):
        world[y, x] = True
    middle = size // 2
    world[middle + np.array([0, 0, 1, 1, 2]), middle + np.array([1, 2, 0, 1, 1])] = True
    soup = np.random.default_rng(17).random((size // 4, size // 4)) < 0.3
    world[-size // 4 :, : size // 4] = soup[: size // 4, : size // 4]
    for turn in range(120):
        if turn % 40 == 0:
            print(f"{turn:4}: {world.sum()} alive")
        world = step(world)
    print(f" 120: {world.sum()} alive")
    print(picture(world[30:36, 30:36]))
    ages = np.flatnonzero(world.any(axis=1))
    print("rows with life", len(ages), ages[:5])


if __name__ == "__main__":
    main()
