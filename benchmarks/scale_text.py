"""Writes docs/scale.md: the tables, and what they mean."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.scale_losses import COPYING, FORMING, WORKERS
from benchmarks.scale_model import C_SECONDS, CLOCK, CORES, FLOPS, FLOPS_PER_CYCLE, LATENCY, NETWORK, PUBLISHED, SIDE

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

What the model is off by where there is a network: [a network in between](network.md).

The published figures are those of the old prototype's README: 4 nodes, each with two Xeon E5-2699 v3, 10 Gb Ethernet.
"""


LOSSES = """\
## A loss every thousand flushes

![losses](losses.png)

**Simulated.** The driver is the real one, with all that it does about [lost
workers](decisions/0033-lost-workers-cost-a-replay.md): it records, forgets, has arrays kept by workers, forms groups
anew and says commands again. Of 1024 workers one is lost after every 1000 flushes; the workers are absent, and their
clock is the model's: what a flush takes, {copying:.0f} GB/s and the network for what is kept, {forming:.0f} s for a
new group (measured with two workers). A thousand flushes of the largest arrays take five and a half minutes, of the
others less than a second: so often nothing is lost, and what it costs is in proportion.
"""

READ = """\
* *Where each flush needs the one before*, what is to be said again grows until it would take `resilience_seconds`
  (30), or 50 times as long as to keep the arrays. The large arrays take {keep:.0f} s to keep, so a replay may become
  {replay:.0f} s long: half of that on average, if losses are rare; here they come as often as arrays are kept.
* *Small arrays* are computed again from the beginning: 10,000 steps take less than 30 s, so nothing is kept. What
  counts is the new group.
* *Where nothing lives that took long*, two commands are said again, however long the program has run.

## On paper: 16,384 workers

* *Forming a group gives way first.* The driver sends each worker the list of all, 240 bytes for each: 0.25 GB for
  1024 workers, 0.2 s on this network; 64 GB for 16,384, a minute, at the start and after each loss. The list would
  have to go down the tree, as commands do (4 MB to four others, in seven hops: 0.1 s). The driver also
  connects to each worker, which takes as many file descriptors, though commands need four.
* *Then messages from all to all*: a sort or a transposition in slabs sends 16,383 messages from each worker, at 50 us
  0.8 s, whatever their size; a worker that has heard of all others has as many connections. Transposing in blocks
  needs four messages (above), sorting has no such way yet.
* *Losses*: with five years between two failures of a node, one every 2.7 hours; until then a new group of a minute
  would not be felt, and replays of minutes neither.
* *What does not give way*: commands (63 bytes, seven hops), plans (a worker plans for itself, and its neighbours are
  four), the driver's time, and reports, which are joined on their way.
"""


def write(
    tables: Sequence[Table], losses: Table, machine: str, bandwidth: float, flushes: int, rounds: int, path: Path
) -> None:
    """Write the file; the last table is the model's, and losses have one of their own."""
    c = PUBLISHED["C/MPI"]
    block = 2 * 4 * (32 * SIDE) ** 2 / WORKERS  # bytes of two arrays
    keep = block / COPYING + block / NETWORK
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
        *(markdown(table) for table in tables[:-1]),
        modelled.rstrip(),
        markdown(tables[-1]),
        LOSSES.format(copying=COPYING / 1e9, forming=FORMING).rstrip(),
        markdown(losses),
        READ.format(keep=keep, replay=50 * keep).rstrip(),
    ]
    path.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def markdown(table: Table) -> str:
    """A table of a page, under its title."""
    title, columns, lines = table
    rows = [columns, ["---", *("---:" for _ in columns[1:])], *lines]
    return f"### {title}\n\n" + "\n".join(f"| {' | '.join(cell.strip() for cell in row)} |" for row in rows)
