"""What does `spmd` add to a command: on threads, on two processes, under MPI?

A command is something that all workers do for the driver and report: a sum that is looked at. The first column is such
a command, the second a function that does nothing, called everywhere with a part of the same array.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import ramba
from benchmarks.ask import Answer, at_most
from benchmarks.measure import alternate

LIMIT = 1e-3  # seconds
COUNT = 100_000
MPIEXEC = Path(sys.executable).parent / "mpiexec"


def answers() -> list[Answer]:
    """Each backend in a process of its own."""
    launchers: dict[str, list[str]] = {"threads": [], "processes": []}
    if MPIEXEC.exists():
        launchers["mpi"] = [str(MPIEXEC), "-n", "3"]
    found = []
    for name, launcher in launchers.items():
        environment = os.environ | {"RAMBA_NUM_THREADS": "1"}
        if not launcher:
            environment |= {"RAMBA_BACKEND": name, "RAMBA_WORKERS": "2"}
        command = [*launcher, sys.executable, "-m", "benchmarks.questions.spmd"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=100)
        plain, called = json.loads(done.stdout.splitlines()[-1])
        found.append(at_most(f"spmd on {name}, over a command", plain, called, called - plain, LIMIT))
    return found


def _nothing(part: Any) -> int:
    return int(part.local().size)


def main() -> None:
    """The seconds of a command, and of a function everywhere, on the backend of this process."""
    x = ramba.ones(COUNT)
    ramba.sync()
    # many rounds of one call: where there are more ranks than cores, one in ten waits for its turn
    print(json.dumps(alternate(lambda: float((x + 1).sum()), lambda: ramba.spmd(_nothing, x), rounds=101)))


if __name__ == "__main__":
    main()
