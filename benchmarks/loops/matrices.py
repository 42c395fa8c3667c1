"""Loops over rows, columns, vectors or layers of matrices that fit in a cache."""

from __future__ import annotations

from typing import Any


def floyd_warshall(np: Any, distance: Any) -> Any:
    """All shortest ways, through one node after the other."""
    d = distance.copy()
    for k in range(d.shape[0]):
        d = np.minimum(d, d[:, k, None] + d[None, k, :])
    return d


def power_iteration(np: Any, a: Any, vectors: int, steps: int) -> Any:
    """The largest eigenvalues, one after the other, each taken away when it is found."""
    a = a.copy()
    values = np.zeros(vectors)
    for k in range(vectors):
        x = np.ones(a.shape[0]) / a.shape[0]
        x[k] += 1.0
        for _ in range(steps):
            y = a @ x
            x = y / np.sqrt(y @ y)
        values[k] = x @ (a @ x)
        a -= values[k] * np.outer(x, x)
    return values


def jacobi_eigenvalues(np: Any, a: Any, sweeps: int) -> Any:
    """Rotations of two rows and two columns until nothing is left beside the diagonal."""
    a = a.copy()
    n = a.shape[0]
    for _ in range(sweeps):
        for p in range(n - 1):
            for q in range(p + 1, n):
                if abs(a[p, q]) < 1e-14:
                    continue
                theta = (a[q, q] - a[p, p]) / (2 * a[p, q])
                t = 1.0 / (abs(theta) + np.sqrt(theta * theta + 1))
                t = t if theta >= 0 else -t
                c = 1 / np.sqrt(t * t + 1)
                s = t * c
                row, other = a[p].copy(), a[q].copy()
                a[p], a[q] = c * row - s * other, s * row + c * other
                column, other = a[:, p].copy(), a[:, q].copy()
                a[:, p], a[:, q] = c * column - s * other, s * column + c * other
    return np.sort(np.diag(a))


def householder(np: Any, a: Any) -> Any:
    """A triangle from reflections, one a column."""
    r = a.copy()
    for k in range(r.shape[1]):
        v = r[k:, k].copy()
        v[0] += np.copysign(np.linalg.norm(v), v[0])
        v /= np.linalg.norm(v)
        r[k:, k:] -= 2.0 * np.outer(v, v @ r[k:, k:])
    return np.abs(np.diag(r))


def transformer(np: Any, x: Any, weights: Any, layers: int, heads: int) -> Any:
    """Blocks of a small language model: norms, attention head by head, two dense layers."""
    n, d = x.shape
    wide = d // heads
    mask = np.where(np.tril(np.ones((n, n), dtype=bool)), 0.0, -1e9)

    def norm(x: Any) -> Any:
        return (x - x.mean(axis=-1, keepdims=True)) / np.sqrt(x.var(axis=-1, keepdims=True) + 1e-5)

    for _ in range(layers):
        q, k, v = np.split(norm(x) @ weights[:, : 3 * d], 3, axis=1)
        out = []
        for h in range(heads):
            part = slice(h * wide, (h + 1) * wide)
            scores = q[:, part] @ k[:, part].T / np.sqrt(wide) + mask
            scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
            out.append(scores / scores.sum(axis=-1, keepdims=True) @ v[:, part])
        x = x + np.concatenate(out, axis=1) @ weights[:, 3 * d : 4 * d]
        hidden = norm(x) @ weights[:, 4 * d :]
        hidden = 0.5 * hidden * (1 + np.tanh(np.sqrt(2 / np.pi) * (hidden + 0.044715 * hidden**3)))
        x = x + hidden @ weights[:, 4 * d :].T
    return x


def network(np: Any, images: Any, labels: Any, w1: Any, w2: Any, batch: int) -> Any:
    """An epoch of a network of two layers, with gradients by hand and momentum."""
    w1, w2 = w1.copy(), w2.copy()
    b1, b2 = np.zeros(w1.shape[1]), np.zeros(w2.shape[1])
    weights = [w1, b1, w2, b2]
    momentum = [np.zeros_like(w) for w in weights]
    for i in range(0, images.shape[0] - batch + 1, batch):
        x, t = images[i : i + batch], labels[i : i + batch]
        h = np.maximum(x @ w1 + b1, 0)
        z = h @ w2 + b2
        e = np.exp(z - z.max(axis=1, keepdims=True))
        dz = e / e.sum(axis=1, keepdims=True)
        dz[np.arange(batch), t] -= 1
        dz /= batch
        dh = (dz @ w2.T) * (h > 0)
        for w, m, g in zip(weights, momentum, (x.T @ dh, dh.sum(axis=0), h.T @ dz, dz.sum(axis=0)), strict=True):
            m *= 0.9
            m -= 0.05 * g
            w += m
    return np.concatenate([w.ravel() for w in weights])


def k_means(np: Any, points: Any, clusters: int, rounds: int) -> Any:
    """Lloyd's algorithm, one cluster's mean after the other."""
    centres = points[:clusters].copy()
    for _ in range(rounds):
        distances = ((points[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2)
        nearest = distances.argmin(axis=1)
        for c in range(clusters):
            mine = points[nearest == c]
            if len(mine):
                centres[c] = mine.mean(axis=0)
    return centres


def n_body(np: Any, mass: Any, position: Any, velocity: Any, steps: int) -> Any:
    """Some tens of bodies and the attraction of all pairs, with the leapfrog."""
    x, v, dt = position.copy(), velocity.copy(), 0.001

    def acceleration(x: Any) -> Any:
        apart = x[None, :, :] - x[:, None, :]
        squares = (apart * apart).sum(axis=2) + 0.01
        return (apart * (mass[None, :] / (squares * np.sqrt(squares)))[:, :, None]).sum(axis=1)

    a = acceleration(x)
    for _ in range(steps):
        v += 0.5 * dt * a
        x += dt * v
        a = acceleration(x)
        v += 0.5 * dt * a
    return np.concatenate([x, v])


def runge_kutta(np: Any, coupling: Any, start: Any, steps: int) -> Any:
    """Coupled oscillators (Kuramoto's), four stages a step."""

    def slope(y: Any) -> Any:
        return natural + (coupling * np.sin(y[None, :] - y[:, None])).mean(axis=1)

    natural = np.linspace(-1.0, 1.0, start.size)
    y, h = start.copy(), 0.01
    order = np.zeros(steps)
    for n in range(steps):
        k1 = slope(y)
        k2 = slope(y + 0.5 * h * k1)
        k3 = slope(y + 0.5 * h * k2)
        k4 = slope(y + h * k3)
        y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        order[n] = np.abs(np.exp(1j * y).mean())
    return order


def page_rank(np: Any, heads: Any, tails: Any, pages: int, rounds: int) -> Any:
    """Who links to whom as two lists of numbers; ranks flow along them, round by round."""
    degree = np.bincount(heads, minlength=pages)
    rank = np.full(pages, 1.0 / pages)
    for _ in range(rounds):
        share = np.where(degree > 0, rank / np.maximum(degree, 1), 0.0)
        flow = np.bincount(tails, weights=share[heads], minlength=pages)
        rank = 0.85 * (flow + rank[degree == 0].sum() / pages) + 0.15 / pages
    return rank
