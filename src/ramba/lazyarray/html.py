"""How arrays look in a notebook: a table of facts, and a picture of the partition coloured by worker.

Only what is known is shown: nothing is computed or fetched. Plain strings, no script, no style sheet. Notebooks that
are not trusted drop the tags of the picture, but not its texts: they stand apart from each other.
"""

from __future__ import annotations

import importlib

import numpy as np

from ramba.layout import Box
from ramba.lazyarray.core import define, ndarray
from ramba.lazyarray.info import Info, at_hand, info

LONGEST, SHORTEST = 160, 24  # pixels, of a side of the picture
MARGIN = 6  # pixels around it
_GOLDEN = 137.508  # degrees: hues of neighbours differ much, whatever their number


def _escaped(text: str) -> str:
    """A text for a page; the module is imported when there is one, since that takes a while."""
    escaped: str = importlib.import_module("html").escape(text)
    return escaped


def _repr_html_(self: ndarray) -> str | None:
    """The array for notebooks: shape, dtype, bytes, what is pending, and a picture of its partition.

    One value is shown as the text that it is.
    """
    if not self.ndim:
        return None
    facts = info(self)
    rows = "".join(
        f'<tr><th style="text-align:left">{name}</th><td style="text-align:left">{_escaped(value)}</td></tr>'
        for name, value in facts.rows()
    )
    picture = f"<td>{svg(facts)}</td>" if facts.shape and 0 not in facts.shape else ""
    return f"<div><table><tr><td><table>{rows}</table></td>{picture}</tr></table>{_preview(self)}</div>"


def _preview(a: ndarray) -> str:
    """The first and last values, if they are at hand."""
    memory = at_hand(a)
    if memory is None or memory.dtype.hasobject:
        return ""
    text = np.array2string(memory, threshold=24, edgeitems=3, max_line_width=75)
    return f"<pre>{_escaped(text)}</pre>"


def svg(facts: Info) -> str:
    """The shape as a rectangle, cut as the workers share it. Of many dimensions, the first two that are cut."""
    drawn = _drawn(facts)
    extents = [facts.shape[d] for d in drawn]
    width, height = _size(extents)
    scale = {d: side / extent for d, side, extent in zip(drawn, (height, width)[-len(drawn) :], extents, strict=True)}
    cells: dict[tuple[float, float, float, float], str] = {}
    for rank, box in facts.blocks:
        place = _rectangle(box, drawn, scale, height)
        if place not in cells and 0 not in box.extent:
            cells[place] = _cell(place, f"hsl({rank * _GOLDEN % 360:.0f},60%,75%)", f"worker {rank}: {_slices(box)}")
    if not cells:
        title = "on every worker" if facts.partition is not None and facts.partition.replicated else "one block"
        cells[0, 0, width, height] = _cell((0, 0, width, height), "hsl(0,0%,85%)", title)
    label = " x ".join(map(str, extents)) + _which(facts, drawn)
    label = f'<text x="{MARGIN}" y="{height + MARGIN + 14:.0f}">{label}</text>'
    size = f'width="{width + 2 * MARGIN + 60:.0f}" height="{height + 2 * MARGIN + 14:.0f}"'
    style = 'style="stroke:#555;stroke-width:0.7"'
    text = 'font-size="11" font-family="sans-serif" fill="currentColor" stroke="none"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img"><g {style} '
        f'transform="translate({MARGIN},{MARGIN})">{" ".join(cells.values())}</g> <g {text}>{label}</g></svg>'
    )


def _drawn(facts: Info) -> list[int]:
    """The dimensions that the picture shows: two that are cut, else the longest ones."""
    dimensions = range(len(facts.shape))
    firsts: dict[int, set[int]] = {d: {box.start[d] for _, box in facts.blocks} for d in dimensions}
    cut = [d for d in dimensions if len(firsts[d]) > 1]
    others = sorted((d for d in dimensions if d not in cut), key=lambda d: -facts.shape[d])
    return sorted([*cut[:2], *others[: max(0, 2 - len(cut))]])


def _which(facts: Info, drawn: list[int]) -> str:
    if len(facts.shape) <= 2:
        return ""
    return " (dimensions " + " and ".join(map(str, drawn)) + f" of {len(facts.shape)})"


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


def _cell(place: tuple[float, float, float, float], colour: str, title: str) -> str:
    x, y, width, height = place
    shape = f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="{colour}">'
    return f"{shape}<title>{_escaped(title)}</title></rect>"


def _slices(box: Box) -> str:
    return "[" + ", ".join(f"{s}:{s + n}" for s, n in zip(box.start, box.extent, strict=True)) + "]"


define("_repr_html_", _repr_html_)

__all__ = ["svg"]
