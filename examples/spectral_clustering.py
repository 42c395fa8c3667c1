"""Spectral clustering: two moons told apart by the second eigenvector of a graph of neighbours."""

import sys

import numpy as np


def moons(n, rng):
    """Points of two half circles that reach into each other, and which one each belongs to."""
    angle = rng.uniform(0, np.pi, n)
    which = np.arange(n) % 2
    x = np.where(which == 0, np.cos(angle), 1 - np.cos(angle))
    y = np.where(which == 0, np.sin(angle), 0.5 - np.sin(angle))
    return np.column_stack([x, y]) + rng.normal(0, 0.06, (n, 2)), which


def affinity(points, width):
    """How near points are to each other, from 0 to 1."""
    squares = ((points[:, None, :] - points[None, :, :]) ** 2).sum(axis=2)
    near = np.exp(-squares / (2 * width**2))
    np.fill_diagonal(near, 0)
    return near


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    points, which = moons(n, np.random.default_rng(15))
    near = affinity(points, 0.12)
    degree = near.sum(axis=1)
    scale = 1 / np.sqrt(degree)
    laplacian = np.eye(n) - scale[:, None] * near * scale[None, :]
    values, vectors = np.linalg.eigh(laplacian)
    second = vectors[:, 1] * scale
    found = second > np.median(second)
    right = max((found == which).mean(), (found != which).mean())
    print("smallest eigenvalues", np.round(values[:4], 5))
    print(f"right {right:.4f}, mean degree {degree.mean():.4f}")
    sizes = [int(found.sum()), int((~found).sum())]
    print("sizes", sizes)


if __name__ == "__main__":
    main()
