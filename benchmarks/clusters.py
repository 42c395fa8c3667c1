"""The same programs on threads, on workers and as C with MPI, in turn; and what a flush and a start cost.

    python -m benchmarks.clusters [--rounds 3]

Every number is a median over the rounds, in which the systems take turns. Two workers of one thread each are held
against one process of two threads.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.mpi.run import PROGRAMS
from benchmarks.mpi.run import seconds as c_seconds

ROOT = Path(__file__).parent.parent
MPIEXEC = str(Path(sys.executable).parent / "mpiexec")
REPEATS = 5
FLUSHED = 100_000  # elements: more than stay in NumPy, and little work

Step = Callable[[], object]


def prk_stencil(np: Any, n: int, steps: int) -> Step:
    """The star stencil of the Parallel Research Kernels, radius 2, float32."""
    i = np.arange(n, dtype="float32")
    a, b = i[:, None] + i[None, :], np.zeros((n, n), dtype="float32")
    np.sync()
    inner = slice(2, n - 2)

    def step() -> None:
        for _ in range(steps):
            b[inner, inner] += (
                0.125 * a[inner, 4:n] + 0.25 * a[inner, 3 : n - 1] - 0.25 * a[inner, 1 : n - 3]
                - 0.125 * a[inner, 0 : n - 4] + 0.125 * a[4:n, inner] + 0.25 * a[3 : n - 1, inner]
                - 0.25 * a[1 : n - 3, inner] - 0.125 * a[0 : n - 4, inner]
            )  # fmt: skip
            np.add(a, 1.0, out=a)
        np.sync()

    return step


def prk_nstream(np: Any, n: int, steps: int) -> Step:
    """A += B + 3 C."""
    a, b, c = np.zeros(n), np.full(n, 2.0) * 1, np.full(n, 2.0) * 1
    np.sync()

    def step() -> None:
        for _ in range(steps):
            np.add(a, b + 3.0 * c, out=a)
            np.sync()

    return step


def prk_transpose(np: Any, n: int, steps: int) -> Step:
    """B += A transposed."""
    a, b = np.arange(n * n, dtype="float64").reshape(n, n) * 1, np.zeros((n, n)) * 1
    np.sync()

    def step() -> None:
        for _ in range(steps):
            np.add(b, a.T, out=b)
            np.add(a, 1.0, out=a)
            np.sync()

    return step


def measure(name: str) -> None:
    """What a child process does: prints one JSON line."""
    import ramba as np

    begin = time.perf_counter()
    np.init()
    float(np.ones(FLUSHED).sum())
    started = time.perf_counter() - begin
    times = []
    if name == "flush":
        a = np.zeros(FLUSHED)
        for _ in range(400):
            begin = time.perf_counter()
            np.add(a, 1.0, out=a)
            np.sync()
            times.append(time.perf_counter() - begin)
        times = times[100:]
    else:
        make: Any = {"prk_stencil": prk_stencil, "prk_nstream": prk_nstream, "prk_transpose": prk_transpose}[name]
        step = make(np, *PROGRAMS[name])
        step()
        step()
        for _ in range(REPEATS):
            begin = time.perf_counter()
            step()
            times.append(time.perf_counter() - begin)
    print(json.dumps({"seconds": statistics.median(times), "best": min(times), "started": started}))


def run(name: str, backend: str, workers: int, threads: int = 1) -> dict[str, float]:
    """Measures in a fresh process; ``total`` is what the whole process took."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("RAMBA_")}
    environment |= {"RAMBA_BACKEND": backend, "RAMBA_NUM_THREADS": str(threads), "RAMBA_WORKERS": str(workers)}
    command = [sys.executable, "-m", "benchmarks.clusters", "--measure", name]
    if backend == "mpi":
        command = [MPIEXEC, "-n", str(workers + 1), *command]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=300)
    found: dict[str, float] = json.loads(next(line for line in done.stdout.splitlines() if line.startswith("{")))
    return found


def compare(rounds: int) -> None:
    """Prints the tables."""
    systems = [("threads", 1, 2), ("processes", 2, 1), ("mpi", 2, 1), ("ray", 2, 1)]
    print(f"{'seconds of all iterations':14} " + " ".join(f"{name:>10}" for name, _, _ in systems) + "   C with MPI")
    for name in PROGRAMS:
        times: dict[str, list[float]] = {}
        for _ in range(rounds):
            for backend, workers, threads in systems:
                times.setdefault(backend, []).append(run(name, backend, workers, threads)["seconds"])
            times.setdefault("c", []).append(c_seconds(name, 2, REPEATS))
        print(f"{name:25} " + " ".join(f"{statistics.median(t):10.3f}" for t in times.values()), flush=True)
    print("\nmicroseconds of a flush of 100,000 elements, awaited; seconds until the first result")
    for backend in ("processes", "mpi", "ray"):
        for workers in (1, 4):
            found = [run("flush", backend, workers) for _ in range(rounds)]
            flush, started = (statistics.median(f[key] for f in found) for key in ("seconds", "started"))
            print(
                f"{backend:10} {workers} workers: {flush * 1e6:7.0f} us, first result after {started:.2f} s", flush=True
            )


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.measure:
        measure(chosen.measure)
    else:
        compare(chosen.rounds)


if __name__ == "__main__":
    main()
