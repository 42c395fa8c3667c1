"""Runs one program, or the pictures, in a process of its own.

Usage:

    python -m benchmarks.run SYSTEM PROGRAM SIZE STEPS PATIENCE OUT.npz     prints one line of JSON
    python -m benchmarks.run SYSTEM pictures OUT.npz
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy

from benchmarks import measure
from benchmarks.pictures import PICTURES
from benchmarks.programs import BY_NAME, baseline

_SAMPLE = 100_000  # values of each result that are compared one by one; all of them are compared by their mean


class Run(NamedTuple):
    """What one process reports."""

    import_seconds: float
    first: float  # seconds of the first step, compilation included
    later: float  # median seconds of the other steps
    steps: int  # how many there were
    peak: int  # bytes of memory, everything included
    values: list[numpy.ndarray]  # sampled from the results


def system(name: str) -> Any:
    """The module that plays `np`: "numpy" or "ramba"."""
    return baseline() if name == "numpy" else importlib.import_module(name)


def run(
    name: str, program: str, size: int, steps: int, folder: Path, environment: dict[str, str], patience: float = 1e9
) -> Run:
    """Start a process, wait for it, and read what it measured; two steps, and more within `patience` seconds."""
    out = folder / f"{program}_{name}.npz"
    arguments = [name, program, str(size), str(steps), str(patience), str(out)]
    answer = json.loads(_python(arguments, environment).splitlines()[-1])
    with numpy.load(out) as values:
        return Run(**answer, values=list(values.values()))


def draw_pictures(name: str, folder: Path, environment: dict[str, str]) -> dict[str, list[numpy.ndarray]]:
    """All pictures, computed by one system in a process of its own."""
    out = folder / "pictures.npz"
    _python([name, "pictures", str(out)], environment)
    pictures: dict[str, list[numpy.ndarray]] = {picture: [] for picture in PICTURES}
    with numpy.load(out) as values:
        for key in values:
            pictures[key.partition(":")[0]].append(values[key])
    return pictures


def _python(arguments: list[str], environment: dict[str, str]) -> str:
    command = [sys.executable, "-m", "benchmarks.run", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | environment, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments[:2])} failed:\n{done.stderr.strip()}")
    return done.stdout


def _sample(array: Any) -> numpy.ndarray:
    """Evenly spread values and the mean, without a copy of the whole array."""
    flat = array.reshape(-1)
    stride = max(1, array.size // _SAMPLE) | 1  # odd: does not stay in one column of a power of two
    mean = numpy.asarray(flat.sum(dtype=numpy.float64)).reshape(1) / array.size
    return numpy.concatenate([numpy.asarray(flat[::stride]).astype(numpy.float64), mean])


def _run_program(name: str, program: str, size: int, steps: int, patience: float, out: str) -> dict[str, float]:
    started = time.perf_counter()
    np = system(name)
    import_seconds = time.perf_counter() - started if name != "numpy" else 0.0
    step = BY_NAME[program].setup(np, size)
    seconds: list[float] = []
    results: tuple[Any, ...] = ()
    while len(seconds) < min(steps, 2) or (len(seconds) < steps and sum(seconds) < patience):
        results = ()  # the last step's results make room before the clock starts
        started = time.perf_counter()
        results = step()
        seconds.append(time.perf_counter() - started)
    peak = measure.peak_memory()
    numpy.savez(out, *[_sample(array) for array in results])
    later = measure.median(seconds[1:] or seconds)
    return {
        "import_seconds": import_seconds,
        "first": seconds[0],
        "later": later,
        "steps": len(seconds),
        "peak": peak,
    }


def main() -> None:
    """The child's side."""
    name, program, *rest = sys.argv[1:]
    if program == "pictures":
        np = system(name)
        arrays = {picture: paint(np) for picture, paint in PICTURES.items()}
        named = {f"{picture}:{i}": numpy.asarray(a) for picture, group in arrays.items() for i, a in enumerate(group)}
        numpy.savez(rest[0], **named)
        return
    size, steps, patience, out = rest
    print(json.dumps(_run_program(name, program, int(size), int(steps), float(patience), out)))


if __name__ == "__main__":
    main()
