"""Writes docs/scale.md: the tables, and what they mean."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.scale_model import C_SECONDS, CLOCK, CORES, FLOPS, FLOPS_PER_CYCLE, LATENCY, NETWORK, PUBLISHED

Table = tuple[str, Sequence[str], Sequence[Sequence[str]]]

MEASURED = """\
**Measured**, in one process: the engine, the driver, the planner, the workers' handling of commands and the transport
in memory are the real ones; *every* worker plans and obeys, none is left out. The workers' kernels compute nothing,
their arrays are addresses without memory.

* *driver*: recording the statements of one iteration and flushing them until the command is handed to the link, with
  the plan in the cache; the median of {flushes} iterations, the best of {rounds} rounds. What sockets or MPI take to
  send a command is not in it.
* *first plan*: what a worker takes to plan the iteration when it hears of it for the first time, with nothing
  remembered; each of three workers at its best of five, the slowest of them, the best of {rounds} rounds.
* *hops*: links between the driver and the worker that hears a command last, along the tree of the socket backends.
* *messages, bytes*: what a worker sends to other workers in one iteration. The program compares both, worker by
  worker, with what others must read of its block, and ends if they differ anywhere.
"""

MODELLED = """\
**Modelled**, not measured: an iteration takes max(bytes / bandwidth, operations / peak) + halo bytes / network +
(messages + hops) x latency + the driver's time, one worker with all cores on each node. Nothing overlaps, and no node
waits for a slower one, so real runs can be slower: the C program itself loses {lost:.1f} % between one node and four.

| constant | value | where it comes from |
|---|---|---|
| bytes of an iteration | as planned | the planner's own estimate for the busiest worker |
| bandwidth of a node | {bandwidth} | calibrated: one node takes {c:.1f} ms, as the published C program |
| operations | {flops} for each point | Parallel Research Kernels, radius 2 |
| peak of a node | {peak:.2f} TFlop/s | {cores} cores x {clock:.1f} GHz x {cycle} (Haswell); never reached |
| network | {network:.1f} GB/s | 10 Gb Ethernet without its headers |
| latency | {latency:.0f} us | an assumption: ZeroMQ over the loopback takes 43 us one way |
| driver's time, halo bytes, messages, hops | measured | with 1 to 4 simulated workers, on the machine above |

The published figures are those of the old prototype's README: 4 nodes, each with two Xeon E5-2699 v3, 10 Gb Ethernet.
"""


def write(tables: Sequence[Table], machine: str, bandwidth: float, flushes: int, rounds: int, path: Path) -> None:
    """Write the file; the last table is the model's."""
    c = PUBLISHED["C/MPI"]
    modelled = MODELLED.format(
        lost=100 * (1 - c[3] / c[0] / 4),
        bandwidth=f"{bandwidth / 1e9:.1f} GB/s",
        c=C_SECONDS * 1e3,
        flops=FLOPS,
        peak=CORES * CLOCK * FLOPS_PER_CYCLE / 1e12,
        cores=CORES,
        clock=CLOCK / 1e9,
        cycle=FLOPS_PER_CYCLE,
        network=NETWORK / 1e9,
        latency=LATENCY * 1e6,
    )
    parts = [
        "# Many workers",
        f"Made by `make scale` on {machine}.",
        "![scale](scale.png)",
        MEASURED.format(flushes=flushes, rounds=rounds).rstrip(),
        *(_markdown(table) for table in tables[:-1]),
        modelled.rstrip(),
        _markdown(tables[-1]),
    ]
    path.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def _markdown(table: Table) -> str:
    title, columns, lines = table
    rows = [columns, ["---", *("---:" for _ in columns[1:])], *lines]
    return f"### {title}\n\n" + "\n".join(f"| {' | '.join(cell.strip() for cell in row)} |" for row in rows)
