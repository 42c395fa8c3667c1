"""Draws docs/comparison.png: today's bars beside the published ones."""

from __future__ import annotations

import statistics
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.plot import ACCENT, FAINT, INK, PAPER, style

OTHERS, OURS, OLD = "#4a7fb5", ACCENT, "#58606b"


def draw(found: dict[str, list[float]], published: dict[str, tuple[int, int | None]], what: str, path: Path) -> None:
    """Writes the figure: times NumPy's speed, measured on the left, published on the right."""
    figure = Figure(figsize=(13, 5.6), dpi=110, facecolor=PAPER)
    figure.text(0.03, 0.93, "A star stencil of radius 2", color=INK, fontsize=17, weight="bold")
    left, right = figure.add_axes((0.125, 0.11, 0.36, 0.68)), figure.add_axes((0.625, 0.11, 0.355, 0.68))
    base = statistics.mean(found["NumPy"])
    names = list(found)
    ratios = [statistics.mean(found[name]) / base for name in names]
    errors = [statistics.pstdev(found[name]) / base for name in names]
    colours = [OURS if name.startswith("Ramba") else OTHERS for name in names]
    _bars(left, names, ratios, colours, f"measured: {what}", errors)
    first = published["NumPy"][0]
    rows = [(f"{name}, {nodes}", speed / first) for name, speeds in published.items()
            for nodes, speed in zip(("1 node", "4 nodes"), speeds, strict=True) if speed]  # fmt: skip
    _bars(right, [name for name, _ in rows], [ratio for _, ratio in rows], [OLD] * len(rows),
          "published in 2022, not measured here: 30,000 x 30,000, nodes of 36 cores")  # fmt: skip
    figure.savefig(path, facecolor=PAPER, metadata={"Software": None})


def _bars(
    axes: Axes, names: list[str], ratios: list[float], colours: list[str], title: str, errors: list[float] | None = None
) -> None:
    style(axes)
    axes.barh(range(len(names)), ratios, xerr=errors, color=colours, ecolor=FAINT, height=0.66)
    axes.set_yticks(range(len(names)), names, color=INK)
    axes.invert_yaxis()
    axes.set_xlim(0, max(ratios) * 1.16)
    for place, ratio in enumerate(ratios):
        axes.text(ratio + max(ratios) * 0.015, place, f"{ratio:.3g}x", color=INK, va="center", fontsize=9.5)
    axes.set_title(title, color=FAINT, fontsize=10, loc="left")
    axes.set_xlabel("times NumPy's speed", color=FAINT)
