"""Lloyd's k-means: functions of one point, which become a fused loop over all of them, and means of groups."""

import sys

import ramba as np


def squares(x, y, centres):
    """The squares of a point's distances to all centres."""
    return [(x - a) ** 2 + (y - b) ** 2 for a, b in centres]


def least(x, y, centres):
    """The square of a point's distance to the nearest centre."""
    best = np.inf
    for square in squares(x, y, centres):
        best = np.minimum(best, square)
    return best


def nearest(x, y, centres):
    """The number of the centre that is nearest to a point."""
    best = least(x, y, centres)
    return sum(k * (square == best) for k, square in enumerate(squares(x, y, centres)))


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000_000
    rng = np.random.default_rng(1)
    truth = np.array([[-8.0, 3.0], [-3.0, -7.0], [0.0, 6.0], [4.0, -1.0], [9.0, 8.0]])
    x, y = (truth[rng.integers(0, 5, n)] + rng.normal(0, 0.5, (n, 2))).T.copy()
    centres = list(zip(x[:5].tolist(), y[:5].tolist()))
    for _ in range(10):
        labels = np.smap(nearest, x, y, centres)
        centres = list(zip(*(np.groupby(axis, labels, num_groups=5).mean().tolist() for axis in (x, y))))
    add = np.SreduceReducer(lambda a, b: a + b, lambda a, b: a + b)
    total = np.sreduce(least, add, 0.0, x, y, centres)
    print(f"mean square {float(total) / n:.6f}")
    for a, b in sorted(centres):
        print(f"{a:8.4f} {b:8.4f}")


if __name__ == "__main__":
    main()
