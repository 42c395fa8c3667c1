"""`make scale`: the driver, the planner and the workers of a cluster with up to 1024 workers, simulated here.

Measured: the driver's time, the time of a worker's first plan, how far a command travels, and how many messages and
bytes each worker sends; the last two are compared with what the algorithm needs. All workers plan and obey; their
kernels compute nothing, and messages are handed over in memory. Modelled, and called so: see `scale_model.py`.
"""

from __future__ import annotations

import functools
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import ramba
from benchmarks import measure, scale_losses
from benchmarks.scale_group import SimulatedLink, path, simulated
from benchmarks.scale_model import C_SECONDS, NODES, SIDE, Modelled, modelled, table
from benchmarks.scale_text import write
from benchmarks.scale_workloads import BY_NAME, WORKLOADS, Workload, theory
from ramba.engine import ENGINE
from ramba.plan import traffic, worker_plan
from ramba.runtime import messages

WORKERS = (1, 4, 16, 64, 256, 1024)
SIDES = {"star": SIDE, "nstream": 100_000_000, "transpose": 8_000}  # transposed: messages are really packed
FLUSHES, PLANS, ROUNDS, COUNTED = 40, 5, 3, 2
DOCS = Path(__file__).parent.parent / "docs"


class Times(NamedTuple):
    """What the driver and one worker take."""

    recording: float  # seconds of an iteration's Python statements
    flush: float  # seconds from there until the command is handed to the link; the plan is known
    plan: float  # seconds of a worker's first plan of the iteration, nothing remembered: the slowest of three workers
    command: int  # bytes
    traffic: int  # bytes between memory and the kernels of one worker in one iteration, the most

    @property
    def driver(self) -> float:
        """All that the driver does in one iteration."""
        return self.recording + self.flush


class Sent(NamedTuple):
    """What workers send each other in one iteration."""

    messages: tuple[float, int]  # of a worker: the mean, and the most
    nbytes: tuple[float, int]


class Point(NamedTuple):
    """One workload on some workers."""

    workload: str
    workers: int
    times: Times
    sent: Sent
    hops: int  # of a command to the last worker


def times(workload: Workload, n: int, workers: int) -> Times:
    """The driver's part, with workers that are absent: it never waits for them."""
    with simulated(workers, present=False) as link:
        iteration = workload.setup(ramba, n)
        for _ in range(3):
            iteration()
            ENGINE.flush()
        plan, moved = first_plan(link, workers)
        link.commands.clear()
        recording, flush = [], []
        for _ in range(FLUSHES):
            begin = time.perf_counter()
            iteration()
            recorded = time.perf_counter()
            ENGINE.flush()
            flush.append(time.perf_counter() - recorded)
            recording.append(recorded - begin)
        assert len(link.commands) == FLUSHES, "one command for each flush"
        return Times(measure.median(recording), measure.median(flush), plan, len(link.commands[-1]), moved)


def first_plan(link: SimulatedLink, workers: int) -> tuple[float, int]:
    """Seconds that the iteration's plan takes where nothing is remembered, and what its kernels move."""
    commands = [command for message in link.commands for command in messages.commands(message)]
    lesson = [command for command in commands if isinstance(command, messages.Teach)][-1]
    slowest, moved = 0.0, 0
    for rank in {0, workers // 2, workers - 1}:
        took = []
        for _ in range(PLANS):
            forget()
            begin = time.perf_counter()
            made = worker_plan(lesson.program, lesson.exact, lesson.sharing, rank)
            took.append(time.perf_counter() - begin)
        slowest = max(slowest, min(took))
        moved = max(moved, sum(traffic(made.steps)))
    return slowest, moved


def forget() -> None:
    """Empties the memory of everything that planning remembers, as in a process that has just begun."""
    for name, module in list(sys.modules.items()):
        if name.startswith(("ramba.plan", "ramba.layout", "ramba.graph")):
            for found in vars(module).values():
                if isinstance(found, functools._lru_cache_wrapper):
                    found.cache_clear()


def sent(workload: Workload, n: int, workers: int) -> Sent:
    """What all workers send, counted while they obey.

    Raises
    ------
    SystemExit
        If a worker sends more or less than the others must read of its block.
    """
    with simulated(workers) as link:
        iteration = workload.setup(ramba, n)
        for _ in range(2):  # the first one also makes the arrays
            iteration()
            ENGINE.flush()
        link.work()
        before = link.carried()
        for _ in range(COUNTED):
            iteration()
            ENGINE.flush()
        link.work()  # not `sync`: the workers' reports are messages, too
        counted = [(m - k, b - c) for (m, b), (k, c) in zip(link.carried(), before, strict=True)]
        expected = [(COUNTED * m, COUNTED * b) for m, b in theory(workload, n, workers)]
    for rank, (found, due) in enumerate(zip(counted, expected, strict=True)):
        if found != due:
            raise SystemExit(
                f"{workload.title}: worker {rank} of {workers} sent {found[0]} messages and {found[1]} bytes in "
                f"{COUNTED} iterations; its neighbours need {due[0]} and {due[1]}."
            )
    columns = [[row[k] // COUNTED for row in counted] for k in (0, 1)]
    return Sent(*((sum(column) / workers, max(column)) for column in columns))


def points(workloads: tuple[Workload, ...], sides: dict[str, int], counts: tuple[int, ...]) -> Iterator[Point]:
    """Every workload on every number of workers. Of the times, the best of some rounds: the machine has other work."""
    cases = [(workload, workers) for workload in workloads for workers in counts]
    found: dict[tuple[str, int], list[Times]] = {}
    for _ in range(ROUNDS):
        for workload, workers in cases:
            measure.progress(f"the driver of {workers} workers: {workload.title}")
            found.setdefault((workload.name, workers), []).append(times(workload, sides[workload.name], workers))
    for workload, workers in cases:
        measure.progress(f"{workers} workers: {workload.title}")
        best = min(found[workload.name, workers], key=lambda one: one.driver)
        plan = min(one.plan for one in found[workload.name, workers])
        counted = sent(workload, sides[workload.name], workers)
        yield Point(workload.name, workers, best._replace(plan=plan), counted, path(workers))


COLUMNS = (
    "workers",
    "driver, ms",
    "of it flush, ms",
    "first plan of a worker, ms",
    "command, bytes",
    "hops",
    "messages: mean",
    "most",
    "bytes: mean",
    "most",
)


def row(point: Point) -> tuple[str, ...]:
    """A line of the table."""
    t, s = point.times, point.sent
    return (
        f"{point.workers}",
        f"{t.driver * 1e3:.2f}",
        f"{t.flush * 1e3:.2f}",
        f"{t.plan * 1e3:.1f}",
        f"{t.command}",
        f"{point.hops}",
        f"{s.messages[0]:.2f}",
        f"{s.messages[1]}",
        f"{s.nbytes[0]:,.0f}",
        f"{s.nbytes[1]:,}",
    )


def size_of(workload: Workload) -> str:
    """The shape of a workload's arrays."""
    shape = " x ".join(f"{extent:,}" for extent in workload.shape(SIDES[workload.name]))
    return f"{shape}, {'single' if workload.dtype == 'f4' else 'double'} precision"


def model_of(measured: list[Point]) -> list[Modelled]:
    """The model of a cluster with one worker on each node."""
    moved = {p.workers: p.times.traffic for p in measured}
    return [
        modelled(p.workers, moved[1], moved[p.workers], p.sent.nbytes[1], p.sent.messages[1] + p.hops, p.times.driver)
        for p in measured
    ]


def main() -> None:
    """Measure, model, print, write, draw."""
    began = time.perf_counter()
    measured = list(points(WORKLOADS, SIDES, WORKERS))
    nodes = list(points((BY_NAME["star"],), SIDES, NODES))
    on_nodes = model_of(nodes)
    measure.progress("")
    machine = measure.machine()
    tables = []
    for workload in WORKLOADS:
        lines = [row(point) for point in measured if point.workload == workload.name]
        tables.append((f"Measured: one iteration of {workload.title}, {size_of(workload)}", COLUMNS, lines))
    tables.append(("Modelled and published: PRK star stencil, 30000 x 30000, MFlop/s", *table(on_nodes)))
    for title, columns, lines in tables:
        measure.show(title, columns, lines)
    bandwidth = nodes[0].times.traffic / C_SECONDS
    measure.progress("losses")
    stories = scale_losses.stories()
    measure.progress("")
    losses = (
        "Simulated: a loss every 1000 flushes of 1024 workers",
        scale_losses.COLUMNS,
        [*map(scale_losses.row, stories)],
    )
    measure.show(*losses)
    write(tables, losses, machine, bandwidth, FLUSHES, ROUNDS, DOCS / "scale.md")
    try:
        from benchmarks.scale_plot import draw, draw_losses  # needs the extra "viz"
    except ImportError:
        print("No figure: matplotlib is not installed.")
    else:
        draw(measured, on_nodes, machine, DOCS / "scale.png")
        draw_losses(stories, DOCS / "losses.png")
    written = "docs/scale.md, docs/scale.png, docs/losses.png"
    print(f"What is measured and what is modelled: {written}. {time.perf_counter() - began:.0f} s.")


if __name__ == "__main__":
    main()
