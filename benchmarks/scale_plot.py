"""Draws docs/scale.png and docs/losses.png: what was measured on simulated workers, and models."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")  # on machines without a screen, too

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.plot import ACCENT, FAINT, GLOW, INK, PAPER, heading, style
from benchmarks.scale_losses import EVERY, FLUSHES, WORKERS, Story
from benchmarks.scale_model import PUBLISHED, Modelled

COLOURS = {"star": ACCENT, "nstream": "#4fb0a5", "transpose": "#8fb4ff"}
TITLES = {"star": "star stencil", "nstream": "nstream", "transpose": "transposition"}
BARS = {
    "C/MPI": "#5aa2ff",
    "old prototype": "#8a7fd6",
    "Dask": "#9aa3ad",
    "NumS": "#69717a",
    "Numba": "#4fb0a5",
    "NumPy": "#b0596a",
}


def draw(points: list[Any], model: list[Modelled], machine: str, path: Path) -> None:
    """Write the figure. Points are those of `scale.py`."""
    figure = Figure(figsize=(15, 7.8), dpi=110, facecolor=PAPER)
    what = f"real driver, planner, workers, messages; no kernels  ·  {machine}"
    heading(figure, 0.045, "Measured", what)
    _times(figure.add_axes((0.045, 0.51, 0.41, 0.34)), points)
    _messages(figure.add_axes((0.045, 0.08, 0.41, 0.34)), points)
    what = "hatched: from constants, calibrated to C/MPI on one node  ·  other bars: published"
    heading(figure, 0.515, "Modelled", what)
    _bars(figure.add_axes((0.515, 0.08, 0.465, 0.77)), model)
    figure.savefig(path, facecolor=PAPER, metadata={"Software": None})


def draw_losses(stories: list[Story], path: Path) -> None:
    """Write the figure of what is said again after losses, and what they cost."""
    figure = Figure(figsize=(15, 5.2), dpi=110, facecolor=PAPER)
    what = f"real driver, absent workers  ·  {WORKERS} of them, one lost every {EVERY:,} flushes (dotted)"
    heading(figure, 0.045, "Losses", what)
    left, right = figure.add_axes((0.045, 0.12, 0.44, 0.62)), figure.add_axes((0.54, 0.12, 0.44, 0.62))
    for axes, title in ((left, "commands that a loss would have said again"), (right, "overhead so far, %")):
        style(axes)
        axes.set_title(title, color=INK, fontsize=11.5, loc="left")
        axes.set_xlabel("flushes", color=INK)
        for at in range(EVERY, FLUSHES + 1, EVERY):
            axes.axvline(at, color=FAINT, lw=0.6, ls=":")
    for story, colour in zip(stories, COLOURS.values(), strict=True):
        x = [moment.flushes for moment in story.moments]
        label = f"{story.program.title}: {story.program.seconds * 1e3:,.1f} ms a flush"
        left.plot(x, [moment.commands for moment in story.moments], color=colour, lw=2, label=label)
        right.plot(x, [100 * moment.overhead for moment in story.moments], color=colour, lw=2, label=label)
    right.set_yscale("symlog", linthresh=1)
    right.set_ylim(0, 3000)
    right.set_yticks([0, 1, 10, 100, 1000], ["0", "1", "10", "100", "1000"])
    right.minorticks_off()
    _legend(left, loc="upper left")
    figure.savefig(path, facecolor=PAPER, metadata={"Software": None})


def _against_workers(axes: Axes, points: list[Any]) -> None:
    """Both axes logarithmic, one tick for each number of workers."""
    style(axes)
    axes.set_xscale("log")
    counts = sorted({point.workers for point in points})
    axes.set_xticks(counts, [f"{count}" for count in counts], color=INK)
    axes.minorticks_off()


def _lines(axes: Axes, points: list[Any], value: Any, style: str) -> None:
    for name, colour in COLOURS.items():
        own = [point for point in points if point.workload == name]
        if any(value(point) for point in own):
            x, y = [point.workers for point in own], [value(point) for point in own]
            axes.plot(x, y, style, color=colour, lw=2, ms=5)


def _times(axes: Axes, points: list[Any]) -> None:
    _against_workers(axes, points)
    axes.set_yscale("log")
    _lines(axes, points, lambda point: point.times.driver * 1e3, "o-")
    _lines(axes, points, lambda point: point.times.plan * 1e3, "o:")
    axes.set_ylim(0.05, 1000)
    axes.set_yticks([0.1, 1, 10, 100, 1000], ["0.1", "1", "10", "100", "1000"])
    axes.set_title("milliseconds", color=INK, fontsize=11.5, loc="left")
    for line, text in (("o-", "driver, each flush"), ("o:", "a worker's first plan")):
        axes.plot([], [], line, color=INK, lw=2, ms=5, label=text)
    for name, colour in COLOURS.items():
        axes.plot([], [], color=colour, lw=5, label=TITLES[name])
    _legend(axes, ncol=2, loc="upper left")


def _messages(axes: Axes, points: list[Any]) -> None:
    _against_workers(axes, points)
    axes.set_yscale("symlog", linthresh=1, linscale=0.4)
    axes.set_ylim(0, 60)
    axes.set_yticks([0, 1, 2, 4, 8, 16], ["0", "1", "2", "4", "8", "16"])
    axes.minorticks_off()
    _lines(axes, points, lambda point: point.sent.messages[1], "o-")
    own = [point for point in points if point.workload == "star"]
    axes.plot([p.workers for p in own], [p.hops for p in own], "--", color=GLOW, lw=1.8, label="hops of a command")
    axes.plot([], [], "o-", color=INK, lw=2, ms=5, label="messages of the busiest worker, each iteration")
    axes.set_title("messages: what neighbours need, and no more (nstream: none)", color=INK, fontsize=11.5, loc="left")
    axes.set_xlabel("workers", color=INK)
    _legend(axes, ncol=2, loc="upper left")


def _legend(axes: Axes, **place: Any) -> None:
    box = axes.legend(fontsize=9.5, labelcolor=INK, facecolor=PAPER, edgecolor="#30363d", **place)
    box.get_frame().set_alpha(0.85)


def _bars(axes: Axes, model: list[Modelled]) -> None:
    style(axes)
    width = 0.13
    rows: dict[str, Sequence[float]] = {"Ramba, modelled": [one.mflops for one in model]}
    for n, (name, values) in enumerate((rows | {name: PUBLISHED[name] for name in BARS}).items()):
        look: dict[str, Any] = {"color": BARS.get(name)}
        if name in rows:
            look = {"facecolor": "#3a2c14", "edgecolor": ACCENT, "hatch": "///", "lw": 1.2}
        x = [node + (n - 3) * width for node in range(1, len(values) + 1)]
        alone = " (one node only)" if len(values) == 1 else ""
        axes.bar(x, [value / 1e3 for value in values], width * 0.88, label=name + alone, **look)
        for at, value in zip(x, values, strict=True):
            text = f"{value / 1e3:.0f}" if value >= 9_500 else f"{value / 1e3:.1f}"
            axes.text(at, value / 1e3 + 2, text, color=ACCENT if name in rows else FAINT, fontsize=9, ha="center")
    axes.set_xlim(0.48, len(model) + 0.52)
    axes.set_xticks(range(1, len(model) + 1), [f"{one.nodes}" for one in model], color=INK)
    axes.set_xlabel("nodes of 36 cores, 10 Gb Ethernet", color=INK)
    axes.set_title(
        "GFlop/s of the PRK star stencil, 30000 x 30000, single precision", color=INK, fontsize=11.5, loc="left"
    )
    _legend(axes, loc="upper left")
