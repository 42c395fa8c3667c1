"""Draws docs/demo.png: how much faster each program ran, beside pictures that Ramba computed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib
import numpy

matplotlib.use("Agg")  # the demo runs on machines without a screen

from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.colors import LightSource, LinearSegmentedColormap, to_rgb
from matplotlib.figure import Figure

INK, PAPER, FAINT, ACCENT, GLOW = "#e8e6e3", "#0d1117", "#7d8590", "#ffb454", "#f0506e"
DEEP_SEA = LinearSegmentedColormap.from_list(
    "deep_sea", ["#04061a", "#0b2a6b", "#2a7fc9", "#d8f0ff", "#ffd27a", "#d9652b", "#5a1033", "#04061a"]
)
EMBER = LinearSegmentedColormap.from_list("ember", [PAPER, "#16233f", "#274b7a", "#4fb0a5", "#f7e9a0"])
FURNACE = LinearSegmentedColormap.from_list(
    "furnace", ["#1b3a8a", "#2f7fc1", "#8fd0d8", "#f4ecd8", "#f6b55f", "#e0592a", "#8c1424"]
)


def heading(figure: Figure, x: float, title: str, what: str) -> None:
    """Writes above a half of a figure what it shows."""
    figure.text(x, 0.94, title, color=INK, fontsize=18, weight="bold")
    figure.text(x, 0.903, what, color=FAINT, fontsize=10.5)


def style(axes: Axes) -> None:
    """Gives axes the figures' colours and a quiet grid."""
    axes.set_facecolor("#0a0d16")
    axes.tick_params(colors=FAINT, which="both")
    axes.grid(color="#1d2430", lw=0.8)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_color("#30363d")


def draw(results: list[dict[str, Any]], pictures: dict[str, list[numpy.ndarray]], machine: str, path: Path) -> None:
    """Write the figure. A result has `title`, `speedup`, `numpy` and `ramba` (seconds of a later step)."""
    figure = Figure(figsize=(17, 10.2), dpi=110, facecolor=PAPER)
    figure.text(0.028, 0.938, "The same NumPy programs, on Ramba", color=INK, fontsize=19.5, weight="bold")
    figure.text(0.028, 0.902, f"times faster than NumPy, later steps  ·  {machine}", color=FAINT, fontsize=12.5)
    _bars(figure.add_axes((0.028, 0.052, 0.335, 0.825)), results)
    _mandelbrot(figure.add_axes((0.385, 0.335, 0.385, 0.625)), pictures["mandelbrot"][0])
    _galaxies(figure.add_axes((0.782, 0.6475, 0.2, 0.3125)), pictures["galaxies"][0])
    _options(figure, (0.782, 0.335, 0.2, 0.2885), *pictures["options"])
    _life(figure.add_axes((0.385, 0.052, 0.292, 0.259)), *pictures["life"])
    _plate(figure.add_axes((0.69, 0.052, 0.292, 0.259)), pictures["plate"][0])
    figure.savefig(path, facecolor=PAPER, metadata={"Software": None})


def _bars(axes: Axes, results: list[dict[str, Any]]) -> None:
    """One bar per program, the fastest on top; NumPy's own speed is the line at one."""
    ordered = sorted(results, key=lambda result: result["speedup"])
    top = max(result["speedup"] for result in ordered)
    axes.set_xlim(0, top * 1.2)
    axes.set_ylim(-0.6, len(ordered) - 0.35)
    for row, result in enumerate(ordered):
        width = result["speedup"]
        axes.barh(row - 0.17, top * 1.2, height=0.4, color="#161b22", zorder=0)
        _gradient_bar(axes, row - 0.17, width, top)
        axes.plot([1, 1], [row - 0.37, row + 0.03], color=PAPER, lw=1.4, zorder=3)
        axes.text(0, row + 0.13, result["title"], color=INK, fontsize=12.5, va="bottom")
        seconds = f"{_time(result['numpy'])}  →  {_time(result['ramba'])}"
        axes.text(top * 1.2, row + 0.14, seconds, color=FAINT, fontsize=10, va="bottom", ha="right")
        axes.text(
            width + top * 0.015,
            row - 0.18,
            f"{width:.1f}\N{MULTIPLICATION SIGN}",
            color=ACCENT,
            fontsize=15,
            weight="bold",
            va="center",
        )
    axes.text(1, -0.42, "NumPy", color=FAINT, fontsize=9, ha="center", va="top")
    axes.axis("off")


def _gradient_bar(axes: Axes, y: float, width: float, top: float) -> None:
    """A bar that grows warmer with its length."""
    ramp = numpy.linspace(0, width / top, 256)[:, None] ** 0.8
    colours = (1 - ramp) * numpy.array(to_rgb("#3b5bdb")) + ramp * numpy.array(to_rgb(GLOW))
    axes.imshow(colours[None], extent=(0, width, y - 0.2, y + 0.2), aspect="auto", zorder=2)


def _time(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1e3:.0f} ms"


def _frame(axes: Axes, caption: str) -> None:
    """No ticks, a hairline around, a caption inside."""
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_color("#30363d")
    text = axes.text(0.018, 0.03, caption, transform=axes.transAxes, color=INK, fontsize=10.5, va="bottom", zorder=9)
    text.set_path_effects([patheffects.withStroke(linewidth=3, foreground=PAPER, alpha=0.75)])


def _mandelbrot(axes: Axes, smooth: numpy.ndarray) -> None:
    escaped = numpy.isfinite(smooth)
    height = numpy.log(numpy.where(escaped, smooth, numpy.nanmax(smooth)))
    shade = LightSource(azdeg=315, altdeg=35).hillshade(height, vert_exag=120)[..., None]
    phase = (height - height[escaped].min()) * 1.15 % 1.0
    colours = DEEP_SEA(phase)[..., :3] * (0.62 + 0.5 * shade)
    colours[~escaped] = to_rgb("#05060a")
    axes.imshow(numpy.clip(colours, 0, 1), interpolation="lanczos", aspect="auto")
    _frame(axes, "Mandelbrot: a spiral in the Seahorse Valley")


def _galaxies(axes: Axes, trail: numpy.ndarray) -> None:
    axes.set_facecolor("#05060c")
    stars = trail.shape[2]
    half = stars // 2
    for members, colour, core in ((slice(half), "#ff9d4d", "#fff1d6"), (slice(half, None), "#5aa2ff", "#e6f1ff")):
        axes.plot(*trail[:, :, members].transpose(1, 0, 2), color=colour, alpha=0.10, lw=0.5)
        x, y = trail[-1][:, members]
        axes.scatter(x, y, s=34, color=colour, alpha=0.045, linewidths=0)
        axes.scatter(x, y, s=8, color=colour, alpha=0.22, linewidths=0)
        axes.scatter(x, y, s=1.1, color=core, alpha=0.95, linewidths=0)
        for size, alpha in ((500, 0.08), (120, 0.25), (16, 1.0)):
            axes.scatter(x[:1], y[:1], s=size, color=core, alpha=alpha, linewidths=0)
    middle = numpy.median(trail[-1], axis=1)
    reach = numpy.percentile(numpy.abs(trail[-1] - middle[:, None]), 96)
    box = axes.get_window_extent()
    axes.set_xlim(middle[0] - reach * box.width / box.height, middle[0] + reach * box.width / box.height)
    axes.set_ylim(middle[1] - reach, middle[1] + reach)
    _frame(axes, f"n-body: two galaxies, {stars:,} stars, all pairs")


def _options(figure: Figure, place: tuple[float, float, float, float], *surface: numpy.ndarray) -> None:
    spot, years, hope = surface
    frame = figure.add_axes(place)
    frame.set_facecolor("#0a0d16")
    x, y, width, height = place
    axes = figure.add_axes((x - 0.012, y - 0.01, width + 0.024, height + 0.04), projection="3d", facecolor="none")
    light = LightSource(azdeg=300, altdeg=40)
    colours = light.shade(numpy.maximum(hope, 0), cmap=matplotlib.colormaps["plasma"], blend_mode="soft", vert_exag=0.2)
    axes.plot_surface(
        spot, years, hope, facecolors=colours, rcount=160, ccount=160, lw=0, antialiased=False, shade=False
    )
    axes.view_init(elev=30, azim=-52)
    axes.set_box_aspect((1.2, 1.1, 0.72), zoom=1.08)
    axes.set_axis_off()
    _frame(frame, "Black-Scholes: time value of a call")
    frame.texts[-1].set(y=0.97, va="top")


def _life(axes: Axes, board: numpy.ndarray, warmth: numpy.ndarray) -> None:
    colours = EMBER(warmth**1.2 * 0.9)[..., :3]
    colours[board == 1] = to_rgb("#fff7d6")
    axes.imshow(colours, interpolation="nearest", aspect="auto")
    _frame(axes, "Game of Life: glider guns")
    axes.texts[-1].set(x=0.5, ha="center")  # between the lower guns


def _plate(axes: Axes, u: numpy.ndarray) -> None:
    bound = numpy.abs(u).max()
    axes.imshow(u, cmap=FURNACE, vmin=-bound * 0.7, vmax=bound, interpolation="bilinear", aspect="auto")
    axes.contour(u, levels=numpy.linspace(-55, 95, 26), colors=PAPER, linewidths=0.55, alpha=0.55)
    _frame(axes, "Jacobi: a plate with hot and cold pipes")
