"""Clocks, medians and tables: what all benchmarks share."""

from __future__ import annotations

import gc
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import psutil

try:
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table
except ImportError:  # the extra "viz" is optional
    Console = None  # type: ignore[assignment, misc]

median = statistics.median


def seconds(call: Callable[[], object], inner: int = 1) -> float:
    """Seconds of one call, averaged over `inner` of them, without the garbage collector."""
    gc.collect()
    gc.disable()
    try:
        started = time.perf_counter()
        for _ in range(inner):
            call()
        return (time.perf_counter() - started) / inner
    finally:
        gc.enable()


def alternate(*calls: Callable[[], object], rounds: int = 7, inner: int = 1) -> tuple[float, ...]:
    """Median seconds of each call; they take turns, so that a noisy minute hurts all of them alike."""
    for call in calls:
        call()
    times: list[list[float]] = [[] for _ in calls]
    for _ in range(rounds):
        for call, column in zip(calls, times, strict=True):
            column.append(seconds(call, inner))
    return tuple(median(column) for column in times)


def peak_memory() -> int:
    """Bytes of memory that this process held at its peak."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def free_memory() -> int:
    """Bytes that this process may still take: the machine's, or its container's."""
    free = psutil.virtual_memory().available
    for limit, used in (
        ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
        ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
    ):
        try:
            free = min(free, int(Path(limit).read_text()) - int(Path(used).read_text()))
        except (OSError, ValueError):  # no such group, or "max"
            continue
    return free


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def machine() -> str:
    """The processor's name and how many cores of it are ours."""
    name = "unknown processor"
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        name = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return f"{name.replace(' Processor', '')}, {cores()} core{'s' if cores() > 1 else ''}"


def duration(value: float) -> str:
    """Seconds as people say them: 12.3 s, 45 ms, 6.7 us."""
    factor, unit = (1.0, "s") if abs(value) >= 1 else (1e3, "ms") if abs(value) >= 1e-3 else (1e6, "us")
    number = value * factor
    return f"{number:.0f} {unit}" if number >= 100 else f"{number:.3g} {unit}"


def size(value: float) -> str:
    """Bytes as people say them."""
    return f"{value / 1e9:.2f} GB" if value >= 1e9 else f"{value / 1e6:.0f} MB"


def show(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table: the first column to the left, numbers to the right."""
    rows = [list(row) for row in rows]
    if Console is None:
        widths = [max(len(row[i]) for row in [list(columns), *rows]) for i in range(len(columns))]
        print(f"\n{title}")
        for row in [list(columns), ["-" * width for width in widths], *rows]:
            cells = [
                row[0].ljust(widths[0]),
                *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)),
            ]
            print("  ".join(cells).rstrip())
        return
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, title_style="bold", header_style="dim")
    for i, column in enumerate(columns):
        table.add_column(column, justify="right" if i else "left", overflow="fold")
    for row in rows:
        style = "bold red" if any(cell.startswith(("NO", "OVER")) for cell in row) else None
        table.add_row(*map(escape, row), style=style)  # a[index] is not a tag
    console = Console()
    if not console.is_terminal:
        console = Console(width=160)  # a log file does not wrap
    console.print(table)


def progress(text: str) -> None:
    """What is being measured, on a line that is overwritten; nothing if nobody watches."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}{' ...' if text else ''}", end="", file=sys.stderr, flush=True)
