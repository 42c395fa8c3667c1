"""Loops over the rows of a table, the letters of a sequence, the taps of a filter, the days of a path."""

from __future__ import annotations

from typing import Any


def needleman_wunsch(np: Any, a: Any, b: Any) -> Any:
    """The best alignment of two sequences, row by row; the gaps along a row are a running maximum."""
    gap = 2.0
    j = np.arange(b.size + 1)
    row = -gap * j
    for i in range(a.size):
        match = np.where(b == a[i], 1.0, -1.0)
        best = np.empty_like(row)
        best[0] = -gap * (i + 1)
        best[1:] = np.maximum(row[:-1] + match, row[1:] - gap)
        row = np.maximum.accumulate(best + gap * j) - gap * j
    return row[-1]


def smith_waterman(np: Any, a: Any, b: Any) -> Any:
    """The best local alignment, along anti-diagonals of three arrays that change places."""
    n, m = a.size, b.size
    reversed_b = b[::-1]
    older, old = np.zeros(n + 1), np.zeros(n + 1)
    best = 0.0
    for d in range(2, n + m + 1):
        low, high = max(1, d - m), min(n, d - 1)
        match = np.where(a[low - 1 : high] == reversed_b[m - d + low : m - d + high + 1], 3.0, -3.0)
        new = np.zeros(n + 1)
        new[low : high + 1] = np.maximum(older[low - 1 : high] + match, 0.0)
        np.maximum(new[low : high + 1], old[low - 1 : high] - 2.0, out=new[low : high + 1])
        np.maximum(new[low : high + 1], old[low : high + 1] - 2.0, out=new[low : high + 1])
        best = max(best, float(new.max()))
        older, old = old, new
    return best


def viterbi(np: Any, start: Any, transition: Any, emission: Any, seen: Any) -> Any:
    """The most likely states behind what was seen, forwards by rows and backwards by elements."""
    n, steps = transition.shape[0], seen.shape[0]
    score = np.log(start) + np.log(emission[:, seen[0]])
    came = np.zeros((steps, n), dtype=np.int64)
    move, emit = np.log(transition), np.log(emission)
    for t in range(1, steps):
        paths = score[:, None] + move
        came[t] = paths.argmax(axis=0)
        score = paths.max(axis=0) + emit[:, seen[t]]
    states = np.zeros(steps, dtype=np.int64)
    states[-1] = score.argmax()
    for t in range(steps - 1, 0, -1):
        states[t - 1] = came[t, states[t]]
    return states


def binomial_tree(np: Any, strikes: Any, steps: int) -> Any:
    """An American put of several strikes: back through a tree that loses a node a step."""
    rate, sigma, spot, years = 0.05, 0.3, 100.0, 1.0
    dt = years / steps
    up = float(np.exp(sigma * np.sqrt(dt)))
    p = (float(np.exp(rate * dt)) - 1 / up) / (up - 1 / up)
    discount = float(np.exp(-rate * dt))
    k = np.arange(steps + 1)
    prices = spot * up ** (2.0 * k - steps)
    values = np.maximum(strikes[:, None] - prices, 0.0)
    for n in range(steps - 1, -1, -1):
        held = discount * (p * values[:, 1 : n + 2] + (1 - p) * values[:, : n + 1])
        prices = prices[: n + 1] * up
        values[:, : n + 1] = np.maximum(held, strikes[:, None] - prices)
    return values[:, 0]


def fir_filter(np: Any, signal: Any, taps: Any) -> Any:
    """A filter of finite response, tap by tap."""
    n = signal.size
    out = np.zeros_like(signal)
    for k in range(taps.size):
        out[k:] += taps[k] * signal[: n - k]
    return out


def running_statistics(np: Any, rows: Any) -> Any:
    """Mean, variance, extremes and a decaying mean of columns whose rows arrive one by one."""
    n = rows.shape[1]
    mean, squares, decaying = np.zeros(n), np.zeros(n), np.zeros(n)
    low, high = np.full(n, np.inf), np.full(n, -np.inf)
    for i, row in enumerate(rows, 1):
        difference = row - mean
        mean += difference / i
        squares += difference * (row - mean)
        low, high = np.minimum(low, row), np.maximum(high, row)
        decaying *= 0.9
        decaying += 0.1 * row
    return np.concatenate([mean, squares / len(rows), low, high, decaying])


def moving_windows(np: Any, prices: Any, windows: int) -> Any:
    """Moving means, deviations and a crossing strategy, for several lengths of the window."""
    prices = prices - prices.mean()  # or the differences of squares would lose their digits
    best = []
    for w in range(2, 2 + windows):
        sums = np.cumsum(np.insert(prices, 0, 0.0))
        mean = (sums[w:] - sums[:-w]) / w
        squares = np.cumsum(np.insert(prices * prices, 0, 0.0))
        deviation = np.sqrt(np.maximum((squares[w:] - squares[:-w]) / w - mean * mean, 0))
        held = prices[w - 1 : -1] > mean[:-1]
        gains = np.diff(prices)[w - 1 :]
        best.append(float(np.where(held, gains, 0.0).sum() / (1.0 + deviation.mean())))
    return np.array(best)


def barrier_option(np: Any, paths: int, days: int) -> Any:
    """Monte Carlo: walks of many prices, day by day, that die at a barrier."""
    rng = np.random.default_rng(11)
    price, alive = np.full(paths, 100.0), np.ones(paths, dtype=bool)
    total = np.zeros(paths)
    for _ in range(days):
        price = price * np.exp(0.0001 + 0.02 * rng.standard_normal(paths))
        alive &= price > 80.0
        total += price
    payoff = np.where(alive, np.maximum(total / days - 100.0, 0.0), 0.0)
    return payoff.mean()


def particle_filter(np: Any, seen: Any, particles: int) -> Any:
    """A nonlinear growth model followed by a cloud of particles: predict, weigh, resample."""
    rng = np.random.default_rng(5)
    x = rng.standard_normal(particles)
    estimates = np.zeros(seen.size)
    for t in range(seen.size):
        x = 0.5 * x + 25 * x / (1 + x * x) + 8 * np.cos(1.2 * t) + rng.standard_normal(particles)
        weights = np.exp(-0.5 * (seen[t] - x * x / 20) ** 2) + 1e-300
        weights /= weights.sum()
        estimates[t] = (weights * x).sum()
        if 1.0 / (weights * weights).sum() < particles / 2:
            places = (np.arange(particles) + rng.random()) / particles
            chosen = np.minimum(np.searchsorted(np.cumsum(weights), places), particles - 1)
            x = x[chosen]
    return estimates
