"""Principal components of correlated measurements, by eigenvectors of the covariance matrix."""

import sys

import numpy as np


def pca(data, count):
    """The first components, the share of the variance that each explains, and the data seen along them."""
    centred = data - data.mean(axis=0)
    covariance = centred.T @ centred / (len(data) - 1)
    values, vectors = np.linalg.eigh(covariance)
    order = np.argsort(values)[::-1][:count]
    components = vectors[:, order].T
    # eigenvectors have no sign of their own: let the largest entry be positive
    largest = np.abs(components).argmax(axis=1)
    components *= np.sign(components[np.arange(count), largest])[:, None]
    return components, values[order] / values.sum(), centred @ components.T


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    rng = np.random.default_rng(2)
    hidden = rng.normal(size=(n, 3)) * [5.0, 2.0, 1.0]
    data = hidden @ rng.normal(size=(3, 20)) + 0.1 * rng.normal(size=(n, 20)) + rng.uniform(-3, 3, 20)
    components, shares, seen = pca(data, 4)
    rebuilt = seen[:, :3] @ components[:3] + data.mean(axis=0)
    print("explained", np.round(shares, 4))
    print("deviations", np.round(seen.std(axis=0), 3))
    print("first component", np.round(components[0, :6], 4))
    print(f"error of three components {np.sqrt(((data - rebuilt) ** 2).mean()):.4f}")


if __name__ == "__main__":
    main()
