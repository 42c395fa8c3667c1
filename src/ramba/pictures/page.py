"""The page of a profile: one file of HTML that loads nothing, for light and dark, for mouse and keyboard."""

from __future__ import annotations

import platform
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ramba import events, machine
from ramba.engine.profile import DRIVER, HELPERS, MESSAGES, described
from ramba.pictures.amounts import duration, size
from ramba.pictures.lanes import COLOURS, Bar, curve, lane

if TYPE_CHECKING:
    from ramba.pictures.recording import Recording

MOST_KERNELS = 40
LARGE = 100_000  # bytes of a run, of which the speed means something
MEANINGS = {
    "kernel": "kernels", "compile": "compiling", "plan": "planning", "message": "messages",
    "wait": "waiting for others", "flush": "a flush", "fallback": "by NumPy alone", "other": "other",
}  # fmt: skip


def text(report: Recording) -> str:
    """The whole page."""
    total = report.end - report.begin
    style = (files(__package__) / "page.css").read_text() + "".join(
        f".{kind}{{fill:{colour};background:{colour}}}" for kind, colour in COLOURS.items()
    )
    parts = [
        _facts(report, total),
        *_time_line(report, total),
        *_memory(report, total),
        *_kernels(report, total),
        *_messages(report),
        *_members(report),
        *_doctor(report),
    ]
    body = "\n".join(parts)
    script = (files(__package__) / "page.js").read_text()
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Ramba: {duration(total)}</title>
<style>{style}</style>
</head>
<body>
<main>
{body}
</main>
<script>{script}</script>
</body>
</html>
"""


def _facts(report: Recording, total: float) -> str:
    workers = f", {len(report.workers)} workers" if report.workers else ""
    missed = f" {report.missed:,} events were not kept: there were too many." if report.missed else ""
    if report.sampled:
        missed += " Short runs followed each other so fast that not all were listened to: their numbers are estimates."
    return (
        f"<h1>{duration(total)}</h1><p>{escape(platform.node())}, Python {platform.python_version()}, "
        f"{machine.processors()} cores{workers}; all cores copy {report.speed / 1e9:.1f} GB/s.{missed}</p>"
    )


# -- time


def _time_line(report: Recording, total: float) -> Iterator[str]:
    bars: defaultdict[tuple[int, int], list[Bar]] = defaultdict(list)
    for found in report.slices:
        seconds = getattr(found.event, "seconds", None)
        if seconds is not None:
            kind, name, _ = described(found.event)
            waits = isinstance(found.event, events.Received | events.Gathered)
            kind = "wait" if waits else kind if kind in COLOURS else "other"
            bars[found.member, found.thread].append(Bar(kind, report.when(found), seconds, name))
    shown = [kind for kind in COLOURS if any(bar.kind == kind for rows in bars.values() for bar in rows)]
    legend = " ".join(f'<span><i class="{kind}"></i>{MEANINGS[kind]}</span>' for kind in shown)
    yield "<h2>Time</h2>"
    yield (
        f'<p class="legend">{legend}</p><p id="keys">Click into it, or go there by Tab: + and - (or the wheel) zoom, '
        'arrows move, 0 shows all.</p><div id="time" tabindex="0" role="img" aria-label="Time line: the tables below '
        f'have its numbers" data-total="{total:.6f}">'
    )
    for (member, thread), rows in sorted(bars.items()):
        yield f'<div class="lane"><b>{_lane_name(member, thread)}</b>{lane(rows, total)}</div>'
    yield f'<div class="lane"><b></b><p class="axis"><span>0 s</span><span>{total:.4g} s</span></p></div></div>'


def _lane_name(member: int, thread: int) -> str:
    name = "program" if member == DRIVER else f"worker {member}"
    if thread > HELPERS:
        return f"{name}, helper {thread - HELPERS}"
    if member == DRIVER:
        return name if not thread else f"thread {thread}"
    return f"{name}, messages" if thread == MESSAGES else name


def _memory(report: Recording, total: float) -> Iterator[str]:
    yield "<h2>Memory</h2>"
    for name, rows in report.memory.samples.items():
        if rows:
            most = max(nbytes for _, nbytes in rows)
            drawn = curve([(t - report.begin, float(nbytes)) for t, nbytes in rows], total, float(most))
            growth = most - rows[0][1]
            said = f"{name}<br><small>at most {size(most)},<br>{size(growth)} more than at first</small>"
            yield f'<div class="lane"><b>{said}</b>{drawn}</div>'


# -- tables


def table(head: Sequence[str], rows: Sequence[Sequence[Any]], left: int = 1) -> str:
    """A table; the first columns hold words, the others numbers. Cells are HTML."""
    mark = ["" if n < left else " class=number" for n in range(len(head))]
    titles = "".join(f'<th scope="col"{mark[n]}>{name}</th>' for n, name in enumerate(head))
    lines = []
    for row in rows:
        cells = [f"<td{mark[n]}>{cell}</td>" for n, cell in enumerate(row)]
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return f'<div class="wide"><table><thead><tr>{titles}</tr></thead><tbody>{"".join(lines)}</tbody></table></div>'


def _kernels(report: Recording, total: float) -> Iterator[str]:
    rows = report.kernels()
    yield "<h2>Kernels</h2>"
    if not rows:
        yield "<p>None ran.</p>"
        return
    cells = []
    members = max(len(report.workers), 1)
    together = max(len(report.memory.samples) - 1, 1)  # workers of this machine
    for row in rows[:MOST_KERNELS]:
        name = escape(row.title)
        if row.texts:
            name = f"<details><summary>{name}</summary><pre>{escape(chr(10).join(row.texts))}</pre></details>"
        speed = row.nbytes / row.seconds if row.nbytes and row.nbytes >= LARGE * row.runs else None
        share = f"{speed * together / report.speed:.0%}" if speed and report.speed else ""
        lines = "<br>".join(escape(f"{_short(file)}:{line}") for file, line in row.lines)
        cells.append((
            name, lines, f"{row.runs:,}", duration(row.seconds), f"{row.seconds / max(total * members, 1e-9):.1%}",
            size(row.nbytes) if row.nbytes else "", f"{speed / 1e9:.1f} GB/s" if speed else "", share,
        ))  # fmt: skip
    head = ("kernel", "ran at", "runs", "time", "share", "read, written", "speed", "of a copy's")
    yield table(head, cells, left=2)
    if len(rows) > MOST_KERNELS:
        yield f"<p>... and {len(rows) - MOST_KERNELS} more.</p>"
    yield (
        "<p><small>Bytes are what a kernel touches, by its plan: what lies in caches may be read faster than a copy."
        f"{_WORKERS if report.workers else ''}</small></p>"
    )


_WORKERS = (
    " Runs and times are those of all workers together, the share is that of their time; the speed is one worker's, "
    "and a copy's is divided by the workers of this machine."
)


def _messages(report: Recording) -> Iterator[str]:
    members = {found.member for found in report.slices} - {DRIVER}
    count = max([len(report.workers), *(member + 1 for member in members)])
    nbytes: Counter[tuple[int, int]] = Counter()
    messages: Counter[tuple[int, int]] = Counter()
    for found in report.slices:
        if isinstance(found.event, events.Sent):
            pair = count if found.member == DRIVER else found.member, found.event.target
            nbytes[pair] += found.stands_for * found.event.nbytes
            messages[pair] += found.stands_for
    commands = [found.event.nbytes for found in report.slices if isinstance(found.event, events.Broadcast)]
    if not nbytes and not commands:
        return
    names = [*(f"worker {rank}" for rank in range(count)), "driver"]
    most = max(nbytes.values(), default=0)
    rows = []
    for source, name in enumerate(names):
        cells = []
        for target in range(count + 1):
            pair = source, target
            shade = nbytes[pair] / most if most else 0
            said = f"{size(nbytes[pair])}<br><small>{messages[pair]:,}</small>" if messages[pair] else ""
            cells.append(f'<span class="heat" style="--share:{shade:.2f}">{said}</span>')
        rows.append((f"<b>{name}</b>", *cells))
    yield "<h2>Messages</h2>"
    yield "<p>Bytes, and below them how many messages; who sends is on the left, who gets them above.</p>"
    yield table(["", *names], rows)
    if commands:
        yield (
            f"<p>Besides, the driver sent {len(commands):,} messages with commands, {size(sum(commands))}, to all "
            "workers, down a tree.</p>"
        )


def _members(report: Recording) -> Iterator[str]:
    found = report.summary()
    yield "<h2>Who did how much</h2>"
    yield table(found.HEAD, [[escape(cell) for cell in row] for row in found.rows])


def _doctor(report: Recording) -> Iterator[str]:
    yield "<h2>The doctor</h2>"
    data = report.doctor.data()
    if not data["findings"]:
        yield "<p>Nothing to mend that took its share of the time.</p>"
    else:
        rows = [
            (
                escape(f"{_short(row['file'])}:{row['line']}"),
                escape(row["what"]),
                escape(row["instead"]),
                duration(row["seconds"]),
            )
            for row in data["findings"]
        ]
        yield table(("where", "what", "instead", "time"), rows, left=3)
    if data["lines"]:
        lines = [
            (escape(f"{_short(row['file'])}:{row['line']}"), duration(row["seconds"])) for row in data["lines"][:10]
        ]
        yield "<h3>The program's lines that took longest</h3>"
        yield table(("line", "time"), lines)


def _short(file: str) -> str:
    path = Path(file)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else path.name


__all__ = ["table", "text"]
