"""Draws docs/small.png: the ratio to NumPy over the size of arrays, and programs that loop as bars."""

from __future__ import annotations

from pathlib import Path

import matplotlib

matplotlib.use("Agg")  # on machines without a screen, too

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.plot import ACCENT, GLOW, INK, PAPER, heading, style

LINES = (ACCENT, "#4fb0a5", "#8fb4ff", GLOW, "#c9a0ff", "#9aa3ad")
BARS = ("#3b5bdb", ACCENT)
TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50)


def draw(calls: dict[str, dict[int, float]], loops: dict[str, dict[float, float]], machine: str, path: Path) -> None:
    """Write the figure. The ratios are times NumPy's speed, by size and by scale."""
    figure = Figure(figsize=(15, 8.2), dpi=110, facecolor=PAPER)
    heading(figure, 0.05, "One call, looked at right away", f"times NumPy's speed, float64  ·  {machine}")
    _by_size(figure.add_axes((0.05, 0.09, 0.40, 0.77)), calls)
    heading(figure, 0.615, "Programs that loop in Python", "times NumPy's speed, best of the later turns")
    _by_program(figure.add_axes((0.615, 0.09, 0.365, 0.77)), loops)
    figure.savefig(path, facecolor=PAPER, metadata={"Software": None})


def _by_size(axes: Axes, calls: dict[str, dict[int, float]]) -> None:
    axes.set_xscale("log")
    axes.set_yscale("log")
    for colour, (name, ratios) in zip(LINES, calls.items(), strict=True):
        axes.plot(list(ratios), list(ratios.values()), "o-", color=colour, lw=2, ms=5, label=name)
    style(axes)
    axes.minorticks_off()
    axes.axhline(1, color=INK, lw=1.6)
    axes.text(10, 1.04, "NumPy", color=INK, fontsize=10, va="bottom")
    shown = [ratio for ratios in calls.values() for ratio in ratios.values()]
    ticks = [tick for tick in TICKS if min(shown) / 2 < tick < max(shown) * 2]
    axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks], color=INK)
    sizes = sorted({n for ratios in calls.values() for n in ratios})
    axes.set_xticks(sizes, [f"$10^{len(str(n)) - 1}$" for n in sizes], color=INK)
    axes.set_xlabel("elements", color=INK)
    box = axes.legend(fontsize=10, labelcolor=INK, facecolor=PAPER, edgecolor="#30363d", loc="upper left")
    box.get_frame().set_alpha(0.85)


def _by_program(axes: Axes, loops: dict[str, dict[float, float]]) -> None:
    """A bar for each scale, from NumPy's speed to the left or to the right."""
    scales = list(next(iter(loops.values())))
    ordered = sorted(loops, key=lambda name: loops[name][scales[0]])
    height = 0.8 / len(scales)
    axes.set_xscale("log")
    for place, (scale, colour) in enumerate(zip(scales, BARS, strict=True)):
        rows = [row + (len(scales) / 2 - place - 0.5) * height for row in range(len(ordered))]
        widths = [loops[name][scale] - 1 for name in ordered]
        axes.barh(rows, widths, height * 0.92, left=1, color=colour, label=f"scale {scale:g}", zorder=2)
    style(axes)
    axes.minorticks_off()
    axes.axvline(1, color=INK, lw=1.6, zorder=3)
    shown = [ratio for ratios in loops.values() for ratio in ratios.values()]
    ticks = [tick for tick in TICKS if min(shown) / 2 < tick < max(shown) * 2]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks], color=INK)
    axes.set_yticks(range(len(ordered)), [name.replace("_", " ") for name in ordered], color=INK, fontsize=10)
    axes.set_ylim(-0.7, len(ordered) - 0.3)
    box = axes.legend(fontsize=10, labelcolor=INK, facecolor=PAPER, edgecolor="#30363d", loc="upper right")
    box.get_frame().set_alpha(0.85)
