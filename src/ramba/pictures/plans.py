"""What computing some arrays would do, as a drawing: a box for each kernel, with what it reads and what is sent."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

from ramba import config
from ramba.engine import ENGINE, Buffer, lying
from ramba.graph import Program, Reading, StoredEntry, arguments, kind, number, operation
from ramba.graph.entry import UpdateEntry
from ramba.pictures.amounts import size
from ramba.plan import Sharing, Stage, Survey, Traffic, survey, traffic

LINE, FONT, WIDE, MARGIN, GAP = 17, 12, 560, 14, 26  # pixels
MOST_LINES = 14  # of operations in one box
MOST_STAGES = 60
MOST_WORKERS = 8  # that are looked at
LETTERS = 76  # of a line


class Box(NamedTuple):
    """A rectangle of the drawing."""

    title: str
    lines: list[str]
    colour: str
    results: tuple[int, ...]  # entries
    reads: tuple[int, ...]  # entries that other boxes hold


class Drawing:
    """A plan as SVG: a notebook shows it, ``write`` makes a file of it."""

    def __init__(self, svg: str) -> None:
        self.svg = svg

    def _repr_svg_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return f"<drawing of {self.svg.count('<rect') - 1} boxes: a notebook shows it, write(path) makes a file>"

    def write(self, path: str | os.PathLike[str]) -> None:
        """Writes the drawing as a file."""
        Path(path).write_text(self.svg, encoding="utf-8")


def drawn(buffers: Iterable[Buffer]) -> Drawing:
    """The plan of what is pending, as a drawing. Nothing is run."""
    waiting = [buffer for buffer in buffers if buffer.pending]
    if not waiting:
        return Drawing(_svg([Box("Nothing is pending: the values are in memory.", [], "#eeeeee", (), ())]))
    numbered = number([buffer.node for buffer in waiting])
    backend: Any = ENGINE.backend
    workers: int = backend.size if ENGINE.distributed else 1
    exact, small = config.current().exact, config.current().eager_size
    sharing = Sharing(workers, small, lying(numbered.stored, workers))
    found = survey(numbered.program, exact, sharing, range(min(workers, MOST_WORKERS)))
    return Drawing(_svg(_boxes(found, workers)))


# -- what is drawn


def _boxes(found: Survey, workers: int) -> list[Box]:
    program = found.program
    made = {n for stage in found.stages for n in stage.results}
    needed = [_of_stage(program, stage, found.stored | made) for stage in found.stages]
    read = {n for _, reads in needed for n in reads}
    inputs = [n for n in sorted(read - made) if isinstance(program.entries[n], StoredEntry)]
    boxes = [Box(f"%{n}  in memory", [_type(program, n)], "#e8f0dc", (n,), ()) for n in inputs]
    for place, (stage, (inside, reads)) in enumerate(zip(found.stages, needed, strict=True), 1):
        if place > MOST_STAGES:
            boxes.append(Box(f"... and {len(found.stages) - MOST_STAGES} more kernels", [], "#eeeeee", (), ()))
            break
        lines = [_line(program, n, n in program.roots) for n in inside]
        if len(lines) > MOST_LINES:
            lines = [*lines[: MOST_LINES - 2], f"... ({len(lines)} operations)", lines[-1]]
        colour = "#fbeed5" if stage.calls else "#dbe9f6"
        lines = [_moved(stage, workers), *lines]
        boxes.append(Box(f"{place}. {_title(stage)}", lines, colour, stage.results, tuple(reads)))
    return boxes


def _of_stage(program: Program, stage: Stage, held: frozenset[int] | set[int]) -> tuple[list[int], list[int]]:
    """The entries that a kernel computes, and those that it reads from memory."""
    inside: set[int] = set()
    reads: set[int] = set()
    waiting = list(stage.results)
    while waiting:
        n = waiting.pop()
        if n in inside:
            continue
        inside.add(n)
        entry = program.entries[n]
        before = [entry.base] if isinstance(entry, UpdateEntry) else []
        for other in [*before, *(arg.number for arg in arguments(entry) if isinstance(arg, Reading))]:
            if other in held and other not in stage.results:
                reads.add(other)
            else:
                waiting.append(other)
    return sorted(inside), sorted(reads)


def _title(stage: Stage) -> str:
    domain = " x ".join(map(str, stage.domain)) or "1"
    return ", ".join(call.function for call in stage.calls) or f"kernel over {domain} points"


def _moved(stage: Stage, workers: int) -> str:
    """What a kernel reads, writes and has sent."""
    moved = sum((traffic(steps) for steps in stage.steps.values()), Traffic(0, 0))
    parts = [f"reads {size(moved.read)}, writes {size(moved.written)}"]
    if workers > 1:
        nbytes = sum(transfer.nbytes for transfer in stage.transfers)
        parts.append(f"{len(stage.transfers)} messages of {size(nbytes)}" if stage.transfers else "no messages")
    if workers > MOST_WORKERS:
        parts.append(f"the first {MOST_WORKERS} workers")
    return "; ".join(parts)


def _line(program: Program, n: int, held: bool) -> str:
    entry = program.entries[n]
    base = [f"%{entry.base}"] if isinstance(entry, UpdateEntry) else []
    read = [f"%{arg.number}" if isinstance(arg, Reading) else "a scalar" for arg in arguments(entry)]
    name = (operation(entry) or kind(entry)).partition("-")[0]
    return f"%{n} = {name}({', '.join([*base, *read])})  {_type(program, n)}{'  held' if held else ''}"


def _type(program: Program, n: int) -> str:
    entry = program.entries[n]
    return f"{entry.dtype}[{', '.join(map(str, entry.shape))}]"


# -- how


def _svg(boxes: Sequence[Box]) -> str:
    """Boxes below each other, and arrows on their right from who makes a value to who reads it."""
    tops, y = [], MARGIN
    for box in boxes:
        tops.append(y)
        y += _height(box) + GAP
    height = y - GAP + MARGIN
    home = {n: place for place, box in enumerate(boxes) for n in box.results}
    arrows = [(home[n], place) for place, box in enumerate(boxes) for n in box.reads if home.get(n, place) < place]
    arrows = list(dict.fromkeys(arrows))
    width = WIDE + 2 * MARGIN + 30 + 14 * max((to - since for since, to in arrows), default=0)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'style="max-width:100%;height:auto" '
        'font-family="monospace" role="img" aria-label="A plan: what each kernel reads and computes">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        '<defs><marker id="to" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0L8 4L0 8z" fill="#444"/></marker></defs>',
    ]
    for box, top in zip(boxes, tops, strict=True):
        parts += _drawn_box(box, top)
    parts += [_arrow(boxes, tops, since, to) for since, to in arrows]
    return "\n".join([*parts, "</svg>", ""])


def _height(box: Box) -> int:
    return LINE * (1 + len(box.lines)) + 12


def _drawn_box(box: Box, top: int) -> Iterator[str]:
    where = f'x="{MARGIN}" y="{top}" width="{WIDE}" height="{_height(box)}"'
    yield f'<rect {where} rx="6" fill="{box.colour}" stroke="#444"/>'
    for place, line in enumerate([box.title, *box.lines]):
        weight = "" if place else ' font-weight="bold"'
        said = line if len(line) <= LETTERS else f"{line[: LETTERS - 3]}..."
        y = top + LINE * (place + 1)
        yield f'<text x="{MARGIN + 10}" y="{y}" font-size="{FONT}" fill="#111"{weight}>{escape(said)}</text>'


def _arrow(boxes: Sequence[Box], tops: Sequence[int], since: int, to: int) -> str:
    right = MARGIN + WIDE
    begin, end = tops[since] + _height(boxes[since]) - 8, tops[to] + 10
    bend = right + 10 + 14 * (to - since)
    path = f"M{right} {begin}C{bend} {begin} {bend} {end} {right} {end}"
    return f'<path d="{path}" fill="none" stroke="#444" marker-end="url(#to)"/>'


__all__ = ["Drawing", "drawn"]
