"""Draws docs/scale.png: what was measured on simulated workers, and a model beside published figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")  # on machines without a screen, too

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.plot import ACCENT, FAINT, GLOW, INK, PAPER
from benchmarks.scale_model import PUBLISHED, Modelled

COLOURS = {"star": ACCENT, "nstream": "#4fb0a5", "transpose": "#8fb4ff"}
TITLES = {"star": "star stencil", "nstream": "nstream", "transpose": "transposition"}
BARS = {"C/MPI": "#5aa2ff", "old prototype": "#8a7fd6", "Numba": "#4fb0a5", "Dask": "#7d8590", "NumS": "#596069"}


def draw(points: list[Any], model: list[Modelled], machine: str, path: Path) -> None:
    """Write the figure. Points are those of `scale.py`."""
    figure = Figure(figsize=(15, 7.4), dpi=110, facecolor=PAPER)
    figure.text(0.045, 0.925, "Measured", color=INK, fontsize=18, weight="bold")
    note = "real driver, planner, workers and messages in one process; kernels compute nothing"
    figure.text(0.122, 0.927, f"{note}\n{machine}", color=FAINT, fontsize=10.5)
    _times(figure.add_axes((0.06, 0.53, 0.4, 0.34)), points)
    _messages(figure.add_axes((0.06, 0.1, 0.4, 0.34)), points)
    figure.text(0.53, 0.925, "Modelled", color=INK, fontsize=18, weight="bold")
    note = "hatched; from stated constants, one node calibrated to C/MPI. All other bars: published measurements"
    figure.text(0.605, 0.927, f"{note}\nPRK star stencil, 30000 x 30000, single precision", color=FAINT, fontsize=10.5)
    _bars(figure.add_axes((0.555, 0.1, 0.425, 0.77)), model)
    figure.savefig(path, facecolor=PAPER, metadata={"Software": None})


def _style(axes: Axes) -> None:
    axes.set_facecolor("#0a0d16")
    axes.tick_params(colors=FAINT, which="both")
    axes.grid(color="#1d2430", lw=0.8)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_color("#30363d")


def _against_workers(axes: Axes, points: list[Any]) -> None:
    """Both axes logarithmic, one tick for each number of workers."""
    _style(axes)
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
    for style, text in (("o-", "driver, each flush"), ("o:", "a worker's first plan")):
        axes.plot([], [], style, color=INK, lw=2, ms=5, label=text)
    for name, colour in COLOURS.items():
        axes.plot([], [], color=colour, lw=5, label=TITLES[name])
    _legend(axes, ncol=2, loc="upper left")


def _messages(axes: Axes, points: list[Any]) -> None:
    _against_workers(axes, points)
    axes.set_yscale("symlog", linthresh=1)
    axes.set_ylim(0, 30)
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
    _style(axes)
    width = 0.19
    rows = {"Ramba, modelled": [one.mflops for one in model]} | {name: PUBLISHED[name] for name in BARS}
    for n, (name, values) in enumerate((name, v) for name, v in rows.items() if name != "Numba"):
        hatched = name not in BARS
        look: dict[str, Any] = {"color": BARS.get(name)}
        if hatched:
            look = {"facecolor": "#3a2c14", "edgecolor": ACCENT, "hatch": "///", "lw": 1.2}
        x = [node + (n - 2) * width for node in range(1, len(values) + 1)]
        axes.bar(x, [value / 1e3 for value in values], width * 0.9, label=name, **look)
        for at, value in zip(x, values, strict=True):
            colour = ACCENT if hatched else FAINT
            axes.text(at, value / 1e3 + 2, f"{value / 1e3:.0f}", color=colour, fontsize=9, ha="center")
    for name, (value, *_) in (("Numba", PUBLISHED["Numba"]), ("NumPy", PUBLISHED["NumPy"])):
        axes.axhline(value / 1e3, color=BARS.get(name, INK), lw=1.1, ls=":")
        text = f"{name} on one node: {value / 1e3:.1f}"
        axes.text(0.5, value / 1e3 + 1.5, text, color=BARS.get(name, INK), fontsize=9, ha="left")
    axes.set_xlim(0.48, len(model) + 0.52)
    axes.set_xticks(range(1, len(model) + 1), [f"{one.nodes}" for one in model], color=INK)
    axes.set_xlabel("nodes of 36 cores, 10 Gb Ethernet", color=INK)
    axes.set_title("GFlop/s", color=INK, fontsize=11.5, loc="left")
    _legend(axes, loc="upper left")
