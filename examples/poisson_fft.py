"""Poisson's equation on a periodic square, by Fourier transforms."""

import sys

import numpy as np


def solve(source):
    """The potential whose Laplacian is `source`, with mean zero."""
    n = len(source)
    k = np.fft.fftfreq(n, 1 / n) * 2 * np.pi
    squares = k[:, None] ** 2 + k[None, :] ** 2
    squares[0, 0] = 1.0
    transformed = -np.fft.fft2(source) / squares
    transformed[0, 0] = 0
    return np.fft.ifft2(transformed).real


def laplacian(potential):
    """The Laplacian by differences."""
    n = len(potential)
    neighbours = sum(np.roll(potential, shift, axis) for shift in (1, -1) for axis in (0, 1))
    return (neighbours - 4 * potential) * n**2


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 1024
    x = np.arange(n) / n
    wave = np.sin(2 * np.pi * x)[:, None] * np.cos(4 * np.pi * x)[None, :]
    exact = -20 * np.pi**2 * wave
    print(f"error for a wave {np.abs(solve(exact) - wave).max():.1e}")
    distance = (x[:, None] - 0.3) ** 2 + (x[None, :] - 0.6) ** 2
    blob = np.exp(-distance / 0.002) - np.exp(-((x[:, None] - 0.7) ** 2 + (x[None, :] - 0.4) ** 2) / 0.002)
    potential = solve(blob)
    print(f"potential from {potential.min():.6f} to {potential.max():.6f}")
    lowest = np.unravel_index(potential.argmin(), potential.shape)
    print("lowest at", np.round(np.array(lowest) / n, 2))
    print(f"residual {np.abs(laplacian(potential) - blob).mean():.1e}")
    print("along a line", np.round(potential[n // 4, :: n // 8], 6))


if __name__ == "__main__":
    main()
