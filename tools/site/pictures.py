"""Draws the examples: `python -m ramba -m tools.site.pictures FOLDER NAME ...` writes NAME.png for each.

The computing is the examples' own, with Ramba for NumPy; the drawing is matplotlib's. Colours are told apart by the
colour-blind.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.figure import Figure

BLUE, ORANGE, GREEN, RED = "#0072b2", "#e69f00", "#009e73", "#d55e00"


def bootstrap(example: Any, axes: Any) -> None:
    """What the mean is in each of the samples."""
    rng = np.random.default_rng(19)
    x = rng.lognormal(0, 0.8, 500)
    means, medians, _ = example.resampled(x, np.sqrt(x), 4000, rng)
    axes.hist(means, bins=60, color=BLUE, alpha=0.7, label="means")
    axes.hist(medians, bins=60, color=ORANGE, alpha=0.7, label="medians")
    for bound in example.interval(means):
        axes.axvline(float(bound), color="black", linestyle="--")
    axes.legend()


def conjugate_gradients(example: Any, axes: Any) -> None:
    """The potential around the wires."""
    axes.imshow(example.potential, cmap="PuOr")
    axes.contour(np.asarray(example.potential), levels=21, colors="black", linewidths=0.5)


def fdtd(example: Any, axes: Any) -> None:
    """The electric field, beside and in the glass."""
    field, _ = example.simulate(400, 330)
    axes.imshow(np.clip(field, -0.15, 0.15), cmap="RdBu")
    axes.axvspan(200, 250, color="grey", alpha=0.2)


def fir_bank(example: Any, axes: Any) -> None:
    """The chirp as each band hears it."""
    rate, n = 8000.0, 40_000
    t = np.arange(n) / rate
    signal = np.sin(2 * np.pi * (100 * t + 1500 * t**2 / t[-1]))
    for row, (low, high) in enumerate(((100, 700), (700, 1500), (1500, 2500), (2500, 3500))):
        out = example.filtered(signal, example.band(low, high, 129, rate))
        axes.plot(t[: len(out)], out - 2.5 * row, linewidth=0.3, label=f"{low} to {high} Hz")
    axes.set(yticks=[], xlabel="seconds")
    axes.legend(loc="lower left", fontsize="small")


def image_pipeline(example: Any, axes: Any) -> None:
    """The edges of the smoothed picture."""
    smooth = example.blur(example.scene(500), np.array([1, 4, 6, 4, 1]) / 16)
    axes.imshow(example.edges(smooth), cmap="magma")


def ising(example: Any, axes: Any) -> None:
    """Spins near the critical temperature."""
    rows, columns = np.indices((256, 256))
    rng = np.random.default_rng(8)
    spins = np.where(rng.random((256, 256)) < 0.5, 1, -1)
    for _ in range(150):
        spins = example.sweep(spins, (rows + columns) % 2 == 0, 2.269, rng)
    axes.imshow(spins, cmap="cividis")


def kalman_filter(example: Any, axes: Any) -> None:
    """One target of many: where it is, what was measured, what the filter says."""
    rng = np.random.default_rng(4)
    times = np.arange(100) * 0.1
    truth = rng.normal(0, 10, 300) + times[:, None] * rng.normal(0, 3, 300)
    measured = truth + rng.normal(0, 1.0, truth.shape)
    found = example.track(measured, 0.1, 1.0, 0.05)
    axes.plot(times, measured[:, 0], ".", color=ORANGE, label="measured")
    axes.plot(times, truth[:, 0], color="black", label="truth")
    axes.plot(times, found[:, 0, 0], color=BLUE, label="found")
    axes.legend()


def kmeans(example: Any, axes: Any) -> None:
    """Points in the colours of their centres."""
    rng = np.random.default_rng(1)
    truth = rng.uniform(-10, 10, (8, 2))
    points = truth[rng.integers(0, 8, 20_000)] + rng.normal(0, 0.5, (20_000, 2))
    centres, _ = example.kmeans(points, 8, 15)
    labels, _ = example.nearest(points, centres)
    axes.scatter(points[::5, 0], points[::5, 1], c=labels[::5], s=2, cmap="tab10")
    axes.plot(centres[:, 0], centres[:, 1], "k+", markersize=12)


def life(example: Any, axes: Any) -> None:
    """What a random soup became."""
    world = np.random.default_rng(17).random((300, 300)) < 0.3
    for _ in range(200):
        world = example.step(world)
    axes.imshow(world, cmap="Greys")


def logistic_regression(example: Any, axes: Any) -> None:
    """The loss, every twentieth round, and the chance over the score."""
    rng = np.random.default_rng(3)
    truth = rng.normal(size=10)
    features = np.column_stack([rng.normal(size=(20_000, 9)), np.ones(20_000)])
    labels = (rng.random(20_000) < example.sigmoid(features @ truth)).astype(float)
    weights, _ = example.fit(features, labels, 100)
    score = features @ weights
    axes.plot(score[:400], labels[:400], ".", color=ORANGE, alpha=0.3, label="labels")
    line = np.linspace(-8, 8, 200)
    axes.plot(line, example.sigmoid(line), color=BLUE, label="fitted chance")
    axes.set(xlabel="score")
    axes.legend()


def metropolis(example: Any, axes: Any) -> None:
    """Where the chains have been."""
    trace, _ = example.sample(1000, 300, 1.2, np.random.default_rng(20))
    warm = trace[100:].reshape(-1, 2)
    counts, _, _ = np.histogram2d(warm[:, 0], warm[:, 1], bins=(120, 100), range=[(-6, 6), (-3, 8)])
    axes.imshow(counts.T, origin="lower", extent=(-6, 6, -3, 8), aspect="auto", cmap="viridis")


def n_queens(example: Any, axes: Any) -> None:
    """Boards that are alive after each row."""
    for n, colour in zip((8, 9, 10), (BLUE, ORANGE, GREEN), strict=True):
        _, alive = example.solutions(n)
        axes.plot(range(1, n + 1), alive, "o-", color=colour, label=f"{n} queens")
    axes.set(xlabel="rows filled", ylabel="boards", yscale="log")
    axes.legend()


def option_pricing(example: Any, axes: Any) -> None:
    """Some of the paths."""
    prices = example.paths(2000, 64, 100.0, 0.03, 0.2, 1.0, np.random.default_rng(10))
    axes.plot(prices[::25].T, linewidth=0.5, color=BLUE, alpha=0.6)
    axes.axhline(105, color=RED)
    axes.set(xlabel="step", ylabel="price")


def pagerank(example: Any, axes: Any) -> None:
    """Ranks over the number of the page."""
    source, target = example.links(20_000, 8, np.random.default_rng(9))
    rank, _ = example.pagerank(source, target, 20_000)
    axes.loglog(np.arange(1, 20_001), rank, ".", markersize=1, color=BLUE)
    axes.set(xlabel="page", ylabel="rank")


def pca(example: Any, axes: Any) -> None:
    """The data along its first two components."""
    rng = np.random.default_rng(2)
    data = (rng.normal(size=(5000, 3)) * [5.0, 2.0, 1.0]) @ rng.normal(size=(3, 20))
    _, shares, seen = example.pca(data, 2)
    axes.plot(seen[:, 0], seen[:, 1], ".", markersize=2, color=BLUE)
    first, second = (f"{float(share):.0%}" for share in shares)
    axes.set(xlabel=f"first component: {first} of the variance", ylabel=f"second: {second}", aspect="equal")


def poisson_fft(example: Any, axes: Any) -> None:
    """The potential of two charges."""
    x = np.arange(256) / 256
    near = np.exp(-((x[:, None] - 0.3) ** 2 + (x[None, :] - 0.6) ** 2) / 0.002)
    far = np.exp(-((x[:, None] - 0.7) ** 2 + (x[None, :] - 0.4) ** 2) / 0.002)
    potential = example.solve(near - far)
    axes.imshow(potential, cmap="PuOr")
    axes.contour(np.asarray(potential), levels=15, colors="black", linewidths=0.5)


def ray_marcher(example: Any, axes: Any) -> None:
    """Spheres on a chequered floor."""
    axes.imshow(example.render(640, 360), cmap="gray")


def spectral_clustering(example: Any, axes: Any) -> None:
    """Two moons in the colours of what was found."""
    points, _ = example.moons(500, np.random.default_rng(15))
    near = example.affinity(points, 0.12)
    scale = 1 / np.sqrt(near.sum(axis=1))
    _, vectors = np.linalg.eigh(np.eye(500) - scale[:, None] * near * scale[None, :])
    second = vectors[:, 1] * scale
    axes.scatter(points[:, 0], points[:, 1], c=second > np.median(second), s=8, cmap="cividis")


def sudoku(example: Any, axes: Any) -> None:
    """A hard one, solved: what was given is black."""
    given = np.array(list(example.HARD), dtype=int).reshape(9, 9)
    possible = np.ones((9, 9, 9), dtype=bool)
    for row, column in np.argwhere(given > 0):
        example.place(possible, row, column, given[row, column] - 1)
    solved = example.solve(possible, [])
    for row in range(9):
        for column in range(9):
            colour = "black" if given[row, column] else BLUE
            axes.text(column, row, str(int(solved[row, column])), ha="center", va="center", color=colour)
    for k in range(10):
        width = 2 if k % 3 == 0 else 0.5
        axes.axhline(k - 0.5, color="black", linewidth=width)
        axes.axvline(k - 0.5, color="black", linewidth=width)
    axes.set(xlim=(-0.5, 8.5), ylim=(8.5, -0.5), aspect="equal")


def wave_equation(example: Any, axes: Any) -> None:
    """Waves around the island."""
    heights, _ = example.simulate(400, 420)
    axes.imshow(np.clip(heights, -0.1, 0.1), cmap="BrBG")


PICTURES: dict[str, Callable[[Any, Any], None]] = {
    draw.__name__: draw
    for draw in (
        bootstrap, conjugate_gradients, fdtd, fir_bank, image_pipeline, ising, kalman_filter, kmeans, life,
        logistic_regression, metropolis, n_queens, option_pricing, pagerank, pca, poisson_fft, ray_marcher,
        spectral_clustering, sudoku, wave_equation,
    )
}  # fmt: skip
_PLAIN = {
    "conjugate_gradients", "fdtd", "image_pipeline", "ising", "life", "metropolis", "poisson_fft", "ray_marcher",
    "spectral_clustering", "sudoku", "wave_equation",
}  # fmt: skip


def main() -> None:
    """Draws what the command line names."""
    matplotlib.use("Agg")
    folder, *names = sys.argv[1:]
    for name in names:
        sys.argv = [f"{name}.py"]  # programs look for arguments of their own, also when they are imported
        figure = Figure(figsize=(4.8, 3.6), layout="constrained")
        axes = figure.subplots()
        PICTURES[name](importlib.import_module(f"examples.{name}"), axes)
        if name in _PLAIN:
            axes.set_axis_off()
        figure.savefig(Path(folder, f"{name}.png"), dpi=110)


if __name__ == "__main__":
    main()
