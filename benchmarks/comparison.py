"""`make comparison`: the star stencil of the published prototype with NumPy, Numba, Dask, C with MPI, and Ramba.

    python -m benchmarks.comparison [--size N] [--runs 5]

Radius 2, float32, as large as this machine's memory allows, at most the published 30000 x 30000. Every run is a process
of its own; the first iteration is not counted. Writes docs/comparison.md and docs/comparison.png.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import math
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy

from benchmarks import measure
from benchmarks.clusters import MPIEXEC, ROOT
from benchmarks.comparison_plot import draw
from benchmarks.mpi.run import PROGRAMS
from benchmarks.mpi.run import seconds as c_seconds

RADIUS = 2
FLOPS = 2 * (4 * RADIUS + 1) + 1  # of a point in an iteration, as the Parallel Research Kernels count them
ITERATIONS = 5
MOST = 30_000  # rows and columns of the published comparison
BYTES = 32  # of a point, while NumPy computes it
TABLE = ROOT / "docs" / "comparison.md"
FIGURE = ROOT / "docs" / "comparison.png"

Step = Callable[[], object]


class System(NamedTuple):
    """Who computes."""

    title: str
    needs: str = ""  # a package
    backend: str = ""  # of Ramba


SYSTEMS = {
    "numpy": System("NumPy"),
    "numba": System("Numba", "numba"),
    "dask": System("Dask", "dask"),
    "c": System("C with MPI", "mpi4py"),
    "threads": System("Ramba, threads", backend="threads"),
    "processes": System("Ramba, processes", "zmq", "processes"),
    "mpi": System("Ramba, MPI", "mpi4py", "mpi"),
    "ray": System("Ramba, Ray", "ray", "ray"),
}
# MFlop/s of one and of four nodes with 36 cores each, 2 February 2022, from the prototype's description
PUBLISHED = {
    "NumPy": (453, None),
    "Numba": (41172, None),
    "Dask": (4746, 9563),
    "Nums": (995, 1333),
    "C with MPI": (52308, 201156),
    "Ramba's prototype": (49748, 172050),
}


def star(a: Any) -> Any:
    """What each inner point gets from its neighbours."""
    n, inner = a.shape[1], slice(RADIUS, -RADIUS)
    rows = a.shape[0]
    return (
        0.125 * a[inner, 4:n] + 0.25 * a[inner, 3 : n - 1] - 0.25 * a[inner, 1 : n - 3] - 0.125 * a[inner, : n - 4]
        + 0.125 * a[4:rows, inner] + 0.25 * a[3 : rows - 1, inner] - 0.25 * a[1 : rows - 3, inner]
        - 0.125 * a[: rows - 4, inner]
    )  # fmt: skip


def by_arrays(np: Any, n: int) -> tuple[Step, Step]:
    """One iteration, and what gives the sum of the result: NumPy and Ramba."""
    i = np.arange(n, dtype="float32")
    a, b = i[:, None] + i[None, :], np.zeros((n, n), dtype="float32")
    synchronise = getattr(np, "sync", lambda: None)

    def step() -> None:
        b[RADIUS:-RADIUS, RADIUS:-RADIUS] += star(a)
        np.add(a, 1.0, out=a)
        synchronise()

    return step, lambda: b[RADIUS:-RADIUS, RADIUS:-RADIUS].mean(dtype="float64")


def by_numba(n: int) -> tuple[Step, Step]:
    """Parallel loops, compiled by Numba."""
    numba: Any = importlib.import_module("numba")

    @numba.njit(parallel=True, fastmath=True)  # type: ignore[untyped-decorator]
    def iterate(a: Any, b: Any) -> None:
        for i in numba.prange(2, len(a) - 2):
            for j in range(2, len(a) - 2):
                b[i, j] += numba.float32(0.125) * (a[i, j + 2] - a[i, j - 2] + a[i + 2, j] - a[i - 2, j])
                b[i, j] += numba.float32(0.25) * (a[i, j + 1] - a[i, j - 1] + a[i + 1, j] - a[i - 1, j])
        for i in numba.prange(len(a)):
            for j in range(len(a)):
                a[i, j] += numba.float32(1)

    i = numpy.arange(n, dtype="float32")
    a, b = i[:, None] + i[None, :], numpy.zeros((n, n), dtype="float32")
    return lambda: iterate(a, b), lambda: b[RADIUS:-RADIUS, RADIUS:-RADIUS].mean(dtype="float64")


def by_dask(n: int) -> tuple[Step, Step]:
    """Dask's arrays on its threads, the stencil by `map_overlap` as its manual advises."""
    dask: Any = importlib.import_module("dask")
    da: Any = importlib.import_module("dask.array")
    chunk = max(n // (2 * (os.cpu_count() or 1)), 8)
    i = da.arange(n, dtype="float32", chunks=chunk)
    state = dask.persist(i[:, None] + i[None, :], da.zeros((n, n), dtype="float32", chunks=chunk))

    def part(block: numpy.ndarray) -> numpy.ndarray:
        return numpy.pad(star(block), RADIUS)

    def step() -> None:
        nonlocal state
        a, b = state
        moved = a.map_overlap(part, depth=RADIUS, boundary="none", dtype="float32")
        state = dask.persist(a + numpy.float32(1), b + moved)

    return step, lambda: float(state[1][RADIUS:-RADIUS, RADIUS:-RADIUS].mean(dtype="float64").compute())


def run_here(name: str, n: int) -> None:
    """What a child process does: prints the seconds of an iteration."""
    if name == "numba":
        step, mean = by_numba(n)
    elif name == "dask":
        step, mean = by_dask(n)
    else:
        step, mean = by_arrays(numpy if name == "numpy" else importlib.import_module("ramba"), n)
    step()
    begin = time.perf_counter()
    for _ in range(ITERATIONS):
        step()
    seconds = (time.perf_counter() - begin) / ITERATIONS
    if not math.isclose(float(mean()), 2.0 * (ITERATIONS + 1), rel_tol=1e-3):  # type: ignore[arg-type]
        raise SystemExit(f"{name} computes {mean()}, not {2 * (ITERATIONS + 1)}")
    print(json.dumps({"seconds": seconds}))


def seconds(name: str, n: int, cores: int) -> float:
    """Of one iteration, measured in a fresh process."""
    if name == "c":
        return c_seconds("prk_stencil", cores, 1, n) / PROGRAMS["prk_stencil"][1]
    backend = SYSTEMS[name].backend
    environment = {k: v for k, v in os.environ.items() if not k.startswith("RAMBA_")}
    command = [sys.executable, "-m", "benchmarks.comparison", "--system", name, "--size", str(n)]
    if backend:
        threads = cores if backend == "threads" else 1
        environment |= {"RAMBA_BACKEND": backend, "RAMBA_WORKERS": str(cores), "RAMBA_NUM_THREADS": str(threads)}
    if backend == "mpi":
        command = [MPIEXEC, "-n", str(cores + 1), *command]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=1800)
    if done.returncode:
        raise SystemExit(f"{name}:\n{done.stderr}")
    line = next(line for line in done.stdout.splitlines() if line.startswith("{"))
    return float(json.loads(line)["seconds"])


def measured(n: int, runs: int, cores: int) -> dict[str, list[float]]:
    """MFlop/s of every system that is installed, which take turns."""
    found: dict[str, list[float]] = {}
    for turn in range(runs):
        for name, system in SYSTEMS.items():
            if system.needs and importlib.util.find_spec(system.needs) is None:
                continue
            speed = FLOPS * (n - 2 * RADIUS) ** 2 / seconds(name, n, cores) / 1e6
            found.setdefault(system.title, []).append(speed)
            print(f"run {turn + 1}  {system.title:18} {speed:9.0f} MFlop/s", flush=True)
    return found


def table(found: dict[str, list[float]], n: int, cores: int) -> str:
    """The page."""
    base = statistics.mean(found["NumPy"])
    lines = [
        "# The published comparison, made anew",
        "",
        f"`make comparison`: the star stencil of the Parallel Research Kernels, radius 2, float32, {n:,} x {n:,}.",
        f"{measure.machine()}; means of {len(found['NumPy'])} runs of {ITERATIONS} iterations, in brackets the",
        f"standard deviation. Where there are workers or ranks, {cores} of one thread each.",
        "",
        "![times NumPy's speed](comparison.png)",
        "",
        "| | MFlop/s | times NumPy |",
        "|---|---|---|",
    ]
    for name, speeds in found.items():
        mean = statistics.mean(speeds)
        lines.append(f"| {name} | {mean:,.0f} ({statistics.pstdev(speeds):,.0f}) | {mean / base:.1f} |")
    lines += [
        "",
        "Published with the prototype in 2022, not measured here: 30,000 x 30,000 on nodes of 36 cores.",
        "",
        "| | one node, MFlop/s | times NumPy | four nodes, MFlop/s | times NumPy |",
        "|---|---|---|---|---|",
    ]
    base = PUBLISHED["NumPy"][0]
    for name, (one, four) in PUBLISHED.items():
        last = f"{four:,} | {four / base:.0f}" if four else " | "
        lines.append(f"| {name} | {one:,} | {one / base:.0f} | {last} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """The command line."""
    fits = int(math.sqrt(0.6 * measure.free_memory() / BYTES))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--size", type=int, default=min(MOST, fits))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--system", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.system:
        run_here(chosen.system, chosen.size)
        return
    cores = len(os.sched_getaffinity(0))
    found = measured(chosen.size, chosen.runs, cores)
    TABLE.write_text(table(found, chosen.size, cores))
    draw(found, PUBLISHED, f"{chosen.size:,} x {chosen.size:,}, float32, {cores} cores", FIGURE)
    print(f"wrote {TABLE.relative_to(Path.cwd())} and {FIGURE.relative_to(Path.cwd())}")


if __name__ == "__main__":
    main()
