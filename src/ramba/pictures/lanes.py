"""The time line of a profile, and curves over time, as SVG that stretches: text stands outside of it.

What is too short for a picture to show is merged with its neighbours of the same kind, so that a million events are
some thousand rectangles. The longest ones carry a title.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple

from ramba.pictures.amounts import duration

WIDTH = 4000  # units of the picture: what is nearer than one is one
HEIGHT = 20  # of a lane
MOST_TITLES = 300  # of a lane
COLOURS = {  # of Okabe and Ito, who chose them for the colour-blind
    "kernel": "#0072b2", "compile": "#e69f00", "plan": "#009e73", "message": "#d55e00", "wait": "#999999",
    "flush": "#56b4e9", "fallback": "#cc79a7", "other": "#000000",
}  # fmt: skip
BEHIND = ("flush", "wait")  # drawn first: others happen in them


class Bar(NamedTuple):
    """Something that took time."""

    kind: str
    begin: float  # seconds since the profile began
    seconds: float
    name: str


def lane(bars: Sequence[Bar], total: float) -> str:
    """One line of the picture, as SVG."""
    scale = WIDTH / max(total, 1e-9)
    by_kind: defaultdict[str, list[Bar]] = defaultdict(list)
    for bar in bars:
        by_kind[bar.kind].append(bar)
    order = sorted(by_kind, key=lambda kind: (kind not in BEHIND, kind != "flush", list(COLOURS).index(kind)))
    drawn = [_rectangles(kind, by_kind[kind], scale) for kind in order]
    longest = sorted(bars, key=lambda bar: -bar.seconds)[:MOST_TITLES]
    drawn += [_titled(bar, scale) for bar in sorted(longest, key=lambda bar: -bar.seconds)]
    return _svg(HEIGHT, drawn)


def _svg(height: int, parts: Iterable[str]) -> str:
    shape = f'viewBox="0 0 {WIDTH} {height}" preserveAspectRatio="none" style="height:{height}px"'
    return f'<svg class="time" xmlns="http://www.w3.org/2000/svg" {shape} aria-hidden="true">{"".join(parts)}</svg>'


def _rectangles(kind: str, bars: Iterable[Bar], scale: float) -> str:
    """All bars of a kind as one path; those that would touch are one."""
    top, high = (0, HEIGHT) if kind in BEHIND else (3, HEIGHT - 6)
    pieces: list[tuple[float, float]] = []
    for begin, end in sorted((bar.begin * scale, (bar.begin + bar.seconds) * scale) for bar in bars):
        last = pieces[-1] if pieces else (0.0, -9.0)
        if begin - last[1] < 1:
            pieces[-1:] = [(last[0], max(end, last[1]))] if pieces else [(begin, end)]
        else:
            pieces.append((begin, end))
    path = "".join(f"M{a:.1f} {top}h{max(b - a, 0.7):.1f}v{high}H{a:.1f}z" for a, b in pieces)
    return f'<path class="{kind}" d="{path}"/>'


def _titled(bar: Bar, scale: float) -> str:
    """A rectangle that nobody sees, which tells what it is."""
    x, width = bar.begin * scale, max(bar.seconds * scale, 1)
    said = escape(f"{bar.name}: {duration(bar.seconds)}, at {bar.begin:.4f} s")
    place = f'x="{x:.1f}" y="0" width="{width:.1f}" height="{HEIGHT}"'
    return f'<rect {place} fill="none" pointer-events="all"><title>{said}</title></rect>'


def curve(samples: Sequence[tuple[float, float]], total: float, most: float, height: int = 80) -> str:
    """Values over time, filled to the ground."""
    if not samples:
        return ""
    scale, up = WIDTH / max(total, 1e-9), (height - 2) / (most or 1)
    points = [(min(max(t, 0.0), total) * scale, height - value * up) for t, value in samples]
    path = f"M{points[0][0]:.1f} {height}" + "".join(f"L{x:.1f} {y:.1f}" for x, y in points)
    return _svg(height, [f'<path class="memory" d="{path}L{points[-1][0]:.1f} {height}z"/>'])


__all__ = ["COLOURS", "Bar", "curve", "lane"]
