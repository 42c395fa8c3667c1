"""Pólya's question by Monte Carlo: does a random walk in space come home? Every worker has its share of the walks."""

import sys

import numpy

import ramba as np

BLOCKS = 32  # of walks, each with random numbers of its own: the result does not depend on who walks them
STEPS = 200
WAYS = numpy.array([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]], dtype=numpy.int32)


def walks(block, count):
    """How many of so many walks came home, and the sum of squares of how far all were in the end."""
    rng = numpy.random.default_rng([7, block])
    places = WAYS[rng.integers(0, 6, (count, STEPS))].cumsum(axis=1)
    home = (places == 0).all(axis=2).any(axis=1)
    return int(home.sum()), int((places[:, -1] ** 2).sum())


def share(count):
    """What one worker finds out."""
    found = [walks(block, count) for block in range(np.rank(), BLOCKS, np.size())]
    return numpy.array(found, dtype=numpy.int64).reshape(-1, 2).sum(axis=0)


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    count = n // BLOCKS
    home, squares = sum(np.spmd(share, count))
    print(f"{BLOCKS * count} walks of {STEPS} steps: {home / (BLOCKS * count):.4f} came home")
    print(f"mean square of the distance {squares / (BLOCKS * count):.3f}")


if __name__ == "__main__":
    main()
