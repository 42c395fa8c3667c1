"""Conjugate gradients: the potential around charged wires in a box, without a matrix."""

import sys

import numpy as np


def laplacian(u):
    """Minus the sum of second differences, zero beyond the edges."""
    result = 4 * u
    result[1:] -= u[:-1]
    result[:-1] -= u[1:]
    result[:, 1:] -= u[:, :-1]
    result[:, :-1] -= u[:, 1:]
    return result


def conjugate_gradients(apply, b, steps):
    """The solution of ``apply(x) = b``; scalars stay where the arrays are until somebody looks."""
    x = np.zeros_like(b)
    residual = b.copy()
    direction = residual.copy()
    size = (residual * residual).sum()
    for _ in range(steps):
        image = apply(direction)
        length = size / (direction * image).sum()
        x += length * direction
        residual -= length * image
        before, size = size, (residual * residual).sum()
        direction = residual + (size / before) * direction
    return x, np.sqrt(size)


n = int(sys.argv[1]) if len(sys.argv) > 1 else 200
charge = np.zeros((n, n))
charge[n // 4, n // 3] = 1.0
charge[n // 2, 2 * n // 3] = -1.0
charge[3 * n // 4, n // 3 : n // 2] = 0.05
potential, error = conjugate_gradients(laplacian, charge, 400)
print(f"residual {float(error):.1e}")
print(f"highest {float(potential.max()):.4f}, lowest {float(potential.min()):.4f}")
