"""How long does a message of 8 bytes take from a worker to another one on the same host?"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy

import ramba
from benchmarks.ask import Answer, at_most
from benchmarks.clusters import MPIEXEC, ROOT
from ramba.runtime.python.aside import place

_ROUNDS = 2000
_MOST = 100e-6  # s
_NEEDS = {"processes": "zmq", "ray": "ray", "mpi": "mpi4py"}


def answers() -> list[Answer]:
    """Half of a round trip between two workers of one thread, the median."""
    found = []
    for backend, needs in _NEEDS.items():
        if importlib.util.find_spec(needs) is not None and (backend != "mpi" or Path(MPIEXEC).exists()):
            seconds = _measured(backend)
            found.append(at_most(f"a message of 8 bytes, {backend}", None, seconds, seconds, _MOST))
    return found


def _measured(backend: str) -> float:
    """In a process of its own."""
    command = [sys.executable, "-m", "benchmarks.questions.latency"]
    if backend == "mpi":
        command = [MPIEXEC, "-n", "3", *command]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("RAMBA_")}
    environment |= {"RAMBA_BACKEND": backend, "RAMBA_WORKERS": "2", "RAMBA_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=120)
    return float(done.stdout.split()[-1])


def _exchange(rounds: int) -> list[float]:
    """On each of two workers: the seconds of round trips."""
    here = place()
    assert here is not None
    group, value = here.group, numpy.arange(1)
    other = 1 - group.rank

    def work() -> Generator[None, None, list[float]]:
        times = []
        for _ in range(rounds):
            begin = perf_counter()
            for turn in range(2):
                if group.rank == turn:
                    yield from group.exchange({other: value}, [])
                else:
                    yield from group.exchange({}, [other])
            times.append(perf_counter() - begin)
        return times

    return list(here.ask(work()))


def main() -> None:
    """Prints the seconds."""
    call: Any = ramba.spmd
    call(_exchange, 200)
    print(median(call(_exchange, _ROUNDS)[0]) / 2)


if __name__ == "__main__":
    main()
