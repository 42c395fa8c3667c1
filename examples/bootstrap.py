"""Confidence intervals by the bootstrap: the mean, the median and the correlation of skewed data."""

import sys

import numpy as np


def interval(estimates, level=0.95):
    """The middle part of what the bootstrap gave."""
    return np.quantile(estimates, [(1 - level) / 2, (1 + level) / 2])


def resampled(x, y, rounds, rng):
    """Mean and median of x, and the correlation of x and y, of samples drawn from the data."""
    picked = rng.integers(0, len(x), (rounds, len(x)))
    xs, ys = x[picked], y[picked]
    dx, dy = xs - xs.mean(axis=1, keepdims=True), ys - ys.mean(axis=1, keepdims=True)
    correlation = (dx * dy).sum(axis=1) / np.sqrt((dx**2).sum(axis=1) * (dy**2).sum(axis=1))
    return xs.mean(axis=1), np.median(xs, axis=1), correlation


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 4000
    rng = np.random.default_rng(19)
    x = rng.lognormal(0, 0.8, 500)
    y = np.sqrt(x) + rng.normal(0, 0.5, 500)
    means, medians, correlations = resampled(x, y, rounds, rng)
    for name, value, estimates in (
        ("mean", x.mean(), means),
        ("median", np.median(x), medians),
        ("correlation", np.corrcoef(x, y)[0, 1], correlations),
    ):
        low, high = interval(estimates)
        print(f"{name:12} {value:.4f} in [{low:.4f}, {high:.4f}], bias {estimates.mean() - value:+.5f}")
    counts, bounds = np.histogram(means, bins=8)
    for count, left in zip(counts, bounds):
        print(f"{left:.3f} {'#' * int(40 * count / counts.max())}")


if __name__ == "__main__":
    main()
