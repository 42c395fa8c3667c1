"""`make network`: programs on hosts with a network in between, on Ray and on MPI, beside the model of docs/scale.md.

    python -m benchmarks.network [--hosts 3 4] [--systems ray mpi] [--keep FILE]

Hosts are namespaces of this machine (see `hosts`), so it needs root. With a file, what is measured is added to what
the file has of earlier runs, and the page is of all that; `--hosts` without numbers only writes the page.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ramba
from benchmarks import measure
from benchmarks.network import links, text
from benchmarks.network.hosts import Host, Link, Network, missing, network
from benchmarks.network.jobs import PLAIN, mpi_job, ray_cluster
from benchmarks.network.model import LINKS, Record, modelled
from benchmarks.network.programs import PROGRAMS, Program
from benchmarks.scale_group import simulated
from ramba.engine import ENGINE

NAMES = ("head", "left", "right", "far")
DRIVER = [sys.executable, "-m", "benchmarks.network.driver"]
ROUND, ROUNDS, COUNTED = 0.5, 3, 5  # seconds of a round; how many; iterations whose messages are counted
ONE_THREAD = {"RAMBA_NUM_THREADS": "1"}
ONE_PROCESS = {**PLAIN, "RAMBA_BACKEND": "threads", "OMP_NUM_THREADS": "1"}  # BLAS's threads, too


class Talk:
    """A driver that is asked for iterations."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.members: list[str] = self._answer()["members"]

    def ask(self, verb: str, count: int, program: str) -> dict[str, float]:
        """What came of so many iterations."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{verb} {count} {program}\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("{"):
                return json.loads(line)
        raise RuntimeError(f"The driver has ended:\n{self._process.communicate()[1]}")


@contextlib.contextmanager
def driver(system: str, hosts: list[Host]) -> Iterator[Talk]:
    """The driver of a group with a worker on each host; "threads": on the first host alone."""
    with contextlib.ExitStack() as stack:
        if system == "mpi":
            process = stack.enter_context(mpi_job(hosts, *DRIVER, environment=ONE_THREAD))
        else:
            cluster = stack.enter_context(ray_cluster(hosts)) if system == "ray" else ONE_PROCESS
            process = hosts[0].start(*DRIVER, environment=cluster | ONE_THREAD)
            stack.callback(process.communicate)
            stack.callback(process.kill)
        talk = Talk(process)
        if system != "threads" and sorted(talk.members) != sorted(host.name for host in hosts):
            raise RuntimeError(f"workers on {talk.members}")
        yield talk


def kernels(host: Host) -> dict[str, float]:
    """Seconds of an iteration on one thread of one process."""
    with driver("threads", [host]) as talk:
        return {
            program.name: min(talk.ask("run", 20, program.name)["seconds"] for _ in range(ROUNDS))
            for program in PROGRAMS
        }


def driving(program: Program, workers: int) -> float:
    """Seconds of the driver in one iteration, as `make scale` measures them."""
    with simulated(workers, present=False):
        iteration = program.setup(ramba, program.n)
        times = []
        for _ in range(20):
            begin = time.perf_counter()
            result = iteration()
            ENGINE.flush()
            times.append(time.perf_counter() - begin)
            del result
        return statistics.median(times)


def records(system: str, net: Network) -> Iterator[Record]:
    """All programs with all links."""
    workers = len(net.hosts)
    alone = kernels(net.hosts[0])
    drivers = {program.name: driving(program, workers) for program in PROGRAMS}
    with driver(system, net.hosts) as talk:
        for name, link in LINKS.items():
            net.shape(link)
            for program in PROGRAMS:
                measure.progress(f"{system}, {workers} hosts, {name}: {program.name}")
                work = alone[program.name] / min(workers, measure.cores())
                expected = modelled(program, workers, link, work, drivers[program.name])
                count = max(2, min(50, round(ROUND / expected.overlapping)))
                counted = talk.ask("count", COUNTED, program.name)
                times, wire = [], 0.0
                for _ in range(ROUNDS):
                    before = [host.carried()[0] for host in net.hosts]
                    times.append(talk.ask("run", count, program.name)["seconds"])
                    wire = max(h.carried()[0] - b for h, b in zip(net.hosts, before, strict=True)) / count
                found = (counted["messages"], counted["nbytes"], wire, statistics.median(times))
                yield Record(system, workers, name, program.name, *found, *expected)


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--hosts", type=int, nargs="*", default=[3, 4], choices=(2, 3, 4))
    parser.add_argument("--systems", nargs="+", default=["ray", "mpi"], choices=("ray", "mpi"))
    parser.add_argument("--keep", type=Path, help="a file of what was measured")
    chosen = parser.parse_args()
    if missing("tc"):
        raise SystemExit(f"Hosts are namespaces: {missing('tc')}.")
    kept = json.loads(chosen.keep.read_text()) if chosen.keep and chosen.keep.exists() else {"links": {}, "records": []}
    kind = kept.get("switch", "")
    found = {(r.system, r.hosts, r.link, r.program): r for r in (Record(*row) for row in kept["records"])}
    plain = {name: links.Measured(*row) for name, row in kept["links"].items()}
    for workers in chosen.hosts:
        for system in chosen.systems:
            with network(*NAMES[:workers], link=Link(1e9, 1e-4)) as net:
                kind = type(net.switch).__name__
                for name, link in LINKS.items():
                    net.shape(link)
                    plain[name] = links.measured(net.hosts[0], net.hosts[1], int(link.rate / 8))
                for record in records(system, net):
                    found[record.system, record.hosts, record.link, record.program] = record
    measure.progress("")
    if chosen.keep:
        chosen.keep.write_text(json.dumps({"switch": kind, "links": plain, "records": list(found.values())}))
    text.write(list(found.values()), plain, kind, measure.machine())


if __name__ == "__main__":
    main()
