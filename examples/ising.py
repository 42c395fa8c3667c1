"""The Ising model by Metropolis steps on the two colours of a chequerboard."""

import sys

import numpy as np


def sweep(spins, black, temperature, rng):
    """Offers every spin a flip, first the black squares, then the white ones."""
    for colour in (black, ~black):
        neighbours = np.roll(spins, 1, 0) + np.roll(spins, -1, 0) + np.roll(spins, 1, 1) + np.roll(spins, -1, 1)
        cost = 2 * spins * neighbours
        flips = colour & (rng.random(spins.shape) < np.exp(-cost / temperature))
        spins = np.where(flips, -spins, spins)
    return spins


def energy(spins):
    """The energy of each spin."""
    return -(spins * (np.roll(spins, 1, 0) + np.roll(spins, 1, 1))).mean()


def main():
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 256
    rng = np.random.default_rng(8)
    rows, columns = np.indices((size, size))
    black = (rows + columns) % 2 == 0
    for temperature in (1.5, 2.269, 3.5):
        spins = np.ones((size, size), dtype=int)
        for _ in range(60):
            spins = sweep(spins, black, temperature, rng)
        print(f"T = {temperature}: magnetisation {spins.mean():.5f}, energy {energy(spins):.5f}")


if __name__ == "__main__":
    main()
