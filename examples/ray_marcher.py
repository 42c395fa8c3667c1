"""A ray marcher: spheres on a chequered floor, found by walking along each ray by the distance to the nearest thing."""

import sys

import numpy as np

SPHERES = np.array([[0.0, 0.0, 4.0, 1.0], [1.8, -0.4, 5.0, 0.6], [-1.7, -0.5, 3.2, 0.5]])
FLOOR = -1.0
LIGHT = np.array([0.5, 0.8, -0.4]) / np.linalg.norm([0.5, 0.8, -0.4])


def distance(x, y, z):
    """How far points are from the nearest surface."""
    nearest = y - FLOOR
    for cx, cy, cz, radius in SPHERES:
        nearest = np.minimum(nearest, np.sqrt((x - cx) ** 2 + (y - cy) ** 2 + (z - cz) ** 2) - radius)
    return nearest


def march(x, y, z, dx, dy, dz, steps):
    """How far rays go until they meet something."""
    travelled = np.zeros_like(dx)
    for _ in range(steps):
        travelled = travelled + distance(x + travelled * dx, y + travelled * dy, z + travelled * dz)
        travelled = np.minimum(travelled, 30.0)
    return travelled


def render(width, height):
    """Lightness from 0 to 1."""
    u = np.linspace(-1.6, 1.6, width)[None, :] + np.zeros((height, 1))
    v = np.linspace(0.9, -0.9, height)[:, None] + np.zeros((1, width))
    length = np.sqrt(u**2 + v**2 + 1)
    dx, dy, dz = u / length, v / length, 1 / length
    t = march(0.0, 0.0, 0.0, dx, dy, dz, 50)
    x, y, z = t * dx, t * dy, t * dz
    small = 1e-4
    nx = distance(x + small, y, z) - distance(x - small, y, z)
    ny = distance(x, y + small, z) - distance(x, y - small, z)
    nz = distance(x, y, z + small) - distance(x, y, z - small)
    size = np.sqrt(nx**2 + ny**2 + nz**2) + 1e-12
    shade = np.clip((nx * LIGHT[0] + ny * LIGHT[1] + nz * LIGHT[2]) / size, 0.1, 1)
    chequers = np.where((np.floor(x) + np.floor(z)) % 2 == 0, 1.0, 0.6)
    return np.where(t >= 30, 0.0, shade * np.where(y < FLOOR + 0.01, chequers, 1.0))


def main():
    width = int(sys.argv[1]) if len(sys.argv) > 1 else 320
    picture = render(width, width * 9 // 16)
    for row in picture[:: max(1, len(picture) // 12), :: max(1, width // 50)]:
        print("".join(" .:-=+*#%@"[int(light * 9.0001)] for light in row))
    print(f"mean {picture.mean():.4f}, sky {(picture == 0).mean():.4f}")


if __name__ == "__main__":
    main()
