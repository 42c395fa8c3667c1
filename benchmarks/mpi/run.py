"""Compiles the C programs with MPI, runs them, and prints their times: what distributed backends are held against.

    python -m benchmarks.mpi.run --ranks 2

The sizes and iterations are those of Ramba's own measurements. A program checks its result and fails if it is wrong.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
BIN = Path(sys.executable).parent  # where the mpich wheel puts its commands
PROGRAMS = {"prk_stencil": (8000, 5), "prk_nstream": (30_000_000, 5), "prk_transpose": (5000, 3)}  # size, iterations


def compiled(name: str, folder: Path) -> Path:
    """The program, built for this machine."""
    program = folder / name
    command = [BIN / "mpicc", "-O3", "-march=native", "-std=c11", "-Wall", "-Wextra", "-D_GNU_SOURCE"]
    subprocess.run([*command, HERE / f"{name}.c", "-o", program], check=True)
    return program


def seconds(name: str, ranks: int, repeats: int, size: int | None = None) -> float:
    """The shortest time of all iterations together; raises if the result is wrong."""
    usual, iterations = PROGRAMS[name]
    with tempfile.TemporaryDirectory() as folder:
        arguments = [str(size or usual), str(iterations), str(repeats)]
        command = [BIN / "mpiexec", "-n", str(ranks), compiled(name, Path(folder)), *arguments]
        return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def main() -> None:
    """A table, one line per program."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--ranks", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    for name, (size, iterations) in PROGRAMS.items():
        took = seconds(name, options.ranks, options.repeats)
        print(f"{name:14} size {size:>9}, {iterations} iterations, {options.ranks} ranks: {took * 1e3:8.2f} ms")


if __name__ == "__main__":
    main()
