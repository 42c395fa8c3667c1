"""A partition as a picture, and facts as a table, for notebooks: plain strings, no script, no style sheet.

Notebooks that are not trusted drop the tags of the picture, but not its texts: they stand apart from each other.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import TypeAlias

from ramba.layout import Box

LONGEST, SHORTEST = 160, 24  # pixels, of a side of the picture
MARGIN = 6  # pixels around it
_FIRST, _GOLDEN = 205, 137.508  # degrees: hues of neighbours differ much, whatever their number
_LIGHT = (82, 58, 70)  # per cent, by turns: for who does not see hues

Shape: TypeAlias = tuple[int, ...]
Blocks: TypeAlias = tuple[tuple[int, Box], ...]  # worker and part


def escaped(text: str) -> str:
    """A text for a page; the module is imported when there is one, since that takes a while."""
    found: str = importlib.import_module("html").escape(text)
    return found


def table(rows: Sequence[tuple[str, str]], picture: str) -> str:
    """Names and values, and a picture beside them."""
    lines = "".join(
        f'<tr><th style="text-align:left">{name}</th><td style="text-align:left">{escaped(value)}</td></tr>'
        for name, value in rows
    )
    drawn = f"<td>{picture}</td>" if picture else ""
    return f"<table><tr><td><table>{lines}</table></td>{drawn}</tr></table>"


def svg(shape: Shape, blocks: Blocks, replicated: bool = False) -> str:
    """The shape as a rectangle, cut as the workers share it. Of many dimensions, the first two that are cut."""
    drawn = _drawn(shape, blocks)
    extents = [shape[d] for d in drawn]
    width, height = _size(extents)
    scale = {d: side / extent for d, side, extent in zip(drawn, (height, width)[-len(drawn) :], extents, strict=True)}
    cells: dict[tuple[float, float, float, float], str] = {}
    for rank, box in blocks:
        place = _rectangle(box, drawn, scale, height)
        if place not in cells and 0 not in box.extent:
            cells[place] = _cell(place, _colour(rank), f"worker {rank}: {_slices(box)}")
    if not cells:
        title = "on every worker" if replicated else "one block"
        cells[0, 0, width, height] = _cell((0, 0, width, height), "hsl(0,0%,85%)", title)
    label = " x ".join(map(str, extents)) + _which(shape, drawn)
    label = f'<text x="{MARGIN}" y="{height + MARGIN + 14:.0f}">{label}</text>'
    size = f'width="{width + 2 * MARGIN + 60:.0f}" height="{height + 2 * MARGIN + 14:.0f}"'
    style = 'style="stroke:#555;stroke-width:0.7"'
    text = 'font-size="11" font-family="sans-serif" fill="currentColor" stroke="none"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img"><g {style} '
        f'transform="translate({MARGIN},{MARGIN})">{" ".join(cells.values())}</g> <g {text}>{label}</g></svg>'
    )


def _drawn(shape: Shape, blocks: Blocks) -> list[int]:
    """The dimensions that the picture shows: two that are cut, else the longest ones."""
    dimensions = range(len(shape))
    firsts: dict[int, set[int]] = {d: {box.start[d] for _, box in blocks} for d in dimensions}
    cut = [d for d in dimensions if len(firsts[d]) > 1]
    others = sorted((d for d in dimensions if d not in cut), key=lambda d: -shape[d])
    return sorted([*cut[:2], *others[: max(0, 2 - len(cut))]])


def _which(shape: Shape, drawn: list[int]) -> str:
    if len(shape) <= 2:
        return ""
    return " (dimensions " + " and ".join(map(str, drawn)) + f" of {len(shape)})"


def _size(extents: list[int]) -> tuple[float, float]:
    """Width and height; long thin arrays are drawn thicker than they are."""
    if len(extents) == 1:
        return LONGEST, SHORTEST
    longest = max(extents)
    height, width = (max(LONGEST * extent / longest, SHORTEST) for extent in extents)
    return round(width, 1), round(height, 1)


def _rectangle(box: Box, drawn: list[int], scale: dict[int, float], height: float) -> tuple[float, float, float, float]:
    """x, y, width, height of a block."""
    across = drawn[-1]
    x, width = box.start[across] * scale[across], box.extent[across] * scale[across]
    if len(drawn) == 1:
        return round(x, 1), 0.0, round(width, 1), height
    down = drawn[0]
    y, tall = box.start[down] * scale[down], box.extent[down] * scale[down]
    return round(x, 1), round(y, 1), round(width, 1), round(tall, 1)


def _colour(rank: int) -> str:
    return f"hsl({(_FIRST + rank * _GOLDEN) % 360:.0f},60%,{_LIGHT[rank % len(_LIGHT)]}%)"


def _cell(place: tuple[float, float, float, float], colour: str, title: str) -> str:
    x, y, width, height = place
    shape = f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="{colour}">'
    return f"{shape}<title>{escaped(title)}</title></rect>"


def _slices(box: Box) -> str:
    return "[" + ", ".join(f"{s}:{s + n}" for s, n in zip(box.start, box.extent, strict=True)) + "]"


__all__ = ["escaped", "svg", "table"]
