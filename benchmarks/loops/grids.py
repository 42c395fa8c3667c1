"""Loops over time steps, sweeps, shifts or tiles of a grid."""

from __future__ import annotations

from typing import Any


def finite_elements(np: Any, conductivity: Any, steps: int) -> Any:
    """Bilinear elements on a square: the matrix is assembled by corners, then a few damped Jacobi steps are taken."""
    corners = [(0, 0), (0, 1), (1, 1), (1, 0)]
    stiffness = [[4, -1, -2, -1], [-1, 4, -1, -2], [-2, -1, 4, -1], [-1, -2, -1, 4]]
    n, m = conductivity.shape
    matrix = np.zeros((3, 3, n + 1, m + 1))  # for each node its nine neighbours
    load = np.zeros((n + 1, m + 1))
    for a, (i, j) in enumerate(corners):
        load[i : n + i, j : m + j] += 0.25
        for b, (to_i, to_j) in enumerate(corners):
            matrix[1 + to_i - i, 1 + to_j - j, i : n + i, j : m + j] += stiffness[a][b] / 6 * conductivity
    u = np.zeros((n + 3, m + 3))
    for _ in range(steps):
        product = np.zeros((n + 1, m + 1))
        for i in range(3):
            for j in range(3):
                product += matrix[i, j] * u[i : n + 1 + i, j : m + 1 + j]
        inner = 0.8 * (load - product) / matrix[1, 1]
        u[2:-2, 2:-2] += inner[1:-1, 1:-1]
    return u.sum()


def conjugate_gradients(np: Any, b: Any, iterations: int) -> Any:
    """Poisson's equation on a grid without its matrix."""

    def laplace(u: Any) -> Any:
        v = 4 * u
        v[1:] -= u[:-1]
        v[:-1] -= u[1:]
        v[:, 1:] -= u[:, :-1]
        v[:, :-1] -= u[:, 1:]
        return v

    x = np.zeros(b.shape)
    r = b.copy()
    p = r.copy()
    rho = (r * r).sum()
    for _ in range(iterations):
        q = laplace(p)
        alpha = rho / (p * q).sum()
        x += alpha * p
        r -= alpha * q
        rho, before = (r * r).sum(), rho
        if rho < 1e-20:
            break
        p = r + rho / before * p
    return (x * x).sum()


def multigrid(np: Any, f: Any, cycles: int) -> Any:
    """V-cycles for Poisson's equation: the grids shrink until a point is left."""

    def smooth(u: Any, f: Any, h: float, times: int) -> None:
        for _ in range(times):
            neighbours = u[:-2, 1:-1] + u[2:, 1:-1] + u[1:-1, :-2] + u[1:-1, 2:]
            u[1:-1, 1:-1] += 0.2 * (neighbours - 4 * u[1:-1, 1:-1] + h * h * f[1:-1, 1:-1])

    def cycle(u: Any, f: Any, h: float) -> None:
        smooth(u, f, h, 2)
        if u.shape[0] <= 3:
            return
        r = np.zeros_like(u)
        neighbours = u[:-2, 1:-1] + u[2:, 1:-1] + u[1:-1, :-2] + u[1:-1, 2:]
        r[1:-1, 1:-1] = f[1:-1, 1:-1] + (neighbours - 4 * u[1:-1, 1:-1]) / (h * h)
        coarse = r[::2, ::2].copy()
        coarse[1:-1, 1:-1] = 0.5 * r[2:-2:2, 2:-2:2] + 0.125 * (
            r[1:-3:2, 2:-2:2] + r[3:-1:2, 2:-2:2] + r[2:-2:2, 1:-3:2] + r[2:-2:2, 3:-1:2]
        )
        e = np.zeros_like(coarse)
        cycle(e, coarse, 2 * h)
        u[::2, ::2] += e
        u[1::2, ::2] += 0.5 * (e[:-1] + e[1:])
        u[::2, 1::2] += 0.5 * (e[:, :-1] + e[:, 1:])
        u[1::2, 1::2] += 0.25 * (e[:-1, :-1] + e[1:, :-1] + e[:-1, 1:] + e[1:, 1:])
        smooth(u, f, h, 2)

    u = np.zeros_like(f)
    for _ in range(cycles):
        cycle(u, f, 1.0 / (f.shape[0] - 1))
    return np.abs(u).sum()


def game_of_life(np: Any, board: Any, generations: int) -> Any:
    """Conway's game on a torus."""
    board = board.copy()
    for _ in range(generations):
        padded = np.pad(board, 1, mode="wrap")
        neighbours = np.zeros_like(board)
        for i in range(3):
            for j in range(3):
                if (i, j) != (1, 1):
                    neighbours += padded[i : i + board.shape[0], j : j + board.shape[1]]
        board = ((neighbours == 3) | ((board == 1) & (neighbours == 2))).astype(board.dtype)
    return board.sum()


def lattice_boltzmann(np: Any, noise: Any, steps: int) -> Any:
    """A stream past a cylinder on nine velocities: roll, collide, bounce."""
    cx = [0, 0, 1, 1, 1, 0, -1, -1, -1]
    cy = [0, 1, 1, 0, -1, -1, -1, 0, 1]
    weights = [4 / 9, 1 / 9, 1 / 36, 1 / 9, 1 / 36, 1 / 9, 1 / 36, 1 / 9, 1 / 36]
    ny, nx, _ = noise.shape
    x, y = np.meshgrid(np.arange(nx), np.arange(ny))
    cylinder = (x - nx / 4) ** 2 + (y - ny / 2) ** 2 < (ny / 4) ** 2
    f = 1 + 0.01 * noise
    f[:, :, 3] += 2 * (1 + 0.2 * np.cos(2 * np.pi * x / nx * 4))
    density = f.sum(axis=2)
    for i in range(9):
        f[:, :, i] *= 100 / density
    for _ in range(steps):
        for i in range(9):
            f[:, :, i] = np.roll(f[:, :, i], cx[i], axis=1)
            f[:, :, i] = np.roll(f[:, :, i], cy[i], axis=0)
        bounced = f[cylinder, :][:, [0, 5, 6, 7, 8, 1, 2, 3, 4]]
        density = f.sum(axis=2)
        ux = (f * np.array(cx)).sum(axis=2) / density
        uy = (f * np.array(cy)).sum(axis=2) / density
        settled = np.zeros_like(f)
        for i in range(9):
            along = cx[i] * ux + cy[i] * uy
            settled[:, :, i] = density * weights[i] * (1 + 3 * along + 4.5 * along**2 - 1.5 * (ux**2 + uy**2))
        f += -(1 / 0.6) * (f - settled)
        f[cylinder, :] = bounced
    return (f * f).sum()


def bilateral_filter(np: Any, image: Any, reach: int) -> Any:
    """Neighbours weigh by distance and by likeness: a loop over shifts of a padded picture."""
    n, m = image.shape
    padded = np.pad(image, reach, mode="edge")
    total, weights = np.zeros_like(image), np.zeros_like(image)
    for i in range(-reach, reach + 1):
        for j in range(-reach, reach + 1):
            shifted = padded[reach + i : reach + i + n, reach + j : reach + j + m]
            weight = np.exp(-(i * i + j * j) / (2 * 2.0**2) - (shifted - image) ** 2 / (2 * 0.2**2))
            total += weight * shifted
            weights += weight
    return total / weights


def equalise(np: Any, image: Any, tile: int) -> Any:
    """Histogram equalisation of each tile of a picture of bytes, with a limit on contrast."""
    out = np.empty_like(image)
    for i in range(0, image.shape[0], tile):
        for j in range(0, image.shape[1], tile):
            part = image[i : i + tile, j : j + tile]
            counts = np.bincount(part.ravel(), minlength=256)
            kept = np.minimum(counts, 4 * part.size // 256)
            kept = kept + (part.size - kept.sum()) // 256
            curve = np.cumsum(kept)
            curve = (255 * (curve - curve[0]) // max(int(curve[-1] - curve[0]), 1)).astype(image.dtype)
            out[i : i + tile, j : j + tile] = curve[part]
    return out


def finite_volumes(np: Any, start: Any, steps: int) -> Any:
    """The shallow water equations with Lax and Friedrichs' flux; walls are set row by row."""
    h, u, v = 1 + 0.1 * start, np.zeros_like(start), np.zeros_like(start)
    for _ in range(steps):
        x = [u, u * u / h + 0.5 * h * h, u * v / h]
        y = [v, u * v / h, v * v / h + 0.5 * h * h]
        new = []
        for q, f, g in zip((h, u, v), x, y, strict=True):
            n = q.copy()
            n[1:-1, 1:-1] = 0.25 * (q[2:, 1:-1] + q[:-2, 1:-1] + q[1:-1, 2:] + q[1:-1, :-2])
            n[1:-1, 1:-1] -= 0.1 * (f[1:-1, 2:] - f[1:-1, :-2] + g[2:, 1:-1] - g[:-2, 1:-1])
            n[0], n[-1] = n[1], n[-2]
            n[:, 0], n[:, -1] = n[:, 1], n[:, -2]
            new.append(n)
        h, u, v = new
        u[:, 0] = u[:, -1] = 0
        v[0] = v[-1] = 0
    return np.stack([h, u, v])
