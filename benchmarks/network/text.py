"""Writes docs/network.md: the tables, and what they mean."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from benchmarks import measure
from benchmarks.network.links import Measured
from benchmarks.network.model import LINKS, Record
from benchmarks.network.programs import PROGRAMS
from benchmarks.scale_model import LATENCY, NETWORK, WIRE
from benchmarks.scale_text import Table, markdown

PAGE = Path(__file__).parent.parent.parent / "docs" / "network.md"

BENCH = """\
# A network in between

Made by `make network` on {machine}.

[Many workers](scale.md) has a model of clusters, and no network was in between. Here there is one, though no second
machine: three and four *hosts* that share nothing but processors. Each is a set of namespaces of its own (network,
processes, files, names), with one worker of one thread; the driver runs beside a worker on the first one. Ray and MPI
are started as [their](howto/ray.md) [pages](howto/mpi.md) say: `ray start` with a token on each host, traffic
encrypted; `mpiexec`, MPICH over TCP, not encrypted.

{how} TCP has Linux's usual congestion control (cubic).

*{cores} processors are all that the hosts have together*, with the drivers, Ray's own processes and encryption. So the
links are slow and the arrays small: the network shall decide, not the processors. The faster the link, the more of what
is measured is waiting for a processor{load}.
"""

SWITCHES = {
    "Cables": """\
This kernel cannot delay frames (it has no `netem`), so a program does: a switch in user space, with a TAP device for
each host. It gives each link its rate and its delay, both ways, and runs before everything else. What a host sends
faster than its link waits in the host (`tbf`); of what waits in the switch for a link, more than 20 ms of traffic is
dropped, as switches do. Waking it takes some 40 us each time: the round
trips below have that in them.""",
    "Bridge": """\
Links are pairs of `veth` devices at a bridge; `netem` gives each its rate and its delay, both ways.""",
}

TRAFFIC = """\
## Bytes and messages

What the busiest worker sends to the others in one iteration: as the algorithm needs it (for the stencil and the
transposition, what `make scale` counts), and as it was counted here. A sort ends with moving what samples left uneven:
how much that is depends on the numbers, so this one more message is not in the model. *On the wire*: what left the
busiest host's device, with the driver's and Ray's traffic and the headers (of frames of up to 64 KB: a network card
would repeat them for every 1,448 bytes, 6 % more).
"""

SECONDS = """\
## Seconds

*Model*: that of [scale.md](scale.md), with its constants: an iteration takes its kernels' time + bytes / network +
(messages + hops) x latency + the driver's time, one after the other. *Overlapping*: the same, but the messages of a
round travel together, and commands ahead of the work, so that only rounds count (one of a stencil, five of a sort), and
for the sum the driver's question and the answer. The network carries {share:.0f} % of the link's rate, the latency is
the link's delay and {latency:.0f} us. *Kernels*: the least that an iteration took in one process on one thread,
divided by {cores} processors. The driver: as `make scale` measures it.

*Error*: by how much the overlapping model differs from what was measured; in parentheses, the model of scale.md. Of
three rounds of half a second, the median.
"""

OMITTED = """\
## What the model leaves out

* *Who is waked waits for a processor.* The sum is nothing but three messages, one after the other; what it takes beyond
  the model is the same with each link, so it is not the network's. A sort has five such rounds.
* *Work and messages overlap* in a matrix product, whose panels are sent on while they are multiplied: it can take less
  than the model says, which adds both.
* *Everybody sends to everybody at once* in a transposition and a sort: links to receivers are shared by senders that do
  not know of each other, and the more so with four hosts than with three. The model has each link used to the full.
* *Messages of a round travel together*, and commands ahead of the work: where the delay counts, as in the stencil with
  the slowest link, the model of scale.md says too much, and the overlapping one is nearer.
"""

FAULTS = """\
## Hosts that are slow, away or gone

On the same kind of hosts, tested by `tests/fault/test_network.py` and `tests/fault/test_hosts.py`; every value is
compared with NumPy's.

| what happens | on Ray | under MPI |
|---|---|---|
| a link is ten times slower from the middle of the work on, then as it was | waited for | waited for |
| a host is away for 1.5 s (Ray), 4 s (MPI) | waited for: TCP repeats what was lost | the same |
| a host is cut off | a loss after 9 s: see below | after 15 s [the job ends](howto/mpi.md#exit-status) |
| it comes back | disturbs nobody; Ray wants `ray start` there again | in time: the job goes on |

A loop in place whose third host was cut off went on among the others with the same bits, and said so in one
`WorkerReplacedWarning`. With `RAMBA_RESILIENCE=none`, a `WorkerLostError` names the host within 15 s.

Under MPI both sides end, the launcher as well, and one sentence names the host; a rank that is stopped, or computes in
one call, for longer than the limit is waited for. Watching costs 0.1 ms of a processor in a second for three hosts,
7 ms on the driver's host for 1024.
"""


def write(records: Sequence[Record], plain: dict[str, Measured], kind: str, machine: str) -> None:
    """Prints the tables, and writes the page."""
    records = _at_best(records)
    busy = os.getloadavg()[1] > 2 * measure.cores()
    load = "; the more so as this machine had other work, too, and not the same in each run" if busy else ""
    tables = {"links": _links(plain), "traffic": _traffic(records)}
    tables |= {name: _seconds(records, name) for name in LINKS}
    for table in tables.values():
        measure.show(*table)
    bench = BENCH.format(machine=machine, how=SWITCHES[kind], load=load, cores=measure.cores())
    share, latency = 100 * NETWORK / WIRE, LATENCY * 1e6
    seconds = SECONDS.format(share=share, latency=latency, cores=measure.cores())
    parts = [bench, markdown(tables["links"]), TRAFFIC, markdown(tables["traffic"]), seconds]
    parts += [*(markdown(tables[name]) for name in LINKS), OMITTED, FAULTS]
    PAGE.write_text("\n\n".join(part.rstrip() for part in parts) + "\n", encoding="utf-8")


def _at_best(records: Sequence[Record]) -> list[Record]:
    """The models with the least that each program's kernels took in any run: other work makes it more."""
    best = {
        program.name: min((r.kernels for r in records if r.program == program.name), default=0.0)
        for program in PROGRAMS
    }
    found = []
    for r in records:
        more = r.kernels - best[r.program]
        found.append(r._replace(kernels=r.kernels - more, serial=r.serial - more, overlapping=r.overlapping - more))
    return found


def _links(plain: dict[str, Measured]) -> Table:
    columns = ("link between two hosts", "round trip, ms", "as TCP has it", "MB/s", "as TCP has it")
    rows = []
    for name, link in LINKS.items():
        found = plain[name]
        nominal = (f"{4 * link.delay * 1e3:.2f}", f"{found.round_trip * 1e3:.2f}")
        rows.append((name, *nominal, f"{link.rate / 8e6:.1f}", f"{found.bandwidth / 1e6:.1f}"))
    return "The links", columns, rows


def _cases(records: Sequence[Record], link: str) -> list[tuple[str, int, dict[str, Record]]]:
    """Every program on every number of hosts: its records, by system."""
    counts = sorted({record.hosts for record in records})
    return [
        (
            program.name,
            hosts,
            {r.system: r for r in records if (r.program, r.hosts, r.link) == (program.name, hosts, link)},
        )
        for program in PROGRAMS
        for hosts in counts
    ]


def _traffic(records: Sequence[Record]) -> Table:
    columns = ("program", "hosts", "messages due", "Ray", "MPI", "bytes due", "Ray", "MPI", "on the wire: Ray", "MPI")
    rows = []
    for name, hosts, found in _cases(records, next(iter(LINKS))):
        any_, both = next(iter(found.values())), [found.get(system) for system in ("ray", "mpi")]
        rows.append(
            (
                name,
                f"{hosts}",
                f"{any_.messages_due:.0f}",
                *(f"{r.messages:g}" if r else "" for r in both),
                f"{any_.bytes_due:,.0f}",
                *(f"{r.nbytes:,.0f}" if r else "" for r in both),
                *(f"{r.wire:,.0f}" if r else "" for r in both),
            )
        )
    return "The busiest worker, in one iteration", columns, rows


def _seconds(records: Sequence[Record], link: str) -> Table:
    columns = ("program", "hosts", "model, ms", "overlapping", "of it kernels", "Ray, ms", "error", "MPI, ms", "error")
    rows = []
    for name, hosts, found in _cases(records, link):
        cells = []
        for system in ("ray", "mpi"):
            r = found.get(system)
            cells += [f"{r.seconds * 1e3:.1f}", _error(r)] if r else ["", ""]
        known = list(found.values())
        parts = (sum(getattr(r, part) for r in known) / len(known) for part in ("serial", "overlapping", "kernels"))
        rows.append((name, f"{hosts}", *(f"{part * 1e3:.1f}" for part in parts), *cells))
    return link, columns, rows


def _error(r: Record) -> str:
    return f"{r.overlapping / r.seconds - 1:+.0%} ({r.serial / r.seconds - 1:+.0%})"
