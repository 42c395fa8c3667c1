"""Maxwell's equations in two dimensions by finite differences in time (Yee's scheme), around a slab of glass."""

import sys

import numpy as np


def simulate(size, turns):
    """The electric field after some turns, and its energy every fifty."""
    ez = np.zeros((size, size))
    hx = np.zeros((size, size - 1))
    hy = np.zeros((size - 1, size))
    glass = np.ones((size, size))
    glass[:, size // 2 : size // 2 + size // 8] = 4.0
    speed = 0.5
    energies = []
    for turn in range(turns):
        hx -= speed * (ez[:, 1:] - ez[:, :-1])
        hy += speed * (ez[1:, :] - ez[:-1, :])
        curl = (hy[1:, 1:-1] - hy[:-1, 1:-1]) - (hx[1:-1, 1:] - hx[1:-1, :-1])
        ez[1:-1, 1:-1] += speed * curl / glass[1:-1, 1:-1]
        ez[size // 2, size // 4] += np.exp(-(((turn - 40) / 12) ** 2)) * np.sin(0.4 * turn)
        if turn % 50 == 49:
            energies.append((glass * ez**2).sum() + (hx**2).sum() + (hy**2).sum())
    return ez, energies


def main():
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    ez, energies = simulate(size, 200)
    print("energies", " ".join(f"{x:.5f}" for x in energies))
    print(f"largest {np.abs(ez).max():.6f}, in the glass {np.abs(ez[:, size // 2 : size // 2 + size // 8]).max():.6f}")
    print("along the middle", np.round(ez[size // 2, :: size // 8], 5))


if __name__ == "__main__":
    main()
