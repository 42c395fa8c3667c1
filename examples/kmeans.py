"""Lloyd's k-means on points around eight centres."""

import sys

import numpy as np


def nearest(points, centres):
    """For each point the number of its nearest centre, and the distance to it."""
    squares = (points**2).sum(axis=1)[:, None] - 2 * points @ centres.T + (centres**2).sum(axis=1)
    return squares.argmin(axis=1), np.sqrt(np.maximum(squares.min(axis=1), 0))


def kmeans(points, count, rounds):
    """Centres of `count` clusters, sorted, and the mean distance after each round."""
    centres = points[:: len(points) // count][:count].copy()
    history = []
    for _ in range(rounds):
        labels, distances = nearest(points, centres)
        history.append(distances.mean())
        sizes = np.bincount(labels, minlength=count)
        sums = np.stack([np.bincount(labels, weights=axis, minlength=count) for axis in points.T], axis=1)
        centres = np.where(sizes[:, None] > 0, sums / np.maximum(sizes, 1)[:, None], centres)
    return centres[np.argsort(centres[:, 0])], history


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    rng = np.random.default_rng(1)
    truth = rng.uniform(-10, 10, (8, 2))
    points = truth[rng.integers(0, 8, n)] + rng.normal(0, 0.5, (n, 2))
    centres, history = kmeans(points, 8, 15)
    print("mean distance", " ".join(f"{x:.4f}" for x in history[::5]))
    for x, y in centres:
        print(f"{x:8.3f} {y:8.3f}")


if __name__ == "__main__":
    main()
